"""The list of recipes, with the explanation and the published note of the chosen one, and whether it was changed."""

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from digitpad.core.training.recipe_files import RecipeEntry
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.train.form.row import set_style_property
from digitpad.gui.widgets.adaptive_row import AdaptiveRow
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.combo_box import SHORT_TEXT, ComboBox
from digitpad.gui.widgets.sentences import wrapped


class RecipePicker(QWidget):
    """Shows recipes, and reports what the user requests."""

    recipe_requested = Signal(str)
    reset_requested = Signal()
    save_requested = Signal()
    program_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel(self.tr("Recipe"))
        self.box = ComboBox()
        self._explanation, self._note = QLabel(), QLabel()
        self._changed = QLabel(self.tr("Changed"))
        self._reset = QPushButton(self.tr("Reset to the recipe"))
        self._program = QPushButton(self.tr("As a program…"))
        self._save = QPushButton(self.tr("Save as recipe…"))
        self._heading.setProperty("role", "title")
        self._heading.setBuddy(self.box)
        self.box.setObjectName("recipe")
        self.box.setAccessibleName(self.tr("Recipe"))
        tip = self.tr("A recipe sets all fields of this form. Choose one, then change what you like.")
        self.box.setToolTip(wrapped(tip))
        self.box.setWhatsThis(tip)
        for text in (self._explanation, self._note):
            text.setProperty("role", "hint")
            text.setWordWrap(True)
        self._changed.setProperty("role", "hint")
        set_style_property(self._changed, "changed", is_on=True)
        for button, name in ((self._reset, "back"), (self._program, "program"), (self._save, "save")):
            button.setProperty("role", "link")
            button.setObjectName(name)
        self._program.setToolTip(self.tr("Shows these settings as a Python program that you can copy and save."))
        self._save.setToolTip(self.tr("Saves these settings as a recipe of yours."))
        self._save.setAccessibleName(self.tr("Save as a recipe"))
        for widget in (self._changed, self._reset):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)

        title = AdaptiveRow((self._heading, 1), hbox(self._changed, self._reset, None))
        links = AdaptiveRow(self._program, None, self._save)
        vbox(title, self.box, self._explanation, self._note, links, parent=self, spacing=8)

        self.box.edited.connect(self._on_edited)
        self._reset.clicked.connect(self.reset_requested)
        self._program.clicked.connect(self.program_requested)
        self._save.clicked.connect(self.save_requested)

    @property
    def focus_chain(self) -> tuple[QWidget, ...]:
        """The widgets that Tab visits, in order."""
        return self._reset, self.box, self._program, self._save

    @property
    def is_changed(self) -> bool:
        """Whether it shows that settings differ from the recipe."""
        return not self._reset.isHidden()

    @property
    def explanation(self) -> str:
        """The explanation of the recipe."""
        return self._explanation.text()

    @property
    def note(self) -> str:
        """What is to know about the published results; empty if nothing is."""
        return self._note.text()

    def show_entries(self, entries: Sequence[RecipeEntry], without_data: Collection[str] = ()) -> None:
        """Fill the list in groups; a broken recipe cannot be chosen, and its tooltip gives the reason.

        If the data of some shipped recipes is missing (`without_data`: their names), those that can train come first.
        """
        shipped = [entry for entry in entries if entry.is_shipped]
        ready = [entry for entry in shipped if without_data and entry.name not in without_data]
        others = [entry for entry in shipped if entry not in ready]
        groups = {
            self.tr("Without a download"): ready,
            self.tr("To start with"): [entry for entry in others if not _is_published(entry)],
            self.tr("From tutorials"): [entry for entry in others if _is_published(entry)],
            self.tr("My recipes"): [entry for entry in entries if not entry.is_shipped],
        }
        self.box.clear()
        for heading, group in groups.items():
            if group:
                self.box.add_heading(heading)
            for entry in group:
                self._add(entry)

    def show_chosen(self, name: str, recipe: Recipe) -> None:
        """Show which recipe the settings come from; a recipe that is not in the list is shown by its title."""
        self.box.setPlaceholderText(tr(recipe.title))
        self.box.setCurrentIndex(self.box.findData(name) if name else -1)
        self._explanation.setText(tr(recipe.explanation).strip())
        self._explanation.setVisible(bool(recipe.explanation.strip()))
        note = tr(recipe.published.note).strip()
        self._note.setText(self.tr("Published results: {note}").format(note=note) if note else "")
        self._note.setVisible(bool(note))

    def show_changed(self, labels: Sequence[str]) -> None:
        """Show which fields differ from the recipe; none for no labels."""
        self._changed.setToolTip(wrapped(", ".join(labels)))
        self._changed.setVisible(bool(labels))
        self._reset.setVisible(bool(labels))

    def set_enabled_actions(self, *, can_choose: bool, can_save: bool) -> None:
        """Enable the list and the two links."""
        self.box.setEnabled(can_choose)
        set_style_property(self.box, "locked", is_on=not can_choose)
        self._reset.setEnabled(can_choose)
        self._program.setEnabled(can_save)
        self._save.setEnabled(can_save)

    def _add(self, entry: RecipeEntry) -> None:
        index = self.box.count()
        if entry.recipe is None:
            self.box.addItem(self.tr("{name}: cannot be used").format(name=entry.name), entry.name)
            self.box.disable_item(index, entry.problem, line_icon("warning"))
            return
        # A recipe that was saved without a title has its name as its title.
        is_named = entry.recipe.title != entry.name
        self.box.addItem(f"{tr(entry.recipe.title)} · {entry.name}" if is_named else entry.name, entry.name)
        self.box.setItemData(index, tr(entry.recipe.title), SHORT_TEXT)
        self.box.setItemData(index, wrapped(tr(entry.recipe.explanation).strip()), Qt.ItemDataRole.ToolTipRole)

    @Slot()
    def _on_edited(self) -> None:
        self.recipe_requested.emit(str(self.box.currentData()))


def _is_published(entry: RecipeEntry) -> bool:
    return entry.recipe is not None and bool(entry.recipe.published.epochs)

"""The choice of a recipe, what it is for, and whether it was changed."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from digitpad.core.training.recipe_files import RecipeEntry
from digitpad.core.training.recipes import Recipe
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.train.form.row import set_style_property
from digitpad.gui.widgets.combo_box import ComboBox


class RecipePicker(QWidget):
    """Reports what the user chooses; what it shows is told to it."""

    recipe_requested = Signal(str)
    reset_requested = Signal()
    save_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel(self.tr("Recipe"))
        self._box = ComboBox()
        self._explanation = QLabel()
        self._changed = QLabel(self.tr("Changed"))
        self._reset = QPushButton(self.tr("Back to the recipe"))
        self._save = QPushButton(self.tr("Save as recipe…"))
        heading.setProperty("role", "title")
        heading.setBuddy(self._box)
        self._box.setObjectName("recipe")
        self._box.setAccessibleName(self.tr("Recipe"))
        tip = self.tr("A training set-up with a name: model, images and every setting. Choose one, then change it.")
        self._box.setToolTip(f"<p>{escape(tip)}</p>")
        self._box.setWhatsThis(tip)
        self._explanation.setProperty("role", "hint")
        self._explanation.setTextFormat(Qt.TextFormat.PlainText)
        self._explanation.setWordWrap(True)
        self._changed.setProperty("role", "hint")
        set_style_property(self._changed, "changed", is_on=True)
        for button, name in ((self._reset, "back"), (self._save, "save")):
            button.setProperty("role", "link")
            button.setObjectName(name)
        self._save.setToolTip(self.tr("Save these settings as a recipe of your own"))
        self._save.setAccessibleName(self.tr("Save as a recipe"))
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)

        title = QHBoxLayout()
        title.addWidget(heading, 1)
        title.addWidget(self._changed)
        links = QHBoxLayout()
        links.addWidget(self._reset)
        links.addStretch()
        links.addWidget(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(title)
        layout.addWidget(self._box)
        layout.addWidget(self._explanation)
        layout.addLayout(links)

        self._box.edited.connect(self._on_edited)
        self._reset.clicked.connect(self.reset_requested)
        self._save.clicked.connect(self.save_requested)

    @property
    def box(self) -> ComboBox:
        """The list."""
        return self._box

    @property
    def focus_chain(self) -> tuple[QWidget, ...]:
        """What Tab goes through, in order."""
        return self._box, self._reset, self._save

    @property
    def is_changed(self) -> bool:
        """Whether it says that settings differ from the recipe."""
        return not self._reset.isHidden()

    @property
    def explanation(self) -> str:
        """What is said of the recipe."""
        return self._explanation.text()

    def show_entries(self, entries: Sequence[RecipeEntry]) -> None:
        """Fill the list, group by group; a broken recipe cannot be chosen, and says why."""
        groups = {
            self.tr("To learn with"): [entry for entry in entries if entry.is_shipped and not _is_published(entry)],
            self.tr("As tutorials print them"): [e for e in entries if e.is_shipped and _is_published(e)],
            self.tr("Yours"): [entry for entry in entries if not entry.is_shipped],
        }
        self._box.clear()
        for heading, group in groups.items():
            if group:
                self._box.add_heading(heading)
            for entry in group:
                self._add(entry)

    def show_chosen(self, name: str, recipe: Recipe) -> None:
        """Show which recipe the settings come from; one that is not in the list is named by its title."""
        self._box.setPlaceholderText(recipe.title)
        self._box.setCurrentIndex(self._box.findData(name) if name else -1)
        self._explanation.setText(recipe.explanation.strip())
        self._explanation.setVisible(bool(recipe.explanation.strip()))

    def show_changed(self, labels: Sequence[str]) -> None:
        """Say what differs from the recipe; nothing is said for no labels."""
        self._changed.setToolTip(f"<p>{escape(', '.join(labels))}</p>" if labels else "")
        self._changed.setVisible(bool(labels))
        self._reset.setVisible(bool(labels))

    def set_enabled_actions(self, *, can_choose: bool, can_save: bool) -> None:
        """Let be done what can be done now."""
        self._box.setEnabled(can_choose)
        set_style_property(self._box, "locked", is_on=not can_choose)
        self._reset.setEnabled(can_choose)
        self._save.setEnabled(can_save)

    def _add(self, entry: RecipeEntry) -> None:
        index = self._box.count()
        if entry.recipe is None:
            self._box.addItem(self.tr("{name}: cannot be used").format(name=entry.name), entry.name)
            self._box.disable_item(index, entry.problem, line_icon("warning"))
            return
        # A recipe saved without a title of its own is called by its name alone.
        is_named = entry.recipe.title != entry.name
        self._box.addItem(f"{entry.recipe.title} · {entry.name}" if is_named else entry.name, entry.name)
        self._box.setItemData(index, f"<p>{escape(entry.recipe.explanation)}</p>", Qt.ItemDataRole.ToolTipRole)

    @Slot()
    def _on_edited(self) -> None:
        self.recipe_requested.emit(str(self._box.currentData()))


def _is_published(entry: RecipeEntry) -> bool:
    return entry.recipe is not None and bool(entry.recipe.published.epochs)

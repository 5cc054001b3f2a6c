"""The left side of the Train tab: a recipe is chosen, and every setting can be changed."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from digitpad.core.training.recipe_files import RecipeEntry, list_recipes, load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.gui.datasets.dataset_picker import DatasetStateLike
from digitpad.gui.train.form.body import FormBody, set_tab_order
from digitpad.gui.train.form.linked_fields import initial_values, with_change
from digitpad.gui.train.form.recipe_picker import RecipePicker
from digitpad.gui.train.form.validation import FormResult, changed_keys, find_entry, validate
from digitpad.gui.train.form.values import Values

DEFAULT_RECIPE = "mlp-fast"
# Wider fields would only be emptier.
_WIDEST = 440
_SCROLL_BAR_GAP = 8


class TrainingForm(QWidget):
    """Holds a draft of a recipe: its fields' values, and the recipe they make as long as nothing is wrong."""

    recipe_changed = Signal()
    save_as_recipe_requested = Signal()
    folder_requested = Signal()
    problem_found = Signal(str)
    expanded_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picker = RecipePicker()
        self._body = FormBody()
        self._entries: list[RecipeEntry] = []
        self._reported: set[str] = set()
        self._is_locked = False
        self._name, self._base = DEFAULT_RECIPE, load_recipe(DEFAULT_RECIPE)
        self._values: Values = initial_values(self._base)
        self._result: FormResult = validate(self._values, self._base)

        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        parts = QVBoxLayout(column)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(16)
        parts.addWidget(self._picker)
        parts.addWidget(self._body)
        parts.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, _SCROLL_BAR_GAP, 16)
        layout.addWidget(column, 1)
        layout.addStretch()
        set_tab_order([*self._picker.focus_chain, *self._body.focus_chain])

        self._picker.recipe_requested.connect(self.set_recipe)
        self._picker.reset_requested.connect(self._on_reset_requested)
        self._picker.save_requested.connect(self.save_as_recipe_requested)
        self._body.edited.connect(self._on_edited)
        self._body.folder_requested.connect(self.folder_requested)
        self._body.more.expanded_changed.connect(self.expanded_changed)

        self.reload_recipes()
        self._refresh()

    @property
    def recipe(self) -> Recipe | None:
        """What the form says; None while something is wrong."""
        return self._result.recipe

    @property
    def is_valid(self) -> bool:
        """Whether there is a recipe to train."""
        return self.recipe is not None

    @property
    def recipe_name(self) -> str:
        """The name of the recipe that was chosen, changed or not; empty for one that is in no file."""
        return self._name

    @property
    def is_changed(self) -> bool:
        """Whether any setting differs from the recipe that was chosen."""
        return bool(changed_keys(self._values, self._base))

    @property
    def dataset(self) -> str:
        """The key or path of the chosen data set, whatever is wrong elsewhere."""
        return str(self._values["dataset"])

    @property
    def problems(self) -> list[str]:
        """What is wrong, a sentence each."""
        named = ((self._body.label_of(key), text) for key, text in self._result.problems.items())
        return [f"{label}: {text}" if label else text for label, text in named]

    @property
    def is_expanded(self) -> bool:
        """Whether everything is shown, and not the essentials alone."""
        return self._body.more.is_expanded

    @property
    def is_locked(self) -> bool:
        """Whether nothing can be changed."""
        return self._is_locked

    def expand(self, *, expanded: bool) -> None:
        """Show everything, or the essentials alone."""
        self._body.more.expand(expanded=expanded)

    @Slot(str)
    def set_recipe(self, recipe: str | Recipe) -> None:
        """Open a recipe by its name, or one that was made elsewhere, such as an earlier run's.

        Raises
        ------
        DigitpadError
            Where no recipe has that name.

        """
        name = recipe if isinstance(recipe, str) else ""
        opening = load_recipe(recipe) if isinstance(recipe, str) else recipe
        entry = find_entry(opening, name, self._entries)
        self._name, self._base = (entry.name, entry.recipe or opening) if entry else (name, opening)
        self._show_values(initial_values(opening))
        self._picker.show_chosen(self._name, self._base)

    def reload_recipes(self) -> None:
        """Read the recipes again, after one was saved for instance; what is in the form stays."""
        self._entries = list_recipes()
        self._picker.show_entries(self._entries)
        self._picker.show_chosen(self._name, self._base)
        if self.isVisible():
            self._report_problems()

    def add_folder(self, folder: Path) -> None:
        """Add a folder to the data sets and choose it."""
        self._body.add_folder(folder)

    def choose_dataset(self, key: str) -> None:
        """Choose a data set of the catalogue, as the user would."""
        self._show_values(with_change(self._values, "dataset", key, self._base))

    def show_dataset_states(self, states: Mapping[str, DatasetStateLike]) -> None:
        """Say of each data set, by key or path, whether it is here."""
        self._body.show_states(states)

    @Slot(bool)
    def set_locked(self, locked: bool) -> None:
        """Keep everything as it is while a model is trained with it; it can still be read."""
        self._is_locked = locked
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._report_problems()

    @Slot(str)
    def _on_edited(self, key: str) -> None:
        self._show_values(with_change(self._values, key, self._body.raw(key), self._base))

    @Slot()
    def _on_reset_requested(self) -> None:
        # The button hides, and the focus would go wherever Qt likes.
        self._picker.box.setFocus()
        self._show_values(initial_values(self._base))

    def _show_values(self, values: Values) -> None:
        former = self._result.recipe
        self._values, self._result = values, validate(values, self._base)
        self._refresh()
        if self._result.recipe != former:
            self.recipe_changed.emit()

    def _refresh(self) -> None:
        differing = changed_keys(self._values, self._base)
        self._body.show_values(self._values, differing=differing, is_locked=self._is_locked)
        self._body.show_problems(self._result.problems)
        self._picker.show_changed([self._body.label_of(key) for key in differing])
        self._picker.set_enabled_actions(can_choose=not self._is_locked, can_save=self.is_valid)

    def _report_problems(self) -> None:
        """Say once of each of the user's recipes that cannot be used why."""
        untold = [entry.problem for entry in self._entries if entry.problem and entry.problem not in self._reported]
        self._reported.update(untold)
        if untold:
            more = self.tr(" (and {count} more)").format(count=len(untold) - 1) if len(untold) > 1 else ""
            self.problem_found.emit(untold[0] + more)

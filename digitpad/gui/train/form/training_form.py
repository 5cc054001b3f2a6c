"""The left side of the Train tab: a recipe is chosen, and every setting can be changed."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from digitpad.core.training.recipe_files import RecipeEntry, list_recipes, load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.gui.datasets.dataset_picker import DatasetStateLike
from digitpad.gui.train.form.body import FormBody, chain
from digitpad.gui.train.form.linked_fields import changed, opened
from digitpad.gui.train.form.recipe_picker import RecipeChoice
from digitpad.gui.train.form.validation import FormResult, changed_keys, entry_like, validate
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
        self._choice = RecipeChoice()
        self._body = FormBody()
        self._entries: list[RecipeEntry] = []
        self._told: set[str] = set()
        self._is_locked = False
        self._name, self._base = DEFAULT_RECIPE, load_recipe(DEFAULT_RECIPE)
        self._values: Values = opened(self._base)
        self._judgement: FormResult = validate(self._values, self._base)

        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        parts = QVBoxLayout(column)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(16)
        parts.addWidget(self._choice)
        parts.addWidget(self._body)
        parts.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, _SCROLL_BAR_GAP, 16)
        layout.addWidget(column, 1)
        layout.addStretch()
        chain([*self._choice.chain, *self._body.chain])

        self._choice.recipe_requested.connect(self.set_recipe)
        self._choice.back_requested.connect(self._on_back_requested)
        self._choice.save_requested.connect(self.save_as_recipe_requested)
        self._body.edited.connect(self._on_edited)
        self._body.folder_requested.connect(self.folder_requested)
        self._body.more.expanded_changed.connect(self.expanded_changed)

        self.reload_recipes()
        self._renew()

    @property
    def recipe(self) -> Recipe | None:
        """What the form says; None while something is wrong."""
        return self._judgement.recipe

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
        named = ((self._body.label_of(key), text) for key, text in self._judgement.problems.items())
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
        entry = entry_like(opening, name, self._entries)
        self._name, self._base = (entry.name, entry.recipe or opening) if entry else (name, opening)
        self._show_values(opened(opening))
        self._choice.show_chosen(self._name, self._base)

    def reload_recipes(self) -> None:
        """Read the recipes again, after one was saved for instance; what is in the form stays."""
        self._entries = list_recipes()
        self._choice.show_entries(self._entries)
        self._choice.show_chosen(self._name, self._base)
        if self.isVisible():
            self._tell_problems()

    def add_folder(self, folder: Path) -> None:
        """Add a folder to the data sets and choose it."""
        self._body.add_folder(folder)

    def choose_dataset(self, key: str) -> None:
        """Choose a data set of the catalogue, as the user would."""
        self._show_values(changed(self._values, "dataset", key, self._base))

    def show_dataset_states(self, states: Mapping[str, DatasetStateLike]) -> None:
        """Say of each data set, by key or path, whether it is here."""
        self._body.show_states(states)

    @Slot(bool)
    def set_locked(self, locked: bool) -> None:
        """Keep everything as it is while a model is trained with it; it can still be read."""
        self._is_locked = locked
        self._renew()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell_problems()

    @Slot(str)
    def _on_edited(self, key: str) -> None:
        self._show_values(changed(self._values, key, self._body.raw(key), self._base))

    @Slot()
    def _on_back_requested(self) -> None:
        # The button hides, and the focus would go wherever Qt likes.
        self._choice.box.setFocus()
        self._show_values(opened(self._base))

    def _show_values(self, values: Values) -> None:
        former = self._judgement.recipe
        self._values, self._judgement = values, validate(values, self._base)
        self._renew()
        if self._judgement.recipe != former:
            self.recipe_changed.emit()

    def _renew(self) -> None:
        differing = changed_keys(self._values, self._base)
        self._body.show_values(self._values, differing=differing, is_locked=self._is_locked)
        self._body.show_problems(self._judgement.problems)
        self._choice.show_changed([self._body.label_of(key) for key in differing])
        self._choice.show_possible(can_choose=not self._is_locked, can_save=self.is_valid)

    def _tell_problems(self) -> None:
        """Say once of each of the user's recipes that cannot be used why."""
        untold = [entry.problem for entry in self._entries if entry.problem and entry.problem not in self._told]
        self._told.update(untold)
        if untold:
            more = self.tr(" (and {count} more)").format(count=len(untold) - 1) if len(untold) > 1 else ""
            self.problem_found.emit(untold[0] + more)

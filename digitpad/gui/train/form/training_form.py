"""The form on the left side of the Train tab: choose a recipe, and change its settings."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from digitpad.core.datasets.catalogue import usual_sizes
from digitpad.core.models.specs import Spec
from digitpad.core.training.recipe_files import RecipeEntry, list_recipes, load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.gui.datasets.dataset_picker import DatasetPicker, DatasetStateLike
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.form.body import FormBody, set_tab_order
from digitpad.gui.train.form.linked_fields import initial_values, with_change
from digitpad.gui.train.form.recipe_picker import RecipePicker
from digitpad.gui.train.form.set_texts import Sizes
from digitpad.gui.train.form.validation import WHOLE_FORM, FormResult, changed_keys, find_entry, spec_of, validate
from digitpad.gui.train.form.values import Values
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.scroll_column import scroll_to

DEFAULT_RECIPE = "mlp-fast"
# What is chosen first if the data of the default recipe is missing.
RECIPE_WITHOUT_DOWNLOAD = "digits-mlp"
# Wider fields would only have more empty space.
_MAX_WIDTH = 440
_SCROLL_BAR_GAP = 8


@dataclass(frozen=True, slots=True)
class FormContent:
    """The chosen recipe and its name, "" for one without a file; and the values of all fields, valid or not."""

    name: str
    base: Recipe
    values: Values


class TrainingForm(QWidget):
    """Holds the values of all fields, and the recipe that they make while they are valid."""

    recipe_changed = Signal()
    edited = Signal()  # also if no recipe can be made of the values
    save_as_recipe_requested = Signal()
    program_requested = Signal()
    guide_requested = Signal(str)
    problem_found = Signal(str)
    expanded_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None, *, recipe: str = DEFAULT_RECIPE) -> None:
        super().__init__(parent)
        self._picker = RecipePicker()
        self.recipe_field = self._picker.box
        self._body = FormBody()
        self._entries: list[RecipeEntry] = []
        self._reported: set[str] = set()
        self._missing: set[str] = set()  # data sets that are not on this machine
        self._sizes: dict[str, Sizes] = {}  # of the data sets that were looked up
        self._is_locked = False
        self._name, self._base = recipe, load_recipe(recipe)
        self._values: Values = initial_values(self._base)
        self._result: FormResult = validate(self._values, self._base)

        column = QWidget()
        column.setMaximumWidth(px(_MAX_WIDTH))
        vbox(self._picker, self._body, None, parent=column, spacing=16)
        hbox((column, 1), None, parent=self, margins=(0, 0, _SCROLL_BAR_GAP, 16))
        set_tab_order([*self._picker.focus_chain, *self._body.focus_chain])

        self._picker.recipe_requested.connect(self.set_recipe)
        self._picker.reset_requested.connect(self._on_reset_requested)
        self._picker.save_requested.connect(self.save_as_recipe_requested)
        self._picker.program_requested.connect(self.program_requested)
        self._body.edited.connect(self._on_edited)
        self._body.guide_requested.connect(self.guide_requested)
        self._body.more.expanded_changed.connect(self.expanded_changed)

        self.reload_recipes()
        self._refresh()

    @property
    def recipe(self) -> Recipe | None:
        """The recipe; None while a field is invalid."""
        return self._result.recipe

    @property
    def is_valid(self) -> bool:
        """Whether there is a recipe to train."""
        return self.recipe is not None

    @property
    def recipe_name(self) -> str:
        """The name of the chosen recipe, changed or not; empty for a recipe without a file."""
        return self._name

    @property
    def base(self) -> Recipe:
        """The chosen recipe without changes."""
        return self._base

    @property
    def content(self) -> FormContent:
        """What the form shows, to show it in another form."""
        return FormContent(self._name, self._base, self._values)

    @property
    def is_changed(self) -> bool:
        """Whether a setting differs from the chosen recipe."""
        return bool(changed_keys(self._values, self._base))

    @property
    def model(self) -> Spec | None:
        """The model, also while fields of the training are invalid; None if one of its own is."""
        return spec_of(self._values)

    @property
    def dataset(self) -> str:
        """The key or path of the chosen data set, also while other fields are invalid."""
        return str(self._values["dataset"])

    @property
    def problems(self) -> list[str]:
        """The problems, one sentence each."""
        named = ((self._body.label_of(key), text) for key, text in self._result.problems.items())
        return [f"{label}: {text}" if label else text for label, text in named]

    @property
    def problems_by_field(self) -> dict[str, str]:
        """The problems by the key of their field, from top to bottom; those of no field are under `WHOLE_FORM`."""
        found = self._result.problems
        return {key: found[key] for key in (*self._body.keys, WHOLE_FORM) if key in found}

    def label_of(self, key: str) -> str:
        """Return the label of a field; empty if there is no such field."""
        return self._body.label_of(key)

    @property
    def is_expanded(self) -> bool:
        """Whether all settings are shown, not only the essential ones."""
        return self._body.more.is_expanded

    @property
    def is_locked(self) -> bool:
        """Whether the form cannot be edited."""
        return self._is_locked

    def expand(self, *, expanded: bool) -> None:
        """Show all settings, or only the essential ones."""
        self._body.more.expand(expanded=expanded)

    @Slot(str)
    def go_to(self, key: str) -> None:
        """Show a field and give it the focus, also one that a lesson leaves out."""
        self._body.reveal(key)
        self._refresh()
        self._body.go_to(key)

    @Slot(str)
    def set_recipe(self, recipe: str | Recipe) -> None:
        """Show a recipe, given by name, or as an object such as the recipe of a run.

        Raises
        ------
        DigitpadError
            If no recipe has that name.

        """
        name = recipe if isinstance(recipe, str) else ""
        opened = load_recipe(recipe) if isinstance(recipe, str) else recipe
        entry = find_entry(opened, name, self._entries)
        name, base = (entry.name, entry.recipe or opened) if entry else (name, opened)
        self.show_content(FormContent(name, base, initial_values(opened)))
        scroll_to(self._picker.box)

    def show_content(self, content: FormContent) -> None:
        """Show the recipe and the values of another form."""
        self._name, self._base = content.name, content.base
        self._show_values(content.values)
        self._picker.show_chosen(self._name, self._base)

    def show_only(self, controls: Collection[str] | None) -> None:
        """Leave only some controls, by their names in a lesson; None: all."""
        self._picker.setVisible(controls is None or "recipe" in controls)
        self._body.show_only(controls)
        self._refresh()

    def reload_recipes(self) -> None:
        """Read the list of recipes again; the fields stay as they are."""
        self._entries = list_recipes()
        self._show_entries()
        if self.isVisible():
            self._report_problems()

    @property
    def dataset_picker(self) -> DatasetPicker:
        """The choice of the data set."""
        return self._body.dataset_picker

    def choose_dataset(self, key: str) -> None:
        """Choose a data set of the catalogue, or the user's own by its path and options."""
        self.change({"dataset": key})

    @Slot(object)
    def change(self, values: Mapping[str, str]) -> None:
        """Change fields as if the user had edited them, one after the other; a locked form does not change."""
        if self._is_locked:
            return
        changed = self._values
        for key, value in values.items():
            changed = with_change(changed, key, value, self._base)
        self._show_values(changed)

    def show_dataset_states(self, states: Mapping[str, DatasetStateLike]) -> None:
        """Show which data sets, by key or path, are on this machine."""
        self._body.show_states(states)
        missing = {key for key, state in states.items() if not state.is_ready}
        if missing != self._missing and not self._picker.box.view().isVisible():
            self._missing = missing
            self._show_entries()

    @Slot(object)
    def show_sizes(self, found: tuple[str, Sizes]) -> None:
        """Take the number of images of a data set, by key or path."""
        dataset, self._sizes[dataset] = found[0], found[1]
        self._body.show_set(self.recipe, self._sizes_now)

    @Slot(bool)
    def set_locked(self, locked: bool) -> None:
        """Make the form read-only during a training."""
        self._is_locked = locked
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._report_problems()

    @Slot(str)
    def _on_edited(self, key: str) -> None:
        raw = self._body.raw(key)
        if raw != self._values[key]:  # Tab leaves a field as it is
            self._show_values(with_change(self._values, key, raw, self._base))

    @Slot()
    def _on_reset_requested(self) -> None:
        # The button is hidden now; otherwise Qt would move the focus to an arbitrary widget.
        self._picker.box.setFocus()
        self._show_values(initial_values(self._base))

    @property
    def _sizes_now(self) -> Sizes:
        return self._sizes.get(self.dataset) or usual_sizes(self.dataset)

    def _show_entries(self) -> None:
        known = [entry for entry in self._entries if entry.is_shipped and entry.recipe]
        without_data = {entry.name for entry in known if entry.recipe and entry.recipe.dataset in self._missing}
        self._picker.show_entries(self._entries, without_data)
        self._picker.show_chosen(self._name, self._base)

    def _show_values(self, values: Values) -> None:
        former = self._result.recipe
        self._values, self._result = values, validate(values, self._base)
        self._refresh()
        if self._result.recipe != former:
            self.recipe_changed.emit()
        self.edited.emit()

    def _refresh(self) -> None:
        differing = changed_keys(self._values, self._base)
        self._body.show_values(self._values, differing=differing, is_locked=self._is_locked)
        self._body.show_problems(self._result.problems)
        self._body.show_set(self.recipe, self._sizes_now)
        self._picker.show_changed([self._body.label_of(key) for key in differing])
        self._picker.set_enabled_actions(can_choose=not self._is_locked, can_save=self.is_valid)

    def _report_problems(self) -> None:
        """Report each broken recipe of the user once."""
        new = [entry.problem for entry in self._entries if entry.problem and entry.problem not in self._reported]
        self._reported.update(new)
        if new:
            more = self.tr(" (and {count} more)").format(count=len(new) - 1) if len(new) > 1 else ""
            self.problem_found.emit(new[0] + more)

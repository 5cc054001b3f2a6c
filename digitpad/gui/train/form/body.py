"""The fields of the training form below the recipe, in groups."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, pairwise
from typing import cast

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from digitpad.core.models.specs import parameter_count, summary
from digitpad.core.training.recipes import Recipe
from digitpad.gui.datasets.dataset_picker import DatasetPicker, DatasetStateLike, DatasetStateLine
from digitpad.gui.theme.scaling import OWN_MARGINS, px
from digitpad.gui.train.form.row import note_label, set_style_property
from digitpad.gui.train.form.rules import choice_problem, disabled_reason, is_shown
from digitpad.gui.train.form.sections import CONTROLS, DATA, MODEL, TRAINING, Group, advanced_groups, make_rows
from digitpad.gui.train.form.set_texts import Sizes, batches_text, set_text
from digitpad.gui.train.form.validation import WHOLE_FORM, spec_of
from digitpad.gui.train.form.values import Values
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.collapsible import Collapsible
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.form_metrics import FIELD_LEFT
from digitpad.gui.widgets.scroll_column import scroll_to
from digitpad.gui.widgets.sentences import one_hot_reason, wrapped

_NOTHING = "–"


class FormBody(QWidget):
    """Shows values and their problems; reports which field was edited."""

    edited = Signal(str)
    guide_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = make_rows()
        self._groups: list[Group] = []
        self._states: Mapping[str, DatasetStateLike] = {}
        self._state_line = DatasetStateLine()
        self._summary, self._set, self._batches = QLabel(), QLabel(), QLabel()
        self._advanced = QWidget()
        self._problem = note_label()
        self._form_problem = ""  # of no field in particular
        self._only: frozenset[str] | None = None  # the keys of the fields to show; None: all
        self.more = Collapsible(self.tr("More"), self._advanced)
        for label in (self._summary, self._set, self._batches):
            label.setProperty("role", "hint")
            label.setWordWrap(True)
        for label in (self._summary, self._batches):
            label.setContentsMargins(px(FIELD_LEFT), 0, 0, 0)
            label.setProperty(OWN_MARGINS, True)
        shapes = self.tr(
            "The shapes of the arrays: the number of images, then that of their pixels. "
            "After the arrow is what the model reads and what the loss compares."
        )
        self._set.setToolTip(wrapped(f"{shapes}\n{one_hot_reason()}"))
        self._summary.setToolTip(self.tr("The sizes of the layers, and the number of weights that are trained."))
        self.more.setToolTip(self.tr("Shows all other settings."))

        data = self._group(self.tr("Data"), "title", DATA)
        model = self._group(self.tr("Model"), "title", MODEL)
        training = self._group(self.tr("Training"), "title", TRAINING)
        data.column.addWidget(self._state_line)
        data.column.addWidget(self._set)
        batch_row = TRAINING.index("training.batch_size") + 1  # below the heading
        training.column.insertWidget(batch_row + 1, self._batches)
        model.column.addWidget(self._summary)
        groups = [self._group(heading, "name", keys) for heading, keys in advanced_groups().items()]
        vbox(*groups, parent=self._advanced, spacing=16)
        vbox(data, model, training, self.more, self._problem, self._advanced, parent=self, spacing=16)

        for row in self._rows.values():
            row.edited.connect(self.edited)
            row.guide_requested.connect(self.guide_requested)
        self.more.expanded_changed.connect(self._refresh_problem)

    @property
    def problem(self) -> str:
        """The problem shown below "More", for a field that is not visible; empty if there is none."""
        return "" if self._problem.isHidden() else self._problem.text()

    @property
    def focus_chain(self) -> list[QWidget]:
        """The widgets that Tab visits, from top to bottom."""
        fields: list[QWidget] = [row.field for group in self._groups for row in group.rows]
        first_advanced = next(index for index, field in enumerate(fields) if self._advanced.isAncestorOf(field))
        return [*fields[:first_advanced], self.more, *fields[first_advanced:]]

    @property
    def keys(self) -> list[str]:
        """The keys of all fields, from top to bottom."""
        return [row.key for group in self._groups for row in group.rows]

    def reveal(self, key: str) -> None:
        """Show a field although `show_only` leaves it out, until its next call; `show_values` has to follow."""
        if self._only is not None:
            self._only |= {key}

    def go_to(self, key: str) -> None:
        """Show a field, open "More" if it is there, and give it the focus; no field is the problem of the form."""
        row = self._rows.get(key)
        if row is None:
            self.more.setFocus(Qt.FocusReason.OtherFocusReason)
            scroll_to(self.more if self._problem.isHidden() else self._problem)
            return
        if self._advanced.isAncestorOf(row):
            self.more.expand(expanded=True)
        scroll_to(row)
        row.field.setFocus(Qt.FocusReason.OtherFocusReason)
        for line in (row.field, *row.field.findChildren(QLineEdit)):
            if isinstance(line, QLineEdit):
                line.selectAll()

    def label_of(self, key: str) -> str:
        """Return the label of a field; empty if there is no such field."""
        return self._rows[key].label if key in self._rows else ""

    def raw(self, key: str) -> str | bool:
        """Return the raw value of a field."""
        return self._rows[key].field.raw

    @property
    def dataset_picker(self) -> DatasetPicker:
        """The choice of the data set."""
        return cast("DatasetPicker", self._rows["dataset"].field)

    def show_states(self, states: Mapping[str, DatasetStateLike]) -> None:
        """Show which data sets are on this machine."""
        self._states = dict(states)
        field = self._rows["dataset"].field
        if isinstance(field, DatasetPicker):
            field.show_states(self._states)
        self._state_line.show_state(self._states.get(str(field.raw)))

    def show_values(self, values: Values, *, differing: Collection[str], is_locked: bool) -> None:
        """Show values; fields that already have their value are not changed, so that the cursor stays."""
        for key, row in self._rows.items():
            reason = disabled_reason(key, values)
            if row.field.raw != values[key]:
                row.field.show_raw(values[key])
            row.setVisible(is_shown(key, values) and (self._only is None or key in self._only))
            row.show_reason(reason)
            row.set_editable(is_allowed=not reason, is_locked=is_locked)
            row.show_changed(is_changed=key in differing)
            if isinstance(row.field, ChoiceField):
                row.field.show_problems({c: choice_problem(key, c, values) for c in row.field.keys})
        for group in self._groups:
            group.refresh()
        self._state_line.show_state(self._states.get(str(values["dataset"])))
        self._show_summary(values)

    def show_only(self, controls: Collection[str] | None) -> None:
        """Leave only the fields of some of `sections.CONTROLS`, and those below "more" if it is there; None: all.

        `show_values` has to follow.
        """
        has_more = controls is None or "more" in controls
        self.more.setVisible(has_more)
        if not has_more:
            self.more.expand(expanded=False)
        shown = (CONTROLS.get(name, ()) for name in controls or ())
        below = {row.key for row in self._rows.values() if self._advanced.isAncestorOf(row)} if has_more else ()
        self._only = None if controls is None else frozenset((*chain.from_iterable(shown), *below))

    def show_set(self, recipe: Recipe | None, sizes: Sizes) -> None:
        """Show what the data set is for a recipe; nothing for None, while a field is invalid."""
        self._set.setText(set_text(recipe, sizes) if recipe else _NOTHING)
        self._batches.setText((recipe and batches_text(recipe, sizes)) or _NOTHING)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the invalid fields, and show why."""
        for key, row in self._rows.items():
            row.show_problem(problems.get(key, ""))
        self._form_problem = problems.get(WHOLE_FORM, "")
        self._refresh_problem()

    def _group(self, heading: str, role: str, keys: Iterable[str]) -> Group:
        group = Group(heading, role, [self._rows[key] for key in keys])
        self._groups.append(group)
        return group

    def _show_summary(self, values: Values) -> None:
        if spec := spec_of(values):
            count = self.tr("{count} parameters").format(count=f"{parameter_count(spec):,}")
            self._summary.setText(f"{summary(spec)}\n{count}".replace("-", "-\N{ZERO WIDTH SPACE}"))
        else:
            self._summary.setText("–\n")  # as high as before

    @Slot()
    def _refresh_problem(self) -> None:
        """Show the problem that no visible field shows."""
        advanced = (row.problem for row in self._rows.values() if self._advanced.isAncestorOf(row))
        hidden = "" if self.more.is_expanded else next(filter(None, advanced), "")
        self._problem.setText(self._form_problem or hidden)
        self._problem.setVisible(bool(self._problem.text()))
        set_style_property(self.more, "problem", is_on=bool(hidden))


def set_tab_order(widgets: Iterable[QWidget]) -> None:
    """Let Tab visit widgets in this order."""
    for previous, following in pairwise(widgets):
        QWidget.setTabOrder(previous, following)

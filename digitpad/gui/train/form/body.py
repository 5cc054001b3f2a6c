"""The fields of the training form below the recipe, in their groups."""

from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from digitpad.core.models.specs import parameter_count, summary
from digitpad.gui.datasets.dataset_picker import DatasetPicker, DatasetStateLike, DatasetStateLine
from digitpad.gui.train.form.row import note_label, set_style_property
from digitpad.gui.train.form.rules import choice_problem, disabled_reason, is_shown
from digitpad.gui.train.form.sections import DATA, MODEL, TRAINING, Group, advanced_groups, make_rows
from digitpad.gui.train.form.validation import WHOLE_FORM, spec_of
from digitpad.gui.train.form.values import Values
from digitpad.gui.widgets.collapsible import Collapsible
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.widgets.form_metrics import FIELD_LEFT


class FormBody(QWidget):
    """Shows values and what is wrong with them; reports which field was edited."""

    edited = Signal(str)
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = make_rows(self.tr)
        self._groups: list[Group] = []
        self._states: Mapping[str, DatasetStateLike] = {}
        self._state_line = DatasetStateLine()
        self._summary = QLabel()
        self._advanced = QWidget()
        self._problem = note_label()
        self._form_problem = ""  # what is wrong with no field in particular
        self.more = Collapsible(self.tr("More"), self._advanced)
        self._summary.setProperty("role", "hint")
        self._summary.setContentsMargins(FIELD_LEFT, 0, 0, 0)
        self._summary.setWordWrap(True)
        self._summary.setToolTip(self.tr("The widths of the layers, and how many numbers training adjusts"))
        self.more.setToolTip(self.tr("Everything else that can be set"))

        data = self._group(self.tr("Data"), "title", DATA)
        model = self._group(self.tr("Model"), "title", MODEL)
        training = self._group(self.tr("Training"), "title", TRAINING)
        data.column.addWidget(self._state_line)
        model.column.addWidget(self._summary)
        finer = QVBoxLayout(self._advanced)
        finer.setContentsMargins(0, 0, 0, 0)
        finer.setSpacing(16)
        for heading, keys in advanced_groups(self.tr).items():
            finer.addWidget(self._group(heading, "name", keys))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        for part in (data, model, training, self.more, self._problem, self._advanced):
            column.addWidget(part)

        for row in self._rows.values():
            row.edited.connect(self.edited)
            if isinstance(row.field, DatasetPicker):
                row.field.folder_requested.connect(self.folder_requested)
        self.more.expanded_changed.connect(self._refresh_problem)

    @property
    def problem(self) -> str:
        """What is said under "More" of what cannot be seen; empty where nothing is."""
        return "" if self._problem.isHidden() else self._problem.text()

    @property
    def focus_chain(self) -> list[QWidget]:
        """What Tab goes through, from top to bottom."""
        fields: list[QWidget] = [row.field for group in self._groups for row in group.rows]
        first_finer = next(place for place, field in enumerate(fields) if self._advanced.isAncestorOf(field))
        return [*fields[:first_finer], self.more, *fields[first_finer:]]

    def label_of(self, key: str) -> str:
        """Return a field's name; empty for what is no field."""
        return self._rows[key].label if key in self._rows else ""

    def raw(self, key: str) -> str | bool:
        """Return what stands in a field."""
        return self._rows[key].field.raw

    def add_folder(self, folder: Path) -> None:
        """Add a folder to the data sets and choose it."""
        self._rows["dataset"].field.show_raw(str(folder))
        self.edited.emit("dataset")

    def show_states(self, states: Mapping[str, DatasetStateLike]) -> None:
        """Say of each data set whether it is here."""
        self._states = dict(states)
        field = self._rows["dataset"].field
        if isinstance(field, DatasetPicker):
            field.show_states(self._states)
        self._state_line.show_state(self._states.get(str(field.raw)))

    def show_values(self, values: Values, *, differing: Collection[str], is_locked: bool) -> None:
        """Make every row say what the values say; a field that has it already is not touched, nor its cursor."""
        for key, row in self._rows.items():
            reason = disabled_reason(key, values)
            if row.field.raw != values[key]:
                row.field.show_raw(values[key])
            row.setVisible(is_shown(key, values))
            row.show_reason(reason)
            row.set_editable(is_allowed=not reason, is_locked=is_locked)
            row.show_changed(is_changed=key in differing)
            if isinstance(row.field, ChoiceField):
                row.field.show_problems({c: choice_problem(key, c, values) for c in row.field.keys})
        for group in self._groups:
            group.refresh()
        self._state_line.show_state(self._states.get(str(values["dataset"])))
        self._show_summary(values)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark the fields that are wrong, and say why."""
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
        """Say what is said by no field in sight."""
        finer = (row.problem for row in self._rows.values() if self._advanced.isAncestorOf(row))
        unseen = "" if self.more.is_expanded else next(filter(None, finer), "")
        self._problem.setText(self._form_problem or unseen)
        self._problem.setVisible(bool(self._problem.text()))
        set_style_property(self.more, "problem", is_on=bool(unseen))


def set_tab_order(widgets: Iterable[QWidget]) -> None:
    """Let Tab go through widgets in this order."""
    for former, following in pairwise(widgets):
        QWidget.setTabOrder(former, following)

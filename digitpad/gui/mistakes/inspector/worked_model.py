"""How an answer was computed, as a table for Qt's views."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from digitpad.core.evaluation.worked_example import WorkedExample
from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import Output
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.table_cells import CELL_ROLE, Cell

VALUE_ROLE = Qt.ItemDataRole.UserRole
CLASS, LOGIT, SHARE, ONE_HOT, TERM = range(5)
SUM = CLASSES  # the last row
_ROOT = QModelIndex()
# Below the first a share has an exponent; below the second it is "~0".
_SMALL, _TINY = 5e-5, 1e-99
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def decimal(value: float, places: int) -> str:
    """Format a number with this many decimals, fewer if it is large, and a real minus sign."""
    if abs(value) >= 1e5:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e").replace("-", "−")
    text = f"{value:.{max(0, places - 2) if abs(value) >= 100 else places}f}"
    return (text if float(text) else text.lstrip("-")).replace("-", "−")


def share(value: float) -> str:
    """Format a share so that a small one differs from zero: "0" is exactly 0, and 3e−7 is not "0.0000"."""
    if value == 0:
        return "0"
    if value >= _SMALL:
        return decimal(value, 4)
    return "~0" if value < _TINY else f"{value:.0e}".replace("e-0", "e-").replace("-", "−")


class WorkedModel(QAbstractTableModel):
    """Ten rows and their sum: class, logit, probability, one-hot label, term of the cross-entropy."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worked: WorkedExample | None = None
        self._columns: tuple[np.ndarray, ...] = ()
        self._predicted = 0
        self._output: Output = "softmax"

    @property
    def worked(self) -> WorkedExample | None:
        """The answer that is shown."""
        return self._worked

    def show_worked(self, worked: WorkedExample | None, predicted: int, output: Output) -> None:
        """Show another answer; the rows and the current cell stay."""
        self._worked, self._predicted = worked, predicted
        if worked is not None:
            self._columns = (np.arange(CLASSES), worked.logits, worked.probabilities, worked.one_hot, worked.terms)
        if output != self._output:
            self._output = output
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, TERM)
        self.dataChanged.emit(self.index(0, 0), self.index(SUM, TERM))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else CLASSES + 1

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else 5

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if orientation != Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return (
                    self.tr("class"),
                    self.tr("logit\nz"),
                    self._share_heading()[0],
                    self.tr("one-hot\ny"),
                    self.tr("term\n−y·log p"),
                )[section]
            case Qt.ItemDataRole.ToolTipRole:
                return self._tips()[section]
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter if section == CLASS else _RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if self._worked is None or not index.isValid():
            return None
        worked, row, column = self._worked, index.row(), index.column()
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(worked, row, column),
            Qt.ItemDataRole.ToolTipRole: lambda: self._long_text(worked, row, column),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._long_text(worked, row, column),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _RIGHT if column != CLASS or row == SUM else None,
            VALUE_ROLE: lambda: self._value(worked, row, column),
            CELL_ROLE: lambda: self._cell(worked, row, column),
        }
        return answers[role]() if role in answers else None

    def _cell(self, worked: WorkedExample, row: int, column: int) -> Cell:
        is_marked = row in (worked.label, self._predicted, SUM)
        return Cell(
            self._text(worked, row, column),
            "text" if is_marked else "muted",
            is_bold=is_marked,
            is_right=column != CLASS or row == SUM,
            badge=self._badge(worked, row) if column == CLASS else "",
        )

    def _value(self, worked: WorkedExample, row: int, column: int) -> float:
        if row == SUM:
            return worked.total
        return self._columns[column][row].item()

    def _text(self, worked: WorkedExample, row: int, column: int) -> str:
        if row == SUM:
            return share(worked.total) if column == TERM else self.tr("sum = cross-entropy, nats")
        value = self._value(worked, row, column)
        if column in (CLASS, ONE_HOT):
            return f"{value:.0f}"
        if column != LOGIT:
            return share(value)
        # All ten have the same number of decimals, so that they align.
        return decimal(value, 3 if np.abs(worked.logits).max() < 10 else 2)

    def _long_text(self, worked: WorkedExample, row: int, column: int) -> str:
        if row == SUM:
            return self.tr("cross-entropy: {} nats").format(f"{worked.total:.10g}")
        if column == CLASS:
            badge = self._badge(worked, row)
            return f"{row}, {badge}" if badge else str(row)
        names = ("", "z", "p", "y", "−y·log p")
        return f"{names[column]}({row}) = {self._value(worked, row, column):.10g}"

    def _badge(self, worked: WorkedExample, row: int) -> str:
        if row == worked.label:
            return self.tr("✓ label") if row == self._predicted else self.tr("label")
        return self.tr("predicted") if row == self._predicted else ""

    def _share_heading(self) -> tuple[str, str]:
        return {
            "softmax": (self.tr("softmax\np"), self.tr("exp z divided by the sum of all ten exp z")),
            "sigmoid": (self.tr("σ(z)\nshare"), self.tr("each sigmoid of z divided by the sum of all ten")),
            "linear": (self.tr("z\nshare"), self.tr("z, cut to 0 to 1, divided by the sum of all ten")),
        }[self._output]

    def _tips(self) -> tuple[str, ...]:
        return (
            self.tr("the digit"),
            self.tr("the output of the last layer"),
            self._share_heading()[1],
            self.tr("1 for the label, 0 for all others"),
            self.tr("the part of the digit in the cross-entropy; natural logarithm"),
        )

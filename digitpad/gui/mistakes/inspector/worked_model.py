"""How an answer was computed, as a table for Qt's views."""

from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

from digitpad.core.evaluation.worked_example import WorkedExample
from digitpad.core.images.digits import CLASSES
from digitpad.core.training.config import LOSS_NAMES
from digitpad.core.translation import tr
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.sentences import one_hot_reason, with_minus, wrapped
from digitpad.gui.widgets.table_cells import CELL_ROLE, Cell

VALUE_ROLE = Qt.ItemDataRole.UserRole
CLASS, LOGIT, OUTPUT, TARGET, TERM = range(5)
_ROOT = QModelIndex()
# Below the first a figure has an exponent; below the second it is "~0".
_SMALL, _TINY = 5e-5, 1e-99
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def decimal(value: float, places: int) -> str:
    """Format a number with this many decimals, fewer if it is large, and a real minus sign."""
    if abs(value) >= 1e5:
        return with_minus(f"{value:.0e}".replace("e+0", "e").replace("e+", "e"))
    text = f"{value:.{max(0, places - 2) if abs(value) >= 100 else places}f}"
    return with_minus(text if float(text) else text.lstrip("-"))


def share(value: float) -> str:
    """Format a figure so that a small one differs from zero: "0" is exactly 0, and 3e−7 is not "0.0000"."""
    if value < 0:
        return "~0" if value > -_SMALL else decimal(value, 3)  # rounding alone makes a loss negative
    if value == 0:
        return "0"
    if value >= _SMALL:
        return decimal(value, 4 if value < 10 else 3)
    return "~0" if value < _TINY else with_minus(f"{value:.0e}".replace("e-0", "e-"))


class WorkedModel(QAbstractTableModel):
    """A row for each output and a last one with the loss: class, logit, output, target, term of the loss."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worked: WorkedExample | None = None
        self._columns: tuple[np.ndarray, ...] = ()
        self._predicted = 0

    @property
    def worked(self) -> WorkedExample | None:
        """The answer that is shown."""
        return self._worked

    @property
    def sum_row(self) -> int:
        """The last row, with the loss."""
        return len(self._worked.logits) if self._worked else CLASSES

    def show_worked(self, worked: WorkedExample | None, predicted: int) -> None:
        """Show another answer; if it has as many outputs, the rows and the current cell stay."""
        is_reset = worked is not None and len(worked.logits) != self.sum_row
        if is_reset:
            self.beginResetModel()
        self._worked, self._predicted = worked, predicted
        if worked is not None:
            classes = np.array(worked.classes)
            self._columns = (classes, worked.logits, worked.outputs, worked.targets, worked.terms)
        if is_reset:
            self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, TERM)
        self.dataChanged.emit(self.index(0, 0), self.index(self.sum_row, TERM))

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self.sum_row + 1

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
                    self._output_heading()[0],
                    self.tr("one-hot\ny") if self._is_softmax else self.tr("target\nt"),
                    self._term_heading()[0],
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
            Qt.ItemDataRole.TextAlignmentRole: lambda: _RIGHT if column != CLASS or row == self.sum_row else None,
            VALUE_ROLE: lambda: self._value(worked, row, column),
            CELL_ROLE: lambda: self._cell(worked, row, column),
        }
        return answers[role]() if role in answers else None

    @property
    def _is_softmax(self) -> bool:
        """Whether the columns have the names of a softmax with cross-entropy: p and y; else y and t."""
        return self._worked is None or self._worked.loss.name == "cross-entropy"

    def _cell(self, worked: WorkedExample, row: int, column: int) -> Cell:
        is_sum = row == self.sum_row
        is_marked = is_sum or worked.classes[row] in (worked.label, self._predicted) or len(worked.logits) == 1
        return Cell(
            self._text(worked, row, column),
            "text" if is_marked else "muted",
            is_bold=is_marked,
            is_right=column != CLASS or is_sum,
            # The heading of the sample has the label and the prediction of a single output.
            badge=self._badge(worked, row) if column == CLASS and not is_sum and len(worked.logits) > 1 else "",
        )

    def _value(self, worked: WorkedExample, row: int, column: int) -> float:
        if row == self.sum_row:
            return worked.total
        return self._columns[column][row].item()

    def _text(self, worked: WorkedExample, row: int, column: int) -> str:
        # The output of a gate has the decimals that the tutorial prints.
        figure = share if len(worked.logits) > 1 else lambda value: decimal(value, 6)
        if row == self.sum_row:
            return figure(worked.total) if column == TERM else self._sum_text(worked)
        value = self._value(worked, row, column)
        if column in (CLASS, TARGET):
            return f"{value:.0f}"
        if column != LOGIT and not (column == OUTPUT and worked.output == "linear"):
            return figure(value)
        # All have the same number of decimals, so that they align.
        return decimal(value, 3 if np.abs(worked.logits).max() < 10 else 2)

    def _sum_text(self, worked: WorkedExample) -> str:
        """Return what the last row has: the name of the loss, and how it is made of the terms."""
        name = tr(LOSS_NAMES[worked.loss.name])
        if worked.loss.name == "mse":
            return self.tr("sum {} / {} = MSE").format(share(worked.terms.sum()), len(worked.terms))
        if worked.loss.name == "binary-cross-entropy":
            return "−Σ [t·log y + (1−t)·log(1−y)]"
        return name if worked.loss.name == "sse" else self.tr("sum = {}, nats").format(name)

    def _long_text(self, worked: WorkedExample, row: int, column: int) -> str:
        if row == self.sum_row:
            unit = "" if worked.loss.name in ("mse", "sse") else self.tr(" nats (natural logarithm)")
            return f"{tr(LOSS_NAMES[worked.loss.name])}: {worked.total:.10g}{unit}"
        digit = worked.classes[row]
        if column == CLASS:
            badge = self._badge(worked, row)
            return f"{digit}, {badge}" if badge else str(digit)
        names = ("", "z", *(("p", "y") if self._is_softmax else ("y", "t")), self._term_heading()[2])
        return f"{names[column]}({digit}) = {self._value(worked, row, column):.10g}"

    def _badge(self, worked: WorkedExample, row: int) -> str:
        digit = worked.classes[row]
        if digit == worked.label:
            return self.tr("✓ label") if digit == self._predicted else self.tr("label")
        return self.tr("predicted") if digit == self._predicted else ""

    def _output_heading(self) -> tuple[str, str]:
        """Return the heading of the outputs, and its explanation."""
        if self._is_softmax:
            return self.tr("softmax\np"), self.tr("exp z divided by the sum of all ten exp z")
        return {
            "softmax": (self.tr("softmax\ny"), self.tr("exp z divided by the sum of all ten exp z")),
            "sigmoid": (self.tr("σ(z)\ny"), self.tr("the output: the sigmoid of z, 1 / (1 + exp(−z))")),
            "linear": (self.tr("output\ny"), self.tr("the output: z itself, because the last layer is linear")),
        }[self._worked.output if self._worked else "softmax"]

    def _term_heading(self) -> tuple[str, str, str]:
        """Return the heading of the terms, its explanation, and the formula."""
        name = self._worked.loss.name if self._worked else "cross-entropy"
        if name == "cross-entropy":
            tip = self.tr("the part of the digit in the cross-entropy; natural logarithm")
            return self.tr("term\n−y·log p"), tip, "−y·log p"
        if name == "binary-cross-entropy":
            formula = "−[t·log y + (1−t)·log(1−y)]"
            tip = self.tr("the part of the output in the binary cross-entropy: {}; natural logarithm").format(formula)
            return self.tr("term"), tip, formula
        return self.tr("term\n(y−t)²"), self.tr("the square of output minus target"), "(y−t)²"

    def _tips(self) -> tuple[str, ...]:
        target = self.tr("the output that is wanted: 1 for the label, 0 for all others")
        if self._is_softmax:
            target = self.tr("1 for the label, 0 for all others")
        if self._worked is None or len(self._worked.logits) > 1:
            target = wrapped(f"{target}\n{one_hot_reason()}")
        return (
            self.tr("the digit"),
            self.tr("the output of the last layer, before its activation"),
            self._output_heading()[1],
            target,
            self._term_heading()[1],
        )

"""The predictions of other models for a sample."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QWidget

from digitpad.core.evaluation.inspection import Opinion
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.static_table import StaticTable
from digitpad.gui.widgets.table_cells import CELL_ROLE, ROW, Cell, CellDelegate

NAME, DIGIT, SURE, VERDICT = range(4)
_ROOT = QModelIndex()
_WIDTHS = {DIGIT: 28, SURE: 64, VERDICT: 28}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class OpinionsModel(QAbstractTableModel):
    """A row for each model; while they compute, their names stay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._opinions: tuple[Opinion, ...] = ()
        self._label = 0
        self._is_waiting = True

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """The predictions that are shown."""
        return self._opinions

    def show_waiting(self) -> None:
        """Show that the models are computing."""
        self._is_waiting = True
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, VERDICT))

    def show_opinions(self, opinions: tuple[Opinion, ...], label: int) -> None:
        """Show the predictions for a sample with this label."""
        self.beginResetModel()
        self._opinions, self._label, self._is_waiting = opinions, label, False
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else max(1, len(self._opinions))

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else 4

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        opinion = self._opinions[index.row()] if self._opinions else None
        column = index.column()
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(opinion, column),
            Qt.ItemDataRole.ToolTipRole: lambda: self._sentence(opinion),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._sentence(opinion),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _RIGHT if column in (DIGIT, SURE) else None,
            CELL_ROLE: lambda: self._cell(opinion, column),
        }
        return answers[role]() if role in answers else None

    def _is_right(self, opinion: Opinion) -> bool:
        return opinion.prediction is not None and opinion.prediction.best == self._label

    def _cell(self, opinion: Opinion | None, column: int) -> Cell:
        return Cell(
            self._text(opinion, column),
            self._colour(opinion, column),
            is_bold=column == DIGIT,
            is_right=column in (DIGIT, SURE),
            may_be_long=column == NAME,
        )

    def _text(self, opinion: Opinion | None, column: int) -> str:
        if opinion is None:
            return ("…" if self._is_waiting else self.tr("No other models")) if column == NAME else ""
        if opinion.problem or opinion.prediction is None:
            return self._sentence(opinion) if column == NAME else ""
        if self._is_waiting:
            return (opinion.name, "…", "", "")[column]
        prediction = opinion.prediction
        sure = f"{100 * prediction.confidence:.0f} %"
        return (opinion.name, str(prediction.best), sure, "✓" if self._is_right(opinion) else "✗")[column]

    def _sentence(self, opinion: Opinion | None) -> str:
        if opinion is None:
            return ""
        if opinion.prediction is None:
            says_who = opinion.problem.startswith(opinion.name)
            return opinion.problem if says_who else f"{opinion.name}: {opinion.problem}"
        if self._is_waiting:
            return opinion.name
        text = (
            self.tr("{} predicts {} with {} %, right")
            if self._is_right(opinion)
            else self.tr("{} predicts {} with {} %, wrong")
        )
        return text.format(opinion.name, opinion.prediction.best, f"{100 * opinion.prediction.confidence:.1f}")

    def _colour(self, opinion: Opinion | None, column: int) -> str:
        if opinion is None or opinion.prediction is None or self._is_waiting:
            return "muted"
        if column == VERDICT:
            return "right" if self._is_right(opinion) else "wrong"
        return "muted" if column == SURE else "text"


class OpinionsView(StaticTable):
    """A table without scroll bars; long names are cut with an ellipsis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = OpinionsModel(self)
        self._delegate = CellDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.hide()
            header.setMinimumSectionSize(16)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Predictions of other models"))

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """The predictions that are shown."""
        return self._model.opinions

    def show_waiting(self) -> None:
        """Show that the models are computing; their rows stay."""
        self._model.show_waiting()

    def show_opinions(self, opinions: tuple[Opinion, ...], label: int) -> None:
        """Show the predictions for a sample with this label."""
        rows = self._model.rowCount()
        self._model.show_opinions(opinions, label)
        self.clearSpans()
        for row, opinion in enumerate(opinions):
            if opinion.prediction is None:
                self.setSpan(row, NAME, 1, 4)
        if not opinions:
            self.setSpan(0, NAME, 1, 4)
        if rows != self._model.rowCount():
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(240, self._model.rowCount() * ROW + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        self.setColumnWidth(NAME, self.viewport().width() - sum(_WIDTHS.values()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls

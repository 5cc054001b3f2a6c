"""The predictions of other models for a sample."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QWidget

from digitpad.core.evaluation.inspection import ModelPrediction
from digitpad.core.recognition.prediction import probability_text
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.table_cells import CELL_ROLE, ROW, Cell, CellDelegate, StaticTable

NAME, DIGIT, CONFIDENCE, VERDICT = range(4)
_ROOT = QModelIndex()
_WIDTHS = {DIGIT: 28, CONFIDENCE: 64, VERDICT: 28}
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class PredictionsModel(QAbstractTableModel):
    """A row for each model; while they compute, their names stay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._predictions: tuple[ModelPrediction, ...] = ()
        self._label = 0
        self._is_waiting = True

    @property
    def predictions(self) -> tuple[ModelPrediction, ...]:
        """The predictions that are shown."""
        return self._predictions

    def show_waiting(self) -> None:
        """Show that the models are computing."""
        self._is_waiting = True
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, VERDICT))

    def show_predictions(self, predictions: tuple[ModelPrediction, ...], label: int) -> None:
        """Show the predictions for a sample with this label."""
        self.beginResetModel()
        self._predictions, self._label, self._is_waiting = predictions, label, False
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else max(1, len(self._predictions))

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else 4

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        entry = self._predictions[index.row()] if self._predictions else None
        column = index.column()
        answers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._text(entry, column),
            Qt.ItemDataRole.ToolTipRole: lambda: self._sentence(entry),
            Qt.ItemDataRole.AccessibleTextRole: lambda: self._sentence(entry),
            Qt.ItemDataRole.TextAlignmentRole: lambda: _RIGHT if column in (DIGIT, CONFIDENCE) else None,
            CELL_ROLE: lambda: self._cell(entry, column),
        }
        return answers[role]() if role in answers else None

    def _is_right(self, entry: ModelPrediction) -> bool:
        return entry.prediction is not None and entry.prediction.best == self._label

    def _cell(self, entry: ModelPrediction | None, column: int) -> Cell:
        return Cell(
            self._text(entry, column),
            self._colour(entry, column),
            is_bold=column == DIGIT,
            is_right=column in (DIGIT, CONFIDENCE),
            may_be_long=column == NAME,
        )

    def _text(self, entry: ModelPrediction | None, column: int) -> str:
        if entry is None:
            return ("…" if self._is_waiting else self.tr("No other models")) if column == NAME else ""
        if entry.problem or entry.prediction is None:
            return self._sentence(entry) if column == NAME else ""
        if self._is_waiting:
            return (entry.name, "…", "", "")[column]
        prediction = entry.prediction
        share = probability_text(prediction.confidence)
        return (entry.name, str(prediction.best), share, "✓" if self._is_right(entry) else "✗")[column]

    def _sentence(self, entry: ModelPrediction | None) -> str:
        if entry is None:
            return ""
        if entry.prediction is None:
            has_name = entry.problem.startswith(entry.name)
            return entry.problem if has_name else f"{entry.name}: {entry.problem}"
        if self._is_waiting:
            return entry.name
        text = (
            self.tr("{} predicts {} with {}, right")
            if self._is_right(entry)
            else self.tr("{} predicts {} with {}, wrong")
        )
        return text.format(entry.name, entry.prediction.best, probability_text(entry.prediction.confidence))

    def _colour(self, entry: ModelPrediction | None, column: int) -> str:
        if entry is None or entry.prediction is None or self._is_waiting:
            return "muted"
        if column == VERDICT:
            return "right" if self._is_right(entry) else "wrong"
        return "muted" if column == CONFIDENCE else "text"


class PredictionsTable(StaticTable):
    """A table without scroll bars; long names are cut with an ellipsis."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PredictionsModel(self)
        self._delegate = CellDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.hide()
            header.setMinimumSectionSize(16)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Predictions of other models"))

    @property
    def predictions(self) -> tuple[ModelPrediction, ...]:
        """The predictions that are shown."""
        return self._model.predictions

    def show_waiting(self) -> None:
        """Show that the models are computing; their rows stay."""
        self._model.show_waiting()

    def show_predictions(self, predictions: tuple[ModelPrediction, ...], label: int) -> None:
        """Show the predictions for a sample with this label."""
        rows = self._model.rowCount()
        self._model.show_predictions(predictions, label)
        self.clearSpans()
        for row, entry in enumerate(predictions):
            if entry.prediction is None:
                self.setSpan(row, NAME, 1, 4)
        if not predictions:
            self.setSpan(0, NAME, 1, 4)
        if rows != self._model.rowCount():
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(240), self._model.rowCount() * px(ROW) + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, px(width))
        self.setColumnWidth(NAME, self.viewport().width() - sum(map(px, _WIDTHS.values())))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls

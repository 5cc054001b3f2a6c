"""The table "how this answer was computed"."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHeaderView, QSizePolicy, QStyleOptionViewItem, QWidget

from digitpad.core.evaluation.worked_example import WorkedExample
from digitpad.gui.mistakes.inspector.worked_model import CLASS, TARGET, TERM, VALUE_ROLE, WorkedModel
from digitpad.gui.theme.colours import theme_colours, verdict_colour
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.shortcut_override import handles_copy_key
from digitpad.gui.widgets.table_cells import CELL_ROLE, PADDING, ROW, CellDelegate, Index, StaticTable

_HEADER = 36
# Of the class column, which has the badges, and of the others.
_WIDTHS = (62, 56, 58, 53, 57)
_SINGLE_WIDTHS = (36, 58, 73, 46, 73)  # of a single output, with more decimals and no badge


class WorkedTable(StaticTable):
    """A table without scroll bars; Ctrl+C copies all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = WorkedModel(self)
        self._delegate = _WorkedDelegate(self)
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self._span_sum()
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(px(ROW))
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(px(16))
        self.horizontalHeader().setFixedHeight(px(_HEADER))
        self.horizontalHeader().setHighlightSections(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("How this answer was computed"))

    @property
    def worked(self) -> WorkedExample | None:
        """The answer that is shown."""
        return self._model.worked

    def show_worked(self, worked: WorkedExample | None, predicted: int = 0) -> None:
        """Show how another answer was computed; None empties the table."""
        rows = self._model.rowCount()
        self._model.show_worked(worked, predicted)
        if self._model.rowCount() != rows:
            self._span_sum()
            self._share_width()
            self.updateGeometry()

    def _span_sum(self) -> None:
        self.clearSpans()
        self.setSpan(self._model.sum_row, CLASS, 1, TERM)

    @Slot()
    def copy(self) -> None:
        """Copy the table to the clipboard, for a spreadsheet."""
        if self.worked is not None:
            QGuiApplication.clipboard().setText(self.worked.as_text())

    def sizeHint(self) -> QSize:
        return QSize(px(sum(_WIDTHS) + 2), px(_HEADER) + self._model.rowCount() * px(ROW) + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        is_single = self.worked is not None and len(self.worked.logits) == 1
        room, widths = self.viewport().width(), [px(width) for width in (_SINGLE_WIDTHS if is_single else _WIDTHS)]
        for column in range(max(room - sum(widths), 0)):
            widths[column % len(widths)] += 1
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy) or super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls


class _WorkedDelegate(CellDelegate):
    """Paints badges beside the label and the predicted class, and a line above the sum."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        if index.row() == index.model().rowCount() - 1:
            painter.setPen(QPen(theme_colours(option.palette)["faint"], 1))
            painter.drawLine(option.rect.topLeft(), option.rect.topRight())
        elif (cell := index.data(CELL_ROLE)) and cell.badge:
            left = option.rect.left() + px(2 * PADDING) + painter.fontMetrics().horizontalAdvance("0")
            is_label = index.model().index(index.row(), TARGET).data(VALUE_ROLE) == 1
            self._paint_badge(painter, option, cell.badge, left, is_label=is_label)

    @staticmethod
    def _paint_badge(painter: QPainter, option: QStyleOptionViewItem, badge: str, left: int, *, is_label: bool) -> None:
        font = sized_font(option.font, CAPTION)
        painter.setFont(font)
        width = QFontMetricsF(font).horizontalAdvance(badge) + px(8)
        place = QRectF(left + 0.5, option.rect.top() + px(3.5), width, px(ROW - 7))
        is_right, muted = badge[0] == "✓", theme_colours(option.palette)["muted"]
        colour = muted if is_label and not is_right else verdict_colour(option.palette, is_right=is_right)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1))
        painter.drawRoundedRect(place, px(4), px(4))
        painter.setPen(theme_colours(option.palette)["text"])
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, badge)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

"""The figures by epoch on screen: live while a run trains, to be copied with Ctrl+C."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Slot
from PySide6.QtGui import QFontMetrics, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.table.epoch_table import EpochTable
from digitpad.gui.train.curves.table.table_model import EpochTableModel
from digitpad.gui.widgets.model_index import Index
from digitpad.gui.widgets.shortcut_override import handles_copy_key
from digitpad.gui.widgets.throttle import SignalThrottle

_ROW_HEIGHT = 24
_PADDING = 24  # px beside a figure or a heading
_INTERVAL_MS = 200


class EpochTableView(QTableView):
    """Shows what `source` returns, soon after `refresh` was called."""

    def __init__(self, source: Callable[[], EpochTable], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source, self._corner = source, QLabel(self)
        self.figures = EpochTableModel(self)
        self._throttle = SignalThrottle(_INTERVAL_MS, self)
        self.setModel(self.figures)
        self.setItemDelegate(_FigureDelegate(self.figures, self))
        self.setAccessibleName(self.tr("Figures by epoch"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        # The numbers of the epochs are a header, which stays in view when the columns are scrolled.
        self._corner.setProperty("role", "caption")
        self._corner.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
        self._corner.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.verticalHeader().setHighlightSections(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(px(_ROW_HEIGHT))
        self.horizontalHeader().setHighlightSections(False)

        self._throttle.triggered.connect(self._on_time_to_show)
        self.figures.modelReset.connect(self._fit_columns)

    @Slot()
    def refresh(self) -> None:
        """Show the newest figures soon; while hidden, when the table is shown again."""
        if self.isVisible():
            self._throttle.throttle()

    @Slot()
    def copy(self) -> None:
        """Copy the selected cells, or the whole table with its headings, as tab-separated text."""
        chosen = self.selectionModel().selectedIndexes()
        rows = sorted({index.row() for index in chosen}) or range(self.figures.rowCount())
        columns = sorted({index.column() for index in chosen}) or range(self.figures.columnCount())
        is_whole = len(rows) == self.figures.rowCount() and len(columns) == self.figures.columnCount()
        QGuiApplication.clipboard().setText(self.figures.as_text(rows, columns, with_headings=is_whole))

    def updateGeometries(self) -> None:
        super().updateGeometries()
        size = QSize(self.verticalHeader().width(), self.horizontalHeader().height())
        self._corner.setGeometry(QRect(QPoint(self.frameWidth(), self.frameWidth()), size))

    def event(self, event: QEvent) -> bool:
        return handles_copy_key(event, self.copy) or super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        self._on_time_to_show()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_columns()
        super().changeEvent(event)

    @Slot()
    def _on_time_to_show(self) -> None:
        reached = self.figures.last_trained
        was_in_view = self._is_in_view(reached)
        is_longer = self.figures.show_table(self._source())
        if is_longer and was_in_view and self.figures.last_trained > reached:
            self.updateGeometries()  # the range of the scroll bar still ends at the former last row
            sideways = self.horizontalScrollBar().value()
            self.scrollTo(self.figures.index(self.figures.last_trained, 1))
            self.horizontalScrollBar().setValue(sideways)

    def _is_in_view(self, row: int) -> bool:
        return row >= 0 and 0 <= self.rowViewportPosition(row) < self.viewport().height()

    @Slot()
    def _fit_columns(self) -> None:
        """Make each column as wide as its heading and its figures, also those to come."""
        headings, figures = (QFontMetrics(tabular_font(self.font(), size)) for size in (CAPTION, CAPTION))
        self.setColumnHidden(0, False)
        for column in range(self.figures.columnCount()):
            lines = self.figures.short_heading(column).split("\n")
            widths = [headings.horizontalAdvance(line) for line in lines]
            widths.append(figures.horizontalAdvance(self.figures.widest_text(column)))
            self.setColumnWidth(column, max(widths) + px(_PADDING))
        self.verticalHeader().setFixedWidth(self.columnWidth(0))
        self.setColumnHidden(0, True)
        self._corner.setText(self.figures.short_heading(0))


class _FigureDelegate(QStyledItemDelegate):
    """Paints figures that are equally wide, and published ones in italics and muted."""

    def __init__(self, model: EpochTableModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        option.font = tabular_font(option.font, CAPTION)
        if self._model.is_published(index.column()):
            option.font.setItalic(True)
            option.state &= ~QStyle.StateFlag.State_Enabled

"""The bar above the grid: which samples are shown, their order and size, and the search."""

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSlider, QToolButton, QWidget

from digitpad.core.evaluation.sample_filter import (
    CELLS,
    RANDOM_COLUMNS,
    Cell,
    SampleQuery,
    Show,
    SortKey,
    allowed_cells,
)
from digitpad.core.images.digits import CLASSES
from digitpad.gui.grid.zoom import LARGEST_SIDE, SMALLEST_SIDE, STEP
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, set_tab_order
from digitpad.gui.widgets.combo_box import ChoiceField, DigitComboBox
from digitpad.gui.widgets.search_field import SearchField

_NARROW = 480
_LEAST = 360  # px, for the narrow arrangement; Qt would take what the present one needs
_COLUMNS = 14
# Line, column and number of columns of: shown samples, how many, order, label, prediction, search, size.
_PLACES = ((0, 0, 3), (0, 3, 5), (0, 8, 6), (1, 0, 3), (1, 3, 5), (1, 8, 4), (1, 12, 2))
_NARROW_PLACES = ((0, 0, 7), (0, 7, 7), (2, 0, 9), (1, 0, 5), (1, 5, 6), (1, 11, 3), (2, 9, 5))


class FilterBar(QWidget):
    """Emits the user's choices, and shows the query that the browser reports."""

    show_chosen = Signal(object)
    random_count_chosen = Signal(int)  # 0 for all
    draw_requested = Signal()  # of other random samples
    sort_chosen = Signal(object)
    reverse_toggled = Signal(bool)
    cells_requested = Signal(object)  # frozenset of cells
    text_changed = Signal(str)
    side_requested = Signal(int)
    search_left = Signal()  # the user leaves the search for its results

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown, self.sort = ChoiceField({}), ChoiceField(self._sort_titles())
        self.count = ChoiceField(self._count_titles())
        self.draw, self.reverse = QToolButton(), QToolButton()
        self.label, self.predicted = DigitComboBox(self.tr("label")), DigitComboBox(self.tr("predicted"))
        self.search = SearchField()
        self.side = QSlider(Qt.Orientation.Horizontal)
        self._has_model: bool | None = None
        self._is_narrow = self._is_plot = False
        self._set_texts()
        self._lay_out()
        self._tint()
        self.set_has_model(has_model=True)

        self.shown.edited.connect(self._on_shown)
        self.sort.edited.connect(self._on_sort)
        self.count.edited.connect(self._on_count)
        self.draw.clicked.connect(self.draw_requested)
        self.reverse.clicked.connect(self.reverse_toggled)
        for field in (self.label, self.predicted):
            field.edited.connect(self._on_digits)
        self.search.searched.connect(self.text_changed)
        self.search.exited.connect(self.search_left)
        self.side.valueChanged.connect(self.side_requested)

    def _set_texts(self) -> None:
        self.count.setToolTip(self.tr("All of them, or some at random as a plot that fits the window"))
        self.draw.setToolTip(self.tr("Other random samples (R; Shift+R goes back)"))
        self.reverse.setToolTip(self.tr("Reverse order"))
        self.reverse.setCheckable(True)
        self.search.setPlaceholderText(self.tr("label 4, #247, note"))
        self.search.setToolTip(self.tr("“Label 4”, “predicted 9”, the number of a sample, or text in your notes"))
        self.side.setRange(SMALLEST_SIDE, LARGEST_SIDE)
        self.side.setSingleStep(STEP)
        self.side.setPageStep(2 * STEP)
        self.side.setMinimumWidth(px(64))
        self.setMinimumWidth(px(_LEAST))
        self.side.setToolTip(self.tr("Size of the images (also + and −, or Ctrl + mouse wheel)"))
        names = {
            self.shown: self.tr("Shown samples"),
            self.sort: self.tr("Order"),
            self.count: self.tr("How many samples"),
            self.draw: self.tr("Other random samples"),
            self.reverse: self.tr("Reverse order"),
            self.label: self.tr("Label"),
            self.predicted: self.tr("Predicted digit"),
            self.search: self.tr("Search"),
            self.side: self.tr("Size of the images"),
        }
        for widget, name in names.items():
            widget.setAccessibleName(name)
        self.label.setToolTip(self.tr("Only samples with this label"))
        self.predicted.setToolTip(self.tr("Only samples predicted as this digit"))

    def _lay_out(self) -> None:
        self._some, self._order = QWidget(), QWidget()
        hbox((self.count, 1), self.draw, parent=self._some, spacing=4)
        hbox((self.sort, 1), self.reverse, parent=self._order, spacing=4)
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(8))
        grid.setVerticalSpacing(px(6))
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        self._arrange()

    def _arrange(self) -> None:
        """Arrange in two lines; in a narrow bar in three, or two for a plot, which has no order and no size."""
        places = _NARROW_PLACES if self._is_narrow else _PLACES
        widgets = (self.shown, self._some, self._order, self.label, self.predicted, self.search, self.side)
        for widget, (line, column, columns) in zip(widgets, places, strict=True):
            self._grid.removeWidget(widget)
            self._grid.addWidget(widget, line, column, 1, columns)
        self.order_tab_stops()
        for widget in (self._order, self.side):
            widget.setVisible(not (self._is_narrow and self._is_plot))

    @Slot()
    def order_tab_stops(self) -> None:
        """Let Tab go through the fields in reading order."""
        parts = (
            *([self.shown], [self.count, self.draw], [self.sort, self.reverse]),
            *([self.label], [self.predicted], [self.search], [self.side]),
        )
        set_tab_order(zip(_NARROW_PLACES if self._is_narrow else _PLACES, parts, strict=True))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = event.size().width() < px(_NARROW)
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._arrange()

    def set_has_model(self, *, has_model: bool) -> None:
        """Set which samples can be chosen; without a model none is right or wrong."""
        if has_model == self._has_model:
            return
        self._has_model = has_model
        titles = {
            Show.WRONG: self.tr("Wrong"),
            Show.RIGHT: self.tr("Right"),
            Show.ALL: self.tr("All"),
        }
        self.shown.clear()
        for kind, text in titles.items():
            if has_model or kind is Show.ALL:
                self.shown.addItem(text, kind.value)
        for widget in (self.sort, self.predicted):
            widget.setEnabled(has_model)

    def show_loss(self, name: str) -> None:
        """Name the loss that samples can be sorted by; "" without a model."""
        self.sort.setToolTip(self.tr("The loss is the {} of each sample").format(name) if name else "")

    def show_query(self, query: SampleQuery) -> None:
        """Show a query; emits nothing."""
        self.shown.setCurrentIndex(self.shown.findData(query.show.value))
        self.count.setCurrentIndex(self.count.findData(str(query.random_count)))
        is_plot = query.random_count > 0
        self.draw.setEnabled(is_plot)
        self.sort.setEnabled(bool(self._has_model) and not is_plot)
        for widget in (self.reverse, self.side):
            widget.setEnabled(not is_plot)
        if is_plot != self._is_plot:
            self._is_plot = is_plot
            self._arrange()
        self.sort.setCurrentIndex(self.sort.findData((query.sort if self._has_model else SortKey.INDEX).value))
        self.reverse.setChecked(query.is_reversed)
        self._show_cells(query)
        self.search.show_text(query.text)

    def focus_search(self) -> None:
        """Go to the search; the next text replaces the old one."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def show_side(self, side: int) -> None:
        """Show the size of the images, px."""
        with QSignalBlocker(self.side):
            self.side.setValue(side)

    def _show_cells(self, query: SampleQuery) -> None:
        """Show the label and the prediction of the chosen cells, or "several" where they form no row or column."""
        # Right ones with a label are those with that prediction: the label is named.
        for predicted in (None, *range(CLASSES)):
            for label in (None, *range(CLASSES)):
                if _cells_of(label, predicted, query.show) == (query.cells or allowed_cells(query.show)):
                    self.label.show_digit(label)
                    self.predicted.show_digit(predicted)
                    return
        self.label.show_several()
        self.predicted.show_several()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self.draw.setIcon(line_icon("again"))
        self.reverse.setIcon(line_icon("reverse"))

    def _sort_titles(self) -> dict[str, str]:
        return {
            SortKey.CONFIDENCE.value: self.tr("Most confident first"),
            SortKey.LOSS.value: self.tr("Highest loss first"),
            SortKey.MARGIN.value: self.tr("Smallest margin first"),
            SortKey.INDEX.value: self.tr("Order of the data set"),
        }

    def _count_titles(self) -> dict[str, str]:
        some = self.tr("{} at random")
        return {"0": self.tr("All of them")} | {str(count): some.format(count) for count in RANDOM_COLUMNS}

    @Slot()
    def _on_shown(self) -> None:
        self.show_chosen.emit(Show(self.shown.raw))

    @Slot()
    def _on_count(self) -> None:
        self.random_count_chosen.emit(int(self.count.raw))

    @Slot()
    def _on_sort(self) -> None:
        self.sort_chosen.emit(SortKey(self.sort.raw))

    @Slot()
    def _on_digits(self) -> None:
        # A digit chosen beside "several" replaces the earlier choice.
        label, predicted = self.label.digit, self.predicted.digit
        everything = label is None and predicted is None
        self.cells_requested.emit(frozenset() if everything else _cells_of(label, predicted, Show.ALL))


def _cells_of(label: int | None, predicted: int | None, show: Show) -> frozenset[Cell]:
    """Return the cells of a row or a column, one cell or all; only cells whose samples can be shown."""
    cells = {(t, p) for t, p in CELLS if label in (None, t) and predicted in (None, p)}
    return frozenset(cells) & allowed_cells(show)

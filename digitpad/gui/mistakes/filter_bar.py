"""The bar above the grid: which samples are shown, their order and size, and the search."""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSlider, QToolButton, QWidget

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
from digitpad.gui.widgets.boxes import hbox, least_width, vbox
from digitpad.gui.widgets.combo_box import ChoiceField, ComboBox, DigitComboBox
from digitpad.gui.widgets.reserved_width import reserve_width
from digitpad.gui.widgets.search_field import SearchField

_GAP, _BUTTON_GAP, _SLIDER = 8, 4, 56


class FilterBar(QWidget):
    """Emits the user's choices, and shows the query that the browser reports.

    Its parts flow into as few lines as have room for all texts; where it saves a line, the hint of the search is short,
    and a plot has no order and no size of the images.
    """

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
        self.shown, self.sort = ChoiceField(self._show_titles()), ChoiceField(self._sort_titles())
        self.count = ChoiceField(self._count_titles())
        self.draw, self.reverse = QToolButton(), QToolButton()
        self.label, self.predicted = DigitComboBox(self.tr("label")), DigitComboBox(self.tr("predicted"))
        self.search, self.side = SearchField(), QSlider(Qt.Orientation.Horizontal)
        self._has_model: bool | None = None
        self._is_plot = False
        self._parts = [*(QWidget(self) for _ in range(4)), self.side]
        self._arranged: tuple[object, ...] = ()  # what the arrangement depends on
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
        self.search.setToolTip(self.tr("“Label 4”, “predicted 9”, the number of a sample, or text in your notes"))
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
        for field in self._fields:
            reserve_width(field, field.texts)
        self.side.setRange(SMALLEST_SIDE, LARGEST_SIDE)
        self.side.setSingleStep(STEP)
        self.side.setPageStep(2 * STEP)
        self.side.setMinimumWidth(px(_SLIDER))
        self.side.setToolTip(self.tr("Size of the images (also + and −, or Ctrl + mouse wheel)"))

    def _lay_out(self) -> None:
        some, order, search, digits, _ = self._parts
        drawn = hbox((self.count, 1), self.draw, spacing=_BUTTON_GAP)
        hbox((self.shown, 2), (drawn, 3), parent=some, spacing=_GAP)
        hbox((self.sort, 1), self.reverse, parent=order, spacing=_BUTTON_GAP)
        hbox(self.search, parent=search)
        hbox((self.label, 1), (self.predicted, 1), parent=digits, spacing=_GAP)
        self._rows = [hbox(spacing=_GAP) for _ in self._parts]
        vbox(*self._rows, parent=self, spacing=_GAP)
        self._arrange()

    def _arrange(self) -> None:
        """Put the parts into lines, in their order."""
        if self._state == self._arranged:
            return
        some, order, search, digits, _ = self._parts
        long, short = self.tr("label 4, #247, note"), self.tr("Search")
        ways = [(self._parts, long), (self._parts, short)]
        if self._is_plot:
            ways += [([some, search, digits], long), ([some, search, digits], short)]
        parts, hint = min(ways, key=lambda way: len(self._lines_of(*way)))
        for row in self._rows:
            for part in self._parts:
                row.removeWidget(part)
        for row, line in zip(self._rows, self._lines_of(parts, hint), strict=False):
            for part in line:
                # What is typed may be longer than the text in the empty search.
                row.addWidget(part, max(map(least_width, (search, digits))) if part is search else least_width(part))
        for part in (order, self.side):
            part.setVisible(part in parts)
        self._arranged = self._state
        self.updateGeometry()

    @property
    def _state(self) -> tuple[object, ...]:
        """What the arrangement depends on."""
        return self._is_plot, self.width(), *(field.minimumWidth() for field in self._fields)

    @property
    def _fields(self) -> tuple[ComboBox, ...]:
        return self.shown, self.count, self.sort, self.label, self.predicted

    def _lines_of(self, parts: Sequence[QWidget], hint: str) -> list[list[QWidget]]:
        """Return the lines of these parts, and set the text in the empty search."""
        self.search.setPlaceholderText(hint)
        reserve_width(self.search, (hint,))
        least = list(map(least_width, parts))
        return [[parts[number] for number in line] for line in _lines(least, self.width(), px(_GAP))]

    def minimumSizeHint(self) -> QSize:
        """Return that of the widest part: in a narrow bar each part has its own line."""
        width = max(map(least_width, self._parts))
        return QSize(width, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def set_has_model(self, *, has_model: bool) -> None:
        """Set which samples can be chosen; without a model none is right or wrong."""
        if has_model == self._has_model:
            return
        self._has_model = has_model
        self.shown.clear()
        for kind, text in self._show_titles().items():
            if has_model or kind == Show.ALL.value:
                self.shown.addItem(text, kind)
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

    def _show_titles(self) -> dict[str, str]:
        return {
            Show.WRONG.value: self.tr("Wrong"),
            Show.RIGHT.value: self.tr("Right"),
            Show.ALL.value: self.tr("All"),
        }

    def _sort_titles(self) -> dict[str, str]:
        return {
            SortKey.CONFIDENCE.value: self.tr("Most confident"),
            SortKey.LOSS.value: self.tr("Highest loss"),
            SortKey.MARGIN.value: self.tr("Smallest margin"),
            SortKey.INDEX.value: self.tr("Data set order"),
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


def _lines(widths: Sequence[int], room: int, gap: int) -> list[range]:
    """Return how parts of these least widths share lines: as few lines as possible, and as equal as possible."""

    def length(line: range) -> int:
        return sum(widths[number] for number in line) + gap * (len(line) - 1)

    fitting = [
        lines for lines in _all_lines(len(widths)) if all(length(line) <= room or len(line) == 1 for line in lines)
    ]
    return min(fitting, key=lambda lines: (len(lines), max(map(length, lines))))


def _all_lines(count: int) -> Iterator[list[range]]:
    """Yield all ways to break a row of parts into lines."""
    for breaks in range(count):
        for places in combinations(range(1, count), breaks):
            yield [range(first, end) for first, end in pairwise((0, *places, count))]


def _cells_of(label: int | None, predicted: int | None, show: Show) -> frozenset[Cell]:
    """Return the cells of a row or a column, one cell or all; only cells whose samples can be shown."""
    cells = {(t, p) for t, p in CELLS if label in (None, t) and predicted in (None, p)}
    return frozenset(cells) & allowed_cells(show)

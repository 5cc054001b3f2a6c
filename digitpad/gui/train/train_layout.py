"""The layout of the Train tab."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QTabBar, QVBoxLayout, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.form_metrics import UNLIMITED
from digitpad.gui.widgets.scroll_column import scroll_area
from digitpad.gui.widgets.splitter import Splitter

# In a tab narrower than the first, form and curves are two pages. Up to the second, which a lesson leaves of 1280 px,
# the form is narrower, and the runs are below the weights: beside a trained gate their names could not be read.
_TWO_COLUMNS, _NARROW = 760, 1000
_FORM_WIDTH, _NARROW_FORM_WIDTH = 360, 352
_GAP, _NARROW_GAP = 16, 8
# The first sizes on both sides of each divider; the window's size scales them.
_CURVES_HEIGHT, _LOWER_HEIGHT = 400, 240
_WEIGHTS_WIDTH, _RUNS_WIDTH = 430, 450
_WIDEST_RUNS = 960  # px beside the weights: the table has no use for more, and they are larger with it
_FORM, _RESULTS = range(2)


class TrainLayout(QVBoxLayout):
    """The form and its buttons on the left; a bar, curves, weights, runs and the progress line on the right.

    In a narrow tab the form and the curves share the room: two tabs choose which of them is shown.
    """

    arranged = Signal()  # other parts are visible now

    def __init__(self, left: tuple[QWidget, QWidget], bar: QWidget, progress_line: QWidget) -> None:
        super().__init__()
        form, buttons = left
        self._bar, self._progress_line = bar, progress_line
        self._on_stage = self._is_single = False
        self._left, self.tabs = QWidget(), QTabBar()
        self._lower = Splitter(Qt.Orientation.Horizontal, self.tr("Divider between weights and runs"), 8)
        self._panes = Splitter(Qt.Orientation.Vertical, self.tr("Divider below the curves"), 8)
        self.tabs.hide()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Settings or curves"))
        for title in (self.tr("Settings"), self.tr("Curves")):
            self.tabs.addTab(title)

        vbox((scroll_area(form), 1), buttons, parent=self._left, spacing=12)
        self.content = scroll_area(self._panes, sideways=True)
        self.setContentsMargins(px(16), px(12), px(16), px(12))
        self.setSpacing(px(8))
        self._right = vbox(bar, (self.content, 1), progress_line, spacing=8)
        self._row = hbox(self._left, (self._right, 1), spacing=_GAP)
        self.addWidget(self.tabs)
        self.addLayout(self._row, 1)

        self.tabs.currentChanged.connect(self._show_current)

    def add_panes(self, curves: QWidget, weights: QWidget, runs: QWidget) -> None:
        """Add the curves above the weights and the runs, with dividers that the user can move."""
        for number, widget in enumerate((weights, runs)):
            self._lower.addWidget(_card(widget))
            self._lower.setStretchFactor(number, 3 + number)
        for number, widget in enumerate((_card(curves), self._lower)):
            self._panes.addWidget(widget)
            self._panes.setStretchFactor(number, 5 - 2 * number)
        self._panes.setSizes([px(_CURVES_HEIGHT), px(_LOWER_HEIGHT)])
        self._lower.setSizes([px(_WEIGHTS_WIDTH), px(_RUNS_WIDTH)])

    @property
    def shows_form(self) -> bool:
        """Whether the form is visible."""
        return not self._left.isHidden()

    @Slot()
    def show_form(self) -> None:
        """Bring the form to the front, if it shares the room with the curves."""
        self.tabs.setCurrentIndex(_FORM)

    @Slot()
    def show_results(self) -> None:
        """Bring the curves and the runs to the front, if they share the room with the form."""
        self.tabs.setCurrentIndex(_RESULTS)

    def set_stage(self, *, on: bool) -> None:
        """Show only the curves and the progress line, or everything."""
        self._on_stage = on
        self._lower.setHidden(on)
        tab = self.parentWidget()
        self.set_width(self.geometry().width() if tab is None else tab.width())  # the layout may have no size yet
        self._show_current()

    def set_width(self, width: int) -> None:
        """In a narrow tab make the form narrower and put the runs below the weights, or make two pages of them."""
        is_narrow, is_single = width <= px(_NARROW), width < px(_TWO_COLUMNS) and not self._on_stage
        form = px(_NARROW_FORM_WIDTH if is_narrow else _FORM_WIDTH)
        self._left.setMinimumWidth(0 if is_single else form)
        self._left.setMaximumWidth(UNLIMITED if is_single else form)
        self._row.setSpacing(0 if self._on_stage else px(_NARROW_GAP if is_narrow else _GAP))
        self._lower.setOrientation(Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal)
        if (runs := self._lower.widget(1)) is not None:
            runs.setMaximumWidth(UNLIMITED if is_narrow else px(_WIDEST_RUNS))
        if is_single != self._is_single:
            self._is_single = is_single
            for part in (self._bar, self._progress_line):
                (self._right if is_single else self).removeWidget(part)
            self.insertWidget(1, self._bar) if is_single else self._right.insertWidget(0, self._bar)
            (self if is_single else self._right).addWidget(self._progress_line)
            for number in range(2):  # also a layout of hidden parts would get its share
                self._row.setStretch(number, int(is_single == (number == _FORM)))
            self.tabs.setVisible(is_single)
            self._show_current()

    @Slot()
    def _show_current(self) -> None:
        current = self.tabs.currentIndex()
        hidden, focused = self.content if current == _FORM else self._left, self.tabs.window().focusWidget()
        if self._is_single and focused is not None and hidden.isAncestorOf(focused):
            self.tabs.setFocus()  # Qt would give it to any button
        self._left.setVisible(not self._on_stage and (not self._is_single or current == _FORM))
        self.content.setVisible(not self._is_single or current == _RESULTS)
        self.arranged.emit()


def _card(content: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    vbox((content, 1), parent=card, margins=(12, 6, 12, 8))
    return card

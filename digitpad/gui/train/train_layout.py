"""The layout of the Train tab."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.scroll_column import scroll_area
from digitpad.gui.widgets.splitter import Splitter

_FORM_WIDTH, _NARROW_FORM_WIDTH = 360, 352
_WIDE = 1000
# The first sizes on both sides of each divider; the window's size scales them.
_CURVES_HEIGHT, _LOWER_HEIGHT = 400, 240
_WEIGHTS_WIDTH, _RUNS_WIDTH = 430, 450


class TrainLayout(QHBoxLayout):
    """The form and its buttons on the left; a bar, curves, weights, runs and the progress line on the right."""

    def __init__(self, left: tuple[QWidget, QWidget], bar: QWidget, progress_line: QWidget) -> None:
        super().__init__()
        form, buttons = left
        self._on_stage = False
        self._left = QWidget()
        self._lower = Splitter(Qt.Orientation.Horizontal, self.tr("Divider between weights and runs"), 8)
        self._panes = Splitter(Qt.Orientation.Vertical, self.tr("Divider below the curves"), 8)

        vbox((scroll_area(form), 1), buttons, parent=self._left, spacing=12)
        self.content = scroll_area(self._panes, sideways=True)
        right = vbox(bar, (self.content, 1), progress_line, spacing=8)
        self.setContentsMargins(px(16), px(12), px(16), px(12))
        self.setSpacing(px(16))
        self.addWidget(self._left)
        self.addLayout(right, 1)

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

    def set_stage(self, *, on: bool) -> None:
        """Show only the curves and the progress line, or everything."""
        # Not hidden: the key of Start would not work.
        self._on_stage = on
        self._lower.setHidden(on)
        self.set_width(self.parentWidget().width())  # before the layout has its first size too

    def set_width(self, width: int) -> None:
        """In a narrow window, make the form narrower and put the runs below the weights."""
        is_narrow = width < px(_WIDE)
        width = px(_NARROW_FORM_WIDTH) if is_narrow else px(_FORM_WIDTH)
        self._left.setFixedWidth(0 if self._on_stage else width)
        self._lower.setOrientation(Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal)


def _card(content: QWidget) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    vbox((content, 1), parent=card, margins=(12, 6, 12, 8))
    return card

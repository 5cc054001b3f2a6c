"""Parts of a plot that differ from pyqtgraph's: axes, headings, and a view box that zooms horizontally only."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from digitpad.gui.train.curves.style import CurveStyle
from digitpad.gui.train.curves.ticks import Tick

# Returns the ticks of an axis, given its lower end, upper end and length in px.
Ticks = Callable[[float, float, float], list[Tick]]
AXIS_WIDTH = 48
_HEADING_HEIGHT = 24


class Axis(pg.AxisItem):
    """An axis with the given ticks, which ignores the mouse."""

    def __init__(self, orientation: str, ticks: Ticks) -> None:
        super().__init__(orientation, maxTickLength=0 if orientation == "left" else 4)
        self._ticks = ticks
        self._texts: list[str] = []
        self.enableAutoSIPrefix(enable=False)
        self.setStyle(maxTickLevel=0, hideOverlappingLabels=False, tickAlpha=255, tickTextOffset=6)
        # Behind the curves.
        self.setZValue(-200)

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style."""
        # The grid already marks the left edge.
        self.setPen(None if self.orientation == "left" else style.line)
        self.setTickPen(style.line)
        self.setTextPen(style.muted)
        self.setTickFont(style.font)
        if self.label is not None:
            self.label.setFont(style.font)
            self.label.setDefaultTextColor(style.muted)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        ticks = self._ticks(minVal, maxVal, size)
        self._texts = [tick.text for tick in ticks]
        # A tick that rounding moved beyond an end would not be drawn.
        return [(1.0, [min(max(tick.position, minVal), maxVal) for tick in ticks])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return self._texts

    def boundingRect(self) -> QRectF:
        # The numbers at the ends of the axis reach a little beyond it, also when there is a grid.
        return super().boundingRect().adjusted(0, -10, 0, 10)

    def wheelEvent(self, event: object) -> None:
        event.ignore()  # pyright: ignore[reportAttributeAccessIssue]

    mouseDragEvent = wheelEvent  # noqa: N815
    mouseClickEvent = wheelEvent  # noqa: N815


class Heading(QGraphicsWidget):
    """A line of small text above a plot."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self._style: CurveStyle | None = None
        self.setMinimumHeight(_HEADING_HEIGHT)
        self.setMaximumHeight(_HEADING_HEIGHT)

    @property
    def text(self) -> str:
        """The text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Change the text."""
        self._text = text
        self.update()

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style."""
        self._style = style
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._style is not None:
            painter.setFont(self._style.font)
            painter.setPen(self._style.muted)
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._text)


class HorizontalViewBox(pg.ViewBox):
    """A view box in which the mouse zooms and pans the x axis; the y axis fits the visible curves."""

    range_changed_manually = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(x=True, y=False)
        self.disableAutoRange()
        self.sigRangeChangedManually.connect(self._on_moved)

    def _on_moved(self) -> None:
        self.range_changed_manually.emit()

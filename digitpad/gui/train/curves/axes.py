"""Parts of a plot that differ from pyqtgraph's: axes, headings, and view boxes that zoom horizontally only."""

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from digitpad.core.evaluation.ticks import Tick
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.style import CurveStyle

# Returns the ticks of an axis, given its lower end, upper end and length in designed px.
Ticks = Callable[[float, float, float], list[Tick]]
AXIS_WIDTH = 48
_HEADING_HEIGHT, _HEADING_GAP = 24, 12


class Axis(pg.AxisItem):
    """An axis with the given ticks, which ignores the mouse."""

    def __init__(self, orientation: str, ticks: Ticks) -> None:
        super().__init__(orientation, maxTickLength=4 if orientation == "bottom" else 0)
        self._ticks = ticks
        self._texts: list[str] = []
        self.enableAutoSIPrefix(enable=False)
        self.setStyle(maxTickLevel=0, hideOverlappingLabels=False, tickAlpha=255, tickTextOffset=px(6))
        # Behind the curves.
        self.setZValue(-200)

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style."""
        self.setStyle(tickTextOffset=px(6))
        # The grid already marks the edges at the sides.
        self.setPen(style.line if self.orientation == "bottom" else None)
        self.setTickPen(style.line)
        self.setTextPen(style.muted)
        self.setTickFont(style.font)
        if self.label is not None:
            self.label.setFont(style.font)
            self.label.setDefaultTextColor(style.muted)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N803
        ticks = self._ticks(minVal, maxVal, size / px(1.0))
        self._texts = [tick.text for tick in ticks]
        # A tick that rounding moved beyond an end would not be drawn.
        return [(1.0, [min(max(tick.position, minVal), maxVal) for tick in ticks])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return self._texts

    def boundingRect(self) -> QRectF:
        # The numbers at the ends of the axis reach a little beyond it, also when there is a grid.
        return super().boundingRect().adjusted(0, -px(10), 0, px(10))

    def wheelEvent(self, event: object) -> None:
        event.ignore()  # pyright: ignore[reportAttributeAccessIssue]

    mouseDragEvent = wheelEvent  # noqa: N815
    mouseClickEvent = wheelEvent  # noqa: N815


class Heading(QGraphicsWidget):
    """A line of small text above a plot, with the names of its left and its right axis."""

    def __init__(self) -> None:
        super().__init__()
        self._texts = ("", "")
        self._style: CurveStyle | None = None

    @property
    def texts(self) -> tuple[str, str]:
        """The texts on the left and on the right."""
        return self._texts

    def set_texts(self, left: str, right: str) -> None:
        """Change the texts."""
        self._texts = left, right
        self.update()

    def set_style(self, style: CurveStyle) -> None:
        """Apply the colours and the font of a style."""
        self._style = style
        self.setMinimumHeight(px(_HEADING_HEIGHT))
        self.setMaximumHeight(px(_HEADING_HEIGHT))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._style is None:
            return
        painter.setFont(self._style.font)
        painter.setPen(self._style.muted)
        left, right = self._texts
        right_width = painter.fontMetrics().horizontalAdvance(right) + px(_HEADING_GAP) if right else 0
        room = self.rect().adjusted(0, 0, -right_width, 0)
        left = painter.fontMetrics().elidedText(left, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, left)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, right)


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


class OverlayViewBox(HorizontalViewBox):
    """A view box in the place of another one, with its own y axis; the other one gets the mouse."""

    def __init__(self, base: HorizontalViewBox) -> None:
        super().__init__()
        self._base = base
        base.geometryChanged.connect(self._on_base_moved)

    @Slot()
    def _on_base_moved(self) -> None:
        self.setGeometry(self._base.geometry())

    def wheelEvent(self, ev: object, axis: int | None = None) -> None:
        ev.ignore()  # pyright: ignore[reportAttributeAccessIssue]

    mouseDragEvent = wheelEvent  # noqa: N815
    mouseClickEvent = wheelEvent  # noqa: N815

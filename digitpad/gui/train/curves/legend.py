"""The legend of the learning curves: a row of swatches that wraps if it is too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.gui.train.curves.style import CurveStyle, Stroke

_ROW = 20
_SWATCH = 24
_GAP = 6
_SPACING = 16
_LONGEST_NAME = 220


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A name and one or two lines; a remark has no lines."""

    name: str
    strokes: tuple[Stroke, ...] = ()


class Legend(QWidget):
    """The legend as a widget."""

    def __init__(self, style: CurveStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._entries: tuple[LegendEntry, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Legend"))

    @property
    def entries(self) -> tuple[LegendEntry, ...]:
        """The entries that are shown."""
        return self._entries

    def set_entries(self, entries: Sequence[LegendEntry], style: CurveStyle) -> None:
        """Show other entries."""
        if tuple(entries) != self._entries or style != self._style:
            self._entries, self._style = tuple(entries), style
            self.setAccessibleDescription(", ".join(entry.name for entry in entries))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _ROW)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return legend_height(self._entries, self._style, width)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_legend(painter, QRectF(self.rect()), self._entries, self._style)


def legend_height(entries: Sequence[LegendEntry], style: CurveStyle, width: float) -> int:
    """Return the height of a legend in px; at least one row."""
    return int(max((rect.bottom() for _, _, rect in _placed(entries, style, width)), default=_ROW))


def paint_legend(painter: QPainter, rect: QRectF, entries: Sequence[LegendEntry], style: CurveStyle) -> None:
    """Paint a legend into a rectangle whose height is `legend_height`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(style.font)
    for entry, name, spot in _placed(entries, style, rect.width()):
        box = spot.translated(rect.topLeft())
        for number, stroke in enumerate(entry.strokes):
            offset = (number - (len(entry.strokes) - 1) / 2) * 6
            paint_swatch(painter, QPointF(box.left(), box.center().y() + offset), _SWATCH, stroke)
        painter.setPen(style.colours["text"] if entry.strokes else style.muted)
        name_rect = box.adjusted(_SWATCH + _GAP if entry.strokes else 0, 0, 0, 0)
        painter.drawText(name_rect, Qt.AlignmentFlag.AlignVCenter, name)


def paint_swatch(painter: QPainter, left: QPointF, width: float, stroke: Stroke) -> None:
    """Paint a short piece of a line that begins at `left`."""
    pen = stroke.pen()
    pen.setCosmetic(False)
    # A thinner line would not show its colour.
    pen.setWidthF(max(stroke.width, 1.5))
    painter.setPen(pen)
    painter.drawLine(QLineF(left, left + QPointF(width, 0)))
    if stroke.has_marks:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(stroke.colour)
        painter.drawEllipse(left + QPointF(width / 2, 0), 3.5, 3.5)


def _placed(
    entries: Sequence[LegendEntry], style: CurveStyle, width: float
) -> Iterator[tuple[LegendEntry, str, QRectF]]:
    metrics = QFontMetricsF(style.font)
    x, y = 0.0, 0.0
    for entry in entries:
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, min(_LONGEST_NAME, max(width - 40, 40)))
        used = metrics.horizontalAdvance(name) + (_SWATCH + _GAP if entry.strokes else 0) + 1
        if x and x + used > width:
            x, y = 0.0, y + _ROW
        yield entry, name, QRectF(x, y, used, _ROW)
        x += used + _SPACING

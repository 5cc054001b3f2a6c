"""The legend of the learning curves: a row of swatches that wraps if it is too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.gui.theme.scaling import px
from digitpad.gui.train.curves.style import CurveStyle, Stroke

ROW = 20
_SWATCH = 24
_GAP = 6
_SPACING = 16
_AREA = 10
_LONGEST_NAME = 220


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A name, one or two lines, and a note on what is different; a title or a remark has no lines."""

    name: str
    strokes: tuple[Stroke, ...] = ()
    note: str = ""
    is_title: bool = False

    @property
    def text(self) -> str:
        """The name and the note."""
        return f"{self.name} ({self.note})" if self.note else self.name


class Legend(QWidget):
    """The legend as a widget."""

    height_changed = Signal()

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, style: CurveStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style = style
        self._entries: tuple[LegendEntry, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Legend"))

    @property
    def entries(self) -> tuple[LegendEntry, ...]:
        """The entries that are shown."""
        return self._entries

    def set_entries(self, entries: Sequence[LegendEntry], style: CurveStyle) -> None:
        """Show other entries."""
        if tuple(entries) != self._entries or style != self._style:
            self._entries, self._style = tuple(entries), style
            self.setAccessibleDescription(", ".join(entry.text for entry in entries))
            self._fit_height()
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_legend(painter, QRectF(self.rect()), self._entries, self._style)

    def _fit_height(self) -> None:
        # Not by height for width, which a stack of pages does not pass on.
        height = legend_height(self._entries, self._style, self.width())
        if height != self.minimumHeight():
            self.setFixedHeight(height)
            self.height_changed.emit()


def legend_height(entries: Sequence[LegendEntry], style: CurveStyle, width: float) -> int:
    """Return the height of a legend in px; at least one row."""
    return int(max((rect.bottom() for *_, rect in _placed(entries, style, width)), default=px(ROW)))


def paint_legend(painter: QPainter, rect: QRectF, entries: Sequence[LegendEntry], style: CurveStyle) -> None:
    """Paint a legend into a rectangle whose height is `legend_height`."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(style.font)
    for entry, name, note, spot in _placed(entries, style, rect.width()):
        box = spot.translated(rect.topLeft())
        for number, stroke in enumerate(entry.strokes):
            offset = (number - (len(entry.strokes) - 1) / 2) * 6
            paint_swatch(painter, QPointF(box.left(), box.center().y() + offset), px(_SWATCH), stroke)
        painter.setPen(style.colours["text"] if entry.strokes or entry.is_title else style.muted)
        painter.setFont(_font(entry, style))
        name_rect = box.adjusted(px(_SWATCH + _GAP) if entry.strokes else 0, 0, 0, 0)
        painter.drawText(name_rect, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(style.font)
        painter.setPen(style.muted)
        painter.drawText(name_rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, note)


def paint_swatch(painter: QPainter, left: QPointF, width: float, stroke: Stroke) -> None:
    """Paint a short piece of a line that begins at `left`."""
    middle = left + QPointF(width / 2, 0)
    if stroke.is_area:
        painter.fillRect(QRectF(left.x(), left.y() - px(_AREA / 2), width, px(_AREA)), stroke.colour)
        return
    if stroke.width:
        pen = stroke.pen()
        pen.setCosmetic(False)
        # A thinner line would not show its colour.
        pen.setWidthF(max(stroke.width, 1.5))
        painter.setPen(pen)
        painter.drawLine(QLineF(left, left + QPointF(width, 0)))
    if stroke.mark:
        painter.setPen(QPen(stroke.colour, px(1.5)) if stroke.is_hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if stroke.is_hollow else stroke.colour)
        half = QPointF(stroke.mark_size / 2, stroke.mark_size / 2)
        (painter.drawEllipse if stroke.mark == "o" else painter.drawRect)(QRectF(middle - half, middle + half))
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _font(entry: LegendEntry, style: CurveStyle) -> QFont:
    font = QFont(style.font)
    if entry.is_title:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def _placed(
    entries: Sequence[LegendEntry], style: CurveStyle, width: float
) -> Iterator[tuple[LegendEntry, str, str, QRectF]]:
    """Yield entries with name and note as they fit, and the rectangle of each."""
    x, y = 0.0, 0.0
    for entry in entries:
        metrics = QFontMetricsF(_font(entry, style))
        swatch = px(_SWATCH + _GAP) if entry.strokes else 0
        room = max(width - swatch - 1, 40.0)
        note = metrics.elidedText(f"({entry.note})" if entry.note else "", Qt.TextElideMode.ElideRight, room * 0.7)
        noted = metrics.horizontalAdvance(note) + px(_GAP) if note else 0.0
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, min(px(_LONGEST_NAME), room - noted))
        used = metrics.horizontalAdvance(name) + noted + swatch + 1
        if x and x + used > width:
            x, y = 0.0, y + px(ROW)
        yield entry, name, note, QRectF(x, y, used, px(ROW))
        x += used + px(_SPACING)

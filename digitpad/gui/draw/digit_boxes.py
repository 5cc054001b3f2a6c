"""Boxes around the digits of a number, over the pad."""

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from digitpad.core.ink.drawing import NUMBER_PEN_WIDTH, PAD, Drawing
from digitpad.core.recognition.reading import Reading, ReadSign
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import paper_theme
from digitpad.gui.theme.fonts import sized_font
from digitpad.gui.theme.scaling import px

# Space between the ink and its box, in pad units.
_AIR = 2.0
_CORNER = 4.0
_LINE = 18.0
_FAINT = 0.55


class DigitBoxes(QWidget):
    """Lies over the canvas, lets the mouse through, and shows the boxes of one drawing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._drawing: Drawing | None = None
        self._texts: list[str] = []
        self._boxes: list[QRectF] = []  # in pad units; those of signs come last
        self._count = 0  # of digits
        self._highlighted = self._current = -1
        self._labels: Mapping[int, int] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    @property
    def drawing(self) -> Drawing | None:
        """The drawing whose boxes are shown, or None."""
        return self._drawing

    @property
    def highlighted(self) -> int:
        """The index of the highlighted box; -1 for none."""
        return self._highlighted

    def show_reading(self, drawing: Drawing, reading: Reading) -> None:
        """Show the boxes of a drawing's digits and of the signs between them."""
        edge = _AIR + (NUMBER_PEN_WIDTH / 2 if drawing.picture is None else 0.0)
        signs = [read for line in reading.lines for read in line.characters if isinstance(read, ReadSign)]
        shown = [*reading.digits, *signs]
        self._drawing, self._count = drawing, len(reading.digits)
        self._texts = [read.text for read in shown]
        self._labels, self._current = {}, -1
        self._boxes = [
            QRectF(QPointF(*read.box[:2]), QPointF(*read.box[2:])).adjusted(-edge, -edge, edge, edge) for read in shown
        ]
        self.setVisible(bool(self._boxes))
        self.update()

    def show_labels(self, labels: Mapping[int, int], current: int) -> None:
        """Show the labels of the digits that are kept, by place, and mark the digit that the next label is for."""
        self._labels, self._current = labels, current
        self.update()

    @Slot()
    def clear(self) -> None:
        """Show no boxes, because the drawing changes."""
        if self._drawing is not None:
            self._drawing, self._texts, self._boxes = None, [], []
            self.hide()

    @Slot(int)
    def highlight(self, place: int) -> None:
        """Highlight one box; -1 for none."""
        if place != self._highlighted:
            self._highlighted = place
            self.update()

    def index_at(self, spot: QPointF) -> int:
        """Return the index of the digit with the smallest box that contains this point, px; -1 for none."""
        point = QPointF(spot.x(), spot.y()) / self._scale()
        found = [n for n, box in enumerate(self._boxes[: self._count]) if box.contains(point)]
        return min(found, key=lambda n: self._boxes[n].width() * self._boxes[n].height(), default=-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(sized_font(self.font(), 1, is_bold=True))
        for number in range(len(self._boxes)):
            self._paint_box(painter, number)

    def _paint_box(self, painter: QPainter, number: int) -> None:
        colours = theme_colours(paper_theme(self.palette()))
        colour = QColor(colours["right" if number in self._labels else "accent"])
        is_marked = number in (self._highlighted, self._current)
        box = self._boxes[number]
        place = QRectF(box.topLeft() * self._scale(), box.size() * self._scale())
        place = place.intersected(QRectF(self.rect()).adjusted(px(2), px(2), -px(2), -px(2)))
        # The digit is above its box, or below it at the top edge of the pad.
        is_above = place.top() >= px(_LINE)
        line = QRectF(place.left(), place.top() - px(_LINE) if is_above else place.bottom(), place.width(), px(_LINE))
        text = f"✓ {self._labels[number]}" if number in self._labels else self._texts[number]
        painter.setPen(colour)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)
        colour.setAlphaF(1.0 if is_marked else _FAINT)
        painter.setPen(QPen(colour, 2.0 if is_marked else 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(place, px(_CORNER), px(_CORNER))

    def _scale(self) -> float:
        return min(self.width(), self.height()) / PAD

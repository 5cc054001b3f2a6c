"""Ten rings, one for each digit, that fill as digits are drawn; in a narrow view they are in two rows."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.gui.teach.rounds import TIMES
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import tabular_font
from digitpad.gui.theme.scaling import px

_LARGEST, _USUAL, _SMALLEST, _GAP = 180, 52, 22, 6  # px
_WIDTH = 4  # of a ring, px
_ROOM_FOR_MARK = 40
_FULL = 360 * 16  # Qt's angles


class RingRow(QWidget):
    """Shows how often each digit was drawn; the one to draw is marked. Its accessible text tells the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts: tuple[int, ...] = (0,) * CLASSES
        self.wanted: int | None = 0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)  # in a wide view the rings are larger
        self.setSizePolicy(policy)
        self.show_counts(self.counts, self.wanted)

    def show_counts(self, counts: Sequence[int], wanted: int | None) -> None:
        """Show how often each digit was drawn, and which one is drawn next."""
        self.counts, self.wanted = tuple(counts), wanted
        texts = [self.tr("{}: {} of {}").format(digit, min(n, TIMES), TIMES) for digit, n in enumerate(counts)]
        self.setAccessibleName(self.tr("Digits drawn"))
        self.setAccessibleDescription(", ".join(texts))
        self.setToolTip("\n".join(texts))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(CLASSES * (px(_USUAL) + px(_GAP)), px(_USUAL))

    def heightForWidth(self, width: int) -> int:
        return max(px(_USUAL), self._needed_height(width))

    @staticmethod
    def _columns(width: int) -> int:
        return CLASSES if width >= CLASSES * (px(_SMALLEST) + px(_GAP)) else CLASSES // 2

    def _side(self, width: int) -> int:
        return min(px(_LARGEST), width // self._columns(width) - px(_GAP))

    def _needed_height(self, width: int) -> int:
        return CLASSES // self._columns(width) * (self._side(width) + px(_GAP)) - px(_GAP)

    def minimumSizeHint(self) -> QSize:
        return QSize(CLASSES // 2 * (px(_SMALLEST) + px(_GAP)), px(_USUAL))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme_colours(QGuiApplication.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, columns = self._side(self.width()), self._columns(self.width())
        step = min((self.width() - side) / (columns - 1), px(_LARGEST) + 2 * px(_GAP))
        top = (self.height() - self._needed_height(self.width())) / 2
        for digit, count in enumerate(self.counts):
            row, column = divmod(digit, columns)
            place = QRectF(column * step, top + row * (side + px(_GAP)), side, side)
            ring = place.adjusted(px(_WIDTH) / 2, px(_WIDTH) / 2, -px(_WIDTH) / 2, -px(_WIDTH) / 2)
            is_full, is_wanted = count >= TIMES, digit == self.wanted
            painter.setBrush(colours["pressed"] if is_wanted else Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours["faint"], 1))
            painter.drawEllipse(ring)
            painter.setPen(QPen(colours["right" if is_full else "accent"], px(_WIDTH)))
            painter.drawArc(ring, 90 * 16, -_FULL * min(count, TIMES) // TIMES)
            painter.setFont(tabular_font(self.font(), max(1.0, side / px(_USUAL)), is_bold=is_wanted))
            painter.setPen(colours["text" if is_wanted else "muted"])
            painter.drawText(
                place,
                Qt.AlignmentFlag.AlignCenter,
                f"{digit} ✓" if is_full and side >= px(_ROOM_FOR_MARK) else str(digit),
            )

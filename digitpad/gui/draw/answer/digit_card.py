"""One digit of a number: the digit, its confidence, and its ten bars."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QEnterEvent, QFontMetricsF, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY, probability_figure, probability_text
from digitpad.core.recognition.reading import ReadDigit
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px

_NARROWEST, _WIDEST = 46, 240
_EDGE = 4
_DIGIT_TYPE = 2.0
_DIGIT_HEIGHT, _SHARE_HEIGHT = 34, 16
_ROW = 16
_NAME_WIDTH = 11
_ROOM_FOR_FIGURES = 84
_FIGURE_WIDTH = 28
_SMALLEST_SHOWN = 0.005
CARD_HEIGHT = 2 * _EDGE + _DIGIT_HEIGHT + _SHARE_HEIGHT + 4 + CLASSES * _ROW


class DigitCard(QWidget):
    """Reports its place in the number when the pointer enters it, and -1 when the pointer leaves."""

    accessible_role = QAccessible.Role.Chart

    pointed = Signal(int)

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self._read: ReadDigit | None = None
        self._is_highlighted = False
        self._starts_line = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(px(_WIDEST))

    @property
    def read(self) -> ReadDigit | None:
        """The digit that is shown."""
        return self._read

    def show_digit(self, read: ReadDigit, *, starts_line: bool = False) -> None:
        """Show a digit; a line divides the first one of a line of digits from those before."""
        self._read, self._starts_line = read, starts_line
        best = read.prediction.best
        name = self.tr("Probably not a digit (closest: {})") if read.is_refused else self.tr("{}, {}")
        self.setAccessibleName(name.format(best, probability_text(read.prediction.confidence)))
        self.update()

    def highlight(self, *, on: bool) -> None:
        """Highlight it, or stop."""
        if on != self._is_highlighted:
            self._is_highlighted = on
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(_WIDEST), px(CARD_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(_NARROWEST), px(CARD_HEIGHT))

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(self._place)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(-1)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._read is None:
            return
        colours = theme_colours(QGuiApplication.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._is_highlighted:
            painter.setPen(QPen(colours["accent"], 1))
            painter.setBrush(colours["hover"])
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
        if self._starts_line:
            painter.fillRect(QRectF(0, 0, 1, self.height()), colours["faint"])
        colour = colours["text" if self._read.digit is not None else "muted"]
        self._write(painter, self._read.text, _DIGIT_TYPE, px(_EDGE), colour)
        self._write(painter, self._share(), CAPTION, px(_EDGE + _DIGIT_HEIGHT), colour)
        for digit in range(CLASSES):
            self._paint_bar(painter, digit)

    def _share(self) -> str:
        """Return the confidence, with tenths if there is room."""
        if self._read is None or self._read.is_refused:
            return self.tr("digit?")
        share = self._read.prediction.confidence
        widest = QFontMetricsF(tabular_font(self.font(), CAPTION)).horizontalAdvance(WIDEST_PROBABILITY)
        return probability_text(share, 1 if widest <= self.width() else 0)

    def _write(self, painter: QPainter, text: str, size: float, top: int, colour: QColor) -> None:
        painter.setFont(tabular_font(self.font(), size, is_bold=size == _DIGIT_TYPE))
        painter.setPen(colour)
        height = px(_DIGIT_HEIGHT) if size == _DIGIT_TYPE else px(_SHARE_HEIGHT)
        painter.drawText(QRectF(0, top, self.width(), height), Qt.AlignmentFlag.AlignCenter, text)

    def _paint_bar(self, painter: QPainter, digit: int) -> None:
        read = self._read
        if read is None:
            return
        colours = theme_colours(QGuiApplication.palette())
        is_winner = digit == read.prediction.best and not read.is_refused
        probability = float(read.prediction.probabilities[digit])
        top = px(_EDGE + _DIGIT_HEIGHT + _SHARE_HEIGHT + 4) + digit * px(_ROW)
        painter.setFont(tabular_font(self.font(), CAPTION, is_bold=is_winner))
        painter.setPen(colours["text" if is_winner else "muted"])
        painter.drawText(QRectF(px(_EDGE), top, px(_NAME_WIDTH), px(_ROW)), Qt.AlignmentFlag.AlignVCenter, str(digit))
        right = self.width() - px(_EDGE)
        if self.width() >= px(_ROOM_FOR_FIGURES):
            place = QRectF(right - px(_FIGURE_WIDTH), top, px(_FIGURE_WIDTH), px(_ROW))
            alignment = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            # A column of zeros would hide the figure that matters.
            is_shown = probability >= _SMALLEST_SHOWN
            figure = probability_figure(probability, 0) if is_shown else ""
            painter.drawText(place, alignment, figure)
            right -= px(_FIGURE_WIDTH + _EDGE)
        left = px(_EDGE + _NAME_WIDTH)
        track = QRectF(left, top + px(3.5), right - left, px(_ROW - 7))
        paint_track(painter, track, colours, radius=2)
        track.setWidth(max(2.0, track.width() * probability))
        painter.setBrush(colours["accent" if is_winner else "faint"])
        painter.drawRoundedRect(track, px(2), px(2))

"""A number, or several one a line, in the largest type that fits."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFont, QFontMetricsF, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.fonts import fitted_font
from digitpad.gui.theme.scaling import px

# Distance between lines, per font size; digits have no descenders.
_LINE = 1.0


class NumberLabel(QWidget):
    """Never elides a number: a long one gets smaller type. An unsure one is muted."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, largest: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._designed_size = largest
        self._text = ""
        self._is_sure = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def _largest(self) -> int:
        """The largest font size, px."""
        return px(self._designed_size)

    @property
    def text(self) -> str:
        """The number."""
        return self._text

    @property
    def type_size(self) -> int:
        """Font size, px."""
        lines = self._text.split("\n")
        metrics = QFontMetricsF(self._font(self._largest))
        room = max(metrics.horizontalAdvance(line) for line in lines)
        largest = self._largest if len(lines) == 1 else min(self._largest, int(self.height() / _LINE / len(lines)))
        return (
            largest
            if room * largest <= self.width() * self._largest
            else max(1, int(self._largest * self.width() / room))
        )

    def show_number(self, text: str, *, is_sure: bool) -> None:
        """Show a number."""
        if (text, is_sure) != (self._text, self._is_sure):
            self._text, self._is_sure = text, is_sure
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(200), round(1.05 * self._largest))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(80), round(1.05 * self._largest))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font(self.type_size))
        painter.setPen(theme_colours(QGuiApplication.palette())["text" if self._is_sure else "muted"])
        lines = self._text.split("\n")
        height = self.type_size * _LINE if len(lines) > 1 else float(self.height())
        top = (self.height() - len(lines) * height) / 2
        alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
        for number, line in enumerate(lines):
            painter.drawText(QRectF(0, top + number * height, self.width(), height), alignment, line)

    def _font(self, size: int) -> QFont:
        font = fitted_font(self.font(), size)
        font.setWeight(QFont.Weight.DemiBold)
        return font

"""The user's digits that were read wrongly, each with the answer before and after the training."""

from collections.abc import Callable, Sequence
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from digitpad.core.fine_tuning.events import DigitReading
from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.digit_colours import paint_levels
from digitpad.gui.theme.edges import paint_frame
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import vbox

_SIDE, _CELL, _LINE, _GAP = 48, 64, 18, 8  # px
_ROWS = 2  # more would push the buttons away


class ReadingStrip(QWidget):
    """A sentence, and the digits below it; hidden if none was read wrongly."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence, self._pictures = QLabel(), _Pictures()
        self._sentence.setWordWrap(True)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        vbox(self._sentence, self._pictures, parent=self, spacing=6)
        self.hide()

    @property
    def sentence(self) -> str:
        """How many digits were wrong before, and how many of them are right now."""
        return self._sentence.text()

    @property
    def texts(self) -> list[str]:
        """What is told of each digit that is shown."""
        return [_text(reading, self.tr) for reading in self._pictures.readings]

    def show_readings(self, readings: Sequence[DigitReading]) -> None:
        """Show the digits that the old or the new model reads wrongly."""
        wrong = [reading for reading in readings if reading.before != reading.label]
        new = [reading for reading in readings if reading.before == reading.label]
        mended = sum(reading.after == reading.label for reading in wrong)
        parts = []
        if wrong:
            parts.append(self.tr("Wrong before: {}, right now: {}.").format(len(wrong), mended))
        if new:
            parts.append(self.tr("Newly wrong: {}.").format(len(new)))
        if any(not reading.is_held_out for reading in readings):
            parts.append(self.tr("It was trained on those without ○."))
        self._sentence.setText(" ".join(parts))
        self._pictures.show_readings([*wrong, *new])
        self._pictures.setAccessibleName(self.tr("Digits before and after the training"))
        self._pictures.setAccessibleDescription("; ".join(self.texts))
        self._pictures.setToolTip("\n".join(self.texts))
        self.setVisible(bool(readings))


def _text(reading: DigitReading, tr: Callable[[str], str]) -> str:
    text = tr("label {}: read as {} before, as {} now").format(reading.label, reading.before, reading.after)
    return tr("{}, not trained on").format(text) if reading.is_held_out else text


class _Pictures(QWidget):
    """Thumbnails in rows; below each the answers: "9 → ✓ 4"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readings: Sequence[DigitReading] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_readings(self, readings: Sequence[DigitReading]) -> None:
        self.readings = readings
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        rows = min(_ROWS, ceil(len(self.readings) / self._columns(width)))
        return rows * (px(_SIDE) + px(_LINE) + px(_GAP))

    def sizeHint(self) -> QSize:
        return QSize(4 * px(_CELL), self.heightForWidth(4 * px(_CELL)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(_CELL), px(_SIDE) + px(_LINE))

    @staticmethod
    def _columns(width: int) -> int:
        return max(1, width // px(_CELL))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme_colours(QGuiApplication.palette())
        columns = self._columns(self.width())
        painter.setFont(tabular_font(self.font(), CAPTION))
        for number, reading in enumerate(self.readings[: _ROWS * columns]):
            left, top = number % columns * px(_CELL), number // columns * (px(_SIDE) + px(_LINE) + px(_GAP))
            place = QRectF(left + (px(_CELL) - px(_SIDE)) / 2, top, px(_SIDE), px(_SIDE))
            paint_levels(painter, place, reading.image, self.palette())
            paint_frame(painter, place, colours)
            is_right = reading.after == reading.label
            painter.setPen(colours["right" if is_right else "wrong"])
            mark = "✓" if is_right else "✗"
            caption = f"{reading.before} → {mark} {reading.after}"
            line = QRectF(left, place.bottom() + 1, px(_CELL), px(_LINE))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, caption)
            if reading.is_held_out:
                painter.drawText(
                    place.adjusted(0, 0, -3, 0), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, "○"
                )

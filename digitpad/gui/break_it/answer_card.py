"""A model's answer in little room: the digit, its probability, and ten upright bars."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Failure
from digitpad.core.translation import Percent, percent
from digitpad.gui.break_it.series import SAMPLE, paint_sample
from digitpad.gui.theme.colours import theme_colours, verdict_colour
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.fonts import CAPTION, sized_font, tabular_font
from digitpad.gui.theme.scaling import px

_PADDING = 6
_NAME, _ANSWER, _DIGITS = 16, 28, 14  # heights of the lines, px
_LARGE_TYPE = 1.65
_ROOM_FOR_SHARE, _ROOM_FOR_DIGIT = 74, 6.5  # px: four models in a narrow view have less
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class AnswerCard(QFrame):
    """Shows a prediction, with ✓ or ✗ beside the digit if a digit is wanted."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, name: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._number = name, number
        self._answer: Prediction | Failure | None = None
        self._wanted: int | None = None
        self.setProperty("role", "card")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    @property
    def prediction(self) -> Prediction | None:
        """What is shown; None if nothing, or if the model cannot be used."""
        return self._answer if isinstance(self._answer, Prediction) else None

    @property
    def is_wanted(self) -> bool:
        """Whether the answer is the wanted digit."""
        return self.prediction is not None and self.prediction.best == self._wanted

    def show_answer(self, answer: Prediction | Failure, wanted: int | None) -> None:
        """Show an answer, and whether it is the wanted digit."""
        self._answer, self._wanted = answer, wanted
        self.setAccessibleDescription(self._spoken_text())
        self.setToolTip(answer.sentence if isinstance(answer, Failure) else self._name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(140), px(120))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(104))

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(self.rect()).adjusted(px(_PADDING), px(_PADDING - 2), px(-_PADDING), px(-_PADDING + 2))
        self._paint_name(painter, QRectF(room.left(), room.top(), room.width(), px(_NAME)))
        below = room.adjusted(0, px(_NAME), 0, 0)
        if isinstance(self._answer, Failure):
            painter.drawText(below, Qt.TextFlag.TextWordWrap, self.tr("This model cannot be used."))
        elif self._answer is not None:
            self._paint_answer(painter, QRectF(below.left(), below.top(), below.width(), px(_ANSWER)), self._answer)
            self._paint_bars(painter, below.adjusted(0, px(_ANSWER), 0, 0), self._answer)

    def _paint_name(self, painter: QPainter, line: QRectF) -> None:
        paint_sample(painter, self.palette(), self._number, QPointF(line.left(), line.center().y()))
        font = sized_font(self.font(), CAPTION)
        painter.setFont(font)
        painter.setPen(theme_colours(self.palette())["muted"])
        line = line.adjusted(px(SAMPLE + 5), 0, 0, 0)
        painter.drawText(
            line, _LEFT, QFontMetricsF(font).elidedText(self._name, Qt.TextElideMode.ElideRight, line.width())
        )

    def _paint_answer(self, painter: QPainter, line: QRectF, prediction: Prediction) -> None:
        colours, large = theme_colours(self.palette()), tabular_font(self.font(), _LARGE_TYPE, is_bold=True)
        painter.setFont(large)
        painter.setPen(colours["text"])
        digit = str(prediction.best)
        painter.drawText(line, _LEFT, digit)
        right_of_digit = line.adjusted(QFontMetricsF(large).horizontalAdvance(digit) + px(4), 0, 0, 0)
        painter.setFont(tabular_font(self.font(), CAPTION))
        if line.width() >= px(_ROOM_FOR_SHARE):
            painter.drawText(right_of_digit, _RIGHT, share_text(prediction.confidence))
        if self._wanted is not None:
            painter.setPen(verdict_colour(self.palette(), is_right=self.is_wanted))
            painter.drawText(right_of_digit, _LEFT, "✓" if self.is_wanted else "✗")

    def _paint_bars(self, painter: QPainter, place: QRectF, prediction: Prediction) -> None:
        colours = theme_colours(self.palette())
        step, bottom = place.width() / 10, place.bottom() - px(_DIGITS)
        height = bottom - place.top()
        fonts = tabular_font(self.font(), CAPTION), tabular_font(self.font(), CAPTION, is_bold=True)
        for digit, share in enumerate(prediction.probabilities.tolist()):
            is_best = digit == prediction.best
            track = QRectF(place.left() + digit * step + 1, place.top(), max(2.0, step - px(2)), height)
            paint_track(painter, track, colours, radius=2)
            filled = max(2.0, height * share)  # a bar of 0 shows where it begins
            painter.setBrush(colours["accent"] if is_best else colours["faint"])
            painter.drawRoundedRect(QRectF(track.left(), bottom - filled, track.width(), filled), px(2), px(2))
            painter.setFont(fonts[is_best])
            painter.setPen(colours["text" if is_best else "muted"])
            if not is_best and step < px(_ROOM_FOR_DIGIT):
                continue
            under = QRectF(track.center().x() - px(8), bottom, px(16), px(_DIGITS))
            painter.drawText(under, Qt.AlignmentFlag.AlignCenter, str(digit))

    def _spoken_text(self) -> str:
        if not isinstance(self._answer, Prediction):
            return self._answer.sentence if self._answer else ""
        shares = ", ".join(f"{digit}: {Percent(share):.1%}" for digit, share in enumerate(self._answer.probabilities))
        if self._wanted is None:
            return shares
        verdict = self.tr("as wanted") if self.is_wanted else self.tr("not the wanted {}").format(self._wanted)
        return f"{self._answer.best}, {verdict}; {shares}"


def share_text(share: float) -> str:
    """Return a probability as a percentage without decimals."""
    return percent(share, 0)

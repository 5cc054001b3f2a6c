"""The models' answers, a row each: name, digit, probability, and ten upright bars below the digits 0 to 9."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.core.recognition.distorted_answers import DistortedAnswer
from digitpad.core.recognition.prediction import WIDEST_PROBABILITY, Prediction, probability_text
from digitpad.core.recognition.recogniser import Failure
from digitpad.gui.break_it.series import SAMPLE, paint_sample
from digitpad.gui.theme.colours import theme_colours, verdict_colour
from digitpad.gui.theme.edges import paint_track
from digitpad.gui.theme.fonts import CAPTION, sized_font, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import vbox

_HEADING, _LEAST_ROW, _ROW = 15, 28, 40  # px
_LARGE_TYPE = 1.5
_GAP = 6
_BARS_SHARE, _WIDEST_NAME = 0.28, 230  # the least share of the row that the bars have; px, where there is more room
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class AnswerRows(QWidget):
    """A row for each model, below a line with the ten digits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[AnswerRow] = []
        self._heading = _Heading()
        self._layout = vbox(self._heading, parent=self, spacing=0)

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return [row.accessibleName() for row in self.rows]

    def show_models(self, names: Sequence[str]) -> None:
        """Show other models, without answers."""
        for row in self.rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self.rows = [AnswerRow(name, number) for number, name in enumerate(names)]
        for row in self.rows:
            self._layout.addWidget(row, 1)
        for part in (self._heading, *self.rows):
            part.make_room_for(names)
        self.setMaximumHeight(px(_HEADING + _ROW * len(names)))

    def show_answer(self, answer: DistortedAnswer) -> None:
        """Show the answers of these models."""
        self._heading.show_wanted(answer.wanted)
        for row, prediction in zip(self.rows, answer.predictions, strict=True):
            row.show_answer(prediction, answer.wanted)


class _Painted(QWidget):
    """Has a place for the bars at its right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def make_room_for(self, names: Sequence[str]) -> None:
        """Give the bars what these names leave, the same in all rows."""
        self._names = tuple(names)
        self.update()

    def _bars(self) -> list[QRectF]:
        metrics = QFontMetricsF(sized_font(self.font(), CAPTION))
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        names = min(px(_WIDEST_NAME), longest + px(_GAP))
        width = max(_BARS_SHARE * self.width(), self.width() - names - _besides_name(self.font()))
        step = width / CLASSES
        return [QRectF(self.width() - width + n * step, 0, step, self.height()) for n in range(CLASSES)]


class _Heading(_Painted):
    """The digits above the bars; the wanted one is bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted: int | None = None

    def show_wanted(self, wanted: int | None) -> None:
        if wanted != self._wanted:
            self._wanted = wanted
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(240), px(_HEADING))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, px(_HEADING))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme_colours(self.palette())
        for digit, place in enumerate(self._bars()):
            painter.setFont(tabular_font(self.font(), CAPTION, is_bold=digit == self._wanted))
            painter.setPen(colours["text" if digit == self._wanted else "muted"])
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(digit))


class AnswerRow(_Painted):
    """Shows a prediction, with ✓ or ✗ beside the digit if a digit is wanted."""

    accessible_role = QAccessible.Role.Chart

    def __init__(self, name: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._number = name, number
        self._answer: Prediction | Failure | None = None
        self._wanted: int | None = None
        self.setAccessibleName(name)
        self.setToolTip(name)

    @property
    def prediction(self) -> Prediction | None:
        """What is shown; None if nothing, or if the model cannot be used."""
        return self._answer if isinstance(self._answer, Prediction) else None

    @property
    def share(self) -> str:
        """The probability of the answer as it is shown."""
        return "" if self.prediction is None else probability_text(self.prediction.confidence)

    @property
    def is_wanted(self) -> bool:
        """Whether the answer is the wanted digit."""
        return self.prediction is not None and self.prediction.best == self._wanted

    @property
    def name_lines(self) -> list[str]:
        """The name as it is shown, in one or two lines."""
        return two_lines(self._name, QFontMetricsF(sized_font(self.font(), CAPTION)), self._name_place().width())

    def show_answer(self, answer: Prediction | Failure, wanted: int | None) -> None:
        """Show an answer, and whether it is the wanted digit."""
        self._answer, self._wanted = answer, wanted
        self.setAccessibleDescription(self._spoken_text())
        self.setToolTip(answer.sentence if isinstance(answer, Failure) else self._name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(300), px(_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), px(_LEAST_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), theme_colours(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = self._name_place()
        paint_sample(painter, self.palette(), self._number, QPointF(0, place.center().y()))
        painter.setFont(sized_font(self.font(), CAPTION))
        painter.setPen(colours["text"])
        painter.drawText(place, _LEFT, "\n".join(self.name_lines))
        right = place.right() + px(_GAP)
        if isinstance(self._answer, Failure):
            painter.setPen(colours["muted"])
            rest = QRectF(right, 0, self.width() - right, self.height())
            painter.drawText(rest, _LEFT | Qt.TextFlag.TextWordWrap, self.tr("This model cannot be used."))
        elif self._answer is not None:
            self._paint_answer(painter, right, self._answer)
            self._paint_bars(painter, self._answer)

    def _paint_answer(self, painter: QPainter, left: float, prediction: Prediction) -> None:
        digit_width, mark_width, share_width = _widths(self.font())
        line = QRectF(left, 0, digit_width, self.height())
        painter.setFont(tabular_font(self.font(), _LARGE_TYPE, is_bold=True))
        painter.drawText(line, _LEFT, str(prediction.best))
        painter.setFont(tabular_font(self.font(), CAPTION))
        painter.drawText(QRectF(line.right() + mark_width, 0, share_width, self.height()), _RIGHT, self.share)
        if self._wanted is not None:
            painter.setPen(verdict_colour(self.palette(), is_right=self.is_wanted))
            mark = QRectF(line.right(), 0, mark_width, self.height())
            painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, "✓" if self.is_wanted else "✗")

    def _paint_bars(self, painter: QPainter, prediction: Prediction) -> None:
        colours = theme_colours(self.palette())
        for digit, (share, place) in enumerate(zip(prediction.probabilities.tolist(), self._bars(), strict=True)):
            track = place.adjusted(px(1), px(3), px(-1), px(-3))
            paint_track(painter, track, colours, radius=2)
            track.setTop(track.bottom() - max(2.0, track.height() * share))  # a bar of 0 shows where it begins
            painter.setBrush(colours["accent" if digit == prediction.best else "faint"])
            painter.drawRoundedRect(track, px(2), px(2))

    def _name_place(self) -> QRectF:
        return QRectF(px(SAMPLE + 5), 0, max(0.0, self._bars()[0].left() - _besides_name(self.font())), self.height())

    def _spoken_text(self) -> str:
        if not isinstance(self._answer, Prediction):
            return self._answer.sentence if self._answer else ""
        if self._wanted is None:
            return self._answer.listed
        verdict = self.tr("as wanted") if self.is_wanted else self.tr("not the wanted {}").format(self._wanted)
        return f"{self._answer.best}, {verdict}; {self._answer.listed}"


def _widths(font: QFont) -> tuple[float, float, float]:
    """Return the widths of the digit, of the mark and of the probability, px."""
    digit = QFontMetricsF(tabular_font(font, _LARGE_TYPE, is_bold=True))
    caption = QFontMetricsF(tabular_font(font, CAPTION))
    mark = max(map(caption.horizontalAdvance, "✓✗")) + px(4)
    return digit.horizontalAdvance("8"), mark, caption.horizontalAdvance(WIDEST_PROBABILITY)


def _besides_name(font: QFont) -> float:
    """Return the width of what is left of the bars besides the name, px."""
    return px(SAMPLE + 5 + 2 * _GAP) + sum(_widths(font))


def two_lines(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """Return a text in one line or in two, broken after a space or a sign if there is one; a longer one is elided."""
    fitting = next((n for n in range(len(text), 0, -1) if metrics.horizontalAdvance(text[:n].rstrip()) <= width), 1)
    if fitting == len(text):
        return [text]
    breaks = [n + 1 for n, letter in enumerate(text[:fitting]) if not letter.isalnum()]
    end = breaks[-1] if breaks else fitting
    return [text[:end].rstrip(), metrics.elidedText(text[end:], Qt.TextElideMode.ElideMiddle, width)]

"""The line that shows the progress of a training, and how it ended."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QProgressBar, QWidget

from digitpad.gui.accessibility.motion import show_busy
from digitpad.gui.session.pace import Pace
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.sentences import duration

_FULL = 1000
_BETWEEN = " · "
_WRAPPED = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap


class ProgressLine(QWidget):
    """A thin bar and a line of text: epoch, elapsed time, time left, samples per second."""

    follow_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar, self._text = QProgressBar(), _ProgressText()
        self._text.setProperty("role", "muted")
        self.follow = QCheckBox(self.tr("Live on the pad"))
        self._bar.setRange(0, _FULL)
        self._bar.setTextVisible(False)
        self.follow.setToolTip(self.tr("Uses the model in training on the Draw tab. It is updated after every epoch."))

        vbox(self._bar, hbox((self._text, 1), self.follow), parent=self, spacing=4)

        self.follow.clicked.connect(self.follow_requested)
        self.show_text(self.tr("No training is running."))

    @property
    def text(self) -> str:
        """The text of the line."""
        return self._text.text()

    @property
    def fraction(self) -> float:
        """The filled part of the bar, 0 to 1."""
        return self._bar.value() / self._bar.maximum() if self._bar.maximum() else 0.0

    def show_text(self, text: str, fraction: float = 0.0) -> None:
        """Show a text and fill the bar to a fraction."""
        if self._bar.maximum() != _FULL:  # setting the range again would repaint the whole tab
            self._bar.setRange(0, _FULL)
        self._bar.setValue(round(_FULL * fraction))
        self._text.setText(text)

    def show_outcome(self, sentence: str, *, is_finished: bool) -> None:
        """Show how the training ended; the tooltip has the whole sentence."""
        self.show_text(sentence, 1.0 if is_finished else 0.0)
        self._text.setToolTip(sentence)

    def show_preparing(self) -> None:
        """Show that the data is being loaded, with a busy bar: the time left is unknown."""
        show_busy(self._bar)
        self._text.setText(self.tr("Loading the data…"))
        self._text.setToolTip("")

    def show_progress(self, progress: Progress, state: TrainingState, pace: Pace = Pace.FULL) -> None:
        """Show the progress of the training; at a slow pace, the figures of the last batch instead of the speed."""
        parts = [self.tr("epoch {:,}/{:,}").format(progress.epoch, progress.epochs)]
        if pace is Pace.STEP and progress.batch_loss is None:
            self.show_text(self.tr("Press Next batch: the model trains on one batch each time."))
            return
        if pace is not Pace.FULL:
            parts += self._batch_parts(progress)
        parts += self._state_parts(progress, state)
        parts.append(self.tr("{} elapsed with tests").format(duration(progress.elapsed)))
        if pace is Pace.FULL and state is TrainingState.TRAINING:
            parts += self._speed_parts(progress)
        self.show_text(_BETWEEN.join(parts), progress.fraction)

    def _batch_parts(self, progress: Progress) -> list[str]:
        parts = []
        if progress.step:
            parts.append(self.tr("batch {:,}/{:,}").format(progress.step, progress.steps_per_epoch))
        if progress.batch_loss is not None and progress.batch_accuracy is not None:
            parts.append(self.tr("loss {}").format(_loss_text(progress.batch_loss)))
            parts.append(self.tr("{:.1f} % right").format(100 * progress.batch_accuracy))
        return parts

    def _state_parts(self, progress: Progress, state: TrainingState) -> list[str]:
        if state is TrainingState.PAUSED:
            return [self.tr("paused")]
        if state is TrainingState.STOPPING:
            return [self.tr("stopping…")]
        return [self.tr("testing")] if progress.is_measuring else []

    def _speed_parts(self, progress: Progress) -> list[str]:
        parts = []
        if progress.remaining is not None:
            parts.append(self.tr("{} left").format(duration(progress.remaining)))
        if progress.samples_per_second:
            parts.append(self.tr("{:,} samples/s").format(_rounded(progress.samples_per_second)))
        return parts


class _ProgressText(FastLabel):
    """One line, or two smaller ones in the same room if it is too long, without the last parts or words if need be."""

    def sizeHint(self) -> QSize:
        line, two = super().sizeHint(), 2 * QFontMetrics(sized_font(self.font(), CAPTION)).lineSpacing()
        return QSize(line.width(), max(line.height(), two))

    def paintEvent(self, event: QPaintEvent) -> None:
        place = self.contentsRect()
        if self.fontMetrics().horizontalAdvance(self.text()) <= place.width():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(sized_font(self.font(), CAPTION))
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(place, _WRAPPED, self.two_lines())

    def two_lines(self) -> str:
        """Return the parts of the text that fit into two lines, or the words of the first part that do."""
        metrics, place = QFontMetrics(sized_font(self.font(), CAPTION)), self.contentsRect()

        def fits(text: str) -> bool:
            return metrics.boundingRect(place, _WRAPPED, text).height() <= place.height()

        parts = self.text().split(_BETWEEN)
        while len(parts) > 1 and not fits(_BETWEEN.join(parts)):
            parts.pop()
        text = _BETWEEN.join(parts)
        while not fits(text) and " " in text:
            text = f"{text.removesuffix('…').rpartition(' ')[0]}…"
        return text


def _loss_text(loss: float) -> str:
    return f"{loss:.4f}" if abs(loss) < 1000 else f"{loss:.3g}"


def _rounded(value: float) -> int:
    """Round to three significant digits; more would only flicker."""
    digits = len(str(int(value)))
    return int(round(value, min(0, 3 - digits)))

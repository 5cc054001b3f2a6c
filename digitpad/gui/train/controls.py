"""Start, pause and stop, and the line that says how far a training is."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from digitpad.gui.session.training_progress import Progress
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.widgets.durations import duration
from digitpad.gui.widgets.fast_label import FastLabel

_FULL = 1000


class TrainingButtons(QWidget):
    """Start, Pause and Stop; what can be pressed says what can be done."""

    start_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start, self.pause, self.stop = QPushButton(), QPushButton(), QPushButton(self.tr("Stop"))
        self._state, self._can_start = TrainingState.IDLE, True
        self.start.setText(self.tr("Start"))
        self.start.setProperty("role", "primary")
        self.start.setShortcut("Ctrl+Return")
        self.stop.setToolTip(self.tr("End the training and keep its best epoch; it can be resumed"))

        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.start, 2)
        layout.addWidget(self.pause, 1)
        layout.addWidget(self.stop, 1)

        self.start.clicked.connect(self.start_requested)
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self.stop_requested)
        self.show_state(TrainingState.IDLE, can_start=True)

    def show_state(self, state: TrainingState, *, can_start: bool, reason: str = "") -> None:
        """Enable what can be done; `reason` says why training cannot start."""
        self._state = state
        self.start.setEnabled(state is TrainingState.IDLE and can_start)
        self.start.setToolTip(reason or self.tr("Train with these settings (Ctrl+Enter)"))
        self.pause.setEnabled(state in (TrainingState.TRAINING, TrainingState.PAUSED))
        self.pause.setText(self.tr("Resume") if state is TrainingState.PAUSED else self.tr("Pause"))
        self.stop.setEnabled(state in (TrainingState.PREPARING, TrainingState.TRAINING, TrainingState.PAUSED))

    @Slot()
    def _on_pause(self) -> None:
        (self.resume_requested if self._state is TrainingState.PAUSED else self.pause_requested).emit()


class ProgressLine(QWidget):
    """A thin bar and one line of words: epoch, elapsed, time left, images a second."""

    follow_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar, self._text = QProgressBar(), FastLabel()
        self._text.setProperty("role", "muted")
        self.follow = QCheckBox(self.tr("The pad follows"))
        self._bar.setRange(0, _FULL)
        self._bar.setTextVisible(False)
        self.follow.setToolTip(
            self.tr("While it learns, the model in training answers on the Draw tab, epoch by epoch.")
        )

        row = QHBoxLayout()
        row.addWidget(self._text, 1)
        row.addWidget(self.follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._bar)
        layout.addLayout(row)

        self.follow.clicked.connect(self.follow_requested)
        self.show_text(self.tr("No training yet."))

    @property
    def text(self) -> str:
        """What the line says."""
        return self._text.text()

    @property
    def fraction(self) -> float:
        """How much of the bar is filled."""
        return self._bar.value() / self._bar.maximum() if self._bar.maximum() else 0.0

    def show_text(self, words: str, fraction: float = 0.0) -> None:
        """Say something else than progress."""
        if self._bar.maximum() != _FULL:  # setting it again would have the whole tab painted
            self._bar.setRange(0, _FULL)
        self._bar.setValue(round(_FULL * fraction))
        self._text.setText(words)

    def show_preparing(self) -> None:
        """Say that data and engine are being loaded; how long that takes is not known."""
        self._bar.setRange(0, 0)
        self._text.setText(self.tr("Loading the data…"))

    def show_progress(self, progress: Progress, state: TrainingState) -> None:
        """Show how far the training is."""
        self.show_text(" · ".join(self._parts(progress, state)), progress.fraction)

    def _parts(self, progress: Progress, state: TrainingState) -> list[str]:
        parts = [self.tr("epoch {:,}/{:,}").format(progress.epoch, progress.epochs)]
        if state is TrainingState.PAUSED:
            parts.append(self.tr("paused"))
        elif state is TrainingState.STOPPING:
            parts.append(self.tr("stopping…"))
        elif progress.is_measuring:
            parts.append(self.tr("measuring"))
        parts.append(self.tr("{} passed").format(duration(progress.elapsed)))
        if progress.remaining is not None and state is TrainingState.TRAINING:
            parts.append(self.tr("{} left").format(duration(progress.remaining)))
        if progress.images_per_second and state is TrainingState.TRAINING:
            parts.append(self.tr("{:,} images/s").format(_rounded(progress.images_per_second)))
        return parts


def _rounded(value: float) -> int:
    """Round to three figures: more would only flicker."""
    digits = len(str(int(value)))
    return int(round(value, min(0, 3 - digits)))

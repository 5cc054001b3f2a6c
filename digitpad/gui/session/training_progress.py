"""Progress of a training, computed from its events without Qt."""

from dataclasses import dataclass, replace

from digitpad.core.training.events import EpochDone, Measuring, StepDone, TrainingStarted

# Weight of the newest measurement in the smoothed speed.
_NEWEST_WEIGHT = 0.3
# Over less time the speed cannot be measured well.
_LEAST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Progress:
    """What the progress bar shows; times in seconds, None while unknown."""

    epoch: int  # the current one, from 1
    epochs: int
    fraction: float  # of the whole training, 0 to 1
    elapsed: float  # without pauses
    remaining: float | None
    samples_per_second: float | None
    is_measuring: bool = False
    test_accuracy: float | None = None  # a fraction, of the last measured epoch
    steps_per_epoch: int = 1
    step: int = 0  # of the epoch, from 1; 0 before the first
    batch_loss: float | None = None  # of the last step
    batch_accuracy: float | None = None


class ProgressCounter:
    """Computes `Progress` from the events of a training and its seconds without pauses."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._started: TrainingStarted | None = None
        self._epoch, self._step = 1, 0
        self._is_measuring = False
        self._accuracy: float | None = None
        self._speed: float | None = None
        self._since: float | None = None  # start of the current speed measurement
        self._images = 0
        self._last: StepDone | None = None
        self._base = 0.0, 0.0  # epochs and seconds before the time left is estimated

    def add(self, event: object, now: float) -> None:
        """Count an event that came at time `now`, in seconds."""
        if isinstance(event, TrainingStarted):
            # Without the snapshot, which keeps the data in memory.
            self._started, self._epoch = replace(event, snapshot=None), event.first_epoch
            self._since = now
        elif isinstance(event, StepDone):
            self._epoch, self._step, self._last = event.epoch, event.step, event
            self._is_measuring = False
            self._images += event.samples
        elif isinstance(event, Measuring) and not event.is_interim:
            self._is_measuring = True
            self._since, self._images = None, 0
        elif isinstance(event, EpochDone):
            self._is_measuring = False
            self._accuracy = event.test_accuracy
            self._epoch, self._step = event.epoch + 1, 0

    def update_speed(self, now: float) -> None:
        """Measure the speed after a batch of events."""
        if self._since is not None and now - self._since >= _LEAST_SECONDS and self._images:
            speed = self._images / (now - self._since)
            self._speed = speed if self._speed is None else self._speed + _NEWEST_WEIGHT * (speed - self._speed)
            self._since, self._images = now, 0
        elif self._since is None and not self._is_measuring:
            self._since, self._images = now, 0

    def restart_estimates(self, elapsed: float) -> None:
        """Forget the speed so far, after `elapsed` seconds: from now on the training has another pace."""
        self._speed, self._since, self._images = None, None, 0
        self._base = self._epochs_done, elapsed

    @property
    def _epochs_done(self) -> float:
        """The epochs of this training that are done."""
        # A resumed training did its first epochs earlier; they took no time now.
        if self._started is None:
            return 0.0
        return self._epoch - self._started.first_epoch + self._step / self._started.steps_per_epoch

    def progress(self, elapsed: float) -> Progress:
        """Return the progress after `elapsed` seconds without pauses."""
        steps = self._started.steps_per_epoch if self._started else 1
        first = self._started.first_epoch if self._started else 1
        before, since = self._base
        done, seconds = self._epochs_done - before, elapsed - since
        left = self._epochs - first + 1 - self._epochs_done
        remaining = seconds * left / done if done > 0 and seconds > _LEAST_SECONDS else None
        return Progress(
            epoch=min(self._epoch, self._epochs),
            epochs=self._epochs,
            fraction=min(1.0, (self._epoch - 1 + self._step / steps) / self._epochs),
            elapsed=elapsed,
            remaining=remaining,
            samples_per_second=self._speed,
            is_measuring=self._is_measuring,
            test_accuracy=self._accuracy,
            steps_per_epoch=steps,
            step=self._step,
            batch_loss=self._last.loss if self._last else None,
            batch_accuracy=self._last.accuracy if self._last else None,
        )

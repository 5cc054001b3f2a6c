"""How far a training is, worked out without a widget."""

from dataclasses import dataclass

from digitpad.core.training.events import EpochDone, Measuring, StepDone, TrainingStarted

# Share of a new measurement of the speed in what is shown.
_FRESH = 0.3
# Below this much time the speed is not worth telling.
_SHORTEST = 0.05


@dataclass(frozen=True, slots=True)
class Progress:
    """What the progress bar says; times in seconds, NaN-free: None where not known yet."""

    epoch: int  # the one in work, from 1
    epochs: int
    fraction: float  # of the whole training, 0 to 1
    elapsed: float  # without pauses
    remaining: float | None
    images_per_second: float | None
    is_measuring: bool = False
    test_accuracy: float | None = None  # a fraction, of the last measured epoch
    steps_per_epoch: int = 1


class ProgressCounter:
    """Turns a training's events, and a clock that stands still while it is paused, into `Progress`."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._started: TrainingStarted | None = None
        self._epoch, self._step = 1, 0
        self._is_measuring = False
        self._accuracy: float | None = None
        self._speed: float | None = None
        self._since: float | None = None  # when the images below began to be counted
        self._images = 0

    def take(self, event: object, now: float) -> None:
        """Count an event that came at a time in seconds."""
        if isinstance(event, TrainingStarted):
            self._started, self._epoch = event, event.first_epoch
            self._since = now
        elif isinstance(event, StepDone):
            self._epoch, self._step = event.epoch, event.step
            self._is_measuring = False
            self._images += event.samples
        elif isinstance(event, Measuring):
            self._is_measuring = True
            self._since, self._images = None, 0
        elif isinstance(event, EpochDone):
            self._is_measuring = False
            self._accuracy = event.test_accuracy
            self._epoch, self._step = event.epoch + 1, 0

    def note_batch(self, now: float) -> None:
        """Take the speed of the images since the last batch of events into account."""
        if self._since is not None and now - self._since >= _SHORTEST and self._images:
            speed = self._images / (now - self._since)
            self._speed = speed if self._speed is None else self._speed + _FRESH * (speed - self._speed)
            self._since, self._images = now, 0
        elif self._since is None and not self._is_measuring:
            self._since, self._images = now, 0

    def progress(self, elapsed: float) -> Progress:
        """Return where the training is after `elapsed` seconds of work."""
        steps = self._started.steps_per_epoch if self._started else 1
        first = self._started.first_epoch if self._started else 1
        # What an earlier session did took none of this one's time.
        done = (self._epoch - first) + self._step / steps
        total = self._epochs - first + 1
        remaining = elapsed * (total - done) / done if done > 0 and elapsed > _SHORTEST else None
        return Progress(
            epoch=min(self._epoch, self._epochs),
            epochs=self._epochs,
            fraction=min(1.0, (self._epoch - 1 + self._step / steps) / self._epochs),
            elapsed=elapsed,
            remaining=remaining,
            images_per_second=self._speed,
            is_measuring=self._is_measuring,
            test_accuracy=self._accuracy,
            steps_per_epoch=steps,
        )

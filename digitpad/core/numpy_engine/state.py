"""What a training in NumPy works with, and how it is put by and taken up again."""

import time
from dataclasses import dataclass, field

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits, to_floats
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec, parameter_count
from digitpad.core.numpy_engine import random_streams
from digitpad.core.numpy_engine.layers import Array
from digitpad.core.numpy_engine.network import Net, build_net, predicted_classes, target_outputs
from digitpad.core.numpy_engine.random_streams import RandomStream
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.early_stopping import EarlyStopping
from digitpad.core.training.events import TrainerState, TrainingStarted

# A loss that is no number is told in a sentence, not in NumPy's warnings.
_quietly = np.errstate(over="ignore", invalid="ignore")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A data set with what is done to its pixels."""

    spec: SoftmaxSpec | MLPSpec
    images: np.ndarray  # (n, inputs) uint8
    labels: np.ndarray  # (n,) int64
    peak: int

    @classmethod
    def of(cls, digits: Digits, spec: SoftmaxSpec | MLPSpec) -> "Samples":
        """Make them of a data set, which is not copied."""
        return cls(spec, digits.images.reshape(len(digits), -1), digits.labels.astype(np.int64), digits.peak)

    def pixels(self, chosen: np.ndarray | slice) -> Array:
        """Return the first layer's input, (n, inputs)."""
        normalisation = self.spec.normalisation
        # Rounded to float32 first, as the published programs and the torch engine have them.
        pixels = to_floats(self.images[chosen], self.peak).astype(np.float64)
        if normalisation.mean or normalisation.std != 1:
            pixels = (pixels - normalisation.mean) / normalisation.std
        return pixels


@dataclass(slots=True)
class Figures:
    """Sums over images, and the means that are told."""

    total: float = 0.0
    right: int = 0
    images: int = 0

    def add(self, total: float, right: int, images: int) -> None:
        """Add the summed loss of some images, and how many of them were right."""
        self.total += total
        self.right += right
        self.images += images

    @property
    def loss(self) -> float:
        """The mean over the images."""
        return self.total / self.images

    @property
    def accuracy(self) -> float:
        """The share that was right."""
        return self.right / self.images


@dataclass(slots=True)
class Stopwatch:
    """Counts the time inside its ``with``; what the consumer takes between events is not training's."""

    seconds: float = 0.0
    _since: float = 0.0

    def __enter__(self) -> None:
        self._since = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._since

    def take(self) -> float:
        """Return the seconds and begin anew."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


@dataclass(slots=True, eq=False)
class NumpyTrainer:
    """What an epoch works with."""

    spec: SoftmaxSpec | MLPSpec
    config: TrainConfig
    net: Net
    chance: RandomStream
    data: Samples
    order: np.ndarray  # (n,) int64: the training images as they come in this epoch
    watch: Stopwatch = field(default_factory=Stopwatch)

    @classmethod
    def of(
        cls, spec: SoftmaxSpec | MLPSpec, config: TrainConfig, training: Digits, chance: RandomStream | None = None
    ) -> "NumpyTrainer":
        """Make one with fresh weights, drawn from `chance` or else from the configuration's stream."""
        stream = random_streams.new_stream(config) if chance is None else chance
        net = build_net(spec, config.loss, config.slips, stream)
        if chance is None:
            random_streams.skip_to_training(config, stream)
        return cls(spec, config, net, stream, Samples.of(training, spec), np.arange(len(training), dtype=np.int64))

    def started(self, first_epoch: int) -> TrainingStarted:
        """Say what will be done."""
        count, config = len(self.order), self.config
        steps = config.steps_per_epoch(count)
        samples = min(count, steps * config.full_batch_size(count))
        return TrainingStarted("NumPy", parameter_count(self.spec), steps, samples, first_epoch)

    def reshuffle(self) -> None:
        """Shuffle what the last epoch's shuffling left, as the published programs do."""
        if self.config.shuffle:
            self.order = self.order[self.chance.permutation(len(self.order))]

    @_quietly
    def learn(self, chosen: np.ndarray, batch: int, figures: Figures) -> None:
        """Collect the gradients of some images of a batch of `batch`; their figures are those before the step."""
        labels = self.data.labels[chosen]
        logits = self.net.forward(self.data.pixels(chosen), self.chance)
        targets = target_outputs(labels, logits.shape[1])
        figures.add(self.net.loss_of(logits, targets) * len(labels), _right(logits, labels), len(labels))
        self.net.backward(logits, targets, batch)

    @_quietly
    def measure(self, data: Samples, some: slice, figures: Figures) -> None:
        """Add the figures of some images, without dropout."""
        labels = data.labels[some]
        logits = self.net.forward(data.pixels(some))
        loss = self.net.loss_of(logits, target_outputs(labels, logits.shape[1]))
        figures.add(loss * len(labels), _right(logits, labels), len(labels))

    @_quietly
    def step(self) -> None:
        """Change the weights by what was learnt."""
        self.net.step(self.config.learning_rate)

    def state(self, epoch: int, patience: EarlyStopping) -> TrainerState:
        """Return all that `take_up` needs, in copies."""
        notes, arrays = random_streams.save_state(self.chance)
        return TrainerState(
            epoch, {**self.net.state_dict(), "order": self.order.copy(), **arrays}, {**patience.notes(), **notes}
        )

    def take_up(self, state: TrainerState) -> None:
        """Go on from a state.

        Raises
        ------
        DigitpadError
            Where it is another model's, or of other data.

        """
        try:
            self.net.load_state_dict(state.arrays)
            self.order = _order(state.arrays["order"], len(self.order))
            self.chance = random_streams.load_state(state.notes, state.arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise DigitpadError(
                "the saved state is of another model or other data than the settings say: start a new run"
            ) from error


def _order(order: np.ndarray, count: int) -> np.ndarray:
    """Return a copy of a reshuffling of `count` images; ValueError where it is none."""
    if not np.array_equal(np.sort(order, axis=None), np.arange(count)):
        raise ValueError("the order is of other data")
    return order.copy()


def _right(logits: Array, labels: np.ndarray) -> int:
    return int((predicted_classes(logits) == labels).sum())

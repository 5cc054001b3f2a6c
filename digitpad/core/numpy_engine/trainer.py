"""The from-scratch engine: network, random numbers and data of a training, and its epochs."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from digitpad.core.images.digits import Digits, to_floats
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec, output_of, parameter_count
from digitpad.core.numpy_engine import random_streams
from digitpad.core.numpy_engine.layers import Array
from digitpad.core.numpy_engine.network import Net, build_net, predicted_classes, target_outputs
from digitpad.core.numpy_engine.random_streams import RandomStream
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.epochs import Measured, RunningMetrics, Stopwatch, sample_of, step_done
from digitpad.core.training.events import Event, Measuring, TrainingStarted

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

# Images computed at once, so that a pause comes soon; those measured at once fit the processor's cache.
_MICRO_BATCH = 2000
_MEASURED_AT_ONCE = 500
# A loss that is not a number is reported in a sentence, not by NumPy's warnings.
_quietly = np.errstate(over="ignore", invalid="ignore")


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """A data set, normalised as the model needs it."""

    spec: SoftmaxSpec | MLPSpec
    images: np.ndarray  # (n, inputs) uint8
    labels: np.ndarray  # (n,) int64
    peak: int

    @classmethod
    def of(cls, digits: Digits, spec: SoftmaxSpec | MLPSpec) -> "Samples":
        """Use a data set without copying its images."""
        return cls(spec, digits.images.reshape(len(digits), -1), digits.labels.astype(np.int64), digits.peak)

    def pixels(self, chosen: np.ndarray | slice) -> Array:
        """Return the first layer's input, (n, inputs)."""
        normalisation = self.spec.normalisation
        # Rounded to float32 first, like the published programs and the PyTorch engine.
        pixels = to_floats(self.images[chosen], self.peak).astype(np.float64)
        if normalisation.mean or normalisation.std != 1:
            pixels = (pixels - normalisation.mean) / normalisation.std
        return pixels


@dataclass(slots=True, eq=False)
class NumpyTrainer:
    """The NumPy engine, for `run_epochs`."""

    spec: SoftmaxSpec | MLPSpec
    config: TrainConfig
    net: Net
    rng: RandomStream
    training: Samples
    test: Samples
    sample: Samples  # of the test set
    order: np.ndarray  # (n,) int64: the order of the training images in this epoch
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    @classmethod
    def of(
        cls,
        spec: SoftmaxSpec | MLPSpec,
        config: TrainConfig,
        training: Digits,
        test: Digits,
        rng: RandomStream | None = None,
    ) -> "NumpyTrainer":
        """Start with new weights, drawn from `rng`, or else from the random stream of the settings."""
        stream = random_streams.new_stream(config) if rng is None else rng
        net = build_net(spec, config.loss, config.slips, stream)
        if rng is None:
            random_streams.skip_to_training(config, stream)
        order = np.arange(len(training), dtype=np.int64)
        trained, tested, sample = (Samples.of(digits, spec) for digits in (training, test, sample_of(test)))
        return cls(spec, config, net, stream, trained, tested, sample, order)

    def started(self, first_epoch: int) -> TrainingStarted:
        """Return the first event."""
        count, config = len(self.order), self.config
        steps = config.steps_per_epoch(count)
        samples = min(count, steps * config.full_batch_size(count))
        return TrainingStarted(
            "NumPy", parameter_count(self.spec), steps, samples, first_epoch, snapshot=self.model_copy
        )

    def train_epoch(self, epoch: int) -> Generator[Event, None, RunningMetrics]:
        """Yield an epoch's steps and return the running metrics, each batch's before its step."""
        running, count = RunningMetrics(), len(self.order)
        size = self.config.full_batch_size(count)
        with self.stopwatch:
            if self.config.shuffle:
                # Shuffle the order of the last epoch, as the published programs do.
                self.order = self.order[self.rng.permutation(count)]
        for step in range(1, self.config.steps_per_epoch(count) + 1):
            metrics = yield from self._take_step(self.order[(step - 1) * size : step * size], epoch)
            running.add(metrics.total, metrics.right, metrics.images)
            yield step_done(epoch, step, metrics)
        return running

    def _take_step(self, batch: np.ndarray, epoch: int) -> Generator[Event, None, RunningMetrics]:
        """Yield progress within a large batch and return the batch's metrics before the step."""
        metrics = RunningMetrics()
        for start in range(0, len(batch), _MICRO_BATCH):
            if start:
                yield Measuring(epoch, start, len(batch))
            with self.stopwatch:
                self._add_gradients(batch[start : start + _MICRO_BATCH], len(batch), metrics)
        with self.stopwatch:
            self._descend()
        return metrics

    @_quietly
    def _descend(self) -> None:
        self.net.step(self.config.learning_rate)

    def measure(self, part: Measured, epoch: int) -> Generator[Event, None, RunningMetrics]:
        """Yield progress and return the metrics of a whole part, without dropout."""
        metrics = RunningMetrics()
        data = {"train": self.training, "test": self.test, "sample": self.sample}[part]
        count = len(data.labels)
        for start in range(0, count, _MEASURED_AT_ONCE):
            self._measure(data, slice(start, start + _MEASURED_AT_ONCE), metrics)
            yield Measuring(epoch, metrics.images, count)
        return metrics

    def model_copy(self) -> "DigitModel":
        """Return the network as a PyTorch model in float32, which further training cannot change."""
        import torch

        from digitpad.core.models.networks import model_of

        weights: dict[str, torch.Tensor] = {}
        for name, layer in zip(_linear_names(self.spec), self.net.linear_layers, strict=True):
            weights[f"{name}.weight"] = torch.from_numpy(layer.weights.T.copy()).float()
            if layer.bias is not None:
                weights[f"{name}.bias"] = torch.from_numpy(layer.bias).float()
        return model_of(self.spec, weights)

    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Return copies of weights, order and the random stream's state."""
        notes, arrays = random_streams.save_state(self.rng)
        return {**self.net.state_dict(), "order": self.order.copy(), **arrays}, notes

    def load_state_dict(self, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned; KeyError, TypeError or ValueError if it does not fit."""
        self.net.load_state_dict(arrays)
        if not np.array_equal(np.sort(arrays["order"], axis=None), np.arange(len(self.order))):
            raise ValueError("the order is of other data")
        self.order = arrays["order"].copy()
        self.rng = random_streams.load_state(notes, arrays)

    @_quietly
    def _add_gradients(self, chosen: np.ndarray, batch: int, metrics: RunningMetrics) -> None:
        """Add the gradients, and the metrics before the step, of some images in a batch of `batch`."""
        labels = self.training.labels[chosen]
        logits = self.net.forward(self.training.pixels(chosen), self.rng)
        targets = target_outputs(labels, logits.shape[1])
        metrics.add(self.net.loss_of(logits, targets) * len(labels), self._count_right(logits, labels), len(labels))
        self.net.backward(logits, targets, batch)

    @_quietly
    def _measure(self, data: Samples, chosen: slice, metrics: RunningMetrics) -> None:
        """Add the metrics of some images, without dropout."""
        labels = data.labels[chosen]
        logits = self.net.forward(data.pixels(chosen))
        loss = self.net.loss_of(logits, target_outputs(labels, logits.shape[1]))
        metrics.add(loss * len(labels), self._count_right(logits, labels), len(labels))

    def _count_right(self, logits: Array, labels: np.ndarray) -> int:
        return int((predicted_classes(logits, output_of(self.spec)) == labels).sum())


def _linear_names(spec: SoftmaxSpec | MLPSpec) -> list[str]:
    """Return the names of the linear layers in the PyTorch model, which numbers its other layers too."""
    hidden = 0 if isinstance(spec, SoftmaxSpec) else len(spec.hidden)
    distance = 3 if isinstance(spec, MLPSpec) and spec.dropout else 2
    return [f"layers.{1 + distance * number}" for number in range(hidden + 1)]

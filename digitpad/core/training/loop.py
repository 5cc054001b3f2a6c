"""Training with PyTorch as a generator of events. Closing the generator stops the training."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from digitpad.core.errors import memory_explained
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, frozen_copy, predicted_classes, quick_copy
from digitpad.core.models.specs import Spec, output_of
from digitpad.core.runtime.malloc import freed_memory_kept
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.epochs import Measured, RunningMetrics, Stopwatch, run_epochs, sample_of, step_done
from digitpad.core.training.events import Event, Measuring, TrainerState, TrainingStarted
from digitpad.core.training.losses import loss_scale, objective
from digitpad.core.training.optimizers import schedule_learning_rate
from digitpad.core.training.train_step import Tensors, TrainStep
from digitpad.core.training.weight_average import WeightAverage

# Images measured at once: a batch that fits the cache is as fast as a larger one and uses 40 MB less.
_MEASURED_AT_ONCE = 1000


def train(
    spec: Spec, config: TrainConfig, training: Digits, test: Digits, *, state: TrainerState | None = None
) -> Iterator[Event]:
    """Train a model and yield what happens.

    The same arguments give the same metrics on the same machine. Each epoch seeds its random numbers from the seed and
    the epoch alone, so a resumed training has exactly the metrics of one that was never interrupted.

    Parameters
    ----------
    spec
        The model.
    config
        The settings.
    training, test
        The data; kept as tensors on the device while training runs.
    state
        Where to resume, from `EpochDone.state`; None starts from new weights.

    Yields
    ------
    Event
        One `TrainingStarted`, then for each epoch its `StepDone` events, and if it is measured some `Measuring` and one
        `EpochDone`. A long epoch has four `InterimTest` between its steps if it is measured.

    Raises
    ------
    DigitpadError
        If the device is missing, there is not enough memory, the loss is not a number, or `state` is of another model.

    """
    with memory_explained(), freed_memory_kept():
        step = TrainStep.of(spec, config, training)
        # Where the weights have left torch's generator: there a program's DataLoader starts.
        loader = torch.get_rng_state() if config.stream == "torch-loader" else None
        tested, sample = (Tensors.of(digits, step.device) for digits in (test, sample_of(test)))
        average = WeightAverage(step.model, config.average) if config.average else None
        yield from run_epochs(_TorchTrainer(config, step, tested, sample, average, loader), state)


@dataclass(frozen=True, slots=True, eq=False)
class _TorchTrainer:
    """The PyTorch engine, for `run_epochs`."""

    config: TrainConfig
    step: TrainStep
    test: Tensors
    sample: Tensors  # of the test set
    average: WeightAverage | None
    loader: Tensor | None  # the state of torch's generator before the first epoch, if a DataLoader's order is wanted
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def started(self, first_epoch: int) -> TrainingStarted:
        return TrainingStarted(
            device=str(self.step.device),
            parameters=self.step.model.parameter_count(),
            steps_per_epoch=self.config.steps_per_epoch(len(self.step.data.labels)),
            samples_per_epoch=self.step.samples_per_epoch,
            first_epoch=first_epoch,
            snapshot=self.model_copy,
        )

    def train_epoch(self, epoch: int) -> Generator[Event, None, RunningMetrics]:
        running, count = self._metrics(), len(self.step.data.labels)
        steps = self.config.steps_per_epoch(count)
        with self.stopwatch:
            seed = self.config.seed * 1_000_003 + epoch
            rng = torch.Generator().manual_seed(seed)
            _seed(self.step.device, seed)  # dropout draws from the global generator
            batches = self._order(epoch, count, rng).to(self.step.device).split(self.config.full_batch_size(count))
            self.step.model.train()
        for number, batch in enumerate(batches[:steps], start=1):
            with self.stopwatch:
                done = (epoch - 1) * steps + number - 1
                schedule_learning_rate(self.step.optimizer, self.config, done, self.config.epochs * steps)
            metrics = yield from self._take_step(batch, rng, epoch)
            running.add(metrics.total, metrics.right, metrics.images)
            yield step_done(epoch, number, metrics)
        return running

    def _order(self, epoch: int, count: int, rng: torch.Generator) -> Tensor:
        """Return the order of the training images in an epoch, (count,) int64."""
        if not self.config.shuffle:
            return torch.arange(count)
        if self.loader is not None:
            rng = _loader_generator(self.loader, epoch)
        return torch.randperm(count, generator=rng)

    def _take_step(self, batch: Tensor, rng: torch.Generator, epoch: int) -> Generator[Event, None, RunningMetrics]:
        """Yield progress within a large batch and return the batch's metrics before the step."""
        metrics, step = self._metrics(), self.step.take_step(batch, rng)
        while True:
            with self.stopwatch:
                try:
                    done = next(step)
                except StopIteration as end:
                    total, right = end.value
                    if self.average is not None:
                        self.average.update()
                    metrics.add(total, right, len(batch))
                    return metrics
            yield Measuring(epoch, done, len(batch))

    def measure(self, part: Measured, epoch: int) -> Generator[Event, None, RunningMetrics]:
        metrics, model = self._metrics(), quick_copy(self._measured_model.eval())
        data = {"train": self.step.data, "test": self.test, "sample": self.sample}[part]
        count, size = len(data.labels), min(self.step.micro_batch, _MEASURED_AT_ONCE)
        for start in range(0, count, size):
            chosen = slice(start, start + size)
            labels = data.labels[chosen]
            # Not around the yield: inference mode belongs to the thread, and the consumer does other work there.
            with torch.inference_mode():
                logits = model(data.pixels(chosen))
                total = objective(model, logits, labels, self.config.loss).item()
                right = int((predicted_classes(logits, output_of(model.spec)) == labels).sum())
            metrics.add(total, right, len(labels))
            yield Measuring(epoch, metrics.images, count)
        self.step.model.train()
        return metrics

    def model_copy(self) -> DigitModel:
        return frozen_copy(self._measured_model)

    @property
    def _measured_model(self) -> DigitModel:
        return self.step.model if self.average is None else self.average.model

    def state_dict(self) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        arrays, notes = ({}, {}) if self.average is None else self.average.state_dict()
        return {**self.step.state_dict(), **arrays}, notes

    def load_state_dict(self, arrays: Mapping[str, np.ndarray], notes: Mapping[str, Any]) -> None:
        self.step.load_state_dict(arrays)
        if self.average is not None:
            self.average.load_state_dict(arrays, notes)

    def _metrics(self) -> RunningMetrics:
        return RunningMetrics(loss_scale(self.config.loss, getattr(self.step.model.spec, "outputs", 10)))


def _loader_generator(state: Tensor, epoch: int) -> torch.Generator:
    """Return the generator of the shuffle that torch's DataLoader makes in an epoch, counted from 1.

    In each epoch the loader draws two numbers from torch's generator: a seed for its workers, and the seed of the
    shuffle. `state` is the generator's state before the first epoch.
    """
    stream = torch.Generator()
    stream.set_state(state)
    seeds = [int(torch.empty((), dtype=torch.int64).random_(generator=stream).item()) for _ in range(2 * epoch)]
    return torch.Generator().manual_seed(seeds[-1])


def _seed(device: torch.device, seed: int) -> None:
    """Seed the global generator of a device.

    torch.manual_seed seeds those of all devices, and formats the stack for those that are not in use: on the CPU that
    takes longer than an epoch of a small network.
    """
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)

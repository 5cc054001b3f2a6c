"""Training by the from-scratch NumPy engine: the same events as the torch engine's, from code that can be read."""

import math
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec
from digitpad.core.numpy_engine.network import Net
from digitpad.core.numpy_engine.random_streams import RandomStream
from digitpad.core.numpy_engine.state import Figures, NumpyTrainer, Samples
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.early_stopping import EarlyStopping
from digitpad.core.training.events import EpochDone, Event, Measuring, StepDone, TrainerState

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

# Images that are worked on in one go, so that a pause is never far; those measured stay in the processor's cache.
_AT_ONCE = 2000
_MEASURED_AT_ONCE = 500


def train_numpy(
    spec: SoftmaxSpec | MLPSpec,
    config: TrainConfig,
    training: Digits,
    test: Digits,
    *,
    state: TrainerState | None = None,
    rng: RandomStream | None = None,
) -> Iterator[Event]:
    """Train a model and yield what happens.

    All arithmetic is float64. The same arguments give the same figures on the same machine, and a training that goes
    on from a state has the very figures of one that was never interrupted.

    Parameters
    ----------
    spec
        The model.
    config
        The settings. The engine has plain SGD at a constant rate; what `Recipe` refuses for it is not looked at here.
    training, test
        The data.
    state
        Where to go on from, as `EpochDone.state` gave it; None starts afresh.
    chance
        What weights, reshufflings and dropout are drawn from, in this order; None takes the configuration's stream.
        A state brings its own.

    Yields
    ------
    Event
        One `TrainingStarted`, then for each epoch its `StepDone`, and where it is measured some `Measuring` and one
        `EpochDone`. A batch too large to be worked on at once has some `Measuring` before its `StepDone`.

    Raises
    ------
    DigitpadError
        Where the loss is no longer a number, or the state is another model's.

    """
    from threadpoolctl import threadpool_limits

    # Products as small as these gain little by a second thread, and wait ten times as long for it where the cores have
    # other work, such as the window; besides, sums then do not depend on the machine's cores.
    with threadpool_limits(limits=1, user_api="blas"):
        yield from _events(spec, config, training, test, state, rng)


def _events(
    spec: SoftmaxSpec | MLPSpec,
    config: TrainConfig,
    training: Digits,
    test: Digits,
    state: TrainerState | None,
    chance: RandomStream | None,
) -> Generator[Event, None, None]:
    trainer = NumpyTrainer.of(spec, config, training, chance)
    patience = EarlyStopping.of(config.patience, state)
    if state is not None:
        trainer.take_up(state)
    test_data = Samples.of(test, spec)
    first = 1 if state is None else state.epoch + 1
    yield trainer.started(first)
    for epoch in range(first, config.epochs + 1):
        if patience.should_stop:
            return
        trained = yield from _epoch(trainer, epoch)
        if not config.is_measured(epoch):
            continue
        measured = yield from _measure(trainer, test_data, epoch)
        if config.train_figures == "after":
            trained = yield from _measure(trainer, trainer.data, epoch)
        patience.update(measured.loss)
        yield EpochDone(
            epoch=epoch,
            train_loss=trained.loss,
            train_accuracy=trained.accuracy,
            test_loss=measured.loss,
            test_accuracy=measured.accuracy,
            seconds=trainer.watch.take(),
            model=_model(spec, trainer.net),
            state=trainer.state(epoch, patience),
        )


def _epoch(trainer: NumpyTrainer, epoch: int) -> Generator[Event, None, Figures]:
    """Yield an epoch's steps and return its figures."""
    config, running = trainer.config, Figures()
    count = len(trainer.order)
    size = config.full_batch_size(count)
    with trainer.watch:
        trainer.reshuffle()
    for step in range(1, config.steps_per_epoch(count) + 1):
        batch = trainer.order[(step - 1) * size : step * size]
        figures = yield from _step(trainer, batch, epoch)
        if not math.isfinite(figures.loss):
            raise DigitpadError("the loss is no number after {step} steps: lower the learning rate", step=step)
        running.add(figures.total, figures.right, figures.images)
        yield StepDone(epoch, step, figures.loss, figures.accuracy, len(batch))
    return running


def _step(trainer: NumpyTrainer, batch: np.ndarray, epoch: int) -> Generator[Event, None, Figures]:
    """Take one step and return the batch's figures before it."""
    figures = Figures()
    for start in range(0, len(batch), _AT_ONCE):
        if start:
            yield Measuring(epoch, start, len(batch))
        with trainer.watch:
            trainer.learn(batch[start : start + _AT_ONCE], len(batch), figures)
    with trainer.watch:
        trainer.step()
    return figures


def _measure(trainer: NumpyTrainer, data: Samples, epoch: int) -> Generator[Event, None, Figures]:
    """Yield progress and return the figures over a whole data set."""
    figures, count = Figures(), len(data.labels)
    for start in range(0, count, _MEASURED_AT_ONCE):
        trainer.measure(data, slice(start, start + _MEASURED_AT_ONCE), figures)
        yield Measuring(epoch, figures.images, count)
    return figures


def _model(spec: SoftmaxSpec | MLPSpec, net: Net) -> "DigitModel":
    """Return the network as torch's, in float32, that further training cannot change."""
    import torch

    from digitpad.core.models.networks import model_of

    weights: dict[str, torch.Tensor] = {}
    for name, layer in zip(_linear_names(spec), net.linear_layers, strict=True):
        weights[f"{name}.weight"] = torch.from_numpy(layer.weights.T.copy()).float()
        if layer.bias is not None:
            weights[f"{name}.bias"] = torch.from_numpy(layer.bias).float()
    return model_of(spec, weights)


def _linear_names(spec: SoftmaxSpec | MLPSpec) -> list[str]:
    """Name the linear layers as torch's model does, whose other layers are counted too."""
    hidden = 0 if isinstance(spec, SoftmaxSpec) else len(spec.hidden)
    apart = 3 if isinstance(spec, MLPSpec) and spec.dropout else 2
    return [f"layers.{1 + apart * number}" for number in range(hidden + 1)]

"""Training with the from-scratch NumPy engine: readable code that yields the same events as the PyTorch engine."""

from collections.abc import Iterator

from digitpad.core.errors import memory_explained
from digitpad.core.images.digits import Digits
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec
from digitpad.core.numpy_engine.random_streams import RandomStream
from digitpad.core.numpy_engine.trainer import NumpyTrainer
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.epochs import run_epochs
from digitpad.core.training.events import Event, TrainerState


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

    All arithmetic is float64. The same arguments give the same metrics on the same machine, and a resumed training has
    exactly the metrics of one that was never interrupted.

    Parameters
    ----------
    spec
        The model.
    config
        The settings. The engine has plain SGD at a constant rate; `Recipe` refuses other settings, this does not.
    training, test
        The data.
    state
        Where to resume, from `EpochDone.state`; None starts from new weights.
    rng
        Draws weights, shuffles and dropout, in this order; None is the settings' own stream. A state has its own.

    Yields
    ------
    Event
        One `TrainingStarted`, then for each epoch its `StepDone` events, and if it is measured some `Measuring` and one
        `EpochDone`. A large batch has some `Measuring` before its `StepDone`. A long epoch has four `InterimTest`
        between its steps if it is measured.

    Raises
    ------
    DigitpadError
        If there is not enough memory, the loss is not a number, or `state` is of another model or of other data.

    """
    from threadpoolctl import threadpool_limits

    # A second thread saves little in products as small as these, and waits ten times as long for it when the cores have
    # other work, such as the window. With one thread, sums do not depend on the machine's cores either.
    with threadpool_limits(limits=1, user_api="blas"), memory_explained():
        yield from run_epochs(NumpyTrainer.of(spec, config, training, test, rng), state)

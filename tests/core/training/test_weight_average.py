"""Training with an exponential moving average of the weights."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.networks import DigitModel, build
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec
from digitpad.core.runs.writer import load_state, save_state
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.events import EpochDone, Event, StepDone, TrainerState, TrainingStarted
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.core.training.weight_average import WeightAverage

MLP = MLPSpec(hidden=(16,), dropout=0.2)
CNN = CNNSpec(channels=(3,), dense=8, dropout=0.2)
PLAIN = TrainConfig(epochs=3, batch_size=64)
AVERAGED = replace(PLAIN, average=0.9)


@pytest.fixture(scope="module")
def training() -> Digits:
    return load_digits("digits", "train", Path()).first(400)


@pytest.fixture(scope="module")
def test_set() -> Digits:
    return load_digits("digits", "test", Path())


def epochs(events: Iterator[Event]) -> list[EpochDone]:
    return [event for event in events if isinstance(event, EpochDone)]


def state_of(event: EpochDone) -> TrainerState:
    assert event.state is not None
    return event.state


def repeatable(event: EpochDone) -> tuple[object, ...]:
    arrays = {name: array.tobytes() for name, array in state_of(event).arrays.items()}
    weights = {name: tensor.numpy().tobytes() for name, tensor in event.model.state_dict().items()}
    figures = (event.epoch, event.train_loss, event.train_accuracy, event.test_loss, event.test_accuracy)
    return (*figures, weights, arrays, dict(state_of(event).notes))


def saved(event: EpochDone, prefix: str) -> dict[str, np.ndarray]:
    """Return the arrays of a state whose names begin with a prefix."""
    arrays = state_of(event).arrays.items()
    return {name.removeprefix(prefix): array for name, array in arrays if name.startswith(prefix)}


def set_weights(model: DigitModel, value: float) -> None:
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.fill_(value)


def test_the_average_follows_its_formula() -> None:
    model = build(CNN)
    set_weights(model, 5.0)
    average = WeightAverage(model, 0.7)
    expected = 5.0
    for step, value in enumerate((1.0, -2.0, 4.0, 0.5, 3.0, 2.0, -1.0, 6.0, 2.5, 1.5, 0.0, 8.0, 7.0, 6.0, 5.0)):
        set_weights(model, value)
        average.update()
        decay = min(0.7, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
        for name, tensor in average.model.state_dict().items():
            if tensor.is_floating_point():  # also the statistics of batch norm
                assert tensor.numpy() == pytest.approx(np.full(tensor.shape, expected), rel=1e-5), name


@pytest.mark.parametrize("spec", [SoftmaxSpec(), MLP, CNN])
def test_averaged_weights_are_measured_and_saved_and_do_not_change_the_steps(
    spec: Spec, training: Digits, test_set: Digits
) -> None:
    plain, averaged = (list(train(spec, config, training, test_set)) for config in (PLAIN, AVERAGED))
    steps = [[event for event in events if isinstance(event, StepDone)] for events in (plain, averaged)]
    assert steps[0] == steps[1]
    for before, after in zip(epochs(iter(plain)), epochs(iter(averaged)), strict=True):
        raw, weights = saved(after, "weights."), saved(after, "average.")
        assert {n: a.tobytes() for n, a in saved(before, "weights.").items()} == {
            n: a.tobytes() for n, a in raw.items()
        }
        model = {name: tensor.numpy() for name, tensor in after.model.state_dict().items()}
        assert all(np.array_equal(weights[name], model[name]) for name in model)
        assert any(not np.array_equal(raw[name], model[name]) for name in model)
        right = (predict_logits(after.model, test_set.images, test_set.peak).argmax(1) == test_set.labels).mean()
        assert after.test_accuracy == pytest.approx(right, abs=0.003)
        assert after.test_loss != before.test_loss


def test_a_snapshot_has_the_averaged_weights(training: Digits, test_set: Digits) -> None:
    events = train(MLP, AVERAGED, training, test_set)
    started = next(events)
    assert isinstance(started, TrainingStarted)
    assert started.snapshot is not None
    done = next(event for event in events if isinstance(event, EpochDone))
    shown = started.snapshot().state_dict()
    assert all(torch.equal(tensor, shown[name]) for name, tensor in done.model.state_dict().items())


def test_the_average_soon_forgets_the_random_weights_of_the_start(training: Digits, test_set: Digits) -> None:
    slow = replace(PLAIN, average=0.9999, learning_rate=0.01, epochs=10)
    done = epochs(train(MLP, slow, training, test_set))
    assert done[-1].test_accuracy > 0.8


@pytest.mark.parametrize("spec", [MLP, CNN])
def test_a_training_with_averaged_weights_resumes_exactly(
    spec: Spec, training: Digits, test_set: Digits, tmp_path: Path
) -> None:
    whole = epochs(train(spec, AVERAGED, training, test_set))
    for done in whole[:-1]:
        save_state(tmp_path / "state", state_of(done))
        state = load_state(tmp_path / "state", SoftmaxSpec())
        rest = epochs(train(spec, AVERAGED, training, test_set, state=state))
        assert [repeatable(e) for e in rest] == [repeatable(e) for e in whole[done.epoch :]]


def test_a_state_without_an_average_starts_to_average_from_its_weights(training: Digits, test_set: Digits) -> None:
    first = epochs(train(MLP, PLAIN, training, test_set))[0]
    rest = epochs(train(MLP, AVERAGED, training, test_set, state=first.state))
    assert [event.epoch for event in rest] == [2, 3]
    assert saved(rest[-1], "average.")


def test_a_state_with_an_average_can_be_continued_without(training: Digits, test_set: Digits) -> None:
    first = epochs(train(MLP, AVERAGED, training, test_set))[0]
    plain = epochs(train(MLP, PLAIN, training, test_set))
    rest = epochs(train(MLP, PLAIN, training, test_set, state=first.state))
    assert [repeatable(event) for event in rest] == [repeatable(event) for event in plain[1:]]


def test_the_average_of_another_model_is_refused(training: Digits, test_set: Digits) -> None:
    first = epochs(train(MLP, AVERAGED, training, test_set))[0]
    other = epochs(train(MLPSpec(hidden=(17,)), AVERAGED, training, test_set))[0]
    mixed = {**state_of(first).arrays, **{f"average.{n}": a for n, a in saved(other, "average.").items()}}
    with pytest.raises(DigitpadError, match="start a new run"):
        list(train(MLP, AVERAGED, training, test_set, state=TrainerState(1, mixed, state_of(first).notes)))
    wrong = {**state_of(first).notes, "average.steps": "many"}
    with pytest.raises(DigitpadError, match="start a new run"):
        list(train(MLP, AVERAGED, training, test_set, state=TrainerState(1, state_of(first).arrays, wrong)))


def test_the_setting_is_a_share_and_the_numpy_engine_refuses_it() -> None:
    assert with_settings(load_recipe("mlp-fast"), ["average=0.99"]).training.average == 0.99
    for value in ("1", "-0.1", "nan"):
        with pytest.raises(DigitpadError, match=f"average={value}: must be"):
            with_settings(load_recipe("mlp-fast"), [f"average={value}"])
    with pytest.raises(DigitpadError, match=r"average=.*NumPy"):
        with_settings(load_recipe("sigmoid-mlp-mse"), ["average=0.9"])

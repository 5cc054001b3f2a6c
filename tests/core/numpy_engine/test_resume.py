"""A training with the NumPy engine resumes from a saved state as if it had never stopped."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec
from digitpad.core.numpy_engine import random_streams
from digitpad.core.numpy_engine.loop import train_numpy
from digitpad.core.numpy_engine.random_streams import RandomStream
from digitpad.core.runs.writer import load_state, save_state
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.events import EpochDone, Event, TrainerState

SGD = TrainConfig(optimizer="sgd", learning_rate=0.1, epochs=2, batch_size=100)
WITH_DROPOUT = MLPSpec(hidden=(12,), dropout=0.5)


@pytest.fixture(scope="module")
def training() -> Digits:
    return load_digits("digits", "train", Path())


@pytest.fixture(scope="module")
def test_set() -> Digits:
    return load_digits("digits", "test", Path())


def epochs(events: Iterator[Event]) -> list[EpochDone]:
    return [event for event in events if isinstance(event, EpochDone)]


def seeded() -> RandomStream:
    return np.random.default_rng(3)


def legacy() -> RandomStream:
    return np.random.RandomState(3)


def repeatable(event: Event) -> tuple | Event:
    """Return the parts of an event that must be the same bit for bit."""
    if not isinstance(event, EpochDone):
        return event
    assert event.state is not None
    weights = [parameter.numpy().tobytes() for parameter in event.model.state_dict().values()]
    arrays = {name: array.tobytes() for name, array in event.state.arrays.items()}
    figures = (event.epoch, event.train_loss, event.train_accuracy, event.test_loss, event.test_accuracy)
    return (*figures, weights, arrays, dict(event.state.notes))


def through_a_file(state: TrainerState | None, folder: Path) -> TrainerState:
    assert state is not None
    save_state(folder / "state", state)
    return load_state(folder / "state", SoftmaxSpec())


@pytest.mark.parametrize("make_rng", [seeded, legacy])
@pytest.mark.parametrize("spec", [WITH_DROPOUT, MLPSpec(hidden=(12,), dropout=0.2, activation="sigmoid")])
def test_a_training_resumes_bit_for_bit_from_any_epoch(
    make_rng: Callable[[], RandomStream], spec: MLPSpec, training: Digits, test_set: Digits, tmp_path: Path
) -> None:
    # An odd number of draws leaves half a word in the generator, which must be saved too.
    config = replace(SGD, epochs=4, batch_size=97)
    whole = list(train_numpy(spec, config, training, test_set, rng=make_rng()))
    for done in epochs(iter(whole))[:-1]:
        rest = list(train_numpy(spec, config, training, test_set, state=through_a_file(done.state, tmp_path)))
        assert rest[0] == replace(whole[0], first_epoch=done.epoch + 1)
        assert [repeatable(e) for e in rest[1:]] == [repeatable(e) for e in whole[whole.index(done) + 1 :]]


def test_the_arrays_of_a_state_do_not_change_while_training_continues(training: Digits, test_set: Digits) -> None:
    events = train_numpy(WITH_DROPOUT, SGD, training, test_set)
    first = next(event for event in events if isinstance(event, EpochDone))
    before = repeatable(first)
    list(events)
    assert repeatable(first) == before


def test_early_stopping_continues_to_count_after_resuming(training: Digits, test_set: Digits, tmp_path: Path) -> None:
    # The learning rate is far too high: the test loss soon stops falling.
    config = replace(SGD, learning_rate=4.0, epochs=60, patience=3)
    whole = epochs(train_numpy(SoftmaxSpec(), config, training, test_set))
    losses = [epoch.test_loss for epoch in whole]
    assert len(whole) < 60
    assert np.argmin(losses) == len(losses) - 4
    halfway = whole[-2]
    rest = epochs(train_numpy(SoftmaxSpec(), config, training, test_set, state=through_a_file(halfway.state, tmp_path)))
    assert [repeatable(epoch) for epoch in rest] == [repeatable(whole[-1])]


def test_the_state_of_another_model_or_other_data_is_refused(training: Digits, test_set: Digits) -> None:
    state = epochs(train_numpy(SoftmaxSpec(), SGD, training, test_set))[-1].state
    assert state is not None
    longer = replace(SGD, epochs=9)
    with pytest.raises(DigitpadError, match="start a new run"):
        list(train_numpy(WITH_DROPOUT, longer, training, test_set, state=state))
    with pytest.raises(DigitpadError, match="start a new run"):
        list(train_numpy(SoftmaxSpec(), longer, training.first(50), test_set, state=state))
    for spoilt in ({}, {**state.notes, "chance.bit_generator": "Generator"}, {**state.notes, "chance.state.inc": "x"}):
        with pytest.raises(DigitpadError, match="start a new run"):
            list(train_numpy(SoftmaxSpec(), longer, training, test_set, state=replace(state, notes=spoilt)))


@pytest.mark.parametrize(
    "damage",
    [{"rng.state.inc": 2**200}, {"rng.state": 7}, {"rng.bit_generator": "Dice"}, {"rng.uinteger": 2**80}],
)
def test_a_damaged_random_state_is_refused_with_an_error_that_the_caller_expects(damage: dict[str, object]) -> None:
    notes, arrays = random_streams.save_state(np.random.default_rng(3))
    prefix = next(iter(notes)).partition(".")[0]
    changed = {f"{prefix}.{name.removeprefix('rng.')}": value for name, value in damage.items()}
    with pytest.raises((KeyError, TypeError, ValueError)):
        random_streams.load_state({**changed, **notes, **changed}, arrays)

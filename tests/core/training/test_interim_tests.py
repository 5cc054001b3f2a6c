"""Tests of a sample within a long epoch, and snapshots of the model between two steps, in both engines."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch

from digitpad.core.images.digits import Digits
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.networks import DigitModel
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec
from digitpad.core.numpy_engine.loop import train_numpy
from digitpad.core.training import epochs as epoch_loop
from digitpad.core.training.config import Augmentation, TrainConfig
from digitpad.core.training.epochs import interim_steps, sample_of
from digitpad.core.training.events import EpochDone, Event, InterimTest, Measuring, StepDone, TrainingStarted
from digitpad.core.training.loop import train

Train = Callable[..., Iterator[Event]]
DROPOUT = MLPSpec(hidden=(16,), dropout=0.3)
SGD = TrainConfig(optimizer="sgd", learning_rate=0.05, epochs=2, batch_size=50)
ADAM = TrainConfig(epochs=2, batch_size=50, augmentation=Augmentation(rotation=10, thickness=0.5), patience=1)
# Each engine with settings that draw random numbers in every step.
CASES = [
    (train, DROPOUT, ADAM),
    (train, CNNSpec(channels=(4,), dense=8, dropout=0.3), ADAM),
    (train_numpy, DROPOUT, SGD),
    (train_numpy, DROPOUT, replace(SGD, stream="tutorial-mse")),
]


def noise(count: int, seed: int = 0) -> Digits:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
    return Digits("noise", images, rng.integers(0, 10, count).astype(np.uint8))


@pytest.fixture
def with_interim_tests(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[int]], None]:
    """Return a function that sets after which steps of each epoch there is a test."""

    def set_steps(steps: set[int]) -> None:
        monkeypatch.setattr(epoch_loop, "interim_steps", lambda *_: steps)

    return set_steps


def weights(event: EpochDone) -> Mapping[str, bytes]:
    assert event.state is not None
    return {name: array.tobytes() for name, array in event.state.arrays.items()}


def repeatable(events: Iterator[Event]) -> list[object]:
    """Return what a seed repeats bit for bit, without the tests within an epoch."""
    found: list[object] = []
    for event in events:
        match event:
            case StepDone():
                found.append(event)
            case EpochDone():
                figures = (event.train_loss, event.train_accuracy, event.test_loss, event.test_accuracy)
                found.append((event.epoch, *figures, weights(event)))
            case _:
                pass
    return found


@pytest.mark.parametrize(("engine", "config"), [(train, ADAM), (train_numpy, SGD)])
def test_a_long_epoch_is_tested_four_times_on_a_sample(engine: Train, config: TrainConfig) -> None:
    settings = replace(config, batch_size=400, augmentation=Augmentation(), epochs=3, report_every=3, patience=0)
    events = list(engine(SoftmaxSpec(), settings, noise(20_000), noise(2500, seed=1)))
    tests = [event for event in events if isinstance(event, InterimTest)]
    # The second epoch is not measured.
    assert [(e.epoch, e.step) for e in tests] == [(epoch, step) for epoch in (1, 3) for step in (10, 20, 30, 40)]
    assert all(event.images == 1000 and 0 <= event.accuracy <= 1 and event.loss > 0 for event in tests)
    for number, event in enumerate(events):
        if isinstance(event, InterimTest):
            before = next(e for e in reversed(events[:number]) if isinstance(e, StepDone))
            assert (before.epoch, before.step) == (event.epoch, event.step)


@pytest.mark.parametrize(
    ("steps", "images", "expected"),
    [
        (469, 60_000, {93, 187, 281, 375}),
        (50, 20_000, {10, 20, 30, 40}),
        (49, 60_000, set()),
        (469, 19_999, set()),
        (1, 60_000, set()),
    ],
)
def test_short_epochs_have_no_tests_within(steps: int, images: int, expected: set[int]) -> None:
    assert interim_steps(steps, images) == expected


@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 1999, 10_000])
def test_the_sample_is_spread_evenly_over_the_test_set(count: int) -> None:
    numbers = np.arange(count)
    digits = Digits("numbers", numbers.astype(">u4").view(np.uint8).reshape(-1, 2, 2), np.zeros(count, np.uint8), 7)
    sample = sample_of(digits)
    chosen = sample.images.reshape(-1, 4).view(">u4").ravel().astype(int)
    assert len(sample) == len(sample.images) == min(count, 1000)
    assert sample.peak == 7
    assert chosen[0] == 0
    gaps = np.diff([*chosen, count])
    assert gaps.min() >= 1
    assert gaps.max() - gaps.min() <= 1


@pytest.mark.parametrize(("engine", "spec", "config"), CASES)
def test_tests_within_an_epoch_change_no_figure_of_a_seed(
    engine: Train, spec: Spec, config: TrainConfig, with_interim_tests: Callable[[set[int]], None]
) -> None:
    training, test = noise(330), noise(1200, seed=1)
    plain = repeatable(engine(spec, config, training, test))
    with_interim_tests({1, 4, 7})
    assert repeatable(engine(spec, config, training, test)) == plain


@pytest.mark.parametrize(("engine", "spec", "config"), CASES)
def test_a_training_with_tests_within_its_epochs_resumes_exactly(
    engine: Train, spec: Spec, config: TrainConfig, with_interim_tests: Callable[[set[int]], None]
) -> None:
    training, test = noise(330), noise(1200, seed=1)
    with_interim_tests({2, 5})
    whole = list(engine(spec, config, training, test))
    first = next(event for event in whole if isinstance(event, EpochDone))
    rest = list(engine(spec, config, training, test, state=first.state))
    later = whole[whole.index(first) + 1 :]
    assert repeatable(iter(rest)) == repeatable(iter(later))
    tests = [[e for e in events if isinstance(e, InterimTest)] for events in (rest, later)]
    assert len(tests[0]) == 2
    assert tests[0] == tests[1]


@pytest.mark.parametrize(("engine", "spec", "config"), CASES)
def test_the_test_is_of_the_model_after_the_step(
    engine: Train, spec: Spec, config: TrainConfig, with_interim_tests: Callable[[set[int]], None]
) -> None:
    training, test = noise(330), noise(1200, seed=1)
    with_interim_tests({3})
    events = engine(spec, config, training, test)
    started = next(events)
    assert isinstance(started, TrainingStarted)
    assert started.snapshot is not None
    event = next(e for e in events if isinstance(e, InterimTest))
    model, sample = started.snapshot(), sample_of(test)
    assert not model.training
    right = (predict_logits(model, sample.images).argmax(1) == sample.labels).mean()
    assert event.accuracy == pytest.approx(right, abs=0.0021)  # the order of the sums differs


@pytest.mark.parametrize(("engine", "spec", "config"), CASES)
def test_snapshots_change_no_figure_and_are_not_changed_by_further_training(
    engine: Train, spec: Spec, config: TrainConfig
) -> None:
    training, test = noise(330), noise(100, seed=1)
    plain = repeatable(engine(spec, config, training, test))
    seen: list[Event] = []
    copies = []
    events = engine(spec, config, training, test)
    started = next(events)
    assert isinstance(started, TrainingStarted)
    assert started.snapshot is not None
    for event in events:
        seen.append(event)
        model = started.snapshot()
        copies.append((model, {name: tensor.clone() for name, tensor in model.state_dict().items()}))
    assert repeatable(iter(seen)) == plain
    for model, before in copies:
        for name, tensor in model.state_dict().items():
            assert torch.equal(tensor, before[name])
    assert not all(torch.equal(copies[0][1][name], copies[-1][1][name]) for name in copies[0][1])


def test_a_test_in_several_parts_can_be_closed_between_them(
    with_interim_tests: Callable[[set[int]], None],
) -> None:
    with_interim_tests({2})
    spec, config = CNNSpec(channels=(2,), dense=4), replace(ADAM, augmentation=Augmentation())
    events = train(spec, config, noise(330), noise(1200, seed=1))
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Measuring):
            break
    assert seen[-1] == Measuring(1, 256, 1000, is_interim=True)
    events.close()  # type: ignore[attr-defined]
    assert next(events, None) is None


def test_the_clock_counts_no_test_within_an_epoch(
    with_interim_tests: Callable[[set[int]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_interim_tests({1, 2, 3, 4, 5, 6})
    now, forward = [0.0], DigitModel.forward

    def slow_when_measured(model: DigitModel, images: torch.Tensor) -> torch.Tensor:
        now[0] += 0 if model.training else 10
        return forward(model, images)

    monkeypatch.setattr(epoch_loop.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(DigitModel, "forward", slow_when_measured)
    done = [event for event in train(DROPOUT, ADAM, noise(330), noise(1200, seed=1)) if isinstance(event, EpochDone)]
    assert now[0] >= 10 * 2 * 7
    assert [event.seconds for event in done] == [0, 0]

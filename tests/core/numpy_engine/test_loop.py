"""Training by the NumPy engine as a generator of events."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info
from torch.nn import functional

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.models import networks
from digitpad.core.models.specs import MLPSpec, Normalisation, SoftmaxSpec
from digitpad.core.numpy_engine import trainer
from digitpad.core.numpy_engine.loop import train_numpy
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.events import EpochDone, Event, Measuring, StepDone, TrainingStarted

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


def test_softmax_regression_learns_the_built_in_digits(training: Digits, test_set: Digits) -> None:
    done = epochs(train_numpy(SoftmaxSpec(), replace(SGD, epochs=20), training, test_set))
    losses = [epoch.train_loss for epoch in done]
    assert losses == sorted(losses, reverse=True)
    assert done[-1].test_accuracy > 0.88


def test_events_come_in_order_and_add_up(training: Digits, test_set: Digits) -> None:
    events = list(train_numpy(SoftmaxSpec(), replace(SGD, batch_size=500), training, test_set))
    started = TrainingStarted(device="NumPy", parameters=7850, steps_per_epoch=3, samples_per_epoch=1437)
    assert events[0] == started
    assert [type(event) for event in events[1:]] == [*[StepDone] * 3, Measuring, EpochDone] * 2
    steps = [event for event in events if isinstance(event, StepDone)]
    assert [(s.epoch, s.step, s.samples) for s in steps[:3]] == [(1, 1, 500), (1, 2, 500), (1, 3, 437)]
    first = epochs(iter(events))[0]
    assert first.train_loss == pytest.approx(sum(s.loss * s.samples for s in steps[:3]) / 1437)
    assert first.train_accuracy == pytest.approx(sum(s.accuracy * s.samples for s in steps[:3]) / 1437)
    assert events[4] == Measuring(1, 360, 360)


def test_metrics_after_an_epoch_are_those_of_all_training_images(training: Digits, test_set: Digits) -> None:
    config = replace(SGD, train_figures="after", epochs=1)
    events = list(train_numpy(SoftmaxSpec(), config, training, test_set))
    assert [(e.done, e.total) for e in events if isinstance(e, Measuring)] == [
        *[(360, 360)],
        *[(500, 1437), (1000, 1437), (1437, 1437)],
    ]
    done = epochs(iter(events))[0]
    pixels = torch.tensor(training.images).float() / 255
    logits = done.model(pixels)
    assert done.train_loss == pytest.approx(
        functional.cross_entropy(logits, torch.tensor(training.labels).long()).item()
    )
    assert done.train_accuracy == pytest.approx((logits.argmax(1).numpy() == training.labels).mean())


@pytest.mark.parametrize(
    ("settings", "sizes"),
    [
        ({"batch_size": "full"}, [1437]),
        ({"batch_size": 700}, [700, 700, 37]),
        ({"batch_size": 700, "drop_last": True}, [700, 700]),
    ],
)
def test_batches_are_as_configured(settings: dict, sizes: list[int], training: Digits, test_set: Digits) -> None:
    events = list(train_numpy(SoftmaxSpec(), replace(SGD, epochs=1, **settings), training, test_set))
    assert [event.samples for event in events if isinstance(event, StepDone)] == sizes
    assert isinstance(events[0], TrainingStarted)
    assert events[0].samples_per_epoch == sum(sizes)


def test_a_large_batch_is_computed_in_parts_with_the_same_result(
    training: Digits, test_set: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(SGD, batch_size="full")
    whole = epochs(train_numpy(SoftmaxSpec(), config, training, test_set))[-1]
    monkeypatch.setattr(trainer, "_MICRO_BATCH", 600)
    events = list(train_numpy(SoftmaxSpec(), config, training, test_set))
    assert events[1:3] == [Measuring(1, 600, 1437), Measuring(1, 1200, 1437)]
    assert epochs(iter(events))[-1].test_loss == pytest.approx(whole.test_loss, rel=1e-9)


def test_without_shuffling_every_epoch_has_the_order_of_the_file(training: Digits, test_set: Digits) -> None:
    config = replace(SGD, shuffle=False, learning_rate=1e-12, epochs=2)
    events = list(train_numpy(SoftmaxSpec(), config, training, test_set))
    first, second = ([e.accuracy for e in events if isinstance(e, StepDone) and e.epoch == epoch] for epoch in (1, 2))
    assert first == second
    state = epochs(iter(events))[-1].state
    assert state is not None
    np.testing.assert_array_equal(state.arrays["order"], np.arange(1437))


def test_only_measured_epochs_are_reported_and_the_last_is_one(training: Digits, test_set: Digits) -> None:
    config = replace(SGD, epochs=6, report_every=4)
    assert [e.epoch for e in epochs(train_numpy(SoftmaxSpec(), config, training, test_set))] == [1, 5, 6]


def test_the_same_seed_gives_the_same_metrics_and_another_seed_others(training: Digits, test_set: Digits) -> None:
    first, again, other = (
        epochs(train_numpy(WITH_DROPOUT, replace(SGD, seed=seed), training, test_set))[-1].test_loss
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_closing_stops_and_restores_the_number_of_threads(training: Digits, test_set: Digits) -> None:
    before = threadpool_info()
    events = train_numpy(SoftmaxSpec(), SGD, training, test_set)
    assert len(list(islice(events, 4))) == 4
    events.close()  # pyright: ignore[reportAttributeAccessIssue] - it is a generator
    assert threadpool_info() == before
    assert list(events) == []


def test_a_loss_that_is_not_a_number_raises_a_readable_error(training: Digits, test_set: Digits) -> None:
    spec = MLPSpec(hidden=(), output="linear")
    config = replace(SGD, loss="sse", learning_rate=90.0, epochs=20)
    with pytest.raises(DigitpadError, match=r"the loss is not a number in step [0-9]+ of epoch [0-9]+: lower the"):
        list(train_numpy(spec, config, training, test_set))


@pytest.mark.parametrize(
    "spec", [SoftmaxSpec(normalisation=Normalisation(mean=0.1307, std=0.3081)), WITH_DROPOUT, MLPSpec(bias=False)]
)
def test_the_model_of_an_epoch_is_a_pytorch_model_with_the_same_outputs(
    spec: SoftmaxSpec | MLPSpec, training: Digits, test_set: Digits
) -> None:
    torch_before = torch.get_rng_state()
    done = epochs(train_numpy(spec, SGD, training, test_set))[-1]
    assert torch.equal(torch.get_rng_state(), torch_before)
    assert not done.model.training
    assert not any(parameter.requires_grad for parameter in done.model.parameters())
    logits = done.model(torch.tensor(test_set.images).float() / 255)
    labels = torch.tensor(test_set.labels).long()
    assert done.test_loss == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
    is_right = networks.predicted_classes(logits, "softmax") == labels
    assert done.test_accuracy == pytest.approx(is_right.float().mean().item())


def test_the_peak_of_a_data_set_is_1_point_0(training: Digits, test_set: Digits) -> None:
    raw = load_digits("digits-8x8", "train", Path())
    scaled = Digits("scaled", (raw.images.astype(int) * 15).astype(np.uint8), raw.labels, peak=240)
    spec = SoftmaxSpec(inputs=(8, 8))
    first, second = (epochs(train_numpy(spec, SGD, digits, digits))[-1] for digits in (raw, scaled))
    assert first.test_loss == second.test_loss
    assert first.test_accuracy > 0.7


def test_seconds_count_training_alone(training: Digits, test_set: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock advances by 1 at each reading, and by 1,000 while the consumer handles an event.
    now = [0.0]

    def clock() -> float:
        now[0] += 1
        return now[0]

    monkeypatch.setattr(time, "perf_counter", clock)
    seconds = []
    for event in train_numpy(SoftmaxSpec(), replace(SGD, batch_size=500), training, test_set):
        now[0] += 1000
        if isinstance(event, EpochDone):
            seconds.append(event.seconds)
    # One shuffle; three times gradients and step.
    assert seconds == [7, 7]

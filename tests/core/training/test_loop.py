"""Training as a generator of events."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest
import torch
from torch.nn import functional

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import build
from digitpad.core.models.specs import CNNSpec, MLPSpec, Normalisation, SoftmaxSpec, Spec
from digitpad.core.training.backpropagation import set_gradients
from digitpad.core.training.config import Augmentation, TrainConfig
from digitpad.core.training.events import EpochDone, Measuring, StepDone, TrainingStarted
from digitpad.core.training.image_augmentation import _grid, augment
from digitpad.core.training.loop import train

CNNS = (CNNSpec(channels=(4,), dense=16), CNNSpec(channels=(4, 8), convolutions="single", dense=16))


@pytest.fixture(scope="module")
def bars() -> Digits:
    """Ten easy classes: a bar in one of ten places, with noise."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 500).astype(np.uint8)
    images = rng.integers(0, 60, (500, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 4 : 2 * label + 6, 5:23] = 255
    return Digits("bars", images, labels)


def epochs(events: Iterator) -> list[EpochDone]:
    return [event for event in events if isinstance(event, EpochDone)]


def figures(events: Iterator) -> list[tuple[float, ...]]:
    done = epochs(events)
    return [(e.train_loss, e.train_accuracy, e.test_loss, e.test_accuracy) for e in done]


def test_events_come_in_order_and_add_up(bars: Digits) -> None:
    events = list(train(SoftmaxSpec(), TrainConfig(epochs=2, batch_size=120, device="cpu"), bars, bars))
    assert events[0] == TrainingStarted(device="cpu", parameters=7850, steps_per_epoch=5, samples_per_epoch=500)
    kinds = [type(event) for event in events[1:]]
    assert kinds == [*[StepDone] * 5, Measuring, EpochDone] * 2
    steps = [event for event in events if isinstance(event, StepDone)]
    assert [(step.epoch, step.step) for step in steps] == [(e, s) for e in (1, 2) for s in range(1, 6)]
    first = epochs(iter(events))[0]
    sizes = np.array([120, 120, 120, 120, 20])
    assert first.train_loss == pytest.approx((np.array([s.loss for s in steps[:5]]) * sizes).sum() / 500, rel=1e-5)
    assert first.train_accuracy == pytest.approx((np.array([s.accuracy for s in steps[:5]]) * sizes).sum() / 500)


@pytest.mark.parametrize("spec", [SoftmaxSpec(), MLPSpec(hidden=(32,), dropout=0.2), *CNNS])
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_every_model_learns_with_every_optimiser(
    bars: Digits, spec: object, optimizer: Literal["sgd", "adam", "adamw"]
) -> None:
    rate = 0.05 if optimizer == "sgd" else 0.003
    config = TrainConfig(
        epochs=8,
        batch_size=50,
        optimizer=optimizer,
        learning_rate=rate,
        momentum=0.9 if optimizer == "sgd" else 0.0,
        nesterov=optimizer == "sgd",
        schedule="one-cycle",
    )
    done = epochs(train(spec, config, bars, bars))  # type: ignore[arg-type]
    assert done[-1].test_accuracy > 0.95
    assert done[-1].train_loss < done[0].train_loss


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(
    "spec",
    [
        SoftmaxSpec(),
        MLPSpec(hidden=()),
        MLPSpec(hidden=(30,), bias=False),
        MLPSpec(hidden=(40, 30, 20), dropout=0.4),
        MLPSpec(hidden=(40, 20), normalisation=Normalisation(mean=0.1, std=0.3)),
    ],
)
def test_manual_gradients_equal_those_of_autograd(bars: Digits, spec: Spec, smoothing: float) -> None:
    model = build(spec)
    images = torch.tensor(bars.images[:37]).float() / 255
    labels = torch.tensor(bars.labels[:37]).long()
    dropout = getattr(spec, "dropout", 0.0)
    torch.manual_seed(5)
    inputs = model.prepared(images)
    total, right = set_gradients(model.linear_layers, inputs, labels, smoothing=smoothing, dropout=dropout)
    manual = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    torch.manual_seed(5)
    logits = model(images)
    loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    loss.backward()
    for ours, parameter in zip(manual, model.parameters(), strict=True):
        torch.testing.assert_close(ours, parameter.grad)
    # The reported loss has no smoothing, so that it is comparable with that of the test images.
    assert total / 37 == pytest.approx(torch.nn.functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert right == int((logits.argmax(1) == labels).sum())


@pytest.mark.parametrize("spec", [MLPSpec(hidden=(16,)), MLPSpec(hidden=(16,), activation="tanh")])
def test_the_reported_loss_has_no_label_smoothing(bars: Digits, spec: Spec) -> None:
    settings = {"epochs": 1, "batch_size": 500, "shuffle": False, "learning_rate": 1e-6}
    plain, smoothed = (
        figures(train(spec, TrainConfig(label_smoothing=share, **settings), bars, bars)) for share in (0.0, 0.3)
    )
    assert smoothed[0] == pytest.approx(plain[0], rel=1e-4)


def test_gradients_in_bfloat16_are_close_to_those_in_float32(bars: Digits) -> None:
    model = build(MLPSpec(hidden=(40, 20)))
    inputs = torch.tensor(bars.images[:100]).float().flatten(1) / 255
    labels = torch.tensor(bars.labels[:100]).long()
    full, low = [], []
    for gradients, pixels in ((full, inputs), (low, inputs.bfloat16())):
        set_gradients(model.linear_layers, pixels, labels)
        gradients += [parameter.grad for parameter in model.parameters()]
    for ours, exact in zip(low, full, strict=True):
        assert ours.dtype == torch.float32
        assert (ours - exact).norm() < 0.03 * exact.norm()


def test_the_same_seed_gives_the_same_metrics(bars: Digits) -> None:
    config = TrainConfig(epochs=2, batch_size=100, augmentation=Augmentation(rotation=10, thickness=0.5), seed=3)
    spec = MLPSpec(hidden=(16,), dropout=0.3)
    first = figures(train(spec, config, bars, bars))
    torch.manual_seed(99)
    assert figures(train(spec, config, bars, bars)) == first
    other = TrainConfig(epochs=2, batch_size=100, augmentation=config.augmentation, seed=4)
    assert figures(train(spec, other, bars, bars)) != first


def test_further_training_does_not_change_the_model_of_an_epoch(bars: Digits) -> None:
    events = train(SoftmaxSpec(), TrainConfig(epochs=2, batch_size=100), bars, bars)
    first = next(event for event in events if isinstance(event, EpochDone)).model
    before = {name: tensor.clone() for name, tensor in first.state_dict().items()}
    for _ in events:
        pass
    for name, tensor in first.state_dict().items():
        torch.testing.assert_close(tensor, before[name])


def test_closing_the_generator_ends_the_training(bars: Digits) -> None:
    events = train(SoftmaxSpec(), TrainConfig(epochs=1000), bars, bars)
    next(events)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert next(events, None) is None


def test_a_loss_that_is_not_a_number_raises_a_readable_error(bars: Digits) -> None:
    config = TrainConfig(epochs=30, batch_size=50, optimizer="sgd", learning_rate=100, momentum=0.99)
    with pytest.raises(DigitpadError, match="lower the learning rate"):
        list(train(MLPSpec(hidden=(256, 256, 256)), config, bars, bars))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has what the test says is missing")
def test_the_error_for_a_missing_device_names_it(bars: Digits) -> None:
    with pytest.raises(DigitpadError, match="cuda"):
        next(train(SoftmaxSpec(), TrainConfig(device="cuda"), bars, bars))


def test_training_in_bfloat16_learns(bars: Digits) -> None:
    config = TrainConfig(epochs=6, batch_size=50, precision="bfloat16", learning_rate=0.003)
    assert epochs(train(MLPSpec(hidden=(32,)), config, bars, bars))[-1].test_accuracy > 0.95


def test_augmentation_stays_in_range_and_changes_what_it_should() -> None:
    images = torch.zeros(200, 28, 28)
    images[:, 8:20, 13:15] = 1.0
    rng = torch.Generator().manual_seed(0)
    shifted = augment(images, Augmentation(shift=3), rng)
    assert shifted.min() >= 0
    assert shifted.max() <= 1
    places = (shifted.sum(dim=1) * torch.arange(28)).sum(dim=1) / shifted.sum(dim=(1, 2)) - 13.5
    assert 2 < places.abs().max() <= 3.01
    thicker = augment(images, Augmentation(thickness=1.0), rng).sum(dim=(1, 2))
    assert thicker.max() > images[0].sum() > thicker.min()
    assert augment(images, Augmentation(), rng) is images
    assert not Augmentation()


def test_the_sampling_points_are_those_of_torch() -> None:
    affine = torch.randn(30, 2, 3, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        _grid(affine), functional.affine_grid(affine, [30, 1, 28, 28], align_corners=False), rtol=0, atol=1e-6
    )


@pytest.mark.parametrize("count", [1, 60])
def test_strokes_get_thicker_or_thinner_towards_the_extremes_of_neighbouring_pixels(count: int) -> None:
    images = torch.rand(count, 28, 28)
    changed = augment(images, Augmentation(thickness=0.5), torch.Generator().manual_seed(5))
    rng = torch.Generator().manual_seed(5)
    draw, amount = torch.rand(count, generator=rng), torch.rand(count, 1, 1, generator=rng)
    highest = functional.max_pool2d(images[:, None], 3, stride=1, padding=1)[:, 0]
    lowest = -functional.max_pool2d(-images[:, None], 3, stride=1, padding=1)[:, 0]
    expected = images.clone()
    for chosen, extreme in ((draw < 0.25, highest), ((draw >= 0.25) & (draw < 0.5), lowest)):
        expected[chosen] = (images + amount * (extreme - images))[chosen]
    assert (changed == expected).all()

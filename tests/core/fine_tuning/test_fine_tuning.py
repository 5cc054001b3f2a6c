"""Fine-tuning improves on an unusual writer, keeps the accuracy on MNIST, and does not change the old model."""

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from writers import is_held_out

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.result import evaluate
from digitpad.core.files.paths import ASSETS, user_models
from digitpad.core.fine_tuning import fine_tuned_models
from digitpad.core.fine_tuning.events import (
    MAX_FORGOTTEN,
    FineTuneBase,
    FineTuned,
    FineTuneDigits,
    FineTuneEvent,
    FineTuneMeasuring,
    FineTunePreparing,
    FineTuneScores,
    FineTuneSettings,
    FineTuneStarted,
    FineTuneStep,
    Score,
)
from digitpad.core.fine_tuning.fine_tuned_models import (
    FineTuneRecord,
    fine_tune_base,
    fine_tune_digits,
    fine_tune_record,
    save_fine_tuned,
)
from digitpad.core.fine_tuning.forgetting_bound import limit_forgetting
from digitpad.core.fine_tuning.loop import fine_tune
from digitpad.core.images.digits import Digits
from digitpad.core.models.model_files import ModelCard, find_model, list_models, load_model
from digitpad.core.models.networks import DigitModel, build, frozen_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec
from digitpad.core.my_digits.store import MyDigits
from tests.helpers.distorted_writer import WRITER, distorted_digits
from tests.helpers.drawings import new_digits, stroke_drawing

QUICK = FineTuneSettings(steps=3, my_digits_per_batch=4, rehearsed_per_batch=8)


@pytest.fixture
def mnist(shared_data: Path) -> FineTuneBase:
    return FineTuneBase(load_digits("mnist", "train", shared_data), load_digits("mnist", "test", shared_data))


@pytest.fixture
def small() -> FineTuneBase:
    """The built-in digits in MNIST's place."""
    return FineTuneBase(load_digits("digits", "train", Path()), load_digits("digits", "test", Path()))


def shipped(name: str) -> DigitModel:
    return load_model(ASSETS / "models" / f"{name}.safetensors").model


def fresh(spec: Spec) -> DigitModel:
    torch.manual_seed(1)
    return frozen_copy(build(spec))


def some_own(count: int, *, tested: int = 0) -> FineTuneDigits:
    def digits(name: str, start: int, end: int) -> Digits:
        images = np.stack([new.image for new in new_digits(end)[start:]])
        return Digits(name, images, np.arange(start, end).astype(np.uint8) % 10)

    return FineTuneDigits(digits("mine", 0, count), (), digits("mine test", count, count + tested) if tested else None)


def ended(events: Iterator[FineTuneEvent]) -> FineTuned:
    *_, last = events
    assert isinstance(last, FineTuned)
    return last


def weights_of(model: DigitModel) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def are_same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(first[name], second[name]) for name in first)


def test_an_unusual_writer_is_recognised_better_and_little_of_mnist_is_forgotten(
    shared_data: Path, mnist: FineTuneBase
) -> None:
    assert is_held_out(WRITER)
    old = shipped("mlp")
    before = weights_of(old)
    result = ended(fine_tune(old, distorted_digits(shared_data, 100), mnist))
    assert result.before.my_digits
    assert result.after.my_digits
    assert result.before.mnist
    assert result.after.mnist
    assert result.before.my_digits.count == 150
    assert result.before.my_digits.accuracy < 0.7
    assert result.after.my_digits.accuracy > 0.85
    assert result.after.mnist.count == 10_000
    assert result.after.mnist.accuracy >= result.before.mnist.accuracy - MAX_FORGOTTEN
    assert result.after.mnist.right == evaluate(result.model, load_digits("mnist", "test", shared_data)).is_right.sum()
    assert (result.digit_count, result.notes) == (100, ())
    assert are_same(before, weights_of(old))


@pytest.mark.slow
def test_without_mnist_the_weights_stay_near_the_old_ones(shared_data: Path, mnist: FineTuneBase) -> None:
    old = shipped("mlp")
    result = ended(fine_tune(old, distorted_digits(shared_data, 100), None))
    assert result.before.my_digits
    assert result.after.my_digits
    assert mnist.test
    assert result.after.my_digits.accuracy > result.before.my_digits.accuracy + 0.05
    assert evaluate(result.model, mnist.test).accuracy >= evaluate(old, mnist.test).accuracy - MAX_FORGOTTEN
    assert (result.before.mnist, result.after.mnist) == (None, None)
    assert "MNIST is not installed" in " ".join(result.notes)


@pytest.mark.slow
def test_a_cnn_learns_and_its_batch_norms_keep_their_statistics(shared_data: Path, mnist: FineTuneBase) -> None:
    assert mnist.test
    old = shipped("cnn")
    base = FineTuneBase(mnist.training.first(1600), mnist.test.first(1000))
    result = ended(fine_tune(old, distorted_digits(shared_data, 60, tested=100), base, FineTuneSettings(steps=30)))
    assert result.before.my_digits
    assert result.after.my_digits
    assert result.before.mnist
    assert result.after.mnist
    assert result.after.my_digits.right > result.before.my_digits.right
    assert result.after.mnist.accuracy >= result.before.mnist.accuracy - MAX_FORGOTTEN
    before, after = weights_of(old), weights_of(result.model)
    running = [name for name in before if "running" in name or "batches" in name]
    assert running
    assert all(np.array_equal(before[name], after[name]) for name in running)
    assert not are_same(before, after)


@pytest.mark.parametrize(
    "spec", [SoftmaxSpec(), MLPSpec(hidden=(16,), output="sigmoid"), MLPSpec(hidden=(16,), output="linear")]
)
@pytest.mark.parametrize("has_base", [True, False])
def test_every_kind_of_output_is_fine_tuned(spec: Spec, has_base: bool, small: FineTuneBase) -> None:
    settings = replace(QUICK, steps=30, max_forgotten=1)
    events = list(fine_tune(fresh(spec), some_own(20, tested=5), small if has_base else None, settings))
    losses = [event.loss for event in events if isinstance(event, FineTuneStep)]
    assert len(losses) == 30
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


def test_events_come_in_order_and_the_same_seed_gives_the_same_model(small: FineTuneBase) -> None:
    model, own = fresh(MLPSpec(hidden=(16,))), some_own(12, tested=3)
    events = list(fine_tune(model, own, small, QUICK, seed=4))
    kinds = list(dict.fromkeys(type(event) for event in events))
    assert kinds == [FineTuneStarted, FineTuneMeasuring, FineTunePreparing, FineTuneStep, FineTuned]
    assert [event.step for event in events if isinstance(event, FineTuneStep)] == [1, 2, 3]
    first, second, other = events[-1], *(ended(fine_tune(model, own, small, QUICK, seed=seed)) for seed in (4, 5))
    assert isinstance(first, FineTuned)
    assert are_same(weights_of(first.model), weights_of(second.model))
    assert first.blend == 0 or not are_same(weights_of(first.model), weights_of(other.model))


@pytest.mark.parametrize("count", [1, 4])
def test_with_very_few_digits_a_note_says_that_the_improvement_is_not_measured(count: int, small: FineTuneBase) -> None:
    result = ended(fine_tune(fresh(MLPSpec(hidden=(16,))), some_own(count), small, QUICK))
    assert (result.before.my_digits, result.after.my_digits, result.digit_count) == (None, None, count)
    assert result.notes[0].startswith(f"{count} digits are too few to hold some out")
    assert result.after.mnist == Score(result.after.mnist.right if result.after.mnist else 0, 360)


def test_stopping_does_not_change_the_old_model(small: FineTuneBase) -> None:
    model = fresh(CNNSpec(channels=(2,), dense=8))
    before = weights_of(model)
    with contextlib.closing(fine_tune(model, some_own(10), small, QUICK)) as events:
        for event in events:
            if isinstance(event, FineTuneStep) and event.step == 2:
                break
    assert are_same(before, weights_of(model))
    assert list(events) == []


def test_test_images_are_never_trained_on(small: FineTuneBase) -> None:
    model, own = fresh(MLPSpec(hidden=(16,))), some_own(12, tested=3)
    assert small.test
    assert own.test
    first = ended(fine_tune(model, own, small, QUICK))
    noise = np.random.default_rng(0).integers(0, 256, (50, 28, 28)).astype(np.uint8)
    other = FineTuneBase(small.training, Digits("noise", noise, np.zeros(50, np.uint8)))
    foreign = replace(own, test=Digits("noise", noise, np.ones(50, np.uint8)))
    assert are_same(weights_of(first.model), weights_of(ended(fine_tune(model, foreign, other, QUICK)).model))


def test_weights_that_forget_too_much_are_blended_with_the_old_ones(small: FineTuneBase) -> None:
    watched = small.training
    old = ended(fine_tune(fresh(SoftmaxSpec()), some_own(4), small, FineTuneSettings(steps=60, max_forgotten=1))).model
    worse = frozen_copy(old)
    worse.linear_layers[-1].weight.mul_(-1)
    least = evaluate(old, watched).accuracy
    assert evaluate(worse, watched).accuracy < least - 0.1

    def found() -> Generator[FineTuneMeasuring, None, None]:
        kept.append((yield from limit_forgetting(old, worse, watched, 0.0, 1.0)))

    kept: list[tuple[DigitModel, float]] = []
    assert len(list(found())) > 4
    ((between, blend),) = kept
    assert 0 <= blend < 1
    assert evaluate(between, watched).accuracy >= least


@pytest.mark.parametrize(
    ("spec", "own"),
    [(MLPSpec(inputs=(8, 8)), 3), (MLPSpec(outputs=1, output="sigmoid"), 3), (SoftmaxSpec(inputs=(14, 14)), 3)],
)
def test_a_model_of_other_images_is_refused(spec: Spec, own: int) -> None:
    with pytest.raises(DigitpadError, match="does not read ten digits of 28x28 px"):
        next(fine_tune(fresh(spec), some_own(own), None))


def test_a_model_whose_loss_overflows_raises_a_sentence(small: FineTuneBase) -> None:
    model = fresh(MLPSpec(hidden=(16,)))
    for weights in model.parameters():
        weights.mul_(1e19)
    with pytest.raises(DigitpadError, match="weights of this model are too large to train it further"):
        list(fine_tune(model, some_own(3), small))


def test_a_model_whose_outputs_overflow_raises_a_sentence(small: FineTuneBase) -> None:
    model = fresh(MLPSpec(hidden=(16,)))
    for weights in model.parameters():
        weights.mul_(1e30)
    with pytest.raises(DigitpadError, match="outputs are not numbers"):
        list(fine_tune(model, some_own(3), small))


def test_weights_that_overflow_in_the_last_step_are_not_used(small: FineTuneBase) -> None:
    model = fresh(MLPSpec(hidden=(16,), output="linear", bias=False))
    first, second = model.parameters()
    first.mul_(1e-7)
    second.fill_(1e24)  # the outputs are about 1e17, but the gradient of the hidden units is above 1e38
    with pytest.raises(DigitpadError, match="weights of this model are too large to train it further"):
        list(fine_tune(model, some_own(3), small, FineTuneSettings(steps=1)))


def test_my_digits_are_split_into_training_and_held_out_digits(user_folder: Path) -> None:
    del user_folder
    with MyDigits.open() as mine:
        with pytest.raises(DigitpadError, match="no digits to train on yet"):
            fine_tune_digits(mine)
        mine.add(stroke_drawing(1), 3)
        assert fine_tune_digits(mine).test is None
        mine.add_all(new_digits(40))
        own = fine_tune_digits(mine)
        assert own.test
        assert np.array_equal(own.training.images, mine.digits("train").images)
        assert np.array_equal(own.test.labels, mine.digits("test").labels)
        kept = [digit for digit in mine.all(newest_first=False) if digit.part == "train"]
        assert [ink is None for ink in own.inks] == [digit.ink is None for digit in kept]
        assert any(own.inks)


def test_mnist_is_the_base_if_it_is_installed(shared_data: Path, tmp_path: Path) -> None:
    base = fine_tune_base(shared_data)
    assert base is not None
    assert base.test is not None
    assert (len(base.training), len(base.test)) == (60_000, 10_000)
    assert fine_tune_base(tmp_path) is None


def a_result(*, has_mnist: bool = True) -> FineTuned:
    mnist = (Score(9916, 10_000), Score(9910, 10_000)) if has_mnist else (None, None)
    figures = [FineTuneScores(Score(right, 20), share) for right, share in zip((11, 19), mnist, strict=True)]
    return FineTuned(fresh(SoftmaxSpec()), *figures, blend=0.8, digit_count=80, steps=240)


def test_a_saved_model_has_an_unused_name_and_a_correct_card_and_can_be_loaded() -> None:
    result = a_result()
    names = [save_fine_tuned(result, name).name for name in ("cnn", "cnn", "cnn-mine", "cnn-mine-2", "a/b")]
    assert names == ["cnn-mine", "cnn-mine-2", "cnn-mine-3", "cnn-mine-4", "a-b-mine"]
    assert {entry.name for entry in list_models()} > set(names)
    loaded = load_model(find_model("cnn-mine"))
    assert are_same(weights_of(loaded.model), weights_of(result.model))
    card = loaded.card
    assert (card.name, card.dataset, card.test_accuracy) == ("cnn-mine", "MNIST test", 0.991)
    assert card.title == "cnn fine-tuned on 80 of your digits"
    assert card.training["fine_tuned_from"] == "cnn"
    assert card.training["before"]["own_held_out"] == {"right": 11, "count": 20}
    own = save_fine_tuned(a_result(has_mnist=False), "mlp").card
    assert (own.dataset, own.test_accuracy) == ("my digits test", 0.95)


def test_only_a_fine_tuned_model_has_a_record_of_how_it_was_made() -> None:
    result = a_result()
    record = fine_tune_record(save_fine_tuned(result, "cnn").card)
    assert record == FineTuneRecord("cnn", result.digit_count, result.before, result.after, result.notes)
    whole = {"fine_tuned_from": "cnn", "own_digits": 3, "before": {}, "after": {}}
    assert fine_tune_record(ModelCard(name="a", training=whole))
    for name, damage in (("own_digits", "many"), ("before", None), ("after", {"mnist_test": 7}), ("notes", 3)):
        assert fine_tune_record(ModelCard(name="a", training=whole | {name: damage})) is None
    none = {"mnist_test": {"right": 0, "count": 0}}
    read = fine_tune_record(ModelCard(name="a", training=whole | {"before": none}))
    assert read
    assert read.before == FineTuneScores(None, None)
    assert fine_tune_record(ModelCard(name="a", training={"epochs": 3})) is None


def test_no_file_is_overwritten_and_no_unfinished_file_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    user_models().mkdir(parents=True)
    taken = user_models() / "cnn-mine.safetensors"
    taken.write_bytes(b"not a model, but somebody's")
    assert save_fine_tuned(a_result(), "cnn").name == "cnn-mine-2"
    assert taken.read_bytes() == b"not a model, but somebody's"

    def fail(*_: object, **__: object) -> None:
        raise DigitpadError("the disk is full")

    monkeypatch.setattr(fine_tuned_models, "save_model", fail)
    with pytest.raises(DigitpadError, match="the disk is full"):
        save_fine_tuned(a_result(), "cnn")
    assert sorted(path.name for path in user_models().iterdir()) == ["cnn-mine-2.safetensors", "cnn-mine.safetensors"]


def test_the_digits_that_either_model_reads_wrongly_are_told_with_both_answers(small: FineTuneBase) -> None:
    model, own = fresh(MLPSpec(hidden=(16,))), some_own(20, tested=5)
    result = ended(fine_tune(model, own, small, QUICK))
    assert own.test is not None
    expected = []
    for digits, is_test in ((own.test, True), (own.training, False)):
        before, after = (evaluate(each, digits).predicted.tolist() for each in (model, result.model))
        rows = zip(digits.labels.tolist(), before, after, strict=True)
        expected += [(*row, is_test) for row in rows if row[0] != row[1] or row[0] != row[2]]
    told = [(r.label, r.before, r.after, r.is_held_out) for r in result.readings]
    assert told == expected
    assert any(before != label for label, before, _, _ in told)

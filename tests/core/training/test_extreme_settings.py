"""Every legal recipe trains to its end or fails with a sentence, whatever becomes of its figures."""

import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import numpy as np
import pytest
import torch

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import Part
from digitpad.core.models.specs import CNNSpec, Convolutions, MLPSpec, Normalisation, SoftmaxSpec
from digitpad.core.numpy_engine import trainer as numpy_trainer
from digitpad.core.numpy_engine.loop import train_numpy
from digitpad.core.runs.run_folder import read_run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, RunOpened, TrainingJob, run_job
from digitpad.core.training import train_step
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.early_stopping import EarlyStopping
from digitpad.core.training.epochs import RunningMetrics
from digitpad.core.training.events import EpochDone, Event, TrainerState
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, RecipeError, parse_recipe, with_settings

T = TypeVar("T")
_NEAR_ONE = (0.0, 0.5, 0.9, 0.999, 1 - 1e-16)
_INPUTS = {"digits": (28, 28), "digits-8x8": (8, 8), "xor": (1, 2)}
_OUTPUTS = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid"}
# Legal values for each key, mostly at its limits.
_TRAINING: Mapping[str, tuple[object, ...]] = {
    "loss": ("cross-entropy", "mse", "binary-cross-entropy", "sse"),
    "epochs": (1, 2, 3),
    "batch_size": (2, 7, 64, 128, 512, 1_000_000, "full"),
    "shuffle": (True, False),
    "drop_last": (True, False),
    "learning_rate": (5e-324, 1e-3, 1, 10, 30, 100),
    "patience": (0, 1, 1_000_000),
    "train_figures": ("running", "after"),
    "report_every": (1, 2, 1_000_000),
    "seed": (0, 777, 2**31 - 1),
}
_TORCH: Mapping[str, tuple[object, ...]] = {
    "optimizer": ("sgd", "adam", "adamw"),
    "schedule": ("constant", "one-cycle"),
    "weight_decay": (0.0, 1e-320, 0.1, 10),
    "average": _NEAR_ONE,
    "precision": ("float32", "bfloat16", "auto"),
}
_AUGMENTATION = {"rotation": (0, 90), "shear": (0, 1), "scale": (0, 1 - 1e-16), "shift": (0, 14), "thickness": (0, 1)}
_MLP: Mapping[str, tuple[object, ...]] = {
    "hidden": ((), (1,), (32,), (64, 64, 64), (3,) * 8),
    "activation": ("relu", "sigmoid"),
    "bias": (True, False),
    "dropout": _NEAR_ONE,
    "initial": ("torch", "normal", "uniform"),
}
_CNN: Mapping[str, tuple[object, ...]] = {
    "channels": ((1,), (4, 4), (2, 3, 4)),
    "convolutions": ("pairs", "single"),
    "dense": (1, 16),
    "dropout": _NEAR_ONE,
}


@cache
def digits(name: str, part: Part) -> Digits:
    return load_digits(name, part, Path())


def some_of(choices: Mapping[str, tuple[object, ...]], rng: random.Random) -> dict[str, Any]:
    return {key: rng.choice(values) for key, values in choices.items() if rng.random() < 0.5}


def random_recipe(number: int) -> Recipe:
    """Return a random legal recipe on built-in digits."""
    rng = random.Random(number)  # noqa: S311 - not for secrets
    dataset, engine = rng.choice(("digits", "digits", "digits-8x8", "xor")), rng.choice(("torch", "torch", "numpy"))
    training: dict[str, Any] = {"device": "cpu", "epochs": 2, **some_of(_TRAINING, rng)}
    kinds = ["mlp", "mlp", "softmax", "cnn"] if dataset == "digits" and engine == "torch" else ["mlp"]
    model: dict[str, Any] = {"kind": rng.choice(kinds)}
    model |= some_of({"mlp": _MLP, "cnn": _CNN}.get(model["kind"], {}), rng)
    if model["kind"] != "cnn":
        model["inputs"] = _INPUTS[dataset]
    model["normalisation"] = {"mean": rng.choice((0, -10, 10)), "std": rng.choice((0.0011, 0.3, 1, 10))}
    if dataset == "xor":
        model["outputs"], training["loss"] = 1, rng.choice(("binary-cross-entropy", "mse", "sse"))
    loss = training.get("loss", "cross-entropy")
    if model["kind"] != "softmax":
        model["output"] = _OUTPUTS.get(loss, rng.choice(("sigmoid", "linear")))
    elif loss == "binary-cross-entropy":
        training["loss"] = "mse"
    if engine == "numpy":
        training |= {"optimizer": "sgd", "slips": rng.choice(((), ("relu-derivative", "dropout-backward")))}
    else:
        training |= some_of(_TORCH, rng)
        if loss == "cross-entropy":
            training["label_smoothing"] = rng.choice(_NEAR_ONE)
        if training.get("optimizer") == "sgd":
            training["momentum"] = rng.choice(_NEAR_ONE)
            training["nesterov"] = bool(training["momentum"]) and rng.random() < 0.5
        if dataset == "digits" and rng.random() < 0.2:
            training["augmentation"] = some_of(_AUGMENTATION, rng)
    content = {"title": "random", "engine": engine, "dataset": dataset, "model": model, "training": training}
    content["train_first"] = rng.choice((1, 2, 129, 257, 400))
    content["test_first"] = rng.choice((1, 2, 300))
    return parse_recipe(content, f"recipe {number}")


def events_of(recipe: Recipe, state: TrainerState | None = None) -> Iterator[Event]:
    training = digits(recipe.dataset, "train").first(recipe.train_first)
    test = digits(recipe.dataset, "test").first(recipe.test_first)
    if isinstance(recipe.model, CNNSpec) or recipe.engine == "torch":
        return train(recipe.model, recipe.training, training, test, state=state)
    return train_numpy(recipe.model, recipe.training, training, test, state=state)


def without_divergence(events: Iterator[T]) -> Iterator[T]:
    """Yield events up to the end, or to the one sentence that a training may fail with."""
    try:
        yield from events
    except DigitpadError as error:
        assert "lower the learning rate" in str(error)  # noqa: PT017 - most recipes raise nothing


@pytest.mark.slow
@pytest.mark.parametrize("number", range(150))
def test_the_run_of_a_random_legal_recipe_is_kept(number: int) -> None:
    recipe = random_recipe(number)
    events = list(without_divergence(run_job(TrainingJob(recipe, "random"))))
    opened = events[0]
    assert isinstance(opened, RunOpened)
    epochs = [event.epoch for event in events if isinstance(event, EpochDone)]
    if not epochs:  # it diverged in its first epoch
        assert not list_runs()
        return
    run = read_run(opened.run.folder)
    assert [row.epoch for row in run.rows] == epochs
    assert run.info.outcome == ("finished" if isinstance(events[-1], RunClosed) else "failed")
    assert run.recipe == recipe


@pytest.mark.slow
@pytest.mark.parametrize("number", range(150))
def test_a_random_legal_recipe_ends_well_or_with_a_sentence(number: int) -> None:
    recipe = random_recipe(number)
    done = [event for event in without_divergence(events_of(recipe)) if isinstance(event, EpochDone)]
    if done:
        rest = [e for e in without_divergence(events_of(recipe, done[0].state)) if isinstance(e, EpochDone)]
        assert [event.epoch for event in rest] == [event.epoch for event in done[1:]]
    for event in done:
        assert 0 <= event.train_accuracy <= 1
        assert 0 <= event.test_accuracy <= 1
        assert not min(event.train_loss, event.test_loss) < 0  # NaN is allowed


def test_the_random_recipes_are_legal_and_varied() -> None:
    recipes = [random_recipe(number) for number in range(150)]
    for kind in (SoftmaxSpec, MLPSpec, CNNSpec):
        assert sum(isinstance(recipe.model, kind) for recipe in recipes) >= 5
    assert sum(recipe.engine == "numpy" for recipe in recipes) >= 20
    with pytest.raises(RecipeError):
        with_settings(recipes[0], ["learning_rate=101"])


def test_weights_that_diverge_in_the_last_step_end_the_training_without_an_error() -> None:
    settings = ["dataset=digits", "epochs=1", "learning_rate=100", "optimizer=sgd", "momentum=0", "schedule=constant"]
    recipe = with_settings(load_recipe("cnn-fast"), [*settings, "batch_size=512", "device=cpu"])
    (done,) = (event for event in events_of(recipe) if isinstance(event, EpochDone))
    assert math.isfinite(done.train_loss)
    assert not math.isfinite(done.test_loss) or done.test_loss > done.train_loss


@pytest.mark.parametrize("count", [1, 129])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_last_batch_of_a_cnn_may_be_a_single_image(count: int, precision: Literal["float32", "bfloat16"]) -> None:
    config = TrainConfig(epochs=2, batch_size=128, precision=precision, device="cpu")
    training = digits("digits", "train").first(count)
    for convolutions in get_args(Convolutions):
        spec = CNNSpec(channels=(2, 3, 4), convolutions=convolutions)
        done = [event for event in train(spec, config, training, training) if isinstance(event, EpochDone)]
        assert len(done) == 2
        assert all(math.isfinite(event.test_loss) for event in done)


@pytest.mark.parametrize("engine", [train, train_numpy])
def test_a_training_that_ends_just_before_its_loss_overflows_finishes(engine: Callable[..., Iterator[Event]]) -> None:
    spec = MLPSpec(hidden=(), output="linear", normalisation=Normalisation(std=0.0011))
    config = TrainConfig(loss="mse", optimizer="sgd", learning_rate=100, epochs=90, batch_size="full", device="cpu")
    training = digits("digits", "train").first(300)
    with pytest.raises(DigitpadError, match=r"the loss is not a number in step 1 of epoch \d+: lower the") as error:
        list(engine(spec, config, training, training))
    last = error.value.values["epoch"]
    assert isinstance(last, int)
    assert last > 2
    *_, done = engine(spec, replace(config, epochs=last - 1), training, training)
    assert isinstance(done, EpochDone)
    assert math.isfinite(done.train_loss)
    assert not math.isfinite(done.test_loss)


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_early_stopping_counts_a_loss_that_is_not_finite_as_no_improvement(loss: float) -> None:
    stopping = EarlyStopping(2)
    stopping.update(loss)
    assert not stopping.should_stop
    stopping.update(1.0)
    assert stopping.epochs_without_improvement == 0
    stopping.update(loss)
    stopping.update(loss)
    assert stopping.should_stop
    again = EarlyStopping.of(2, TrainerState(3, {}, stopping.state_dict()))
    assert (again.lowest_loss, again.epochs_without_improvement) == (1.0, 2)


def test_running_metrics_may_overflow() -> None:
    metrics = RunningMetrics(scale=2.0)
    metrics.add(1e308, 1, 2)
    metrics.add(1e308, 1, 2)
    assert metrics.loss == math.inf
    assert metrics.accuracy == 0.5


def test_a_lack_of_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    small = digits("digits", "train").first(10)
    monkeypatch.setattr(train_step, "build", lambda _: torch.empty(1 << 55))
    monkeypatch.setattr(numpy_trainer, "build_net", lambda *_: np.empty(1 << 55))
    for engine in (train, train_numpy):
        with pytest.raises(DigitpadError, match="there is not enough memory: choose smaller layers"):
            next(iter(engine(SoftmaxSpec(), TrainConfig(device="cpu"), small, small)))

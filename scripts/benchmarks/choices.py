"""Measure each choice in training and evaluation: the same work with one thing changed.

The variants of a row take turns in one process, so that other load on the machine affects all of them equally.
"""

import os
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, data_folder, first, seconds_of
from digitpad.core.datasets.loading import load_digits
from digitpad.core.images.digits import Digits
from digitpad.core.runtime.malloc import freed_memory_kept, trim_heap
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe

if TYPE_CHECKING:
    from torch import Tensor, nn

_TURNS, _STEPS = 25, 4
_CNN_TURNS, _CNN_STEPS = 8, 1

Act = Callable[[], object]


def choices() -> Iterator[Figure]:
    """Measure steps of an MLP and a CNN, and answers of a CNN."""
    training, test = (load_digits("mnist", part, data_folder()) for part in ("train", "test"))
    threads = os.cpu_count() or 1
    yield from _compared("MLP, a step", _mlp_steps(training, threads), _TURNS, _STEPS)
    with freed_memory_kept():
        yield from _compared("CNN, a step", _cnn_steps(training, threads), _CNN_TURNS, _CNN_STEPS)
    yield from _compared("CNN, 1,000 images evaluated", _evaluations(first(test, 1000)), _CNN_TURNS, 1)


def _compared(what: str, acts: Mapping[str, Act], turns: int, steps: int) -> Iterator[Figure]:
    """Run the variants in turn; yield the first one's time, and the others as multiples of it."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for turn in range(turns + 1):
        for name, act in acts.items():
            seconds = [seconds_of(act) for _ in range(steps)]
            if turn:  # the first turn is the warm-up
                taken[name] += seconds
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    ours, *others = medians
    yield Figure(f"{what}: {ours}", 1000 * medians[ours], None, "ms")
    for name in others:
        yield Figure(f"  {name}", medians[name] / medians[ours], None, "×")


def _mlp_steps(training: Digits, threads: int) -> dict[str, Act]:
    recipe = load_recipe("mlp-fast")
    slow = replace(recipe.training, precision="float32")
    return {
        "as we do it": _step(recipe, training, threads),
        "one thread": _step(recipe, training, 1),
        "float32": _step(replace(recipe, training=slow), training, threads),
        "autograd": _loop(recipe, training, threads),
        "autograd, torch.optim.AdamW": _loop(recipe, training, threads, own_optimizer=False),
        "autograd, all images float32 from the start": _loop(recipe, training, threads, keeps_floats=True),
    }


def _cnn_steps(training: Digits, threads: int) -> dict[str, Act]:
    recipe = load_recipe("cnn-fast")
    slow = replace(recipe.training, precision="float32")
    return {
        "as we do it": _step(recipe, training, threads),
        "one thread": _step(recipe, training, 1),
        "float32": _step(replace(recipe, training=slow), training, threads),
        "channels not last in memory": _step(recipe, training, threads, channels_last=False),
        "freed memory returned to the system": _returning_memory(_step(recipe, training, threads)),
    }


def _returning_memory(step: Act) -> Act:
    def act() -> None:
        step()
        trim_heap()

    return act


def _step(recipe: Recipe, training: Digits, threads: int, *, channels_last: bool = True) -> Act:
    """Return the engine's training step, on one batch after the other."""
    import torch

    from digitpad.core.training.train_step import TrainStep

    learner = TrainStep.of(recipe.model, recipe.training, training)
    if not channels_last:
        learner.model.to(memory_format=torch.contiguous_format)
    learner.model.train()
    batches, chance = _batches(recipe, training), torch.Generator().manual_seed(1)

    def act() -> None:
        torch.set_num_threads(threads)
        for _ in learner.take_step(next(batches), chance):
            pass

    return act


def _loop(
    recipe: Recipe, training: Digits, threads: int, *, own_optimizer: bool = True, keeps_floats: bool = False
) -> Act:
    """Return the step as in PyTorch's documentation: autocast, backward, the optimiser's step."""
    import torch
    from torch.nn import functional

    from digitpad.core.models.networks import build
    from digitpad.core.training.optimizers import optimizer_of

    model, config = build(recipe.model), recipe.training
    optimizer = (
        optimizer_of(model, config)
        if own_optimizer
        else torch.optim.AdamW(model.parameters(), config.learning_rate, weight_decay=config.weight_decay)
    )
    images, labels = torch.from_numpy(training.images.copy()), torch.tensor(training.labels).long()
    if keeps_floats:
        images = images.float().div_(255)
    batches = _batches(recipe, training)

    def act() -> None:
        torch.set_num_threads(threads)
        batch = next(batches)
        pixels = images.index_select(0, batch)
        if not keeps_floats:
            pixels = pixels.float().div_(255)
        optimizer.zero_grad()
        _backward(model, pixels, labels.index_select(0, batch), config.label_smoothing)
        optimizer.step()

    def _backward(model: "nn.Module", pixels: "Tensor", labels: "Tensor", smoothing: float) -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(pixels)
        functional.cross_entropy(logits.float(), labels, label_smoothing=smoothing).backward()

    return act


def _batches(recipe: Recipe, training: Digits) -> "Iterator[Tensor]":
    import torch

    while True:
        yield from torch.randperm(len(training)).split(recipe.training.full_batch_size(len(training)))[:-1]


def _evaluations(test: Digits) -> dict[str, Act]:
    import torch

    from digitpad.core.evaluation.result import evaluate
    from digitpad.core.models.model_files import find_model, load_model

    model = load_model(find_model("cnn")).model
    pixels = torch.from_numpy(test.images).float().div(255)

    def plainly(batch: int) -> None:
        with torch.inference_mode():
            for some in pixels.split(batch):
                model(some)

    return {
        "as we do it": lambda: evaluate(model, test),
        "batch norms as they are, 64 at a time": lambda: plainly(64),
        "the same, all at once": lambda: plainly(1000),
    }

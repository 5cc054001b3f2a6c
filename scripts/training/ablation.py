#!/usr/bin/env python3
"""Ablation study: measure what each part of data and normalisation adds on digits by unknown writers.

    .venv/bin/python scripts/training/ablation.py --data ../shared/data [mlp cnn]

The tables are in docs/accuracy.md. All models of a kind have the same layers and train on the same number of images.
Unknown writers are those that scripts/training/train_models.py holds out.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from writers import FILES, as_drawn, distorted_digits, joined, read_digits, split

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.result import evaluate
from digitpad.core.images.digits import Digits, to_bytes
from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.mnist_geometry import BOX, SIZE
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import PEN, Ink
from digitpad.core.models.networks import DigitModel
from digitpad.core.training.config import Augmentation
from digitpad.core.training.events import EpochDone
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.core.training.stroke_augmentation import StrokeAugmentation

# Images per training, so that larger data sets have no advantage except variety.
_SEEN = {"mlp": 1_200_000, "cnn": 180_000}
# A smaller CNN than that of the recipe, because it is trained many times.
_SMALL_CNN = ("channels=16,32", "dense=64", "dropout=0", "learning_rate=0.004", "weight_decay=0.01", "average=0")
_RECIPES = {"mlp": load_recipe("mlp-best"), "cnn": with_settings(load_recipe("cnn-best"), _SMALL_CNN)}
_DISTORTIONS = 6
_IMAGES = load_recipe("cnn-best").training.augmentation
# The size of a digit on a canvas, and the pen's thickness, as shares of the canvas' side.
_ON_CANVAS, _CANVAS_PEN = (0.35, 0.8), 0.06


def trained(kind: str, digits: Digits, test: Digits, augmentation: Augmentation) -> DigitModel:
    """Train a model on a data set, with the same number of images as the others."""
    recipe = _RECIPES[kind]
    epochs = max(1, round(_SEEN[kind] / len(digits)))
    config = replace(recipe.training, epochs=epochs, augmentation=augmentation, report_every=epochs)
    *_, last = (event for event in train(recipe.model, config, digits, test) if isinstance(event, EpochDone))
    return last.model


def shrunk_canvas(ink: Ink, rng: np.random.Generator) -> np.ndarray:
    """Return a canvas scaled down to 28x28, with the digit at its place and in its size.

    (28, 28) uint8.
    """
    left, top, right, bottom = ink.bounds
    side = rng.uniform(*_ON_CANVAS) * SIZE
    scale = side / (max(right - left, bottom - top) or 1.0)
    room = np.array([SIZE - (right - left) * scale, SIZE - (bottom - top) * scale])
    place = rng.uniform(0.15, 0.85, 2) * room
    strokes = [(stroke - (left, top)) * scale + place for stroke in ink.strokes]
    return to_bytes(draw_polylines(strokes, _CANVAS_PEN * SIZE, SIZE))


def centred_box(ink: Ink, _rng: np.random.Generator) -> np.ndarray:
    """Return the digit in the 20-px box, centred by its bounding box; (28, 28) uint8."""
    left, top, right, bottom = ink.bounds
    scale = (BOX - PEN) / (max(right - left, bottom - top) or 1.0)
    middle = np.array([left + right, top + bottom]) / 2
    return to_bytes(draw_polylines([(stroke - middle) * scale + SIZE / 2 for stroke in ink.strokes], PEN, SIZE))


def rendered(
    samples: Sequence[InkSample], render: Callable[[Ink, np.random.Generator], np.ndarray], name: str
) -> Digits:
    """Render drawings differently from the pad."""
    rng = np.random.default_rng(0)
    labels = np.array([sample.digit for sample in samples], np.uint8)
    return Digits(name, np.stack([render(sample.ink, rng) for sample in samples]), labels)


def row(name: str, model: DigitModel, sets: Sequence[Digits]) -> str:
    """Return a table row: a model's accuracy on each data set."""
    return f"| {name} | " + " | ".join(f"{evaluate(model, digits).accuracy:.2%}" for digits in sets) + " |"


def print_training(kind: str, data: Path) -> DigitModel:
    """Print what data and distortions add; return the model that was trained with all of them."""
    mnist, test = load_digits("mnist", "train", data), load_digits("mnist", "test", data)
    sides = [split(read_digits(data / "strokes" / file)) for file in FILES]
    held_out = [as_drawn(file.split("-")[0], held) for file, (_, held) in zip(FILES, sides, strict=True)]
    drawn = [as_drawn("as drawn", learned) for learned, _ in sides]
    bent = [
        distorted_digits("distorted", learned, StrokeAugmentation(), seed)
        for learned, _ in sides
        for seed in range(_DISTORTIONS)
    ]
    print(f"\n| {kind}, trained on | MNIST test | {' | '.join(some.name for some in held_out)} |")
    print(f"| --- | {' | '.join(['---:'] * (1 + len(held_out)))} |")
    ways = (
        ("MNIST", [mnist], Augmentation()),
        ("MNIST, images distorted", [mnist], _IMAGES),
        ("MNIST and strokes as drawn", [mnist, *drawn], Augmentation()),
        ("MNIST and strokes as drawn, images distorted", [mnist, *drawn], _IMAGES),
        ("MNIST and strokes distorted as strokes", [mnist, *drawn, *bent], Augmentation()),
        ("MNIST and strokes distorted as strokes, images distorted", [mnist, *drawn, *bent], _IMAGES),
    )
    models = []
    for name, parts, augmentation in ways:
        models.append(trained(kind, joined(name, parts), test, augmentation))
        print(row(name, models[-1], [test, *held_out]), flush=True)
    return models[-1]


def print_normalisation(kind: str, model: DigitModel, data: Path) -> None:
    """Print what the normalisation of the pad's ink adds for a trained model."""
    sides = [split(read_digits(data / "strokes" / file))[1] for file in FILES]
    names = [file.split("-")[0] for file in FILES]
    print(f"\n| {kind}, the strokes of held-out writers | {' | '.join(names)} |")
    print(f"| --- | {' | '.join(['---:'] * len(names))} |")
    for title, render in (
        ("canvas shrunk to 28x28", shrunk_canvas),
        ("20-px box, bounding box centred", centred_box),
    ):
        print(row(title, model, [rendered(held, render, title) for held in sides]))
    print(
        row("as MNIST was made: 20-px box, centre of mass", model, [as_drawn("", held) for held in sides]), flush=True
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"one of {', '.join(_SEEN)}; default: all")
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and strokes/")
    arguments = parser.parse_args()
    if unknown := set(arguments.kinds) - set(_SEEN):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(_SEEN)}")
    for kind in arguments.kinds or _SEEN:
        test = load_digits("mnist", "test", arguments.data)
        plain = trained(kind, load_digits("mnist", "train", arguments.data), test, Augmentation())
        print_normalisation(f"{kind} of MNIST alone", plain, arguments.data)
        print_normalisation(f"{kind} of everything", print_training(kind, arguments.data), arguments.data)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Take away what makes strangers' digits readable, one thing at a time, and print what each was worth.

    .venv/bin/python scripts/training/ablation.py --data ../shared/data [mlp cnn]

The tables are quoted in docs/accuracy.md. All models of a kind have the same layers and see the same number of
images, whatever these are; strangers are the writers that scripts/training/train_models.py holds out.
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
from digitpad.core.training.recipes import Recipe
from digitpad.core.training.stroke_augmentation import StrokeAugmentation

# How many images each training sees, so that the larger sets have no advantage but their variety.
_SEEN = {"mlp": 1_200_000, "cnn": 180_000}
_RECIPES = {"mlp": "mlp-best", "cnn": "cnn-fast"}
_DISTORTIONS = 6
_IMAGES = load_recipe("cnn-best").training.augmentation
# The side of a digit on a canvas, as a share of the canvas', and how wide a pen is drawn there.
_ON_CANVAS, _CANVAS_PEN = (0.35, 0.8), 0.06


def trained(kind: str, digits: Digits, test: Digits, augmentation: Augmentation) -> DigitModel:
    """Train a model on so many images of a set as every other sees."""
    recipe: Recipe = load_recipe(_RECIPES[kind])
    epochs = max(1, round(_SEEN[kind] / len(digits)))
    config = replace(recipe.training, epochs=epochs, augmentation=augmentation, report_every=epochs)
    *_, last = (event for event in train(recipe.model, config, digits, test) if isinstance(event, EpochDone))
    return last.model


def shrunk_canvas(ink: Ink, draw: np.random.Generator) -> np.ndarray:
    """Return what a canvas is when it is merely shrunk to 28 x 28: the digit wherever it was drawn, as large as it was.

    (28, 28) uint8.
    """
    left, top, right, bottom = ink.bounds
    side = draw.uniform(*_ON_CANVAS) * SIZE
    scale = side / (max(right - left, bottom - top) or 1.0)
    room = np.array([SIZE - (right - left) * scale, SIZE - (bottom - top) * scale])
    place = draw.uniform(0.15, 0.85, 2) * room
    strokes = [(stroke - (left, top)) * scale + place for stroke in ink.strokes]
    return to_bytes(draw_polylines(strokes, _CANVAS_PEN * SIZE, SIZE))


def centred_box(ink: Ink, _draw: np.random.Generator) -> np.ndarray:
    """Return the digit in the 20-px box, with the middle of its bounding box in the middle; (28, 28) uint8."""
    left, top, right, bottom = ink.bounds
    scale = (BOX - PEN) / (max(right - left, bottom - top) or 1.0)
    middle = np.array([left + right, top + bottom]) / 2
    return to_bytes(draw_polylines([(stroke - middle) * scale + SIZE / 2 for stroke in ink.strokes], PEN, SIZE))


def rendered(
    samples: Sequence[InkSample], render: Callable[[Ink, np.random.Generator], np.ndarray], name: str
) -> Digits:
    """Render drawings in another way than the pad does."""
    draw = np.random.default_rng(0)
    labels = np.array([sample.digit for sample in samples], np.uint8)
    return Digits(name, np.stack([render(sample.ink, draw) for sample in samples]), labels)


def row(name: str, model: DigitModel, sets: Sequence[Digits]) -> str:
    """Return a line of a table: what a model makes of each set."""
    return f"| {name} | " + " | ".join(f"{evaluate(model, some).accuracy:.2%}" for some in sets) + " |"


def print_training(kind: str, data: Path) -> DigitModel:
    """Print what the data and the distortions bring; return the model that had all of it."""
    mnist, test = load_digits("mnist", "train", data), load_digits("mnist", "test", data)
    sides = [split(read_digits(data / "strokes" / file)) for file in FILES]
    strangers = [as_drawn(file.split("-")[0], held) for file, (_, held) in zip(FILES, sides, strict=True)]
    drawn = [as_drawn("as drawn", learned) for learned, _ in sides]
    bent = [
        distorted_digits("distorted", learned, StrokeAugmentation(), seed)
        for learned, _ in sides
        for seed in range(_DISTORTIONS)
    ]
    print(f"\n| {kind}, learned from | MNIST test | {' | '.join(some.name for some in strangers)} |")
    print(f"| --- | {' | '.join(['---:'] * (1 + len(strangers)))} |")
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
        print(row(name, models[-1], [test, *strangers]), flush=True)
    return models[-1]


def print_normalisation(kind: str, model: DigitModel, data: Path) -> None:
    """Print what the normalisation of the pad's ink brings to a finished model."""
    sides = [split(read_digits(data / "strokes" / file))[1] for file in FILES]
    names = [file.split("-")[0] for file in FILES]
    print(f"\n| {kind}, the same strangers' strokes | {' | '.join(names)} |")
    print(f"| --- | {' | '.join(['---:'] * len(names))} |")
    for title, render in (
        ("canvas shrunk to 28 x 28", shrunk_canvas),
        ("20-px box, bounding box centred", centred_box),
    ):
        print(row(title, model, [rendered(held, render, title) for held in sides]))
    print(
        row("as MNIST was made: 20-px box, centre of mass", model, [as_drawn("", held) for held in sides]), flush=True
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(_SEEN)}; all without")
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

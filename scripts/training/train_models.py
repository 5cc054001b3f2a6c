#!/usr/bin/env python3
"""Train the models that digitpad ships, on MNIST and on pen strokes, and print the table of docs/accuracy.md.

    .venv/bin/python scripts/training/train_models.py --data ../shared/data [softmax mlp cnn]

Without names all three are trained; --table trains nothing and prints the table for the existing files. Strokes are
rendered by core/ink/strokes.py and distorted in several ways, and drawings in rare styles are made from them. One
writer in five is held out and not used for training.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from calibration import temperature_of, with_logits
from joined_models import joined_mlp
from stroke_styles import STYLES, in_style
from writers import FILES, as_drawn, distorted_digits, is_for_calibration, joined, read_digits, split

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.result import evaluate
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.digits import Digits
from digitpad.core.models.model_files import SUFFIX, load_model, save_model
from digitpad.core.models.networks import DigitModel
from digitpad.core.models.specs import summary
from digitpad.core.runs.training_job import model_card
from digitpad.core.training.events import EpochDone
from digitpad.core.training.loop import train
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe
from digitpad.core.training.stroke_augmentation import StrokeAugmentation


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model, or a part of it, is trained: a recipe, the number of epochs, and the images of an epoch.

    Attributes
    ----------
    recipe, epochs
        The layers and settings, and the number of epochs.
    mnist
        How many times an epoch has each of MNIST's images, each time distorted by the recipe.
    distortions
        The number of distorted images of each drawing, in addition to the undistorted one.
    styles
        The number of distorted images of each drawing in each style of stroke_styles.py; more of flagged 1s, which are
        otherwise read as 7.
    model, training
        Layers and settings that differ from the recipe's, which is for shorter trainings.

    """

    recipe: str
    epochs: int
    mnist: int
    distortions: int
    styles: int = 0
    model: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)

    def settings(self) -> Recipe:
        """Return the recipe with the plan's differences."""
        recipe = load_recipe(self.recipe)
        training = replace(recipe.training, epochs=self.epochs, **self.training)
        return replace(recipe, model=replace(recipe.model, **self.model), training=training)


_SMOOTH = {"label_smoothing": 0.05, "average": 0.999}
# Two plans train two models, which are joined: the mean of their logits is more accurate than either.
PLANS = {
    "softmax": (Plan("softmax", 20, 1, 2),),
    "mlp": (
        Plan("mlp-best", 60, 2, 10, training={"average": 0.0}),
        Plan("mlp-best", 28, 4, 30, 2, {"hidden": (1024, 512), "dropout": 0.15}, _SMOOTH),
    ),
    "cnn": (Plan("cnn-best", 12, 3, 12, 3, {"channels": (32, 64, 128)}, _SMOOTH),),
}
NAMES = tuple(PLANS)
# Images of a flagged 1 for each image of another style.
_MORE_FLAGS = 3


def train_one(name: str, data: Path, folder: Path) -> None:
    """Train a model by its plans and save the weights of the last epoch, whatever the test accuracy."""
    parts: list[DigitModel] = []
    for plan in PLANS[name]:
        recipe = plan.settings()
        training, test = training_set(data, plan), load_digits("mnist", "test", data)
        print(f"{name}: {training.name}, {len(training):,} images", flush=True)
        part, seconds = None, 0.0
        for event in train(recipe.model, recipe.training, training, test):
            if isinstance(event, EpochDone):
                seconds += event.seconds
                part = calibrated(event.model, calibration_digits(data))
                save(name, [*parts, part], recipe, event, data, folder)
                others = " ".join(f"{evaluate(event.model, held).accuracy:.2%}" for held in held_out(data))
                print(
                    f"{name} epoch {event.epoch}: {event.test_accuracy:.2%}, {others} ({event.seconds:.1f} s)",
                    flush=True,
                )
        parts += [part] if part else []
        print(f"{name} done in {seconds:.0f} s", flush=True)


def save(name: str, parts: Sequence[DigitModel], recipe: Recipe, event: EpochDone, data: Path, folder: Path) -> None:
    """Save a model, or several as one whose logits are the mean of theirs; recipe and epoch are those of the last."""
    model, test = parts[0], load_digits("mnist", "test", data)
    if len(parts) > 1:
        model = calibrated(joined_mlp(parts), calibration_digits(data))
        measured = evaluate(model, test)
        event = replace(event, test_accuracy=measured.accuracy, test_loss=float(measured.losses.mean()))
    save_model(folder / f"{name}{SUFFIX}", model, model_card(name, recipe, test.name, event))


def training_set(data: Path, plan: Plan) -> Digits:
    """Return MNIST's training images and the training writers' strokes, as drawn, distorted and in rare styles."""
    parts = [load_digits("mnist", "train", data)] * plan.mnist
    for number, file in enumerate(FILES):
        samples, _ = split(read_digits(data / "strokes" / file))
        parts.append(as_drawn(file, samples))
        parts += [
            distorted_digits(file, samples, StrokeAugmentation(), 1000 * number + seed)
            for seed in range(plan.distortions)
        ]
        for style in STYLES:
            copies = plan.styles * (_MORE_FLAGS if style.digit == 1 else 1)
            parts += [
                distorted_digits(file, in_style(style, samples, seed), StrokeAugmentation(), seed)
                for seed in range(1000 * number + 500, 1000 * number + 500 + copies)
            ]
    return joined("MNIST and pen strokes", parts)


@cache
def held_out(data: Path) -> tuple[Digits, ...]:
    """Return the drawings of the held-out writers, one data set per existing file."""
    files = [data / "strokes" / file for file in FILES if (data / "strokes" / file).exists()]
    return tuple(as_drawn(file.name, split(read_digits(file))[1]) for file in files)


@cache
def calibration_digits(data: Path) -> Digits:
    """Return the drawings of the held-out writers on whom the temperature is fitted."""
    samples = [s for file in FILES for s in split(read_digits(data / "strokes" / file))[1]]
    return as_drawn("calibration", [sample for sample in samples if is_for_calibration(sample.writer)])


def calibrated(model: DigitModel, digits: Digits) -> DigitModel:
    """Scale a model's logits by the temperature fitted on these digits."""
    result = evaluate(model, digits)
    return with_logits(model, 1 / temperature_of(result.logits, digits.labels.astype(int)))


def print_table(data: Path, folder: Path) -> None:
    """Measure the models in a folder on MNIST's test set and, if available, on held-out writers' strokes."""
    mnist = load_digits("mnist", "test", data)
    sets = held_out(data)
    names = [f"{held.name.split('-')[0].split('.')[0]} ({len(held):,})" for held in sets]
    print(f"| {' | '.join(['model', 'layers', 'parameters', 'file', 'MNIST test', *names])} |")
    print(f"| --- | --- |{' ---: |' * (3 + len(sets))}")
    for name in NAMES:
        path = folder / f"{name}{SUFFIX}"
        model = load_model(path).model
        row = (
            name,
            summary(model.spec),
            f"{model.parameter_count():,}",
            f"{path.stat().st_size / 1e6:.2f} MB",
            *(f"{evaluate(model, held).accuracy:.2%}" for held in (mnist, *sets)),
        )
        print(f"| {' | '.join(row)} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; default: all")
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and strokes/")
    parser.add_argument("--into", type=Path, default=ASSETS / "models", help="folder for the models (default: assets)")
    parser.add_argument("--table", action="store_true", help="only print the table")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in () if arguments.table else arguments.names or NAMES:
        train_one(name, arguments.data, arguments.into)
    if all((arguments.into / f"{name}{SUFFIX}").exists() for name in NAMES):
        print_table(arguments.data, arguments.into)


if __name__ == "__main__":
    main()

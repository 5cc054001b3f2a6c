#!/usr/bin/env python3
"""Train the models that digitpad ships, from their recipes, and print the table that README quotes.

    .venv/bin/python scripts/train_models.py --data ../shared/data [softmax mlp cnn]

Without names all three are trained; with --table only the table is printed, measured on the files as they are.
"""

import argparse
from pathlib import Path

from digitpad.core.data import load_digits
from digitpad.core.evaluation import evaluate
from digitpad.core.events import EpochDone
from digitpad.core.folders import ASSETS
from digitpad.core.jobs import card_of
from digitpad.core.recipes import load_recipe
from digitpad.core.specs import summary
from digitpad.core.storage import SUFFIX, load_model, save_model
from digitpad.core.training import train

RECIPES = {"softmax": "softmax", "mlp": "mlp-best", "cnn": "cnn-best"}
NAMES = tuple(RECIPES)


def train_one(name: str, data: Path) -> None:
    """Run one recipe and keep the weights of its last epoch, whatever the test figures on the way."""
    recipe = load_recipe(RECIPES[name])
    training, test = (load_digits(recipe.dataset, part, data) for part in ("train", "test"))
    seconds = 0.0
    for event in train(recipe.model, recipe.training, training, test):
        if isinstance(event, EpochDone):
            seconds += event.seconds
            save_model(ASSETS / "models" / f"{name}{SUFFIX}", event.model, card_of(name, recipe, test.name, event))
            print(f"{name} epoch {event.epoch}: {event.test_accuracy:.2%} ({event.seconds:.1f} s)", flush=True)
    print(f"{name} done in {seconds:.0f} s", flush=True)


def print_table(data: Path) -> None:
    """Measure the files in assets/models on MNIST's test set and, where it is there, on pen strokes."""
    mnist = load_digits("mnist", "test", data)
    strokes_file = data / "strokes" / "pendigits-train.jsonl.gz"
    strokes = load_digits(str(strokes_file), "test", data) if strokes_file.exists() else None
    print("| model | layers | parameters | file | MNIST test | pen strokes (pendigits) |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for name in NAMES:
        path = ASSETS / "models" / f"{name}{SUFFIX}"
        model = load_model(path).model
        on_strokes = f"{evaluate(model, strokes).accuracy:.2%}" if strokes else "not at hand"
        row = (
            name,
            summary(model.spec),
            f"{model.parameter_count():,}",
            f"{path.stat().st_size / 1e6:.2f} MB",
            f"{evaluate(model, mnist).accuracy:.2%}",
            on_strokes,
        )
        print(f"| {' | '.join(row)} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all without")
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and, for the table, strokes/")
    parser.add_argument("--table", action="store_true", help="train nothing")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"no such model: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in () if arguments.table else arguments.names or NAMES:
        train_one(name, arguments.data)
    if all((ASSETS / "models" / f"{name}{SUFFIX}").exists() for name in NAMES):
        print_table(arguments.data)


if __name__ == "__main__":
    main()

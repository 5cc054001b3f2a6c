#!/usr/bin/env python3
"""Measure the shipped models on hands they have never seen, and print the table that README quotes.

    .venv/bin/python scripts/evaluate_handwriting.py --data ../shared/data [--cards]

With --cards the cards in assets/models, which the program shows, are written anew with the figures.
Of each stroke file only the writers that scripts/train_models.py holds out are asked about. An interval is of 95 %, by
drawing writers anew (samples, where the set does not name its writers): two drawings by one hand are not two opinions.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.data import Digits, load_digits
from digitpad.core.evaluation import evaluate
from digitpad.core.folders import ASSETS
from digitpad.core.handwriting import FILES, as_drawn, read_digits, split
from digitpad.core.saving import write_atomically
from digitpad.core.specs import summary
from digitpad.core.storage import find_model, load_model

MODELS = ("softmax", "mlp", "cnn")
_DRAWS = 2000
_HEADINGS = (
    "| model | source | samples | accuracy | 95 % interval | ECE |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
)
_CARD = """# {title}

{layers}, {parameters:,} parameters. Reads 28 x 28 pixels in MNIST's geometry and gives ten logits.

## Data

- MNIST's 60,000 training images (LeCun, Cortes and Burges; made from NIST's forms).
- Pen-Based Recognition of Handwritten Digits, training writers (Alpaydin and Alimoglu, UCI; CC BY 4.0):
  {pendigits} drawings.
- UNIPEN train_r01_v07, category 1a (Guyon, Schomaker, Plamondon, Liberman and Janet 1994; CC BY 4.0 on Zenodo 1195803):
  {unipen} drawings.

One writer in five of the last two was held out, and nothing of theirs was learned from. The strokes were rendered as
drawn and distorted: slant, turn, proportions, bend, tremble, lost points, pens of 1.9 to 3.9 pixels. Made by
`scripts/train_models.py`.

## Figures

On images and writers that were not learned from; intervals of 95 %, by drawing writers anew. ECE is the expected
calibration error in 15 bins.

{table}

## Known weaknesses

- It knows the ten digits only: a letter or a scribble is taken for one, sometimes surely.
- MNIST's writers were employees of the US census and American students, Pen-Based Recognition's were at a Turkish
  university, UNIPEN's came from laboratories of several countries: hands of other schools may be read less well.
- Slashed zeros, which some of UNIPEN's writers drew, are not in MNIST.
{weakness}
"""
_TITLES = {"softmax": "Softmax regression", "mlp": "Multilayer perceptron", "cnn": "Convolutional network"}
_WEAKNESSES = {
    "softmax": "- One linear layer weighs pixels and learns no shapes: it shows what that can do, and what not.",
    "mlp": "- It learns places rather than shapes: slanted or broken digits are its first mistakes.",
    "cnn": "- Where it is wrong it can be nearly sure.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Samples, and (n,) who drew each."""

    name: str
    digits: Digits
    writers: np.ndarray


def sources(data: Path) -> list[Source]:
    """Return MNIST's test images, and the strokes of the writers that were held out."""
    mnist = load_digits("mnist", "test", data)
    found = [Source("MNIST test", mnist, np.arange(len(mnist)))]
    for file in FILES:
        samples = split(read_digits(data / "strokes" / file))[1]
        writers = np.unique([sample.writer for sample in samples], return_inverse=True)[1]
        name = f"{file.split('-')[0]}, {len(set(writers))} writers"
        found.append(Source(name, as_drawn(name, samples), writers))
    return found


def interval(is_right: np.ndarray, writers: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy, by the bootstrap over writers."""
    right, count = np.bincount(writers, is_right), np.bincount(writers)
    draws = np.random.default_rng(0).integers(0, len(count), (_DRAWS, len(count)))
    low, high = np.quantile(right[draws].sum(axis=1) / count[draws].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)


def rows_of(name: str, known: list[Source]) -> list[str]:
    """Measure a model, and return a row for each source."""
    model, rows = load_model(find_model(name)).model, []
    for source in known:
        said = evaluate(model, source.digits)
        low, high = interval(said.is_right, source.writers)
        accuracy = f"{said.accuracy:.2%} | {low:.2%} to {high:.2%}"
        error = said.measured().calibration_error
        rows.append(f"| {name} | {source.name} | {len(said):,} | {accuracy} | {error:.2%} |")
    return rows


def write_card(name: str, rows: list[str], data: Path) -> None:
    """Write what the program shows of a shipped model."""
    model = load_model(find_model(name)).model
    learned = [len(split(read_digits(data / "strokes" / file))[0]) for file in FILES]
    text = _CARD.format(
        title=_TITLES[name],
        layers=summary(model.spec),
        parameters=model.parameter_count(),
        pendigits=f"{learned[0]:,}",
        unipen=f"{learned[1]:,}",
        table="\n".join((*_HEADINGS, *rows)),
        weakness=_WEAKNESSES[name],
    )
    write_atomically(ASSETS / "models" / f"{name}.md", text.encode())


def main() -> None:
    """Read the command line and print a row for each model and source."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and strokes/")
    parser.add_argument("--cards", action="store_true", help="write the models' cards")
    arguments = parser.parse_args()
    known = sources(arguments.data)
    print("\n".join(_HEADINGS))
    for name in MODELS:
        rows = rows_of(name, known)
        print("\n".join(rows), flush=True)
        if arguments.cards:
            write_card(name, rows, arguments.data)


if __name__ == "__main__":
    main()

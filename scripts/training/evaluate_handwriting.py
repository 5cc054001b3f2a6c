#!/usr/bin/env python3
"""Measure what is shipped on hands it has never seen and on what is no digit, and print the tables that README quotes.

    .venv/bin/python scripts/training/evaluate_handwriting.py --data ../shared/data [--left-out FOLDER] [--cards]

With --cards the cards in assets/, which the program shows, are written anew with the figures. With --left-out the
detectors that scripts/training/train_detector.py trained without one kind of non-digit are asked about just that kind.
Of each stroke file only the writers that train_models.py holds out are asked about. An interval is of 95 %, by
drawing writers anew (samples, where the set does not name its writers): two drawings by one hand are not two opinions.
The calibration error (ECE, 15 bins) and the digits lost are of those held-out writers who did not choose temperature
and threshold.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import detector_figures
import numpy as np
from writers import FILES, as_drawn, is_for_calibration, joined, read_digits, split

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.result import evaluate
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.digits import Digits
from digitpad.core.models.model_files import find_model, load_model
from digitpad.core.models.specs import summary

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
drawn and distorted: slant, turn, proportions, bend, tremble, lost points, trimmed ends, strokes adrift or run together,
pens of 1.9 to 3.9 pixels. Made by `scripts/training/train_models.py`.

## Figures

On images and writers that were not learned from; intervals of 95 %, by drawing writers anew. ECE is the expected
calibration error in 15 bins, after temperature scaling (Guo, Pleiss, Sun and Weinberger 2017): one half of the held-out
writers chose the temperature, the figure is of the other half.

{table}

## What is no digit

A network of its own (conv 12-24-48, dense 64-10, ten sigmoid outputs; `train_detector.py`) says how much a
drawing looks like a digit at all, for this model and every other. It learned from the digits above, from UJI Pen
Characters (Llorens and others 2008, UCI; CC BY 4.0), Kuzushiji-MNIST (CODH; CC BY-SA 4.0), the Hershey fonts (public
domain) and from scribbles, marks and blots drawn by rule. At the threshold that is shipped it refuses {lost}
of digits by strangers.

AUROC is the share of pairs of a digit and a non-digit in which the digit has the higher score. Where a kind was left
out, another detector was asked, trained without it.

{refusals}

## Known weaknesses

- It knows the ten digits only. What is none is for the detector to refuse, and letters that look like digits pass.
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
    """Samples, (n,) who drew each, and (n,) whether they chose no temperature and no threshold."""

    name: str
    digits: Digits
    writers: np.ndarray
    is_fresh: np.ndarray

    @property
    def fresh(self) -> Digits:
        """Those that had no say in anything."""
        return Digits(self.name, self.digits.images[self.is_fresh], self.digits.labels[self.is_fresh])


def sources(data: Path) -> list[Source]:
    """Return MNIST's test images, and the strokes of the writers that were held out."""
    mnist = load_digits("mnist", "test", data)
    found = [Source("MNIST test", mnist, np.arange(len(mnist)), np.ones(len(mnist), bool))]
    for file in FILES:
        samples = split(read_digits(data / "strokes" / file))[1]
        writers = np.unique([sample.writer for sample in samples], return_inverse=True)[1]
        name = f"{file.split('-')[0]}, {len(set(writers))} writers"
        is_fresh = np.array([not is_for_calibration(sample.writer) for sample in samples])
        found.append(Source(name, as_drawn(name, samples), writers, is_fresh))
    people = found[1:]
    return [*found, _together(f"strangers together, {sum(len(set(some.writers)) for some in people)} writers", people)]


def _together(name: str, parts: list[Source]) -> Source:
    starts = np.cumsum([0, *(some.writers.max() + 1 for some in parts)])
    writers = [some.writers + start for some, start in zip(parts, starts, strict=False)]
    is_fresh = np.concatenate([some.is_fresh for some in parts])
    return Source(name, joined(name, [some.digits for some in parts]), np.concatenate(writers), is_fresh)


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
        error = evaluate(model, source.fresh).metrics().calibration_error
        rows.append(f"| {name} | {source.name} | {len(said):,} | {accuracy} | {error:.2%} |")
    return rows


def write_card(name: str, rows: list[str], refusals: list[str], lost: float, data: Path) -> None:
    """Write what the program shows of a shipped model, and of the detector."""
    model = load_model(find_model(name)).model
    learned = [len(split(read_digits(data / "strokes" / file))[0]) for file in FILES]
    text = _CARD.format(
        title=_TITLES[name],
        layers=summary(model.spec),
        parameters=model.parameter_count(),
        pendigits=f"{learned[0]:,}",
        unipen=f"{learned[1]:,}",
        table="\n".join((*_HEADINGS, *rows)),
        refusals="\n".join((*detector_figures.HEADINGS, *refusals)),
        lost=f"{lost:.2%}",
        weakness=_WEAKNESSES[name],
    )
    write_atomically(ASSETS / "models" / f"{name}.md", text.encode())


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and strokes/")
    parser.add_argument("--left-out", type=Path, help="folder of the detectors that were trained without a kind")
    parser.add_argument("--cards", action="store_true", help="write the models' cards")
    arguments = parser.parse_args()
    known = sources(arguments.data)
    print("\n".join(_HEADINGS))
    rows = {name: _printed(rows_of(name, known)) for name in MODELS}
    print("", *detector_figures.HEADINGS, sep="\n")
    strangers = known[-1].fresh.images
    refusals = _printed(detector_figures.rows(arguments.data, strangers, arguments.left_out))
    print("\n| digits refused by mistake | samples | share |\n| --- | ---: | ---: |")
    for source in known:
        print(f"| {source.name} | {len(source.fresh):,} | {detector_figures.lost(source.fresh.images):.2%} |")
    for name in MODELS if arguments.cards else ():
        write_card(name, rows[name], refusals, detector_figures.lost(strangers), arguments.data)


def _printed(rows: Iterable[str]) -> list[str]:
    """Print rows as they come."""
    found = []
    for row in rows:
        print(row, flush=True)
        found.append(row)
    return found


if __name__ == "__main__":
    main()

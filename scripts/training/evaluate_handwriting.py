#!/usr/bin/env python3
"""Measure the shipped models on held-out writers and on non-digits, and print the tables of docs/accuracy.md.

    .venv/bin/python scripts/training/evaluate_handwriting.py --data ../shared/data [--left-out FOLDER] [--cards]

--cards also writes the model cards in assets/, which the program shows. --left-out also measures the detectors that
scripts/training/train_detector.py trained without one kind of non-digit, on that kind. Of each stroke file only the
writers that train_models.py holds out are used; the rare styles of stroke_styles.py are made from their drawings with
seeds that no training used. Intervals are 95 %, by bootstrap over writers (over samples if the data
set does not name its writers), because drawings by one writer are not independent. The calibration error (ECE, 15 bins)
and the rejected digits are of the held-out writers on whom temperature and threshold were not fitted.
"""

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import detector_figures
import numpy as np
from stroke_styles import STYLES, in_style
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
_STYLE_SEED = 9000  # train_models.py counts from 0 and from 1000
_HEADINGS = (
    "| model | source | samples | accuracy | 95 % interval | ECE |",
    "| --- | --- | ---: | ---: | ---: | ---: |",
)
_CARD = """# {title}

{layers}, {parameters:,} parameters. Input: 28x28 pixels, positioned as in MNIST. Output: ten logits.

## Data

- MNIST's 60,000 training images (LeCun, Cortes and Burges; made from NIST's forms).
- Pen-Based Recognition of Handwritten Digits, training writers (Alpaydin and Alimoglu, UCI; CC BY 4.0):
  {pendigits} drawings.
- UNIPEN train_r01_v07, category 1a (Guyon, Schomaker, Plamondon, Liberman and Janet 1994; CC BY 4.0 on Zenodo 1195803):
  {unipen} drawings.

One writer in five of the last two data sets was held out and not used for training. The strokes were rendered as drawn
and with distortions: slant, rotation, aspect ratio, bending, tremor, dropped points, trimmed ends, shifted or joined
strokes, pens of 1.9 to 3.9 pixels. The MLP and the CNN also learned rare styles, made from the training writers'
drawings by `scripts/training/stroke_styles.py`: 0 with a slash, 1 with a long flag, 2 with and without a loop, open and
closed 4, 7 with a bar, 9 with a straight and with a curled tail. Trained by `scripts/training/train_models.py`.

## Accuracy

Measured on images and writers that were not used for training; 95 % intervals by bootstrap over writers. ECE is the
expected calibration error in 15 bins, after temperature scaling (Guo, Pleiss, Sun and Weinberger 2017). The temperature
was fitted on one half of the held-out writers, and the ECE was measured on the other half.

{table}

## Detecting non-digits

A separate network (conv 12-24-48, dense 64-10, ten sigmoid outputs; `scripts/training/train_detector.py`) scores how
much a drawing looks like a digit, for all models. It was trained on the digits above, on UJI Pen Characters (Llorens
and others 2008, UCI; CC BY 4.0), Kuzushiji-MNIST (CODH; CC BY-SA 4.0), the Hershey fonts (public domain) and on
generated scribbles, marks and blots. At the default threshold it rejects {lost} of the digits of held-out writers.

AUROC is the share of pairs of a digit and a non-digit in which the digit has the higher score. In rows with "no", the
detector was trained without that kind of non-digit.

{refusals}

## Known weaknesses

- It knows only the ten digits. The detector rejects other drawings, but not letters that look like digits.
- MNIST's writers were employees of the US census and American students, Pen-Based Recognition's were at a Turkish
  university, UNIPEN's came from laboratories in several countries. Digits by writers who learned to write elsewhere may
  be recognised less well.
- MNIST has no slashed zeros and almost no 1s with a long flag. Few training writers drew them; the generated ones that
  the CNN learned vary less than real ones.
{weakness}
"""
_TITLES = {"softmax": "Softmax regression", "mlp": "Multilayer perceptron", "cnn": "Convolutional network"}
_WEAKNESSES = {
    "softmax": "- It is one linear layer, which weighs pixels and learns no shapes.",
    "mlp": """\
- It learns positions rather than shapes: it often misclassifies slanted or broken digits.
- It is two MLPs side by side, 784-512-256-10 and 784-1024-512-10, and its logits are the mean of theirs. Only the
  second learned rare styles.""",
    "cnn": "- It can be very confident in a wrong prediction.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Samples, their writers (n,), and whether temperature and threshold were not fitted on them (n,)."""

    name: str
    digits: Digits
    writers: np.ndarray
    is_fresh: np.ndarray

    @property
    def fresh(self) -> Digits:
        """The samples on which nothing was fitted."""
        return Digits(self.name, self.digits.images[self.is_fresh], self.digits.labels[self.is_fresh])


def sources(data: Path) -> list[Source]:
    """Return MNIST's test images and the strokes of the held-out writers."""
    mnist = load_digits("mnist", "test", data)
    found = [Source("MNIST test", mnist, np.arange(len(mnist)), np.ones(len(mnist), bool))]
    for file in FILES:
        samples = split(read_digits(data / "strokes" / file))[1]
        writers = np.unique([sample.writer for sample in samples], return_inverse=True)[1]
        name = f"{file.split('-')[0]}, {len(set(writers))} writers"
        is_fresh = np.array([not is_for_calibration(sample.writer) for sample in samples])
        found.append(Source(name, as_drawn(name, samples), writers, is_fresh))
    people = found[1:]
    return [*found, _together(f"all held-out, {sum(len(set(source.writers)) for source in people)} writers", people)]


def _together(name: str, parts: list[Source]) -> Source:
    starts = np.cumsum([0, *(source.writers.max() + 1 for source in parts)])
    writers = [source.writers + start for source, start in zip(parts, starts, strict=False)]
    is_fresh = np.concatenate([source.is_fresh for source in parts])
    return Source(name, joined(name, [source.digits for source in parts]), np.concatenate(writers), is_fresh)


def interval(is_right: np.ndarray, writers: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy, by the bootstrap over writers."""
    right, count = np.bincount(writers, is_right), np.bincount(writers)
    draws = np.random.default_rng(0).integers(0, len(count), (_DRAWS, len(count)))
    low, high = np.quantile(right[draws].sum(axis=1) / count[draws].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)


def rows_of(name: str, known: list[Source]) -> list[str]:
    """Measure a model and return a table row for each source."""
    model, rows = load_model(find_model(name)).model, []
    for source in known:
        result = evaluate(model, source.digits)
        low, high = interval(result.is_right, source.writers)
        accuracy = f"{result.accuracy:.2%} | {low:.2%} to {high:.2%}"
        error = evaluate(model, source.fresh).metrics().calibration_error
        rows.append(f"| {name} | {source.name} | {len(result):,} | {accuracy} | {error:.2%} |")
    return rows


def style_rows(data: Path) -> Iterable[str]:
    """Measure the models on the held-out writers' drawings, changed into each rare style."""
    samples = [sample for file in FILES for sample in split(read_digits(data / "strokes" / file))[1]]
    models = [load_model(find_model(name)).model for name in MODELS]
    for style in STYLES:
        digits = as_drawn(style.name, in_style(style, samples, _STYLE_SEED))
        shares = " | ".join(f"{evaluate(model, digits).accuracy:.2%}" for model in models)
        yield f"| {style.name} | {len(digits):,} | {shares} |"


def write_card(name: str, rows: list[str], refusals: list[str], lost: float, data: Path) -> None:
    """Write the card of a shipped model, which also describes the detector."""
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
    parser.add_argument("--left-out", type=Path, help="folder with the detectors that were trained without a kind")
    parser.add_argument("--cards", action="store_true", help="write the models' cards")
    arguments = parser.parse_args()
    known = sources(arguments.data)
    print("\n".join(_HEADINGS))
    rows = {name: _printed(rows_of(name, known)) for name in MODELS}
    print(f"\n| style | drawings | {' | '.join(MODELS)} |\n| --- |{' ---: |' * (1 + len(MODELS))}")
    _printed(style_rows(arguments.data))
    print("", *detector_figures.HEADINGS, sep="\n")
    held_out = known[-1].fresh.images
    refusals = _printed(detector_figures.rows(arguments.data, held_out, arguments.left_out))
    print("\n| digits rejected by mistake | samples | share |\n| --- | ---: | ---: |")
    for source in known:
        print(f"| {source.name} | {len(source.fresh):,} | {detector_figures.lost(source.fresh.images):.2%} |")
    for name in MODELS if arguments.cards else ():
        write_card(name, rows[name], refusals, detector_figures.lost(held_out), arguments.data)


def _printed(rows: Iterable[str]) -> list[str]:
    """Print each row as soon as it is measured, and return all."""
    found = []
    for row in rows:
        print(row, flush=True)
        found.append(row)
    return found


if __name__ == "__main__":
    main()

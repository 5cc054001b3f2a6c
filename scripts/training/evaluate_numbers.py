#!/usr/bin/env python3
"""Measure the recognition of numbers of 2 to 6 digits, composed from held-out writers' digits, and print a table.

    .venv/bin/python scripts/training/evaluate_numbers.py --data ../shared/data [--rows N] [--pictures N] [--model cnn]

Each row is by one random held-out writer with enough drawings, half of the rows from each file; see `composed_rows`.
"Cut right" means that the number of digits is right, "each right alone" that the model recognises each digit by itself,
which is about the best that can be reached. Intervals are 95 %, by bootstrap over writers.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from composed_rows import CONDITIONS, Condition, Row, compose, picture_of
from evaluate_handwriting import interval
from fit_numbers import hands_of
from writers import FILES, read_digits, split

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.ink.image_files import pixels_of_picture
from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.strokes import digit_image
from digitpad.core.models.model_files import LoadedModel, find_model, load_model
from digitpad.core.recognition.number import read_ink_number, read_picture_number
from digitpad.core.recognition.prediction import predict
from digitpad.core.recognition.reading import Reading

_LENGTHS = range(2, 7)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """The result of one row."""

    row: Row
    condition: Condition
    source: int
    alone: bool
    reading: Reading

    @property
    def is_right(self) -> bool:
        """Whether all digits are right."""
        return self.reading.number == self.row.number

    @property
    def is_cut_right(self) -> bool:
        """Whether the number of digits is right."""
        return len(self.reading.digits) == len(self.row.number)


def outcomes(
    condition: Condition, count: int, model: LoadedModel, sources: list[list[list[InkSample]]], *, as_picture: bool
) -> list[Outcome]:
    """Compose rows of a condition, the same each time, and recognise them."""
    rng, found = np.random.default_rng([7, CONDITIONS.index(condition)]), []
    for number in range(count):
        hands = sources[number % len(sources)]
        hand = hands[rng.integers(len(hands))]
        row = compose(hand, _LENGTHS[number // len(sources) % len(_LENGTHS)], condition, rng)
        picture = picture_of(row, rng)
        alone = predict([digit_image(row.digit(place)) for place in range(len(row.number))], model)
        found.append(
            Outcome(
                row=row,
                condition=condition,
                source=number % len(sources),
                alone=[prediction.digit for prediction in alone] == [int(digit) for digit in row.number],
                reading=read_picture_number(find_ink(pixels_of_picture(picture), as_number=True), model)
                if as_picture
                else read_ink_number(row.ink, model),
            )
        )
    return found


def line_of(kind: str, condition: str, which: str, chosen: list[Outcome]) -> str:
    """Return a row of the table."""
    writers = np.unique([outcome.row.writer for outcome in chosen], return_inverse=True)[1]
    right = np.array([outcome.is_right for outcome in chosen], float)
    low, high = interval(right, writers)
    cut = float(np.mean([outcome.is_cut_right for outcome in chosen]))
    alone = float(np.mean([outcome.alone for outcome in chosen]))
    share = f"{right.mean():.1%} | {low:.1%} to {high:.1%}"
    return f"| {kind} | {condition} | {which} | {len(chosen)} | {share} | {cut:.1%} | {alone:.1%} |"


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with strokes/")
    parser.add_argument("--rows", type=int, default=500, help="rows of strokes for each condition")
    parser.add_argument("--pictures", type=int, default=100, help="rows as pictures for each condition")
    parser.add_argument("--model", default="cnn")
    parser.add_argument("--wrong", action="store_true", help="list the wrong results")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(find_model(arguments.model))
    sources = [hands_of(split(read_digits(arguments.data / "strokes" / file))[1]) for file in FILES]
    print("| kind | condition | which | rows | entirely right | 95 % interval | cut right | each right alone |")
    print("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for kind, count in (("strokes", arguments.rows), ("picture", arguments.pictures)):
        for condition in CONDITIONS if count else ():
            found = outcomes(condition, count, model, sources, as_picture=kind == "picture")
            print(line_of(kind, condition, "all", found), flush=True)
            for number, file in enumerate(FILES):
                print(line_of(kind, condition, file.split("-")[0], [o for o in found if o.source == number]))
            for length in _LENGTHS:
                print(line_of(kind, condition, f"{length} digits", [o for o in found if len(o.row.number) == length]))
            for outcome in found if arguments.wrong else ():
                if not outcome.is_right:
                    read = "".join(str(digit.prediction.best) for digit in outcome.reading.digits)
                    print(f"  {outcome.row.writer}: {outcome.row.number} read as {read}, {outcome.alone=}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measure what digitpad reads on generated pictures, or on a folder of pictures, and print a table by kind.

    .venv/bin/python scripts/training/evaluate_pictures.py --data ../shared/data [--per-kind N] [--only KIND ...]
    .venv/bin/python scripts/training/evaluate_pictures.py --pictures FOLDER

The pictures are those of `photos`, by held-out writers. A folder has a file expected.csv with the columns file, option
("--number" or nothing), expected (lines separated by a space) and, if it names kinds, kind. `--sheet FOLDER` keeps
the pictures that were not read right, and for each kind a sheet that shows them with the ink that was found.

"Best" (guess), "answered", "right" and "lines" count what is right; "refused" has no answer; "wrong" is an answer given
without a doubt; "joined" are several lines answered as one number. "Otsu" is the best guess of the usual short program:
a threshold by Otsu's method (1979), the same 20-px box and centring, and the same model.
"""

import argparse
import csv
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from fit_numbers import hands_of
from photos.kinds import KINDS, contents, make_photo
from PIL import Image, ImageDraw, ImageOps
from writers import FILES, read_digits, split

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.errors import DigitpadError
from digitpad.core.ink import image_files, ink_mask
from digitpad.core.models.model_files import LoadedModel, find_model, load_model
from digitpad.core.recognition.file_prediction import PredictedSample, predict_file
from digitpad.core.recognition.prediction import predict

_HEADINGS = (
    "| kind | digits | best | answered | refused | wrong | Otsu | numbers | right | wrong | pages | lines | joined |",
    "| --- |" + " ---: |" * 12,
)
_CELL = 300


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A picture file and what is written on it, line by line; one digit is asked for unless `as_number`."""

    path: Path
    lines: tuple[str, ...]
    kind: str
    as_number: bool


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What was read on a picture: the best guess for a digit, and the answers, one a line; "" if refused."""

    case: Case
    best: str
    answers: tuple[str, ...]
    otsu: str = ""

    @property
    def is_right(self) -> bool:
        """Whether the answers are what is written."""
        return self.answers == self.case.lines

    @property
    def is_joined(self) -> bool:
        """Whether several lines were answered as one number."""
        return self.is_answered and len(self.answers) == 1 < len(self.case.lines)

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer, for one line at least."""
        return any(self.answers)


def generated(kind: str, count: int, seed: int, hands: list[list], folder: Path) -> Iterator[Case]:
    """Yield pictures of a kind; each depends on its kind and number and on the seed alone."""
    choices = contents(kind)
    for number in range(count):
        rng = np.random.default_rng([seed, zlib.crc32(kind.encode()), number])
        content = choices[number % len(choices)]
        photo = make_photo(kind, content, hands, rng)
        path = folder / f"{kind.replace(' ', '-')}-{number:03}{photo.suffix}"
        path.write_bytes(photo.data)
        yield Case(path, photo.lines, kind, content != "digit")


def in_folder(folder: Path) -> list[Case]:
    """Return the pictures that a folder's expected.csv names."""
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Case(
            path=folder / row["file"],
            lines=tuple(row["expected"].split()),
            kind=row.get("kind") or "all",
            as_number=row.get("option") == "--number",
        )
        for row in rows
    ]


def write_expected(cases: list[Case], folder: Path) -> None:
    """Write the expected.csv that `in_folder` reads."""
    with (folder / "expected.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "option", "expected", "kind"])
        for case in cases:
            writer.writerow([case.path.name, "--number" if case.as_number else "", " ".join(case.lines), case.kind])


def outcome_of(case: Case, model: LoadedModel) -> Outcome:
    """Read a picture as `digitpad predict` does."""
    try:
        sample = next(iter(predict_file(case.path, model, as_number=case.as_number)))
    except DigitpadError as error:
        print(f"  {case.path.name}: {error}")
        return Outcome(case, "", ())
    if case.as_number:
        return Outcome(case, best=_digits_of(sample), answers=_numbers_of(sample))
    answer = sample.prediction.digit
    return Outcome(
        case,
        best="" if sample.prediction.is_blank else str(sample.prediction.best),
        answers=() if answer is None else (str(answer),),
        otsu=str(predict([otsu_digit_image(case.path)], model)[0].best),
    )


def _numbers_of(sample: PredictedSample) -> tuple[str, ...]:
    """Return the number of each line; "" where it is not sure."""
    return tuple(number or "" for number in sample.reading.numbers) if sample.reading else ()


def _digits_of(sample: PredictedSample) -> str:
    return "".join(str(read.prediction.best) for read in sample.reading.digits) if sample.reading else ""


def otsu_digit_image(path: Path) -> ink_mask.DigitImage:
    """Return the digit image of the usual short program: what is darker, or lighter, than Otsu's threshold is ink."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert("L")
    picture.thumbnail((image_files.WORKING_SIZE, image_files.WORKING_SIZE))
    grey = np.asarray(picture)
    counts = np.bincount(grey.ravel(), minlength=256).astype(float)
    below, total = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    means = total / np.maximum(below, 1) - (total[-1] - total) / np.maximum(above, 1)
    dark = grey <= int(np.argmax(below * above * means**2))
    return ink_mask.digit_image((dark if dark.mean() < 0.5 else ~dark).astype(np.float32))


def row_of(kind: str, outcomes: list[Outcome]) -> str:
    """Return a row of the table."""
    digits = [o for o in outcomes if not o.case.as_number]
    numbers = [o for o in outcomes if o.case.as_number and len(o.case.lines) == 1]
    several = [o for o in outcomes if len(o.case.lines) > 1]
    lines = [(line, o.answers) for o in several for line in o.case.lines]

    def share(count: int, of: list) -> str:
        return f"{count / len(of):.1%}" if of else ""

    cells = (
        str(len(digits) or ""),
        share(sum(o.best == o.case.lines[0] for o in digits), digits),
        share(sum(o.is_right for o in digits), digits),
        share(sum(not o.is_answered for o in digits), digits),
        share(sum(o.is_answered and not o.is_right for o in digits), digits),
        share(sum(o.otsu == o.case.lines[0] for o in digits), digits),
        str(len(numbers) or ""),
        share(sum(o.is_right for o in numbers), numbers),
        share(sum(o.is_answered and not o.is_right for o in numbers), numbers),
        str(len(several) or ""),
        share(sum(line in answers for line, answers in lines), lines),
        share(sum(o.is_joined for o in several), several),
    )
    return f"| {kind} | " + " | ".join(cells) + " |"


def keep_failures(kind: str, outcomes: list[Outcome], folder: Path) -> None:
    """Copy the pictures that were not read right, and draw them on one sheet with the ink that was found."""
    wrong = [o for o in outcomes if not o.is_right]
    folder.mkdir(parents=True, exist_ok=True)
    across = min(4, len(wrong))
    sheet = Image.new("RGB", (max(1, across) * 2 * _CELL, max(1, -(-len(wrong) // 4)) * (_CELL + 14)), "#402040")
    brush = ImageDraw.Draw(sheet)
    for place, outcome in enumerate(wrong):
        path = outcome.case.path
        if path.parent != folder:
            (folder / path.name).write_bytes(path.read_bytes())
        x, y = place % 4 * 2 * _CELL, place // 4 * (_CELL + 14)
        with Image.open(path) as picture:
            shown = ImageOps.exif_transpose(picture)
            sheet.paste(_fitted(_visible(shown)), (x, y))
        ink = find_ink(image_files.read_picture(path), as_number=outcome.case.as_number)
        sheet.paste(_fitted(Image.fromarray((ink * 255).astype(np.uint8))), (x + _CELL, y))
        read = " ".join(outcome.answers) or f"none ({outcome.best})"
        brush.text((x + 2, y + _CELL + 1), f"{path.stem}: {' '.join(outcome.case.lines)} read {read}", "white")
    if wrong:
        sheet.save(folder / f"{kind.replace(' ', '-').replace('/', '-')}.png")


def _visible(picture: Image.Image) -> Image.Image:
    """Return a picture of 16 bits stretched, and one with alpha on pink."""
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float32)
        return Image.fromarray((values * (255 / max(float(values.max()), 1))).astype(np.uint8))
    rgba = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "#ffb0ff"), rgba)


def _fitted(picture: Image.Image) -> Image.Image:
    share = (_CELL - 4) / max(picture.size)
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    return picture.convert("RGB").resize(size, Image.Resampling.BOX)


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--data", type=Path, help="folder with strokes/")
    source.add_argument("--pictures", type=Path, help="folder with pictures and expected.csv")
    parser.add_argument("--per-kind", type=int, default=20, help="pictures of each kind")
    parser.add_argument("--only", nargs="+", metavar="KIND", choices=list(KINDS), help="only these kinds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="folder for the generated pictures, which --pictures measures again")
    parser.add_argument("--sheet", type=Path, help="folder for the pictures that were not read right")
    parser.add_argument("--model", default="cnn")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = load_model(find_model(arguments.model))
    print("\n".join(_HEADINGS), flush=True)
    everything = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for kind, cases in _by_kind(arguments, folder):
            outcomes = [outcome_of(case, model) for case in cases]
            print(row_of(kind, outcomes), flush=True)
            everything += outcomes
            if arguments.sheet:
                keep_failures(kind, outcomes, arguments.sheet)
    print(row_of("all", everything))
    if arguments.keep:
        write_expected([outcome.case for outcome in everything], arguments.keep)


def _by_kind(arguments: argparse.Namespace, folder: Path) -> Iterator[tuple[str, Iterator[Case] | list[Case]]]:
    if arguments.pictures:
        cases = in_folder(arguments.pictures)
        for kind in dict.fromkeys(case.kind for case in cases):
            yield kind, [case for case in cases if case.kind == kind]
        return
    hands = [hand for file in FILES for hand in hands_of(split(read_digits(arguments.data / "strokes" / file))[1])]
    for kind in arguments.only or KINDS:
        yield kind, generated(kind, arguments.per_kind, arguments.seed, hands, folder)


if __name__ == "__main__":
    main()

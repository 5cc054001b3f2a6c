"""From the user's digits to fine-tuning, and from there to a model of the user's own."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder, user_models
from digitpad.core.fine_tuning.events import FineTuneBase, FineTuned, FineTuneDigits, FineTuneScores, Score
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import PARTS, Part
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import SUFFIX, ModelCard, ModelEntry, list_models, read_card, save_model
from digitpad.core.my_digits.record import MyDigit, encodable
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runtime.libraries import library_versions

_OWN = "my digits test"
# What a name ends with that was given here; a model that is fine-tuned again does not become "cnn-mine-mine".
_UNUSUAL = re.compile(r"[^\w .+-]")
_LONGEST_STEM = 50  # of a file's name, whose bytes may be four times as many
_MINE = re.compile(r"-mine(-\d+)?$")


@dataclass(frozen=True, slots=True)
class FineTuneRecord:
    """What a fine-tuned model's file says of how it came to be."""

    made_from: str  # a model's name
    digit_count: int  # digits learned from
    before: FineTuneScores
    after: FineTuneScores
    notes: tuple[str, ...]


def fine_tune_digits(mine: MyDigits) -> FineTuneDigits:
    """Return the user's digits to learn from, with their strokes, and those held out.

    Raises
    ------
    DigitpadError
        Where there are none to learn from.

    """
    kept: dict[Part, list[MyDigit]] = {part: [] for part in PARTS}
    for digit in mine.all(newest_first=False):
        kept[digit.part].append(digit)
    if not kept["train"]:
        raise DigitpadError("there are no digits of yours to learn from yet: draw some and say what they are")
    inks = tuple(_ink_of(digit) for digit in kept["train"])
    test = _digits("test", kept["test"]) if kept["test"] else None
    return FineTuneDigits(_digits("train", kept["train"]), inks, test)


def fine_tune_base(folder: Path | None = None) -> FineTuneBase | None:
    """Return MNIST where its training images are in the data folder; None where they are not, or are damaged."""
    place = data_folder(folder)
    try:
        training = load_digits("mnist", "train", place)
    except DigitpadError:
        return None
    test = None
    with suppress(DigitpadError):
        test = load_digits("mnist", "test", place)
    return FineTuneBase(training, test)


def save_fine_tuned(result: FineTuned, made_from: str) -> ModelEntry:
    """Save a fine-tuned model among the user's own, under a name that is free, and return its entry.

    Parameters
    ----------
    result
        What `digitpad.core.fine_tuning.loop.fine_tune` ended with.
    made_from
        The name of the model that it was made from, as `ModelEntry.name` has it: "cnn" becomes "cnn-mine", or
        "cnn-mine-2" and so on where that is taken.

    Raises
    ------
    DigitpadError
        Where the user's folder cannot be written. Nothing is ever written over.

    """
    made_from = encodable(made_from)
    for path in _free_places(made_from):
        # Another window may have taken it since.
        with suppress(FileExistsError):
            save_model(path, result.model, _card(path.stem, made_from, result), overwrite=False)
            return ModelEntry(path=path, card=read_card(path), is_shipped=False)
    raise AssertionError  # there is no end of places


def fine_tune_record(card: ModelCard) -> FineTuneRecord | None:
    """Return how a fine-tuned model came to be; None for any other, and where its file does not say it rightly."""
    told = card.training
    try:
        made_from = TypeAdapter(str).validate_python(told.get("fine_tuned_from"))
        own = TypeAdapter(int).validate_python(told.get("own_digits"))
        notes = TypeAdapter(tuple[str, ...]).validate_python(told.get("notes", ()))
        return FineTuneRecord(made_from, own, _read(told.get("before")), _read(told.get("after")), notes)
    except ValidationError:
        return None


def _read(figures: object) -> FineTuneScores:
    """Take back `_written`; a share that cannot be is none."""
    shares = TypeAdapter(dict[str, Score | None]).validate_python(figures)
    sound = {name: share for name, share in shares.items() if share and 0 <= share.right <= share.count > 0}
    return FineTuneScores(sound.get("own_held_out"), sound.get("mnist_test"))


def _free_places(made_from: str) -> Iterator[Path]:
    """Yield files for the model, of names that no model has."""
    folder, taken = user_models(), {entry.name for entry in list_models()}
    stem = f"{_MINE.sub('', _UNUSUAL.sub('-', made_from))[:_LONGEST_STEM]}-mine"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    places = (folder / f"{name}{SUFFIX}" for name in names if name not in taken)
    return (place for place in places if not os.path.lexists(place))


def _card(name: str, made_from: str, result: FineTuned) -> ModelCard:
    """Describe the model by what was measured: on MNIST's test images, or else on the user's held-out digits."""
    measured, dataset = (result.after.mnist, "MNIST test") if result.after.mnist else (result.after.my_digits, _OWN)
    digits = f"{result.digit_count:,} digit{'' if result.digit_count == 1 else 's'}"
    return ModelCard(
        name=name,
        title=f"{made_from[:100]} fine-tuned on {digits} of your own"[:200],
        dataset=dataset if measured else "",
        test_accuracy=measured.accuracy if measured else None,
        training={
            "fine_tuned_from": made_from,
            "own_digits": result.digit_count,
            "steps": result.steps,
            "blend": result.blend,
            "before": _written(result.before),
            "after": _written(result.after),
            "notes": list(result.notes),
        },
        versions=library_versions(),
    )


def _written(figures: FineTuneScores) -> dict[str, object]:
    return {
        "own_held_out": figures.my_digits and asdict(figures.my_digits),
        "mnist_test": figures.mnist and asdict(figures.mnist),
    }


def _ink_of(digit: MyDigit) -> Ink | None:
    try:
        return digit.ink
    except DigitpadError:  # its image is there all the same
        return None


def _digits(part: Part, digits: list[MyDigit]) -> Digits:
    images = np.stack([digit.image for digit in digits])
    return Digits(f"my digits {part}", images, np.array([digit.label for digit in digits], np.uint8))

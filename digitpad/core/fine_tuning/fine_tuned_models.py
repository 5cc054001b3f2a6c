"""Loading the user's digits for fine-tuning, and saving fine-tuned models."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count as count_from
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter, ValidationError

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder, encodable, user_models
from digitpad.core.fine_tuning.events import FineTuneBase, FineTuned, FineTuneDigits, FineTuneScores, Score
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import PARTS, Part, part_name
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import SUFFIX, ModelCard, ModelEntry, list_models, read_card, save_model
from digitpad.core.my_digits.record import MyDigit
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runtime.libraries import library_versions
from digitpad.core.translation import tr

_UNSAFE = re.compile(r"[^\w .+-]")
_MAX_STEM = 50  # characters of a file name, up to four bytes each
# The suffix of fine-tuned models, so that "cnn-mine" fine-tuned again does not become "cnn-mine-mine".
_MINE = re.compile(r"-mine(-\d+)?$")


@dataclass(frozen=True, slots=True)
class FineTuneRecord:
    """How a fine-tuned model was made, from its file."""

    made_from: str  # the name of the old model
    digit_count: int  # training digits
    before: FineTuneScores
    after: FineTuneScores
    notes: tuple[str, ...]


def fine_tune_digits(mine: MyDigits) -> FineTuneDigits:
    """Return the user's digits to train on, with their strokes, and those held out.

    Raise DigitpadError if there are no digits to train on.
    """
    by_part: dict[Part, list[MyDigit]] = {part: [] for part in PARTS}
    for digit in mine.all(newest_first=False):
        by_part[digit.part].append(digit)
    if not by_part["train"]:
        raise DigitpadError("My digits has no digits to train on yet: draw some and label them")
    inks = tuple(_ink_of(digit) for digit in by_part["train"])
    test = _digits("test", by_part["test"]) if by_part["test"] else None
    return FineTuneDigits(_digits("train", by_part["train"]), inks, test)


def fine_tune_base(folder: Path | None = None) -> FineTuneBase | None:
    """Return MNIST from the data folder, or None if its training images are missing or damaged."""
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
    """Save a fine-tuned model among the user's models, under an unused name, and return its entry.

    Parameters
    ----------
    result
        The last event of `digitpad.core.fine_tuning.loop.fine_tune`.
    made_from
        The name of the old model, from `ModelEntry.name`: "cnn" becomes "cnn-mine", or "cnn-mine-2" and so on if that
        is used.

    Raises
    ------
    DigitpadError
        If the user's folder cannot be written. No file is ever overwritten.

    """
    made_from = encodable(made_from)
    for path in _free_paths(made_from):
        # Another window may have used the name meanwhile.
        with suppress(FileExistsError):
            save_model(path, result.model, _card(path.stem, made_from, result), overwrite=False)
            return ModelEntry(path=path, card=read_card(path), is_shipped=False)
    raise AssertionError  # there are infinitely many paths


def fine_tune_record(card: ModelCard) -> FineTuneRecord | None:
    """Return how a fine-tuned model was made; None for other models and for invalid records."""
    record = card.training
    try:
        made_from = TypeAdapter(str).validate_python(record.get("fine_tuned_from"))
        digits = TypeAdapter(int).validate_python(record.get("own_digits"))
        notes = TypeAdapter(tuple[str, ...]).validate_python(record.get("notes", ()))
        before, after = _scores_from(record.get("before")), _scores_from(record.get("after"))
        return FineTuneRecord(made_from, digits, before, after, notes)
    except ValidationError:
        return None


def _scores_from(record: object) -> FineTuneScores:
    """Return the scores from `_scores_to_json`, without invalid ones."""
    scores = TypeAdapter(dict[str, Score | None]).validate_python(record)
    valid = {name: score for name, score in scores.items() if score and 0 <= score.right <= score.count > 0}
    return FineTuneScores(valid.get("own_held_out"), valid.get("mnist_test"))


def _free_paths(made_from: str) -> Iterator[Path]:
    """Yield paths for the model with names that no model has."""
    folder, used = user_models(), {entry.name for entry in list_models()}
    stem = f"{_MINE.sub('', _UNSAFE.sub('-', made_from))[:_MAX_STEM]}-mine"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count_from(1))
    paths = (folder / f"{name}{SUFFIX}" for name in names if name not in used)
    return (path for path in paths if not os.path.lexists(path))


def _card(name: str, made_from: str, result: FineTuned) -> ModelCard:
    """Describe the model by its score on MNIST's test images, or else on the user's held-out digits."""
    score, count = result.after.mnist or result.after.my_digits, result.digit_count
    dataset = part_name("MNIST" if result.after.mnist else "my digits", "test")
    title = tr("{model} fine-tuned on {count} of your digits").format(model=made_from[:100], count=f"{count:,}")
    return ModelCard(
        name=name,
        title=title[:200],
        dataset=dataset if score else "",
        test_accuracy=score.accuracy if score else None,
        training={
            "fine_tuned_from": made_from,
            "own_digits": count,
            "steps": result.steps,
            "blend": result.blend,
            "before": _scores_to_json(result.before),
            "after": _scores_to_json(result.after),
            "notes": list(result.notes),
        },
        versions=library_versions(),
    )


def _scores_to_json(scores: FineTuneScores) -> dict[str, object]:
    return {
        "own_held_out": scores.my_digits and asdict(scores.my_digits),
        "mnist_test": scores.mnist and asdict(scores.mnist),
    }


def _ink_of(digit: MyDigit) -> Ink | None:
    try:
        return digit.ink
    except DigitpadError:  # the image can still be used
        return None


def _digits(part: Part, digits: list[MyDigit]) -> Digits:
    images = np.stack([digit.image for digit in digits])
    return Digits(part_name("my digits", part), images, np.array([digit.label for digit in digits], np.uint8))

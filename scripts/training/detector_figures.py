"""How well digits are told from what is none: kinds that the detector has learned from, and kinds left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import non_digits
import numpy as np
from sklearn.metrics import roc_auc_score
from train_detector import hiragana, letters

from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.strokes import digit_image
from digitpad.core.models.model_files import load_model
from digitpad.core.recognition.digit_detector import DETECTOR, THRESHOLD, scores_of_detector

HEADINGS = (
    "| not a digit | learned from | samples | AUROC | refused |",
    "| --- | --- | ---: | ---: | ---: |",
)
# What is said of a detector that has not seen a kind.
_LEFT_OUT = {
    "letters": "no letters, no signs, no words",
    "people": "no letters by people",
    "hiragana": "no hiragana, no kana",
    "scribbles": "no scribbles",
    "marks": "no marks",
    "blots": "no blots",
}
_MADE = 1000
# Training made its own with another seed.
_SEED = 99


@dataclass(frozen=True, slots=True, eq=False)
class Others:
    """Images (n, 28, 28) uint8 that are no digits."""

    name: str
    images: np.ndarray


def others(kind: str, data: Path, *, is_left_out: bool = False) -> list[Others]:
    """Return what was not learned from, of one kind: other people's, other images, or made anew.

    Of a kind that was left out altogether everybody's letters are asked about.
    """
    if kind in ("letters", "people"):
        samples = letters(data, held_out=True)
        samples += letters(data, held_out=False) if is_left_out else []
        people = Others("letters by people (UJI)", np.stack([to_bytes(digit_image(s.ink).pixels) for s in samples]))
        by_rule = () if kind == "people" else ("letters", "signs", "words")
        return [people, *map(_made, by_rule)]
    if kind == "hiragana":
        images = hiragana(data, held_out=True)
        return [Others("hiragana (Kuzushiji-MNIST)", images), _made("kana")]
    return [_made(kind)]


def _made(name: str) -> Others:
    titles = {"letters": "letters, drawn by rule", "signs": "Greek, Cyrillic and signs, drawn by rule"}
    return Others(titles.get(name, f"{name}, drawn by rule"), non_digits.made(name, _MADE, _SEED))


def rows(data: Path, digits: np.ndarray, left_out: Path | None) -> Iterator[str]:
    """Yield a row for each kind of non-digit and each detector that is asked about it.

    Parameters
    ----------
    data
        The folder with the real letters and hiragana.
    digits
        (n, 28, 28) uint8: digits by writers who were not learned from.
    left_out
        The folder of the detectors that were trained without a kind.

    """
    for kind, what in _LEFT_OUT.items():
        if kind != "people":
            yield from _rows(DETECTOR, "yes", digits, others(kind, data))
        if left_out is not None and (path := left_out / f"{kind}.safetensors").exists():
            yield from _rows(path, what, digits, others(kind, data, is_left_out=True))


def _rows(path: Path, learned: str, digits: np.ndarray, found: list[Others]) -> Iterator[str]:
    detector = load_model(path).model
    said = scores_of_detector(detector, digits)
    for some in found:
        score = scores_of_detector(detector, some.images)
        is_digit = np.repeat([1, 0], [len(said), len(score)])
        area = roc_auc_score(is_digit, np.concatenate([said, score]))
        refused = float(np.mean(score < THRESHOLD))
        yield f"| {some.name} | {learned} | {len(score):,} | {area:.4f} | {refused:.1%} |"


def lost(digits: np.ndarray) -> float:
    """Return the share of digits, (n, 28, 28) uint8, that the shipped detector refuses."""
    return float(np.mean(scores_of_detector(load_model(DETECTOR).model, digits) < THRESHOLD))

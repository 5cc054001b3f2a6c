"""How well the detector separates digits from non-digits, of kinds that it was trained on and of kinds left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import non_digits
import numpy as np
from sklearn.metrics import roc_auc_score
from train_detector import hiragana, letters

from digitpad.core.detection.digit_detector import DETECTOR, THRESHOLD, scores_of_detector
from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.strokes import digit_image
from digitpad.core.models.model_files import load_model

HEADINGS = (
    "| non-digits | in training | samples | AUROC | rejected |",
    "| --- | --- | ---: | ---: | ---: |",
)
# The text for a detector that was trained without a kind.
_LEFT_OUT = {
    "letters": "no letters, no signs, no words",
    "people": "no letters by people",
    "hiragana": "no hiragana, no kana",
    "scribbles": "no scribbles",
    "marks": "no marks",
    "blots": "no blots",
}
_GENERATED = 1000  # images per kind
# Not the seed of the training images.
_SEED = 99


@dataclass(frozen=True, slots=True, eq=False)
class NonDigits:
    """Images (n, 28, 28) uint8 of non-digits."""

    name: str
    images: np.ndarray


def held_out_non_digits(kind: str, data: Path, *, is_left_out: bool = False) -> list[NonDigits]:
    """Return images of one kind that were not used for training: of other writers, other images, or newly generated.

    For a detector trained without the kind, the letters of all writers are used.
    """
    if kind in ("letters", "people"):
        samples = letters(data, held_out=True)
        samples += letters(data, held_out=False) if is_left_out else []
        people = NonDigits("letters by people (UJI)", np.stack([to_bytes(digit_image(s.ink).pixels) for s in samples]))
        generated = () if kind == "people" else ("letters", "signs", "words")
        return [people, *map(_generated, generated)]
    if kind == "hiragana":
        images = hiragana(data, held_out=True)
        return [NonDigits("hiragana (Kuzushiji-MNIST)", images), _generated("kana")]
    return [_generated(kind)]


def _generated(name: str) -> NonDigits:
    titles = {"letters": "letters, generated", "signs": "Greek, Cyrillic and signs, generated"}
    return NonDigits(titles.get(name, f"{name}, generated"), non_digits.made(name, _GENERATED, _SEED))


def rows(data: Path, digits: np.ndarray, left_out: Path | None) -> Iterator[str]:
    """Yield a table row for each kind of non-digit and each detector.

    Parameters
    ----------
    data
        The folder with the real letters and hiragana.
    digits
        (n, 28, 28) uint8: digits by held-out writers.
    left_out
        The folder with the detectors that were trained without a kind.

    """
    for kind, text in _LEFT_OUT.items():
        if kind != "people":
            yield from _rows(DETECTOR, "yes", digits, held_out_non_digits(kind, data))
        if left_out is not None and (path := left_out / f"{kind}.safetensors").exists():
            yield from _rows(path, text, digits, held_out_non_digits(kind, data, is_left_out=True))


def _rows(path: Path, in_training: str, digits: np.ndarray, found: list[NonDigits]) -> Iterator[str]:
    detector = load_model(path).model
    digit_scores = scores_of_detector(detector, digits)
    for images in found:
        score = scores_of_detector(detector, images.images)
        is_digit = np.repeat([1, 0], [len(digit_scores), len(score)])
        area = roc_auc_score(is_digit, np.concatenate([digit_scores, score]))
        rejected = float(np.mean(score < THRESHOLD))
        yield f"| {images.name} | {in_training} | {len(score):,} | {area:.4f} | {rejected:.1%} |"


def lost(digits: np.ndarray) -> float:
    """Return the share of digits, (n, 28, 28) uint8, that the shipped detector rejects."""
    return float(np.mean(scores_of_detector(load_model(DETECTOR).model, digits) < THRESHOLD))

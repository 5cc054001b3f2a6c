"""Strokes of many writers as labelled digit images, split by writer: the same hand never on both sides."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits, to_bytes
from digitpad.core.ink.ink_files import InkSample, read_ink
from digitpad.core.ink.strokes import digit_image
from digitpad.core.training.stroke_augmentation import StrokeAugmentation, augment_strokes

# Of the writers of each file one in so many is held out.
_HELD_OUT = 5
FILES = ("pendigits-train.jsonl.gz", "unipen-digits.jsonl.gz")


def read_digits(path: Path) -> list[InkSample]:
    """Read the drawings of an ink file that are labelled with a digit and say who drew them."""
    samples = [sample for sample in read_ink(path) if sample.digit is not None and sample.writer]
    if not samples:
        raise DigitpadError(f"{path} has no digits with their writers: each line needs a label and a writer")
    return samples


def is_held_out(writer: str) -> bool:
    """Tell whether a writer's drawings are for validation; the same ones each time, by the name's hash."""
    return int.from_bytes(hashlib.sha256(writer.encode()).digest()[:4]) % _HELD_OUT == 0


def is_for_calibration(writer: str) -> bool:
    """Tell which of the held-out writers choose temperatures and thresholds; what those do is told of the others."""
    return hashlib.sha256(writer.encode()).digest()[4] % 2 == 0


def split(samples: Iterable[InkSample]) -> tuple[list[InkSample], list[InkSample]]:
    """Return the drawings of writers to learn from, and those of writers that are held out."""
    sides: tuple[list[InkSample], list[InkSample]] = ([], [])
    for sample in samples:
        sides[is_held_out(sample.writer)].append(sample)
    return sides


def as_drawn(name: str, samples: Sequence[InkSample]) -> Digits:
    """Render drawings as the pad does, one image each."""
    return _digits(name, [to_bytes(digit_image(sample.ink).pixels) for sample in samples], samples)


def distorted_digits(name: str, samples: Sequence[InkSample], settings: StrokeAugmentation, seed: int) -> Digits:
    """Render each drawing once, distorted by chance; another seed gives others."""
    draw = np.random.default_rng(seed)
    images = [to_bytes(digit_image(*augment_strokes(sample.ink, settings, draw)).pixels) for sample in samples]
    return _digits(name, images, samples)


def joined(name: str, parts: Sequence[Digits]) -> Digits:
    """Join sets of one image size and peak."""
    images = np.concatenate([part.images for part in parts])
    return Digits(name, images, np.concatenate([part.labels for part in parts]), parts[0].peak)


def _digits(name: str, images: list[np.ndarray], samples: Sequence[InkSample]) -> Digits:
    labels = np.array([sample.digit for sample in samples], np.uint8)
    return Digits(name, np.stack(images), labels)

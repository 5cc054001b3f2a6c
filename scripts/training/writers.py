"""Strokes of many writers as labelled digit images, split by writer into training and held-out writers."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import Digits, to_bytes
from digitpad.core.ink.ink_files import InkSample, read_ink
from digitpad.core.ink.strokes import digit_image
from digitpad.core.training.stroke_augmentation import StrokeAugmentation, augment_strokes

# One writer in five of each file is held out.
_HELD_OUT = 5
FILES = ("pendigits-train.jsonl.gz", "unipen-digits.jsonl.gz")


def read_digits(path: Path) -> list[InkSample]:
    """Read the drawings of an ink file that have a digit as label, and a writer."""
    samples = [sample for sample in read_ink(path) if sample.digit is not None and sample.writer]
    if not samples:
        raise DigitpadError("{path} has no digits with a writer: each line needs a label and a writer", path=path)
    return samples


def is_held_out(writer: str) -> bool:
    """Return whether a writer is held out; decided by the hash of the name."""
    return int.from_bytes(hashlib.sha256(writer.encode()).digest()[:4]) % _HELD_OUT == 0


def is_for_calibration(writer: str) -> bool:
    """Return whether temperatures and thresholds are fitted on a held-out writer; the others measure them."""
    return hashlib.sha256(writer.encode()).digest()[4] % 2 == 0


def split(samples: Iterable[InkSample]) -> tuple[list[InkSample], list[InkSample]]:
    """Return the drawings of the training writers, and those of the held-out writers."""
    sides: tuple[list[InkSample], list[InkSample]] = ([], [])
    for sample in samples:
        sides[is_held_out(sample.writer)].append(sample)
    return sides


def as_drawn(name: str, samples: Sequence[InkSample]) -> Digits:
    """Render drawings like the pad, one image each."""
    return _digits(name, [to_bytes(digit_image(sample.ink).pixels) for sample in samples], samples)


def distorted_digits(name: str, samples: Sequence[InkSample], settings: StrokeAugmentation, seed: int) -> Digits:
    """Render each drawing once, with random distortions that depend on the seed."""
    rng = np.random.default_rng(seed)
    images = [to_bytes(digit_image(*augment_strokes(sample.ink, settings, rng)).pixels) for sample in samples]
    return _digits(name, images, samples)


def joined(name: str, parts: Sequence[Digits]) -> Digits:
    """Join sets of one image size and peak."""
    images = np.concatenate([part.images for part in parts])
    return Digits(name, images, np.concatenate([part.labels for part in parts]), parts[0].peak)


def _digits(name: str, images: list[np.ndarray], samples: Sequence[InkSample]) -> Digits:
    labels = np.array([sample.digit for sample in samples], np.uint8)
    return Digits(name, np.stack(images), labels)

"""The batches of fine-tuning: the user's digits, distorted, and rehearsed images."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from digitpad.core.fine_tuning.events import FineTuneDigits, FineTunePreparing
from digitpad.core.images.digits import Digits, to_bytes
from digitpad.core.ink.strokes import Ink, digit_image
from digitpad.core.training.config import Augmentation
from digitpad.core.training.image_augmentation import augment
from digitpad.core.training.stroke_augmentation import StrokeAugmentation, augment_strokes

# About how many images are rendered in advance, a millisecond each.
_RENDERED = 1000
_MAX_PER_DIGIT = 20
_PROGRESS_EVERY = 50  # images
# How one person's writing varies; less than between persons.
MY_STROKES = StrokeAugmentation(slant=0.12, rotation=6.0, aspect=0.12)
PIXELS = Augmentation(rotation=5.0, shear=0.08, scale=0.08, shift=1.0, thickness=0.3)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Images to draw batches from."""

    images: np.ndarray  # (n, 28, 28) uint8
    labels: Tensor  # (n,) int64
    peak: int  # the pixel value of 1.0

    @classmethod
    def of(cls, digits: Digits) -> "Pool":
        """Use a data set without a copy."""
        return cls(digits.images, torch.from_numpy(digits.labels.astype(np.int64)), digits.peak)

    def batch(self, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw a random batch: (count, 28, 28) float32 in [0, 1], and (count,) int64."""
        chosen = torch.randint(len(self.labels), (count,), generator=rng)
        return torch.from_numpy(self.images[chosen.numpy()]).float().div_(self.peak), self.labels[chosen]


def my_digits_pool(my_digits: FineTuneDigits, rng: np.random.Generator) -> Generator[FineTunePreparing, None, Pool]:
    """Yield progress and return the user's digits with distorted copies, the same number of each digit.

    Digits with strokes are distorted as strokes; those without are repeated unchanged.
    """
    copies = max(1, min(_MAX_PER_DIGIT, _RENDERED // my_digits.count))
    inks = my_digits.inks or (None,) * my_digits.count
    images: list[np.ndarray] = []
    for number, (image, ink) in enumerate(zip(my_digits.training.images, inks, strict=True), start=1):
        images.append(image)
        images += [image if ink is None else _render_distorted(ink, rng) for _ in range(copies)]
        if number % max(1, _PROGRESS_EVERY // copies) == 0 or number == my_digits.count:
            yield FineTunePreparing(number, my_digits.count)
    labels = torch.from_numpy(my_digits.training.labels.astype(np.int64)).repeat_interleave(copies + 1)
    return Pool(np.stack(images), labels, my_digits.training.peak)


def _render_distorted(ink: Ink, rng: np.random.Generator) -> np.ndarray:
    return to_bytes(digit_image(*augment_strokes(ink, MY_STROKES, rng)).pixels)


def augmented_batch(pool: Pool, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Draw a random batch and distort each of its images."""
    pixels, labels = pool.batch(count, rng)
    return augment(pixels, PIXELS, rng), labels

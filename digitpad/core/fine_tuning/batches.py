"""The images that fine-tuning steps are taken on: the user's, distorted, and old ones to rehearse."""

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

# About so many images of the user's are rendered in advance; a millisecond each.
_RENDERED = 1000
_MOST_OF_ONE = 20
_TOLD_EVERY = 50
# What a hand does from one day to the next; less than a stranger's would, for it is this hand that is to be learned.
MY_STROKES = StrokeAugmentation(slant=0.12, rotation=6.0, aspect=0.12)
PIXELS = Augmentation(rotation=5.0, shear=0.08, scale=0.08, shift=1.0, thickness=0.3)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Images to draw batches from.

    Attributes
    ----------
    images
        (n, 28, 28) uint8, as `peak` says.
    labels
        (n,) int64.
    peak
        The value that stands for 1.0.

    """

    images: np.ndarray
    labels: Tensor
    peak: int

    @classmethod
    def of(cls, digits: Digits) -> "Pool":
        """Draw from a set as it is."""
        return cls(digits.images, torch.from_numpy(digits.labels.astype(np.int64)), digits.peak)

    def batch(self, count: int, chance: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return so many at random: (count, 28, 28) float32 in [0, 1], and (count,) int64."""
        chosen = torch.randint(len(self.labels), (count,), generator=chance)
        return torch.from_numpy(self.images[chosen.numpy()]).float().div_(self.peak), self.labels[chosen]


def my_digits_pool(own: FineTuneDigits, draw: np.random.Generator) -> Generator[FineTunePreparing, None, Pool]:
    """Yield progress and return the user's digits with distorted ones, every digit as often as any other.

    Where strokes are known they are distorted and drawn anew, else the image comes as it is.
    """
    each = max(1, min(_MOST_OF_ONE, _RENDERED // own.count))
    inks = own.inks or (None,) * own.count
    images: list[np.ndarray] = []
    for number, (image, ink) in enumerate(zip(own.training.images, inks, strict=True), start=1):
        images.append(image)
        images += [image if ink is None else _redrawn(ink, draw) for _ in range(each)]
        if number % max(1, _TOLD_EVERY // each) == 0 or number == own.count:
            yield FineTunePreparing(number, own.count)
    labels = torch.from_numpy(own.training.labels.astype(np.int64)).repeat_interleave(each + 1)
    return Pool(np.stack(images), labels, own.training.peak)


def _redrawn(ink: Ink, draw: np.random.Generator) -> np.ndarray:
    return to_bytes(digit_image(*augment_strokes(ink, MY_STROKES, draw)).pixels)


def augmented_batch(pool: Pool, count: int, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return some of the user's images, each distorted by chance, with their labels."""
    pixels, labels = pool.batch(count, chance)
    return augment(pixels, PIXELS, chance), labels

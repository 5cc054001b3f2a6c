"""Digit images with their labels."""

from dataclasses import dataclass

import numpy as np

SIDE = 28

CLASSES = 10


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Digits:
    """Labelled digit images.

    Attributes
    ----------
    name
        What the set is called, for people: "MNIST test".
    images
        (n, height, width) uint8, 0 background, `peak` ink; 28x28 unless the set is another on purpose.
    labels
        (n,) uint8 in 0–9.
    peak
        The value that stands for 1.0.

    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    peak: int = 255

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of an image, px."""
        return self.images.shape[1], self.images.shape[2]

    def first(self, count: int | None) -> "Digits":
        """Return the first so many samples; all of them for None."""
        if count is None or count >= len(self):
            return self
        return Digits(f"{self.name} (first {count:,})", self.images[:count], self.labels[:count], self.peak)


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Turn float pixels in [0, 1] into uint8 in 0–255; a digit image loses nothing by it."""
    return np.round(pixels * 255).astype(np.uint8)


def to_floats(images: np.ndarray, peak: int = 255) -> np.ndarray:
    """Turn uint8 pixels in 0–`peak` into float32 in [0, 1]."""
    return images.astype(np.float32) / np.float32(peak)

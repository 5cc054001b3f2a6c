"""Digit images with their labels."""

import zlib
from dataclasses import dataclass, field

import numpy as np

SIDE = 28

CLASSES = 10


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Digits:
    """Labelled digit images.

    Attributes
    ----------
    name
        The name to show, by `digitpad.core.images.idx_sets.display_part_name`: "MNIST test".
    images
        (n, height, width) uint8, 0 background, `peak` full ink; 28x28 except in "digits-8x8" and "xor".
    labels
        (n,) uint8 in 0–9.
    peak
        The pixel value of full ink.

    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    peak: int = 255
    # Computed once: MNIST takes 30 ms.
    _digest: str = field(default="", init=False, repr=False)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images, px."""
        return self.images.shape[1], self.images.shape[2]

    @property
    def digest(self) -> str:
        """A digest of images and labels, to find out whether data is the same; no protection against forgery."""
        if not self._digest:
            parts = (np.ascontiguousarray(part) for part in (self.images, self.labels))
            checksums = "-".join(f"{zlib.crc32(part.data):08x}" for part in parts)
            object.__setattr__(self, "_digest", f"{'x'.join(map(str, self.images.shape))}-{checksums}")
        return self._digest

    def first(self, count: int | None) -> "Digits":
        """Return the first `count` samples; all for None."""
        if count is None or count >= len(self):
            return self
        return Digits(name_of_first(self.name, count), self.images[:count], self.labels[:count], self.peak)


def name_of_first(name: str, count: int) -> str:
    """Return the name of the first samples of a set; it is stored in files, so it is always English."""
    return f"{name} (first {count:,})"


def to_bytes(pixels: np.ndarray) -> np.ndarray:
    """Convert float pixels in [0, 1] to uint8 in 0–255; lossless for a digit image."""
    return np.round(pixels * 255).astype(np.uint8)


def to_floats(images: np.ndarray, peak: int = 255) -> np.ndarray:
    """Convert uint8 pixels in 0–`peak` to float32 in [0, 1]."""
    return images.astype(np.float32) / np.float32(peak)

"""The samples most like an image."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.images.digits import Digits


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The samples of one digit that are nearest to an image, the nearest first; of equally near ones the earlier.

    Attributes
    ----------
    label
        The digit, 0–9.
    indices
        (k,) int64: which samples of the set they are, counted from 0.
    distances
        (k,) float64: Euclidean distances of the pixels, each in [0, 1]; 0 is the same image.

    """

    label: int
    indices: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)


def nearest(
    image: np.ndarray,
    digits: Digits,
    label: int,
    count: int = 5,
    *,
    peak: int | None = None,
    leave_out: int | None = None,
) -> Neighbours:
    """Find the samples of one digit that are nearest to an image, by Euclidean distance of their pixels.

    Parameters
    ----------
    image
        (h, w) uint8, 0 background, `peak` ink.
    digits
        Where to look; its images are (n, h, w).
    label
        The digit, 0–9.
    count
        How many; there are fewer where the set has fewer.
    peak
        The image's value that stands for 1.0; the set's own if None.
    leave_out
        A sample that is not to be found: the image itself.

    Raises
    ------
    ValueError
        Where the image is not of the set's size.

    """
    from sklearn.metrics.pairwise import euclidean_distances

    if image.shape != digits.size:
        raise ValueError(f"the image is {image.shape}, the set's are {digits.size}")
    candidates = np.flatnonzero(digits.labels == label)
    candidates = candidates[candidates != (-1 if leave_out is None else leave_out)]
    if not len(candidates) or count < 1:
        return Neighbours(label, np.empty(0, np.int64), np.empty(0))
    # In the set's own units, where whole numbers make scikit-learn's sums, which are of 64 bits, exact.
    own = image.reshape(1, -1).astype(np.float32) * np.float32(digits.peak / (peak or digits.peak))
    others = digits.images[candidates].reshape(len(candidates), -1).astype(np.float32)
    distances = euclidean_distances(own, others)[0].astype(np.float64) / digits.peak
    order = np.argsort(distances, kind="stable")[:count]
    return Neighbours(label, candidates[order].astype(np.int64), distances[order])


def find_itself(image: np.ndarray, digits: Digits, label: int, *, peak: int | None = None) -> int | None:
    """Find a sample with the very pixels of an image, see `nearest`; one with its label goes first."""
    if image.shape != digits.size:
        return None
    own = np.round(image * (digits.peak / (peak or digits.peak))).astype(np.uint8)
    same = np.flatnonzero((digits.images == own).all(axis=(1, 2)))
    if not len(same):
        return None
    return int(same[np.argmax(digits.labels[same] == label)])

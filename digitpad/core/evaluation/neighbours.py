"""Nearest neighbours: the samples most similar to an image."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.images.digits import Digits

_CHUNK = 512  # images: 3 MB of float64 at 28x28 px


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The samples of one digit that are nearest to an image, nearest first; ties keep the order of the set.

    Attributes
    ----------
    label
        The digit, 0–9.
    indices
        (k,) int64: their places in the set, from 0.
    distances
        (k,) float64: Euclidean distances of the pixels, which are in [0, 1]; 0 means the same image.

    """

    label: int
    indices: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)


def nearest_neighbours(
    image: np.ndarray,
    digits: Digits,
    label: int,
    count: int = 5,
    *,
    peak: int | None = None,
    leave_out: int | None = None,
) -> Neighbours:
    """Find the samples of one digit that are nearest to an image, by the Euclidean distance of their pixels.

    Parameters
    ----------
    image
        (h, w) uint8, 0 background, `peak` ink.
    digits
        The set to search; its images are (n, h, w).
    label
        The digit, 0–9.
    count
        The number of neighbours; fewer are returned if the set has fewer.
    peak
        The image's value that means 1.0; None for the set's peak.
    leave_out
        The index of a sample to leave out: the image itself.

    Raises
    ------
    ValueError
        If the size of the image is not that of the set's images.

    """
    if image.shape != digits.size:
        raise ValueError(f"the image is {image.shape}, the set's are {digits.size}")
    candidates = np.flatnonzero(digits.labels == label)
    candidates = candidates[candidates != (-1 if leave_out is None else leave_out)]
    distances = _distances(image, peak or digits.peak, digits, candidates)
    order = np.argsort(distances, kind="stable")[: max(count, 0)]
    return Neighbours(label, candidates[order].astype(np.int64), distances[order])


def _distances(image: np.ndarray, peak: int, digits: Digits, indices: np.ndarray) -> np.ndarray:
    """Return the distances (k,) float64 between an image and some samples; chunks limit the memory to a few MB."""
    # Both are scaled to integers with the same unit: the float64 sums are exact, so equal distances are ties.
    target = image.ravel().astype(np.float64) * digits.peak
    squares = np.empty(len(indices))
    for start in range(0, len(indices), _CHUNK):
        chunk = indices[start : start + _CHUNK]
        differences = digits.images[chunk].reshape(len(chunk), -1) * np.float64(peak)
        differences -= target
        squares[start : start + _CHUNK] = np.einsum("ij,ij->i", differences, differences)
    return np.sqrt(squares) / (peak * digits.peak)


def find_same_image(image: np.ndarray, digits: Digits, label: int, *, peak: int | None = None) -> int | None:
    """Find a sample with exactly the pixels of an image, preferably one with the given label.

    See `nearest_neighbours` for the parameters.
    """
    if image.shape != digits.size:
        return None
    wanted = np.round(image * (digits.peak / (peak or digits.peak))).astype(np.uint8)
    chunks = range(0, len(digits), _CHUNK)
    is_same = [(digits.images[start : start + _CHUNK] == wanted).all(axis=(1, 2)) for start in chunks]
    same = np.flatnonzero(np.concatenate(is_same)) if is_same else np.empty(0, np.int64)
    if not len(same):
        return None
    return int(same[np.argmax(digits.labels[same] == label)])

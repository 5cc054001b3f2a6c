"""Nearest neighbours of an image."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation import neighbours
from digitpad.core.evaluation.neighbours import find_same_image, nearest_neighbours
from digitpad.core.images.digits import Digits


def some(images: np.ndarray, labels: list[int], peak: int = 255) -> Digits:
    return Digits("some", images.astype(np.uint8), np.array(labels, np.uint8), peak)


def line(*values: int) -> np.ndarray:
    """Make images of one pixel."""
    return np.array(values, np.uint8).reshape(-1, 1, 1)


@given(
    seed=st.integers(0, 2**32 - 1),
    there_are=st.integers(0, 60),
    count=st.integers(0, 8),
    label=st.integers(0, 9),
    peak=st.sampled_from([1, 16, 255]),
    leave_out=st.none() | st.integers(0, 59),
)
def test_neighbours_are_those_of_a_search_one_by_one(
    *, seed: int, there_are: int, count: int, label: int, peak: int, leave_out: int | None
) -> None:
    rng = np.random.default_rng(seed)
    # Few distinct images, so that ties are common.
    images = rng.integers(0, peak + 1, (4, 3, 2))[rng.integers(0, 4, there_are)]
    labels = rng.integers(0, 10, there_are) if there_are % 2 else np.full(there_are, label)
    digits = some(images, labels.tolist(), peak)
    image = rng.integers(0, peak + 1, (3, 2)).astype(np.uint8)

    def distance(index: int) -> float:
        return float(np.sqrt(((images[index] / peak - image / peak) ** 2).sum()))

    others = [index for index in range(there_are) if labels[index] == label and index != leave_out]
    expected = sorted(others, key=lambda index: (round(distance(index), 9), index))[:count]
    found = nearest_neighbours(image, digits, label, count, leave_out=leave_out)
    assert found.indices.tolist() == expected
    assert found.indices.dtype == np.int64
    assert found.distances.dtype == np.float64
    np.testing.assert_allclose(found.distances, [distance(index) for index in expected], rtol=1e-6, atol=1e-12)


def test_order_and_distances_are_scikit_learns_over_several_chunks() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2 * neighbours._CHUNK + 76, 6, 5)).astype(np.uint8)
    digits = some(images, [3] * len(images))
    image = rng.integers(0, 256, (6, 5)).astype(np.uint8)
    search = NearestNeighbors(algorithm="brute").fit(images.reshape(len(images), -1) / 255)
    distances, indices = search.kneighbors(image.reshape(1, -1) / 255, n_neighbors=50)
    found = nearest_neighbours(image, digits, 3, 50)
    np.testing.assert_array_equal(found.indices, indices[0])
    np.testing.assert_allclose(found.distances, distances[0], rtol=1e-9)


@pytest.mark.parametrize("peak", [16, 100, 255])
def test_ties_are_in_the_order_of_the_set_across_chunks_and_peaks(peak: int) -> None:
    rng = np.random.default_rng(1)
    few = rng.integers(0, peak + 1, (3, 7, 7))
    choice = rng.integers(0, 3, 1500)
    digits = some(few[choice], [3] * 1500, peak)
    image = rng.integers(0, 256, (7, 7)).astype(np.uint8)
    exact = [((few[k] / peak - image / 255) ** 2).sum() for k in range(3)]
    expected = sorted(range(1500), key=lambda index: (exact[choice[index]], index))
    assert nearest_neighbours(image, digits, 3, 1500, peak=255).indices.tolist() == expected


def test_a_search_of_60000_images_needs_little_memory() -> None:
    digits = some(np.zeros((60_000, 28, 28), np.uint8), [3] * 60_000)
    image = np.ones((28, 28), np.uint8)
    tracemalloc.start()
    nearest_neighbours(image, digits, 3)
    find_same_image(image, digits, 3)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 12 * 2**20


def test_ties_keep_the_order_of_the_set() -> None:
    digits = some(line(12, 8, 12, 8, 10), [3, 3, 3, 3, 3])
    assert nearest_neighbours(line(10)[0], digits, 3).indices.tolist() == [4, 0, 1, 2, 3]


def test_the_image_itself_has_distance_zero_unless_left_out() -> None:
    digits = some(line(10, 11, 200), [3, 3, 3])
    assert nearest_neighbours(line(10)[0], digits, 3).distances[0] == 0
    assert nearest_neighbours(line(10)[0], digits, 3, leave_out=0).indices.tolist() == [1, 2]


def test_pixels_are_compared_relative_to_their_peaks() -> None:
    digits = some(line(0, 8, 16), [1, 1, 1], peak=16)
    found = nearest_neighbours(line(255)[0], digits, 1, peak=255)
    assert found.indices.tolist() == [2, 1, 0]
    np.testing.assert_allclose(found.distances, [0, 0.5, 1])


def test_a_digit_without_samples_has_no_neighbours() -> None:
    assert len(nearest_neighbours(line(1)[0], some(line(1, 2), [4, 4]), 5)) == 0


def test_an_image_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="the image is"):
        nearest_neighbours(np.zeros((2, 2), np.uint8), some(line(1), [1]), 1)


def test_an_image_finds_itself_whatever_its_peak() -> None:
    digits = load_digits("digits-8x8", "test", Path())
    for index in (0, 700, 1796):
        own = digits.images[index]
        assert find_same_image(own, digits, int(digits.labels[index])) == index
        wide = np.round(own * (255 / 16)).astype(np.uint8)
        assert find_same_image(wide, digits, int(digits.labels[index]), peak=255) == index


def test_of_two_equal_images_the_one_with_the_label_is_found() -> None:
    digits = some(line(5, 7, 7), [1, 2, 3])
    assert find_same_image(line(7)[0], digits, 3) == 2
    assert find_same_image(line(7)[0], digits, 9) == 1
    assert find_same_image(line(6)[0], digits, 1) is None
    assert find_same_image(np.zeros((2, 2), np.uint8), digits, 1) is None


def test_neighbours_in_mnist_are_of_their_digit_and_in_order(shared_data: Path) -> None:
    training, test = (load_digits("mnist", part, shared_data) for part in ("train", "test"))
    found = nearest_neighbours(test.images[0], training, 7)
    assert np.all(training.labels[found.indices] == 7)
    assert np.all(np.diff(found.distances) >= 0)
    pixels = training.images[training.labels == 7].astype(np.float64) / 255 - test.images[0] / 255
    assert found.distances[0] == pytest.approx(np.sqrt((pixels**2).sum(axis=(1, 2))).min(), rel=1e-6)

"""Sets of digits, from disk and built in."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.data import BUILT_IN, load_digits, to_bytes, to_floats
from digitpad.core.errors import DigitpadError

NAMES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def images_idx(images: np.ndarray) -> bytes:
    return struct.pack(">4i", 2051, *images.shape) + images.tobytes()


def labels_idx(labels: np.ndarray) -> bytes:
    return struct.pack(">2i", 2049, len(labels)) + labels.tobytes()


def write_mnist(folder: Path, *, gzipped: bool = True, count: int = 12) -> np.ndarray:
    """Write four small files with MNIST's names; return the test images."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.arange(count * 784, dtype=np.uint32).reshape(count, 28, 28).astype(np.uint8)
    labels = (np.arange(count) % 10).astype(np.uint8)
    for images_name, labels_name in NAMES.values():
        for name, content in ((images_name, images_idx(images)), (labels_name, labels_idx(labels))):
            path = folder / (name + ".gz" if gzipped else name)
            path.write_bytes(gzip.compress(content) if gzipped else content)
    return images


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("layout", ["mnist", "MNIST/raw", "mnist/MNIST/raw", "."])
def test_every_layout_people_have_is_read(tmp_path: Path, layout: str, gzipped: bool) -> None:
    images = write_mnist(tmp_path / layout, gzipped=gzipped)
    digits = load_digits("mnist", "test", tmp_path)
    np.testing.assert_array_equal(digits.images, images)
    assert digits.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert digits.name == "MNIST test"


def test_pixel_scaling_is_exact() -> None:
    values = np.arange(256, dtype=np.uint8)
    floats = to_floats(values)
    assert floats.dtype == np.float32
    assert floats[0] == 0.0
    assert floats[255] == 1.0
    assert floats[51] == np.float32(0.2)
    np.testing.assert_array_equal(to_bytes(floats), values)


def test_a_missing_set_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="digitpad download"):
        load_digits("mnist", "train", tmp_path)
    with pytest.raises(DigitpadError, match="fashion"):
        load_digits("fashion", "train", tmp_path)


FAULTS = {
    "truncated": (0, lambda content: content[:-5], "truncated"),
    "too long": (0, lambda content: content + b"x", "longer"),
    "foreign": (0, lambda content: b"PNG" + content[3:], "no IDX file"),
    "empty": (0, lambda content: b"", "no IDX file"),
    "labels for images": (0, lambda content: labels_idx(np.zeros(12, np.uint8)), "no IDX file of images"),
    "absurd count": (0, lambda content: struct.pack(">4i", 2051, 2**31 - 1, 28, 28), "claims"),
    "negative size": (0, lambda content: struct.pack(">4i", 2051, 5, -28, 28), "x -28 px"),
    "absurd size": (0, lambda content: struct.pack(">4i", 2051, 1, 2**30, 2**30), "claims"),
    "other size": (0, lambda content: images_idx(np.zeros((12, 8, 8), np.uint8)), "28 x 28 is needed"),
    "fewer images": (0, lambda content: images_idx(np.zeros((11, 28, 28), np.uint8)), "11 images but .* 12 labels"),
    "label 10": (1, lambda content: labels_idx(np.full(12, 10, np.uint8)), "label 10"),
    "cut gzip": (0, lambda content: gzip.compress(content)[:60], "truncated"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_named(tmp_path: Path, fault: str) -> None:
    write_mnist(tmp_path / "mnist", gzipped=False)
    which, spoil, reason = FAULTS[fault]
    path = tmp_path / "mnist" / NAMES["test"][which]
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DigitpadError, match=rf"(?s){NAMES['test'][0][:4]}.*{reason}"):
        load_digits("mnist", "test", tmp_path)


def test_the_real_mnist_is_what_it_should_be(shared_data: Path) -> None:
    training, test = load_digits("mnist", "train", shared_data), load_digits("mnist", "test", shared_data)
    assert (len(training), len(test)) == (60_000, 10_000)
    assert training.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert training.images.max() == 255


def test_kin_of_mnist_are_read_from_their_own_folder(shared_data: Path) -> None:
    digits = load_digits("kmnist", "test", shared_data)
    assert len(digits) == 10_000
    assert digits.name == "KMNIST test"


def test_the_built_in_digits_need_no_file_and_have_mnists_geometry(tmp_path: Path) -> None:
    training, test = load_digits(BUILT_IN, "train", tmp_path), load_digits(BUILT_IN, "test", tmp_path)
    assert (len(training), len(test)) == (1437, 360)
    assert training.images.shape[1:] == (28, 28)
    sides = [max(np.count_nonzero(image.any(axis=0)), np.count_nonzero(image.any(axis=1))) for image in test.images]
    assert np.isin(sides, [19, 20, 21]).mean() > 0.95
    assert set(test.labels.tolist()) == set(range(10))


def test_an_ink_file_is_a_set_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    line = '{"strokes": [[[0, 0], [1, 5]]], "label": %s}\n'
    path.write_text(line % 1 + line % '"a"' + line % '"7"', encoding="utf-8")
    digits = load_digits(str(path), "test", tmp_path)
    assert digits.labels.tolist() == [1, 7]
    assert digits.images.max() == 255
    path.write_text(line % '"a"', encoding="utf-8")
    with pytest.raises(DigitpadError, match="no drawing labelled with a digit"):
        load_digits(str(path), "test", tmp_path)

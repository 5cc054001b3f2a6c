"""Loading data sets, from files and built in."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import BUILT_IN, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import to_bytes, to_floats
from digitpad.core.images.idx_sets import SETS
from tests.helpers.idx_files import gzipped, images_idx, labels_idx, set_files, some_images, table_idx, write_files

TITLES = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "kmnist": "KMNIST",
    "qmnist": "QMNIST",
    "emnist-digits": "EMNIST digits",
}


def check_is_read(dataset: str, folder: Path, title: str) -> None:
    digits = load_digits(dataset, "test", folder)
    np.testing.assert_array_equal(digits.images, some_images())
    assert digits.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert digits.labels.dtype == digits.images.dtype == np.uint8
    assert digits.name == f"{title} test"


@pytest.mark.parametrize("is_gzipped", [True, False])
@pytest.mark.parametrize("layout", ["{key}", "{key}/raw", "{home}/raw", "{key}/{home}/raw", "{key}/gzip"])
@pytest.mark.parametrize("key", SETS)
def test_every_usual_folder_layout_is_read(tmp_path: Path, key: str, layout: str, is_gzipped: bool) -> None:
    files = set_files(key)
    write_files(
        tmp_path / layout.format(key=key, home=SETS[key].torchvision_name),
        gzipped(files) if is_gzipped else files,
    )
    check_is_read(key, tmp_path, TITLES[key])


@pytest.mark.parametrize("layout", [".", "raw"])
def test_mnist_may_lie_in_the_data_folder_itself(tmp_path: Path, layout: str) -> None:
    write_files(tmp_path / layout, set_files())
    check_is_read("mnist", tmp_path, "MNIST")


@pytest.mark.parametrize("layout", ["digits", "digits/raw", "digits/{home}/raw", "digits/gzip"])
@pytest.mark.parametrize("key", SETS)
def test_a_folder_is_read_with_the_file_names_of_any_set(tmp_path: Path, key: str, layout: str) -> None:
    write_files(tmp_path / layout.format(home=SETS[key].torchvision_name), gzipped(set_files(key)))
    check_is_read(str(tmp_path / "digits"), Path("elsewhere"), "digits")
    (tmp_path / "digits").rename(tmp_path / "mine")
    check_is_read("mine", tmp_path, "mine")


def test_a_folder_can_be_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "my" / "set" / "raw", set_files())
    check_is_read("my/set", Path("elsewhere"), "set")
    check_is_read("./my/set/raw", Path("elsewhere"), "set")


@pytest.mark.parametrize("rename", [lambda name: f"kmnist-{name}", lambda name: name.replace("-idx", ".idx")])
def test_file_names_with_a_prefix_or_a_dot_are_recognised(tmp_path: Path, rename: Callable[[str], str]) -> None:
    write_files(tmp_path / "kmnist", {rename(name): content for name, content in set_files("kmnist").items()})
    check_is_read("kmnist", tmp_path, "KMNIST")


def test_images_are_not_paired_with_labels_from_another_folder(tmp_path: Path) -> None:
    files = set_files()
    images = {name: content for name, content in files.items() if "images" in name}
    write_files(tmp_path / "mnist", images)
    write_files(tmp_path / "MNIST" / "raw", set_files(count=5))
    assert len(load_digits("mnist", "test", tmp_path)) == 5


def test_pixel_scaling_is_exact() -> None:
    values = np.arange(256, dtype=np.uint8)
    floats = to_floats(values)
    assert floats.dtype == np.float32
    assert floats[0] == 0.0
    assert floats[255] == 1.0
    assert floats[51] == np.float32(0.2)
    np.testing.assert_array_equal(to_bytes(floats), values)


def test_the_error_for_a_missing_set_has_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match=r"^MNIST is not installed: download it, choose a folder") as caught:
        load_digits("mnist", "train", tmp_path)
    assert caught.value.with_hint.endswith("(digitpad download, or --data FOLDER)")
    with pytest.raises(DigitpadError, match=r"^Fashion-MNIST is not installed: download it, or choose") as caught:
        load_digits("fashion-mnist", "train", tmp_path)
    assert "digitpad download fashion-mnist" in caught.value.with_hint
    with pytest.raises(DigitpadError, match=r"no data set “fashion”: choose one of mnist, fash.*, my-digits, digits, "):
        load_digits("fashion", "train", tmp_path)


def test_the_error_for_a_folder_names_the_missing_files(tmp_path: Path) -> None:
    write_files(tmp_path, set_files(parts=("test",)))
    with pytest.raises(
        DigitpadError, match=r"no training files \(train-images-idx3-ubyte and train-labels-idx1-ubyte\)"
    ):
        load_digits(str(tmp_path), "train", tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DigitpadError, match=r"the other IDX file is not beside it: copy both to one folder"):
        load_digits(str(tmp_path), "train", tmp_path)
    with pytest.raises(DigitpadError, match="nowhere does not exist: check the path"):
        load_digits(str(tmp_path / "nowhere"), "train", tmp_path)


def test_a_folder_with_two_sets_is_refused(tmp_path: Path) -> None:
    write_files(tmp_path / "MNIST" / "raw", set_files())
    write_files(tmp_path / "FashionMNIST" / "raw", set_files("fashion-mnist"))
    with pytest.raises(DigitpadError, match=r"holds more than one data set .*: choose the folder of one set"):
        load_digits(str(tmp_path), "train", tmp_path)


FAULTS = {
    "truncated": (0, lambda content: content[:-5], "truncated"),
    "too long": (0, lambda content: content + b"x", "longer"),
    "foreign": (0, lambda content: b"PNG" + content[3:], "not the expected IDX file"),
    "empty": (0, lambda content: b"", "not the expected IDX file"),
    "labels for images": (0, lambda content: labels_idx(np.zeros(12, np.uint8)), "not the expected IDX file"),
    "absurd count": (0, lambda content: struct.pack(">4i", 2051, 2**31 - 1, 28, 28), "damaged .2,147,483,647 samples"),
    "negative size": (0, lambda content: struct.pack(">4i", 2051, 5, -28, 28), "x-28.: download"),
    "absurd size": (0, lambda content: struct.pack(">4i", 2051, 1, 2**30, 2**30), "bytes of data"),
    "other size": (0, lambda content: images_idx(np.zeros((12, 8, 8), np.uint8)), "28x28 px are needed"),
    "fewer images": (0, lambda content: images_idx(np.zeros((11, 28, 28), np.uint8)), "11 images, but .* 12 labels"),
    "label 10": (1, lambda content: labels_idx(np.full(12, 10, np.uint8)), "label 10"),
    "table of 10": (1, lambda _: table_idx(np.full(12, 10)), "label 10"),
    "table of -1": (1, lambda _: table_idx(np.full(12, -1)), "label -1"),
    "table without columns": (1, lambda _: struct.pack(">3i", 0x0C02, 12, 0), "0 columns"),
    "cut table": (1, lambda _: table_idx(np.zeros(12, int))[:-1], "truncated"),
    "absurd table": (1, lambda _: struct.pack(">3i", 0x0C02, 12, 2**30), "bytes of data"),
    "cut header": (1, lambda content: content[:7], "not the expected IDX file"),
    "cut gzip": (0, lambda content: gzip.compress(content)[:60], "truncated"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_named(tmp_path: Path, fault: str) -> None:
    write_files(tmp_path / "mnist", set_files())
    which, spoil, reason = FAULTS[fault]
    path = tmp_path / "mnist" / SETS["mnist"].stems["test"][which]
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DigitpadError, match=rf"(?s)t10k.*{reason}"):
        load_digits("mnist", "test", tmp_path)


def test_the_real_mnist_is_what_it_should_be(shared_data: Path) -> None:
    training, test = load_digits("mnist", "train", shared_data), load_digits("mnist", "test", shared_data)
    assert (len(training), len(test)) == (60_000, 10_000)
    assert training.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert training.images.max() == 255


def test_the_name_of_the_first_samples_has_their_number(tmp_path: Path) -> None:
    digits = load_digits("xor", "train", tmp_path)
    assert digits.first(None) is digits.first(4) is digits
    assert (len(digits.first(3)), digits.first(3).name, digits.first(3).peak) == (3, "XOR (first 3)", 1)
    assert digits.size == (1, 2)
    assert digits.labels.tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("name", "labels"), [("and", [0, 0, 0, 1]), ("nand", [1, 1, 1, 0]), ("or", [0, 1, 1, 1]), ("xor", [0, 1, 1, 0])]
)
def test_a_gate_has_the_four_points_and_its_truth_table(name: str, labels: list[int], tmp_path: Path) -> None:
    digits = load_digits(name, "test", tmp_path)
    assert digits.images[:, 0].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert (digits.labels.tolist(), digits.name, digits.peak) == (labels, name.upper(), 1)


def test_the_raw_built_in_digits_keep_their_seventeen_greys(tmp_path: Path) -> None:
    digits = load_digits("digits-8x8", "test", tmp_path)
    assert (len(digits), digits.size, digits.images.max(), digits.peak) == (1797, (8, 8), 16, 16)
    assert to_floats(digits.images, digits.peak).max() == 1.0


def test_other_sets_in_mnists_format_are_read_from_their_folder(shared_data: Path) -> None:
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


def test_an_ink_file_is_a_data_set(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    line = '{"strokes": [[[0, 0], [1, 5]]], "label": %s}\n'
    path.write_text(line % 1 + line % '"a"' + line % '"7"', encoding="utf-8")
    digits = load_digits(str(path), "test", tmp_path)
    assert digits.labels.tolist() == [1, 7]
    assert digits.images.max() == 255
    path.write_text(line % '"a"', encoding="utf-8")
    with pytest.raises(DigitpadError, match="no drawing labelled with a digit"):
        load_digits(str(path), "test", tmp_path)

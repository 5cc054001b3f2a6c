"""Data sets in the formats that people have are read, and what is damaged or strange is refused in one sentence."""

import gzip
import pickle
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from PIL import Image

from digitpad.core.datasets.formats.opening import open_dataset
from digitpad.core.datasets.formats.progress import ReadingCancelledError, reporting_to
from digitpad.core.datasets.formats.summary import random_samples, summary_of
from digitpad.core.datasets.loading import full_name, load_digits
from digitpad.core.datasets.preview import is_split, preview_of, summary_lines
from digitpad.core.errors import DigitpadError
from digitpad.core.images.set_options import Options, split_options
from tests.helpers.format_files import (
    ORIGINAL,
    TEST,
    TRAINING,
    WRITERS,
    pickled,
    png,
    some_digits,
    write_csv,
    write_parquet,
)
from tests.helpers.idx_files import images_idx, labels_idx


def check(path: Path) -> None:
    """Check that both parts are those of the helper, in any order of the samples."""
    opened = open_dataset(path)
    assert not opened.is_split
    for samples, (images, labels) in zip((opened.parts["train"], opened.parts["test"]), (TRAINING, TEST), strict=True):
        assert len(samples) == len(labels)
        held = sorted(
            (int(label), image.tobytes()) for label, image in zip(samples.labels, samples.images, strict=True)
        )
        assert held == sorted((int(label), image.tobytes()) for label, image in zip(labels, images, strict=True))
        assert not samples.is_normalised.any()


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "deeplearning.net's pickle"])
def test_a_set_of_two_parts_is_read_as_its_writer_wrote_it(name: str, tmp_path: Path) -> None:
    check(WRITERS[name](tmp_path))


def test_pickled_arrays_of_python_2_are_read_and_validation_belongs_to_training(tmp_path: Path) -> None:
    opened = open_dataset(WRITERS["deeplearning.net's pickle"](tmp_path))
    assert [len(opened.parts[part]) for part in ("train", "test")] == [40, 20]
    expected = np.round(TRAINING[0] / 256 * 255)
    np.testing.assert_array_equal(opened.parts["train"].images, expected)
    np.testing.assert_array_equal(opened.parts["train"].labels, TRAINING[1])


@pytest.mark.parametrize("protocol", range(6))
def test_pickled_arrays_of_every_protocol_are_read(protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "mnist.pkl"
    path.write_bytes(pickled(protocol))
    assert len(open_dataset(path).parts["train"]) == 40


def test_a_pickle_that_would_run_a_program_is_refused_and_does_not_run_it(tmp_path: Path) -> None:
    trace, path = tmp_path / "it ran", tmp_path / "mnist.pkl.gz"

    class Hostile:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (trace,)

    for content in (Hostile(), {"x_train": TRAINING[0], "y_train": Hostile()}):
        path.write_bytes(gzip.compress(pickle.dumps(content)))
        with pytest.raises(DigitpadError, match=r"can run programs: load it in Python and save .* numpy\.savez"):
            open_dataset(path)
    assert not trace.exists()


def test_a_pickle_with_an_escape_that_no_writer_makes_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "mnist.pkl"
    path.write_bytes(b"(lp0\nS'a\\?b'\np1\na.")
    with pytest.raises(DigitpadError, match=r"mnist\.pkl is a pickle that holds more than arrays, or is damaged"):
        open_dataset(path)


def test_a_pickle_of_an_array_with_a_wrong_size_or_of_objects_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mnist.pkl"
    for content in ((np.array([{}, []], object), TRAINING[1]), np.array(["text"]), 7):
        path.write_bytes(pickle.dumps(content, 2))
        with pytest.raises(DigitpadError, match=r"mnist\.pkl"):
            open_dataset(path)


def test_features_by_columns_and_labels_as_floats_are_read(tmp_path: Path) -> None:
    opened = open_dataset(ORIGINAL(tmp_path))
    assert opened.is_split
    assert len(opened.parts["train"]) + len(opened.parts["test"]) == 60
    assert {image.tobytes() for image in opened.parts["test"].images} < {
        image.tobytes() for image in np.concatenate([TRAINING[0], TEST[0]])
    }


def test_hugging_faces_parquet_is_read_with_all_shards(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    check(write_parquet(tmp_path))
    check(tmp_path / "mnist/test-00000-of-00001.parquet")


def test_without_pyarrow_a_sentence_says_how_to_read_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "train.parquet"
    path.write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(DigitpadError, match=r"train\.parquet is a Parquet file: install the package pyarrow") as caught:
        open_dataset(path)
    assert caught.value.hint == "pip install 'digitpad[parquet]'"


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ";", "encoding": "utf-8-sig"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"header": False},
        {"label": 784},
        {"label": 784, "header": False},
    ],
)
def test_tables_with_other_separators_encodings_and_columns_are_read(options: dict, tmp_path: Path) -> None:
    opened = open_dataset(write_csv(tmp_path / "mine.csv", TRAINING, **options))
    images = np.concatenate([opened.parts["train"].images, opened.parts["test"].images])
    assert {image.tobytes() for image in images} == {image.tobytes() for image in TRAINING[0]}
    for samples in opened.parts.values():
        for image, label in zip(samples.images, samples.labels, strict=True):
            assert any((image == known).all() and label == same for known, same in zip(*TRAINING, strict=True))


TABLE = np.column_stack([TRAINING[1], TRAINING[0].reshape(40, -1)])


def _by_pandas(path: Path) -> None:
    """Write columns without names, and the index, as DataFrame.to_csv does."""
    rows = [["", *range(785)], *([number, *row] for number, row in enumerate(TABLE.tolist()))]
    path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")


def _by_pandas_without_index(path: Path) -> None:
    path.write_text("\n".join(",".join(map(str, row)) for row in [list(range(785)), *TABLE.tolist()]))


def _by_a_spreadsheet(path: Path) -> None:
    """Write decimal commas, as spreadsheets in many countries do."""
    shares = [[label, *(f"{value / 255:.4f}".replace(".", ",") for value in pixels)] for label, *pixels in TABLE]
    path.write_text("\n".join(";".join(map(str, row)) for row in shares))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: np.savetxt(path, TABLE),
        lambda path: np.savetxt(path, TABLE, fmt="%3d"),
        _by_pandas,
        _by_pandas_without_index,
        _by_a_spreadsheet,
    ],
)
def test_tables_of_numpy_pandas_and_spreadsheets_are_read(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "mine.txt")
    _check_training(tmp_path / "mine.txt")


def _check_training(path: Path) -> None:
    """Check that a file without parts has the training samples of the helper."""
    opened = open_dataset(path)
    held = sorted(
        (int(label), image.tobytes())
        for samples in opened.parts.values()
        for label, image in zip(samples.labels, samples.images, strict=True)
    )
    assert held == sorted((int(label), image.tobytes()) for image, label in zip(*TRAINING, strict=True))


def test_labels_may_be_texts_and_those_in_python_objects_are_told(tmp_path: Path) -> None:
    images, labels = TRAINING
    texts = [str(label) for label in labels]
    np.savez(tmp_path / "texts.npz", data=images, target=np.array(texts))
    (tmp_path / "texts.pkl").write_bytes(pickle.dumps({"data": images, "target": texts}))
    for name in ("texts.npz", "texts.pkl"):
        _check_training(tmp_path / name)
    np.savez(tmp_path / "objects.npz", data=images, target=np.array(texts, object))
    with pytest.raises(DigitpadError, match=r"has target as Python objects, .* with y\.astype\(int\)"):
        open_dataset(tmp_path / "objects.npz")
    np.savez(tmp_path / "words.npz", data=images, target=np.array(["cat"] * len(labels)))
    with pytest.raises(DigitpadError, match="are not whole numbers"):
        open_dataset(tmp_path / "words.npz")


def test_an_archive_with_pictures_and_labels_is_read_without_those_beside_it(tmp_path: Path) -> None:
    images, labels = TRAINING
    np.savez(tmp_path / "mine.npz", images=images, labels=labels[:, None])
    np.savez(tmp_path / "other.npz", images=255 - images, labels=labels[:, None])
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04")
    _check_training(tmp_path / "mine.npz")
    np.savez(tmp_path / "x.npz", images)
    np.savez(tmp_path / "y.npz", labels)
    _check_training(tmp_path / "x.npz")


def test_columns_of_parquet_may_be_capitalised_and_hold_pixels_and_texts(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    images, labels = TRAINING
    columns = {"Pixels": [image.ravel().tolist() for image in images], "Label": [str(label) for label in labels]}
    pa.parquet.write_table(pa.table(columns), tmp_path / "mine.parquet")
    _check_training(tmp_path / "mine.parquet")


def test_a_folder_of_files_without_endings_is_read_or_told_by_how_they_begin(tmp_path: Path) -> None:
    (tmp_path / "a note").write_text("Hello, world")
    with pytest.raises(DigitpadError, match="no data set that can be read"):
        open_dataset(tmp_path)
    (tmp_path / "archive").write_bytes(b"PK\x03\x04" + bytes(26) + b"train/0.png")
    with pytest.raises(DigitpadError, match="archive is an archive: unpack it"):
        open_dataset(tmp_path)
    for name, (images, labels) in {"train": TRAINING, "test": TEST}.items():
        (tmp_path / f"{name}_images").write_bytes(images_idx(images))
        (tmp_path / f"{name}_labels").write_bytes(labels_idx(labels))
    check(tmp_path)


def test_a_summary_counts_samples_that_both_parts_have_once(tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text('{"label": "digit 7", "strokes": [[[0, 0], [0, 9]]]}\n' * 3)
    preview = preview_of("mine.jsonl", tmp_path)
    lines = summary_lines("mine.jsonl", tmp_path)
    assert lines[0] == "mine.jsonl: ink file, 3 pictures of 28x28 px, the same for training and testing"
    assert lines[1] == "3 of 3 pictures were normalised as the pad does"
    assert not preview.takes_options


def test_kaggles_test_file_without_labels_is_left_out_or_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "train.csv", TRAINING)
    rows = "\n".join(",".join(map(str, image.ravel())) for image in TEST[0])
    (tmp_path / "test.csv").write_text(",".join(f"pixel{n}" for n in range(784)) + "\n" + rows + "\n")
    opened = open_dataset(tmp_path / "train.csv")
    assert opened.is_split
    assert len(opened.parts["train"]) + len(opened.parts["test"]) == 40
    (tmp_path / "train.csv").unlink()
    with pytest.raises(DigitpadError, match="784 columns, which are pixels without labels"):
        open_dataset(tmp_path / "test.csv")


def test_one_in_five_of_each_digit_is_held_out_by_a_seed(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mine.csv", some_digits(100))
    first, again, other = open_dataset(path), open_dataset(path), open_dataset(path, seed=1)
    assert np.bincount(first.parts["test"].labels).tolist() == [2] * 10
    np.testing.assert_array_equal(first.parts["test"].images, again.parts["test"].images)
    assert (first.parts["test"].images != other.parts["test"].images).any()
    assert not {i.tobytes() for i in first.parts["test"].images} & {i.tobytes() for i in first.parts["train"].images}


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["7_001.png", "7_002.png", "3_001.png"], [3, 7, 7]),
        (["scan12-label4.png", "scan13-label5.png", "x-digit_6.png"], [4, 5, 6]),
        (["img_0012_4.jpg", "img_0013_4.jpg", "img_0014_8.jpg"], [4, 4, 8]),
        (["seven_01.png", "scan-Three-2.png", "three_10.png"], [3, 3, 7]),
        (["03/a.png", "Class 7/a.png", "Seven/a.png"], [3, 7, 7]),
        (["mnist/mnist/all/7/a.png", "mnist/mnist/all/3/a.png", "mnist/mnist/all/3/b.png"], [3, 3, 7]),
    ],
)
def test_labels_are_read_from_the_names_of_pictures_and_folders(
    names: list[str], labels: list[int], tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(png(TRAINING[0][0]))
    opened = open_dataset(tmp_path)
    parts = {id(samples): samples for samples in opened.parts.values()}.values()
    assert sorted(np.concatenate([samples.labels for samples in parts]).tolist()) == labels


def test_numbers_of_pictures_are_not_taken_for_labels(tmp_path: Path) -> None:
    for number in range(1, 10):
        (tmp_path / f"scan_{number}.png").write_bytes(png(TRAINING[0][0]))
    with pytest.raises(DigitpadError, match=r"the 9 pictures in .* have no labels: put them into folders named 0 to 9"):
        open_dataset(tmp_path)


def test_pictures_of_other_sizes_are_normalised_as_the_pad_does_and_counted(tmp_path: Path) -> None:
    image = np.full((90, 60), 255, np.uint8)
    image[10:70, 25:33] = 0  # a one, dark on light
    for name in ("1_a.png", "1_b.png"):
        Image.fromarray(image).save(tmp_path / name)
    (tmp_path / "1_c.png").write_bytes(png(TRAINING[0][0]))
    opened = open_dataset(tmp_path)
    summary = summary_of(opened)
    assert (summary.normalised, summary.sizes) == (2, "28–60x28–90 px")
    assert "2 of 3 pictures were normalised as the pad does" in summary.notes(Options())
    samples = next(s for s in opened.parts.values() if s.is_normalised.any())
    made = samples.images[np.flatnonzero(samples.is_normalised)[0]]
    rows, columns = np.flatnonzero(made.any(axis=1)), np.flatnonzero(made.any(axis=0))
    assert made.max() == 255
    assert rows[-1] - rows[0] == 19  # 20 px high
    assert columns[-1] - columns[0] < 5


def test_small_pictures_of_another_size_are_normalised(tmp_path: Path) -> None:
    values = np.zeros((50, 8, 8))  # as scikit-learn's digits
    values[:, 1:7, 3:5] = np.random.default_rng(0).integers(8, 17, (50, 6, 2))
    np.savez(tmp_path / "eight.npz", data=values.reshape(50, 64), target=np.arange(50) % 10)
    opened = open_dataset(tmp_path / "eight.npz")
    assert summary_of(opened).normalised == 50
    assert all(image.max() == 255 for samples in opened.parts.values() for image in samples.images)


def test_the_summary_tells_of_inverted_pictures_labels_to_ten_and_missing_digits(tmp_path: Path) -> None:
    images, labels = some_digits(60)
    kept = labels != 4
    part = 255 - images[kept], np.where(labels == 0, 10, labels)[kept]
    path = write_csv(tmp_path / "odd.csv", part, header=False)
    summary = summary_of(open_dataset(path))
    assert (summary.looks_inverted, summary.has_ten, summary.missing) == (True, True, [4])
    assert summary.suggested.text == "#invert,ten-is-zero"
    lines = summary_lines(str(path), tmp_path)
    assert lines[0].startswith("odd.csv: table of pixels, 54 pictures of 28x28 px")
    assert lines[-1] == f"to read it so: {path}#invert,ten-is-zero"
    with pytest.raises(DigitpadError, match="labels from 1 to 10") as caught:
        load_digits(str(path), "test", tmp_path)
    assert "odd.csv#ten-is-zero" in caught.value.hint
    digits = load_digits(f"{path}#invert,ten-is-zero", "train", tmp_path)
    assert 0 in digits.labels
    assert digits.images[:, 0, 0].max() == 0
    assert "the pictures are dark on light and are inverted" in summary_lines(f"{path}#invert,ten-is-zero", tmp_path)


def test_usual_idx_files_that_are_inverted_are_told_too(tmp_path: Path) -> None:
    for name, (images, labels) in {"train": TRAINING, "t10k": TEST}.items():
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(images_idx(255 - images))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(labels_idx(labels))
    assert summary_lines(str(tmp_path), tmp_path)[-1] == f"to read it so: {tmp_path}#invert"
    assert load_digits(f"{tmp_path}#invert", "test", tmp_path).images[0, 0, 0] == 0


def test_idx_files_of_other_sides_are_normalised(tmp_path: Path) -> None:
    images = np.zeros((12, 40, 40), np.uint8)
    images[:, 8:30, 18:24] = 200
    for name in ("train", "t10k"):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(images_idx(images))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(labels_idx(np.ones(12, np.uint8)))
    assert load_digits(str(tmp_path), "test", tmp_path).size == (28, 28)


def test_a_folder_of_pictures_that_mostly_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "7_1.png").write_bytes(png(TRAINING[0][0]))
    for number in range(2, 5):
        (tmp_path / f"7_{number}.png").write_bytes(b"no picture")
    with pytest.raises(DigitpadError, match=r"7_2\.png"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("name", [name for name in WRITERS if "IDX" not in name])
def test_every_reading_of_some_time_says_how_far_it_is_and_can_be_cancelled(name: str, tmp_path: Path) -> None:
    path = WRITERS[name](tmp_path)
    seen: list[tuple[int, int]] = []
    with reporting_to(lambda done, total: seen.append((done, total))):
        open_dataset(path)
    assert seen
    assert all(0 <= done <= total for done, total in seen if total)

    def cancel(*_: int) -> None:
        raise ReadingCancelledError

    with reporting_to(cancel), pytest.raises(ReadingCancelledError):
        open_dataset(path)


def test_random_samples_show_all_digits(tmp_path: Path) -> None:
    samples = random_samples(open_dataset(write_csv(tmp_path / "mine.csv", some_digits(100))))
    assert samples.images.shape == (16, 28, 28)
    assert set(samples.labels.tolist()) == set(range(10))


def test_both_parts_share_one_reading_and_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mine.csv", TRAINING)
    first = load_digits(str(path), "train", tmp_path)
    assert load_digits(str(path), "train", tmp_path) is first
    write_csv(path, some_digits(60))
    assert len(load_digits(str(path), "train", tmp_path)) == 50


def test_a_bare_name_is_found_in_the_data_folder_and_then_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, data = tmp_path / "here", tmp_path / "data"
    (data / "mine").mkdir(parents=True)
    WRITERS["a folder for each class"](here / "mine")
    monkeypatch.chdir(here)
    assert len(load_digits("mine", "test", tmp_path)) == 20
    assert full_name("mine#invert", tmp_path) == f"{here / 'mine'}#invert"
    assert full_name("mine", data) == "mine"
    monkeypatch.setenv("HOME", str(here))
    assert len(load_digits("~/mine", "test", tmp_path)) == 20
    assert full_name("~/mine", tmp_path) == str(here / "mine")
    assert not is_split("mine", tmp_path)


def test_options_are_taken_from_the_end_of_a_path_only() -> None:
    assert split_options("a#b.csv") == ("a#b.csv", Options())
    assert split_options("a.csv#seed=3,invert") == ("a.csv", Options(invert=True, seed=3))
    assert Options(invert=True, seed=3).text == "#invert,seed=3"
    assert split_options("#invert") == ("#invert", Options())


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.mat", b"MATLAB 7.3 MAT-file".ljust(600, b"\0"), "HDF5 file, which cannot be read: save it in MATLAB"),
        ("a.h5", b"\x89HDF\r\n\x1a\n".ljust(600, b"\0"), "HDF5 file, which cannot be read"),
        ("a.pt", b"PK\x03\x04" + bytes(26) + b"archive/data.pkl", "PyTorch file, which can run programs"),
        ("a.xlsx", b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "spreadsheet: save it as CSV"),
        ("a.zip", b"PK\x03\x04" + bytes(26) + b"train/0.png", "archive: unpack it"),
        ("a.png", png(TRAINING[0][0]), "one picture: choose the folder"),
        ("a.txt", b"hello", "choose a CSV table"),
        ("a.csv", b"label,x,y\n1,2,3\n", "3 columns"),
        ("a.csv", b"", "a.csv is empty: copy or download it again"),
        ("a.csv", b",".join([b"1"] * 785) + b"\n" + b",".join([b"1"] * 784), "784 columns, but the first one has 785"),
        ("a.csv", b",".join([b"1"] * 785) + b"\n" + b",".join([b"2"] * 784 + [b"x"]), "“x” where a number is expected"),
        ("a.csv", b",".join([b"11"] + [b"99"] * 784), "label 11"),
        ("a.npz", b"PK\x03\x04" + bytes(26) + b"x.npy" + bytes(40), "truncated or damaged"),
    ],
)
def test_what_cannot_be_read_says_why_and_how_to_convert_it(
    name: str, content: bytes, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DigitpadError) as caught:
        load_digits(str(path), "train", tmp_path)
    assert sentence in str(caught.value)
    assert name in str(caught.value)


def test_headers_that_promise_more_than_the_file_holds_are_refused(tmp_path: Path) -> None:
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (2000000, 28, 28), }".ljust(118) + b"\n"
    (tmp_path / "x_train.npy").write_bytes(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + bytes(900))
    with pytest.raises(DigitpadError, match="truncated or damaged"):
        open_dataset(tmp_path / "x_train.npy")
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros((90_000, 28, 28), np.uint8), y=np.zeros(90_000, np.uint8))
    with pytest.raises(DigitpadError, match="holds more than its size allows"):
        open_dataset(tmp_path / "bomb.npz")
    scipy.io.savemat(tmp_path / "bomb.mat", {"x": np.zeros((90_000, 784), np.uint8)}, do_compression=True)
    with pytest.raises(DigitpadError, match="holds more than its size allows"):
        open_dataset(tmp_path / "bomb.mat")


def test_a_folder_of_two_sets_or_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="no data set that can be read"):
        open_dataset(tmp_path)
    write_csv(tmp_path / "first.csv", TRAINING)
    write_csv(tmp_path / "second.csv", TEST)
    with pytest.raises(DigitpadError, match=r"more than one data set \(first\.csv, second\.csv\)"):
        open_dataset(tmp_path)


def test_a_test_file_alone_has_no_training_part(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "mnist_test.csv", TEST)
    assert len(load_digits(str(path), "test", tmp_path)) == 20
    with pytest.raises(DigitpadError, match="has no training samples"):
        load_digits(str(path), "train", tmp_path)

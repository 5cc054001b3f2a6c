"""Small data sets in the formats that people have, written as their usual writers write them."""

import csv
import gzip
import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import scipy.io
from PIL import Image

from tests.helpers.idx_files import images_idx, labels_idx

Part = tuple[np.ndarray, np.ndarray]


def some_digits(count: int, seed: int = 0) -> Part:
    """Make pictures with light strokes on black, and labels 0 to 9 in turn."""
    draw = np.random.default_rng(seed)
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 5:23, 10:18] = draw.integers(1, 256, (count, 18, 8))
    return images, (np.arange(count) % 10).astype(np.uint8)


TRAINING, TEST = some_digits(40), some_digits(20, 1)


def write_csv(
    path: Path, part: Part, *, header: bool = True, delimiter: str = ",", encoding: str = "utf-8", label: int = 0
) -> Path:
    """Write a table as Kaggle does; `label` is the column of the label, 0 or 784."""
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=delimiter)
        names, rows = [f"pixel{n}" for n in range(784)], [image.ravel().tolist() for image in part[0]]
        for row, value in zip(
            ([names] if header else []) + rows, (["label"] if header else []) + part[1].tolist(), strict=True
        ):
            writer.writerow([*row[:label], value, *row[label:]])
    return path


def _kaggle(folder: Path) -> Path:
    write_csv(folder / "mnist_test.csv", TEST, header=False)
    return write_csv(folder / "mnist_train.csv", TRAINING)


def _keras(folder: Path) -> Path:
    path = folder / "mnist.npz"
    np.savez(path, x_train=TRAINING[0], y_train=TRAINING[1], x_test=TEST[0], y_test=TEST[1])
    return path


def _npy(folder: Path) -> Path:
    for name, (images, labels) in {"train": TRAINING, "test": TEST}.items():
        np.save(folder / f"x_{name}.npy", images)
        np.save(folder / f"y_{name}.npy", labels)
    return folder


def _flat(part: Part) -> tuple[np.ndarray, np.ndarray]:
    return (part[0].reshape(-1, 784) / np.float32(256)).astype(np.float32), part[1].astype(np.int64)


def pickled(protocol: int) -> bytes:
    """Return training, validation and test part as deeplearning.net's mnist.pkl has them."""
    training = _flat(TRAINING)
    parts = (training[0][:30], training[1][:30]), (training[0][30:], training[1][30:]), _flat(TEST)
    return pickle.dumps(parts, protocol)


def pickled_by_python2() -> bytes:
    """Return the same as Python 2 wrote it: the arrays' bytes are byte strings instead of encoded text."""
    training = _flat(TRAINING)
    arrays = (training[0][:30], training[1][:30], training[0][30:], training[1][30:], *_flat(TEST))
    items = [_array_of_python2(array) for array in arrays]
    pairs = [items[number] + items[number + 1] + pickle.TUPLE2 for number in (0, 2, 4)]
    return pickle.PROTO + b"\x02" + b"".join(pairs) + pickle.TUPLE3 + pickle.STOP


def _array_of_python2(array: np.ndarray) -> bytes:
    """Return the instructions for an array, as cPickle of Python 2 and NumPy 1 write them."""
    data = array.tobytes()
    kind = (
        b"cnumpy\ndtype\nU\x02"
        + array.dtype.str[1:].encode()
        + b"K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    )
    shape = b"".join(b"J" + side.to_bytes(4, "little") for side in array.shape)
    return (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01("
        + shape + b"t" + kind + b"\x89T" + len(data).to_bytes(4, "little") + data + b"tb"
    )  # fmt: skip


def _deeplearning(folder: Path) -> Path:
    path = folder / "mnist.pkl.gz"
    path.write_bytes(gzip.compress(pickled_by_python2(), 1, mtime=0))
    return path


def _original(folder: Path) -> Path:
    path = folder / "mnist-original.mat"
    images, labels = (np.concatenate(arrays) for arrays in zip(TRAINING, TEST, strict=True))
    held = {"data": images.reshape(-1, 784).T, "label": labels[None].astype(float)}
    scipy.io.savemat(path, held, do_compression=True)
    return path


def _emnist(folder: Path) -> Path:
    """Write the structure of emnist-digits.mat, with pictures by columns."""
    path = folder / "emnist-digits.mat"
    parts = {
        name: {"images": images.transpose(0, 2, 1).reshape(-1, 784), "labels": labels[:, None].astype(float)}
        for name, (images, labels) in {"train": TRAINING, "test": TEST}.items()
    }
    mapping = np.stack([np.arange(10), np.arange(48, 58)], axis=1)
    scipy.io.savemat(path, {"dataset": {**parts, "mapping": mapping}}, do_compression=True)
    return path


def _roweis(folder: Path) -> Path:
    path = folder / "mnist_all.mat"
    arrays = {
        f"{name}{digit}": images[labels == digit].reshape(-1, 784)
        for name, (images, labels) in {"train": TRAINING, "test": TEST}.items()
        for digit in range(10)
    }
    scipy.io.savemat(path, arrays)
    return path


def png(image: np.ndarray) -> bytes:
    """Return a picture as the bytes of a PNG file."""
    content = io.BytesIO()
    Image.fromarray(image).save(content, "PNG")
    return content.getvalue()


def _classes(folder: Path) -> Path:
    for name, part in {"training": TRAINING, "testing": TEST}.items():
        for number, (image, label) in enumerate(zip(*part, strict=True)):
            place = folder / name / str(label)
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{number:03}.png").write_bytes(png(image))
    return folder


def write_parquet(folder: Path) -> Path:
    """Write the shards that Hugging Face's `datasets` writes; pyarrow must be installed."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    (folder / "mnist").mkdir()
    shards = {"train-00000-of-00002": (TRAINING, 0, 25), "train-00001-of-00002": (TRAINING, 25, 40)}
    for name, (part, start, end) in {**shards, "test-00000-of-00001": (TEST, 0, 20)}.items():
        pictures = [{"bytes": png(image), "path": None} for image in part[0][start:end]]
        table = pa.table({"image": pictures, "label": [int(label) for label in part[1][start:end]]})
        pq.write_table(table, folder / "mnist" / f"{name}.parquet")
    return folder


def _idx(folder: Path, name: Callable[[str, str], str]) -> Path:
    for part, (images, labels) in {"train": TRAINING, "t10k": TEST}.items():
        for kind, content in {"images": images_idx(images), "labels": labels_idx(labels)}.items():
            path = folder / name(f"{part}-{kind}", "idx3" if kind == "images" else "idx1")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "Kaggle's CSV": _kaggle,
    "Keras's npz": _keras,
    "arrays in a file each": _npy,
    "deeplearning.net's pickle": _deeplearning,
    "EMNIST's mat": _emnist,
    "Roweis's mat": _roweis,
    "a folder for each class": _classes,
    "IDX with dots": lambda folder: _idx(folder, lambda name, idx: f"{name}.{idx}-ubyte"),
    "IDX with other endings": lambda folder: _idx(folder, lambda name, _: f"{name}.ubyte"),
    "IDX nested": lambda folder: _idx(folder, lambda name, idx: f"{name}-{idx}-ubyte/{name}.{idx}-ubyte"),
}
ORIGINAL = _original

"""Small artificial sets of IDX files."""

import gzip
import struct
from pathlib import Path

import numpy as np

from digitpad.core.images.idx_sets import PARTS, SETS, Part


def images_idx(images: np.ndarray) -> bytes:
    return struct.pack(">4i", 2051, *images.shape) + images.tobytes()


def labels_idx(labels: np.ndarray) -> bytes:
    return struct.pack(">2i", 2049, len(labels)) + labels.tobytes()


def table_idx(labels: np.ndarray) -> bytes:
    """Return QMNIST's labels: eight columns, the first is the digit."""
    table = np.arange(8) * 100 + labels[:, None]
    return struct.pack(">3i", 0x0C02, *table.shape) + table.astype(">i4").tobytes()


def some_images(count: int = 12) -> np.ndarray:
    return np.arange(count * 784, dtype=np.uint32).reshape(count, 28, 28).astype(np.uint8)


def some_labels(count: int = 12) -> np.ndarray:
    return (np.arange(count) % 10).astype(np.uint8)


def set_files(key: str = "mnist", parts: tuple[Part, ...] = PARTS, count: int = 12) -> dict[str, bytes]:
    """Return a set's files as published but uncompressed, by their names without ".gz"."""
    images = some_images(count)
    stored = images.transpose(0, 2, 1) if SETS[key].is_transposed else images
    labels = (table_idx if key == "qmnist" else labels_idx)(some_labels(count))
    files = {}
    for part in parts:
        images_name, labels_name = SETS[key].stems[part]
        files |= {images_name: images_idx(np.ascontiguousarray(stored)), labels_name: labels}
    return files


def gzipped(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content) for name, content in files.items()}


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def names_in(folder: Path) -> list[str]:
    """Return the names in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())

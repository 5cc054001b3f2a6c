"""IDX files of any name and picture size: "train-images.idx3-ubyte", or each in a folder of its name."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from digitpad.core.datasets.formats.part_names import part_of
from digitpad.core.datasets.formats.samples import Parts, Samples, samples_of_arrays
from digitpad.core.errors import DigitpadError
from digitpad.core.files.gzipped import reading
from digitpad.core.images import idx_format
from digitpad.core.images.idx_sets import Part

_MAX_FILES = 100
_IMAGES, _LABELS = b"\0\0\x08\x03", (b"\0\0\x08\x01", b"\0\0\x0c\x02")


def read_idx(path: Path) -> Parts:
    """Read an IDX file of pictures or labels together with the files that belong to it; raises DigitpadError."""
    images: dict[Part | None, Path] = {}
    labels: dict[Part | None, Path] = {}
    with reading(path):
        places = [path.parent, path.parent.parent]  # some archives unpack each file into a folder of its name
        for place in places:
            files = sorted(file for file in [*place.iterdir(), *place.glob("*/*")][:_MAX_FILES] if file.is_file())
            images, labels = _by_part(path, files)
            if set(images) & set(labels):
                break
    parts: list[Part | None] = [part for part in images if part in labels]
    if not parts:
        raise DigitpadError(
            "{path} has pictures or labels, but the other IDX file is not beside it: copy both to one folder", path=path
        )
    return {part: _read_part(path, images[part], labels[part]) for part in parts}


def _read_part(path: Path, images: Path, labels: Path) -> Samples:
    pictures = idx_format.read_images(images)
    if "emnist" in images.name.lower():
        pictures = np.ascontiguousarray(pictures.transpose(0, 2, 1))
    return samples_of_arrays(path, pictures, idx_format.read_labels(labels))


def _by_part(path: Path, files: Iterable[Path]) -> tuple[dict[Part | None, Path], dict[Part | None, Path]]:
    """Return the files of pictures and of labels by their part; the chosen file comes before others of its part."""
    images: dict[Part | None, Path] = {}
    labels: dict[Part | None, Path] = {}
    for file in (path, *files):
        start = idx_format.magic_of(file)
        if start == _IMAGES:
            images.setdefault(part_of(file.name), file)
        elif start in _LABELS:
            labels.setdefault(part_of(file.name), file)
    return images, labels

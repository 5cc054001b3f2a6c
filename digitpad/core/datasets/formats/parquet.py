"""Parquet files as Hugging Face publishes data sets: a column of picture files and a column of labels."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.datasets.formats.limits import (
    MAX_SAMPLES,
    normalisation_limit,
    too_large_error,
    unpacked_limit,
)
from digitpad.core.datasets.formats.part_names import SHARD
from digitpad.core.datasets.formats.pictures import decode_picture
from digitpad.core.datasets.formats.samples import Parts, joined, samples_of_pictures
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.gzipped import damaged_error
from digitpad.core.ink.ink_files import digit_of_text

if TYPE_CHECKING:
    import pyarrow.parquet

_PICTURES = ("image", "img", "picture", "pixel_values", "pixels")
_LABELS = ("label", "labels", "digit", "target", "fine_label")
_BATCH = 256
_MAXSHARDS = 1000


def read_parquet(path: Path) -> Parts:
    """Read a file and the other shards of its part; raises DigitpadError, also if pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise DigitpadError(
            "{path} is a Parquet file: install the package pyarrow to read it, or save its pictures as PNG files in a "
            "folder for each digit",
            path=path,
            hint="pip install 'digitpad[parquet]'",
        ) from error
    found = []
    for shard in _shards(path):
        try:
            with parquet.ParquetFile(shard, pre_buffer=False) as file:
                pictures = _pictures(shard, file)
                count, limit = file.metadata.num_rows, normalisation_limit(shard)
                found.append(samples_of_pictures(pictures, limit=limit, path=shard, expected=count))
        except OSError as error:
            raise (read_error(shard, error) if error.errno else damaged_error(shard)) from error
        except (pa.ArrowException, MemoryError, ValueError, OverflowError) as error:
            raise damaged_error(shard) from error
    return {None: joined(found)}


def _shards(path: Path) -> list[Path]:
    if not SHARD.search(path.name):
        return [path]
    try:
        names = sorted(other.name for other in path.parent.iterdir())
    except OSError as error:
        raise read_error(path.parent, error) from error
    base = SHARD.sub("", path.name)
    return [path.with_name(name) for name in names if SHARD.search(name) and SHARD.sub("", name) == base][:_MAXSHARDS]


def _pictures(path: Path, file: "pyarrow.parquet.ParquetFile") -> Iterator[tuple[np.ndarray, int]]:
    names: list[str] = file.schema_arrow.names
    picture, label = (
        next((name for known in wanted for name in names if name.lower() == known), None)
        for wanted in (_PICTURES, _LABELS)
    )
    if picture is None or label is None:
        raise DigitpadError(
            "{path} has the columns {columns}: a column “image” and a column “label” are needed",
            path=path,
            columns=", ".join(names[:20]),
        )
    metadata = file.metadata
    size = sum(metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups))
    if metadata.num_rows > MAX_SAMPLES or not 0 <= size <= unpacked_limit(path):
        raise too_large_error(path)
    for batch in file.iter_batches(_BATCH, columns=[picture, label], use_threads=False):
        columns = batch.to_pydict()
        for held, written in zip(columns[picture], columns[label], strict=True):
            answer = digit_of_text(written) if isinstance(written, str) else written
            if not isinstance(answer, int):
                raise DigitpadError("the labels in {path} are not whole numbers: labels must be 0 to 9", path=path)
            yield _picture_of(path, held), answer


def _picture_of(path: Path, held: object) -> np.ndarray:
    """Return the picture of a cell: a file's bytes, or its rows of pixels."""
    content: object = held.get("bytes") if isinstance(held, dict) else held
    if isinstance(content, bytes):
        return decode_picture(content, path)
    if isinstance(content, list):
        pixels = np.asarray(content)
        side = round(pixels.size**0.5)
        if pixels.dtype.kind in "iu" and side * side == pixels.size and pixels.min() >= 0 and pixels.max() <= 255:
            grey = pixels.reshape(side, side).astype(np.uint8)
            return grey if side == 28 else grey.astype(np.float32) / 255
    raise DigitpadError(
        "{path} has a row without a picture: its pictures must be in the file, not beside it", path=path
    )

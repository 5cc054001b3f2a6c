"""The images of a run's weights after its epochs, ``weights.bin``, thinned while it is written.

When there are too many, every second one is dropped and later ones are taken half as often: a run of any length keeps
30 to 60 of them, wherever it ends.
"""

import json
import struct
import zlib
from bisect import bisect
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import get_args

import numpy as np

from digitpad.core.datasets.loading import POINTS
from digitpad.core.evaluation.weight_images import Kind, WeightImages, described
from digitpad.core.runs.appended_file import AppendedFile, read_appended_file

HISTORY = "weights.bin"
MAX_EPOCHS = 60
_FORMAT = "digitpad-weights-1"
# A line of JSON, then the records: epoch, how many measured epochs later the next one is, and CRC-32 of the rest; then
# the pixels, uint8, 128 is neutral, and the outputs, little-endian float32.
_HEAD = struct.Struct("<III")
_NEUTRAL, _SCALE = 128, 127.0
_MAX_HEADER = 1000  # bytes
_MAX_FILE_SIZE = 4 << 20  # bytes
_MAX_EPOCH = 1_000_000
_MAX_SIDE, _MAX_TOTAL = 64, 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class WeightHistory:
    """The images of a run's weights after some of its epochs.

    Attributes
    ----------
    epochs
        The epochs, rising; 0 is before the first step. At most 62.
    pixels
        (n, k, height, width) uint8: for each epoch its images; 1 to 255 are -1 to 1, 128 is 0.
    kind, total
        See `WeightImages`.
    outputs
        (n, 4) float32: for each epoch the outputs of a surface, or (n, 0).

    """

    epochs: tuple[int, ...]
    pixels: np.ndarray
    kind: Kind
    total: int
    outputs: np.ndarray

    def images(self, index: int) -> WeightImages:
        """Return the images after ``epochs[index]``, accurate to 1/127 of the scale."""
        values = (self.pixels[index].astype(np.float32) - _NEUTRAL) / np.float32(_SCALE)
        return described(self.kind, np.maximum(values, np.float32(-1)), self.total, tuple(self.outputs[index].tolist()))

    def with_images(self, epoch: int, images: WeightImages) -> "WeightHistory":
        """Return it with the images of one more epoch; unchanged if it has the epoch, or the images are of others."""
        pixels, outputs = _stored_pixels(images), np.array(images.outputs[: self.outputs.shape[1]], np.float32)
        own = self.kind, self.total, self.pixels.shape[1:], self.outputs.shape[1:]
        if epoch in self.epochs or (images.kind, images.total, pixels.shape, outputs.shape) != own:
            return self
        place = bisect(self.epochs, epoch)
        return replace(
            self,
            epochs=(*self.epochs[:place], epoch, *self.epochs[place:]),
            pixels=np.insert(self.pixels, place, pixels, axis=0),
            outputs=np.insert(self.outputs, place, outputs, axis=0),
        )


def read_weight_history(folder: Path) -> WeightHistory | None:
    """Read the history in a run's folder, up to what is damaged; None if there is none."""
    stored = _read(folder / HISTORY)
    if stored is None or not stored.records:
        return None
    layout = stored.layout
    size = prod(layout.shape)
    pixels = np.stack([np.frombuffer(kept, np.uint8, size).reshape(layout.shape) for *_, kept in stored.records])
    outputs = np.stack([np.frombuffer(kept, "<f4", offset=size) for *_, kept in stored.records])
    return WeightHistory(tuple(epoch for epoch, *_ in stored.records), pixels, layout.kind, layout.total, outputs)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the images of all epochs have in common."""

    kind: Kind
    shape: tuple[int, int, int]  # number, height and width
    total: int
    outputs: int

    @property
    def header(self) -> bytes:
        content = {"format": _FORMAT, "kind": self.kind, "shape": self.shape, "total": self.total}
        if self.outputs:
            content["outputs"] = self.outputs
        return json.dumps(content).encode() + b"\n"

    @property
    def record_size(self) -> int:
        return _HEAD.size + prod(self.shape) + 4 * self.outputs

    @property
    def most_epochs(self) -> int:
        return min(MAX_EPOCHS, (_MAX_FILE_SIZE - _MAX_HEADER) // self.record_size)


_Record = tuple[int, int, bytes]  # epoch, stride, pixels and outputs


@dataclass(slots=True)
class _Stored:
    """The content of a file."""

    layout: _Layout
    records: list[_Record]


class WeightHistoryWriter:
    """Keeps the images of a training's weights.

    Images that cannot be written now are written at a later flush: they never stop a training.
    """

    def __init__(self, folder: Path, *, done: int = 0) -> None:
        """Continue the history of a run that has `done` epochs; what was written of later ones is dropped."""
        stored = _read(folder / HISTORY)
        self._layout = stored.layout if stored else None
        self._records = [record for record in stored.records if record[0] <= done] if stored else []
        self._stride = max((stride for _, stride, _ in self._records), default=1)
        self._since_last = 0  # measured epochs
        self._pending: list[_Record] = []  # not written yet
        self._file = AppendedFile(folder / HISTORY)

    def add(self, epoch: int, images: Callable[[], WeightImages], *, is_last: bool = False) -> None:
        """Add a measured epoch, or 0 before the first step; `images` is called only if the epoch is kept.

        The last one is always kept, and none twice.
        """
        if self._records and epoch <= self._records[-1][0]:
            return
        self._since_last += 1
        if is_last or not self._records or self._since_last >= self._stride:
            self._since_last = 0
            self._put(epoch, images())

    def flush(self) -> None:
        """Write the epochs that were added."""
        self._file.write(_packed(self._pending), self._whole)
        self._pending.clear()

    def _put(self, epoch: int, images: WeightImages) -> None:
        number, height, width = images.images.shape
        layout = _Layout(images.kind, (number, height, width), images.total, len(images.outputs))
        if self._layout is not None and replace(layout, outputs=0) == self._layout:  # begun by an earlier version
            layout = self._layout
        if layout != self._layout:  # of another model, in a folder that somebody changed
            self._layout, self._records = layout, []
            self._file.rewrite()
            self._pending.clear()
        outputs = np.array(images.outputs[: layout.outputs], "<f4")
        record = (epoch, self._stride, _stored_pixels(images).tobytes() + outputs.tobytes())
        self._records.append(record)
        self._pending.append(record)
        if len(self._records) > layout.most_epochs:
            self._stride *= 2
            self._records = [(kept, self._stride, content) for kept, _, content in self._records[::2]]
            self._file.rewrite()
            self._pending.clear()

    def _whole(self) -> bytes:
        return self._layout.header + _packed(self._records) if self._layout else b""


def _stored_pixels(images: WeightImages) -> np.ndarray:
    return (np.round(images.images * _SCALE).astype(np.int16) + _NEUTRAL).astype(np.uint8)


def _packed(records: list[_Record]) -> bytes:
    return b"".join(_HEAD.pack(epoch, stride, zlib.crc32(kept)) + kept for epoch, stride, kept in records)


def _read(path: Path) -> _Stored | None:
    """Read a file up to the first record that is not valid; None if it is not a history."""
    header, _, rest = read_appended_file(path, _MAX_FILE_SIZE).partition(b"\n")
    layout = _layout_of(header)
    return _Stored(layout, _records(rest, layout.record_size)) if layout else None


def _layout_of(header: bytes) -> _Layout | None:
    try:
        content = json.loads(header) if len(header) <= _MAX_HEADER else {}
        kind, shape, total = content["kind"], tuple(content["shape"]), content["total"]
        outputs = content.get("outputs", 0)
        is_valid = (
            content["format"] == _FORMAT
            and kind in get_args(Kind)
            and len(shape) == 3
            and all(type(side) is int and 1 <= side <= _MAX_SIDE for side in shape)
            and type(total) is int
            and 0 <= total <= _MAX_TOTAL
            and type(outputs) is int
            and outputs in (0, len(POINTS))
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return _Layout(kind, shape, total, outputs) if is_valid else None


def _records(content: bytes, size: int) -> list[_Record]:
    records: list[_Record] = []
    for start in range(0, min(len(content) - size, MAX_EPOCHS * size) + 1, size):
        epoch, stride, checksum = _HEAD.unpack_from(content, start)
        kept = content[start + _HEAD.size : start + size]
        is_later = epoch <= _MAX_EPOCH and (not records or epoch > records[-1][0])
        if not is_later or not 1 <= stride <= _MAX_EPOCH or zlib.crc32(kept) != checksum:
            break
        records.append((epoch, stride, kept))
    return records

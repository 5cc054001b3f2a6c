"""Fuzz targets: label marks, and archives that claim to be EMNIST's."""

import io
import os
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np

from tests.stress.fuzz.mutation import JSON, mutated, nasty_text
from tests.stress.fuzz.sandbox import Target


def _prepare_marks(draw: Random, folder: Path) -> Path:
    os.environ["XDG_DATA_HOME"] = str(folder)
    path = folder / "digitpad" / "label-marks.json"
    path.parent.mkdir()
    if draw.random() < 0.01:
        draw.choice((path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to("/dev/zero")))()
    else:
        path.write_bytes(mutated([_MARKS], draw, JSON))
    return path


_MARKS = b"""{"format": "digitpad-label-marks-1", "marks": [{"dataset": "mnist", "part": "test", "index": 1, "label": 3,
"digest": "0123456789abcdef", "corrected": 5, "note": "a note", "marked": "2026-11-21T12:00:00Z"}, {"dataset": "/a/b",
"part": "train", "index": 0, "label": 0, "digest": "0123456789abcdef", "marked": "2026-11-21T12:00:00+09:00"}]}"""


def _use_marks(path: Path) -> None:
    from digitpad.core.datasets.suspect_labels import (
        export_marks,
        marks_of_samples,
        new_mark,
        put_marks,
        read_marks,
        remove_marks,
    )
    from digitpad.core.images.digits import Digits

    digits = Digits("few", np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8))
    before = path.read_bytes() if path.is_file() else b""
    try:
        marks = read_marks()
    finally:
        assert not path.is_file() or path.read_bytes() == before, "reading changed it"
    marks_of_samples(digits, "mnist", "test", marks)
    export_marks(path.with_name("marks.csv"), marks)
    for mark in marks:
        mark.marked.astimezone().isoformat()
    kept = put_marks([new_mark(digits, "mnist", "test", 2, note="new")])
    assert len(remove_marks([("mnist", "test", 2)])) in (len(kept) - 1, len(kept))


def _prepare_archive(draw: Random, folder: Path) -> Path:
    path = folder / "gzip.zip"
    content = _archive()
    if draw.random() < 0.4:
        content = _other_archive(draw)
    path.write_bytes(mutated([content], draw) if draw.random() < 0.7 else content)
    (folder / "to").mkdir()
    return path


@lru_cache
def _archive() -> bytes:
    from digitpad.core.datasets.emnist_archive import MEMBERS

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for member in MEMBERS:
            file.writestr(f"gzip/{member}", b"content of " + member.encode() * 4)
        file.writestr("../../escaped", b"x")
    return buffer.getvalue()


def _other_archive(draw: Random) -> bytes:
    """Make an archive with other names, compression methods, or too much content."""
    from digitpad.core.datasets.emnist_archive import MEMBERS

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for member in MEMBERS:
            name = draw.choice(("gzip/", "../../", "/", "a/../", "")) + member
            kind = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
            with suppress(UserWarning):
                file.writestr(name, bytes(draw.choice((0, 10, 1000, 300_000))), kind)
        file.writestr(nasty_text(draw)[:300].replace("\x00", "") or "x", b"x")
    return buffer.getvalue()


def _use_archive(path: Path) -> None:
    from digitpad.core.datasets.emnist_archive import MEMBERS, is_complete, unpack

    try:
        for _ in unpack(path, path.parent / "to"):
            pass
    finally:
        written = {each.name for each in (path.parent / "to").iterdir()}
        assert written <= {*MEMBERS}, f"wrote {written}"
    is_complete(path.parent / "to")


def _warm() -> None:
    _archive()
    import digitpad.core.datasets.suspect_labels  # noqa: F401


MARKS = Target("label marks", _prepare_marks, _use_marks, warm=_warm, may_write=True)
ARCHIVES = Target("EMNIST's archive", _prepare_archive, _use_archive, warm=_warm, may_write=True)

"""Fuzz target: folders, tables and ink files imported into My digits."""

import gzip
import io
import os
import sqlite3
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from tests.stress.fuzz.database import prepare_database
from tests.stress.fuzz.mutation import JSON, mutated, nasty_text
from tests.stress.fuzz.sandbox import Target

if TYPE_CHECKING:
    from digitpad.core.my_digits.store import MyDigits

_HEADERS = (
    b"file,id,label,predicted,model,created\r\n",
    b"file,label\r\n",
    b"\xef\xbb\xbflabel,file,created\n",
    b"file\n",
    b"",
)
_NAMES = (
    "1.png",
    "2.png",
    "light.png",
    "deep.png",
    "bomb.png",
    "text.png",
    "none.png",
    "link.png",
    "pipe.png",
    "loop.png",
)
_PATHS = (
    *(
        "../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "",
        "sub/1.png",
        "..\\1.png",
        "'1.png",
        "'../x",
        "1.png\x00",
        "sub",
    ),
    *("device.png", "out.png", "~", "con", "1.png ", "samples.csv", "\ufeff1.png", "a" * 300, "-", "=1+1"),
)
_TIMES = ("", "2026-11-21T12:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", "2026-W01")


def _prepare_import(draw: Random, folder: Path) -> Path:
    return draw.choice((_table, _table, _table, _idx, _ink, _bomb, _backup))(draw, folder / "a-set")


def _table(draw: Random, folder: Path) -> Path:
    """Make a folder with pictures, other files, and a table that names these and missing ones."""
    folder.mkdir()
    for name, content in _pictures().items():
        (folder / name).write_bytes(content if draw.random() < 0.8 else mutated([content], draw))
    links = {"link.png": "1.png", "loop.png": "loop.png", "device.png": "/dev/zero", "out.png": "../../secret.png"}
    for name, to in links.items():
        (folder / name).symlink_to(to)
    os.mkfifo(folder / "pipe.png")
    (folder / "sub").mkdir()
    secret = folder.parents[1] / "secret.png"
    if not secret.exists():
        secret.write_bytes(_pictures()["1.png"])
    rows = b"".join(_row(draw) for _ in range(draw.choice((1, 1, 2, 3))))
    content = draw.choice(_HEADERS[:3] if draw.random() < 0.9 else _HEADERS) + rows
    table = folder / "samples.csv"
    table.write_bytes(content if draw.random() < 0.7 else mutated([content], draw))
    if draw.random() < 0.03:
        table.unlink()
        draw.choice((table.mkdir, lambda: os.mkfifo(table), lambda: table.symlink_to("/dev/zero")))()
    return folder if draw.random() < 0.5 else table


def _row(draw: Random) -> bytes:
    name = draw.choice(_NAMES) if draw.random() < 0.7 else draw.choice((*_PATHS, nasty_text(draw)))
    label = draw.choice(("7", "3", "0", " 5 ", "10", "-1", "٣", "x", "", "9" * 5000))
    cells = [name, "1", label, draw.choice(("", "4", "x")), nasty_text(draw)[:200], draw.choice(_TIMES)]
    return (",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n").encode("utf-8", "replace")


def _idx(draw: Random, folder: Path) -> Path:
    folder.mkdir()
    for name, content in _idx_files().items():
        changed = mutated([content], draw) if draw.random() < 0.5 else content
        if draw.random() < 0.3:
            (folder / f"{name}.gz").write_bytes(gzip.compress(changed, 1))
        elif draw.random() < 0.04:
            draw.choice((lambda at: at.mkdir(), os.mkfifo, lambda at: at.symlink_to("/dev/zero")))(folder / name)
        else:
            (folder / name).write_bytes(changed)
    return folder if draw.random() < 0.7 else folder / draw.choice([*_idx_files()])


def _ink(draw: Random, folder: Path) -> Path:
    path = folder.with_suffix(".jsonl")
    lines = (
        b'{"id": "a", "label": 3, "strokes": [[[0, 0], [50, 80]]]}\n{"label": "7", "strokes": [[[1, 1]]], "pen": 3}\n'
    )
    path.write_bytes(mutated([lines], draw, JSON))
    return path


def _bomb(draw: Random, folder: Path) -> Path:
    """Make a small gzipped file of very many drawings, or of some with very many points."""
    points = draw.choice((1, 2, 100, 50_000))
    line = (
        b'{"label": 3, "strokes": [['
        + b",".join(b"[%d, %d]" % (n % 280, n * n % 280) for n in range(points))
        + b"]]}\n"
    )
    path = folder.with_suffix(".jsonl.gz")
    path.write_bytes(gzip.compress(line * min(4_000_000 // len(line), draw.choice((1, 10, 20_000)))))
    return path


def _backup(draw: Random, folder: Path) -> Path:
    """Make a database as another person may send it."""
    path = folder.with_suffix(".sqlite3")
    prepare_database(draw, path)
    return path


def _use_import(path: Path) -> None:
    from digitpad.core.my_digits.importing import import_digits

    mine = _mine()
    import_digits(mine, path)
    for digit in mine.all():
        _ = digit.created.astimezone().isoformat(), digit.drawing
    mine.delete(digit.id for digit in mine.all())
    mine.purge()


@lru_cache
def _mine() -> "MyDigits":
    """Return a database in memory."""
    from digitpad.core.my_digits.database import MIGRATIONS
    from digitpad.core.my_digits.store import MyDigits

    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in MIGRATIONS[0]:
        connection.execute(statement)
    return MyDigits(Path("memory"), connection, "")


@lru_cache
def _pictures() -> dict[str, bytes]:
    from PIL import Image

    noise = np.random.default_rng(7).integers(0, 255, (28, 28), np.uint8)
    noise[:4], noise[-4:], noise[:, :4], noise[:, -4:] = 0, 0, 0, 0
    images = {"1.png": noise, "2.png": noise.T, "light.png": 255 - noise, "deep.png": noise.astype(np.uint16) * 256}
    found = {}
    for name, image in images.items():
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        found[name] = buffer.getvalue()
    buffer = io.BytesIO()
    Image.new("1", (16_000, 16_000)).save(buffer, "PNG")
    return found | {"bomb.png": buffer.getvalue(), "text.png": b"no picture"}


@lru_cache
def _idx_files() -> dict[str, bytes]:
    images = np.random.default_rng(7).integers(0, 255, (3, 28, 28), np.uint8)
    found = {}
    for stem in ("train", "t10k"):
        found[f"{stem}-images-idx3-ubyte"] = b"\0\0\x08\x03\0\0\0\x03\0\0\0\x1c\0\0\0\x1c" + images.tobytes()
        found[f"{stem}-labels-idx1-ubyte"] = b"\0\0\x08\x01\0\0\0\x03\x07\x03\x00"
    return found


def _warm() -> None:
    """Use one valid input of each kind, to import all libraries."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("1.png", "light.png", "deep.png", "text.png"):
            (folder / name).write_bytes(_pictures()[name])
            (folder / "samples.csv").write_text(f"file,label,created\n{name},3,2026-11-21T12:00:00\n")
            with suppress(DigitpadError):
                _use_import(folder)
        for name, content in _idx_files().items():
            (folder / "idx").mkdir(exist_ok=True)
            (folder / "idx" / f"{name}.gz").write_bytes(gzip.compress(content))
        _use_import(folder / "idx")
        with suppress(DigitpadError):
            _use_import(_ink(Random(7), folder / "a-set"))  # noqa: S311


def _names_it(path: Path, said: str) -> bool:
    return "a-set" in said or path.name in said


IMPORTS = Target("imports to My digits", _prepare_import, _use_import, names=_names_it, warm=_warm)

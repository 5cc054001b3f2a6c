"""Fuzz targets: the user's own data in every format, made as its usual writer makes it, then damaged."""

import gzip
import io
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from random import Random

import numpy as np

from digitpad.core.datasets.formats.cache import digits_of
from digitpad.core.datasets.formats.opening import open_dataset
from digitpad.core.datasets.formats.samples import normalised_picture
from digitpad.core.datasets.formats.summary import random_samples, summary_of
from digitpad.core.errors import DigitpadError
from digitpad.core.images.set_options import Options
from tests.core.ink import test_ink_formats as ink_texts
from tests.helpers.format_files import ORIGINAL, WRITERS, write_parquet
from tests.stress.fuzz.mutation import JSON, mutated, nasty_text, regzipped
from tests.stress.fuzz.sandbox import Target

_HEADER = 400  # bytes at the start of an array, where its type and shape are
_QUICK_DRAW = (
    '{"word":"seven","key_id":"5","drawing":[[[0,100,50],[0,0,120],[0,5,9]]]}\n{"word":"one","drawing":[[[1],[3]]]}\n'
)
_POINTS = (
    '{"label":7,"strokes":[[[0,0,0.5,1],[9,0,0.5,2]]]}\n{"label":4,"points":[[0,0,0.5,1],[0,5,0.5,2],[9,9,0,3]]}\n'
)


def _ink(name: str, text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


_WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "CSV": WRITERS["Kaggle's CSV"],
    "NPZ": WRITERS["Keras's npz"],
    "NPY": WRITERS["arrays in a file each"],
    "PICKLE": WRITERS["deeplearning.net's pickle"],
    "MAT_STRUCTURE": WRITERS["EMNIST's mat"],
    "MAT_BY_DIGIT": WRITERS["Roweis's mat"],
    "MAT_BY_COLUMN": ORIGINAL,
    "FOLDER": WRITERS["a folder for each class"],
    "IDX": WRITERS["IDX with other endings"],
    "QUICK_DRAW": _ink("a.ndjson", _QUICK_DRAW),
    "POINTS": _ink("a.jsonl", _POINTS),
    "INKML": _ink("a.inkml", ink_texts.INKML),
    "INKML_GROUPS": _ink("a.inkml", ink_texts.GROUPS),
    "UNIPEN_SEGMENTS": _ink("a.unp", ink_texts.UNIPEN),
    "UNIPEN_NUMBERS": _ink("a.unp", ink_texts.BY_NUMBER),
    **({"PARQUET": write_parquet} if find_spec("pyarrow") else {}),
}


@cache
def _files(name: str) -> tuple[dict[str, bytes], str]:
    """Return the files of a set by their place in its folder, and the place that is opened."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        opened = _WRITERS[name](folder)
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        few = dict(list(files.items())[::5]) if len(files) > 20 else files  # of pictures in folders
        return few, str(opened.relative_to(folder))


def _prepare(name: str, draw: Random, folder: Path) -> Path:
    files, opened = _files(name)
    chosen = draw.sample(sorted(files), min(len(files), draw.choice((1, 1, 2))))
    for place, content in files.items():
        if place in chosen and draw.random() < 0.02:
            continue  # it is missing
        path = folder / "a-set" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_damaged(place, content, draw) if place in chosen else content)
    return folder / "a-set" / opened


def _damaged(place: str, content: bytes, draw: Random) -> bytes:
    """Change a file, often inside its compression and in its headers, which say how large everything is."""
    kind = draw.random()
    if place.endswith(".gz") and kind < 0.7:
        inner = gzip.decompress(content)
        return gzip.compress(_headed(inner, draw), 1, mtime=0) if kind < 0.4 else regzipped(inner, draw)
    if place.endswith(".npz") and kind < 0.8:
        return _npz(content, draw)
    if place.endswith(".mat") and kind < 0.6:
        return _mat(content, draw)
    if place.endswith((".jsonl", ".ndjson")):
        return mutated([content], draw, JSON)
    if place.endswith(".csv") and kind < 0.5:
        return _table(content, draw)
    return _headed(content, draw) if kind < 0.5 else mutated([content], draw)


def _headed(content: bytes, draw: Random) -> bytes:
    """Change only the first or the last bytes."""
    if draw.random() < 0.7:
        return mutated([content[:_HEADER]], draw) + content[_HEADER:]
    return content[:-_HEADER] + mutated([content[-_HEADER:]], draw)


def _npz(content: bytes, draw: Random) -> bytes:
    """Change an array in an archive, with its checksum."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name, made = draw.choice(sorted(members)), io.BytesIO()
    members[name] = _headed(members[name], draw)
    with zipfile.ZipFile(made, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as archive:
        for member, kept in members.items():
            archive.writestr(member if draw.random() < 0.95 else nasty_text(draw).split("\0")[0] or "x", kept)
    return made.getvalue()


def _mat(content: bytes, draw: Random) -> bytes:
    """Change the first array of a file; if it is compressed, before its compression."""
    kind, size = (int.from_bytes(content[place : place + 4], "little") for place in (128, 132))
    if kind != 15:
        return content[:128] + _headed(content[128:], draw)
    packed = zlib.compress(_headed(zlib.decompress(content[136 : 136 + size]), draw), 1)
    head = kind.to_bytes(4, "little") + len(packed).to_bytes(4, "little")
    return content[:128] + head + packed + content[136 + size :]


def _table(content: bytes, draw: Random) -> bytes:
    """Change cells of a table, or the separators."""
    lines = content.split(b"\n")
    for _ in range(draw.choice((1, 2, 9))):
        row = draw.randrange(len(lines))
        cells = lines[row].split(b",")
        cell = draw.choice(
            (b"", b"-1", b"1e400", b"nan", b"256", b"10", b"0.5", b'"', b"1_0", nasty_text(draw).encode())
        )
        cells[draw.choice((0, draw.randrange(len(cells))))] = cell
        lines[row] = draw.choice((b",", b",", b",", b";", b"\t")).join(cells)
    return b"\n".join(lines)


def _use(path: Path) -> None:
    opened = open_dataset(path)
    summary = summary_of(opened)
    _ = summary.what, summary.notes(summary.suggested), random_samples(opened).images
    for samples in opened.parts.values():
        count = len(samples)
        if (
            samples.images.shape != (count, 28, 28)
            or samples.images.dtype != np.uint8
            or samples.labels.shape != (count,)
        ):
            raise AssertionError("the samples are none")
    for part in opened.parts:
        for options in (summary.suggested, Options(transpose=True)):
            with suppress(DigitpadError):  # labels that are no digits
                digits = digits_of(opened, part, options, "a")
                if digits.labels.max() > 9 or len(digits) != len(digits.labels):
                    raise AssertionError("the labels are none")


def _warm(name: str) -> None:
    normalised_picture(np.random.default_rng(7).random((60, 90, 3), np.float32))  # loads SciPy
    with tempfile.TemporaryDirectory() as place, suppress(DigitpadError):
        _use(_WRITERS[name](Path(place)))


def _target(title: str, prepare: Callable[[Random, Path], Path], warm: Callable[[], None]) -> Target:
    names = lambda path, message: "a-set" in message or path.name in message  # noqa: E731
    return Target(f"own data, {title}", prepare, _use, names=names, warm=warm)


def __getattr__(name: str) -> Target:
    """Return the target of a format: `own_data.CSV`."""
    if name not in _WRITERS:
        raise AttributeError(name)
    return _target(name.replace("_", " ").lower(), partial(_prepare, name), partial(_warm, name))


def _prepare_any(draw: Random, folder: Path) -> Path:
    return _prepare(draw.choice(tuple(_WRITERS)), draw, folder)


def _warm_all() -> None:
    for name in _WRITERS:
        _warm(name)


# One process for all formats: to start one for each takes longer than to read the files.
ANY_FORMAT = _target("any format", _prepare_any, _warm_all)
TARGETS = tuple(f"{__name__}:{name}" for name in _WRITERS)

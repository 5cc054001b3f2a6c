"""EMNIST's archive, valid, damaged and hostile."""

import struct
import zipfile
from pathlib import Path

import pytest

from digitpad.core.datasets.emnist_archive import ARCHIVE, MEMBERS, is_complete, unpack
from digitpad.core.errors import DigitpadError
from tests.helpers.idx_files import gzipped, names_in, set_files, write_files

FILES = gzipped(set_files("emnist-digits"))
OTHER = {"gzip/emnist-letters-train-images-idx3-ubyte.gz": b"letters", "readme.txt": b"EMNIST"}


def write_archive(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def inside(folder: str) -> dict[str, bytes]:
    return {folder + name: content for name, content in FILES.items()}


def test_only_the_four_files_with_the_digits_are_unpacked(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / ARCHIVE, OTHER | inside("gzip/"))
    states = list(unpack(archive, tmp_path / "out"))
    assert names_in(tmp_path / "out") == sorted(MEMBERS)
    assert {name: (tmp_path / "out" / name).read_bytes() for name in MEMBERS} == FILES
    assert [state.name for state in states] == list(MEMBERS)
    assert all(state.done == state.total for state in states)
    assert is_complete(tmp_path / "out")


@pytest.mark.parametrize("folder", ["/", "../", "../../gzip/", "C:/"])
def test_an_archive_cannot_write_outside_the_folder(tmp_path: Path, folder: str) -> None:
    archive = write_archive(tmp_path / ARCHIVE, inside(folder) | {"../outside": b"", "/outside": b""})
    list(unpack(archive, tmp_path / "a" / "b"))
    assert names_in(tmp_path) == ["a", ARCHIVE]
    assert names_in(tmp_path / "a") == ["b"]
    assert names_in(tmp_path / "a" / "b") == sorted(MEMBERS)


def without_one() -> dict[str, bytes]:
    return {name: FILES[name] for name in MEMBERS[1:]}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (without_one(), f"0 files {MEMBERS[0]}"),
        (FILES | {"again/" + MEMBERS[0]: b""}, f"2 files {MEMBERS[0]}"),
        (without_one() | {MEMBERS[0] + "/": b""}, f"0 files {MEMBERS[0]}"),
        (without_one() | {MEMBERS[0] + "/file": b""}, f"0 files {MEMBERS[0]}"),
        (without_one() | {"..\\" + MEMBERS[0]: b""}, f"0 files {MEMBERS[0]}"),
        (FILES | {MEMBERS[0]: bytes(200_000_001)}, "200,000,001 bytes"),
    ],
)
def test_an_archive_that_is_not_emnists_is_refused(tmp_path: Path, files: dict[str, bytes], reason: str) -> None:
    archive = write_archive(tmp_path / ARCHIVE, files)
    with pytest.raises(DigitpadError, match=r"gzip\.zip is not EMNIST's archive: delete it") as caught:
        list(unpack(archive, tmp_path))
    assert reason in str(caught.value.__cause__)
    assert names_in(tmp_path) == [ARCHIVE]


@pytest.mark.parametrize("fault", ["no archive", "cut", "wrong size", "wrong content", "encrypted", "unknown method"])
def test_a_damaged_archive_is_refused_and_leaves_no_file(tmp_path: Path, fault: str) -> None:
    archive = write_archive(tmp_path / ARCHIVE, FILES)
    content = bytearray(archive.read_bytes())
    entry = content.index(b"PK\x01\x02")  # the first in the directory at the archive's end
    if fault == "no archive":
        content = bytearray(b"<html>")
    elif fault == "cut":
        del content[-30:]
    elif fault == "wrong size":
        struct.pack_into("<I", content, entry + 24, 30)
    elif fault == "wrong content":
        content[60 + len(MEMBERS[0])] ^= 0xFF
    elif fault == "encrypted":
        content[6] |= 1
        content[entry + 8] |= 1
    else:
        struct.pack_into("<H", content, 8, 77)
        struct.pack_into("<H", content, entry + 10, 77)
    archive.write_bytes(content)
    with pytest.raises(DigitpadError, match="is not EMNIST's archive"):
        list(unpack(archive, tmp_path / "out"))
    assert not (tmp_path / "out").exists() or names_in(tmp_path / "out") == []


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match=r"gzip\.zip does not exist"):
        list(unpack(tmp_path / ARCHIVE, tmp_path))


def test_closing_the_generator_leaves_no_partial_file(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / ARCHIVE, FILES)
    progress = unpack(archive, tmp_path / "out")
    next(progress)
    progress.close()
    assert names_in(tmp_path / "out") == []


@pytest.mark.parametrize("name", MEMBERS)
def test_a_set_with_a_damaged_file_is_not_complete(tmp_path: Path, name: str) -> None:
    write_files(tmp_path, FILES)
    assert is_complete(tmp_path)
    (tmp_path / name).write_bytes(FILES[name][:-9])
    assert not is_complete(tmp_path)
    (tmp_path / name).unlink()
    assert not is_complete(tmp_path)


def test_parts_of_two_sets_are_not_complete(tmp_path: Path) -> None:
    other = gzipped(set_files("emnist-digits", count=3))
    write_files(tmp_path, FILES | {MEMBERS[0]: other[MEMBERS[0]]})
    assert not is_complete(tmp_path)

"""Files are written completely or not at all."""

import os
import stat
from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import check_writable, write_atomically


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_folders_are_made_and_content_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write_atomically(tmp_path / "ours", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_failure_keeps_the_old_file_and_leaves_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DigitpadError, match=r"the disk is full.*: free some disk space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_an_unwritable_path_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file" / "below"
    (tmp_path / "file").write_bytes(b"")
    for attempt in (lambda: write_atomically(blocked, b""), lambda: check_writable(blocked)):
        with pytest.raises(DigitpadError, match="cannot be written"):
            attempt()
    with pytest.raises(DigitpadError, match="is a folder"):
        check_writable(tmp_path)
    check_writable(tmp_path / "fine")
    assert names(tmp_path) == ["file"]

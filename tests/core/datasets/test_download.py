"""Downloads from a local test server."""

import errno
import io
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError

import pytest

from digitpad.core.datasets import download as downloads
from digitpad.core.datasets.download import DownloadProgress, NoConnectionError, Resource, download, source_of
from digitpad.core.errors import DigitpadError
from tests.helpers.idx_files import names_in
from tests.helpers.web_server import Server, run_server, sha256_of

CONTENT = bytes(range(256)) * 1000
SMALL = b"small" * 100
FILE = Resource("file.gz", sha256_of(CONTENT))
SIZED = Resource("file.gz", sha256_of(CONTENT), len(CONTENT))


@pytest.fixture
def server() -> Iterator[Server]:
    with run_server() as server:
        server.files = {"file.gz": CONTENT, "small.gz": SMALL}
        yield server


def fetch(server: Server, folder: Path, *resources: Resource) -> list[DownloadProgress]:
    return list(download(folder, [server.mirror], resources or [FILE]))


def test_progress_rises_to_the_total_and_the_file_is_correct(server: Server, tmp_path: Path) -> None:
    states = fetch(server, tmp_path, SIZED)
    assert states[-1] == DownloadProgress("file.gz", *[len(CONTENT)] * 4)
    assert [state.done for state in states] == sorted(state.done for state in states)
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


def test_overall_progress_counts_downloaded_and_existing_files(server: Server, tmp_path: Path) -> None:
    (tmp_path / "small.gz").write_bytes(SMALL)
    small = Resource("small.gz", sha256_of(SMALL), len(SMALL))
    states = fetch(server, tmp_path, small, SIZED)
    total = len(SMALL) + len(CONTENT)
    assert states[0] == DownloadProgress("small.gz", len(SMALL), len(SMALL), len(SMALL), total)
    assert states[-1] == DownloadProgress("file.gz", len(CONTENT), len(CONTENT), total, total)
    overall = [state.overall_done for state in states]
    assert overall == sorted(overall)


def test_without_published_sizes_the_overall_total_is_unknown(server: Server, tmp_path: Path) -> None:
    assert {(state.overall_done, state.overall_total) for state in fetch(server, tmp_path)} == {(0, 0)}


def test_a_valid_file_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(CONTENT)
    assert len(fetch(server, tmp_path)) == 1
    assert server.requested == []


def test_a_damaged_file_is_downloaded_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(CONTENT[:-1])
    fetch(server, tmp_path)
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


def test_after_a_failure_only_missing_files_are_downloaded(server: Server, tmp_path: Path) -> None:
    small = Resource("small.gz", sha256_of(SMALL))
    del server.files["file.gz"]
    with pytest.raises(DigitpadError, match=r"the download servers do not deliver file\.gz: try again later"):
        fetch(server, tmp_path, small, FILE)
    assert names_in(tmp_path) == ["small.gz"]
    server.files["file.gz"] = CONTENT
    server.requested.clear()
    fetch(server, tmp_path, small, FILE)
    assert server.requested == ["file.gz"]


def test_a_server_that_fails_twice_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.failures = 2
    fetch(server, tmp_path)
    assert len(server.requested) == 3
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no internet connection: choose a folder"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "no internet connection: choose a folder"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "the download servers do not deliver"),
    ],
)
def test_a_missing_connection_is_reported_differently_from_a_dead_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: OSError, sentence: str
) -> None:
    def fail(_: str) -> NoReturn:
        raise URLError(reason)

    monkeypatch.setattr(downloads, "_open", fail)
    with pytest.raises(DigitpadError, match=sentence) as caught:
        list(download(tmp_path / "set", ["https://example.org/"], [FILE]))
    assert "--data FOLDER" not in str(caught.value)
    assert caught.value.with_hint.endswith("(--data FOLDER)")


def test_without_a_connection_each_mirror_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fail(address: str) -> NoReturn:
        asked.append(address)
        raise URLError(socket.gaierror(-3, "Temporary failure in name resolution"))

    monkeypatch.setattr(downloads, "_open", fail)
    with pytest.raises(NoConnectionError):
        list(download(tmp_path / "set", ["https://a.example/", "https://b.example/"], [FILE]))
    assert asked == ["https://a.example/file.gz", "https://b.example/file.gz"]


def test_a_download_can_be_closed_while_the_server_is_silent(server: Server, tmp_path: Path) -> None:
    server.silence.clear()
    progress = download(tmp_path / "mnist", [server.mirror], [SIZED])
    waiting = DownloadProgress("file.gz", 0, 0, 0, len(CONTENT))
    assert [next(progress), next(progress)] == [waiting, waiting]
    progress.close()
    server.silence.set()
    assert names_in(tmp_path) == []


def test_a_dead_mirror_is_skipped(server: Server, tmp_path: Path) -> None:
    list(download(tmp_path, ["http://127.0.0.1:9/", server.mirror], [FILE]))
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [b"<html>blocked</html>", CONTENT[:-1], b"x" * len(CONTENT), b""])
def test_a_file_with_a_wrong_checksum_is_never_kept(server: Server, tmp_path: Path, content: bytes) -> None:
    server.files["file.gz"] = content
    with pytest.raises(
        DigitpadError, match=r"file\.gz from the download servers is not the published file: try again later"
    ):
        fetch(server, tmp_path / "data" / "mnist")
    assert names_in(tmp_path / "data") == []


def test_an_endless_response_is_cut_off(server: Server, tmp_path: Path) -> None:
    server.files["file.gz"] = CONTENT * 20
    states: list[DownloadProgress] = []
    with pytest.raises(DigitpadError, match="not the published file"):
        states.extend(download(tmp_path, [server.mirror], [SIZED]))
    assert max(state.done for state in states) < 3 * len(CONTENT)
    assert max(state.overall_done for state in states) == len(CONTENT)


def test_closing_the_generator_leaves_no_file(server: Server, tmp_path: Path) -> None:
    progress = download(tmp_path / "mnist", [server.mirror], [FILE])
    next(progress)
    assert len(names_in(tmp_path / "mnist")) == 1
    progress.close()
    assert names_in(tmp_path) == []


class FullDisk(io.BytesIO):
    """A file that takes nothing."""

    def write(self, content: Any) -> NoReturn:
        del content
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_reported_and_leaves_no_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain: Callable[..., Any] = Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r": FullDisk() if mode == "xb" else plain(path, mode))
    with pytest.raises(DigitpadError, match=r"file\.gz cannot be written \(the disk is full\): free some disk space"):
        fetch(server, tmp_path / "mnist")
    assert names_in(tmp_path) == []


def test_a_disk_full_at_the_end_leaves_no_file(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DigitpadError, match="free some disk space"):
        fetch(server, tmp_path)
    assert names_in(tmp_path) == []


def test_an_unwritable_folder_is_reported_before_any_request(server: Server, tmp_path: Path) -> None:
    (tmp_path / "mnist").write_bytes(b"")
    with pytest.raises(DigitpadError, match=r"mnist.file\.gz cannot be written .*: choose another folder"):
        fetch(server, tmp_path / "mnist")
    assert server.requested == []


def test_a_built_in_set_has_no_source() -> None:
    with pytest.raises(DigitpadError, match="“xor” cannot be downloaded: choose one of mnist, "):
        source_of("xor")

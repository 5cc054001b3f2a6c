"""Downloads, from a server of our own on this machine."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from digitpad.core.download import DownloadProgress, Resource, download, mnist_source
from digitpad.core.errors import DigitpadError

CONTENT = bytes(range(256)) * 1000


class Server(HTTPServer):
    """Answers 503 a few times, then with the content, or with what it is told to."""

    failures = 0
    content = CONTENT
    requests = 0


class Handler(BaseHTTPRequestHandler):
    """Sends what the server is told to send."""

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Server)
        server.requests += 1
        if server.requests <= server.failures:
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(server.content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def mirror(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/"


FILE = Resource("file.gz", hashlib.md5(CONTENT, usedforsecurity=False).hexdigest())


def test_progress_rises_to_the_whole_and_the_file_is_right(server: Server, tmp_path: Path) -> None:
    states = list(download(tmp_path, [mirror(server)], [FILE]))
    assert states[-1] == DownloadProgress("file.gz", len(CONTENT), len(CONTENT))
    assert [state.done for state in states] == sorted(state.done for state in states)
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


def test_what_is_there_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(CONTENT)
    assert len(list(download(tmp_path, [mirror(server)], [FILE]))) == 1
    assert server.requests == 0


def test_a_server_that_fails_twice_is_tried_again(server: Server, tmp_path: Path) -> None:
    server.failures = 2
    list(download(tmp_path, [mirror(server)], [FILE]))
    assert server.requests == 3
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


def test_a_dead_mirror_is_passed_over(server: Server, tmp_path: Path) -> None:
    list(download(tmp_path, ["http://127.0.0.1:9/", mirror(server)], [FILE]))
    assert (tmp_path / "file.gz").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [b"<html>blocked</html>", CONTENT[:-1], b"x" * len(CONTENT)])
def test_what_is_not_the_published_file_is_never_kept(server: Server, tmp_path: Path, content: bytes) -> None:
    server.content = content
    with pytest.raises(DigitpadError, match=r"file\.gz could not be downloaded"):
        list(download(tmp_path, [mirror(server)], [FILE]))
    assert list(tmp_path.iterdir()) == []


def test_closing_the_generator_leaves_nothing_behind(server: Server, tmp_path: Path) -> None:
    progress = download(tmp_path, [mirror(server)], [FILE])
    next(progress)
    progress.close()  # type: ignore[attr-defined]
    assert list(tmp_path.iterdir()) == []


def test_torchvision_knows_the_four_files_of_mnist() -> None:
    mirrors, resources = mnist_source()
    assert mirrors
    assert [resource.name for resource in resources] == [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]
    assert resources[0].md5.startswith("f68b3c2d")

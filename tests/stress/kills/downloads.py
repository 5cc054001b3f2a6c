"""Kill scenario: downloads from a server on this machine; a file must be complete or missing."""

import gzip
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import numpy as np

from digitpad.core.datasets import download as downloading
from digitpad.core.datasets.catalogue import download_dataset, state_of
from digitpad.core.datasets.download_sources import Resource, Source
from digitpad.core.datasets.loading import load_digits
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_format import write_idx
from digitpad.core.images.idx_sets import PARTS, SETS
from tests.stress.kills.requests import Place, check

TITLE = "kill -9 while downloading {}"
VARIANTS = ("mnist", "emnist-digits")
MAY_REPEAT_STEP = False
_PIECE = 16_384  # bytes that the server sends at once


def warm() -> None:
    """Import what the children need, once."""


def files_of(key: str, folder: Path) -> dict[str, bytes]:
    """Return the server's files: small ones instead of the published ones, always the same."""
    count, rng = 400, np.random.default_rng(1)
    files = {}
    for part in PARTS:
        images, labels = SETS[key].stems[part]
        for stem, shape in ((images, (count, 28, 28)), (labels, (count,))):
            top = 256 if len(shape) == 3 else 10
            write_idx(folder / f"{stem}.gz", rng.integers(0, top, shape, np.uint8))
            files[f"{stem}.gz"] = (folder / f"{stem}.gz").read_bytes()
    if key == "mnist":
        return files
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, file in files.items():
            archive.writestr(zipfile.ZipInfo(f"gzip/{name}"), file)
    return {"gzip.zip": content.getvalue()}


def steps(place: Place, _start: int) -> Iterator[int | None]:
    """Download a set; it is acknowledged once, when it is complete."""
    key = VARIANTS[place.variant]
    source = Source((f"{place.address}{key}/",), _resources(place, key))
    yield None
    if state_of(key, data_folder()).is_ready:
        return
    with mock.patch.object(downloading, "source_of", return_value=source):
        for _ in download_dataset(key, data_folder()):
            pass
    yield 1


def found(place: Place) -> object:
    """Return hashes of the set, or False if it is incomplete; every file there must be whole."""
    key = VARIANTS[place.variant]
    for path in (data_folder() / key).glob("*"):
        if path.suffix == ".zip":
            check(zipfile.ZipFile(path).testzip() is None, f"{path.name} is half a file")
        elif not path.name.startswith("."):
            gzip.decompress(path.read_bytes())
    if not state_of(key, data_folder()).is_ready:
        return False
    return [hashlib.sha256(load_digits(key, part, data_folder()).images.tobytes()).hexdigest() for part in PARTS]


def check_end(_: Place) -> object:
    """Check nothing more."""
    return None


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the files until the block ends; yield the address."""
    files = {f"/{key}/{name}": file for key in VARIANTS for name, file in files_of(key, folder).items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files[self.path]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                for start in range(0, len(content), _PIECE):
                    self.wfile.write(content[start : start + _PIECE])
            except ConnectionError:
                self.close_connection = True  # a killed client closes the connection early

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _resources(place: Place, key: str) -> tuple[Resource, ...]:
    """Return the files with their checksums, as in `digitpad.core.datasets.download_sources`."""
    folder = place.home / "published"
    folder.mkdir(exist_ok=True)
    files = files_of(key, folder)
    return tuple(Resource(name, hashlib.sha256(file).hexdigest(), len(file)) for name, file in files.items())

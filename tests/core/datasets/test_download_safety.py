"""Downloads are the published files from the listed hosts, and they end; also with hostile servers."""

import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digitpad.core.datasets import download as downloads
from digitpad.core.datasets.catalogue import catalogue
from digitpad.core.datasets.download import Resource, download
from digitpad.core.datasets.download_sources import HOSTS, SOURCES
from digitpad.core.errors import DigitpadError
from digitpad.core.images.idx_sets import SETS
from tests.helpers.idx_files import names_in
from tests.helpers.web_server import Server, run_server, sha256_of

CONTENT = bytes(range(256)) * 1000
FILE = Resource("file.gz", sha256_of(CONTENT), len(CONTENT))


@pytest.fixture
def server() -> Iterator[Server]:
    with run_server() as server:
        server.files = {"file.gz": CONTENT}
        yield server


def test_every_download_is_on_the_list_with_a_strong_checksum_and_a_size() -> None:
    assert set(SOURCES) == set(SETS) == {entry.key for entry in catalogue() if entry.download}
    for source in SOURCES.values():
        assert source.mirrors
        for mirror in source.mirrors:
            parts = urlsplit(mirror)
            assert (parts.scheme, parts.query, parts.port, parts.path[-1]) == ("https", "", None, "/")
            assert parts.hostname in HOSTS
        for resource in source.resources:
            assert len(bytes.fromhex(resource.sha256)) == 32
            assert resource.size > 0
            assert "/" not in resource.name


def test_the_list_is_the_only_place_with_addresses() -> None:
    package = Path(downloads.__file__).parents[2]
    with_address = {path.name for path in package.rglob("*.py") if "https://" in path.read_text(encoding="utf-8")}
    assert with_address == {"download_sources.py"}


def test_the_files_of_mnist_are_those_whose_checksums_we_know(shared_data: Path) -> None:
    for resource in SOURCES["mnist"].resources:
        content = (shared_data / "mnist" / resource.name).read_bytes()
        assert (len(content), sha256_of(content)) == (resource.size, resource.sha256)


@pytest.mark.parametrize("key", sorted(SETS))
def test_the_files_on_the_list_are_those_that_the_set_is_read_from(key: str) -> None:
    names = {resource.name for resource in SOURCES[key].resources}
    stems = {f"{stem}.gz" for pair in SETS[key].stems.values() for stem in pair}
    assert names == ({"gzip.zip"} if key == "emnist-digits" else stems)


@pytest.mark.parametrize("mirror", ["http://ossci-datasets.s3.amazonaws.com/", "ftp://127.0.0.1/", "file:///etc/"])
def test_only_https_is_requested(mirror: str, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match=r"servers do not deliver file\.gz: try again later") as caught:
        list(download(tmp_path / "set", [mirror], [FILE]))
    assert "is not secure" in str(caught.value.values["reason"])
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "there", ["http://{}/file.gz", "https://127.0.0.1:9/file.gz", "https://example.org/file.gz", "file:///etc/passwd"]
)
def test_redirects_to_other_hosts_are_refused(server: Server, tmp_path: Path, there: str) -> None:
    del server.files["file.gz"]
    server.files["moved.gz"] = CONTENT
    server.redirects["file.gz"] = there.format(f"127.0.0.1:{server.server_port}").replace("file.gz", "moved.gz")
    with pytest.raises(DigitpadError, match=r"servers do not deliver file\.gz") as caught:
        list(download(tmp_path / "set", [server.mirror], [FILE]))
    assert "not allowed" in str(caught.value.values["reason"])
    assert set(server.requested) == {"file.gz"}
    assert names_in(tmp_path) == []


def test_an_endless_response_stops_at_the_published_size(server: Server, tmp_path: Path) -> None:
    server.files["file.gz"] = CONTENT * 50
    states = []
    with pytest.raises(DigitpadError, match="not the published file"):
        states.extend(download(tmp_path / "set", [server.mirror], [FILE]))
    assert max(state.done for state in states) <= len(CONTENT) + (1 << 16)
    assert names_in(tmp_path) == []


def test_a_very_slow_server_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_SPEED_CHECK_AFTER", 0.0)
    monkeypatch.setattr(downloads, "_MIN_SPEED", 1e15)
    with pytest.raises(DigitpadError, match="do not deliver") as caught:
        list(download(tmp_path / "set", [server.mirror], [FILE]))
    assert "too slow" in str(caught.value.values["reason"])
    assert names_in(tmp_path) == []


def test_a_silent_server_is_given_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "_TIMEOUT", 0.05)
    server.silence.clear()
    with pytest.raises(DigitpadError, match="no internet connection: choose a folder"):
        list(download(tmp_path / "set", [server.mirror], [FILE]))
    server.silence.set()
    assert names_in(tmp_path) == []


@pytest.fixture
def secure(server: Server, tmp_path: Path) -> Path:
    """Let the server speak https; return the certificate that it made for itself."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out"]
    subprocess.run([*made, certificate, *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.secure(context)
    return certificate


def test_an_untrusted_certificate_is_refused(server: Server, secure: Path, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="certificate of the download servers is not valid: check the clock"):
        list(download(tmp_path / "set", [server.mirror], [FILE]))
    assert server.requested == []
    assert not (tmp_path / "set").exists()


def test_a_trusted_certificate_is_accepted(
    server: Server, secure: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure))
    list(download(tmp_path / "set", [server.mirror], [FILE]))
    assert (tmp_path / "set" / "file.gz").read_bytes() == CONTENT


_ASK = """
import sys
asked = []
def watch(event, arguments):
    if event == "socket.getaddrinfo":
        asked.append(arguments[0])
        raise OSError("no network in this test")
    assert event not in ("socket.connect", "subprocess.Popen"), event
sys.addaudithook(watch)
from pathlib import Path
from digitpad.core.datasets.catalogue import download_dataset
from digitpad.core.errors import DigitpadError
for key in sys.argv[2:]:
    try:
        list(download_dataset(key, Path(sys.argv[1])))
    except DigitpadError as error:
        print(key, *sorted(set(asked)))
        asked.clear()
"""


def test_a_download_connects_only_to_listed_hosts(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ASK, str(tmp_path), *SETS]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    asked = {key: set(hosts) for key, *hosts in map(str.split, done.stdout.splitlines())}
    assert asked == {key: {urlsplit(mirror).hostname for mirror in SOURCES[key].mirrors} for key in SETS}
    assert set().union(*asked.values()) == HOSTS

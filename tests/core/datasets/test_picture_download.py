"""A picture from a server, which the user asked for."""

import io
from collections.abc import Callable, Iterator
from http.client import HTTPMessage
from urllib.error import URLError

import pytest

from digitpad.core.datasets import picture_download
from digitpad.core.datasets.picture_download import download_picture, host_of
from digitpad.core.errors import DigitpadError
from tests.helpers.web_server import Server, run_server


class Response(io.BytesIO):
    """An answer of a server."""

    def __init__(self, content: bytes, kind: str = "image/png") -> None:
        super().__init__(content)
        self.headers = HTTPMessage()
        self.headers["Content-Type"] = kind


@pytest.fixture
def server() -> Iterator[Server]:
    with run_server() as server:
        server.files["seven.png"] = b"pixels"
        yield server


def content_of(address: str) -> bytes:
    return [*download_picture(address)][-1]


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], Response]) -> list[str]:
    """Let a function answer instead of the network; return the addresses that are opened."""
    opened = []

    def open_(address: str) -> Response:
        opened.append(address)
        return answer(address)

    monkeypatch.setattr(picture_download, "_open", open_)
    return opened


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://example.org/a.png?size=3", "example.org"),
        ("http://example.org:8080/a.png", "example.org"),
        ("ftp://example.org/a.png", ""),
        ("file:///etc/passwd", ""),
        ("https://user:secret@example.org/a.png", ""),
        ("https://example.org:99999/a.png", ""),
        ("https://[::/a.png", ""),
        ("https:///a.png", ""),
        ("https://example.org/a\nb.png", ""),
        ("no address", ""),
    ],
)
def test_only_plain_web_addresses_have_a_server(address: str, host: str) -> None:
    assert host_of(address) == host


def test_the_content_comes_last(server: Server) -> None:
    assert content_of(server.mirror + "seven.png") == b"pixels"


def test_a_redirect_on_the_web_is_followed_and_no_other(server: Server) -> None:
    server.redirects["short"] = server.mirror + "seven.png"
    assert content_of(server.mirror + "short") == b"pixels"
    for target in ("file:///etc/passwd", "ftp://example.org/a.png", "data:image/png;base64,AAAA"):
        server.redirects["away"] = target
        with pytest.raises(DigitpadError, match="does not"):
            content_of(server.mirror + "away")


def test_an_unencrypted_address_is_tried_by_https_first(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = answering(monkeypatch, lambda _: Response(b"pixels"))
    assert content_of("http://example.org/a.png") == b"pixels"
    assert opened == ["https://example.org/a.png"]


def test_it_is_used_if_the_server_has_no_https(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(address: str) -> Response:
        if address.startswith("https"):
            raise URLError(ConnectionRefusedError())
        return Response(b"pixels")

    opened = answering(monkeypatch, answer)
    assert content_of("http://example.org/a.png") == b"pixels"
    assert opened == ["https://example.org/a.png", "http://example.org/a.png"]


def test_an_encrypted_address_is_never_tried_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_address: str) -> Response:
        raise URLError(ConnectionRefusedError())

    opened = answering(monkeypatch, answer)
    with pytest.raises(DigitpadError, match=r"example\.org does not answer"):
        content_of("https://example.org/a.png")
    assert opened == ["https://example.org/a.png"]


def test_a_page_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, lambda _: Response(b"<html>", "text/html; charset=utf-8"))
    with pytest.raises(DigitpadError, match=r"leads to no picture on example\.org"):
        content_of("https://example.org/")


def test_the_size_is_limited_whatever_the_server_says(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_download, "MAX_SIZE", 1_000_000)
    server.files["large.png"] = bytes(1_000_001)
    with pytest.raises(DigitpadError, match="larger than 1 MB"):
        content_of(server.mirror + "large.png")


def test_the_time_is_limited_also_if_bytes_keep_coming(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_download, "_MAX_SECONDS", -1.0)
    with pytest.raises(DigitpadError, match="does not answer"):
        content_of(server.mirror + "seven.png")


def test_a_missing_picture_is_a_sentence(server: Server) -> None:
    with pytest.raises(DigitpadError, match=r"127\.0\.0\.1 does not deliver the picture"):
        content_of(server.mirror + "none.png")

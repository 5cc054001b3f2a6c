"""Download one picture that the user asked for, from any server, into memory."""

import contextlib
import http.client
import ssl
import time
from collections.abc import Generator
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit

from digitpad import __version__
from digitpad.core.datasets.background_reader import received
from digitpad.core.datasets.web import open_address
from digitpad.core.errors import DigitpadError

MAX_SIZE = 20_000_000  # bytes; a photo has about 5 MB
_MAX_SECONDS = 60.0
_TIMEOUT = 10.0  # seconds without a byte
_LOCALHOST = ("127.0.0.1", "::1", "localhost")


def host_of(address: str) -> str:
    """Return the server of a web address; "" for anything else."""
    try:
        parts = urlsplit(address)
        is_valid = parts.scheme in ("http", "https") and parts.username is None and parts.port != 0
    except ValueError:
        return ""
    return parts.hostname or "" if is_valid and address.isascii() and address.isprintable() else ""


def download_picture(address: str) -> Generator[bytes, None, None]:
    """Download a picture; yield b"" while it comes, then its content. Closing the generator cancels.

    An http address is first tried by https. Raise DigitpadError if the server delivers no picture, or one of more than
    `MAX_SIZE` bytes, or takes too long.
    """
    host, deadline = host_of(address), time.monotonic() + _MAX_SECONDS
    *encrypted, last = _addresses(address)
    for tried in encrypted:
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            yield from _content_of(tried, host, deadline)
            return
    try:
        yield from _content_of(last, host, deadline)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _error_of(error, host) from None  # the exception's traceback would keep sockets open


def _addresses(address: str) -> list[str]:
    parts = urlsplit(address)
    if parts.scheme == "https" or parts.hostname in _LOCALHOST:
        return [address]
    return [urlunsplit(parts._replace(scheme="https")), address]


def _content_of(address: str, host: str, deadline: float) -> Generator[bytes, None, None]:
    content = bytearray()
    is_checked = False
    with contextlib.closing(received(lambda: _open(address))) as pieces:
        for response, chunk in pieces:
            if response is not None and not is_checked:
                is_checked = True
                _check_kind(response, host)
            content += chunk
            if len(content) > MAX_SIZE:
                raise DigitpadError(
                    "the picture is larger than {size} MB: save a smaller copy of it, and open that",
                    size=MAX_SIZE // 1_000_000,
                )
            if time.monotonic() > deadline:
                raise TimeoutError
            yield b""
    yield bytes(content)


def _check_kind(response: http.client.HTTPResponse, host: str) -> None:
    """Raise DigitpadError if the server names another kind of content; a picture itself is checked when it is read."""
    kind = response.headers.get_content_type() if "Content-Type" in response.headers else ""
    if kind and not kind.startswith("image/") and kind != "application/octet-stream":
        raise DigitpadError(
            "the address leads to no picture on {host}: save the picture in the browser, and open the file", host=host
        )


def _error_of(cause: Exception, host: str) -> DigitpadError:
    reason = getattr(cause, "reason", cause)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DigitpadError("the certificate of {host} is not valid: check the clock and the network", host=host)
    if isinstance(cause, HTTPError) or not isinstance(reason, OSError):
        return DigitpadError(
            "{host} does not deliver the picture: save it in the browser, and open the file", host=host
        )
    return DigitpadError(
        "{host} does not answer: check the internet connection, or save the picture in the browser and open the file",
        host=host,
    )


def _open(address: str) -> http.client.HTTPResponse:
    # Some servers refuse Python's own name. No cookie and no page is named.
    headers = [("User-Agent", f"digitpad/{__version__}"), ("Accept", "image/*")]
    return open_address(address, _TIMEOUT, lambda target: bool(host_of(target)), headers)

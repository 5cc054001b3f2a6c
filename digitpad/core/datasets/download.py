"""Download files by https, only from the hosts in `download_sources`; verify SHA-256, report progress, retry."""

import contextlib
import errno
import hashlib
import http.client
import socket
import ssl
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from digitpad.core.datasets.background_reader import received
from digitpad.core.datasets.download_sources import HOSTS, SOURCES, Resource, Source
from digitpad.core.datasets.web import open_address
from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import AtomicFile

_TRIES = 3
_TIMEOUT = 20.0  # seconds without a byte
# Give up on a very slow server: the mean speed in bytes per second is checked after this many seconds.
_SPEED_CHECK_AFTER, _MIN_SPEED = 60.0, 1024
# Limit for a file whose size is not known, in bytes.
_MAX_SIZE = 600_000_000
_LOCALHOST = ("127.0.0.1", "::1")
_NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN)
_HINT = "--data FOLDER"


class NoConnectionError(DigitpadError):
    """There is no connection to any download server."""


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """Bytes done and in total, of one file and of all files; a total is 0 if unknown.

    While a server does not answer, the same progress comes again and again.
    """

    name: str
    done: int
    total: int
    overall_done: int = 0
    overall_total: int = 0


def source_of(key: str) -> Source:
    """Return the mirrors and files of a data set.

    Raise DigitpadError if the set cannot be downloaded.
    """
    if key not in SOURCES:
        raise DigitpadError("“{name}” cannot be downloaded: choose one of {names}", name=key, names=", ".join(SOURCES))
    return SOURCES[key]


def download(
    folder: Path, mirrors: Sequence[str], resources: Sequence[Resource]
) -> Generator[DownloadProgress, None, None]:
    """Download the missing files one by one, and yield progress; closing the generator cancels.

    Each file is verified before it gets its name. The mirrors are tried in turn.

    Raise DigitpadError if no mirror delivers a file, or the folder cannot be written; no partial file is left then.
    """
    total = sum(resource.size for resource in resources) if all(resource.size for resource in resources) else 0
    before = 0
    existed = folder.is_dir()
    try:
        for resource in resources:
            for done, size in _fetch(folder / resource.name, mirrors, resource):
                overall = before + min(done, resource.size) if total else 0
                yield DownloadProgress(resource.name, done, size, overall, total)
            before += resource.size
    finally:
        if not existed:
            with contextlib.suppress(OSError):  # it has files
                folder.rmdir()


def _fetch(path: Path, mirrors: Sequence[str], resource: Resource) -> Generator[tuple[int, int], None, None]:
    """Download one file unless it is valid already; yield the bytes done and in total.

    Each mirror is tried three times, but only once if there is no connection to any of them.
    """
    if _sha256_of(path) == resource.sha256:
        yield path.stat().st_size, path.stat().st_size
        return
    failure = _download_error(resource.name, None)
    unreachable = 0
    for attempt in range(_TRIES * len(mirrors)):
        if unreachable == attempt == len(mirrors):
            break
        with AtomicFile(path) as file:
            try:
                digest = yield from _copy(mirrors[attempt % len(mirrors)] + resource.name, resource, file)
            except (OSError, ValueError, http.client.HTTPException) as error:
                failure = _download_error(resource.name, error)  # the exception's traceback would keep sockets open
                unreachable += isinstance(failure, NoConnectionError)
                continue
            if digest == resource.sha256:
                file.commit()
                return
            failure = _download_error(resource.name, None)
    raise failure


def _download_error(name: str, cause: Exception | None) -> DigitpadError:
    """Return the error for a failed attempt; None is a wrong checksum. The value `reason` is not shown."""
    reason = getattr(cause, "reason", cause)
    if cause is None:
        return DigitpadError(
            "{name} from the download servers is not the published file: "
            "try again later, or choose a folder that has the data",
            name=name,
            hint=_HINT,
        )
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DigitpadError(
            "the certificate of the download servers is not valid: "
            "check the clock and the network, or choose a folder that has the data",
            hint=_HINT,
            reason=str(reason),
        )
    if isinstance(reason, socket.gaierror | TimeoutError) or getattr(reason, "errno", None) in _NO_NETWORK:
        return NoConnectionError("no internet connection: choose a folder, or use the built-in digits", hint=_HINT)
    return DigitpadError(
        "the download servers do not deliver {name}: try again later, or choose a folder that has the data",
        name=name,
        hint=_HINT,
        reason=str(reason),
    )


def _copy(address: str, resource: Resource, file: AtomicFile) -> Generator[tuple[int, int], None, str]:
    """Copy from an address to a file; return the SHA-256 of the received bytes."""
    digest = hashlib.sha256()
    # Stop when there is more than the published size: it cannot be the file.
    max_size = resource.size or _MAX_SIZE
    done, start = 0, time.monotonic()
    with contextlib.closing(received(lambda: _open(address))) as pieces:
        for response, chunk in pieces:
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            yield done, _content_length(response) if response else 0
            seconds = time.monotonic() - start
            if seconds > _SPEED_CHECK_AFTER and done < _MIN_SPEED * seconds:
                raise URLError(f"too slow: {done:,} bytes in {seconds:.0f} s")
            if done > max_size:
                break
    return digest.hexdigest()


def _open(address: str) -> http.client.HTTPResponse:
    """Open an address by https with the certificate verified; http is allowed only for this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCALHOST):
        raise URLError(f"{parts.scheme}://{parts.hostname} is not secure")
    return open_address(address, _TIMEOUT, _is_source)


def _is_source(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" and parts.hostname in HOSTS


def _content_length(response: http.client.HTTPResponse) -> int:
    text = response.headers.get("Content-Length") or ""
    return int(text) if text.isdecimal() else 0


def _sha256_of(path: Path) -> str:
    """Return a file's SHA-256, "" if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""

"""Getting files: by https from the hosts of `sources` alone, checked by SHA-256, with progress and second tries."""

import contextlib
import hashlib
import http.client
import ssl
import time
import urllib.request
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit

from digitpad.core.datasets.download_sources import HOSTS, SOURCES, Resource, Source
from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import AtomicFile

_TRIES = 3
_CHUNK = 1 << 16
_PATIENCE = 20.0  # seconds without a byte
# A server may be slow, but it may not keep us for days: after this many seconds so many bytes a second must have come.
_SETTLED, _SLOWEST = 60.0, 1024
# What is read of a file whose size is not known.
_LARGEST = 600_000_000
_THIS_MACHINE = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far one file is, and all of them together, in bytes; a total is 0 where it is not known."""

    name: str
    done: int
    total: int
    overall_done: int = 0
    overall_total: int = 0


def source_of(key: str) -> Source:
    """Return the mirrors and files of a data set.

    Raises
    ------
    DigitpadError
        Where the set is not one that can be downloaded.

    """
    if key not in SOURCES:
        raise DigitpadError(
            "{key!r} cannot be downloaded: choose one of {choices}", key=key, choices=", ".join(SOURCES)
        )
    return SOURCES[key]


def download(
    folder: Path, mirrors: Sequence[str], resources: Sequence[Resource]
) -> Generator[DownloadProgress, None, None]:
    """Download what is not there yet, file by file, and yield progress; closing the generator cancels.

    Each file is checked before it gets its name, so what is there is right. Mirrors are tried in turn.

    Raises
    ------
    DigitpadError
        Where no mirror gave a file, or the folder cannot be written; no part of a file is left behind then.

    """
    total = sum(resource.size for resource in resources) if all(resource.size for resource in resources) else 0
    before = 0
    was_there = folder.is_dir()
    try:
        for resource in resources:
            for done, size in _received(folder / resource.name, mirrors, resource):
                overall = before + min(done, resource.size) if total else 0
                yield DownloadProgress(resource.name, done, size, overall, total)
            before += resource.size
    finally:
        if not was_there:
            with contextlib.suppress(OSError):  # it is not empty: that is as it should be
                folder.rmdir()


def _received(path: Path, mirrors: Sequence[str], resource: Resource) -> Generator[tuple[int, int], None, None]:
    """Fetch one file unless it is there; yield bytes done and in all."""
    if _sha256_of(path) == resource.sha256:
        yield path.stat().st_size, path.stat().st_size
        return
    reason = "no mirror is known"
    for attempt in range(_TRIES * len(mirrors)):
        with AtomicFile(path) as file:
            try:
                digest = yield from _copied(mirrors[attempt % len(mirrors)] + resource.name, resource, file)
            except (OSError, ValueError, http.client.HTTPException) as error:
                reason = str(getattr(error, "reason", None) or error or type(error).__name__)
                continue
            if digest == resource.sha256:
                file.commit()
                return
            reason = "what came is not the published file"
    raise DigitpadError(
        "{name} could not be downloaded ({reason}): try again later, or name a folder that has it with --data",
        name=resource.name,
        reason=reason,
    )


def _copied(address: str, resource: Resource, file: AtomicFile) -> Generator[tuple[int, int], None, str]:
    """Copy from an address to a file; return the SHA-256 of what came."""
    digest = hashlib.sha256()
    # Whoever sends more than the published size sends something else.
    most = resource.size or _LARGEST
    done, began = 0, time.monotonic()
    with _opened(address) as reply:
        total = _length_of(reply)
        while done <= most and (chunk := reply.read1(_CHUNK)):  # what there is; `read` waits for the whole chunk
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            yield done, total
            passed = time.monotonic() - began
            if passed > _SETTLED and done < _SLOWEST * passed:
                raise URLError(f"after {passed:.0f} s only {done:,} bytes had come")
    return digest.hexdigest()


def _opened(address: str) -> http.client.HTTPResponse:
    """Ask for an address, by https and with the server's certificate checked; by http only this very machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _THIS_MACHINE):
        raise URLError(f"{parts.scheme}://{parts.hostname} is not secure")
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    return urllib.request.build_opener(secure, _Redirects()).open(address, timeout=_PATIENCE)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a server only by https, and only to a host of the list."""

    max_redirections = 3

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        parts = urlsplit(newurl)
        if parts.scheme != "https" or parts.hostname not in HOSTS:
            fp.close()
            raise URLError(f"it sends us on to {parts.scheme}://{parts.hostname}, which is not on our list")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _length_of(reply: http.client.HTTPResponse) -> int:
    text = reply.headers.get("Content-Length") or ""
    return int(text) if text.isdecimal() else 0


def _sha256_of(path: Path) -> str:
    """Return a file's SHA-256; nothing where there is none to be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""

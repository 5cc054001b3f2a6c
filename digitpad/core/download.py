"""Getting MNIST: torchvision's addresses and checksums, with progress and second tries."""

import hashlib
import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.saving import write_atomically

_TRIES = 3
_CHUNK = 1 << 16
_PATIENCE = 20.0  # seconds without a byte
# The largest of the four files is 9,912,422 bytes; nothing larger is MNIST.
_LARGEST = 32_000_000


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of a data set, and its md5 as published."""

    name: str
    md5: str


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far one file is; `total` is 0 where the server does not say."""

    name: str
    done: int
    total: int


def mnist_source() -> tuple[list[str], list[Resource]]:
    """Return the mirrors and files of MNIST as torchvision knows them."""
    from torchvision.datasets import MNIST

    return list(MNIST.mirrors), [Resource(name, md5) for name, md5 in MNIST.resources]


def download(folder: Path, mirrors: Sequence[str], resources: Sequence[Resource]) -> Iterator[DownloadProgress]:
    """Download what is not there yet, file by file, and yield progress; closing the generator cancels.

    Each file is checked before it gets its name, so what is there is right. Mirrors are tried in turn.

    Raises
    ------
    DigitpadError
        Where no mirror gave a file, or the folder cannot be written.

    """
    for resource in resources:
        path = folder / resource.name
        if path.is_file() and _md5(path.read_bytes()) == resource.md5:
            yield DownloadProgress(resource.name, path.stat().st_size, path.stat().st_size)
            continue
        content = yield from _fetch(mirrors, resource)
        write_atomically(path, content)


def _fetch(mirrors: Sequence[str], resource: Resource) -> Iterator[DownloadProgress]:
    reason = "no mirror is known"
    for attempt in range(_TRIES * len(mirrors)):
        content = bytearray()
        try:
            request = urllib.request.Request(mirrors[attempt % len(mirrors)] + resource.name)  # noqa: S310 - ours
            with urllib.request.urlopen(request, timeout=_PATIENCE, context=_context()) as reply:  # noqa: S310
                total = int(reply.headers.get("Content-Length") or 0)
                while len(content) <= _LARGEST and (chunk := reply.read(_CHUNK)):
                    content += chunk
                    yield DownloadProgress(resource.name, len(content), total)
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", None) or error or type(error).__name__)
            continue
        if _md5(content) == resource.md5:
            return bytes(content)
        reason = "what came is not the published file"
    raise DigitpadError(
        f"{resource.name} could not be downloaded ({reason}): try again later, or name a folder that has it with --data"
    )


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _md5(content: bytes | bytearray) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()

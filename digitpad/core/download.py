"""Getting files: torchvision's addresses and checksums, with progress and second tries."""

import contextlib
import hashlib
import http.client
import ssl
import urllib.request
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.errors import DigitpadError
from digitpad.core.idx_sets import SETS
from digitpad.core.part_files import PartFile

_TRIES = 3
_CHUNK = 1 << 16
_PATIENCE = 20.0  # seconds without a byte
# The largest file there is, EMNIST's archive, has 561,753,746 bytes.
_LARGEST = 600_000_000


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of a data set, its md5 as published, and its size in bytes, 0 where unknown."""

    name: str
    md5: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files of a data set come from; an address is a mirror and a file's name."""

    mirrors: tuple[str, ...]
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far one file is, and all of them together, in bytes; a total is 0 where it is not known."""

    name: str
    done: int
    total: int
    overall_done: int = 0
    overall_total: int = 0


def source_of(key: str) -> Source:
    """Return the mirrors and files of a data set as torchvision knows them, secure mirrors first; imports torch.

    Fashion-MNIST and KMNIST have plain http alone: there the md5 is what keeps a forged file out.

    Raises
    ------
    DigitpadError
        Where the set is not one that can be downloaded.

    """
    if key not in SETS:
        raise DigitpadError(f"{key!r} cannot be downloaded: choose one of {', '.join(SETS)}")
    from torchvision import datasets

    if key == "qmnist":
        urls = [*datasets.QMNIST.resources["train"], *datasets.QMNIST.resources["test"]]
    elif key == "emnist-digits":
        urls = [(datasets.EMNIST.url, datasets.EMNIST.md5)]
    else:
        known = getattr(datasets, SETS[key].home)
        mirrors = sorted(known.mirrors, key=lambda mirror: not mirror.startswith("https:"))
        return Source(tuple(mirrors), tuple(_resource(key, *resource) for resource in known.resources))
    split = [(*url.rpartition("/"), md5) for url, md5 in urls]
    return Source((split[0][0] + "/",), tuple(_resource(key, name, md5) for _, _, name, md5 in split))


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


def _resource(key: str, name: str, md5: str) -> Resource:
    return Resource(name, md5, SETS[key].downloads.get(name, 0))


def _received(path: Path, mirrors: Sequence[str], resource: Resource) -> Generator[tuple[int, int], None, None]:
    """Fetch one file unless it is there; yield bytes done and in all."""
    if _md5_of(path) == resource.md5:
        yield path.stat().st_size, path.stat().st_size
        return
    reason = "no mirror is known"
    for attempt in range(_TRIES * len(mirrors)):
        with PartFile(path) as file:
            try:
                digest = yield from _copied(mirrors[attempt % len(mirrors)] + resource.name, resource, file)
            except (OSError, ValueError, http.client.HTTPException) as error:
                reason = str(getattr(error, "reason", None) or error or type(error).__name__)
                continue
            if digest == resource.md5:
                file.keep()
                return
            reason = "what came is not the published file"
    raise DigitpadError(
        f"{resource.name} could not be downloaded ({reason}): try again later, or name a folder that has it with --data"
    )


def _copied(address: str, resource: Resource, file: PartFile) -> Generator[tuple[int, int], None, str]:
    """Copy from an address to a file; return the md5 of what came."""
    digest = hashlib.md5(usedforsecurity=False)
    # Whoever sends twice the published size sends something else.
    most = 2 * resource.size or _LARGEST
    done = 0
    with urllib.request.urlopen(address, timeout=_PATIENCE, context=ssl.create_default_context()) as reply:  # noqa: S310 - ours
        total = int(reply.headers.get("Content-Length") or 0)
        while done <= most and (chunk := reply.read(_CHUNK)):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            yield done, total
    return digest.hexdigest()


def _md5_of(path: Path) -> str:
    """Return a file's md5; nothing where there is none to be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    except OSError:
        return ""

"""Extract the four files with the digits from EMNIST's archive."""

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Generator
from pathlib import Path, PurePosixPath

from digitpad.core.datasets.download import DownloadProgress
from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.atomic import AtomicFile
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images import idx_format
from digitpad.core.images.idx_sets import PARTS, SETS

KEY = "emnist-digits"
ARCHIVE = "gzip.zip"
_CHUNK = 1 << 18
# The largest member, the training images, has 188,160,016 bytes uncompressed.
_MAX_MEMBER_SIZE = 200_000_000
_MAX_ARCHIVE_SIZE = 600_000_000
_STEMS = [SETS[KEY].stems[part] for part in PARTS]
MEMBERS = tuple(f"{stem}.gz" for stems in _STEMS for stem in stems)


def is_complete(folder: Path) -> bool:
    """Return whether the four files are in a folder and valid; reads them, because no checksums are published."""
    try:
        for images, labels in _STEMS:
            if len(idx_format.read_labels(folder / f"{labels}.gz")) != len(
                idx_format.read_images(folder / f"{images}.gz")
            ):
                return False
    except DigitpadError:
        return False
    return True


def delete_archive(folder: Path) -> None:
    """Delete the archive, which is large and no longer needed, if the four files exist; they are never partial."""
    if all((folder / name).is_file() for name in MEMBERS):
        with contextlib.suppress(OSError):  # it only takes space
            (folder / ARCHIVE).unlink(missing_ok=True)


def unpack(archive: Path, folder: Path) -> Generator[DownloadProgress, None, None]:
    """Write the four files with the digits to a folder, and yield progress; closing the generator cancels.

    File names come from `MEMBERS`, not from the archive, so that it cannot write outside the folder.

    Raise DigitpadError if the archive is not EMNIST's, or the folder cannot be written.
    """
    try:
        _check_size(archive)
        with zipfile.ZipFile(archive) as opened:
            for name in MEMBERS:
                yield from _extract(opened, _find_member(opened, name), folder / name)
    # RuntimeError: encrypted; the others: impossible sizes and positions
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, LookupError, struct.error) as error:
        raise DigitpadError("{path} is not EMNIST's archive: delete it and download it again", path=archive) from error
    except OSError as error:
        raise read_error(archive, error) from error


def _check_size(archive: Path) -> None:
    if regular_file_size(archive) > _MAX_ARCHIVE_SIZE:
        raise ValueError("too large")


def _find_member(opened: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    """Return the entry of a member; raise ValueError if there is not exactly one, or it is not safe to extract."""
    members = [info for info in opened.infolist() if not info.is_dir() and PurePosixPath(info.filename).name == name]
    if len(members) != 1:
        raise ValueError(f"{len(members)} files {name}")
    # Other compression methods may need gigabytes of memory.
    if members[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"compression method {members[0].compress_type}")
    if members[0].file_size > _MAX_MEMBER_SIZE:
        raise ValueError(f"{members[0].file_size:,} bytes in {name}")
    return members[0]


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Generator[DownloadProgress, None, None]:
    done = 0
    # zipfile reads no more than the size that was checked, and verifies the CRC at the end.
    with AtomicFile(path) as file, opened.open(member) as content:
        while chunk := content.read(_CHUNK):
            file.write(chunk)
            done += len(chunk)
            yield DownloadProgress(path.name, done, member.file_size)
        file.commit()

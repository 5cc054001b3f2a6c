"""EMNIST's archive: of its many files the four with the digits."""

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Generator
from pathlib import Path, PurePosixPath

from digitpad.core.datasets.download import DownloadProgress
from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.atomic import AtomicFile
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.images import idx_format
from digitpad.core.images.idx_sets import PARTS, SETS

KEY = "emnist-digits"
ARCHIVE = "gzip.zip"
_CHUNK = 1 << 18
# The training images take 188,160,016 bytes before they are compressed; no member can be larger.
_LARGEST = 200_000_000
_LARGEST_ARCHIVE = 600_000_000
_STEMS = [SETS[KEY].stems[part] for part in PARTS]
MEMBERS = tuple(f"{stem}.gz" for stems in _STEMS for stem in stems)


def is_complete(folder: Path) -> bool:
    """Tell whether the four files are in a folder and sound; reads them, as no checksums of them are published."""
    try:
        for images, labels in _STEMS:
            if len(idx_format.read_labels(folder / f"{labels}.gz")) != len(
                idx_format.read_images(folder / f"{images}.gz")
            ):
                return False
    except DigitpadError:
        return False
    return True


def discard_archive(folder: Path) -> None:
    """Delete the archive where the four files are there, which are so only whole; it is large, and of no more use."""
    if all((folder / name).is_file() for name in MEMBERS):
        with contextlib.suppress(OSError):  # it is in nobody's way but for its size
            (folder / ARCHIVE).unlink(missing_ok=True)


def unpack(archive: Path, folder: Path) -> Generator[DownloadProgress, None, None]:
    """Write the four files with the digits to a folder, and yield progress; closing the generator cancels.

    The names are ours and not the archive's, so that nothing is written elsewhere whatever the archive says.

    Raises
    ------
    DigitpadError
        Where the archive is not as it should be, or the folder cannot be written.

    """
    try:
        if regular_file_size(archive) > _LARGEST_ARCHIVE:
            raise _not_emnist(archive, "it is too large")
        with zipfile.ZipFile(archive) as opened:
            for name in MEMBERS:
                yield from _copied(opened, _member(opened, name, archive), folder / name)
    # RuntimeError: encrypted; the others: sizes and places that cannot be
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, LookupError, struct.error) as error:
        raise _not_emnist(archive, str(error)) from error
    except OSError as error:
        raise DigitpadError(
            "{archive} cannot be read ({reason}): check the disk", archive=archive, reason=reason_of(error)
        ) from error


def _member(opened: zipfile.ZipFile, name: str, archive: Path) -> zipfile.ZipInfo:
    found = [info for info in opened.infolist() if not info.is_dir() and PurePosixPath(info.filename).name == name]
    if len(found) != 1:
        raise _not_emnist(archive, f"it has {len(found)} files {name}")
    # Other ways to compress may take gigabytes to take back.
    if found[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _not_emnist(archive, f"{name} is compressed in another way")
    if found[0].file_size > _LARGEST:
        raise _not_emnist(archive, f"it claims {found[0].file_size:,} bytes for {name}")
    return found[0]


def _copied(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Generator[DownloadProgress, None, None]:
    done = 0
    # zipfile reads no more than the size that was checked, and checks the CRC at its end.
    with AtomicFile(path) as file, opened.open(member) as content:
        while chunk := content.read(_CHUNK):
            file.write(chunk)
            done += len(chunk)
            yield DownloadProgress(path.name, done, member.file_size)
        file.commit()


def _not_emnist(archive: Path, reason: str) -> DigitpadError:
    return DigitpadError(
        "{archive} is not EMNIST's archive ({reason}): delete it and download it again", archive=archive, reason=reason
    )

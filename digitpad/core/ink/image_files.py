"""Read picture files of any size and mode."""

import contextlib
import ctypes
import logging
import struct
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.ink.deep_colours import has_unread_bits, joined, swap_bytes, unused_bits
from digitpad.core.ink.picture_pages import page_frames, turn_to_page
from digitpad.core.ink.picture_pixels import WORKING_SIZE, shrink, working_pixels

# The usual formats of drawings. Pillow's others are excluded: EPS would run Ghostscript on the file, and rarely used
# decoders have the most faults.
FORMATS = (
    *("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "QOI", "SGI", "TGA", "TIFF", "WEBP"),
)
# The endings of their files' names, and HEIC's.
ENDINGS = (
    *(".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".avif", ".heic", ".heif", ".jp2", ".pbm"),
    *(".pgm", ".ppm", ".pnm", ".tga", ".pcx", ".qoi", ".sgi"),
)
# A page at 600 dpi has 35 million pixels; more than this takes seconds.
_MAX_PIXELS = 50_000_000
# For decoders written in Python, which take microseconds per pixel.
_MAX_SLOW_PIXELS = 500_000
# For JPEG, the only format decoded at a fraction of its size; Pillow itself refuses more.
_MAX_JPEG_PIXELS = 178_000_000
# Memory that decoding may take, and bytes per pixel where a decoder needs more than Pillow's four.
_MAX_BYTES = 400_000_000
_BYTES_PER_PIXEL = {"AVIF": 16, "HEIF": 16, "WEBP": 12, "JPEG2000": 24, "TIFF": 8}
_BYTES_PER_PROGRESSIVE_PIXEL = 6  # all coefficients of a progressive JPEG are in memory at once
_BYTES_PER_DEEP_PIXEL = 20  # both halves of the bits of a picture in colour, before and after they are joined
# The names of HEVC, the format of an iPhone's photos, in the first box of a file.
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"))
_ORIENTATION = 0x0112  # Exif
_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Without a handler, Pillow's log messages about odd files would be printed; errors are raised.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def read_picture(path: Path, page: int = 1) -> np.ndarray:
    """Read a page of a picture file.

    Parameters
    ----------
    path
        The file.
    page
        Which of its pages or frames, from 1; see `count_pages`.

    Returns
    -------
    np.ndarray
        float32 in [0, 1], (height, width) grey or (height, width, 3) sRGB, at most `WORKING_SIZE` px.

    Raises
    ------
    DigitpadError
        If the file is missing, not a picture in one of `FORMATS` or HEIC, or too large, or has no such page.

    """
    try:
        regular_file_size(path)
        with _open(path) as picture:
            pixels = _decode(picture, path, page)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise read_error(path, error) from error
    except UnidentifiedImageError as error:
        raise DigitpadError(
            "{path} is not a picture in a supported format: save it as PNG or JPEG", path=path
        ) from error
    except DigitpadError:
        raise
    except Image.DecompressionBombError as error:
        raise DigitpadError("{path} has too many pixels: shrink it first", path=path) from error
    # For a damaged file Pillow's decoders raise almost anything: RuntimeError, IndexError, struct.error …
    except Exception as error:
        raise DigitpadError("{path} is damaged or not a picture: save it again as PNG or JPEG", path=path) from error
    return pixels


def count_pages(path: Path) -> int:
    """Return how many pages, frames or pictures a file has, up to 1000; 1 for a file that `read_picture` refuses."""
    try:
        regular_file_size(path)
        with _open(path) as picture:
            return len(page_frames(picture, path))
    # `read_picture` reports the error.
    except Exception:
        return 1


def read_grey(path: Path, size: tuple[int, int]) -> np.ndarray | None:
    """Return a grey picture of exactly this width and height, px, as (height, width) uint8; None for any other file."""
    try:
        regular_file_size(path)
        with _open(path) as picture:
            return np.asarray(picture) if picture.size == size and picture.mode == "L" else None
    # `read_picture` reports the error.
    except Exception:
        return None


def pixels_of_picture(picture: Image.Image) -> np.ndarray:
    """Return the pixels of a picture of any mode, see `read_picture`; raises DigitpadError if it is too large."""
    if picture.width * picture.height > _MAX_PIXELS:
        raise _too_large_error("", picture)
    return working_pixels(shrink(picture))


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Image.Image]:
    _silence_libtiff()
    formats = FORMATS
    if _is_heic(path):
        _load_heic_decoder(path)
        formats = ("HEIF",)
    with warnings.catch_warnings():
        # Pillow warns about odd metadata and size; errors are raised, and the size is checked here.
        warnings.simplefilter("ignore")
        with Image.open(path, formats=formats) as picture:
            yield picture


@contextlib.contextmanager
def open_bytes(content: BinaryIO) -> Iterator[Image.Image]:
    """Open a picture in one of `FORMATS` that is inside another file; Pillow's errors are raised."""
    _silence_libtiff()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(content, formats=FORMATS) as picture:
            yield picture


def _is_heic(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(64)
    brands = head[8 : max(12, int.from_bytes(head[:4], "big"))]
    names = (brands[place : place + 4] for place in range(0, len(brands), 4))
    return head[4:8] == b"ftyp" and not _HEIC_BRANDS.isdisjoint(names)


def _load_heic_decoder(path: Path) -> None:
    """Register pillow-heif, an optional package, with Pillow; raise DigitpadError if it cannot be loaded."""
    try:
        import pillow_heif

        pillow_heif.register_heif_opener()
    except Exception as error:  # not installed, a broken library, or too old for this Pillow
        raise DigitpadError(
            "{path} is a HEIC photo, as iPhones take them: save it as JPEG, or install pillow-heif",
            path=path,
            hint="pip install 'digitpad[heic]'",
        ) from error


def _decode(picture: Image.Image, path: Path, page: int) -> np.ndarray:
    """Decode a page of an opened file; see `read_picture`."""
    name = str(path)
    if picture.width * picture.height > _max_pixels(picture):
        raise _too_large_error(name, picture)
    turn_to_page(picture, path, page)
    full = picture.width * picture.height
    if full > _max_pixels(picture):
        raise _too_large_error(name, picture)
    # Only JPEG can be decoded at a fraction of its size.
    picture.draft("RGB", (WORKING_SIZE, WORKING_SIZE))
    if picture.width * picture.height > _max_drafted_pixels(picture, full):
        raise _too_large_error(name, picture)
    # Before the metadata are read, for which a PNG is decoded.
    is_deep = page == 1 and has_unread_bits(picture) and full <= _MAX_BYTES // _BYTES_PER_DEEP_PIXEL
    transpose = _orientation(picture)
    if is_deep:
        picture = _with_all_bits(picture, path)
    small = shrink(picture)
    return working_pixels(small.transpose(transpose) if transpose is not None else small)


def _with_all_bits(upper: Image.Image, path: Path) -> Image.Image:
    """Return an opened 16-bit picture in colour with the eight bits that matter."""
    upper.load()
    unused = unused_bits(upper)
    if unused < 2:
        return upper
    with _open(path) as lower:
        swap_bytes(lower)
        lower.load()
        return joined(upper, lower, unused)


def _max_pixels(picture: Image.Image) -> int:
    if {decoder for decoder, *_ in getattr(picture, "tile", ())} & set(Image.DECODERS):
        return _MAX_SLOW_PIXELS
    if picture.format in ("JPEG", "MPO"):
        return _MAX_BYTES // _BYTES_PER_PROGRESSIVE_PIXEL if "progressive" in picture.info else _MAX_JPEG_PIXELS
    return min(_MAX_PIXELS, _MAX_BYTES // _BYTES_PER_PIXEL.get(picture.format or "", 4))


def _max_drafted_pixels(picture: Image.Image, full: int) -> int:
    """Return how many pixels may be decoded of a picture with so many pixels in the file."""
    if picture.format in ("JPEG", "MPO") and "progressive" in picture.info:
        return min(_MAX_PIXELS, (_MAX_BYTES - _BYTES_PER_PROGRESSIVE_PIXEL * full) // 4)
    return _MAX_PIXELS


def _too_large_error(name: str, picture: Image.Image) -> DigitpadError:
    width, height = picture.size
    if not name:
        return DigitpadError("the picture is too large ({w}x{h} px): shrink it first", w=width, h=height)
    return DigitpadError("{name} is too large ({w}x{h} px): shrink it first", name=name, w=width, h=height)


def _orientation(picture: Image.Image) -> Image.Transpose | None:
    """Return how to turn the picture; None if its metadata are damaged or have no orientation."""
    with contextlib.suppress(SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error):
        return _TRANSPOSES.get(picture.getexif().get(_ORIENTATION, 1))
    return None


@cache
def _silence_libtiff() -> None:
    """Keep libtiff from writing warnings to standard error; errors are raised."""
    # On Windows libtiff is linked into Pillow's library and cannot be reached.
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(Image.core.__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)

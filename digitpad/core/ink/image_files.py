"""Picture files of any size, mode and polarity, read as ink maps."""

import contextlib
import ctypes
import logging
import struct
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from digitpad.core.errors import DigitpadError
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.ink.ink_mask import find_ink

# Enough pixels for any digit; larger pictures are shrunk to this on their longer side first.
WORKING_SIZE = 512
# What people have drawings in. The others that Pillow knows are left alone: EPS would run Ghostscript on the file, and
# what hardly anybody has is where the faults are.
FORMATS = (
    *("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "QOI", "SGI", "TGA", "TIFF", "WEBP"),
)
# A page at 600 dpi has 35 million pixels; more than this takes seconds.
_MOST_PIXELS = 50_000_000
# Of decoders in Python, which take microseconds a pixel.
_MOST_SLOW_PIXELS = 500_000
# JPEG, which alone is decoded at a fraction of its size; Pillow refuses more by itself.
_MOST_JPEG_PIXELS = 178_000_000
# Memory that decoding may take, and how much of it a pixel takes where that is more than Pillow's own four bytes.
_MOST_BYTES = 400_000_000
_BYTES_A_PIXEL = {"AVIF": 16, "WEBP": 12, "JPEG2000": 24, "TIFF": 8}
_PROGRESSIVE = 6  # a JPEG's coefficients are all kept until the last is there
# Pixels that are converted together, so that the whole picture need not be there twice.
_STRIP = 2_000_000
_ORIENTATION = 0x0112  # Exif
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow logs of odd files would be printed; what matters is raised.
logging.getLogger("PIL").addHandler(logging.NullHandler())


def read_picture(path: Path) -> np.ndarray:
    """Read a picture file and find the ink in it.

    Returns
    -------
    np.ndarray
        The ink map, see `find_ink`.

    Raises
    ------
    DigitpadError
        Where the file is missing, no picture in one of `FORMATS`, or too large.

    """
    try:
        regular_file_size(path)
        with _opened(path) as picture:
            grey = _decoded(picture, str(path))
    except FileNotFoundError as error:
        raise DigitpadError("{path} does not exist: check the name", path=path) from error
    except UnidentifiedImageError as error:
        raise DigitpadError("{path} is not a picture that can be read: save it as PNG or JPEG", path=path) from error
    except DigitpadError:
        raise
    except Image.DecompressionBombError as error:
        raise DigitpadError("{path} has too many pixels: shrink it first", path=path) from error
    except IsADirectoryError as error:
        raise DigitpadError("{path} is a folder: name a file", path=path) from error
    except PermissionError as error:
        raise DigitpadError("{path} may not be read: check its permissions", path=path) from error
    # Of a damaged file Pillow's decoders raise almost anything: RuntimeError, IndexError, struct.error …
    except Exception as error:
        raise DigitpadError("{path} is damaged or no picture: save it again as PNG or JPEG", path=path) from error
    return find_ink(grey)


def read_grey(path: Path, size: tuple[int, int]) -> np.ndarray | None:
    """Return a grey picture of just this width and height, px, as (height, width) uint8; None for any other file."""
    try:
        regular_file_size(path)
        with _opened(path) as picture:
            return np.asarray(picture) if picture.size == size and picture.mode == "L" else None
    # `read_picture` says what is wrong.
    except Exception:
        return None


def ink_of_picture(picture: Image.Image) -> np.ndarray:
    """Find the ink in a picture of any mode that is in memory; see `find_ink`."""
    if picture.width * picture.height > _MOST_PIXELS:
        raise _too_large("the picture", picture)
    return find_ink(_grey(_small(picture)))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    _silence_libtiff()
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and of size; what matters is raised, and size we judge ourselves.
        warnings.simplefilter("ignore")
        with Image.open(path, formats=FORMATS) as picture:
            yield picture


def _decoded(picture: Image.Image, name: str) -> np.ndarray:
    """Decode an opened file, and bring it to what `find_ink` takes."""
    if picture.width * picture.height > _most_pixels(picture):
        raise _too_large(name, picture)
    # JPEG alone: decoding at a fraction of the size.
    picture.draft("L", (WORKING_SIZE, WORKING_SIZE))
    if picture.width * picture.height > _MOST_PIXELS:
        raise _too_large(name, picture)
    turn = _turn(picture)
    small = _small(picture)
    return _grey(small.transpose(turn) if turn is not None else small)


def _most_pixels(picture: Image.Image) -> int:
    if {decoder for decoder, *_ in getattr(picture, "tile", ())} & set(Image.DECODERS):
        return _MOST_SLOW_PIXELS
    if picture.format in ("JPEG", "MPO"):
        return _MOST_BYTES // _PROGRESSIVE if "progressive" in picture.info else _MOST_JPEG_PIXELS
    return min(_MOST_PIXELS, _MOST_BYTES // _BYTES_A_PIXEL.get(picture.format or "", 4))


def _too_large(name: str, picture: Image.Image) -> DigitpadError:
    return DigitpadError(
        "{name} has {width} x {height} px, which is too large: shrink it first",
        name=name,
        width=picture.width,
        height=picture.height,
    )


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """Return how the picture is to be turned; damaged metadata are no reason not to show it."""
    with contextlib.suppress(SyntaxError, ValueError, TypeError, LookupError, OSError, struct.error):
        return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    return None


def _small(picture: Image.Image) -> Image.Image:
    """Return the picture in mode F, RGBA or L, by a whole factor smaller, but not below `WORKING_SIZE`."""
    factor = max(picture.size) // (2 * WORKING_SIZE)
    if factor < 2:
        return _plain(picture)
    width, height = picture.size
    rows = factor * max(1, _STRIP // (width * factor))
    small = None
    for top in range(0, height, rows):
        strip = _plain(picture.crop((0, top, width, min(top + rows, height)))).reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (strip.width, -(-height // factor)))
        small.paste(strip, (0, top // factor))
    return small or _plain(picture)


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture in mode F with finite values where it has more than 8 bits, in RGBA or else in L."""
    if picture.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=0.0, neginf=0.0)
        # Differences of what is left are finite too.
        return Image.fromarray(np.clip(values, -1e30, 1e30))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("L")


def _grey(picture: Image.Image) -> np.ndarray:
    """Return (height, width) float32 in [0, 1], at most `WORKING_SIZE`, alpha laid on a contrasting ground."""
    if picture.mode == "F":
        return _shrunk(_rescaled(np.asarray(picture)))
    if picture.mode == "RGBA":
        picture.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX, reducing_gap=None)
        grey, alpha = (np.asarray(band, np.float32) / 255 for band in (picture.convert("L"), picture.getchannel("A")))
        mean = float((grey * alpha).sum() / max(alpha.sum(), 1e-6))
        return grey * alpha + (1.0 if mean < 0.5 else 0.0) * (1 - alpha)
    return _shrunk(np.asarray(picture, dtype=np.float32) / 255)


def _rescaled(values: np.ndarray) -> np.ndarray:
    """Bring finite 16-bit, 32-bit and float pixels to [0, 1]."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return values
    for white in (255.0, 65535.0):
        if low >= 0 and high <= white:
            return values / white
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _shrunk(grey: np.ndarray) -> np.ndarray:
    longer = max(grey.shape)
    if longer <= WORKING_SIZE:
        return grey
    height, width = (max(1, round(side * WORKING_SIZE / longer)) for side in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))


@cache
def _silence_libtiff() -> None:
    """Keep libtiff from writing to standard error of what it finds odd; what matters is raised."""
    # On Windows the library is a part of Pillow's, and cannot be reached.
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(Image.core.__file__)
        library.TIFFSetErrorHandler(None)
        library.TIFFSetWarningHandler(None)

"""Picture files of any size, mode and polarity, read as ink maps."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from digitpad.core.errors import DigitpadError
from digitpad.core.ink_maps import find_ink

# Enough pixels for any digit; larger pictures are shrunk to this on their longer side first.
WORKING_SIZE = 512
_MOST_PIXELS = 178_000_000  # Pillow refuses more by itself


def read_picture(path: Path) -> np.ndarray:
    """Read a picture file and find the ink in it.

    Returns
    -------
    np.ndarray
        The ink map, see `find_ink`.

    Raises
    ------
    DigitpadError
        Where the file is missing, no picture, or too large.

    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of odd metadata and of size; what matters is raised, and size we judge ourselves.
            warnings.simplefilter("ignore")
            with Image.open(path) as picture:
                return ink_of_picture(picture)
    except FileNotFoundError as error:
        raise DigitpadError(f"{path} does not exist: check the name") from error
    except UnidentifiedImageError as error:
        raise DigitpadError(f"{path} is not a picture that can be read: save it as PNG or JPEG") from error
    except DigitpadError as error:
        raise DigitpadError(f"{path}: {error}") from error
    except Image.DecompressionBombError as error:
        raise DigitpadError(f"{path} has too many pixels: shrink it first") from error
    except IsADirectoryError as error:
        raise DigitpadError(f"{path} is a folder: name a file") from error
    except PermissionError as error:
        raise DigitpadError(f"{path} may not be read: check its permissions") from error
    except (OSError, ValueError, SyntaxError, MemoryError) as error:
        raise DigitpadError(f"{path} is damaged or no picture: save it again as PNG or JPEG") from error


def ink_of_picture(picture: Image.Image) -> np.ndarray:
    """Find the ink in an opened picture of any mode; see `find_ink`."""
    if picture.width * picture.height > _MOST_PIXELS:
        raise DigitpadError(f"{picture.width} x {picture.height} px is too large: shrink it first")
    picture.draft("L", (WORKING_SIZE, WORKING_SIZE))  # JPEG alone: decoding at a fraction of the size
    return find_ink(_grey(ImageOps.exif_transpose(picture)))


def _grey(picture: Image.Image) -> np.ndarray:
    """Return (height, width) float32 in [0, 1], at most `WORKING_SIZE`, alpha laid on a contrasting ground."""
    if picture.mode.startswith(("I", "F")):
        return _shrunk(_rescaled(np.asarray(picture, dtype=np.float32)))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        rgba.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX, reducing_gap=None)
        grey, alpha = (np.asarray(band, np.float32) / 255 for band in (rgba.convert("L"), rgba.getchannel("A")))
        mean = float((grey * alpha).sum() / max(alpha.sum(), 1e-6))
        return grey * alpha + (1.0 if mean < 0.5 else 0.0) * (1 - alpha)
    return _shrunk(np.asarray(picture.convert("L"), dtype=np.float32) / 255)


def _rescaled(values: np.ndarray) -> np.ndarray:
    """Bring 16-bit, 32-bit and float pixels to [0, 1]."""
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
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

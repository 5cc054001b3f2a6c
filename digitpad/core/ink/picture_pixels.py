"""Shrink a picture of any mode, and convert it to numbers."""

import numpy as np
from PIL import Image

# Larger pictures are first shrunk to this on their longer side, px: enough for any digit.
WORKING_SIZE = 512
# Pixels converted at a time, so that the whole picture is not in memory twice.
_STRIP = 2_000_000
# A picture is in colour if more than this share of its pixels have channels that differ by more than this, of 255.
# JPEG's noise on grey stays below it; a thin coloured pen on a large sheet is above it.
_COLOURED_SHARE, _COLOURED_SPREAD = 0.001, 16
# The colour of a pixel with less alpha than this, of 255, says little.
_VISIBLE = 64


def shrink(picture: Image.Image) -> Image.Image:
    """Return the picture in mode F, RGBA, RGB or L, shrunk by an integer factor, but not below `WORKING_SIZE`."""
    factor = max(picture.size) // (2 * WORKING_SIZE)
    if factor < 2:
        return _to_simple_mode(picture)
    width, height = picture.size
    rows = factor * max(1, _STRIP // (width * factor))
    small = None
    for top in range(0, height, rows):
        strip = _to_simple_mode(picture.crop((0, top, width, min(top + rows, height)))).reduce(factor)
        if small is None:
            small = Image.new(strip.mode, (strip.width, -(-height // factor)))
        small.paste(strip, (0, top // factor))
    return small or _to_simple_mode(picture)


def _to_simple_mode(picture: Image.Image) -> Image.Image:
    """Convert to mode F with finite values if it has more than 8 bits, to RGBA if it has alpha, else to RGB or L."""
    if picture.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=0.0, neginf=0.0)
        return Image.fromarray(np.clip(values, -1e30, 1e30))  # so that differences are finite too
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def working_pixels(picture: Image.Image) -> np.ndarray:
    """Return float32 in [0, 1], at most `WORKING_SIZE`, blended with a contrasting background.

    (height, width, 3) if the picture is in colour, else (height, width).
    """
    if picture.mode == "F":
        return _shrunk(_rescaled(np.asarray(picture)))
    if picture.mode == "RGBA":
        picture.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX, reducing_gap=None)
        mode = "RGB" if _is_coloured(picture) else "L"
        colour, alpha = (
            np.asarray(band, np.float32) / 255 for band in (picture.convert(mode), picture.getchannel("A"))
        )
        grey = np.asarray(picture.convert("L"), np.float32) / 255
        mean = float((grey * alpha).sum() / max(alpha.sum(), 1e-6))
        alpha = alpha if colour.ndim == 2 else alpha[..., None]
        return colour * alpha + np.float32(mean < 0.5) * (1 - alpha)
    if picture.mode == "RGB":
        small = picture.resize(_working_size(*picture.size), Image.Resampling.BOX)
        if _is_coloured(small):
            return np.asarray(small, dtype=np.float32) / 255
    return _shrunk(np.asarray(picture.convert("L"), dtype=np.float32) / 255)


def _is_coloured(picture: Image.Image) -> bool:
    """Return whether a picture in mode RGB or RGBA shows colours; what is transparent has none."""
    channels = np.asarray(picture)
    spread = np.ptp(channels[..., :3], axis=2)
    if picture.mode == "RGBA":
        spread = np.where(channels[..., 3] >= _VISIBLE, spread, 0)
    return bool(np.count_nonzero(spread > _COLOURED_SPREAD) > _COLOURED_SHARE * spread.size)


def _rescaled(values: np.ndarray) -> np.ndarray:
    """Scale finite 16-bit, 32-bit and float pixels to [0, 1]."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return values
    for white in (255.0, 65535.0):
        if low >= 0 and high <= white:
            return values / white
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _shrunk(grey: np.ndarray) -> np.ndarray:
    size = _working_size(*grey.shape[::-1])
    return grey if size == grey.shape[::-1] else np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def _working_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, WORKING_SIZE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))

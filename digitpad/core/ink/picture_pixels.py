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
# Pixels with less than this share of the largest alpha are not visible.
_VISIBLE = 0.25
# A channel must differ by this much, of 255, between paper and ink.
_DIFFERENT = 24
# Visible pixels that fill this share of their box are a sheet; if this share of a sheet differs, it has ink on it.
_SHEET, _LEAST_INK = 0.6, 0.001
# Of another shape, at most this share of the rim may differ, and inside it so much more.
_UNEVEN, _LEAST_FILLING = 0.25, 0.15
# Shading changes the paper's colour along the rim by up to this, of 255; what differs more is ink that crosses it.
_SHADING = 64
# In pixels of more than 8 bits so many percent at either end are outliers, such as a camera's dead pixels.
_OUTLIERS = 0.01
# Deep pixels that span less than this share of their depth are stretched.
_LEAST_RANGE = 0.25


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
    if picture.mode == "La":  # premultiplied; Pillow converts it only to LA
        picture = picture.convert("LA")
    if picture.mode in ("RGBA", "LA", "PA", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def working_pixels(picture: Image.Image) -> np.ndarray:
    """Convert a picture in mode F, RGBA, RGB or L to float32 in [0, 1], at most `WORKING_SIZE` on its longer side.

    (height, width, 3) if the picture is in colour, else (height, width). A transparent picture is laid on its own
    paper's colour, or on black or white if it has no paper.
    """
    if picture.mode == "F":
        return _rescaled(_shrunk(np.asarray(picture)))
    if picture.mode == "L":
        return _shrunk(np.asarray(picture, dtype=np.float32) / 255)
    small = picture.resize(_working_size(*picture.size), Image.Resampling.BOX)
    if small.mode == "RGBA":
        picture = small = _on_its_ground(small)
    if _is_coloured(small):
        return np.asarray(small, dtype=np.float32) / 255
    return _shrunk(np.asarray(picture.convert("L"), dtype=np.float32) / 255)


def _is_coloured(picture: Image.Image) -> bool:
    red, green, blue = np.moveaxis(np.asarray(picture), 2, 0)
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    return bool(np.count_nonzero(spread > _COLOURED_SPREAD) > _COLOURED_SHARE * spread.size)


def _on_its_ground(picture: Image.Image) -> Image.Image:
    """Lay a picture in mode RGBA on what belongs behind it; return it in mode RGB."""
    channels = np.asarray(picture, dtype=np.float32)
    colours, alpha = channels[..., :3], channels[..., 3] / 255
    if alpha.min() == 1:
        return picture.convert("RGB")
    ground = _paper_of_card(colours, alpha)
    if ground is None:  # the ink alone, in the alpha channel: black or white, whichever differs more
        mean = (np.asarray(picture.convert("L"), np.float32) * alpha).sum() / max(alpha.sum(), 1e-6)
        ground = np.float32(255 if mean < 127.5 else 0)
    laid = ground + (colours - ground) * alpha[..., None]
    return Image.fromarray(np.round(laid).astype(np.uint8))


def _paper_of_card(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray | None:
    """Return the paper, (height, width, 3), if a picture shows a card with ink on it, and not ink without paper.

    A card's rim has the paper's colour, and inside is something else: a label, a photo that was turned a little, a
    digit with an outline. Ink without paper is all of one colour, or changes its colour along the rim too.
    """
    from scipy import ndimage

    visible = alpha >= max(_VISIBLE * float(alpha.max()), 1 / 255)
    if not visible.any():
        return None
    inside = np.asarray(ndimage.binary_erosion(visible, np.ones((3, 3))), bool)
    rim = visible & ~inside
    paper = np.median(colours[rim], axis=0)
    difference = np.abs(colours - paper).max(axis=2)
    shares = [(difference[part] > _DIFFERENT).mean() if part.any() else 0.0 for part in (inside, rim)]
    rows, columns = ndimage.find_objects(visible.astype(np.uint8))[0]
    if visible[rows, columns].mean() >= _SHEET:
        is_card = shares[0] >= _LEAST_INK
    else:
        is_card = shares[1] <= _UNEVEN and shares[0] - shares[1] >= _LEAST_FILLING
    return _spread(colours, rim & (difference <= _SHADING), paper) if is_card else None


def _spread(colours: np.ndarray, rim: np.ndarray, paper: np.ndarray) -> np.ndarray:
    """Return around the rim the mean of its nearby colours, so that shading goes on; far from it the paper's colour."""
    from scipy import ndimage

    window = max(3, max(rim.shape) // 8)
    weights = ndimage.uniform_filter(rim.astype(np.float32), window, mode="constant")
    sums = (
        ndimage.uniform_filter(np.where(rim, band, 0), window, mode="constant") for band in np.moveaxis(colours, 2, 0)
    )
    least = 1e-3 / window  # a rim across the window has a weight of 1 / window
    return np.dstack([(total + least * level) / (weights + least) for total, level in zip(sums, paper, strict=True)])


def _rescaled(values: np.ndarray) -> np.ndarray:
    """Scale finite 16-bit, 32-bit and float pixels to [0, 1].

    Cameras and scanners store 10, 12 or 14 bits in 16: white is the least of these depths that holds the pixels. Pixels
    that are negative, larger, or use little of their depth are stretched from the darkest to the lightest.
    """
    low, high = (float(value) for value in np.percentile(values, (_OUTLIERS, 100 - _OUTLIERS)))
    if high <= low:
        return np.zeros_like(values)
    white = next((white for white in (1, 255, 1023, 4095, 16383, 65535) if high <= white), 0)
    if low >= 0 and high - low >= _LEAST_RANGE * white > 0:
        return np.clip(values / white, 0, 1)
    return np.clip((values - low) / (high - low), 0, 1)


def _shrunk(grey: np.ndarray) -> np.ndarray:
    size = _working_size(*grey.shape[::-1])
    return grey if size == grey.shape[::-1] else np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX))


def _working_size(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, WORKING_SIZE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))

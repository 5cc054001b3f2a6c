"""Ink maps: grey images, white ink on black, extracted from a picture.

The paper's brightness is estimated and subtracted; what differs from it is ink.
"""

import numpy as np

from digitpad.core.ink import mnist_geometry
from digitpad.core.ink.mnist_geometry import DigitImage

# Ink must differ from paper by this fraction of the grey scale, and by this many times the paper's noise.
_MIN_CONTRAST = 0.08
_NOISE_MARGIN = 4.0
# A pixel with at least this much ink belongs to the drawing.
_OUTLINE = 0.2
# Parts smaller than this fraction of the largest are specks of dirt.
_SPECK = 0.01
# A part that covers this fraction of the picture's border is a desk or a shadow, not a stroke that ends there.
_EDGE_CONTACT = 0.08
# Ink this small (px) in a picture is a dot and is not enlarged.
_DOT = 3
# The 3rd and 99th percentile of MNIST's stroke widths (px in the 28x28 image); other widths are changed to the limit.
_MIN_WIDTH, _MAX_WIDTH = 1.6, 4.6
# The weights of red, green and blue in brightness, ITU-R BT.601; Pillow's mode L has the same.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# Longer side, px, at which stroke widths are measured and changed.
_MEASURING_SIZE = 160


def find_ink(picture: np.ndarray) -> np.ndarray:
    """Separate ink from paper.

    Parameters
    ----------
    picture
        float32 in [0, 1], (height, width) grey or (height, width, 3) sRGB; dark on light or light on dark.

    Returns
    -------
    np.ndarray
        (height, width) float32 in [0, 1]: 0 paper, 1 full ink. All zeros if there is no ink.

    """
    grey = picture if picture.ndim == 2 else picture @ _LUMA
    paper = float(np.median(_border(grey)))
    darker, lighter = np.clip(paper - grey, 0, None), np.clip(grey - paper, 0, None)
    signal = grey if (lighter**2).sum() > (darker**2).sum() else -grey
    above = signal - _fit_paper(signal)
    noise = 1.4826 * float(np.median(np.abs(above)))
    floor = max(_MIN_CONTRAST, _NOISE_MARGIN * noise)
    candidates = above[above > floor]
    if candidates.size == 0:
        return np.zeros_like(grey)
    full = max(float(np.percentile(candidates, 80)), floor * 1.25)
    low = min(3 * noise, full / 3)
    ink = np.clip((above - low) / (full - low), 0.0, 1.0).astype(np.float32)
    return _remove_specks(ink)


def digit_image(ink_map: np.ndarray) -> DigitImage:
    """Convert an ink map to MNIST's geometry.

    Parameters
    ----------
    ink_map
        (height, width) float in [0, 1], 1 full ink.

    Returns
    -------
    DigitImage
        The ink's box area-resampled so that its longer side is 20 px, proportions kept, centre of mass at index 14,
        brightest pixel 1. Strokes thinner or thicker than MNIST's are changed to MNIST's limits.

    """
    outline = ink_map >= _OUTLINE
    if not outline.any():
        return mnist_geometry.blank()
    columns, rows = np.flatnonzero(outline.any(axis=0)), np.flatnonzero(outline.any(axis=1))
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    longer = max(right - left, bottom - top)
    crop = ink_map[top:bottom, left:right].astype(np.float64)
    if longer > _DOT:
        crop = _limit_stroke_width(crop)
    scale = mnist_geometry.BOX / max(crop.shape) if longer > _DOT else 1.0
    height, width = crop.shape[0] * scale, crop.shape[1] * scale
    x, y = mnist_geometry.box_offset(width, height)
    boxed = _area_weights(crop.shape[0], scale, y) @ crop @ _area_weights(crop.shape[1], scale, x).T
    return mnist_geometry.finish(boxed, (left, top, right, bottom))


def connected_parts(ink_map: np.ndarray) -> tuple[np.ndarray, dict[int, tuple[float, float, float, float]]]:
    """Find the connected parts of an ink map.

    Returns
    -------
    labels
        (height, width) int32; 0 outside. A part includes its soft edge.
    boxes
        Left, top, right, bottom of each label, px.

    """
    from scipy import ndimage

    labels = _label_parts(ink_map)
    spread = ndimage.grey_dilation(labels, size=(3, 3))
    boxes = {
        label: (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        for label, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1)
    }
    return np.where(labels > 0, labels, spread), boxes


def _label_parts(ink_map: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    labels = np.empty(ink_map.shape, np.int32)
    ndimage.label(ink_map >= _OUTLINE, structure=np.ones((3, 3)), output=labels)
    return labels


def _border(grey: np.ndarray) -> np.ndarray:
    edge = max(1, min(grey.shape) // 20)
    sides = grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:]
    return np.concatenate([side.ravel() for side in sides])


def _fit_paper(signal: np.ndarray) -> np.ndarray:
    """Fit a quadratic surface to the paper's brightness, with ink, which is brighter, excluded iteratively."""
    height, width = signal.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].reshape(2, -1)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    values = signal.ravel().astype(np.float64)
    sample = np.arange(0, values.size, max(1, values.size // 8000))
    paper = values[sample] <= np.median(values[sample]) + _MIN_CONTRAST
    surface = np.full_like(values, np.median(values))
    for _ in range(4):
        chosen = sample[paper]
        if chosen.size < 50:
            break
        surface = terms @ np.linalg.lstsq(terms[chosen], values[chosen], rcond=None)[0]
        residual = values[sample] - surface[sample]
        spread = 1.4826 * np.median(np.abs(residual[paper]))
        paper = np.abs(residual) <= max(3 * spread, _MIN_CONTRAST / 4)
    return surface.reshape(height, width)


def _remove_specks(ink: np.ndarray) -> np.ndarray:
    """Remove dust, and parts along the picture's border if there is a large part away from it."""
    from scipy import ndimage

    labels = _label_parts(ink)
    count = int(labels.max())
    if count < 2:
        return ink
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    contact = np.bincount(border, minlength=count + 1)
    at_edge = np.flatnonzero(contact >= _EDGE_CONTACT * border.size)
    clear = np.setdiff1d(np.flatnonzero(areas), at_edge)
    candidates = areas.copy()
    if clear.size and areas[clear].max() >= 0.1 * areas.max():
        candidates[at_edge] = 0
    keep = candidates >= max(2.0, _SPECK * candidates.max())
    # A soft edge belongs to the part it surrounds.
    near = ndimage.grey_dilation(np.where(keep, 1, 0)[labels], size=(5, 5)).astype(bool)
    return np.where(near & ~((labels > 0) & ~keep[labels]), ink, 0).astype(np.float32)


def _limit_stroke_width(crop: np.ndarray) -> np.ndarray:
    """Change strokes outside MNIST's range of widths to its limit; return others unchanged."""
    from PIL import Image

    zoom = _MEASURING_SIZE / max(crop.shape)
    size = max(1, round(crop.shape[1] * zoom)), max(1, round(crop.shape[0] * zoom))
    large = np.asarray(Image.fromarray(crop.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
    solid = np.pad(large >= 0.5, 1)
    distance = _distance_to_edge(solid)
    if not solid.any():
        return crop
    # The width of a bar is four times the mean distance to its edge; distances are half a pixel too long.
    pixel = _MEASURING_SIZE / mnist_geometry.BOX
    width = (4 * float(distance[solid].mean()) - 1) / pixel
    new_width = min(max(width, _MIN_WIDTH), _MAX_WIDTH)
    if new_width == width or _is_blot(solid, width):
        return crop
    change = (new_width - width) / 2 * pixel
    margin = int(np.ceil(max(change, 0))) + 1
    solid = np.pad(solid, margin)
    signed = _distance_to_edge(~solid) - _distance_to_edge(solid)
    result = np.clip(0.5 + change - signed, 0.0, 1.0)
    rows, columns = np.flatnonzero(result.any(axis=1)), np.flatnonzero(result.any(axis=0))
    return result[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else crop


def _distance_to_edge(solid: np.ndarray) -> np.ndarray:
    """Return the distance of each solid pixel to the nearest other pixel, px; 0 outside."""
    from scipy import ndimage

    return np.asarray(ndimage.distance_transform_edt(solid))


def _is_blot(solid: np.ndarray, width: float) -> bool:
    """Return whether the shape has no strokes: a filled square, a blob."""
    return width > mnist_geometry.BOX / 3 or bool(solid.mean() > 0.8)


def _area_weights(count: int, scale: float, offset: float) -> np.ndarray:
    """Return (28, count): the overlap of each scaled and moved source pixel with each image pixel (area mean)."""
    starts = offset + scale * np.arange(count)
    edges = np.arange(mnist_geometry.SIZE)[:, None]
    overlap = np.minimum(starts + scale, edges + 1) - np.maximum(starts, edges)
    return np.clip(overlap, 0.0, None)

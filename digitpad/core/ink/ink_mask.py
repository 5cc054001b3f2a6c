"""Ink maps, grey images with white ink on black: their digit image, and their connected parts."""

import numpy as np

from digitpad.core.ink import mnist_geometry
from digitpad.core.ink.mnist_geometry import DigitImage

# A pixel with at least this much ink belongs to the drawing.
_OUTLINE = 0.2
# Ink this small (px) in a picture is a dot and is not enlarged.
_DOT = 3
# The 3rd and 99th percentile of MNIST's stroke widths (px in the 28x28 image); other widths are changed to the limit.
_MIN_WIDTH, _MAX_WIDTH = 1.6, 4.6
# Longer side, px, at which stroke widths are measured and changed.
_MEASURING_SIZE = 160
# At that size, strokes are compared with the strongest ink within this distance, px, but not with less than this.
_NEARBY = 24
PALEST = 0.4


def digit_image(ink_map: np.ndarray, palest: float = PALEST) -> DigitImage:
    """Convert an ink map to MNIST's geometry.

    Parameters
    ----------
    ink_map
        (height, width) float in [0, 1], 1 full ink.
    palest
        Where strokes are changed, ink is what has half the ink nearby, but at least half of this, in (0, 1].

    Returns
    -------
    DigitImage
        The ink's box area-resampled so that its longer side is 20 px, proportions kept, centre of mass at index 14,
        brightest pixel 1. Strokes thinner or thicker than MNIST's are changed to MNIST's limits.

    """
    bounds = _bounds(ink_map)
    if bounds is None:
        return mnist_geometry.blank()
    left, top, right, bottom = bounds
    longer = max(right - left, bottom - top)
    crop = ink_map[top:bottom, left:right].astype(np.float64)
    if longer > _DOT:
        crop = _limit_stroke_width(crop, palest)
    scale = mnist_geometry.BOX / max(crop.shape) if longer > _DOT else 1.0
    height, width = crop.shape[0] * scale, crop.shape[1] * scale
    x, y = mnist_geometry.box_offset(width, height)
    boxed = _area_weights(crop.shape[0], scale, y) @ crop @ _area_weights(crop.shape[1], scale, x).T
    return mnist_geometry.finish(boxed, (left, top, right, bottom))


def cropped(ink_map: np.ndarray) -> np.ndarray:
    """Crop an ink map, see `digit_image`, to a square around its ink; return it area-resampled, (28, 28) float64.

    The ink's longer side fills the image, and its middle is the image's. Strokes are as wide and as pale as they were.
    """
    bounds = _bounds(ink_map)
    if bounds is None:
        return np.zeros((mnist_geometry.SIZE, mnist_geometry.SIZE))
    left, top, right, bottom = bounds
    scale = mnist_geometry.SIZE / max(right - left, bottom - top)
    x, y = (mnist_geometry.SIZE - scale * (right - left)) / 2, (mnist_geometry.SIZE - scale * (bottom - top)) / 2
    crop = ink_map[top:bottom, left:right].astype(np.float64)
    return _area_weights(len(crop), scale, y) @ crop @ _area_weights(crop.shape[1], scale, x).T


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

    labels = label_parts(ink_map >= _OUTLINE)
    spread = ndimage.grey_dilation(labels, size=(3, 3))
    boxes = {
        label: (float(columns.start), float(rows.start), float(columns.stop), float(rows.stop))
        for label, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1)
    }
    return np.where(labels > 0, labels, spread), boxes


def label_parts(mask: np.ndarray) -> np.ndarray:
    """Number the connected parts of a mask, diagonal neighbours included, from 1; 0 outside, int32 of its shape."""
    from scipy import ndimage

    labels = np.empty(mask.shape, np.int32)
    ndimage.label(mask, structure=np.ones((3, 3)), output=labels)
    return labels


def _bounds(ink_map: np.ndarray) -> tuple[int, int, int, int] | None:
    """Return left, top, right and bottom of the ink, px; None if there is none."""
    outline = ink_map >= _OUTLINE
    if not outline.any():
        return None
    columns, rows = np.flatnonzero(outline.any(axis=0)), np.flatnonzero(outline.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _limit_stroke_width(crop: np.ndarray, palest: float) -> np.ndarray:
    """Change strokes outside MNIST's range of widths to its limit; return others unchanged."""
    from PIL import Image
    from scipy import ndimage

    zoom = _MEASURING_SIZE / max(crop.shape)
    size = max(1, round(crop.shape[1] * zoom)), max(1, round(crop.shape[0] * zoom))
    large = np.asarray(Image.fromarray(crop.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
    # Half the ink nearby: where a pen or the light is weak, a stroke is pale.
    nearby = ndimage.maximum_filter(large, size=_NEARBY)
    solid = np.pad(large >= 0.5 * np.maximum(nearby, palest), 1)
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

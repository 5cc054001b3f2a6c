"""Ink maps: grey images, white ink on black, as found in a picture.

The paper is found and levelled, and what differs from it is ink. An ink map goes to MNIST's geometry as strokes do.
"""

import numpy as np

from digitpad.core.ink import mnist_geometry
from digitpad.core.ink.mnist_geometry import DigitImage

# Ink must differ from paper by this share of the grey scale, and by this many times the paper's noise.
_LEAST_CONTRAST = 0.08
_NOISE_MARGIN = 4.0
# A pixel with at least this much ink belongs to the drawing's outline.
_OUTLINE = 0.2
# Parts smaller than this share of the largest are specks of dirt.
_SPECK = 0.01
# Parts that lie along this share of the picture's border are a desk or a shadow rather than a stroke that ends there.
_EDGE_CONTACT = 0.08
# Ink this small (px) in a picture is a dot, and is not blown up.
_DOT = 3
# Stroke widths (px in the 28x28 image) between the 3rd and 99th percentile of MNIST's; others are mended to the limit.
_THINNEST, _THICKEST = 1.6, 4.6
# Width, in px of the longer side, at which strokes are measured and mended.
_MENDING_SIZE = 160


def find_ink(grey: np.ndarray) -> np.ndarray:
    """Tell ink from paper.

    Parameters
    ----------
    grey
        (height, width) float32 in [0, 1]; dark on light or light on dark.

    Returns
    -------
    np.ndarray
        (height, width) float32 in [0, 1]: 0 paper, 1 full ink. All zeros where nothing stands out.

    """
    paper = float(np.median(_border(grey)))
    darker, lighter = np.clip(paper - grey, 0, None), np.clip(grey - paper, 0, None)
    signal = grey if (lighter**2).sum() > (darker**2).sum() else -grey
    above = signal - _level(signal)
    noise = 1.4826 * float(np.median(np.abs(above)))
    floor = max(_LEAST_CONTRAST, _NOISE_MARGIN * noise)
    candidates = above[above > floor]
    if candidates.size == 0:
        return np.zeros_like(grey)
    full = max(float(np.percentile(candidates, 80)), floor * 1.25)
    low = min(3 * noise, full / 3)
    ink = np.clip((above - low) / (full - low), 0.0, 1.0).astype(np.float32)
    return _without_specks(ink)


def digit_image(ink_map: np.ndarray) -> DigitImage:
    """Put an ink map into MNIST's geometry.

    Parameters
    ----------
    ink_map
        (height, width) float in [0, 1], 1 where there is ink.

    Returns
    -------
    DigitImage
        The ink's box area-resampled so that its longer side is 20 px, proportions kept, centre of mass at index 14,
        brightest pixel 1. Strokes thinner or thicker than MNIST ever has are brought to its limits.

    """
    outline = ink_map >= _OUTLINE
    if not outline.any():
        return mnist_geometry.blank()
    columns, rows = np.flatnonzero(outline.any(axis=0)), np.flatnonzero(outline.any(axis=1))
    left, right, top, bottom = int(columns[0]), int(columns[-1]) + 1, int(rows[0]), int(rows[-1]) + 1
    longer = max(right - left, bottom - top)
    crop = ink_map[top:bottom, left:right].astype(np.float64)
    if longer > _DOT:
        crop = _mended(crop)
    scale = mnist_geometry.BOX / max(crop.shape) if longer > _DOT else 1.0
    height, width = crop.shape[0] * scale, crop.shape[1] * scale
    x, y = mnist_geometry.box_offset(width, height)
    boxed = _overlaps(crop.shape[0], scale, y) @ crop @ _overlaps(crop.shape[1], scale, x).T
    return mnist_geometry.finish(boxed, (left, top, right, bottom))


def connected_parts(ink_map: np.ndarray) -> tuple[np.ndarray, dict[int, tuple[float, float, float, float]]]:
    """Find the parts of an ink map that hang together.

    Returns
    -------
    labels
        (height, width) int32; 0 where there is no part. The soft edge of a part is of that part.
    boxes
        Left, top, right, bottom of each label, px.

    """
    from scipy import ndimage

    labels = _labelled(ink_map)
    found = ndimage.find_objects(labels)
    spread = ndimage.grey_dilation(labels, size=(3, 3))
    boxes = {
        number: (float(across.start), float(down.start), float(across.stop), float(down.stop))
        for number, (down, across) in enumerate(found, start=1)
    }
    return np.where(labels > 0, labels, spread), boxes


def _labelled(ink_map: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    labels = np.empty(ink_map.shape, np.int32)
    ndimage.label(ink_map >= _OUTLINE, structure=np.ones((3, 3)), output=labels)
    return labels


def _border(grey: np.ndarray) -> np.ndarray:
    edge = max(1, min(grey.shape) // 20)
    sides = grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:]
    return np.concatenate([side.ravel() for side in sides])


def _level(signal: np.ndarray) -> np.ndarray:
    """Fit the paper's brightness, ink being brighter than paper: a quadratic surface, ink left out in rounds."""
    height, width = signal.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].reshape(2, -1)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    values = signal.ravel().astype(np.float64)
    sample = np.arange(0, values.size, max(1, values.size // 8000))
    paper = values[sample] <= np.median(values[sample]) + _LEAST_CONTRAST
    surface = np.full_like(values, np.median(values))
    for _ in range(4):
        chosen = sample[paper]
        if chosen.size < 50:
            break
        surface = terms @ np.linalg.lstsq(terms[chosen], values[chosen], rcond=None)[0]
        rest = values[sample] - surface[sample]
        spread = 1.4826 * np.median(np.abs(rest[paper]))
        paper = np.abs(rest) <= max(3 * spread, _LEAST_CONTRAST / 4)
    return surface.reshape(height, width)


def _without_specks(ink: np.ndarray) -> np.ndarray:
    """Remove dust, and what lies along the picture's border where something else stands clear of it."""
    from scipy import ndimage

    labels = _labelled(ink)
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
    # Soft edges belong to the part they surround.
    near = ndimage.grey_dilation(np.where(keep, 1, 0)[labels], size=(5, 5)).astype(bool)
    return np.where(near & ~((labels > 0) & ~keep[labels]), ink, 0).astype(np.float32)


def _mended(crop: np.ndarray) -> np.ndarray:
    """Bring strokes beyond MNIST's range of widths to its limit; leave others as they are."""
    from PIL import Image

    zoom = _MENDING_SIZE / max(crop.shape)
    size = max(1, round(crop.shape[1] * zoom)), max(1, round(crop.shape[0] * zoom))
    large = np.asarray(Image.fromarray(crop.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
    solid = np.pad(large >= 0.5, 1)
    within = _distance_to_edge(solid)
    if not solid.any():
        return crop
    # Four times the mean distance to the edge is the width of a bar; half a pixel is the edge's own.
    pixel = _MENDING_SIZE / mnist_geometry.BOX
    width = (4 * float(within[solid].mean()) - 1) / pixel
    wanted = min(max(width, _THINNEST), _THICKEST)
    if wanted == width or _is_blot(solid, width):
        return crop
    change = (wanted - width) / 2 * pixel
    margin = int(np.ceil(max(change, 0))) + 1
    solid = np.pad(solid, margin)
    signed = _distance_to_edge(~solid) - _distance_to_edge(solid)
    mended = np.clip(0.5 + change - signed, 0.0, 1.0)
    rows, columns = np.flatnonzero(mended.any(axis=1)), np.flatnonzero(mended.any(axis=0))
    return mended[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if rows.size else crop


def _distance_to_edge(solid: np.ndarray) -> np.ndarray:
    """Return how far each solid pixel is from the nearest that is not, px; 0 outside."""
    from scipy import ndimage

    return np.asarray(ndimage.distance_transform_edt(solid))


def _is_blot(solid: np.ndarray, width: float) -> bool:
    """Tell whether the shape has no strokes to speak of: a filled square, a blob."""
    return width > mnist_geometry.BOX / 3 or bool(solid.mean() > 0.8)


def _overlaps(count: int, scale: float, offset: float) -> np.ndarray:
    """Return (28, count): how much of each source pixel, scaled and moved, lies on each image pixel (area mean)."""
    starts = offset + scale * np.arange(count)
    edges = np.arange(mnist_geometry.SIZE)[:, None]
    overlap = np.minimum(starts + scale, edges + 1) - np.maximum(starts, edges)
    return np.clip(overlap, 0.0, None)

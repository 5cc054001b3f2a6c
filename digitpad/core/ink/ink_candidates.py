"""Ink in pictures: several ink maps of a picture, each for another assumption about light, paper and dirt.

No single rule finds the ink in every photo: ink is darker or lighter than its paper, the light is even or not, and what
touches the border is a digit or a desk. Each candidate is what would be the ink under one such assumption;
`digitpad.core.detection.ink_finder` chooses the one that looks most like digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from digitpad.core.ink.ink_mask import label_parts
from digitpad.core.ink.paper_lines import find_lines

# The weights of red, green and blue in brightness, ITU-R BT.601; Pillow's mode L has the same.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
# Ink must differ from paper by this fraction of the grey scale, and by this many times the paper's noise.
_MIN_CONTRAST = 0.08
_NOISE_MARGIN = 4.0
# The same in a picture that was smoothed to suppress its noise.
_MIN_SMOOTH_CONTRAST = 0.03
_SMOOTH_MARGIN = 6.0
_SMOOTHING = 1.2  # standard deviation, px
# A pixel with at least this much of the usual ink belongs to a part.
_OUTLINE = 0.2
# A part with less than this share of the usual ink everywhere is no ink.
_PALE = 0.35
# Parts smaller than this fraction of the largest are specks of dirt.
_SPECK = 0.01
# A part that covers this fraction of the picture's border is more likely a desk or a shadow than a stroke.
_EDGE_CONTACT = 0.08
# Less than this fraction of the strokes is a remnant.
_REMNANT = 0.4
# A part along the border that is thinner than this fraction of the longer side is the end of something outside.
_SLIVER = 0.02
# Strokes are thinner than these fractions of the longer side: what is wider is paper, shadow or desk.
_STROKE_WIDTHS = (1 / 12, 1 / 5)
# Darker paper counts as this bright, so that the noise of black areas is not enlarged.
_DARKEST_PAPER = 0.15
# The weight of a candidate without the parts beside the largest: for one digit only, never for a row.
_NEIGHBOURS_LEFT_OUT = 0.7
# No more parts than this, the largest, are tried as frames.
_MAX_FRAMES = 60
# The sides of boxes are at most this wide, per height.
_UPRIGHT = 0.25
# Parts this near to the largest, per its size, belong to it.
_NEAR = 0.25
# The paper's brightness is fitted to about so many pixels.
_SAMPLE = 4000


@dataclass(frozen=True, slots=True, eq=False)
class InkCandidate:
    """What may be the ink of a picture.

    Attributes
    ----------
    ink
        (height, width) float32 in [0, 1]: 0 paper, 1 full ink.
    weight
        How well it is founded, in (0, 1]: less if parts were left out.
    light
        The name of the assumption about the light.
    is_for_rows
        Whether it may be a row: no parts beside the largest were left out.

    """

    ink: np.ndarray
    weight: float
    light: str
    is_for_rows: bool


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """One assumption about the light, the paper and the colour of the ink.

    Attributes
    ----------
    name
        What is assumed, in words.
    weight
        How well the assumption is founded, in (0, 1].
    contrast
        (height, width) float: how much each pixel differs from its paper, positive for ink.
    is_smooth
        Whether the picture's noise was smoothed, so that fainter ink can be told from it.

    """

    name: str
    weight: float
    contrast: np.ndarray
    is_smooth: bool = False

    def candidates(self) -> Iterator[InkCandidate]:
        """Yield what may be the ink: all parts, then some of them."""
        parts = _parts_of(self)
        if parts.labels.any():
            for share, ink in _selections(parts):
                yield InkCandidate(ink, self.weight * share, self.name, share != _NEIGHBOURS_LEFT_OUT)


def lights(picture: np.ndarray) -> Iterator[Light]:
    """Yield the assumptions under which ink is looked for, the most likely first.

    Parameters
    ----------
    picture
        float32 in [0, 1], (height, width) grey or (height, width, 3) sRGB; dark on light or light on dark.

    """
    from scipy import ndimage

    grey = picture if picture.ndim == 2 else picture @ _LUMA
    paper = float(np.median(_border(grey)))
    darker, lighter = np.clip(paper - grey, 0, None), np.clip(grey - paper, 0, None)
    is_light = bool((lighter**2).sum() > (darker**2).sum())
    narrow, wide = (max(3, round(share * max(grey.shape))) for share in _STROKE_WIDTHS)
    yield Light("even light", 1.0, _above_surface(grey if is_light else -grey))
    yield _strokes(grey, narrow, 0.85, is_light=is_light)
    if picture.ndim == 3:
        yield Light("other colour", 0.9, _above_surface(_chroma(picture)))
    yield _strokes(grey, narrow, 0.85, is_light=not is_light)
    yield Light("even light, inverted", 1.0, _above_surface(-grey if is_light else grey))
    for side in (is_light, not is_light):
        strokes = _strokes(grey, wide, 1.0, is_light=side)
        yield replace(strokes, name=f"wide {strokes.name}")
    smooth = ndimage.gaussian_filter(grey, _SMOOTHING)
    for side in (is_light, not is_light):
        strokes = _strokes(smooth, narrow, 0.5, is_light=side)
        yield replace(strokes, name=f"faint {strokes.name}", is_smooth=True)


def _strokes(grey: np.ndarray, width: int, weight: float, *, is_light: bool) -> Light:
    """Return how much strokes narrower than `width`, px, differ from the paper beside them: the top-hat transform.

    Dark strokes differ by a share: in a shadow they are as strong as elsewhere, because ink reflects a share of the
    light that falls on the paper.
    """
    from scipy import ndimage

    if is_light:
        paper = ndimage.grey_opening(grey, size=(width, width))
        return Light("light strokes", weight, grey - paper)
    paper = ndimage.grey_closing(grey, size=(width, width))
    return Light("dark strokes", weight, (paper - grey) / np.maximum(paper, _DARKEST_PAPER))


def _chroma(picture: np.ndarray) -> np.ndarray:
    """Return how far the colour of each pixel is from the paper's towards the ink's, (height, width).

    Brightness does not count, so neither do shadows: the differences are taken at right angles to the paper's colour,
    and along their main direction.
    """
    paper = np.median(_border(picture), axis=0)
    away = (picture - paper).reshape(-1, 3)
    length = float(np.linalg.norm(paper))
    axis = paper / length if length > _DARKEST_PAPER else np.full(3, 3**-0.5)
    away -= np.outer(away @ axis, axis)
    sizes = np.einsum("ij,ij->i", away, away)
    strong = away[sizes >= max(_MIN_CONTRAST**2, float(np.percentile(sizes, 90)))]
    if not len(strong):
        return np.zeros(picture.shape[:2], np.float32)
    direction = np.linalg.eigh(strong.T @ strong)[1][:, -1]
    if (strong @ direction).sum() < 0:
        direction = -direction
    return (away @ direction).reshape(picture.shape[:2]).astype(np.float32)


def _above_surface(signal: np.ndarray) -> np.ndarray:
    """Return a signal less a quadratic surface fitted to the paper, with ink, which is brighter, excluded."""
    height, width = signal.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    values = signal.ravel()
    sample = np.s_[:: max(1, values.size // _SAMPLE)]
    some_terms, some_values = terms[sample], values[sample]
    paper = some_values <= np.median(some_values) + _MIN_CONTRAST
    surface = np.full(6, np.median(some_values)) * [1, 0, 0, 0, 0, 0]
    for _ in range(4):
        if paper.sum() < 50:
            break
        chosen = some_terms[paper].astype(np.float64)
        surface = np.linalg.lstsq(chosen.T @ chosen, chosen.T @ some_values[paper], rcond=None)[0]
        residual = some_values - some_terms @ surface
        spread = 1.4826 * np.median(np.abs(residual[paper]))
        paper = np.abs(residual) <= max(3 * spread, _MIN_CONTRAST / 4)
    return signal - (terms @ surface.astype(np.float32)).reshape(height, width)


def _border(grey: np.ndarray) -> np.ndarray:
    edge = max(1, min(grey.shape) // 20)
    sides = grey[:edge], grey[-edge:], grey[:, :edge], grey[:, -edge:]
    return np.concatenate([side.reshape(-1, *grey.shape[2:]) for side in sides])


def _parts_of(light: Light) -> "_Parts":
    contrast = light.contrast - np.median(light.contrast)
    noise = 1.4826 * float(np.median(np.abs(contrast)))
    margin, least = (_SMOOTH_MARGIN, _MIN_SMOOTH_CONTRAST) if light.is_smooth else (_NOISE_MARGIN, _MIN_CONTRAST)
    floor = max(least, margin * noise)
    strong = contrast[contrast > floor]
    low, full = _levels(strong, noise, floor) if strong.size else (0.0, np.inf)
    return _Parts(contrast, noise, floor, contrast >= min(low + _OUTLINE * (full - low), floor))


def _levels(strong: np.ndarray, noise: float, floor: float) -> tuple[float, float]:
    """Return the contrasts that are no ink and full ink, from those of the ink."""
    full = max(float(np.percentile(strong, 80)), floor * 1.25)
    return min(3 * noise, full / 3), full


class _Parts:
    """The connected parts of a mask of ink; index 0 of each array is the paper.

    `noise` is the standard deviation of the paper's contrast, `floor` the least contrast of ink.
    """

    def __init__(self, contrast: np.ndarray, noise: float, floor: float, mask: np.ndarray) -> None:
        from scipy import ndimage

        self.contrast, self._noise, self._floor = contrast, noise, floor
        self.labels = label_parts(mask)
        count = int(self.labels.max())
        self.areas = np.bincount(self.labels.ravel(), minlength=count + 1)
        self.areas[0] = 0
        strong = np.bincount(self.labels[self.contrast > self._floor], minlength=count + 1)
        self.is_real = (self.areas > 1) & (strong > 0)
        boxes = [(0, 0, 0, 0), *((c.start, r.start, c.stop, r.stop) for r, c in ndimage.find_objects(self.labels))]
        self.boxes = np.array(boxes)  # left, top, right, bottom
        border = self.labels[0], self.labels[-1], self.labels[:, 0], self.labels[:, -1]
        self.contact = np.bincount(np.concatenate(border), minlength=count + 1) / sum(map(len, border))
        self.contact[0] = 0

    def without(self, removed: np.ndarray) -> "_Parts":
        """Return the parts without some pixels, (height, width) bool."""
        contrast = np.where(removed, 0, self.contrast)
        return _Parts(contrast, self._noise, self._floor, (self.labels > 0) & ~removed)

    def ink(self, kept: np.ndarray) -> np.ndarray | None:
        """Return the ink of some parts, (count + 1) bool, with their soft edges; None if they have none."""
        from scipy import ndimage

        areas = np.where(kept & self.is_real, self.areas, 0)
        chosen = (areas >= max(2.0, _SPECK * areas.max()))[self.labels]
        strong = self.contrast[chosen & (self.contrast > self._floor)]
        if not strong.size:
            return None
        low, full = _levels(strong, self._noise, self._floor)
        # Writing that shines through from the other side of the paper is paler than ink.
        strength = np.bincount(self.labels[self.contrast > low + _PALE * (full - low)], minlength=len(areas))
        chosen &= (strength > 0)[self.labels]
        ink = np.clip((self.contrast - low) / (full - low), 0.0, 1.0)
        near = ndimage.maximum_filter(chosen.astype(np.uint8), size=5)
        return np.where((near > 0) & (chosen | (self.labels == 0)), ink, 0).astype(np.float32)

    @cached_property
    def sizes(self) -> np.ndarray:
        """Width and height of each part, (count + 1, 2), px."""
        return self.boxes[:, 2:] - self.boxes[:, :2]


def _selections(parts: _Parts) -> Iterator[tuple[float, np.ndarray]]:
    """Yield ink maps of some of the parts, and the weight of each, without repetition."""
    seen = set()
    kept = parts.is_real & ~_slivers(parts)
    for weight, chosen in _choices(parts, kept):
        if chosen.any() and (key := chosen.tobytes()) not in seen:
            seen.add(key)
            if (ink := parts.ink(chosen)) is not None:
                yield weight, ink
    lines = find_lines(parts.labels > 0)
    if lines is not None:
        rest = parts.without(lines)
        kept = rest.is_real & (rest.contact == 0) & ~_uprights(rest, lines)
        if (ink := rest.ink(kept)) is not None:
            yield 0.9, ink


def _choices(parts: _Parts, kept: np.ndarray) -> Iterator[tuple[float, np.ndarray]]:
    heavy, touching = kept & (parts.contact >= _EDGE_CONTACT), kept & (parts.contact > 0)
    # What lies around all others may be a 0 or a frame; beside the others it is a desk, a shadow or a finger.
    yield (0.6 if _have_others_beside(parts, heavy, kept) else 1.0), kept
    yield 0.9, kept & ~heavy
    # In a narrow crop most of the ink touches the border: what does not would be a remnant.
    if parts.areas[kept & ~touching].sum() >= _REMNANT * parts.areas[kept & ~heavy].sum():
        yield 0.8, kept & ~touching
    yield 0.8, kept & ~_frames(parts, kept)
    yield _NEIGHBOURS_LEFT_OUT, _near_largest(parts, kept & ~touching)
    yield 0.75, _row_of_largest(parts, kept & ~heavy)


def _have_others_beside(parts: _Parts, some: np.ndarray, kept: np.ndarray) -> bool:
    """Return whether other parts are not inside the box around some parts."""
    if not some.any():
        return False
    left, top = parts.boxes[some, :2].min(axis=0)
    right, bottom = parts.boxes[some, 2:].max(axis=0)
    others = parts.boxes[kept & ~some]
    inside = (others[:, 0] >= left) & (others[:, 1] >= top) & (others[:, 2] <= right) & (others[:, 3] <= bottom)
    return bool((~inside).any())


def _slivers(parts: _Parts) -> np.ndarray:
    """Return which parts are thin and lie along the border, unless the largest one does."""
    height, width = parts.labels.shape
    thin = parts.sizes <= max(2, round(_SLIVER * max(height, width)))
    left, top, right, bottom = parts.boxes.T
    slivers = thin[:, 0] & ((left == 0) | (right == width)) | thin[:, 1] & ((top == 0) | (bottom == height))
    areas = np.where(parts.is_real, parts.areas, 0)
    is_all = not areas.any() or areas[slivers].max(initial=0) == areas.max()
    return np.zeros_like(slivers) if is_all else slivers


def _frames(parts: _Parts, kept: np.ndarray) -> np.ndarray:
    """Return which parts have another part of at least a fifth of their height inside."""
    left, top, right, bottom = parts.boxes.T
    frames = np.zeros(len(kept), bool)
    largest = np.argsort(-parts.sizes.prod(axis=1))[:_MAX_FRAMES]
    for number in largest[kept[largest]]:
        inside = (left > left[number]) & (top > top[number]) & (right < right[number]) & (bottom < bottom[number])
        frames[number] = bool((inside & kept & (parts.sizes[:, 1] >= 0.2 * parts.sizes[number, 1])).any())
    return frames


def _uprights(parts: _Parts, lines: np.ndarray) -> np.ndarray:
    """Return which parts are narrow and reach from one removed line to another: the sides of boxes."""
    from scipy import ndimage

    near = ndimage.maximum_filter(lines, size=5)
    uprights = parts.sizes[:, 0] <= _UPRIGHT * parts.sizes[:, 1]
    for number in np.flatnonzero(uprights):
        left, top, right, bottom = parts.boxes[number]
        uprights[number] = bool(near[top, left:right].any() and near[bottom - 1, left:right].any())
    return uprights


def _row_of_largest(parts: _Parts, kept: np.ndarray) -> np.ndarray:
    """Return which parts are beside the largest one: without lines above and below, titles and buttons."""
    largest = int(np.where(kept, parts.areas, 0).argmax())
    _, top, _, bottom = parts.boxes.T
    overlap = np.minimum(bottom, bottom[largest]) - np.maximum(top, top[largest])
    return kept & (overlap >= 0.5 * np.minimum(parts.sizes[:, 1], parts.sizes[largest, 1]))


def _near_largest(parts: _Parts, kept: np.ndarray) -> np.ndarray:
    """Return which of the parts kept are the largest or near it; none if others are large too: they may be digits."""
    if not kept.any():
        return kept
    largest = int(np.where(kept, parts.areas, 0).argmax())
    left, top, right, bottom = parts.boxes.T
    across = np.maximum(left[largest] - right, left - right[largest])
    down = np.maximum(top[largest] - bottom, top - bottom[largest])
    near = kept & (np.maximum(across, down) <= _NEAR * parts.sizes[largest].max())
    others = kept & ~near
    return near & (parts.sizes[others, 1].max(initial=0) < 0.5 * parts.sizes[largest, 1])

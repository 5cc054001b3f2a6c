"""Light and shadow on a picture."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from photos.surfaces import LIGHT_GRID, enlarged, grid
from photos.writing import Rng, Size


def _step(distance: np.ndarray, softness: float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(distance / softness, -40, 40)))


def _blurred_shape(size: Size, polygon: list[tuple[float, float]], softness: float) -> np.ndarray:
    """Return 1 inside a polygon in the unit square, 0 outside, with an edge of this softness; on the coarse grid."""
    rows, columns = grid(size)[0].shape
    image = Image.new("L", (columns, rows))
    ImageDraw.Draw(image).polygon([(px * columns, py * rows) for px, py in polygon], fill=255)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(softness * LIGHT_GRID)), np.float32) / 255


def _turned(polygon: np.ndarray, rng: Rng) -> list[tuple[float, float]]:
    """Turn a polygon in the unit square by a multiple of 90 degrees, mirrored at random."""
    for _ in range(int(rng.integers(4))):
        polygon = np.stack([1 - polygon[:, 1], polygon[:, 0]], axis=1)
    if rng.random() < 0.5:
        polygon = polygon * (-1, 1) + (1, 0)
    return [(float(px), float(py)) for px, py in polygon]


def hand_shadow(size: Size, rng: Rng) -> np.ndarray:
    """Shadow of a hand or head: a round soft shape from one side."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radius = 1 + 0.25 * np.sin(angle * 2 + rng.uniform(0, 6)) + 0.12 * np.sin(angle * 5 + rng.uniform(0, 6))
    shape = np.stack(
        [np.cos(angle) * radius * rng.uniform(0.2, 0.5), np.sin(angle) * radius * rng.uniform(0.3, 0.7)], 1
    )
    shadow = _blurred_shape(
        size, _turned(shape + np.array((rng.uniform(0, 1), rng.uniform(0.75, 1.1))), rng), rng.uniform(0.01, 0.06)
    )
    return 1 - rng.uniform(0.25, 0.6) * shadow


def phone_shadow(size: Size, rng: Rng) -> np.ndarray:
    """Shadow of a phone and the arm that holds it: a rectangle with rather sharp edges."""
    left, width, top = rng.uniform(0.0, 0.7), rng.uniform(0.25, 0.6), rng.uniform(0.1, 0.7)
    lean = rng.uniform(-0.2, 0.2)
    shape = np.array([[left, top], [left + width, top + lean * 0.3], [left + width + lean, 1.2], [left + lean, 1.2]])
    shadow = _blurred_shape(size, _turned(shape, rng), rng.uniform(0.004, 0.03))
    return 1 - rng.uniform(0.25, 0.6) * shadow


def corner_shadow(size: Size, rng: Rng) -> np.ndarray:
    """Shadow over a corner or half of the page, with a straight edge."""
    x, y = grid(size)
    angle = rng.uniform(0, 2 * np.pi)
    distance = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) - rng.uniform(-0.05, 0.4)
    return 1 - rng.uniform(0.3, 0.8) * _step(distance, rng.uniform(0.006, 0.08))


def vignette(size: Size, rng: Rng) -> np.ndarray:
    """Light that falls off towards the corners."""
    x, y = grid(size)
    squared_distance = (x - rng.normal(0.5, 0.08)) ** 2 + (y - rng.normal(0.5, 0.08)) ** 2
    return 1 - rng.uniform(0.4, 1.1) * squared_distance.clip(0, 0.6)


def sun_patch(size: Size, rng: Rng) -> np.ndarray:
    """Patch of sun from a window, sharp-edged; the rest of the page is darker."""
    left, top = rng.uniform(-0.2, 0.8), rng.uniform(-0.2, 0.7)
    width, height, lean = rng.uniform(0.2, 0.8), rng.uniform(0.3, 1.0), rng.uniform(-0.4, 0.4)
    shape = np.array(
        [[left, top], [left + width, top + lean / 2], [left + width + lean, top + height], [left + lean, top + height]]
    )
    patch = _blurred_shape(size, _turned(shape, rng), rng.uniform(0.004, 0.03))
    dark = rng.uniform(0.4, 0.75)
    return dark + (1 - dark) * patch


def glow(size: Size, rng: Rng) -> np.ndarray:
    """Lamp at one side: bright there, dim elsewhere."""
    x, y = grid(size)
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.4, 0.7)
    distance = np.hypot(x - 0.5 - far * np.cos(angle), (y - 0.5 - far * np.sin(angle)) * rng.uniform(0.6, 1.6))
    dim = rng.uniform(0.35, 0.65)
    return dim + (1 - dim) * np.exp(-((distance / rng.uniform(0.25, 0.7)) ** 2))


def webcam(size: Size, rng: Rng) -> np.ndarray:
    """Dark corners of a webcam: a strong vignette, one corner nearly black, uneven light."""
    x, y = grid(size)
    field = 1 - rng.uniform(0.6, 1.3) * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
    cx, cy = rng.integers(2, size=2)
    field -= rng.uniform(0.2, 0.8) * np.clip(1 - np.hypot((x - cx) * 1.3, y - cy) * rng.uniform(1.3, 2.2), 0, 1)
    return field * rng.uniform(0.55, 0.9)


def gradient(size: Size, rng: Rng) -> np.ndarray:
    """Light from one side."""
    x, y = grid(size)
    angle = rng.uniform(0, 2 * np.pi)
    return 1 - rng.uniform(0.1, 0.7) * np.clip((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5, 0, 1)


LIGHTS: dict[str, Callable[[Size, Rng], np.ndarray]] = {
    "hand": hand_shadow,
    "phone": phone_shadow,
    "corner": corner_shadow,
    "vignette": vignette,
    "sun": sun_patch,
    "glow": glow,
    "webcam": webcam,
    "gradient": gradient,
}


def lit(picture: np.ndarray, light: str, rng: Rng) -> np.ndarray:
    """Return the picture in a light of `LIGHTS`."""
    size = picture.shape[1], picture.shape[0]
    return picture * np.clip(enlarged(LIGHTS[light](size, rng), size), 0.04, 1.3)[..., None]

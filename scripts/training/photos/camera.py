"""The camera: angle, exposure, blur and noise."""

import numpy as np
from PIL import Image, ImageFilter

from photos.surfaces import cloud, desk
from photos.writing import Box, Rng


def shot(picture: np.ndarray, rng: Rng, *, noise: tuple[float, float], blur: tuple[float, float]) -> np.ndarray:
    """Return the picture as a camera takes it: exposure, white balance, blur and noise.

    Noise is a share of white, blur of the picture's longer side.
    """
    size = picture.shape[1], picture.shape[0]
    picture = picture * (rng.uniform(0.6, 1.05) * rng.uniform(0.95, 1.05, 3).astype(np.float32))
    radius = rng.uniform(*blur) * max(size)
    if radius > 0.3:
        image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
        picture = np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255
    amount = rng.uniform(*noise)
    # After the camera's smoothing noise is coarser.
    grain = cloud(size, max(size) / (rng.uniform(1.2, 2.5) if rng.random() < 0.5 else 1.0), rng)
    picture = picture + grain[..., None] * amount
    if amount > 0.006:
        for band in range(3):
            picture[..., band] += cloud(size, max(size) / 8, rng) * (amount / 3)
    return picture


def binarised(image: Image.Image, rng: Rng) -> Image.Image:
    """Return the picture in black and white, by a threshold below the mean of the surroundings."""
    grey = image.convert("L")
    around = np.asarray(grey.filter(ImageFilter.BoxBlur(rng.uniform(0.015, 0.05) * max(grey.size))), np.float32)
    return Image.fromarray(np.asarray(grey) >= around - rng.uniform(8, 22))


def tilt(picture: np.ndarray, ink: np.ndarray, bounds: Box, strength: float, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Photograph the page from an angle; what is beyond its edges is a table.

    Parameters
    ----------
    picture, ink
        The page (height, width, 3) and its ink (height, width).
    bounds
        The writing, which stays inside the picture.
    strength
        By how much the corners move, as a share of the size.
    rng
        Random generator.

    Returns
    -------
    tuple[np.ndarray, np.ndarray]
        Picture and ink of the same size.

    """
    height, width = ink.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    moves = rng.uniform(-1, 1, (4, 2)) * strength * (width, height)
    left, top, right, bottom = bounds
    inner = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    while True:
        matrix = _homography(corners, corners + moves)
        placed = _apply(matrix, inner)
        if placed.min() >= 2 and (placed[:, 0] <= width - 2).all() and (placed[:, 1] <= height - 2).all():
            break
        moves *= 0.7
        if np.abs(moves).max() < 1:
            return picture, ink
    back = np.linalg.inv(matrix)
    terms = tuple((back / back[2, 2]).ravel()[:8])
    page = np.concatenate([np.clip(picture, 0, 1), ink[..., None]], axis=-1)
    image = Image.fromarray((page * 255).round().astype(np.uint8), "RGBA")
    # Bands apart: in mode RGBA the colours would be multiplied by alpha.
    bands = [
        band.transform(image.size, Image.Transform.PERSPECTIVE, terms, Image.Resampling.BILINEAR)
        for band in image.split()
    ]
    inside = Image.new("L", image.size, 255).transform(image.size, Image.Transform.PERSPECTIVE, terms)
    share = np.asarray(inside, np.float32)[..., None] / 255
    warped = np.stack([np.asarray(band, np.float32) / 255 for band in bands], axis=-1)
    return warped[..., :3] * share + desk((width, height), rng) * (1 - share), warped[..., 3]


def _homography(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return the 3x3 matrix that maps four points, (4, 2), to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(old, new, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return mapped[:, :2] / mapped[:, 2:]

"""Things beside the writing: a table, a finger or a pen at the edge, strips at the border, digits cut by it."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from photos.pens import draw_strokes
from photos.surfaces import desk, plain
from photos.writing import Box, Hand, Rng, Size, Writing, write


def free_sides(bounds: Box, size: Size) -> list[tuple[float, str]]:
    """Return the free px between writing and each side of the picture, widest first."""
    left, top, right, bottom = bounds
    return sorted(
        ((left, "left"), (top, "top"), (size[0] - right, "right"), (size[1] - bottom, "bottom")), reverse=True
    )


def dark_thing(picture: np.ndarray, bounds: Box, rng: Rng) -> None:
    """Lay a desk, a finger or a pen over the picture's edge, away from the writing."""
    size = picture.shape[1], picture.shape[0]
    room, side = free_sides(bounds, size)[0 if rng.random() < 0.7 else 1]
    depth = room * rng.uniform(0.35, 0.9)
    across, along = (size[0], size[1]) if side in ("left", "right") else (size[1], size[0])
    kind = rng.choice(["desk", "desk", "finger", "pen"])
    mask = Image.new("L", (round(across), round(along)))  # the thing comes from the left
    brush = ImageDraw.Draw(mask)
    if kind == "desk":
        lean = rng.uniform(-0.3, 0.3) * depth
        start, end = (0.0, along) if rng.random() < 0.6 else sorted(rng.uniform(0, along, 2).tolist())
        brush.polygon(
            [(0, start), (depth - abs(lean) + max(lean, 0), start), (depth - abs(lean) + max(-lean, 0), end), (0, end)],
            255,
        )
        thing, soft = desk(mask.size, rng), 0.002
    elif kind == "finger":
        middle, half = rng.uniform(0.1, 0.9) * along, min(depth * 0.7, along * 0.12) * rng.uniform(0.5, 1.0)
        brush.rounded_rectangle([-2 * half, middle - half, depth, middle + half], half, 255)
        skin = np.array([[0.75, 0.52, 0.42], [0.45, 0.3, 0.22], [0.62, 0.42, 0.32]][rng.integers(3)])
        thing, soft = plain(mask.size, skin * rng.uniform(0.6, 1.0)), 0.006
    else:
        middle, lean, half = rng.uniform(0.1, 0.9) * along, rng.uniform(-0.6, 0.6) * depth, max(2.0, 0.012 * max(size))
        brush.line([(-half, middle), (depth - 3 * half, middle + lean)], 255, round(2 * half))
        thing, soft = plain(mask.size, rng.uniform(0.02, 0.4, 3)), 0.002
    share = np.asarray(mask.filter(ImageFilter.GaussianBlur(soft * max(size))), np.float32)[..., None] / 255
    if side in ("top", "bottom"):
        share, thing = share.transpose(1, 0, 2), thing.transpose(1, 0, 2)
    if side == "right":
        share, thing = share[:, ::-1], thing[:, ::-1]
    elif side == "bottom":
        share, thing = share[::-1], thing[::-1]
    picture += share * (thing - picture)


def sliver(picture: np.ndarray, rng: Rng) -> None:
    """Lay a dark strip, a part of something else, along a part of the border."""
    thick = max(1, round(picture.shape[1] * rng.uniform(0.002, 0.015)))
    for _ in range(int(rng.integers(1, 3))):
        picture = np.rot90(picture, int(rng.integers(4)))  # a view
        rows = picture.shape[0]
        start, length = rng.integers(rows), max(3, round(rows * rng.uniform(0.05, 1.0)))
        strip = picture[start : start + length, :thick]
        strip *= rng.uniform(0.15, 0.7)


def neighbours(
    writing: Writing, size: tuple[int, int], thick: float, hands: Sequence[Hand], rng: Rng
) -> list[np.ndarray]:
    """Return digits of the same height that the picture's border cuts, where there is room beside the writing."""
    top, bottom = writing.bounds[1::2]
    found = []
    for room, side in free_sides(writing.bounds, size)[: int(rng.integers(1, 4))]:
        other = write("digit", hands, rng).placed(writing.height / 100 * rng.uniform(0.85, 1.1), 0, 0)
        x0, y0, x1, y1 = other.bounds
        extent = (x1 - x0 if side in ("left", "right") else y1 - y0) + thick
        seen = min(rng.uniform(0.1, 0.45) * extent, room - 2.5 * thick - 0.1 * writing.height)
        if seen < thick:
            continue
        middle_x = rng.uniform(0, max(1.0, size[0] - (x1 - x0)))
        base = {"left": seen - x1 - thick / 2, "right": size[0] - seen - x0 + thick / 2}.get(side, middle_x - x0)
        level = top - y0 + rng.normal(0, 0.1) * writing.height + rng.uniform(0, max(0.0, bottom - top - (y1 - y0)))
        rise = {"top": seen - y1 - thick / 2, "bottom": size[1] - seen - y0 + thick / 2}.get(side, level)
        found += other.placed(1.0, base, rise).strokes
    return found


def back(picture: np.ndarray, hands: Sequence[Hand], thick: float, rng: Rng) -> None:
    """Let writing on the back of the paper shine through: mirrored, faint and blurred."""
    size = picture.shape[1], picture.shape[0]
    other = write("lines", hands, rng)
    left, top, right, bottom = other.bounds
    scale = rng.uniform(0.5, 1.0) * min(size[0] / (right - left), size[1] / (bottom - top))
    x, y = rng.uniform(-0.2, 0.4) * size[0] - left * scale, rng.uniform(-0.2, 0.4) * size[1] - top * scale
    ink = draw_strokes(other.placed(scale, x, y).strokes, thick, size, rng)[:, ::-1]
    blurred = Image.fromarray((ink * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(thick * 0.4))
    picture *= 1 - rng.uniform(0.03, 0.1) * np.asarray(blurred, np.float32)[..., None] / 255

"""Drawings in programs, data sets' small images, and picture files with transparency or many bits."""

import numpy as np
from PIL import Image, ImageDraw

from digitpad.core.ink.strokes import Ink, digit_image
from photos.pens import BRIGHT, draw_strokes
from photos.photo import Order, Photo, to_image
from photos.surfaces import label, paper, plain
from photos.writing import WHOLE, Box, Rng, Writing, page_size, placed, with_margin, write


def on_screen(order: Order, *, style: str) -> Photo:
    """Draw with the mouse in a program: Paint, a canvas on a page or in a window, or a canvas with buttons."""
    rng, hard = order.rng, style == "Paint" and order.rng.random() < 0.7
    size = page_size((180, 900), order.content, rng)
    pen = rng.uniform(0.05, 0.2)
    area = {
        "Paint": (0.02, 0.02, 0.98, 0.98),
        "panel": (0.15, 0.15, 0.85, 0.85),
        "dark window": (0.2, 0.18, 0.8, 0.75),
    }.get(style, (0.03, 0.05, 0.97, 0.75))
    writing = placed(write(order.content, order.hands, rng), size, rng, pen=pen, filled=(0.4, 0.95), area=area)
    thick = max(1.0, pen * writing.height)
    ink = draw_strokes(writing.strokes, thick, size, rng, hard=hard)
    ground, colour = _screen_colours(style, rng)
    page = to_image(plain(size, ground))
    if style == "panel":
        _panel(page, writing, thick, rng)
    elif style in ("dark window", "buttons"):
        _window(page, area, rng, dark=style == "dark window")
    picture = np.asarray(page, np.float32) / 255
    picture = picture + ink[..., None] * (colour - picture)
    suffix = str(rng.choice([".png", ".png", ".bmp", ".gif", ".jpg"] if style == "Paint" else [".png", ".png", ".jpg"]))
    return order.finish(to_image(picture), ink, writing, suffix)


def _screen_colours(style: str, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours of the page and of the ink."""
    if style == "panel":
        return np.full(3, rng.uniform(0.92, 1.0)), np.full(3, rng.uniform(0.8, 1.0))
    if style == "dark window":
        return np.array([0.16, 0.17, 0.2]) * rng.uniform(0.5, 1.3), np.full(3, rng.uniform(0, 0.15))
    if style == "buttons" or (choice := rng.random()) < 0.5:
        return np.ones(3), np.zeros(3)
    if choice < 0.75:
        return np.zeros(3), np.ones(3)
    colours = [(1, 0, 0), (0, 0, 1), (0, 0.6, 0), (1, 0.5, 0), (0.6, 0, 0.6), (0, 0.7, 0.9), (0.5, 0.25, 0)]
    return np.ones(3), np.array(colours[rng.integers(len(colours))], float)


def _panel(page: Image.Image, writing: Writing, thick: float, rng: Rng) -> None:
    left, top, right, bottom = with_margin(writing.bounds, thick)
    space = rng.uniform(0.12, 0.6, 4) * (bottom - top)
    fill = (*(int(v) for v in rng.integers(0, 60, 3)),)
    box = left - space[0], top - space[1], right + space[2], bottom + space[3]
    ImageDraw.Draw(page).rectangle(
        (max(3, box[0]), max(3, box[1]), min(page.width - 4, box[2]), min(page.height - 4, box[3])), fill
    )


def _window(page: Image.Image, area: Box, rng: Rng, *, dark: bool) -> None:
    """Draw a title bar and buttons, and in a dark window the canvas."""
    brush, (width, height) = ImageDraw.Draw(page), page.size
    text, face, line = ("#d8d8d8", "#4a4f5a", "#6a7080") if dark else ("#404040", "#e4e4e4", "#9a9a9a")
    size = float(np.clip(height * 0.04, 8, 18))
    if dark:
        brush.rectangle(
            [width * (area[0] - 0.04), height * (area[1] - 0.04), width * (area[2] + 0.04), height * (area[3] + 0.04)],
            "#ffffff",
        )
        label(
            page, str(rng.choice(["Digit Recognizer", "Draw a digit", "Paint"])), (width / 2, height * 0.06), size, text
        )
    elif rng.random() < 0.6:
        brush.rectangle([width * 0.01, height * 0.01, width * 0.99, height * 0.78], outline=line)
    names = rng.permutation(["Clear", "Predict", "Guess", "Save", "Quit", "Undo"])[: int(rng.integers(1, 4))]
    for place, name in enumerate(names):
        middle = width * (place + 1) / (len(names) + 1), height * 0.9
        half = max(0.45 * len(name) * size, 0.12 * width), 0.95 * size
        brush.rectangle(
            [middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]], face, line
        )
        label(page, str(name), middle, size, text)


def _mnist_pixels(order: Order, rng: Rng) -> tuple[np.ndarray, Writing]:
    """Return a 28x28 digit image in [0, 1], white on black, thin or thick."""
    writing = write("digit", order.hands, rng)
    return digit_image(Ink.of(writing.strokes), rng.uniform(1.3, 4.2)).pixels, writing


def small(order: Order) -> Photo:
    """Make a picture of 28x28 to 64x64, or a row of digits 8 to 40 px high."""
    rng = order.rng
    dark = rng.random() < 0.4
    ground, colour = (rng.uniform(0, 0.1), rng.uniform(0.8, 1)) if dark else (rng.uniform(0.9, 1), rng.uniform(0, 0.35))
    if order.content == "digit" or rng.random() < 0.3:
        if rng.random() < 0.5:
            ink, writing = _mnist_pixels(order, rng)
        else:
            side = int(rng.choice([20, 28, 28, 32, 40, 48, 64]))
            writing = placed(write("digit", order.hands, rng), (side, side), rng, pen=0.1, filled=(0.5, 1.0))
            ink = draw_strokes(writing.strokes, max(1.2, rng.uniform(0.06, 0.18) * writing.height), (side, side), rng)
    else:
        row = write(order.content, order.hands, rng)
        left, top, right, bottom = row.bounds
        high = rng.uniform(8, 40)
        scale, space = high / (bottom - top), rng.uniform(1, 6)
        writing = row.placed(scale, space - left * scale, space - top * scale)
        size = round((right - left) * scale + 2 * space), round(high + 2 * space)
        ink = draw_strokes(writing.strokes, max(1.0, rng.uniform(0.06, 0.13) * writing.height), size, rng)
    grey = ground + (colour - ground) * ink
    return order.finish(to_image(grey), ink, writing, str(rng.choice([".png", ".png", ".bmp", ".jpg"])))


def enlarged_digit(order: Order) -> Photo:
    """Enlarge a digit image like MNIST's, with square or smooth pixels, as such data sets are shown."""
    rng = order.rng
    pixels, writing = _mnist_pixels(order, rng)
    side = int(rng.integers(3, 25)) * 28
    method = Image.Resampling.NEAREST if rng.random() < 0.6 else Image.Resampling.BICUBIC
    ink = np.asarray(Image.fromarray(pixels).resize((side, side), method)).clip(0, 1)
    grey = ink if rng.random() < 0.6 else 1 - ink
    return order.finish(to_image(grey), ink, writing, str(rng.choice([".png", ".jpg"])))


def plot(order: Order) -> Photo:
    """Show a digit image with axes and colours, as Matplotlib does, on a white page."""
    rng = order.rng
    pixels, writing = _mnist_pixels(order, rng)
    side = int(rng.integers(4, 14)) * 28
    page = Image.new("RGB", (round(side * rng.uniform(1.2, 1.5)), round(side * rng.uniform(1.15, 1.3))), "white")
    shown = np.asarray(Image.fromarray(pixels).resize((side, side), Image.Resampling.NEAREST))
    maps = (((0, 0, 0), (1, 1, 1)), ((1, 1, 1), (0, 0, 0)), ((0.27, 0, 0.33), (0.13, 0.57, 0.55), (0.99, 0.91, 0.14)))
    colours = np.array(maps[rng.choice(3, p=[0.5, 0.25, 0.25])])
    stops = np.linspace(0, 1, len(colours))
    panel = to_image(np.stack([np.interp(shown, stops, colours[:, band]) for band in range(3)], axis=-1))
    left, top = (page.width - side) // 2, (page.height - side) // 2
    page.paste(panel, (left, top))
    brush = ImageDraw.Draw(page)
    brush.rectangle([left - 1, top - 1, left + side, top + side], outline="black")
    if rng.random() < 0.5:
        for tick in range(0, 28, 5):
            at, size = (tick + 0.5) * side / 28, max(7.0, side * 0.035)
            brush.line([left + at, top + side, left + at, top + side + 4], "black")
            brush.line([left - 5, top + at, left - 1, top + at], "black")
            label(page, str(tick), (left + at, top + side + 5 + size), size, "black")
            label(page, str(tick), (left - 6 - size, top + at), size, "black")
    ink = np.zeros((page.height, page.width), np.float32)
    ink[top : top + side, left : left + side] = shown
    return order.finish(page, ink, writing, ".png")


def see_through(order: Order, *, card: bool) -> Photo:
    """Draw ink on nothing, or a white card with ink on nothing."""
    rng = order.rng
    size = page_size((150, 900), order.content, rng)
    pen = rng.uniform(0.06, 0.16)
    area = (0.2, 0.2, 0.8, 0.8) if card else WHOLE
    writing = placed(write(order.content, order.hands, rng), size, rng, pen=pen, filled=(0.35, 0.9), area=area)
    thick = max(1.2, pen * writing.height)
    ink = draw_strokes(writing.strokes, thick, size, rng)
    rgba = np.zeros((size[1], size[0], 4), np.float32)
    colour = np.zeros(3) if rng.random() < 0.6 else np.array(BRIGHT[rng.integers(len(BRIGHT))])
    if card:
        left, top, right, bottom = (round(edge) for edge in with_margin(writing.bounds, thick + 0.2 * writing.height))
        rgba[max(0, top) : bottom, max(0, left) : right] = 1
        rgba[..., :3] += ink[..., None] * (colour - rgba[..., :3])
    else:
        light = rng.random() < 0.25
        rgba[..., :3], rgba[..., 3] = (np.ones(3) if light else colour), ink
        rgba[..., :3] *= (ink > 0)[..., None] if rng.random() < 0.5 else 1
    return order.finish(to_image(rgba), ink, writing, ".png")


def see_through_edge(order: Order) -> Photo:
    """Make an opaque picture whose outermost pixels are half transparent, as after cutting out or scaling."""
    rng = order.rng
    size = page_size((28, 400), order.content, rng)
    writing = placed(write(order.content, order.hands, rng), size, rng, pen=0.1, filled=(0.6, 0.95))
    ink = draw_strokes(writing.strokes, max(1.2, 0.1 * writing.height), size, rng)
    rgba = np.ones((size[1], size[0], 4), np.float32)
    rgba[..., :3] -= ink[..., None] * rng.uniform(0.7, 1)
    for side, share in enumerate(rng.uniform(0.5, 1.0, 4)):
        np.rot90(rgba, side)[0, :, 3] *= share
    return order.finish(to_image(rgba), ink, writing, ".png")


def deep(order: Order) -> Photo:
    """Make a scan of 10, 12 or 16 bits in a file of 16."""
    rng = order.rng
    size = page_size((300, 1000), order.content, rng)
    pen = rng.uniform(0.04, 0.12)
    writing = placed(write(order.content, order.hands, rng), size, rng, pen=pen, filled=(0.4, 0.9))
    ink = draw_strokes(writing.strokes, max(1.2, pen * writing.height), size, rng)
    grey = paper(size, rng)[..., 0] * rng.uniform(0.7, 1)
    grey = grey + ink * (rng.uniform(0.05, 0.4) - grey) + rng.standard_normal(ink.shape) * 0.004
    peak = 2.0 ** int(rng.choice([10, 12, 12, 16])) - 1
    values = np.round(np.clip(grey, 0, 1) * peak).astype(np.uint16)
    return order.finish(Image.fromarray(values), ink, writing, str(rng.choice([".png", ".tif"])))

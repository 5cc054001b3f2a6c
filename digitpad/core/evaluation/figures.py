"""Figures made of rectangles, lines and texts, as SVG and as pictures: without a window."""

import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Literal

from digitpad.core.translation import language

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFont import FreeTypeFont, ImageFont

_FONT = "sans-serif"
# The font that comes with Pillow has Latin, Greek and Cyrillic letters only; Windows and macOS have these for Korean.
_PILLOW_HAS_BELOW = "\u0500"
_FONT_FILES = ("malgun.ttf", "AppleSDGothicNeo.ttc", "NotoSansCJK-Regular.ttc")
_SCALE = 2  # pixels of a picture per unit


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A filled rectangle; `colour` as "#rrggbb"."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Polyline:
    """A line through points (x, y)."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Text:
    """A text whose middle is at height y; x is its left, its middle or its right."""

    x: float
    y: float
    text: str
    size: float = 11.0
    at: Literal["start", "middle", "end"] = "middle"
    colour: str = "#1a1a1a"


Shape = Rectangle | Polyline | Text


@dataclass(frozen=True, slots=True)
class Figure:
    """Shapes on white, with a title for readers that see no pictures."""

    title: str
    width: int
    height: int
    shapes: Sequence[Shape]


def figure_file(figure: Figure, ending: str) -> bytes:
    """Return a figure as the content of a file that ends in ".png" or ".svg"."""
    if ending == ".svg":
        return svg_of(figure).encode("utf-8", "replace")
    content = io.BytesIO()
    picture_of(figure).save(content, "PNG")
    return content.getvalue()


def svg_of(figure: Figure) -> str:
    """Return a figure as an SVG element, which is also a whole SVG file."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {figure.width} {figure.height}" width="{figure.width}" '
        f'height="{figure.height}" role="img" font-family="{_FONT}"><title>{escape(figure.title)}</title>'
        f'<rect width="{figure.width}" height="{figure.height}" fill="#ffffff"/>'
    )
    return "\n".join([head, *map(_element, figure.shapes), "</svg>"])


def _element(shape: Shape) -> str:
    match shape:
        case Rectangle():
            place = f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}"'
            return f'<rect {place} fill="{shape.colour}"/>'
        case Polyline():
            points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
            look = f'fill="none" stroke="{shape.colour}" stroke-width="{shape.width:g}"'
            return f'<polyline points="{points}" {look}/>'
        case Text():
            place = f'x="{shape.x:g}" y="{shape.y + shape.size * 0.35:g}" font-size="{shape.size:g}"'
            return f'<text {place} text-anchor="{shape.at}" fill="{shape.colour}">{escape(shape.text)}</text>'


def picture_of(figure: Figure) -> "Image":
    """Return a figure as an RGB picture, two pixels per unit."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (figure.width * _SCALE, figure.height * _SCALE), "#ffffff")
    draw = ImageDraw.Draw(picture)
    anchors = {"start": "lm", "middle": "mm", "end": "rm"}
    for shape in figure.shapes:
        match shape:
            case Rectangle():
                corner = shape.x * _SCALE, shape.y * _SCALE
                end = (shape.x + shape.width) * _SCALE - 1, (shape.y + shape.height) * _SCALE - 1
                draw.rectangle((*corner, *end), fill=shape.colour)
            case Polyline():
                points = [(x * _SCALE, y * _SCALE) for x, y in shape.points]
                draw.line(points, fill=shape.colour, width=round(shape.width * _SCALE), joint="curve")
            case Text():
                font, place = _font(shape.text, shape.size * _SCALE), (shape.x * _SCALE, shape.y * _SCALE)
                draw.text(place, shape.text, fill=shape.colour, font=font, anchor=anchors[shape.at])
    return picture


def _font(text: str, size: float) -> "FreeTypeFont | ImageFont":
    """Return Pillow's own font, or one of the system if the text has letters that it lacks."""
    from PIL import ImageFont

    if max(text, default="") >= _PILLOW_HAS_BELOW:
        for name in filter(None, (_fontconfig_file(language()), *_FONT_FILES)):
            try:
                return ImageFont.truetype(name, size)
            except OSError:  # it is not installed
                continue
    return ImageFont.load_default(size)


@cache
def _fontconfig_file(for_language: str) -> str:
    """Return the file of the font that a Linux desktop uses for a language, or "" without fontconfig."""
    if (program := shutil.which("fc-match")) is None:
        return ""
    command = [program, "--format=%{file}", f"sans-serif:lang={for_language}"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=10).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""

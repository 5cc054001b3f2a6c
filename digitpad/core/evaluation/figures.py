"""Figures made of rectangles, lines and texts, as SVG and as pictures: without a window."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image

_FONT = "sans-serif"
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
    from PIL import Image, ImageDraw, ImageFont

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
                font, place = ImageFont.load_default(shape.size * _SCALE), (shape.x * _SCALE, shape.y * _SCALE)
                draw.text(place, shape.text, fill=shape.colour, font=font, anchor=anchors[shape.at])
    return picture

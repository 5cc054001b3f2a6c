"""Find the signs - + = . , : between the digits of a line by their shape and place.

A sign stands free: no digit is above or below it. What is not surely a sign stays a piece that may be a digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitpad.core.segmentation.boxes import Box, union
from digitpad.core.segmentation.pieces import Component

# Lengths are per height of a digit. Columns of pieces of this height are digits.
_DIGIT = 0.6
# A dot of strokes, and one of a picture in widths of the pen: a smaller one is dust.
_STROKE_DOT, _PEN_DOT = 0.12, (0.6, 2.4)
# Space between the digits beside a dot or comma: digits are written nearer to each other.
_ROOM = 0.3
# The middles of a bar and of a plus, from the top of the digits.
_MIDDLE = (0.28, 0.72)
# Lengths of a bar, its slope, and the sizes of a plus.
_BAR, _SLOPE, _PLUS = (0.15, 1.1), 0.35, (0.2, 0.85)
# A bar before the first digit is a sign if it is this near.
_FRONT = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """A sign and its bounding box."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class _Place:
    """A group of pieces between two digits: its box in heights of them, y from their top, without the pen's width."""

    left: float
    top: float
    right: float
    bottom: float
    room: float  # between the digits; infinite before the first
    ahead: float  # to the next digit
    scale: float  # 1 per height

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def find_signs(line: Sequence[Component], pen: float) -> tuple[list[Sign], list[Component]]:
    """Return the signs of a line, and the other pieces.

    `pen` is the width of the pen that is part of the boxes, px; 0 for strokes.
    """
    columns = _columns(line)
    boxes = [union(piece.box for piece in column) for column in columns]
    heights = np.array([box[3] - box[1] for box in boxes])
    height = float(np.median(heights[heights >= 0.5 * heights.max()])) if columns else 0.0
    is_digit = [
        tall >= _DIGIT * height and not _is_plus(column, height) for column, tall in zip(columns, heights, strict=True)
    ]
    digits = [box for box, tall in zip(boxes, is_digit, strict=True) if tall]
    signs: list[Sign] = []
    others: list[Component] = []
    for column, box, tall in zip(columns, boxes, is_digit, strict=True):
        text = "" if tall else _sign_of(column, box, digits, pen)
        if text:
            signs.append(Sign(text, box))
        else:
            others += column
    return signs, others


def _columns(line: Sequence[Component]) -> list[list[Component]]:
    """Return the pieces that are one above the other, or cut from one part, together."""
    columns: list[list[Component]] = []
    for piece in sorted(line, key=lambda piece: piece.box[0]):
        last = columns[-1] if columns else []
        if any(piece.box[0] <= other.box[2] or piece.whole == other.whole for other in last):
            last.append(piece)
        else:
            columns.append([piece])
    return columns


def _sign_of(column: Sequence[Component], box: Box, digits: Sequence[Box], pen: float) -> str:
    place = _place(box, digits, pen)
    if place is None or (place.room == np.inf and place.ahead > _FRONT):
        return ""
    if _in_middle(place) and _is_plus(column, 1.0 / place.scale):
        return "+"
    if len(column) == 1:
        return _sign_of_one(place, box, pen)
    return _sign_of_two(column, place, digits, pen) if len(column) == 2 else ""


def _sign_of_two(column: Sequence[Component], place: _Place, digits: Sequence[Box], pen: float) -> str:
    first, second = (_place(piece.box, digits, pen) for piece in sorted(column, key=lambda piece: piece.box[1]))
    if first is None or second is None:
        return ""
    apart = second.middle - first.middle
    if _is_bar(first) and _is_bar(second) and 0.1 <= apart <= 0.5 and _in_middle(place):
        return "="
    are_dots = all(_is_dot(part, piece.box, pen) for part, piece in zip((first, second), column, strict=True))
    if are_dots and 0.15 <= apart <= 0.75 and first.middle > 0.05 and place.width <= 0.3 and np.isfinite(place.room):
        return ":"
    return "+" if _is_cross(first, second, place) or _is_cross(second, first, place) else ""


def _sign_of_one(place: _Place, box: Box, pen: float) -> str:
    if _is_bar(place) and _in_middle(place):
        return "-"
    if not np.isfinite(place.room) or place.room < _ROOM + place.width:
        return ""
    if _is_dot(place, box, pen):
        return "." if 0.8 <= place.middle <= 1.12 else ""
    is_comma = place.width <= 0.3 and max(0.08, 1.1 * place.width) <= place.height <= 0.45
    return "," if is_comma and place.top >= 0.7 and place.bottom >= 1.05 else ""


def _place(box: Box, digits: Sequence[Box], pen: float) -> _Place | None:
    """Return a box's place between the nearest digits; None after the last digit."""
    after, before = [digit for digit in digits if digit[0] >= box[2]], [digit for digit in digits if digit[2] <= box[0]]
    if not after:
        return None
    right = min(after)
    left = max(before, default=right)
    top = (left[1] + right[1]) / 2 + pen / 2
    bottom = (left[3] + right[3]) / 2 - pen / 2
    scale = 1.0 / max(bottom - top, 1e-9)
    return _Place(
        left=(box[0] + pen / 2) * scale,
        top=(box[1] + pen / 2 - top) * scale,
        right=(box[2] - pen / 2) * scale,
        bottom=(box[3] - pen / 2 - top) * scale,
        room=(right[0] - left[2] + pen) * scale if before else np.inf,
        ahead=(right[0] - box[2]) * scale,
        scale=scale,
    )


def _is_bar(place: _Place) -> bool:
    shortest, longest = _BAR
    return shortest <= place.width <= longest and abs(place.height) <= _SLOPE * place.width


def _in_middle(place: _Place) -> bool:
    return _MIDDLE[0] <= place.middle <= _MIDDLE[1]


def _is_dot(place: _Place, box: Box, pen: float) -> bool:
    if not pen:
        return max(place.width, place.height) <= _STROKE_DOT
    sides = box[2] - box[0], box[3] - box[1]
    return _PEN_DOT[0] * pen <= min(sides) and max(sides) <= _PEN_DOT[1] * pen


def _is_cross(bar: _Place, stem: _Place, place: _Place) -> bool:
    """Return whether a bar and an upright stroke, both short, cross in their middle parts."""
    least, most = _PLUS
    if not (_is_bar(bar) and _in_middle(place) and bar.width <= most and least <= stem.height <= most):
        return False
    across, down = (stem.left + stem.right) / 2, bar.middle
    is_upright = stem.width <= _SLOPE * stem.height
    is_inside = bar.left + 0.2 * bar.width <= across <= bar.right - 0.2 * bar.width
    return is_upright and is_inside and stem.top + 0.2 * stem.height <= down <= stem.bottom - 0.2 * stem.height


def _is_plus(column: Sequence[Component], height: float) -> bool:
    """Return whether all ink of one part is on two lines that cross, each reaching far to both sides."""
    if len({piece.whole for piece in column}) > 1:
        return False
    left, top, right, bottom = union(piece.box for piece in column)
    width, tall = right - left, bottom - top
    if not (
        max(_PLUS[0] * height, 1e-9) <= min(width, tall)
        and max(width, tall) <= min(_PLUS[1] * height, 2 * min(width, tall))
    ):
        return False
    points = np.concatenate([piece.points for piece in column])
    x, y = (points[:, 0] - left) / width, (points[:, 1] - top) / tall
    ends_x, ends_y = x[(y < 0.2) | (y > 0.8)], y[(x < 0.2) | (x > 0.8)]
    if not (len(ends_x) and len(ends_y)):
        return False
    across, down = float(np.median(ends_x)), float(np.median(ends_y))
    is_central = 0.3 <= across <= 0.7 and 0.3 <= down <= 0.7
    return is_central and bool(((np.abs(x - across) <= 0.2) | (np.abs(y - down) <= 0.2)).mean() >= 0.97)

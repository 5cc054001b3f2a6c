"""Find the signs - + = . , : between the digits of a line by their shape and place.

A sign stands free: there is no other ink at its level. What is not surely a sign stays a piece that may be a digit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from digitpad.core.segmentation.boxes import Box, union
from digitpad.core.segmentation.pieces import Component, boxes_of_parts

# Lengths are per height of a digit. Parts of this height are digits.
_DIGIT = 0.6
# A dot of strokes, and one of a picture in widths of the pen: a smaller one is dust.
_STROKE_DOT, _PEN_DOT = 0.12, (0.6, 2.4)
# Space between the digits beside a full stop: a speck is rarely where there is so much. Ink at a sign's level is at
# most this far above or below it.
_ROOM, _BAND = 0.33, 0.12
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
    is_first: bool  # no digit is before it
    room: float  # between the digits
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
    row = _Row(line, pen)
    signs: list[Sign] = []
    used: set[int] = set()
    for group in [*combinations(row.small, 2), *((label,) for label in row.small)]:
        if used.isdisjoint(group):
            text = row.sign_of(group)
            if text:
                signs.append(Sign(text, row.box_of(group)))
                used.update(group)
    return signs, [piece for piece in line if piece.whole not in used]


class _Row:
    """The parts of a line by their label: digits, and small parts that may be signs."""

    def __init__(self, line: Sequence[Component], pen: float) -> None:
        self.pen = pen
        self.boxes = boxes_of_parts(line)
        self.points = {
            label: np.concatenate([piece.points for piece in line if piece.whole == label]) for label in self.boxes
        }
        heights = np.array([box[3] - box[1] for box in self.boxes.values()])
        self.height = float(np.median(heights[heights >= 0.5 * heights.max()])) if len(heights) else 0.0
        self.small = [label for label in self.boxes if self._is_small(label)]
        self.digits = [box for label, box in self.boxes.items() if label not in self.small]

    def _is_small(self, label: int) -> bool:
        box = self.boxes[label]
        return box[3] - box[1] < _DIGIT * self.height or _is_plus(self.points[label], box, self.height)

    def box_of(self, group: Sequence[int]) -> Box:
        return union(self.boxes[label] for label in group)

    def sign_of(self, group: Sequence[int]) -> str:
        """Return the sign that a group of parts is; "" if it is none."""
        place = self._place(self.box_of(group))
        if place is None or (place.is_first and place.ahead > _FRONT) or self._is_crowded(group):
            return ""
        return self._sign_of_two(group, place) if len(group) > 1 else self._sign_of_one(group[0], place)

    def _sign_of_one(self, label: int, place: _Place) -> str:
        box = self.boxes[label]
        if _in_middle(place) and _is_bar(place):
            return "-"
        if _in_middle(place) and _is_plus(self.points[label], box, 1 / place.scale):
            return "+"
        if place.is_first:
            return ""
        if self._is_dot(box, place):
            return "." if 0.9 <= place.middle <= 1.08 and place.room >= _ROOM else ""
        is_comma = place.width <= 0.3 and max(0.12, 1.1 * place.width) <= place.height <= 0.45
        return "," if is_comma and place.room >= 0.1 and place.top >= 0.7 and place.bottom >= 1.05 else ""

    def _sign_of_two(self, group: Sequence[int], place: _Place) -> str:
        boxes = sorted((self.boxes[label] for label in group), key=lambda box: box[1] + box[3])
        first, second = (self._place(box) for box in boxes)
        if first is None or second is None:
            return ""
        apart = second.middle - first.middle
        shared = min(first.right, second.right) - max(first.left, second.left)
        if _is_bar(first) and _is_bar(second) and 0.1 <= apart <= 0.5 and shared > 0.1 and _in_middle(place):
            return "="
        are_dots = self._is_dot(boxes[0], first) and self._is_dot(boxes[1], second)
        if are_dots and 0.15 <= apart <= 0.75 and first.middle > 0.05 and second.middle < 1.05 and shared > -0.05:
            return "" if place.is_first else ":"
        return "+" if _is_cross(first, second, place) or _is_cross(second, first, place) else ""

    def _is_dot(self, box: Box, place: _Place) -> bool:
        if not self.pen:
            return max(place.width, place.height) <= _STROKE_DOT
        sides = box[2] - box[0], box[3] - box[1]
        return _PEN_DOT[0] * self.pen <= min(sides) and max(sides) <= _PEN_DOT[1] * self.pen

    def _is_crowded(self, group: Sequence[int]) -> bool:
        """Return whether other ink is at the level of a group, between its left and right edge."""
        left, top, right, bottom = self.box_of(group)
        margin = _BAND * self.height
        for label, points in self.points.items():
            x, y = points.T
            inside = (x >= left) & (x <= right) & (y >= top - margin) & (y <= bottom + margin)
            if label not in group and inside.any():
                return True
        return False

    def _place(self, box: Box) -> _Place | None:
        """Return a box's place between the nearest digits; None after the last digit."""
        middle = (box[0] + box[2]) / 2
        after = [digit for digit in self.digits if digit[0] + digit[2] > 2 * middle]
        before = [digit for digit in self.digits if digit[0] + digit[2] <= 2 * middle]
        if not after:
            return None
        right = min(after, key=lambda digit: digit[0] + digit[2])
        left = max(before, key=lambda digit: digit[0] + digit[2], default=right)
        half = self.pen / 2
        top, bottom = (left[1] + right[1]) / 2 + half, (left[3] + right[3]) / 2 - half
        scale = 1.0 / max(bottom - top, 1e-9)
        return _Place(
            left=(box[0] + half) * scale,
            top=(box[1] + half - top) * scale,
            right=(box[2] - half) * scale,
            bottom=(box[3] - half - top) * scale,
            is_first=not before,
            room=(right[0] - left[2] + self.pen) * scale,
            ahead=(right[0] - box[2]) * scale,
            scale=scale,
        )


def _is_bar(place: _Place) -> bool:
    shortest, longest = _BAR
    return shortest <= place.width <= longest and abs(place.height) <= _SLOPE * place.width


def _in_middle(place: _Place) -> bool:
    return _MIDDLE[0] <= place.middle <= _MIDDLE[1]


def _is_cross(bar: _Place, stem: _Place, place: _Place) -> bool:
    """Return whether a bar and an upright stroke, both short, cross in their middle parts."""
    least, most = _PLUS
    if not (_is_bar(bar) and _in_middle(place) and bar.width <= most and least <= stem.height <= most):
        return False
    across, down = (stem.left + stem.right) / 2, bar.middle
    is_upright = stem.width <= _SLOPE * stem.height
    is_inside = bar.left + 0.2 * bar.width <= across <= bar.right - 0.2 * bar.width
    return is_upright and is_inside and stem.top + 0.2 * stem.height <= down <= stem.bottom - 0.2 * stem.height


def _is_plus(points: np.ndarray, box: Box, height: float) -> bool:
    """Return whether all ink of a part is on two lines that cross, each reaching far to both sides."""
    width, tall = box[2] - box[0], box[3] - box[1]
    shorter, longer = min(width, tall), max(width, tall)
    if not (max(_PLUS[0] * height, 1e-9) <= shorter and longer <= min(_PLUS[1] * height, 2 * shorter)):
        return False
    x, y = (points[:, 0] - box[0]) / width, (points[:, 1] - box[1]) / tall
    ends_x, ends_y = x[(y < 0.2) | (y > 0.8)], y[(x < 0.2) | (x > 0.8)]
    if not (len(ends_x) and len(ends_y)):
        return False
    across, down = float(np.median(ends_x)), float(np.median(ends_y))
    is_central = 0.25 <= across <= 0.75 and 0.2 <= down <= 0.8
    return is_central and bool(((np.abs(x - across) <= 0.27) | (np.abs(y - down) <= 0.27)).mean() >= 0.97)

"""Groups of pieces that may be digits, and the best segmentation of a row into such groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from digitpad.core.segmentation.boxes import Box
from digitpad.core.segmentation.pieces import Component

# A digit has at most _MAX_PIECES pieces, all within _WINDOW neighbours from left to right.
_WINDOW = 6
_MAX_PIECES = 5
# A digit's largest width, and largest gap between its pieces, per height; a single piece may be wider.
_MAX_WIDTH = 1.7
_MAX_GAP = 0.4
# If there are more groups, those of many pieces are dropped.
_MAX_GROUPS = 700
# A smaller piece, per height, may be noise.
_NOISE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Pieces by their index from left to right, and their bounding box; noise is not part of the number."""

    members: tuple[int, ...]
    box: Box
    is_noise: bool = False


class Layout:
    """Pieces from left to right, the height of the digits, and the distances between the pieces."""

    def __init__(self, pieces: Sequence[Component], height: float) -> None:
        self.pieces = sorted(pieces, key=lambda piece: piece.middle)
        self.height = height
        self.boxes = np.array([piece.box for piece in self.pieces])
        count = len(self.pieces)
        # The distance of the boxes is a lower bound, which is enough for pieces far apart.
        left, top, right, bottom = self.boxes.T
        across = np.maximum(left[:, None] - right, left - right[:, None]).clip(min=0)
        down = np.maximum(top[:, None] - bottom, top - bottom[:, None]).clip(min=0)
        self.distances = np.hypot(across, down) / height
        self.is_same_part = np.equal.outer(*(2 * [np.array([piece.whole for piece in self.pieces])]))
        for a in range(count):
            for b in range(a + 1, min(a + 2 * _WINDOW, count)):
                if self.distances[a, b] <= _MAX_GAP:
                    apart = 0.0 if self.is_same_part[a, b] else _distance(self.pieces[a], self.pieces[b]) / height
                    self.distances[a, b] = self.distances[b, a] = apart

    def groups(self) -> list[Candidate]:
        """Return all groups that may be a digit, then the pieces that may be noise."""
        all_members: list[tuple[int, ...]] = []
        for max_pieces in range(_MAX_PIECES, 0, -1):
            all_members = [
                members for first in range(len(self.pieces)) for members in self._groups_from(first, max_pieces)
            ]
            if len(all_members) <= _MAX_GROUPS:
                break
        groups = [Candidate(members, self.box_of(members)) for members in all_members]
        small = [i for i, piece in enumerate(self.pieces) if piece.size <= _NOISE * self.height]
        return groups + [Candidate((i,), self.pieces[i].box, is_noise=True) for i in small]

    def _groups_from(self, first: int, max_pieces: int) -> Iterator[tuple[int, ...]]:
        yield (first,)
        neighbours = range(first + 1, min(first + _WINDOW, len(self.pieces)))
        near = [other for other in neighbours if self.width((first, other)) <= _MAX_WIDTH]
        for count in range(1, max_pieces):
            for others in combinations(near, count):
                members = (first, *others)
                if self.width(members) <= _MAX_WIDTH and self._is_connected(members):
                    yield members

    def _is_connected(self, members: tuple[int, ...]) -> bool:
        """Return whether the members are near each other, and those cut from one part are adjacent slices."""
        for a, b in pairwise(sorted((self.pieces[i].whole, self.pieces[i].number) for i in members)):
            if a[0] == b[0] and b[1] > a[1] + 1:
                return False
        return self.longest_gap(members) <= _MAX_GAP

    def width(self, members: tuple[int, ...]) -> float:
        """Return the width of the members together, per height."""
        pieces = [self.pieces[i].box for i in members]
        return (max(box[2] for box in pieces) - min(box[0] for box in pieces)) / self.height

    def longest_gap(self, members: tuple[int, ...]) -> float:
        """Return the longest edge of the minimum spanning tree of the pieces, per height."""
        reached, rest, longest = [members[0]], list(members[1:]), 0.0
        while rest:
            distance, nearest = min((min(self.distances[a, b] for a in reached), b) for b in rest)
            longest = max(longest, float(distance))
            reached.append(nearest)
            rest.remove(nearest)
        return longest

    def box_of(self, members: Sequence[int]) -> Box:
        """Return the bounding box of the members."""
        boxes = self.boxes[list(members)]
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = boxes[:, 2:].max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def best_segmentation(count: int, groups: Sequence[Candidate], scores: np.ndarray) -> list[int]:
    """Return the groups, by index, that cover each of `count` pieces once with the highest sum of scores (n,)."""
    groups_from: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for index, group in enumerate(groups):
        first = group.members[0]
        groups_from[first].append((index, sum(1 << (member - first) for member in group.members)))
    # Dynamic programming; a state is a bit mask of the later pieces that are covered already, its value the best score
    # and the chosen groups as a linked list.
    states: dict[int, tuple[float, tuple]] = {0: (0.0, ())}
    for options in groups_from:
        after: dict[int, tuple[float, tuple]] = {}
        for covered, (score, chosen) in states.items():
            if covered & 1:
                _put_better(after, covered >> 1, score, chosen)
                continue
            for index, mask in options:
                if not covered & mask:
                    _put_better(after, (covered | mask) >> 1, score + float(scores[index]), (index, chosen))
        states = after
    result, chosen = [], states[0][1]
    while chosen:
        result.append(chosen[0])
        chosen = chosen[1]
    return result[::-1]


def _put_better(states: dict[int, tuple[float, tuple]], covered: int, score: float, chosen: tuple) -> None:
    if covered not in states or states[covered][0] < score:
        states[covered] = score, chosen


def _distance(a: Component, b: Component) -> float:
    difference = a.points[:, None] - b.points[None]
    return float(np.sqrt((difference * difference).sum(axis=2).min()))

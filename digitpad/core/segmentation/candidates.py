"""Groups of pieces that may be a digit each, and the best way to part a row into them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np

from digitpad.core.segmentation.pieces import Box, Component

# A digit's pieces are among so many neighbours from left to right, and no more than so many.
_WINDOW = 6
_MOST_PIECES = 5
# What is wider, or further from the rest of its digit, per height, is no digit; a lone piece is always looked at.
_WIDEST = 1.7
_FURTHEST = 0.4
# With more groups than this, those of many pieces are left out.
_MOST_GROUPS = 700
# What is smaller than this, per height, may be noise.
_NOISE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """Pieces by their index from left to right, and the box around them; noise is left out of the number."""

    members: tuple[int, ...]
    box: Box
    is_noise: bool = False


class Layout:
    """Pieces from left to right, how high digits are among them, and how far from each other they are."""

    def __init__(self, pieces: Sequence[Component], height: float) -> None:
        self.pieces = sorted(pieces, key=lambda piece: piece.middle)
        self.height = height
        self.boxes = np.array([piece.box for piece in self.pieces])
        count = len(self.pieces)
        # Boxes' distances are a lower bound, and do where pieces are far apart.
        left, top, right, bottom = self.boxes.T
        across = np.maximum(left[:, None] - right, left - right[:, None]).clip(min=0)
        down = np.maximum(top[:, None] - bottom, top - bottom[:, None]).clip(min=0)
        self.distances = np.hypot(across, down) / height
        self.overlaps = (np.minimum(right[:, None], right) - np.maximum(left[:, None], left)) / height
        self.is_same_part = np.equal.outer(*(2 * [np.array([piece.whole for piece in self.pieces])]))
        for a in range(count):
            for b in range(a + 1, min(a + 2 * _WINDOW, count)):
                if self.distances[a, b] <= _FURTHEST:
                    apart = 0.0 if self.is_same_part[a, b] else _distance(self.pieces[a], self.pieces[b]) / height
                    self.distances[a, b] = self.distances[b, a] = apart

    def groups(self) -> list[Candidate]:
        """Return all groups that may be a digit, then what may be noise."""
        found: list[tuple[int, ...]] = []
        for most in range(_MOST_PIECES, 0, -1):
            found = [members for first in range(len(self.pieces)) for members in self._from(first, most)]
            if len(found) <= _MOST_GROUPS:
                break
        groups = [Candidate(members, self.box_of(members)) for members in found]
        small = [i for i, piece in enumerate(self.pieces) if piece.size <= _NOISE * self.height]
        return groups + [Candidate((i,), self.pieces[i].box, is_noise=True) for i in small]

    def _from(self, first: int, most: int) -> Iterator[tuple[int, ...]]:
        yield (first,)
        near = range(first + 1, min(first + _WINDOW, len(self.pieces)))
        within = [other for other in near if self.width((first, other)) <= _WIDEST]
        for count in range(1, most):
            for others in combinations(within, count):
                members = (first, *others)
                if self.width(members) <= _WIDEST and self._is_connected(members):
                    yield members

    def _is_connected(self, members: tuple[int, ...]) -> bool:
        """Tell whether members are near each other, and slices of one part are next to each other."""
        for a, b in pairwise(sorted((self.pieces[i].whole, self.pieces[i].number) for i in members)):
            if a[0] == b[0] and b[1] > a[1] + 1:
                return False
        return self.longest_gap(members) <= _FURTHEST

    def width(self, members: tuple[int, ...]) -> float:
        """Return how wide members are together, per height."""
        pieces = [self.pieces[i].box for i in members]
        return (max(box[2] for box in pieces) - min(box[0] for box in pieces)) / self.height

    def longest_gap(self, members: tuple[int, ...]) -> float:
        """Return the longest edge of the shortest tree over the pieces, per height."""
        reached, rest, longest = [members[0]], list(members[1:]), 0.0
        while rest:
            away, nearest = min((min(self.distances[a, b] for a in reached), b) for b in rest)
            longest = max(longest, float(away))
            reached.append(nearest)
            rest.remove(nearest)
        return longest

    def box_of(self, members: Sequence[int]) -> Box:
        """Return the box around members."""
        boxes = self.boxes[list(members)]
        left, top = boxes[:, :2].min(axis=0)
        right, bottom = boxes[:, 2:].max(axis=0)
        return float(left), float(top), float(right), float(bottom)


def best_segmentation(count: int, groups: Sequence[Candidate], scores: np.ndarray) -> list[int]:
    """Return the groups, by index, that hold each of so many pieces once and have the highest sum of scores (n,)."""
    starting: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for index, group in enumerate(groups):
        first = group.members[0]
        starting[first].append((index, sum(1 << (member - first) for member in group.members)))
    # By the pieces after this one that are taken already, a bit each: the best score, and the groups that led there.
    ways: dict[int, tuple[float, tuple]] = {0: (0.0, ())}
    for options in starting:
        after: dict[int, tuple[float, tuple]] = {}
        for taken, (score, chosen) in ways.items():
            if taken & 1:
                _keep(after, taken >> 1, score, chosen)
                continue
            for index, mask in options:
                if not taken & mask:
                    _keep(after, (taken | mask) >> 1, score + float(scores[index]), (index, chosen))
        ways = after
    found, chosen = [], ways[0][1]
    while chosen:
        found.append(chosen[0])
        chosen = chosen[1]
    return found[::-1]


def _keep(ways: dict[int, tuple[float, tuple]], taken: int, score: float, chosen: tuple) -> None:
    if taken not in ways or ways[taken][0] < score:
        ways[taken] = score, chosen


def _distance(a: Component, b: Component) -> float:
    apart = a.points[:, None] - b.points[None]
    return float(np.sqrt((apart * apart).sum(axis=2).min()))

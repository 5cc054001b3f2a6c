"""What speaks for and against a group of pieces being a digit, as numbers to be weighed."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from digitpad.core.segmentation.candidates import Candidate, Layout
from digitpad.core.segmentation.pieces import Box

FEATURES = (
    "digit",  # one for each digit: against cutting finely
    "log_p",  # the best digit's log-probability, from -6
    "unsure",  # the same, from -1
    "more",  # pieces beyond the first
    "many",  # pieces beyond the second
    "apart",  # the farthest jump from piece to piece, per height
    "gap",  # the widest gap between pieces as seen from above, per height
    "late",  # whether other strokes were drawn between its own
    "small",  # how much less than 60 % of the height its longer side is
    "flat",  # how much less than 60 % of the height it is high
    "low",  # how much less than 90 % of the height it is high
    "low_near",  # the same, where it touches other ink
    "large",  # how much more than 130 % of the height it is high
    "wide",  # how much wider than high digits are
    "shared",  # how far other pieces reach over or under it, per height, the farthest
    "within",  # which share of its narrowest neighbour is over or under it
    "near",  # 1 where it touches other ink, falling to 0 within a tenth of the height
    "habit",  # log-probability that this digit is drawn with so many strokes
    "one",  # whether it is read as 1, as parts of other digits often are
    "one_near",  # such a one, where it touches other ink
    "one_within",  # such a one, by the share of it that is over or under others
    "crossed",  # how far what touches it reaches over or under it, per height
    "beside",  # which share of a piece stands beside the rest of its digit, the largest
    "tall",  # how much more than half the height its second highest piece is high
    "cuts",  # cuts between it and other pieces of one part
    "noise",  # one for what is left out as noise
    "noise_size",  # its size per height
    "noise_near",  # 1 where it touches other ink
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a group besides its place.

    Attributes
    ----------
    digit
        What it is read as.
    log_p
        That digit's log-probability.
    habit
        Log-probability that this digit is drawn with so many strokes.

    """

    digit: int = -1
    log_p: float = 0.0
    habit: float = 0.0


def features(row: Layout, group: Candidate, evidence: Evidence) -> np.ndarray:
    """Return what speaks for and against a group, (len(FEATURES),) float64, in the order of `FEATURES`."""
    own = list(group.members)
    others = np.setdiff1d(np.arange(max(0, own[0] - 8), min(len(row.pieces), own[-1] + 9)), own)
    near = _nearness(row, own, others)
    if group.is_noise:
        size = row.pieces[own[0]].size / row.height
        return _vector(noise=1.0, noise_size=size, noise_near=near)
    width, high = (group.box[2] - group.box[0]) / row.height, (group.box[3] - group.box[1]) / row.height
    shared, within = _sharing(row, group.box, others)
    is_one = float(evidence.digit == 1)
    drawn = [row.pieces[i].number for i in own]
    return _vector(
        digit=1.0,
        log_p=max(evidence.log_p, -6.0),
        unsure=max(evidence.log_p, -1.0),
        more=float(len(own) - 1),
        many=float(max(0, len(own) - 2)),
        apart=row.longest_gap(group.members),
        gap=_gap(row, own),
        late=float(max(drawn) - min(drawn) >= len(own)),
        small=max(0.0, 0.6 - max(width, high)),
        flat=max(0.0, 0.6 - high),
        low=max(0.0, 0.9 - high),
        low_near=max(0.0, 0.9 - high) * near,
        large=max(0.0, high - 1.3),
        wide=max(0.0, width - 1.0),
        shared=shared,
        within=within,
        near=near,
        habit=evidence.habit,
        one=is_one,
        one_near=is_one * near,
        one_within=is_one * within,
        crossed=min(shared, 0.4) * max(0.0, 2 * near - 1),
        beside=_beside(row, own),
        tall=_tallness(row, own),
        cuts=float(_cuts(row, own)),
    )


def _gap(row: Layout, own: list[int]) -> float:
    boxes = sorted(row.pieces[i].box for i in own)
    reach, widest = boxes[0][2], 0.0
    for box in boxes[1:]:
        widest, reach = max(widest, box[0] - reach), max(reach, box[2])
    return widest / row.height


def _beside(row: Layout, own: list[int]) -> float:
    most = 0.0
    for i in own if len(own) > 1 else ():
        rest = row.box_of([other for other in own if other != i])
        left, right = row.pieces[i].box[0], row.pieces[i].box[2]
        width = max(min(right - left, rest[2] - rest[0]), 0.05 * row.height)
        most = max(most, 1.0 - max(0.0, min(right, rest[2]) - max(left, rest[0])) / width)
    return most


def _tallness(row: Layout, own: list[int]) -> float:
    heights = sorted(row.pieces[i].box[3] - row.pieces[i].box[1] for i in own)
    return max(0.0, heights[-2] / row.height - 0.5) if len(own) > 1 else 0.0


def _nearness(row: Layout, own: list[int], others: np.ndarray) -> float:
    if not len(others):
        return 0.0
    distances = np.where(row.is_same_part[own][:, others], np.inf, row.distances[own][:, others])
    return max(0.0, 1.0 - 10 * float(distances.min()))


def _sharing(row: Layout, box: Box, others: np.ndarray) -> tuple[float, float]:
    if not len(others):
        return 0.0, 0.0
    left, right = row.boxes[others, 0], row.boxes[others, 2]
    over = (np.minimum(right, box[2]) - np.maximum(left, box[0])).clip(min=0)
    width = np.maximum(np.minimum(right - left, box[2] - box[0]), 0.05 * row.height)
    return float(over.max()) / row.height, float(np.minimum(over / width, 1.0).max())


def _cuts(row: Layout, own: list[int]) -> int:
    """Count pieces of its own parts that are next to it and left out."""
    cuts = 0
    for whole in {row.pieces[i].whole for i in own}:
        part = sorted((piece.number, i) for i, piece in enumerate(row.pieces) if piece.whole == whole)
        inside = [i in own for _, i in part]
        cuts += sum(a != b for a, b in pairwise(inside))
    return cuts


def _vector(**values: float) -> np.ndarray:
    return np.array([values.get(name, 0.0) for name in FEATURES])

"""Numeric features of a group of pieces, which predict whether it is a digit."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from digitpad.core.segmentation.boxes import Box
from digitpad.core.segmentation.candidates import Candidate, Layout

FEATURES = (
    "digit",  # 1 for each digit; its weight controls the number of digits
    "log_p",  # the best digit's log-probability, at least -6
    "unsure",  # the same, at least -1
    "more",  # number of pieces beyond the first
    "many",  # number of pieces beyond the second
    "apart",  # the longest gap between its pieces, per height
    "gap",  # the widest horizontal gap between its pieces, per height
    "late",  # 1 if other strokes were drawn between its strokes
    "small",  # by how much its longer side is below 60 % of the height
    "flat",  # by how much its height is below 60 % of the height
    "low",  # by how much its height is below 90 % of the height
    "low_near",  # the same times "near"
    "large",  # by how much its height is above 130 % of the height
    "wide",  # by how much its width is above the height
    "shared",  # largest horizontal overlap with another piece, per height
    "within",  # the same as a fraction of the narrower of the two
    "near",  # 1 if it touches other ink, falling to 0 within a tenth of the height
    "habit",  # log-probability that this digit is drawn with this number of strokes
    "one",  # 1 if it is read as a 1, as parts of other digits often are
    "one_near",  # the same times "near"
    "one_within",  # the same times "within"
    "crossed",  # horizontal overlap with a piece that touches it, per height
    "beside",  # largest fraction of a piece beside the rest of its digit
    "tall",  # by how much its second highest piece is above half the height
    "cuts",  # number of cuts between it and other pieces of one part
    "noise",  # 1 if it is noise
    "noise_size",  # size of the noise, per height
    "noise_near",  # the same as "near", for noise
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The model's prediction for a group."""

    digit: int = -1  # the best digit
    log_p: float = 0.0  # its log-probability
    habit: float = 0.0  # the log-probability that it is drawn with this number of strokes


def features(row: Layout, group: Candidate, evidence: Evidence) -> np.ndarray:
    """Return the features of a group, (len(FEATURES),) float64, in the order of `FEATURES`."""
    members = list(group.members)
    others = np.setdiff1d(np.arange(max(0, members[0] - 8), min(len(row.pieces), members[-1] + 9)), members)
    near = _nearness(row, members, others)
    if group.is_noise:
        size = row.pieces[members[0]].size / row.height
        return _vector(noise=1.0, noise_size=size, noise_near=near)
    width, height = (group.box[2] - group.box[0]) / row.height, (group.box[3] - group.box[1]) / row.height
    shared, within = _overlap(row, group.box, others)
    is_one = float(evidence.digit == 1)
    drawn = [row.pieces[i].number for i in members]
    return _vector(
        digit=1.0,
        log_p=max(evidence.log_p, -6.0),
        unsure=max(evidence.log_p, -1.0),
        more=float(len(members) - 1),
        many=float(max(0, len(members) - 2)),
        apart=row.longest_gap(group.members),
        gap=_horizontal_gap(row, members),
        late=float(max(drawn) - min(drawn) >= len(members)),
        small=max(0.0, 0.6 - max(width, height)),
        flat=max(0.0, 0.6 - height),
        low=max(0.0, 0.9 - height),
        low_near=max(0.0, 0.9 - height) * near,
        large=max(0.0, height - 1.3),
        wide=max(0.0, width - 1.0),
        shared=shared,
        within=within,
        near=near,
        habit=evidence.habit,
        one=is_one,
        one_near=is_one * near,
        one_within=is_one * within,
        crossed=min(shared, 0.4) * max(0.0, 2 * near - 1),
        beside=_beside(row, members),
        tall=_tallness(row, members),
        cuts=float(_cuts(row, members)),
    )


def _horizontal_gap(row: Layout, members: list[int]) -> float:
    boxes = sorted(row.pieces[i].box for i in members)
    reach, widest = boxes[0][2], 0.0
    for box in boxes[1:]:
        widest, reach = max(widest, box[0] - reach), max(reach, box[2])
    return widest / row.height


def _beside(row: Layout, members: list[int]) -> float:
    largest = 0.0
    for i in members if len(members) > 1 else ():
        rest = row.box_of([other for other in members if other != i])
        left, right = row.pieces[i].box[0], row.pieces[i].box[2]
        width = max(min(right - left, rest[2] - rest[0]), 0.05 * row.height)
        largest = max(largest, 1.0 - max(0.0, min(right, rest[2]) - max(left, rest[0])) / width)
    return largest


def _tallness(row: Layout, members: list[int]) -> float:
    heights = sorted(row.pieces[i].box[3] - row.pieces[i].box[1] for i in members)
    return max(0.0, heights[-2] / row.height - 0.5) if len(members) > 1 else 0.0


def _nearness(row: Layout, members: list[int], others: np.ndarray) -> float:
    if not len(others):
        return 0.0
    distances = np.where(row.is_same_part[members][:, others], np.inf, row.distances[members][:, others])
    return max(0.0, 1.0 - 10 * float(distances.min()))


def _overlap(row: Layout, box: Box, others: np.ndarray) -> tuple[float, float]:
    if not len(others):
        return 0.0, 0.0
    left, right = row.boxes[others, 0], row.boxes[others, 2]
    overlap = (np.minimum(right, box[2]) - np.maximum(left, box[0])).clip(min=0)
    width = np.maximum(np.minimum(right - left, box[2] - box[0]), 0.05 * row.height)
    return float(overlap.max()) / row.height, float(np.minimum(overlap / width, 1.0).max())


def _cuts(row: Layout, members: list[int]) -> int:
    """Count the cuts that separate the members from other pieces of their parts."""
    cuts = 0
    for whole in {row.pieces[i].whole for i in members}:
        part = sorted((piece.number, i) for i, piece in enumerate(row.pieces) if piece.whole == whole)
        inside = [i in members for _, i in part]
        cuts += sum(a != b for a, b in pairwise(inside))
    return cuts


def _vector(**values: float) -> np.ndarray:
    return np.array([values.get(name, 0.0) for name in FEATURES])

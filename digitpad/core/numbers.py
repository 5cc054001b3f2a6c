"""Whole numbers: which strokes, or which parts of a picture, belong to one digit, and what the digits are.

The ink falls into pieces, ordered from left to right. Every run of neighbouring pieces might be a digit; the model
reads them all, and the best way to cut the row is found by dynamic programming over model score and spacing. Digits
that are joined, by one stroke or by touching in a picture, are one piece and cannot be told apart here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core import ink as ink_module
from digitpad.core import ink_maps
from digitpad.core.geometry import DigitImage
from digitpad.core.ink import Ink
from digitpad.core.recognition import Prediction, predict

if TYPE_CHECKING:
    from digitpad.core.storage import LoadedModel

Box = tuple[float, float, float, float]

# No digit is drawn with more strokes than this by people who lift the pen, and more parts than this are noise.
_MOST_PIECES = 4
# A row of more pieces than this is no number.
_LONGEST_ROW = 200
# Pieces whose horizontal extents overlap by this share of the narrower one are one digit's.
_SAME_DIGIT = 0.7
# Costs, in nats, by which spacing is weighed against the model's log-probability: per height of a gap inside a digit,
# per height of overlap between two digits, and per share of the row's height that a digit is too small.
_GAP_COST = 24.0
_OVERLAP_COST = 12.0
_SMALL_COST = 16.0
_LEAST_HEIGHT = 0.5
# However sure the model is that a group is nothing, the spacing must be able to speak.
_WORST_SCORE = -6.0


@dataclass(frozen=True, slots=True, eq=False)
class ReadDigit:
    """One digit of a number; `box` is left, top, right, bottom in the sample's own units."""

    prediction: Prediction
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A number, digit by digit from left to right."""

    digits: tuple[ReadDigit, ...]

    @property
    def number(self) -> str | None:
        """The digits as text; None where there are none, or one is not sure enough."""
        answers = [read.prediction.digit for read in self.digits]
        return None if not answers or None in answers else "".join(map(str, answers))


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    box: Box
    parts: tuple[int, ...]  # indices of strokes, or labels of connected components

    @property
    def middle(self) -> float:
        return (self.box[0] + self.box[2]) / 2


def read_ink_number(ink: Ink, model: "LoadedModel") -> Reading:
    """Read strokes as a number."""

    def image_of(parts: Sequence[int]) -> DigitImage:
        return ink_module.digit_image(Ink(tuple(ink.strokes[part] for part in parts), ink.pen_width))

    pieces = [_Piece(Ink((stroke,)).bounds, (number,)) for number, stroke in enumerate(ink.strokes)]
    return _read(pieces, image_of, model)


def read_picture_number(ink_map: np.ndarray, model: "LoadedModel") -> Reading:
    """Read an ink map, (height, width) float in [0, 1], as a number."""
    labels, boxes = ink_maps.connected_parts(ink_map)

    def image_of(parts: Sequence[int]) -> DigitImage:
        return ink_maps.digit_image(np.where(np.isin(labels, parts), ink_map, 0))

    return _read([_Piece(box, (label,)) for label, box in boxes.items()], image_of, model)


def _read(pieces: list[_Piece], image_of: Callable[[Sequence[int]], DigitImage], model: "LoadedModel") -> Reading:
    pieces = _merged(sorted(pieces, key=lambda piece: piece.middle))[:_LONGEST_ROW]
    if not pieces:
        return Reading(())
    runs = [(i, j) for i in range(len(pieces)) for j in range(i + 1, min(i + _MOST_PIECES, len(pieces)) + 1)]
    groups = [_joined(pieces[i:j]) for i, j in runs]
    predictions = predict([image_of(group.parts) for group in groups], model)
    height = max(piece.box[3] for piece in pieces) - min(piece.box[1] for piece in pieces)
    scale = max(height, 1e-9)
    scores = {
        run: _score(prediction) - _spacing_cost(pieces[run[0] : run[1]], group, scale)
        for run, prediction, group in zip(runs, predictions, groups, strict=True)
    }
    best = _best_cut(len(pieces), scores, pieces, scale)
    found = dict(zip(runs, zip(predictions, groups, strict=True), strict=True))
    return Reading(tuple(ReadDigit(prediction=found[run][0], box=found[run][1].box) for run in best))


def _score(prediction: Prediction) -> float:
    return max(float(np.log(max(prediction.confidence, 1e-9))), _WORST_SCORE)


def _spacing_cost(pieces: Sequence[_Piece], group: _Piece, height: float) -> float:
    gaps = sum(
        max(0.0, right.box[0] - max(piece.box[2] for piece in pieces[: number + 1]))
        for number, right in enumerate(pieces[1:])
    )
    share = max(group.box[3] - group.box[1], group.box[2] - group.box[0]) / height
    return _GAP_COST * gaps / height + _SMALL_COST * max(0.0, _LEAST_HEIGHT - share)


def _best_cut(
    count: int, scores: dict[tuple[int, int], float], pieces: Sequence[_Piece], height: float
) -> list[tuple[int, int]]:
    """Return the runs that cover all pieces with the highest sum of scores, neighbours' overlap counted."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, count + 1):
        options = []
        for start in range(max(0, end - _MOST_PIECES), end):
            overlap = 0.0
            if start:
                overlap = max(p.box[2] for p in pieces[max(0, start - _MOST_PIECES) : start]) - pieces[start].box[0]
            cost = _OVERLAP_COST * max(0.0, overlap) / height
            options.append((best[start][0] + scores[start, end] - cost, start))
        best.append(max(options))
    runs, end = [], count
    while end:
        runs.append((best[end][1], end))
        end = best[end][1]
    return runs[::-1]


def _merged(pieces: list[_Piece]) -> list[_Piece]:
    """Join pieces that stand over each other: no cut could go between them."""
    result: list[_Piece] = []
    for piece in pieces:
        if result and _overlap_share(result[-1], piece) >= _SAME_DIGIT:
            result[-1] = _joined([result[-1], piece])
        else:
            result.append(piece)
    return result


def _overlap_share(a: _Piece, b: _Piece) -> float:
    overlap = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    narrower = min(a.box[2] - a.box[0], b.box[2] - b.box[0])
    return overlap / narrower if narrower > 0 else float(overlap >= 0)


def _joined(pieces: Sequence[_Piece]) -> _Piece:
    boxes = np.array([piece.box for piece in pieces])
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    box = (float(left), float(top), float(right), float(bottom))
    return _Piece(box, tuple(part for piece in pieces for part in piece.parts))

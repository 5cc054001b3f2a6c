"""A row's pieces, all groups of them that may be digits, and what a model says of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.ink import ink_mask
from digitpad.core.ink import strokes as ink_module
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.strokes import Ink
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.segmentation import weights
from digitpad.core.segmentation.candidates import Candidate, Layout
from digitpad.core.segmentation.features import Evidence, features
from digitpad.core.segmentation.pieces import Box, Component, components_of_ink, components_of_picture, height_of

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# A row of more pieces than this is no number.
_LONGEST_ROW = 200


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The groups that may be digits, n of them, with what the model says of each, and then what may be noise, m.

    `pieces` are from left to right, `features` are (n + m, len(FEATURES)) float64.
    """

    pieces: list[Component]
    groups: list[Candidate]
    images: list[DigitImage]
    predictions: list[Prediction]
    features: np.ndarray


def candidates_of_ink(ink: Ink, model: "LoadedModel") -> Lattice | None:
    """Return all groups of strokes that may be a digit; None where there is nothing to read."""

    def image_of(pieces: Sequence[Component]) -> DigitImage:
        numbers = sorted(piece.number for piece in pieces)
        return ink_module.digit_image(Ink(tuple(ink.strokes[number] for number in numbers), ink.pen_width))

    def habit_of(digit: int, pieces: int) -> float:
        return weights.habit(digit, pieces)

    if len(ink.strokes) > _LONGEST_ROW:
        return None
    pieces = components_of_ink(ink)
    return _groups(pieces, [piece.box for piece in pieces], image_of, habit_of, model)


def candidates_of_picture(ink_map: np.ndarray, model: "LoadedModel") -> Lattice | None:
    """Return all groups of parts of a picture that may be a digit; None where there is nothing to read."""
    pieces, cut = components_of_picture(ink_map)
    if len(pieces) > _LONGEST_ROW:
        return None

    def image_of(group: Sequence[Component]) -> DigitImage:
        boxes = np.array([piece.box for piece in group])
        left, top = np.maximum(boxes[:, :2].min(axis=0).astype(int) - 2, 0)
        right, bottom = boxes[:, 2:].max(axis=0).astype(int) + 2
        window = np.s_[top:bottom, left:right]
        numbers = [piece.number for piece in group]
        return ink_mask.digit_image(np.where(np.isin(cut[window], numbers), ink_map[window], 0))

    return _groups(pieces, _whole_boxes(pieces), image_of, lambda _digit, _pieces: 0.0, model)


def _whole_boxes(pieces: Sequence[Component]) -> list[Box]:
    wholes: dict[int, list[Box]] = {}
    for piece in pieces:
        wholes.setdefault(piece.whole, []).append(piece.box)
    return [
        (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
        for boxes in wholes.values()
    ]


def _groups(
    pieces: list[Component],
    boxes: list[Box],
    image_of: Callable[[Sequence[Component]], DigitImage],
    habit_of: Callable[[int, int], float],
    model: "LoadedModel",
) -> Lattice | None:
    if all(piece.is_dot for piece in pieces):
        return None
    row = Layout(pieces, height_of(boxes))
    groups = row.groups()
    images = [image_of([row.pieces[i] for i in group.members]) for group in groups if not group.is_noise]
    predictions = predict(images, model)
    said = [
        Evidence(prediction.best, _log(prediction.confidence), habit_of(prediction.best, len(group.members)))
        for group, prediction in zip(groups, predictions, strict=False)
    ]
    said += [Evidence()] * (len(groups) - len(said))
    known_features = np.array([features(row, group, known) for group, known in zip(groups, said, strict=True)])
    return Lattice(row.pieces, groups, images, predictions, known_features)


def _log(probability: float) -> float:
    return float(np.log(max(probability, 1e-9)))

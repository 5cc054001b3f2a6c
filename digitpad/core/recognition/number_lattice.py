"""The candidate digits of a number: groups of pieces with a model's predictions and their features."""

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
from digitpad.core.segmentation.boxes import Box, height_of
from digitpad.core.segmentation.candidates import Candidate, Layout
from digitpad.core.segmentation.features import Evidence, features
from digitpad.core.segmentation.pieces import Component, boxes_of_parts

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """The candidates: n groups that may be digits, with images and predictions, then m that may be noise.

    `pieces` are from left to right, `features` are (n + m, len(FEATURES)) float64.
    """

    pieces: list[Component]
    groups: list[Candidate]
    images: list[DigitImage]
    predictions: list[Prediction]
    features: np.ndarray


def candidates_of_ink(ink: Ink, line: Sequence[Component], model: "LoadedModel") -> Lattice | None:
    """Return all groups of strokes of a line that may be a digit; None if there is nothing to read.

    `line` are pieces of `components_of_ink`.
    """

    def image_of(pieces: Sequence[Component]) -> DigitImage:
        numbers = sorted(piece.number for piece in pieces)
        # In a row, strokes no larger than the pen are a dot.
        strokes = tuple(ink.strokes[number] for number in numbers)
        return ink_module.digit_image(Ink(strokes, ink.pen_width / ink_module.DOT_PENS))

    return _lattice(line, [piece.box for piece in line], image_of, weights.habit, model)


def candidates_of_picture(
    ink_map: np.ndarray, labels: np.ndarray, line: Sequence[Component], model: "LoadedModel"
) -> Lattice | None:
    """Return all groups of parts of a line that may be a digit; None if there is nothing to read.

    `labels` and the pieces of `line` are from `components_of_picture`.
    """

    def image_of(group: Sequence[Component]) -> DigitImage:
        boxes = np.array([piece.box for piece in group])
        left, top = np.maximum(boxes[:, :2].min(axis=0).astype(int) - 2, 0)
        right, bottom = boxes[:, 2:].max(axis=0).astype(int) + 2
        window = np.s_[top:bottom, left:right]
        numbers = [piece.number for piece in group]
        return ink_mask.digit_image(np.where(np.isin(labels[window], numbers), ink_map[window], 0))

    return _lattice(line, list(boxes_of_parts(line).values()), image_of, lambda _digit, _pieces: 0.0, model)


def _lattice(
    pieces: Sequence[Component],
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
    evidence = [
        Evidence(prediction.best, _log(prediction.confidence), habit_of(prediction.best, len(group.members)))
        for group, prediction in zip(groups, predictions, strict=False)
    ]
    evidence += [Evidence()] * (len(groups) - len(evidence))
    vectors = np.array([features(row, *pair) for pair in zip(groups, evidence, strict=True)])
    return Lattice(row.pieces, groups, images, predictions, vectors)


def _log(probability: float) -> float:
    return float(np.log(max(probability, 1e-9)))

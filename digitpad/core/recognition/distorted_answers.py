"""Answers to a drawing that is distorted on purpose, and how they change with the amount of a distortion.

torch is imported inside functions, so that the window can import this module without it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.distortion import NEUTRAL, SPANS, Distortion, distorted_drawing, model_pixels
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing
from digitpad.core.ink.mnist_geometry import SIZE, DigitImage
from digitpad.core.models.cache import ModelCache
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.recognition.recogniser import Failure, quickened

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# Points of a curve; odd, so that the middle of a span is one of them.
_POINTS = 31
_MAX_MODELS = 4  # as many as are compared; a training adds a new one every epoch


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A drawing with some ink, and the models that read it.

    Attributes
    ----------
    models
        Files, or models in memory.
    reader
        The index of the model whose answer to the undistorted drawing is the wanted digit, if there is no label.
    label
        The digit that the drawing shows, if it is known.
    pen_width
        Width of the line on the pad, pad units.

    """

    drawing: Drawing
    models: "tuple[Path | LoadedModel, ...]"
    reader: int
    label: int | None = None
    pen_width: float = PEN_WIDTH


@dataclass(frozen=True, slots=True, eq=False)
class DistortedAnswer:
    """What the models read of a distorted drawing.

    Attributes
    ----------
    drawing
        The distorted drawing, before it is normalised.
    pixels
        What the models get, (28, 28) float32 in [0, 1].
    predictions
        One a model, or why it cannot be used. No image is refused.
    wanted
        The subject's label, or what its reader made of the undistorted drawing; None if it cannot be used.

    """

    subject: Subject
    distortion: Distortion
    drawing: Drawing
    pixels: np.ndarray
    predictions: tuple[Prediction | Failure, ...]
    wanted: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The probability of the wanted digit over the amounts of one distortion.

    Attributes
    ----------
    name
        The distortion, one of `SPANS`.
    values
        The amounts, ascending.
    shares
        (models, amounts) float64 in [0, 1]; a row of NaN for a model that cannot be used.
    wanted
        The digit, as in `DistortedAnswer`.

    """

    subject: Subject
    name: str
    values: tuple[float, ...]
    shares: np.ndarray
    wanted: int


class DistortionReader:
    """Distorts drawings and lets models read them; keeps the models that were loaded."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._quick = lru_cache(_MAX_MODELS)(quickened)

    def answer(self, subject: Subject, distortion: Distortion) -> DistortedAnswer:
        """Return the models' answers to a distorted drawing."""
        pixels = model_pixels(subject.drawing, distortion, subject.pen_width)
        read = self._read(subject, [model_pixels(subject.drawing, NEUTRAL), pixels])
        answers = tuple(one if isinstance(one, Failure) else one[1] for one in read)
        moved = distorted_drawing(subject.drawing, distortion)
        return DistortedAnswer(subject, distortion, moved, pixels, answers, _wanted(subject, read))

    def curve(
        self, subject: Subject, distortion: Distortion, name: str, is_needed: Callable[[], bool] = lambda: True
    ) -> Curve | None:
        """Vary one distortion over its span, and keep the others as in `distortion`.

        `is_needed` is called before each point; the result is None if it was False, or if no digit is wanted.
        """
        values, images = SPANS[name].values(_POINTS), [model_pixels(subject.drawing, NEUTRAL)]
        for value in values:
            if not is_needed():
                return None
            images.append(model_pixels(subject.drawing, distortion.with_value(name, value), subject.pen_width))
        read = self._read(subject, images)
        wanted = _wanted(subject, read)
        if wanted is None:
            return None
        shares = np.full((len(read), len(values)), np.nan)
        for row, one in zip(shares, read, strict=True):
            if not isinstance(one, Failure):
                row[:] = [prediction.probabilities[wanted] for prediction in one[1:]]
        return Curve(subject, name, values, shares, wanted)

    def _read(self, subject: Subject, pixels: Sequence[np.ndarray]) -> list[list[Prediction] | Failure]:
        import torch

        torch.set_num_threads(1)  # a few images are too little work for several
        # An image without ink has an answer here too: it may be blank only because the ink was moved out of it.
        images = [DigitImage(one, one, bounds=(0, 0, SIZE, SIZE)) for one in pixels]
        return [self._read_by(source, images) for source in subject.models]

    def _read_by(self, source: "Path | LoadedModel", images: list[DigitImage]) -> list[Prediction] | Failure:
        try:
            return predict(images, self._quick(self._models.get(source)))
        except DigitpadError as error:
            return Failure(str(error))


def _wanted(subject: Subject, read: list[list[Prediction] | Failure]) -> int | None:
    """Return the label, or the answer to the first image, which is not distorted."""
    first = read[subject.reader]
    return subject.label if subject.label is not None else None if isinstance(first, Failure) else first[0].best

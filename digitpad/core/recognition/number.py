"""Whole numbers: which strokes, or which parts of a picture, belong to one digit, and what the digits are.

The ink falls into pieces: strokes, or parts of a picture, cut where digits may touch. Every group of neighbouring
pieces might be a digit; the model reads them all at once, and among the ways to part the row the best is taken, by the
model's score, sizes and spacing. What is small and part of no digit is noise. Digits joined in one stroke are not told
apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.ink import drawing as drawing_module
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.strokes import Ink
from digitpad.core.recognition.digit_detector import THRESHOLD, digit_scores, recognises_digits
from digitpad.core.recognition.number_lattice import Lattice, candidates_of_ink, candidates_of_picture
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.segmentation import weights
from digitpad.core.segmentation.candidates import best_segmentation
from digitpad.core.segmentation.features import FEATURES
from digitpad.core.segmentation.pieces import Box

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# Of digit images, one of ten and nothing else: their log-probability of being a digit at all, (n,) float, at most 0.
LogDigit = Callable[[Sequence[DigitImage]], np.ndarray]

# However sure it is that a group is nothing, sizes and spacing must be able to speak.
_WORST = -6.0
# Beside other digits a digit is claimed at this share of the threshold: what stands in a row is likely one itself.
_IN_A_ROW = 0.4
# A pen's width as a share of a row's height: with a wider one a row could not be written.
_WIDEST_PEN = 0.15
# A detector's score below this is as good as none.
_LEAST_SCORE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class ReadDigit:
    """One digit of a number.

    Attributes
    ----------
    prediction
        What the model says of it, and the detector.
    box
        Left, top, right, bottom in the sample's own units: of a drawing, the pad's; the pen's width not counted.
    image
        What the model saw.

    """

    prediction: Prediction
    box: Box
    image: DigitImage

    @property
    def is_refused(self) -> bool:
        """Whether it is likely no digit."""
        return self.prediction.is_refused

    @property
    def digit(self) -> int | None:
        """The answer; None where it is not sure enough, or is likely no digit."""
        return self.prediction.digit


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A number, digit by digit from left to right."""

    digits: tuple[ReadDigit, ...]

    @property
    def number(self) -> str | None:
        """The digits as text; None where there are none, or one is not sure enough."""
        answers = [read.digit for read in self.digits]
        return None if not answers or None in answers else "".join(map(str, answers))

    @property
    def is_refused(self) -> bool:
        """Whether there is nothing in it that looks like a digit."""
        return all(read.is_refused for read in self.digits)

    def with_threshold(self, threshold: float) -> "Reading":
        """Return the same reading with another threshold, in [0, 1]; in a row digits speak for each other."""
        own = threshold * _IN_A_ROW if len(self.digits) > 1 else threshold
        return Reading(tuple(replace(read, prediction=replace(read.prediction, threshold=own)) for read in self.digits))


def _likeness(images: Sequence[DigitImage]) -> np.ndarray:
    """Ask the detector of non-digits how much images look like digits; see `LogDigit`."""
    return np.log(np.clip(digit_scores(np.stack([image.pixels for image in images])), _LEAST_SCORE, 1.0))


def _likeness_for(model: "LoadedModel") -> LogDigit:
    """Return who tells digits from other things; a model that was trained on other things is never refused."""
    return _likeness if recognises_digits(model.card) else _anything


def _anything(images: Sequence[DigitImage]) -> np.ndarray:
    return np.zeros(len(images))


def read_number(drawing: Drawing, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read what is on the pad as a number; strokes alone stay vectors, a picture is read with what is drawn over it.

    Parameters
    ----------
    drawing
        What was drawn and opened. A digit image that nothing was drawn over is one digit.
    model
        Reads the digits.
    log_digit
        Tells digits from other things; without it the detector does, for models of digits.

    Returns
    -------
    Reading
        Without digits where nothing is drawn, nothing but dots, or more pieces than any number has.

    """
    if drawing.digit is not None and not drawing.ink:
        return _one_digit(drawing_module.digit_image(drawing), model, log_digit or _likeness_for(model))
    if drawing.picture is None:
        return read_ink_number(_with_finer_pen(drawing.ink), model, log_digit)
    return read_picture_number(drawing_module.ink_map(drawing, drawing_module.NUMBER_PEN_WIDTH), model, log_digit)


def _with_finer_pen(ink: Ink) -> Ink:
    """Return strokes whose pen is no wider than a row of this height is written with: a digit of many is no dot."""
    if not ink:
        return ink
    left, top, right, bottom = ink.bounds
    is_dot = max(right - left, bottom - top) <= ink.pen_width
    return ink if is_dot else Ink(ink.strokes, min(ink.pen_width, _WIDEST_PEN * (bottom - top)))


def read_ink_number(ink: Ink, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read strokes as a number; see `read_number`."""
    found = candidates_of_ink(ink, model)
    return Reading(()) if found is None else _best(found, weights.INK, log_digit or _likeness_for(model))


def read_picture_number(ink_map: np.ndarray, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read an ink map, (height, width) float in [0, 1], as a number; see `read_number`."""
    found = candidates_of_picture(ink_map, model)
    return Reading(()) if found is None else _best(found, weights.PICTURE, log_digit or _likeness_for(model))


def _best(found: Lattice, weights: dict[str, float], log_digit: LogDigit) -> Reading:
    known = np.asarray(log_digit(found.images), np.float64)
    scores = found.features @ np.array([weights[name] for name in FEATURES])
    scores[: len(known)] += np.maximum(known, _WORST)
    cover = best_segmentation(len(found.pieces), found.groups, scores)
    chosen = [index for index in cover if index < len(known)]
    chosen.sort(key=lambda index: found.groups[index].box[0] + found.groups[index].box[2])
    return Reading(
        tuple(
            ReadDigit(_scored(found.predictions[index], known[index]), found.groups[index].box, found.images[index])
            for index in chosen
        )
    ).with_threshold(THRESHOLD)


def _one_digit(image: DigitImage, model: "LoadedModel", log_digit: LogDigit) -> Reading:
    if image.bounds is None:
        return Reading(())
    known = float(log_digit([image])[0])
    return Reading((ReadDigit(_scored(predict([image], model)[0], known), image.bounds, image),))


def _scored(prediction: Prediction, log_digit: float) -> Prediction:
    return replace(prediction, digit_score=float(np.exp(log_digit)))

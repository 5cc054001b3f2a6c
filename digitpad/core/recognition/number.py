"""Read whole numbers: group strokes, or parts of a picture, into digits, and recognise the digits.

The pieces are strokes, or parts of a picture cut where digits may touch. Every group of neighbouring pieces is a
candidate digit; the model predicts all of them in one batch, and the segmentation with the best total score is chosen,
from predictions, sizes and spacing. Small pieces outside all digits are noise. Digits joined in one stroke are not
separated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.ink import drawing as drawing_module
from digitpad.core.ink import ink_mask
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.strokes import DOT_PENS, Ink
from digitpad.core.recognition.digit_detector import THRESHOLD, digit_scores, recognises_digits
from digitpad.core.recognition.number_lattice import Lattice, candidates_of_ink, candidates_of_picture
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.segmentation import weights
from digitpad.core.segmentation.candidates import best_segmentation
from digitpad.core.segmentation.features import FEATURES
from digitpad.core.segmentation.pieces import Box, height_of, scale_box

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# Returns the log-probability, (n,) float, at most 0, that images show a digit.
LogDigit = Callable[[Sequence[DigitImage]], np.ndarray]

# Lower limit, so that sizes and spacing still count for a group that is not a digit.
_MIN_LOG_DIGIT = -6.0
# Factor for the threshold in a row of several: a neighbour of digits is likely a digit.
_ROW_FACTOR = 0.4
# The pen's largest width as a fraction of the row's height: a row cannot be written with a wider one.
_MAX_PEN = 0.15
# A drawing of more strokes or parts is not two or three digits beside each other.
_MAX_PARTS = 20
# Digits of a picture are enlarged to at least this height, px, but the whole picture to at most this number of pixels.
_MIN_HEIGHT = 40
_MAX_ENLARGED = 4_000_000
# Smaller scores of the detector count as this.
_MIN_SCORE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class ReadDigit:
    """One digit of a number.

    Attributes
    ----------
    prediction
        The model's prediction, with the detector's score.
    box
        Left, top, right, bottom in the sample's units (pad units for a drawing), without the pen's width.
    image
        The model's input.

    """

    prediction: Prediction
    box: Box
    image: DigitImage

    @property
    def is_refused(self) -> bool:
        """Whether it is probably not a digit."""
        return self.prediction.is_refused

    @property
    def digit(self) -> int | None:
        """The answer; None if not sure or refused."""
        return self.prediction.digit


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A number, digit by digit from left to right."""

    digits: tuple[ReadDigit, ...]

    @property
    def number(self) -> str | None:
        """The digits as text; None if there are none, or one is not sure or refused."""
        answers = [read.digit for read in self.digits]
        return None if not answers or None in answers else "".join(map(str, answers))

    @property
    def is_refused(self) -> bool:
        """Whether all of it is probably not a digit."""
        return all(read.is_refused for read in self.digits)

    def with_threshold(self, threshold: float) -> "Reading":
        """Return the same reading with another threshold, in [0, 1], which is lowered for several digits in a row."""
        limit = threshold * _ROW_FACTOR if len(self.digits) > 1 else threshold
        digits = (replace(read, prediction=replace(read.prediction, threshold=limit)) for read in self.digits)
        return Reading(tuple(digits))

    def scaled(self, factor: float) -> "Reading":
        """Return the same reading with its boxes in another unit."""
        return Reading(tuple(replace(read, box=scale_box(read.box, factor)) for read in self.digits))


def _detector_log_digit(images: Sequence[DigitImage]) -> np.ndarray:
    """Return the log scores of the digit detector; see `LogDigit`."""
    return np.log(np.clip(digit_scores(np.stack([image.pixels for image in images])), _MIN_SCORE, 1.0))


def _default_log_digit(model: "LoadedModel") -> LogDigit:
    """Return the detector's scores for a model of digits; nothing is refused for other models."""
    return _detector_log_digit if recognises_digits(model.card) else lambda images: np.zeros(len(images))


def read_number(drawing: Drawing, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read a drawing as a number, strokes alone as vectors, a picture together with the strokes over it.

    Parameters
    ----------
    drawing
        The drawing. An opened digit image without strokes is one digit.
    model
        Recognises the digits.
    log_digit
        Scores how much an image looks like a digit; by default the digit detector, for models of digits.

    Returns
    -------
    Reading
        Without digits if the drawing is blank, has only dots, or has too many pieces for a number.

    """
    if drawing.digit is not None and not drawing.ink:
        return _read_one_digit(drawing_module.digit_image(drawing), model, log_digit or _default_log_digit(model))
    if drawing.picture is None:
        return read_ink_number(_limit_pen_width(drawing.ink), model, log_digit)
    return read_picture_number(drawing_module.ink_map(drawing, drawing_module.NUMBER_PEN_WIDTH), model, log_digit)


def may_be_several(drawing: Drawing) -> bool:
    """Return quickly whether a drawing may show several digits: it is a picture, or has several strokes."""
    if drawing.picture is None:
        return 2 <= len(drawing.ink.strokes) <= _MAX_PARTS
    return drawing.digit is None or bool(drawing.ink)


def read_several(drawing: Drawing, model: "LoadedModel", prediction: Prediction) -> Reading | None:
    """Return the reading of a drawing that probably shows several digits, and not one; otherwise None.

    Each of them looks at least as much like a digit as the whole does, measured by the digit detector, and none is
    refused. `prediction` is the model's for the whole drawing as one digit.
    """
    score = prediction.digit_score
    if score is None or not may_be_several(drawing):
        return None
    if drawing.picture is not None:
        parts = ink_mask.connected_parts(drawing_module.ink_map(drawing, drawing_module.NUMBER_PEN_WIDTH))[1]
        if len(parts) > _MAX_PARTS:
            return None
    reading = read_number(drawing, model)
    is_several = len(reading.digits) > 1 and reading.number is not None
    least = max(score, prediction.threshold)
    return reading if is_several and all(_score(read) >= least for read in reading.digits) else None


def _score(read: ReadDigit) -> float:
    return read.prediction.digit_score or 0.0


def _limit_pen_width(ink: Ink) -> Ink:
    """Limit the pen's width to that of a row of this height, so that a small digit in a row is not a dot."""
    if not ink:
        return ink
    left, top, right, bottom = ink.bounds
    is_dot = max(right - left, bottom - top) <= DOT_PENS * ink.pen_width
    return ink if is_dot else Ink(ink.strokes, min(ink.pen_width, _MAX_PEN * (bottom - top)))


def read_ink_number(ink: Ink, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read strokes as a number; see `read_number`."""
    lattice = candidates_of_ink(ink, model)
    return Reading(()) if lattice is None else _best(lattice, weights.INK, log_digit or _default_log_digit(model))


def read_picture_number(ink_map: np.ndarray, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read an ink map, (height, width) float in [0, 1], as a number; see `read_number`."""
    log_digit = log_digit or _default_log_digit(model)
    scale, enlarged = _enlarge(ink_map)
    lattice = candidates_of_picture(enlarged, model)
    if lattice is None:
        return Reading(())
    reading = _best(lattice, weights.PICTURE, log_digit).scaled(1 / scale)
    # One digit with a gap in its line is not several, and what is one digit is read as in "One digit".
    whole = _read_one_digit(ink_mask.digit_image(ink_map), model, log_digit).with_threshold(THRESHOLD)
    least = min(map(_score, reading.digits), default=0.0)
    is_one = len(reading.digits) < 2 or least < min(map(_score, whole.digits))
    return whole if whole.number is not None and is_one else reading


def _enlarge(ink_map: np.ndarray) -> tuple[int, np.ndarray]:
    """Enlarge an ink map with small digits by a whole number; return the number and the map.

    Pixels enlarged smoothly look like strokes to the models, and single pixels weigh less in the segmentation.
    """
    from PIL import Image

    boxes = ink_mask.connected_parts(ink_map)[1]
    if not boxes:
        return 1, ink_map
    fitting = int((_MAX_ENLARGED / ink_map.size) ** 0.5)
    scale = min(int(np.ceil(_MIN_HEIGHT / height_of(list(boxes.values())))), fitting)
    if scale < 2:
        return 1, ink_map
    height, width = ink_map.shape
    picture = Image.fromarray(ink_map.astype(np.float32))
    large = picture.resize((width * scale, height * scale), Image.Resampling.BICUBIC)
    return scale, np.asarray(large).clip(0.0, 1.0)


def _best(lattice: Lattice, weights: dict[str, float], log_digit: LogDigit) -> Reading:
    log_scores = np.asarray(log_digit(lattice.images), np.float64)
    scores = lattice.features @ np.array([weights[name] for name in FEATURES])
    scores[: len(log_scores)] += np.maximum(log_scores, _MIN_LOG_DIGIT)
    segmentation = best_segmentation(len(lattice.pieces), lattice.groups, scores)
    chosen = [index for index in segmentation if index < len(log_scores)]  # the others are noise
    chosen.sort(key=lambda index: lattice.groups[index].box[0] + lattice.groups[index].box[2])
    digits = (
        ReadDigit(_scored(lattice.predictions[i], log_scores[i]), lattice.groups[i].box, lattice.images[i])
        for i in chosen
    )
    return Reading(tuple(digits)).with_threshold(THRESHOLD)


def _read_one_digit(image: DigitImage, model: "LoadedModel", log_digit: LogDigit) -> Reading:
    if image.bounds is None:
        return Reading(())
    prediction = _scored(predict([image], model)[0], float(log_digit([image])[0]))
    return Reading((ReadDigit(prediction, image.bounds, image),))


def _scored(prediction: Prediction, log_digit: float) -> Prediction:
    return replace(prediction, digit_score=float(np.exp(log_digit)))

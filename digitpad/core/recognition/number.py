"""Read whole numbers, one a line: group strokes, or parts of a picture, into digits, and recognise the digits.

The pieces are strokes, or parts of a picture cut where digits may touch; each line of them is read by itself. Every
group of neighbouring pieces is a candidate digit; the model predicts all of them in one batch, and the segmentation
with the best total score is chosen, from predictions, sizes and spacing. Small pieces outside all digits are noise.
Digits joined in one stroke are not separated.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.detection.digit_detector import THRESHOLD, digit_scores, recognises_digits
from digitpad.core.ink import drawing as drawing_module
from digitpad.core.ink import ink_mask
from digitpad.core.ink import strokes as ink_module
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.ink.strokes import DOT_PENS, Ink
from digitpad.core.recognition.number_lattice import Lattice, candidates_of_ink, candidates_of_picture
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.recognition.reading import Line, ReadDigit, Reading, ReadSign
from digitpad.core.segmentation import weights
from digitpad.core.segmentation.boxes import height_of, size_of
from digitpad.core.segmentation.candidates import best_segmentation
from digitpad.core.segmentation.features import FEATURES
from digitpad.core.segmentation.lines import split_lines
from digitpad.core.segmentation.pieces import Component, boxes_of_parts, components_of_ink, components_of_picture
from digitpad.core.segmentation.seams import stroke_width
from digitpad.core.segmentation.signs import Sign, find_signs

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# Returns the log-probability, (n,) float, at most 0, that images show a digit.
LogDigit = Callable[[Sequence[DigitImage]], np.ndarray]

# Lower limit, so that sizes and spacing still count for a group that is not a digit.
_MIN_LOG_DIGIT = -6.0
# The pen's largest width as a fraction of the row's height: a row cannot be written with a wider one.
_MAX_PEN = 0.15
# A drawing of more pieces is not a number.
_MAX_PIECES = 200
# A drawing of more strokes or parts is not two or three digits beside each other.
_MAX_PARTS = 20
# Digits of a picture are enlarged to at least this height, px, but the whole picture to at most this number of pixels.
_MIN_HEIGHT = 40
_MAX_ENLARGED = 4_000_000
# A smaller one is no digit, as a share of the median size of its line.
_LEAST_SIZE = 0.4
# Smaller scores of the detector count as this.
_MIN_SCORE = 1e-4


def _detector_log_digit(images: Sequence[DigitImage]) -> np.ndarray:
    """Return the log scores of the digit detector; see `LogDigit`."""
    return np.log(np.clip(digit_scores(np.stack([image.pixels for image in images])), _MIN_SCORE, 1.0))


def _default_log_digit(model: "LoadedModel") -> LogDigit:
    """Return the detector's scores for a model of digits; nothing is refused for other models."""
    return _detector_log_digit if recognises_digits(model.card) else lambda images: np.zeros(len(images))


def read_number(drawing: Drawing, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read a drawing as numbers, one a line, strokes alone as vectors, a picture together with the strokes over it.

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
        Without lines if the drawing is blank, has only dots, or has too many pieces for a number.

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
    is_several = len(reading.digits) > 1 and reading.answer is not None
    least = max(score, prediction.threshold)
    return reading if is_several and all(_score(read) >= least for read in reading.digits) else None


def _score(read: ReadDigit) -> float:
    return read.prediction.digit_score or 0.0


def _limit_pen_width(ink: Ink) -> Ink:
    """Limit the pen's width to that of rows of digits of this height, so that a small digit in a row is not a dot."""
    if not ink:
        return ink
    left, top, right, bottom = ink.bounds
    is_dot = max(right - left, bottom - top) <= DOT_PENS * ink.pen_width
    height = height_of([Ink((stroke,)).bounds for stroke in ink.strokes])
    return ink if is_dot else Ink(ink.strokes, min(ink.pen_width, _MAX_PEN * height))


def read_ink_number(ink: Ink, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read strokes as numbers, one a line; see `read_number`."""
    log_digit = log_digit or _default_log_digit(model)
    pieces = components_of_ink(ink)

    def read(line: Sequence[Component]) -> Line | None:
        signs, others = find_signs(line, pen=0.0)
        return _best(candidates_of_ink(ink, others, model), signs, weights.INK, log_digit)

    reading = _read_lines(pieces, read)
    if len(reading.lines) < 2:
        return reading
    return _unless_one_digit(reading, ink_module.digit_image(ink), model, log_digit)


def read_picture_number(ink_map: np.ndarray, model: "LoadedModel", log_digit: LogDigit | None = None) -> Reading:
    """Read an ink map, (height, width) float in [0, 1], as numbers, one a line; see `read_number`."""
    log_digit = log_digit or _default_log_digit(model)
    scale, enlarged = _enlarge(ink_map)
    pieces, labels = components_of_picture(enlarged)
    pen = stroke_width(enlarged)

    def read(line: Sequence[Component]) -> Line | None:
        signs, others = find_signs(line, pen)
        return _best(candidates_of_picture(enlarged, labels, others, model), signs, weights.PICTURE, log_digit)

    reading = _read_lines(pieces, read).scaled(1 / scale)
    return _unless_one_digit(reading, ink_mask.digit_image(ink_map), model, log_digit)


def _read_lines(pieces: Sequence[Component], read: Callable[[Sequence[Component]], Line | None]) -> Reading:
    if len(pieces) > _MAX_PIECES:
        return Reading()
    parts = boxes_of_parts(pieces)
    labels = list(parts)
    lines = [{labels[index] for index in line} for line in split_lines(list(parts.values()))]
    found = (read([piece for piece in pieces if piece.whole in line]) for line in lines)
    return Reading(tuple(filter(None, found))).with_threshold(THRESHOLD)


def _unless_one_digit(reading: Reading, image: DigitImage, model: "LoadedModel", log_digit: LogDigit) -> Reading:
    """Return the reading, or the whole as one digit, if that looks more like a digit than one of those read does.

    A digit with a gap in its line is not several digits, and what is one digit is read as in "One digit".
    """
    if not reading.lines:
        return reading
    whole = _read_one_digit(image, model, log_digit).with_threshold(THRESHOLD)
    least = min(map(_score, reading.digits), default=0.0)
    is_one = len(reading.digits) < 2 or least < min(map(_score, whole.digits), default=0.0)
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


def _best(
    lattice: Lattice | None, signs: Sequence[Sign], weights: dict[str, float], log_digit: LogDigit
) -> Line | None:
    if lattice is None:
        return None
    log_scores = np.asarray(log_digit(lattice.images), np.float64)
    scores = lattice.features @ np.array([weights[name] for name in FEATURES])
    scores[: len(log_scores)] += np.maximum(log_scores, _MIN_LOG_DIGIT)
    segmentation = best_segmentation(len(lattice.pieces), lattice.groups, scores)
    chosen = [index for index in segmentation if index < len(log_scores)]  # the others are noise
    boxes = [lattice.groups[index].box for index in chosen]
    # What is much smaller than the digits beside it is a sign, or a part of something else.
    least = _LEAST_SIZE * float(np.median([size_of(box) for box in boxes])) if chosen else 0.0
    read: list[ReadDigit | ReadSign] = [
        ReadDigit(
            _scored(lattice.predictions[i], log_scores[i] if size_of(box) >= least else -np.inf), box, lattice.images[i]
        )
        for i, box in zip(chosen, boxes, strict=True)
    ]
    read += [ReadSign(sign.text, sign.box) for sign in signs]
    return Line(tuple(sorted(read, key=lambda each: each.box[0] + each.box[2]))) if chosen else None


def _read_one_digit(image: DigitImage, model: "LoadedModel", log_digit: LogDigit) -> Reading:
    if image.bounds is None:
        return Reading()
    prediction = _scored(predict([image], model)[0], float(log_digit([image])[0]))
    return Reading((Line((ReadDigit(prediction, image.bounds, image),)),))


def _scored(prediction: Prediction, log_digit: float) -> Prediction:
    return replace(prediction, digit_score=float(np.exp(log_digit)))

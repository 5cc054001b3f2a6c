"""One of My digits: the drawing, its label, and a model's prediction."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import shortened
from digitpad.core.images.digits import CLASSES, to_bytes
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink import strokes as ink_module
from digitpad.core.ink.drawing import Drawing, centre_ink, digit_image, enlarge_digit_image
from digitpad.core.ink.ink_files import InkSample, format_line, parse_line
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.dataset import part_of
from digitpad.core.translation import tr

_MAX_NAME = 200  # characters; an imported file may name a model as it likes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NewDigit:
    """A labelled digit to store.

    Attributes
    ----------
    label
        The user's label, in 0–9.
    image
        (28, 28) uint8, 0 background, 255 ink: the digit image.
    line
        The strokes in pad units as a line of an ink file; "" if there are none, or there is a picture too.
    predicted
        The model's prediction at the time of drawing, in 0–9; None without a model.
    model
        The model's name; "" without a model.
    created
        The time of drawing, with its time zone.

    """

    label: int
    image: np.ndarray
    line: str = ""
    predicted: int | None = None
    model: str = ""
    created: datetime

    @property
    def ink(self) -> Ink | None:
        """The strokes in pad units, rounded to a thousandth; None without strokes. Raises if they are damaged."""
        return parse_line(self.line, 1, tr("a drawing of My digits")).ink if self.line else None

    @property
    def drawing(self) -> Drawing:
        """The drawing to show on the pad again."""
        ink = self.ink
        return enlarge_digit_image(self.image.astype(np.float32) / 255) if ink is None else Drawing(ink=ink)

    @property
    def digest(self) -> str:
        """The SHA-256 of the image's bytes, row by row, in hexadecimal."""
        return sha256(self.image.tobytes()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MyDigit(NewDigit):
    """A stored digit; an `id` is never used again, even after deletion."""

    id: int

    @property
    def part(self) -> Part:
        """Whether it is for training or held out for testing."""
        return part_of(self.id)


def checked_digit(value: int) -> int:
    """Validate a label and return it as a Python int.

    Raise DigitpadError if it is not one of the ten digits.
    """
    digit = int(value)
    if not 0 <= digit < CLASSES or digit != value:
        raise DigitpadError("{label} is not a digit: choose one from 0 to 9", label=value)
    return digit


def new_digit(drawing: Drawing, label: int, *, predicted: int | None = None, model: str = "") -> NewDigit:
    """Make a new digit of a drawing, with the current time.

    The image is rendered from the strokes as stored, which are rounded, so that they always give the same image.
    Strokes over a picture are only in the image.

    Raise DigitpadError if the drawing is blank, or `label` or `predicted` is not a digit.
    """
    line = ""
    if drawing.picture is None and drawing.ink:
        line = format_line(InkSample(id="", ink=centre_ink(drawing.ink)))
        pixels = ink_module.digit_image(parse_line(line, 1, tr("the drawing")).ink).pixels
    else:
        pixels = digit_image(drawing).pixels
    return new_image(to_bytes(pixels), label, line=line, predicted=predicted, model=model)


def new_image(
    image: np.ndarray,
    label: int,
    *,
    line: str = "",
    predicted: int | None = None,
    model: str = "",
    created: datetime | None = None,
) -> NewDigit:
    """Make a new digit of a (28, 28) uint8 digit image, with the current time or `created`; raises as `new_digit`."""
    if not image.any():
        raise DigitpadError("the drawing is blank: draw a digit first")
    return NewDigit(
        label=checked_digit(label),
        image=image,
        line=line,
        predicted=None if predicted is None else checked_digit(predicted),
        model=shortened(model, _MAX_NAME),
        created=created or datetime.now(UTC),
    )


def parse_time(text: str) -> datetime | None:
    """Parse an ISO time, in UTC if it names no zone; None if invalid, or too near the limits for some time zones."""
    try:
        time = datetime.fromisoformat(text)
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return time if datetime.min.year < time.year < datetime.max.year else None

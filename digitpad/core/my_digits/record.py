"""One of the user's own digits: what was drawn, what it is, and what a model took it for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, to_bytes
from digitpad.core.images.idx_sets import Part
from digitpad.core.ink import strokes as ink_module
from digitpad.core.ink.drawing import Drawing, centre_ink, digit_image, enlarge_digit_image
from digitpad.core.ink.ink_files import InkSample, format_line, parse_line
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.dataset import part_of


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NewDigit:
    """A labelled digit, as it is kept.

    Attributes
    ----------
    label
        What the user says it is, in 0–9.
    image
        (28, 28) uint8, 0 background, 255 ink: the digit image.
    line
        The strokes in pad units as a line of an ink file; "" where there are none, or they are not all of it.
    predicted
        What a model took it for when it was drawn, in 0–9; None where none was asked.
    model
        Which model, by name; "" where none was asked.
    created
        When it was drawn, with its time zone.

    """

    label: int
    image: np.ndarray
    line: str = ""
    predicted: int | None = None
    model: str = ""
    created: datetime

    @property
    def ink(self) -> Ink | None:
        """The strokes in pad units, to a thousandth; None where there are none. Raises where they are damaged."""
        return parse_line(self.line, 1, "a drawing of My digits").ink if self.line else None

    @property
    def drawing(self) -> Drawing:
        """What to put on the pad, to see it again."""
        ink = self.ink
        return enlarge_digit_image(self.image.astype(np.float32) / 255) if ink is None else Drawing(ink=ink)

    @property
    def digest(self) -> str:
        """The SHA-256 of the image's bytes, row by row, in hexadecimal."""
        return sha256(self.image.tobytes()).hexdigest()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MyDigit(NewDigit):
    """A digit of My digits; `id` stays its own for ever, whatever is deleted."""

    id: int

    @property
    def part(self) -> Part:
        """Whether it is to learn from, or held out."""
        return part_of(self.id)


def checked_digit(value: int) -> int:
    """Check a label; numpy's integers become Python's.

    Raises
    ------
    DigitpadError
        Where it is not one of the ten digits.

    """
    digit = int(value)
    if not 0 <= digit < CLASSES or digit != value:
        raise DigitpadError("{value} is no digit: choose one of 0 to 9", value=value)
    return digit


def new_digit(drawing: Drawing, label: int, *, predicted: int | None = None, model: str = "") -> NewDigit:
    """Make of a drawing what is kept of it, as of now.

    The image is that of the strokes as they are kept, so that they give the same one whenever they are read again.
    Strokes over a picture are in the image alone.

    Raises
    ------
    DigitpadError
        Where nothing is drawn, or `label` or `predicted` is no digit.

    """
    line = ""
    if drawing.picture is None and drawing.ink:
        line = format_line(InkSample(id="", ink=centre_ink(drawing.ink)))
        pixels = ink_module.digit_image(parse_line(line, 1, "the drawing").ink).pixels
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
    """Make a new digit of a (28, 28) uint8 digit image, as of now or `created`; raises as `new_digit`."""
    if not image.any():
        raise DigitpadError("there is no ink to keep: draw a digit first")
    return NewDigit(
        label=checked_digit(label),
        image=image,
        line=line,
        predicted=None if predicted is None else checked_digit(predicted),
        model=encodable(model),
        created=created or datetime.now(UTC),
    )


def parse_time(text: str) -> datetime | None:
    """Read a time, in UTC where it does not say; None where it is none, or one that not every time zone has."""
    try:
        time = datetime.fromisoformat(text)
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return time if datetime.min.year < time.year < datetime.max.year else None


def encodable(text: str) -> str:
    """Replace what a file's name may have and a database may not: bytes that are no text."""
    return text.encode(errors="replace").decode()

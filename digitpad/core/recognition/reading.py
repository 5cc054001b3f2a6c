"""What was read as numbers: lines of digits, and the signs between them."""

from dataclasses import dataclass, replace

from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.segmentation.boxes import Box, scale_box

# Factor for the threshold in a row of several: a neighbour of digits is likely a digit.
_ROW_FACTOR = 0.4
UNKNOWN = "?"


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

    @property
    def text(self) -> str:
        """The digit, or "?" if it is not sure or refused."""
        return UNKNOWN if self.digit is None else str(self.digit)


@dataclass(frozen=True, slots=True, eq=False)
class ReadSign:
    """A sign between digits, such as "-" or "."; `box` as of a digit."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line: digits, and the signs between them, from left to right."""

    characters: tuple[ReadDigit | ReadSign, ...]

    @property
    def digits(self) -> tuple[ReadDigit, ...]:
        """The digits alone."""
        return tuple(read for read in self.characters if isinstance(read, ReadDigit))

    @property
    def text(self) -> str:
        """The line with "?" for each digit that is not sure or refused."""
        return "".join(read.text for read in self.characters)

    @property
    def number(self) -> str | None:
        """The line if all of it is sure, such as "407" or "9-1"; None if it has no digits, or one is not sure."""
        return self.text if self.digits and UNKNOWN not in self.text else None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The lines of a drawing, from top to bottom; each is a number of its own."""

    lines: tuple[Line, ...] = ()

    @property
    def digits(self) -> tuple[ReadDigit, ...]:
        """All digits, line by line."""
        return tuple(read for line in self.lines for read in line.digits)

    @property
    def numbers(self) -> tuple[str | None, ...]:
        """The number of each line; see `Line.number`."""
        return tuple(line.number for line in self.lines)

    @property
    def number(self) -> str | None:
        """The number of the only line; None if it is not sure, and if there are several lines or none."""
        return self.lines[0].number if len(self.lines) == 1 else None

    @property
    def answer(self) -> str | None:
        """The numbers as text, one a line; None if there are none, or one is not sure."""
        numbers = [number for number in self.numbers if number is not None]
        return "\n".join(numbers) if numbers and len(numbers) == len(self.lines) else None

    @property
    def is_refused(self) -> bool:
        """Whether all of it is probably not a digit."""
        return all(read.is_refused for read in self.digits)

    def with_threshold(self, threshold: float) -> "Reading":
        """Return the same reading with another threshold, in [0, 1], which is lowered for several digits in a row."""

        def changed(read: ReadDigit | ReadSign, limit: float) -> ReadDigit | ReadSign:
            if isinstance(read, ReadSign):
                return read
            return replace(read, prediction=replace(read.prediction, threshold=limit))

        limits = (threshold * _ROW_FACTOR if len(line.digits) > 1 else threshold for line in self.lines)
        return Reading(
            tuple(
                Line(tuple(changed(read, limit) for read in line.characters))
                for line, limit in zip(self.lines, limits, strict=True)
            )
        )

    def scaled(self, factor: float) -> "Reading":
        """Return the same reading with its boxes in another unit."""
        return Reading(
            tuple(
                Line(tuple(replace(read, box=scale_box(read.box, factor)) for read in line.characters))
                for line in self.lines
            )
        )

"""What is said of a number: how sure it is, and of which digit least."""

from collections.abc import Callable
from dataclasses import dataclass

from digitpad.core.recognition.number import ReadDigit, Reading

Translate = Callable[[str], str]

# From this probability of its least sure digit on, a number is called sure.
_SURE = 0.9
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class NumberText:
    """The number with "?" where a digit is not known, the least sure digit's share, and what to make of it."""

    number: str
    share: str
    verdict: str
    is_sure: bool


def number_text(reading: Reading, tr: Translate) -> NumberText:
    """Say what was read."""
    if reading.is_refused:
        hint = tr("Write digits side by side, with a little room between them.")
        return NumberText(UNKNOWN, tr("not a number?"), hint, is_sure=False)
    number = "".join(digit_text(read) for read in reading.digits)
    doubtful = [place for place, read in enumerate(reading.digits) if read.digit is None]
    least = least_sure(reading)
    share = share_text(reading.digits[least].prediction.confidence)
    if doubtful:
        # A share of what may be no digit would only look like certainty.
        is_digit = not reading.digits[least].is_refused
        words = _doubt_text(reading, doubtful, tr)
        return NumberText(number, share if is_digit else "", words, is_sure=False)
    if reading.digits[least].prediction.confidence >= _SURE:
        words = tr("sure of every digit") if len(number) > 1 else tr("sure")
    else:
        words = tr("least sure: the {}").format(ordinal(least + 1)) if len(number) > 1 else tr("not quite sure")
    return NumberText(number, share, words, is_sure=True)


def least_sure(reading: Reading) -> int:
    """Return the place of the digit that is most in doubt: what may be no digit before what may be another."""
    return min(
        range(len(reading.digits)),
        key=lambda place: (not reading.digits[place].is_refused, reading.digits[place].prediction.confidence),
    )


def digit_text(read: ReadDigit) -> str:
    """Return the digit, or "?" where it is not known."""
    return UNKNOWN if read.digit is None else str(read.digit)


def share_text(probability: float, decimals: int = 1) -> str:
    """Write a probability as a percentage."""
    return f"{probability:.{decimals}%}".replace("%", " %")


def ordinal(place: int) -> str:
    """Write 1 as 1st."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{place}{'th' if place % 100 in (11, 12, 13) else ends.get(place % 10, 'th')}"


def _doubt_text(reading: Reading, doubtful: list[int], tr: Translate) -> str:
    if len(doubtful) > 2:
        return tr("not sure of {} digits").format(len(doubtful))
    if len(doubtful) == 2:
        return tr("not sure of the {} and the {}").format(*(ordinal(place + 1) for place in doubtful))
    read = reading.digits[doubtful[0]]
    words = tr("the {} may be no digit") if read.is_refused else tr("not sure of the {}: perhaps {}")
    return words.format(ordinal(doubtful[0] + 1), read.prediction.best)

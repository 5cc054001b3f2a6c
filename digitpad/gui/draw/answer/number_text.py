"""The text of a number's answer: its confidence and its least sure digit."""

from dataclasses import dataclass

from digitpad.core.recognition.prediction import probability_text
from digitpad.core.recognition.reading import UNKNOWN, Reading
from digitpad.core.translation import tr, tr_noop

# A number is called sure if its least sure digit has at least this probability.
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class NumberText:
    """The number with "?" for each unknown digit, the least sure digit's probability, a verdict, and a hint."""

    number: str
    share: str
    verdict: str
    is_sure: bool
    hint: str = ""


def number_text(reading: Reading) -> NumberText:
    """Return the text for a reading; several numbers are one a line."""
    if reading.is_refused:
        hint = tr("Write digits side by side, with a little space between them.")
        return NumberText(UNKNOWN, "", tr("Probably not a number."), is_sure=False, hint=hint)
    number = "\n".join(line.text for line in reading.lines)
    doubtful = [index for index, read in enumerate(reading.digits) if read.digit is None]
    worst = least_sure(reading)
    share = probability_text(reading.digits[worst].prediction.confidence)
    if doubtful:
        # The probability of something that is probably not a digit would mislead.
        is_digit = not reading.digits[worst].is_refused
        return NumberText(number, share if is_digit else "", _doubt_text(reading, doubtful), is_sure=False)
    return NumberText(number, share, _sure_text(reading, worst), is_sure=True)


def least_sure(reading: Reading) -> int:
    """Return the index of the least sure digit; one that is probably not a digit comes first."""
    return min(
        range(len(reading.digits)),
        key=lambda index: (not reading.digits[index].is_refused, reading.digits[index].prediction.confidence),
    )


def ordinal(place: int) -> str:
    """Return 1 as "1st", 2 as "2nd"."""
    forms = {1: tr_noop("{}st"), 2: tr_noop("{}nd"), 3: tr_noop("{}rd")}
    usual = tr_noop("{}th")
    return tr(usual if place % 100 in (11, 12, 13) else forms.get(place % 10, usual)).format(place)


def _place(reading: Reading, index: int) -> tuple[str, int]:
    """Return which digit of its line it is, such as "3rd", and the line's number from 1."""
    for number, line in enumerate(reading.lines, start=1):
        if index < len(line.digits):
            return ordinal(index + 1), number
        index -= len(line.digits)
    raise IndexError


def _sure_text(reading: Reading, worst: int) -> str:
    if reading.digits[worst].prediction.confidence >= _SURE:
        return tr("Sure of every digit") if len(reading.digits) > 1 else tr("Sure")
    if len(reading.digits) == 1:
        return tr("Fairly sure")
    place, line = _place(reading, worst)
    if len(reading.lines) > 1:
        return tr("Least sure: {} digit of line {}").format(place, line)
    return tr("Least sure: {} digit").format(place)


def _doubt_text(reading: Reading, doubtful: list[int]) -> str:
    has_lines = len(reading.lines) > 1
    if len(doubtful) > 2 or (has_lines and len(doubtful) > 1):
        return tr("Not sure of {} digits").format(len(doubtful))
    if len(doubtful) == 2:
        places = (_place(reading, index)[0] for index in doubtful)
        return tr("Not sure of the {} and {} digits").format(*places)
    read, (place, line) = reading.digits[doubtful[0]], _place(reading, doubtful[0])
    if read.is_refused and has_lines:
        text = tr("The {} of line {} is probably not a digit (closest: {})")
        return text.format(place, line, read.prediction.best)
    if read.is_refused:
        return tr("The {} is probably not a digit (closest: {})").format(place, read.prediction.best)
    if has_lines:
        text = tr("Not sure of the {} digit of line {}, maybe {}")
        return text.format(place, line, read.prediction.best)
    return tr("Not sure of the {} digit, maybe {}").format(place, read.prediction.best)

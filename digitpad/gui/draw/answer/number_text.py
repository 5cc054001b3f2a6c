"""The text of a number's answer: its confidence and its least sure digit."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from digitpad.core.recognition.number import ReadDigit, Reading

# A number is called sure if its least sure digit has at least this probability.
_SURE = 0.9
UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class NumberText:
    """The number with "?" for each unknown digit, the least sure digit's probability, a verdict, and a hint."""

    number: str
    share: str
    verdict: str
    is_sure: bool
    hint: str = ""


def number_text(reading: Reading) -> NumberText:
    """Return the text for a reading."""
    tr = QCoreApplication.translate
    if reading.is_refused:
        hint = tr("NumberText", "Write digits side by side, with a little space between them.")
        return NumberText(UNKNOWN, "", tr("NumberText", "Probably not a number."), is_sure=False, hint=hint)
    number = "".join(digit_text(read) for read in reading.digits)
    doubtful = [place for place, read in enumerate(reading.digits) if read.digit is None]
    worst = least_sure(reading)
    share = share_text(reading.digits[worst].prediction.confidence)
    if doubtful:
        # The probability of something that is probably not a digit would mislead.
        is_digit = not reading.digits[worst].is_refused
        return NumberText(number, share if is_digit else "", _doubt_text(reading, doubtful), is_sure=False)
    if reading.digits[worst].prediction.confidence >= _SURE:
        verdict = tr("NumberText", "Sure of every digit") if len(number) > 1 else tr("NumberText", "Sure")
    elif len(number) > 1:
        verdict = tr("NumberText", "Least sure: {} digit").format(ordinal(worst + 1))
    else:
        verdict = tr("NumberText", "Fairly sure")
    return NumberText(number, share, verdict, is_sure=True)


def least_sure(reading: Reading) -> int:
    """Return the place of the least sure digit; one that is probably not a digit comes first."""
    return min(
        range(len(reading.digits)),
        key=lambda place: (not reading.digits[place].is_refused, reading.digits[place].prediction.confidence),
    )


def digit_text(read: ReadDigit) -> str:
    """Return the digit, or "?" if it is unknown."""
    return UNKNOWN if read.digit is None else str(read.digit)


def share_text(probability: float, decimals: int = 1) -> str:
    """Return a probability as a percentage."""
    return f"{probability:.{decimals}%}".replace("%", " %")


def ordinal(place: int) -> str:
    """Return 1 as "1st", 2 as "2nd"."""
    ends = {1: "st", 2: "nd", 3: "rd"}
    return f"{place}{'th' if place % 100 in (11, 12, 13) else ends.get(place % 10, 'th')}"


def _doubt_text(reading: Reading, doubtful: list[int]) -> str:
    tr = QCoreApplication.translate
    if len(doubtful) > 2:
        return tr("NumberText", "Not sure of {} digits").format(len(doubtful))
    if len(doubtful) == 2:
        places = (ordinal(place + 1) for place in doubtful)
        return tr("NumberText", "Not sure of the {} and {} digits").format(*places)
    read, place = reading.digits[doubtful[0]], ordinal(doubtful[0] + 1)
    if read.is_refused:
        return tr("NumberText", "The {} is probably not a digit (closest: {})").format(place, read.prediction.best)
    return tr("NumberText", "Not sure of the {} digit, maybe {}").format(place, read.prediction.best)

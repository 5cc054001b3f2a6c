"""Sentences and durations as the window shows them."""

import re
from functools import lru_cache
from textwrap import fill
from unicodedata import east_asian_width

from PySide6.QtCore import QCoreApplication

from digitpad.core.errors import DigitpadError
from digitpad.core.translation import tr

_SENTENCE_ENDS = (".", "!", "?", "…")
_TIP_COLUMNS = 64
# "&File", or as in languages with other letters, "파일(&F)".
_MNEMONIC = re.compile(r"\(&\w\)|&")


def capitalised(text: str) -> str:
    """Return a text with a capital first letter, unless it begins with the name of a file."""
    is_word = text.partition(" ")[0].rstrip(",:").isalpha()
    return text[:1].upper() + text[1:] if is_word else text


def sentence(text: str) -> str:
    """Return a text with a capital first letter and a full stop; an empty one stays empty."""
    return capitalised(text) if not text or text.endswith(_SENTENCE_ENDS) else f"{capitalised(text)}."


def without_mnemonic(text: str) -> str:
    """Return the text of an action or a button without the mark of its key."""
    return _MNEMONIC.sub("", text)


@lru_cache(maxsize=512)  # a form asks for the tips of all its fields whenever one of them is changed
def wrapped(text: str) -> str:
    """Break a text into lines for a tooltip, where Qt breaks no plain text; wide letters, as in Korean, count twice."""
    wide = sum(east_asian_width(letter) in "WF" for letter in text)
    columns = _TIP_COLUMNS * len(text) // max(len(text) + wide, 1)
    return "\n".join(fill(line, max(columns, 1)) for line in text.splitlines())


def with_minus(figure: str) -> str:
    """Return a figure with minus signs in place of hyphens, as the window writes all numbers."""
    return figure.replace("-", "−")


def one_hot_reason() -> str:
    """Return why labels are one-hot."""
    return QCoreApplication.translate(
        "one-hot",
        "Why one-hot: with the numbers 1, 2, 3 for three animals, the squared distances from the first are 1 and 4, as "
        "if it were nearer to the second. One-hot, all distances are equal.",
    )


def error_text(error: BaseException, failure: str) -> str:
    """Return the text that the window shows for an error.

    A DigitpadError contains a sentence for the user. Any other exception is unexpected: it is in the log, and the
    window shows `failure`, a sentence such as "The export failed.", and how to open the log.
    """
    if isinstance(error, DigitpadError):
        return sentence(str(error))
    hint = QCoreApplication.translate("errors", "{} Details are in the log (Help → Show log folder).")
    return hint.format(failure)


def duration(seconds: float) -> str:
    """Return a duration as text, such as 4.2 s, 3:07 or 1:02:45."""
    if seconds < 9.95:
        return tr("{:.1f} s").format(seconds)
    whole = round(seconds)
    if whole < 60:
        return tr("{:.0f} s").format(whole)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

"""Sentences as the window shows them, also for errors."""

from PySide6.QtCore import QCoreApplication

from digitpad.core.errors import DigitpadError

_SENTENCE_ENDS = (".", "!", "?", "…")


def capitalised(text: str) -> str:
    """Return a text with a capital first letter, unless it begins with the name of a file."""
    is_word = text.partition(" ")[0].rstrip(",:").isalpha()
    return text[:1].upper() + text[1:] if is_word else text


def sentence(text: str) -> str:
    """Return a text with a capital first letter and a full stop; an empty one stays empty."""
    return capitalised(text) if not text or text.endswith(_SENTENCE_ENDS) else f"{capitalised(text)}."


def error_text(error: BaseException, failure: str) -> str:
    """Return the text that the window shows for an error.

    A DigitpadError contains a sentence for the user. Any other exception is unexpected: it is in the log, and the
    window shows `failure`, a sentence such as "The export failed.", and how to open the log.
    """
    if isinstance(error, DigitpadError):
        return sentence(str(error))
    hint = QCoreApplication.translate("errors", "{} Details are in the log (Help → Show log folder).")
    return hint.format(failure)

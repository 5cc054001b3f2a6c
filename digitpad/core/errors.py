"""The one kind of error a user is meant to read."""

_LONGEST = 480  # characters; a screen line or five
_END = 160


class DigitpadError(Exception):
    """Something the user can mend: one sentence that names the thing and the next step.

    What a file says or is called may be part of it, and may be anything: so line breaks, escape codes and the like are
    left out of it, and of a long one the middle.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(_printable(sentence))


class MissingDeviceError(DigitpadError):
    """A training wants a device that this machine has not, or has no longer; on another it can go on."""


def _printable(sentence: str) -> str:
    if len(sentence) > _LONGEST:
        sentence = f"{sentence[: _LONGEST - _END - 1]}…{sentence[-_END:]}"
    if sentence.isprintable():
        return sentence
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in sentence)

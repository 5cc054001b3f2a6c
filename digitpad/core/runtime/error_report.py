"""Reports of unexpected exceptions, without user data.

A traceback names files, lines and source code, never values. The message of an exception may contain a drawing, pixels
or text that the user typed: what is in quotes and rows of numbers are removed from it.
"""

import contextlib
import re
import traceback
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.errors import DigitpadError

_MAX_MESSAGE = 300  # characters
_MAX_READ = 10 * _MAX_MESSAGE
_MAX_FRAMES = 20  # the innermost
_MAX_CAUSES = 4
_PACKAGE = str(Path(__file__).resolve().parents[2])

# An apostrophe within a word opens no quotation; the end of the text closes one.
_QUOTED = re.compile(r"(?<!\w)[bBrR]?(['\"])(.*?)(?:(?<!\\)\1(?!\w)|\Z)", re.DOTALL)
_NUMBER = r"(?:[-+]?\d[\d.eE+-]*|\.\.\.|nan|inf|True|False)"
# A shape has at most four numbers; a row of pixels or a stroke has more.
_NUMBERS = re.compile(rf"(?:{_NUMBER}[\s,;:()\[\]]+){{4,}}{_NUMBER}")
_NAME = re.compile(r"[A-Za-z_][\w.]{0,60}")
# Their messages quote names of the program.
_CODE_ERRORS = (AttributeError, NameError, ImportError, TypeError)


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """An unexpected exception, as it may be shown and stored.

    Attributes
    ----------
    kind
        The type of the exception.
    place
        The file and line where it was raised; `kind` and `place` identify an error that occurs again.
    text
        Traceback and message, after those of the causes.

    """

    kind: str
    place: str
    text: str


def report_on(error: BaseException) -> ErrorReport:
    """Describe an exception. The report keeps no reference to its frames and values."""
    text = "\n".join(_describe(each) for each in reversed(_with_causes(error)))
    return ErrorReport(type(error).__name__, place_of(error), text)


def place_of(error: BaseException) -> str:
    """Return the file and line where an exception was raised; "" if it was never raised."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    return f"{shorten_paths(frames[0].filename)}:{frames[0].lineno}" if frames else ""


def shorten_paths(text: str) -> str:
    """Write the home folder as ~, and the folder of the program as "digitpad"."""
    text = text.replace(_PACKAGE, "digitpad")
    with contextlib.suppress(RuntimeError):  # there is no home folder
        for home in {str(Path.home()), str(Path.home().resolve())} - {"/"}:
            text = re.sub(re.escape(home) + r"(?![\w.-])", "~", text)
    return text


def redact(text: str, *, keep_names: bool = False) -> str:
    """Remove quoted parts and rows of numbers from a message, join its lines and limit its length.

    With `keep_names`, a quoted identifier is kept.
    """

    def replacement(match: re.Match[str]) -> str:
        return match[0] if keep_names and _NAME.fullmatch(match[2]) else "'…'"

    text = _NUMBERS.sub("…", _QUOTED.sub(replacement, shorten_paths(text[:_MAX_READ])))
    text = " ".join(text.split())
    return text if len(text) <= _MAX_MESSAGE else text[:_MAX_MESSAGE] + "…"


def _with_causes(error: BaseException | None) -> list[BaseException]:
    """Return an exception, its cause, the cause of that, and so on."""
    found: list[BaseException] = []
    while error is not None and error not in found and len(found) < _MAX_CAUSES:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _describe(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__, limit=-_MAX_FRAMES))
    message = _message(error)
    return shorten_paths(frames) + type(error).__name__ + (f": {message}" if message else "")


def _message(error: BaseException) -> str:
    if isinstance(error, DigitpadError):
        return "(a message for the user)"  # it may name the user's files
    if isinstance(error, OSError) and error.errno is not None:
        name = f": {error.filename}" if isinstance(error.filename, str) else ""
        return shorten_paths(f"[Errno {error.errno}] {error.strerror}{name}")[:_MAX_MESSAGE]
    try:
        return redact(str(error), keep_names=isinstance(error, _CODE_ERRORS))
    except Exception:  # its __str__ may raise anything
        return "(no message)"

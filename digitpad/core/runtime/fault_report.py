"""What went wrong inside the program, in words that may leave the machine.

A traceback says where, by files, lines and source; never by values. What an exception says of itself may hold a
drawing, pixels or something the user typed: it is told without what stands in quotes and without rows of numbers.
"""

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from digitpad.core.errors import DigitpadError

_MOST_MESSAGE = 300  # characters
_MOST_FRAMES = (4, 20)  # the outermost and the innermost
_MOST_CAUSES = 4
_PACKAGE = str(Path(__file__).resolve().parents[2])

_MOST_READ = 10 * _MOST_MESSAGE
# An apostrophe within a word opens nothing; a quotation may be cut off.
_QUOTED = re.compile(r"(?<!\w)[bBrR]?(['\"])(.*?)(?:(?<!\\)\1(?!\w)|\Z)", re.DOTALL)
_NUMBER = r"(?:[-+]?\d[\d.eE+-]*|\.\.\.|nan|inf|True|False)"
# A shape has four numbers at most; a row of pixels or a stroke has more.
_NUMBERS = re.compile(rf"(?:{_NUMBER}[\s,;:()\[\]]+){{4,}}{_NUMBER}")
_NAME = re.compile(r"[A-Za-z_][\w.]{0,60}")
# They speak of the program's own names.
_OF_CODE = (AttributeError, NameError, ImportError, TypeError)


@dataclass(frozen=True, slots=True)
class Fault:
    """An exception that nobody caught, as it may be shown and kept.

    Attributes
    ----------
    kind
        The exception's type.
    place
        File and line where it was raised; with `kind` it tells one fault from another.
    text
        The whole of it, with traceback and causes.

    """

    kind: str
    place: str
    text: str


def fault_of(error: BaseException) -> Fault:
    """Describe an exception. Nothing of what it holds is kept, neither its frames nor its values."""
    text = "\n".join(_of_one(each) for each in reversed([*islice(_causes(error), _MOST_CAUSES)]))
    return Fault(type(error).__name__, place_of(error), text)


def place_of(error: BaseException) -> str:
    """Return the file and the line where an exception was raised; empty where it was not."""
    frames = [*traceback.walk_tb(error.__traceback__)]
    return f"{shortened(frames[-1][0].f_code.co_filename)}:{frames[-1][1]}" if frames else ""


def shortened(text: str) -> str:
    """Write the home folder as ~, and the program's own folder as "digitpad"."""
    text = text.replace(_PACKAGE, "digitpad")
    for home in _homes():
        text = re.sub(re.escape(home) + r"(?![\w.-])", "~", text)
    return text


def redact(text: str, *, of_code: bool = False) -> str:
    """Leave out of a message what may be the user's: what is quoted, and rows of numbers; and cap it.

    With `of_code` a quoted name stays, for it is one of the program's.
    """

    def stays(match: re.Match[str]) -> str:
        return match[0] if of_code and _NAME.fullmatch(match[2]) else "'…'"

    text = _NUMBERS.sub("…", _QUOTED.sub(stays, shortened(text[:_MOST_READ])))
    text = " ".join(text.split())
    return text if len(text) <= _MOST_MESSAGE else text[:_MOST_MESSAGE] + "…"


def _homes() -> Iterator[str]:
    try:
        home = Path.home()
    except RuntimeError:  # there is none
        return
    for path in {str(home), str(home.resolve())}:
        if len(path) > 1:
            yield path


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what caused it, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _of_one(error: BaseException) -> str:
    frames = [*traceback.walk_tb(error.__traceback__)]
    first, last = _MOST_FRAMES
    if len(frames) > first + last:
        frames = frames[:first] + frames[-last:]
    lines = traceback.StackSummary.extract(iter(frames), capture_locals=False).format()
    said = _message(error)
    return shortened("".join(lines)) + type(error).__name__ + (f": {said}" if said else "")


def _message(error: BaseException) -> str:
    if isinstance(error, DigitpadError):
        return "(a sentence for the user)"  # it names what is theirs
    if isinstance(error, OSError) and error.errno is not None:
        name = f": {error.filename}" if isinstance(error.filename, str) else ""
        return shortened(f"[Errno {error.errno}] {error.strerror}{name}")[:_MOST_MESSAGE]
    try:
        said = str(error)
    except Exception:  # whatever its own words raise
        return "(it cannot say)"
    return redact(said, of_code=isinstance(error, _OF_CODE))

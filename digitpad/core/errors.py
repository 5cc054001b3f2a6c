"""Errors that a user can read and act on."""

import contextlib
import errno
import re
from collections.abc import Generator
from pathlib import Path

from digitpad.core.translation import tr, tr_noop

_LONGEST = 480  # characters; about five lines on the screen
_END = 160
_REASONS = {
    errno.ENOENT: tr_noop("it does not exist"),
    errno.ENOTDIR: tr_noop("part of its path is not a folder"),
    errno.EISDIR: tr_noop("it is a folder"),
    errno.EEXIST: tr_noop("it exists already"),
    errno.EACCES: tr_noop("permission denied"),
    errno.EPERM: tr_noop("permission denied"),
    errno.EROFS: tr_noop("the disk is read-only"),
    errno.ENOSPC: tr_noop("the disk is full"),
    errno.EDQUOT: tr_noop("your disk quota is used up"),
    errno.EFBIG: tr_noop("the file is too large for this disk"),
    errno.ENAMETOOLONG: tr_noop("its name is too long"),
    errno.EINVAL: tr_noop("its name is not valid here"),
    errno.ELOOP: tr_noop("it is a link to itself"),
    errno.EMFILE: tr_noop("too many files are open"),
    errno.ENFILE: tr_noop("too many files are open"),
    errno.EBUSY: tr_noop("another program is using it"),
    errno.ETXTBSY: tr_noop("another program is using it"),
    errno.EIO: tr_noop("the disk reports an error"),
    errno.ENOMEM: tr_noop("there is not enough memory"),
}
# In the messages of torch, for the processor and for graphics cards.
_LACK_OF_MEMORY = re.compile("allocate|(not enough|out of) memory")
_OTHER_REASON = tr_noop("the system refused it")


class DigitpadError(Exception):
    """An error that the user can fix: one sentence that names the thing and the next step.

    Parameters
    ----------
    template
        The sentence in English, with {placeholders} for `values`. It is also the message id in the translation
        catalogue, so it is always a literal.
    hint
        What to type instead, for the command line alone: "digitpad download". A window does not show it.
    values
        The values of the placeholders. Text from files may be among them: unprintable characters are replaced, and a
        sentence that becomes too long loses its middle.

    """

    def __init__(self, template: str, /, *, hint: str = "", **values: object) -> None:
        super().__init__(template)
        self.template, self.values, self.hint = template, values, hint

    def __str__(self) -> str:
        """Return the sentence, in the language of the program."""
        text = tr(self.template)
        return printable(text.format(**self.values) if self.values else text)

    @property
    def with_hint(self) -> str:
        """The sentence for the command line."""
        return f"{self} ({self.hint})" if self.hint else str(self)


class MissingDeviceError(DigitpadError):
    """A training needs a device that this machine does not have, or no longer has; it can resume on another one."""


@contextlib.contextmanager
def memory_explained() -> Generator[None, None, None]:
    """Raise DigitpadError instead of the error of NumPy or torch if there is not enough memory."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not _LACK_OF_MEMORY.search(str(error)):
            raise
        raise DigitpadError("there is not enough memory: choose smaller layers or a smaller batch") from error


class DivergedError(DigitpadError):
    """A training ended because its loss is not a finite number."""


def printable(sentence: str) -> str:
    """Return a sentence of bounded length on one line, without escape codes."""
    if len(sentence) > _LONGEST:
        sentence = f"{sentence[: _LONGEST - _END - 1]}…{sentence[-_END:]}"
    return one_line(sentence)


def one_line(text: str) -> str:
    """Return a text without line breaks and escape codes, which in a name could change what a terminal shows."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)


def reason_of(error: OSError | ValueError) -> str:
    """Return in plain words why the system refused a file; ValueError is what Python raises for a NUL in a name."""
    code = errno.EINVAL if isinstance(error, ValueError) else error.errno
    return tr(_REASONS.get(code or 0, _OTHER_REASON))


def read_error(path: Path, error: OSError) -> DigitpadError:
    """Return the error for a file that does not exist, or cannot be read."""
    if isinstance(error, FileNotFoundError):
        return missing_file_error(path)
    if isinstance(error, IsADirectoryError):
        return DigitpadError("{path} is a folder: choose a file", path=path)
    reason = reason_of(error)
    return DigitpadError(
        "{path} cannot be read ({reason}): check the file and its permissions", path=path, reason=reason
    )


def missing_file_error(path: Path | str, hint: str = "") -> DigitpadError:
    """Return the error for a file that does not exist."""
    return DigitpadError("{path} does not exist: check the name", path=path, hint=hint)


def write_error(path: Path, error: OSError | ValueError) -> DigitpadError:
    """Return the error for a path that cannot be written; Python raises ValueError for a NUL in a name."""
    reason = reason_of(error)
    if isinstance(error, ValueError) or error.errno in (errno.EINVAL, errno.ENAMETOOLONG):
        return DigitpadError("{path} cannot be written ({reason}): choose another name", path=path, reason=reason)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DigitpadError("{path} cannot be written ({reason}): free some disk space", path=path, reason=reason)
    return DigitpadError("{path} cannot be written ({reason}): choose another folder", path=path, reason=reason)

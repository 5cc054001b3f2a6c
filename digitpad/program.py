"""The program: standard streams, log and exit code around a command or the window."""

import contextlib
import os
import re
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from digitpad.core.errors import DigitpadError, reason_of
from digitpad.core.files.paths import TRANSLATIONS, close_to_others
from digitpad.core.runtime.error_report import shorten_paths
from digitpad.core.runtime.exception_hooks import catch_unhandled, log_exception
from digitpad.core.runtime.libraries import import_failure
from digitpad.core.runtime.log import LogFile, log_to_file
from digitpad.core.translation import set_language, system_language, tr
from digitpad.error_output import print_error


def main() -> NoReturn:
    """Run the program; errors are printed in one line on standard error."""
    _open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # If the terminal's encoding has no such character, an escape sequence is better than an error.
            stream.reconfigure(errors="backslashreplace")
    close_to_others()
    set_language(system_language(), TRANSLATIONS)
    with log_to_file() as log, catch_unhandled():
        code = _exit_code(log)
    sys.exit(code if isinstance(code, int) else 0)


def _open_missing_streams() -> None:
    """Open the null device for each standard stream that the parent process closed.

    Otherwise the next file that is opened would get its number, and prints would write to that file.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # standard error
        pass
    os.close(descriptor)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # as with pythonw
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


def _run(arguments: Sequence[str]) -> object:
    if arguments:
        from digitpad import cli

        return cli.run(arguments)
    # Without the libraries of the command line, the window appears a tenth of a second sooner.
    from digitpad.gui.window import app

    return app.run()


def _exit_code(log: LogFile) -> object:
    """Run the command or the window and return the exit code."""
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except DigitpadError as error:
        code = print_error(error.with_hint, 1)
    except KeyboardInterrupt:
        code = print_error(tr("stopped"), 130)
    except (SystemExit, BrokenPipeError):  # typer exits if the reader of our output has closed it
        _discard_output()
        code = 0
    except OSError as error:
        log_exception("the program ended with this error", error)
        with contextlib.suppress(OSError):
            _discard_output()
        path = error.filename or tr("the output")
        text = tr("{path} cannot be read or written ({reason}): check the disk and permissions")
        code = print_error(text.format(path=path, reason=reason_of(error)), 1)
    except ImportError as error:
        log_exception("a library could not be loaded", error)
        code = print_error(import_failure(error).with_hint, 1)
    except Exception as error:
        code = _report_unexpected(error, log)
    return code


def _discard_output() -> None:
    """Redirect standard output to the null device: flushing it at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_unexpected(error: Exception, log: LogFile) -> int:
    # Typer contains a private copy of click; this method identifies its usage errors.
    if describe := getattr(error, "format_message", None):
        problem = re.sub(r"Value error, |, unable to parse.*", "", describe()).replace("Input should", "it must")
        from digitpad.cli import command_of, translated_usage_error

        text = tr("{problem}: see '{command} --help'")
        problem = translated_usage_error(problem.rstrip("."))
        return print_error(text.format(problem=problem, command=command_of(sys.argv[1:])), 2)
    if os.environ.get("DIGITPAD_DEBUG"):
        raise error
    log_exception("the program ended with this error", error)
    advice = tr("see {path}").format(path=shorten_paths(str(log.path))) if log.path else ""
    text = tr("something went wrong inside the program ({kind}), which is not your fault: {advice}")
    advice = advice or tr("start it with DIGITPAD_DEBUG=1 to see more")
    return print_error(text.format(kind=type(error).__name__, advice=advice), 1)

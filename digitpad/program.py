"""The program: streams, log and exit code around a command or the window."""

import contextlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import NoReturn

from digitpad.complaint import complain
from digitpad.core.errors import DigitpadError
from digitpad.core.runtime.exception_hooks import hooked, note
from digitpad.core.runtime.fault_report import shortened
from digitpad.core.runtime.libraries import import_problem
from digitpad.core.runtime.log import LogFile, close_log, open_log


def main() -> NoReturn:
    """Run the program; every error a user can mend is one line on standard error."""
    _fill_in_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Where the terminal's encoding lacks a character, an escape is better than an error.
            stream.reconfigure(errors="backslashreplace")
    log = open_log()
    try:
        with hooked():
            code = _outcome(log)
    finally:
        close_log(log)
    sys.exit(code if isinstance(code, int) else 0)


def _fill_in_streams() -> None:
    """Give whoever started us without standard streams some that lead nowhere.

    Else the next file that is opened would be one of them, and be written to by whoever prints.
    """
    while (place := os.open(os.devnull, os.O_RDWR)) <= 2:  # standard error
        pass
    os.close(place)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # as with pythonw
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


def _run(arguments: Sequence[str]) -> object:
    if arguments:
        from digitpad import cli

        return cli.run(arguments)
    # The window is on the screen a tenth of a second sooner without the command line's libraries.
    from digitpad.gui.window import app

    return app.run()


def _outcome(log: LogFile) -> object:
    """Run the command and return the exit code."""
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except DigitpadError as error:
        code = complain(error.with_hint, 1)
    except KeyboardInterrupt:
        code = 130
    except SystemExit:
        # Typer's way of saying that whoever read our output has enough.
        code = _let_go_of_output()
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            return _let_go_of_output()
        note("the program ended by this", error)
        code = complain(_words_of(error), 1)
    except ImportError as error:
        note("a library could not be loaded", error)
        code = complain(str(import_problem(error)), 1)
    except Exception as error:
        code = _complain_of(error, log)
    return code


def _let_go_of_output() -> int:
    # Nothing is left to be flushed at exit, where it would fail again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _words_of(error: OSError) -> str:
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f"{error.filename or 'the output'} failed ({error.strerror or error}): check the disk and permissions"


def _complain_of(error: Exception, log: LogFile) -> int:
    # Typer carries click inside it, under a private name; its usage errors are known by this method.
    if describe := getattr(error, "format_message", None):
        return complain(f"{describe().rstrip('.')}: see 'digitpad --help'", 2)
    if os.environ.get("DIGITPAD_DEBUG"):
        raise error
    note("the program ended by this", error)
    where = f"{shortened(str(log.path))} says more" if log.path else "with DIGITPAD_DEBUG=1 it says more"
    kind = type(error).__name__
    return complain(f"something went wrong inside the program ({kind}), which is not your fault: {where}", 1)

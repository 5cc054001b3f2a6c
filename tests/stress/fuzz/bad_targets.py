"""Readers that break one promise each: the sandbox must detect every one."""

import os
import pickle
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random

from digitpad.core.errors import DigitpadError
from tests.stress.fuzz.sandbox import Target


def _prepare(draw: Random, folder: Path) -> Path:
    path = folder / "input.txt"
    path.write_bytes(draw.randbytes(9))
    return path


def _raise(path: Path) -> None:
    raise KeyError(path)


def _refuse(path: Path) -> None:
    raise DigitpadError(f"{path} is refused, as it should be: choose another")


def _refuse_without_name(_: Path) -> None:
    raise DigitpadError("something is wrong: try again")


def _crash(_: Path) -> None:
    os.abort()


def _compute_too_long(_: Path) -> None:
    sum(range(30_000_000))


def _use_too_much_memory(_: Path) -> None:
    bytearray(b"x" * 60_000_000)


def _warn(_: Path) -> None:
    warnings.warn("odd", UserWarning, stacklevel=1)


def _print_to_stderr(_: Path) -> None:
    sys.stderr.write("odd")
    sys.stderr.flush()


def _start_program(_: Path) -> None:
    subprocess.run(["true"], check=True)


def _unpickle(_: Path) -> None:
    pickle.loads(b"cposix\nsystem\n.")  # noqa: S301 - the sandbox must detect it


def _execute(_: Path) -> None:
    exec(compile("1 + 1", "<input>", "exec"))  # noqa: S102 - the sandbox must detect it


def _connect(_: Path) -> None:
    socket.socket().close()


def _write(path: Path) -> None:
    path.with_name("another.txt").write_text("left behind")


def _change(path: Path) -> None:
    path.unlink()


def _of(use: Callable[[Path], None]) -> Target:
    return Target(use.__name__.strip("_"), _prepare, use, seconds=0.2, megabytes=50)


GOOD = _of(_refuse)
RAISING, NAMELESS, CRASHING = _of(_raise), _of(_refuse_without_name), _of(_crash)
SLOW, LARGE, WARNING, PRINTING = _of(_compute_too_long), _of(_use_too_much_memory), _of(_warn), _of(_print_to_stderr)
STARTING, UNPICKLING, EXECUTING = _of(_start_program), _of(_unpickle), _of(_execute)
CONNECTING, WRITING, CHANGING = _of(_connect), _of(_write), _of(_change)

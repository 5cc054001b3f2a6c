"""Readers that break the promises, one each, for the guard of sandbox.py to catch."""

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


def _refuse_namelessly(_: Path) -> None:
    raise DigitpadError("something is wrong: try again")


def _crash(_: Path) -> None:
    os.abort()


def _work_long(_: Path) -> None:
    sum(range(30_000_000))


def _take_memory(_: Path) -> None:
    bytearray(b"x" * 60_000_000)


def _warn(_: Path) -> None:
    warnings.warn("odd", UserWarning, stacklevel=1)


def _speak(_: Path) -> None:
    sys.stderr.write("odd")
    sys.stderr.flush()


def _start_program(_: Path) -> None:
    subprocess.run(["true"], check=True)


def _unpickle(_: Path) -> None:
    pickle.loads(b"cposix\nsystem\n.")  # noqa: S301 - that it is found out is the point


def _execute(_: Path) -> None:
    exec(compile("1 + 1", "<input>", "exec"))  # noqa: S102 - that it is found out is the point


def _connect(_: Path) -> None:
    socket.socket().close()


def _write(path: Path) -> None:
    path.with_name("another.txt").write_text("left behind")


def _change(path: Path) -> None:
    path.unlink()


def _of(use: Callable[[Path], None]) -> Target:
    return Target(use.__name__.strip("_"), _prepare, use, seconds=0.2, megabytes=50)


GOOD = _of(_refuse)
RAISING, NAMELESS, CRASHING = _of(_raise), _of(_refuse_namelessly), _of(_crash)
SLOW, LARGE, WARNING, SPEAKING = _of(_work_long), _of(_take_memory), _of(_warn), _of(_speak)
STARTING, UNPICKLING, EXECUTING = _of(_start_program), _of(_unpickle), _of(_execute)
CONNECTING, WRITING, CHANGING = _of(_connect), _of(_write), _of(_change)

"""What attack.py asks of its zygote, and how it is answered."""

import json
import os
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.stress import command_of


def need(truth: object, otherwise: str) -> None:
    """Raise where something is not as it has to be."""
    if not truth:
        raise AssertionError(otherwise)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an attempt is made, and which: `variant` chooses among what a scenario has."""

    home: Path
    variant: int = 0
    address: str = ""  # of a server, for downloads

    @property
    def documents(self) -> Path:
        """A folder of the user's that is not the program's."""
        return self.home / "documents"


@dataclass(frozen=True, slots=True)
class Kill:
    """When a child is killed: so many seconds after it was ready, at a call, or when a file is as long as that."""

    after: float | None = None
    call: int | None = None
    byte: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a child is to do: "steps", from the step `start` on, or another function of the scenario's module."""

    scenario: str  # its module
    do: str
    home: str
    variant: int = 0
    address: str = ""
    start: int = 0
    kill: Kill = field(default_factory=Kill)


@dataclass(slots=True)
class Reply:
    """What a child said, a list of values, and how it ended."""

    said: list[Any] = field(default_factory=list)
    ended: int = 0  # exit code, or minus the signal
    problem: str = ""  # the last line of a traceback, or that it hung
    seconds: float = 0.0  # from when it was ready
    calls: int = 0  # how many moments there were to be killed at


class Zygote:
    """The process that forks what is to be killed."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}
        command = command_of("tests.stress.kills.fork_server", *modules)
        root = Path(__file__).resolve().parents[3]
        self._process = subprocess.Popen(
            command, cwd=root, env=os.environ | one, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, request: Request) -> Reply:
        """Have a child do something."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        return Reply(**json.loads(self._process.stdout.readline()))

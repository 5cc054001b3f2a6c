"""Requests to the fork server and its replies."""

import json
import os
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.stress import command_of


def check(condition: object, message: str) -> None:
    """Raise AssertionError if a condition does not hold."""
    if not condition:
        raise AssertionError(message)


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of an attempt, and the variant of its scenario."""

    home: Path
    variant: int = 0
    address: str = ""  # of a server, for downloads

    @property
    def documents(self) -> Path:
        """A folder of the user, outside the program's folders."""
        return self.home / "documents"


@dataclass(frozen=True, slots=True)
class Kill:
    """When a child is killed: seconds after it is ready, at the n-th call, or at a length of a file in bytes."""

    after: float | None = None
    call: int | None = None
    byte: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a child runs: "steps", from the step `start`, or another function of the scenario's module."""

    scenario: str  # its module
    do: str
    home: str
    variant: int = 0
    address: str = ""
    start: int = 0
    kill: Kill = field(default_factory=Kill)


@dataclass(slots=True)
class Reply:
    """The values that a child reported, and how it ended."""

    values: list[Any] = field(default_factory=list)
    ended: int = 0  # exit code, or the negative signal number
    problem: str = ""  # the last line of a traceback, or a note that it hung
    seconds: float = 0.0  # since it was ready
    calls: int = 0  # number of calls at which it could have been killed


class ForkServer:
    """A process with all modules imported that forks the children to be killed."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}
        one["PYTHONDONTWRITEBYTECODE"] = "1"  # a call that opens a file to write is a moment to be killed
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
        """Run a request in a new child and return its reply."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(request)) + "\n")
        self._process.stdin.flush()
        return Reply(**json.loads(self._process.stdout.readline()))

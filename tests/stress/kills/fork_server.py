"""A process that has imported all modules, and forks children that are killed while they write.

Importing torch takes two seconds and a fork some milliseconds. It reads requests from standard input and answers on
standard output, each a line of JSON: see `Request` and `Reply` of `tests.stress.kills.requests`.
"""

import importlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.stress.kills.requests import Kill, Place, Reply, Request

_TIMEOUT = 60.0  # seconds after which a child counts as hung
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# Audit events that change a folder; os.replace also raises `os.rename`.
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "os.truncate"}


def main() -> None:
    """Answer requests until standard input ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for name in sys.argv[1:]:
        importlib.import_module(name).warm()
    for line in sys.stdin:
        content = json.loads(line)
        request = Request(**{**content, "kill": Kill(**content["kill"])})
        answers.write(json.dumps(asdict(_done(request))) + "\n")
        answers.flush()


def _done(request: Request) -> Reply:
    reading, writing = os.pipe()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        os.close(reading)
        _be_child(request, writing)
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        return _followed(child, pipe.fileno(), request.kill.after)


def _followed(child: int, pipe: int, after: float | None) -> Reply:
    """Read from a child until it ends, and kill it at the chosen time."""
    reply, text, begun, deadline = Reply(), b"", 0.0, time.monotonic() + _TIMEOUT
    while True:
        is_due = not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]
        if is_due:
            if after is None or not begun:
                reply.problem = f"it hung for {_TIMEOUT:.0f} s"
            os.kill(child, signal.SIGKILL)
            deadline = time.monotonic() + _TIMEOUT
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            break
        text += chunk
        if not begun and b"\n" in text:
            begun = time.monotonic()
            deadline = begun + (_TIMEOUT if after is None else after)
    reply.ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    reply.seconds = time.monotonic() - begun if begun else 0.0
    # An incomplete line was not reported.
    for kind, value in map(json.loads, text.split(b"\n")[1:-1]):
        if kind == "said":
            reply.values.append(value)
        elif kind == "calls":
            reply.calls = value
        else:
            reply.problem = value
    return reply


def _be_child(request: Request, pipe: int) -> None:
    """Run a request in the child, and exit."""

    def tell(kind: str, value: object) -> None:
        # A write smaller than the pipe's buffer is atomic.
        os.write(pipe, json.dumps([kind, value]).encode() + b"\n")

    try:
        place = _settle(request)
        scenario = importlib.import_module(request.scenario)
        if request.do == "tidy":
            _tidy(place)
        elif request.do == "states":
            _tell_states(scenario, place, tell, pipe)
        elif request.do != "steps":
            os.write(pipe, b"ready\n")
            tell("said", getattr(scenario, request.do)(place))
        if request.do != "steps":
            os._exit(0)
        steps = scenario.steps(place, request.start)
        next(steps)  # the preparation is not killed
        os.write(pipe, b"ready\n")
        count = _arm(request.kill)
        for acknowledged in steps:
            tell("said", acknowledged)
            count(0)
        tell("calls", count(0))
    except BaseException:
        tell("problem", traceback.format_exc().strip()[-1500:])
        os._exit(1)
    os._exit(0)


def _tell_states(scenario: Any, place: Place, tell: Callable[[str, object], None], pipe: int) -> None:
    """Report the state before the first step and after each step."""
    steps = scenario.steps(place, 0)
    next(steps)
    os.write(pipe, b"ready\n")
    tell("said", scenario.found(place))
    for _ in steps:
        tell("said", scenario.found(place))


def _tidy(place: Place) -> None:
    """Run the program's clean-up at start and exit, and that of a folder where a user saves something."""
    from digitpad.core.files.atomic import write_atomically
    from digitpad.core.runs.cleanup import remove_leftovers

    remove_leftovers()
    write_atomically(place.documents / "another", b"")


def _settle(request: Request) -> Place:
    """Set the child's home folder."""
    home = Path(request.home)
    for name, folder in (("HOME", ""), ("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config")):
        os.environ[name] = str(home / folder)
    os.environ["XDG_CACHE_HOME"] = str(home / "cache")
    os.environ.pop("DIGITPAD_DATA", None)
    place = Place(home, request.variant, request.address)
    place.documents.mkdir(parents=True, exist_ok=True)
    return place


def _arm(kill: Kill) -> Callable[[int], int]:
    """Install the hooks that kill this process; return a function that counts the calls, one more per `count(0)`."""
    moments = 0

    def count(_: int) -> int:
        nonlocal moments
        moments += 1
        if moments == kill.call:
            os.kill(os.getpid(), signal.SIGKILL)
        return moments

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING):
            count(0)

    def fsync(handle: int) -> None:
        count(0)
        forced(handle)
        count(0)

    forced, os.fsync = os.fsync, fsync
    sys.addaudithook(hook)
    if kill.byte is not None:
        # The system kills a process that writes beyond the limit, in the middle of a write.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (kill.byte, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    return count


if __name__ == "__main__":
    main()

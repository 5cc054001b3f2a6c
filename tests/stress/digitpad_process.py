"""Run digitpad for stress tests: in a new home folder, on a small disk, or as a window controlled by commands."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stress import command_of

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 240.0  # seconds after which a process counts as hung
_PASSED_ON = ("PATH", "DISPLAY", "XAUTHORITY", "LANG", "VIRTUAL_ENV", "SYSTEMROOT", "LD_LIBRARY_PATH")


class CheckFailedError(Exception):
    """A promise of docs/reliability.md was broken; the message says which."""


def check(condition: bool, message: str) -> None:
    """Raise CheckFailedError if a condition does not hold."""
    if not condition:
        raise CheckFailedError(" ".join(message.split())[:600])


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Return environment variables with which digitpad uses no other folder than `home`."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    own = {"HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    folders = {"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    own |= {name: str(home / folder) for name, folder in folders.items()}
    if not kept.get("DISPLAY"):
        own["QT_QPA_PLATFORM"] = "offscreen"
    return {**kept, **own, **changes}


@contextlib.contextmanager
def new_home() -> Iterator[Path]:
    """Make a home folder, and delete it after the block."""
    home = Path(tempfile.mkdtemp(prefix="digitpad-soak-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def user_folder(home: Path) -> Path:
    """Return digitpad's user data folder in a home made by `environment`."""
    return home / "data" / "digitpad"


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[bool]:
    """Mount a small disk on a folder; yield whether mounting was allowed."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    can_mount = os.name == "posix" and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("mount")
    is_mounted = bool(can_mount) and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)


@dataclass(frozen=True, slots=True)
class Completed:
    """The output and exit code of a finished program."""

    code: int
    out: str
    error: str

    def check_message(self, *words: str, code: int = 1) -> None:
        """Check the exit code, and that standard error is one line that contains some words."""
        details = f"exit code {self.code}, {self.error!r}"
        lines = [line for line in self.error.splitlines() if line.startswith("digitpad:")]
        check(self.code == code, f"{code} was expected, but it ended with {details}")
        check("Traceback" not in self.error + self.out, f"a traceback: {details}")
        check("went wrong inside" not in self.error, f"a fault of the program's own: {details}")
        check("fault of digitpad" not in self.error, f"a fault of the program's own: {details}")
        check(len(lines) == 1 or not words, f"not one sentence: {details}")
        missing = [word for word in words if word not in self.error]
        check(not missing, f"the sentence lacks {missing}: {details}")


def run_digitpad(
    home: Path,
    *arguments: str,
    before: Sequence[str] = (),
    changes: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    prepare: Callable[[], object] | None = None,
    seconds: float = TIMEOUT,
) -> Completed:
    """Run the command line.

    Parameters
    ----------
    before
        Words in front of the command, such as `unshare`.
    changes, without
        Environment variables to set and to remove.
    prepare
        Called in the child before it starts.
    """
    variables = environment(home, **(changes or {}))
    for name in without:
        variables.pop(name, None)
    command = [*before, sys.executable, "-m", "digitpad", *arguments]
    try:
        done = subprocess.run(
            command,
            env=variables,
            capture_output=True,
            check=False,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            preexec_fn=prepare,
        )
    except subprocess.TimeoutExpired as error:
        raise CheckFailedError(f"digitpad {' '.join(arguments)} did not end within {seconds:.0f} s") from error
    return Completed(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def open_and_close(
    home: Path,
    *,
    changes: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    before: Sequence[str] = (),
    prepare: Callable[[], object] | None = None,
    presses: int = 1,
) -> None:
    """Open the window, wait until its recogniser is ready, and close it with SIGINT, as one or more Ctrl+C do."""
    variables = environment(home, DIGITPAD_TRACE="1", **(changes or {}))
    for name in without:
        variables.pop(name, None)
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "digitpad"],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509 - no thread is at work here
    )
    guard = threading.Timer(TIMEOUT, process.kill)
    guard.start()
    try:
        assert process.stdout is not None
        was_ready = any(b'"ready"' in line for line in process.stdout)
        for _ in range(presses if was_ready else 0):
            process.send_signal(signal.SIGINT)
            time.sleep(0.002)
        _, error = process.communicate()
    finally:
        guard.cancel()
    details = f"exit code {process.returncode}, {error.decode(errors='replace')[-800:]!r}"
    check(was_ready, f"the window was never ready: {details}")
    # After the window has closed, a further press ends the process at once.
    is_expected = process.returncode == 0 or (presses > 1 and process.returncode == -signal.SIGINT)
    check(is_expected and b"Traceback" not in error, f"the window ended with {details}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a controlled window; see tests/stress/two_windows/driven_window.py."""

    result: Any
    problem: str
    said: list[str]
    faults: list[str]
    still: float
    seconds: float
    waits: list[list[Any]]

    def check(self) -> "Answer":
        """Check that the command ended and raised no exception."""
        check(not self.problem and not self.faults, f"{self.problem} {' '.join(self.faults)}")
        return self


class Window:
    """A window in a separate process, controlled by commands."""

    def __init__(self, home: Path, *, slow: float = 0.0, changes: Mapping[str, str] | None = None) -> None:
        command = command_of("tests.stress.two_windows.driven_window", "--slow", str(slow))
        self._error = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the window
        self.process = subprocess.Popen(
            command,
            env=environment(home, **(changes or {})),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._error,
            bufsize=0,
        )
        self._received = b""

    def ask(self, do: str, **how: Any) -> None:
        """Send a command without waiting for the answer."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `answer` says why
            self.process.stdin.write(json.dumps({"do": do, **how}).encode() + b"\n")

    def answer(self, seconds: float = TIMEOUT) -> Answer:
        """Wait for the answer to the oldest command that is not answered yet."""
        assert self.process.stdout is not None
        while b"\n" not in self._received:
            ready, _, _ = select.select([self.process.stdout], [], [], seconds)
            check(bool(ready), f"the window did not answer within {seconds:.0f} s")
            came = os.read(self.process.stdout.fileno(), 1 << 16)
            if not came:
                raise CheckFailedError(f"the window ended with code {self.process.wait(10)}: {self.error}")
            self._received += came
        line, _, self._received = self._received.partition(b"\n")
        return Answer(**json.loads(line))

    def do(self, do: str, **how: Any) -> Answer:
        """Send a command, wait for its answer and check it."""
        self.ask(do, **how)
        return self.answer().check()

    def tell(self, do: str, **how: Any) -> Any:
        """Send a command and return its result."""
        return self.do(do, **how).result

    @property
    def error(self) -> str:
        """Return the end of its standard error."""
        self._error.seek(0)
        return self._error.read().decode(errors="replace")[-2000:]

    def close(self) -> None:
        """Close the window and check that the process ends without an error."""
        self.ask("close")
        self.answer().check()
        try:
            code = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise CheckFailedError("the window closed, but the process did not end") from error
        check(code == 0, f"the window ended with code {code}: {self.error}")
        check("Traceback" not in self.error, self.error)

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout, self._error):
            if pipe:
                pipe.close()

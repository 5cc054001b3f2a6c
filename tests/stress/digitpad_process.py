"""Folders to attack digitpad in: a home of its own, small disks, and windows that do what they are told."""

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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stress import command_of

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240.0  # seconds after which something hangs
_LEAST = ("PATH", "DISPLAY", "XAUTHORITY", "LANG", "VIRTUAL_ENV", "SYSTEMROOT", "LD_LIBRARY_PATH")


class WrongError(Exception):
    """Something was not as docs/reliability.md promises; its text says what."""


def expect(*, that: bool, otherwise: str) -> None:
    """Raise where something is not so."""
    if not that:
        raise WrongError(" ".join(otherwise.split())[:600])


def environment(home: Path, **changes: str) -> dict[str, str]:
    """Return an environment in which digitpad knows of no other folder than `home`."""
    kept = {name: os.environ[name] for name in _LEAST if name in os.environ}
    own = {"HOME": str(home), "USERPROFILE": str(home), "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    folders = {"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    own |= {name: str(home / folder) for name, folder in folders.items()}
    if not kept.get("DISPLAY"):
        own["QT_QPA_PLATFORM"] = "offscreen"
    return {**kept, **own, **changes}


@contextlib.contextmanager
def new_home() -> Iterator[Path]:
    """Make a home folder that is gone after the block."""
    home = Path(tempfile.mkdtemp(prefix="digitpad-soak-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def user_folder(home: Path) -> Path:
    """Return where digitpad keeps things in a home of `environment`."""
    return home / "data" / "digitpad"


@contextlib.contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[bool]:
    """Mount a disk of so many MB on a folder; say whether that was allowed."""
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
class Said:
    """What a program said, and how it ended."""

    code: int
    out: str
    error: str

    def check_sentence(self, *words: str, code: int = 1) -> None:
        """Expect one line on standard error with some words in it, and an exit code."""
        told = f"exit code {self.code}, {self.error!r}"
        lines = [line for line in self.error.splitlines() if line.startswith("digitpad:")]
        expect(that=self.code == code, otherwise=f"{code} was expected, but it ended with {told}")
        expect(that="Traceback" not in self.error + self.out, otherwise=f"a traceback: {told}")
        expect(that="went wrong inside" not in self.error, otherwise=f"a fault of the program's own: {told}")
        expect(that="fault of digitpad" not in self.error, otherwise=f"a fault of the program's own: {told}")
        expect(that=len(lines) == 1 or not words, otherwise=f"not one sentence: {told}")
        missing = [word for word in words if word not in self.error]
        expect(that=not missing, otherwise=f"the sentence lacks {missing}: {told}")


def run_digitpad(
    home: Path,
    *arguments: str,
    before: Sequence[str] = (),
    changes: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    prepare: Callable[[], object] | None = None,
    seconds: float = PATIENCE,
) -> Said:
    """Run the command line; `before` comes before the command, `without` is not set, `prepare` runs in the child."""
    surroundings = environment(home, **(changes or {}))
    for name in without:
        surroundings.pop(name, None)
    command = [*before, sys.executable, "-m", "digitpad", *arguments]
    try:
        done = subprocess.run(
            command,
            env=surroundings,
            capture_output=True,
            check=False,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            preexec_fn=prepare,
        )
    except subprocess.TimeoutExpired as error:
        raise WrongError(f"digitpad {' '.join(arguments)} did not end within {seconds:.0f} s") from error
    return Said(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def open_and_close(
    home: Path,
    *,
    changes: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    before: Sequence[str] = (),
    prepare: Callable[[], object] | None = None,
) -> None:
    """Open the window, wait until its recogniser has answered once, and close it as Ctrl+C does."""
    surroundings = environment(home, DIGITPAD_TRACE="1", **(changes or {}))
    for name in without:
        surroundings.pop(name, None)
    process = subprocess.Popen(
        [*before, sys.executable, "-m", "digitpad"],
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=prepare,  # noqa: PLW1509 - no thread is at work here
    )
    guard = threading.Timer(PATIENCE, process.kill)
    guard.start()
    try:
        assert process.stdout is not None
        was_ready = any(b'"ready"' in line for line in process.stdout)
        if was_ready:
            process.send_signal(signal.SIGINT)
        _, error = process.communicate()
    finally:
        guard.cancel()
    told = f"exit code {process.returncode}, {error.decode(errors='replace')[-800:]!r}"
    expect(that=was_ready, otherwise=f"the window was never ready: {told}")
    expect(that=process.returncode == 0 and b"Traceback" not in error, otherwise=f"the window ended with {told}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a driven window answered; see tests/stress/two_windows/driven_window.py."""

    result: Any
    problem: str
    said: list[str]
    faults: list[str]
    still: float
    seconds: float
    waits: list[list[Any]]

    def check(self) -> "Answer":
        """Expect neither an exception nor a deed that never ended."""
        expect(that=not self.problem and not self.faults, otherwise=f"{self.problem} {' '.join(self.faults)}")
        return self


class Window:
    """A window in a process of its own."""

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
        self._begun = b""

    def ask(self, do: str, **how: Any) -> None:
        """Tell it what to do, without waiting."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # `answer` says why
            self.process.stdin.write(json.dumps({"do": do, **how}).encode() + b"\n")

    def answer(self, seconds: float = PATIENCE) -> Answer:
        """Wait for the answer to the oldest question that has none yet."""
        assert self.process.stdout is not None
        while b"\n" not in self._begun:
            ready, _, _ = select.select([self.process.stdout], [], [], seconds)
            expect(that=bool(ready), otherwise=f"the window did not answer within {seconds:.0f} s")
            came = os.read(self.process.stdout.fileno(), 1 << 16)
            if not came:
                raise WrongError(f"the window ended with code {self.process.wait(10)}: {self.error}")
            self._begun += came
        line, _, self._begun = self._begun.partition(b"\n")
        return Answer(**json.loads(line))

    def do(self, do: str, **how: Any) -> Answer:
        """Have something done, and expect no exception from it."""
        self.ask(do, **how)
        return self.answer().check()

    def tell(self, do: str, **how: Any) -> Any:
        """Have something done; return what came of it."""
        return self.do(do, **how).result

    @property
    def error(self) -> str:
        """What it wrote to standard error."""
        self._error.seek(0)
        return self._error.read().decode(errors="replace")[-2000:]

    def close(self) -> None:
        """Close the window, and expect that the process ends well."""
        self.ask("close")
        self.answer().check()
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise WrongError("the window closed, but the process did not end") from error
        expect(that=code == 0, otherwise=f"the window ended with code {code}: {self.error}")
        expect(that="Traceback" not in self.error, otherwise=self.error)

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout, self._error):
            if pipe:
                pipe.close()

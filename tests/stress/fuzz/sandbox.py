"""Read inputs in a sandboxed child process and check the promises of docs/reliability.md.

A module of this package has module-level targets, and runs them by name:

    # soak_things.py
    THINGS = Target("a thing", prepare, use)
    outcome = guarded("tests.stress.fuzz.things:THINGS", effort, full=100_000)

    def prepare(draw: Random, folder: Path) -> Path: ...   writes one input into the empty folder, returns what to read
    def use(path: Path) -> None: ...                       reads and uses it; DigitpadError where it is refused

`prepare` is not checked; for the same seed and number it gets the same random numbers. While `use` runs, these are
faults:

- an exception other than DigitpadError; a DigitpadError that is not one printable sentence of less than 500 characters
  that names the file (`names`: by default its message must contain `path.name`);
- a crash; more than `seconds` of work (two times in a row) or ten of waiting; more than `megabytes` of additional
  memory;
- a Python warning, or any output on standard error;
- starting a program, opening a socket, unpickling a class, loading a library, or compiling or executing code that is
  not a module of the installation;
- writing, creating, renaming or removing files outside the folder; inside it too, unless `may_write`.

Inputs that led to a fault are kept, three of a kind, in `keep` (default: $TMPDIR/digitpad-faults/NAME/NUMBER-KIND).
`Target.warm`, if given, is called first in each child and is not checked: for imports and other one-time work.
"""

import contextlib
import faulthandler
import importlib
import json
import mmap
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.stress import command_of
from tests.stress.budget import Budget, Outcome

_ROOT = Path(__file__).resolve().parents[3]
_IN_CHILD = 5000  # attempts until a fresh process
_HANGS = 20  # seconds until the child is ended
_NET = 4 << 30  # bytes of address space that a child may gain
_MOST_KEPT = 3  # inputs of a kind


@dataclass(frozen=True, slots=True)
class Target:
    """A reader to be tested; see the module."""

    name: str
    prepare: Callable[[Random, Path], Path]
    use: Callable[[Path], None]
    names: Callable[[Path, str], bool] = lambda path, message: path.name in message
    warm: Callable[[], None] = lambda: None
    seconds: float = 2.0
    megabytes: float = 500.0
    may_write: bool = False


@dataclass(slots=True)
class Fault:
    """An attempt that broke a promise."""

    number: int
    kind: str  # equal for faults that are probably the same defect
    detail: str


def run_guarded(where: str, budget: Budget, full: int, keep: Path | None = None) -> Outcome:
    """Run attempts on the target "module:NAME" in child processes and return the outcome."""
    module, _, attribute = where.partition(":")
    target: Target = getattr(importlib.import_module(module), attribute)
    keep = keep or Path(tempfile.gettempdir()) / "digitpad-faults" / re.sub(r"\W+", "-", target.name)
    total = _Totals()
    count = full if budget.max_attempts is None else min(full, budget.max_attempts)
    begun = time.monotonic()
    while total.attempts < count and (budget.left or not total.attempts):
        with tempfile.TemporaryDirectory() as place:
            _run_child(
                where, budget, (total.attempts, min(count, total.attempts + _IN_CHILD)), Path(place), keep, total
            )
    seconds = time.monotonic() - begun
    note = f"{total.attempts / seconds:,.0f}/s, {total.refused:,} refused"
    if total.kinds:
        note = f"{'; '.join(f'{kind} ({times}x)' for kind, times in total.kinds.most_common(20))}; inputs in {keep}"
    return Outcome(target.name, total.attempts, total.faults, total.slowest, total.memory, note)


class _Totals:
    def __init__(self) -> None:
        self.attempts = self.refused = self.faults = 0
        self.slowest = self.memory = 0.0
        self.kinds: Counter[str] = Counter()


def _run_child(where: str, budget: Budget, span: tuple[int, int], place: Path, keep: Path, total: _Totals) -> None:
    """Run one child and add its results; if it crashed, the last attempt is a fault."""
    left = None if budget.left == float("inf") else budget.left
    kinds = [kind for kind, times in total.kinds.items() if times >= _MOST_KEPT]
    order = {"where": where, "seed": budget.seed, "span": span, "left": left, "keep": str(keep), "enough": kinds}
    (place / "home").mkdir()
    (place / "at").write_bytes(bytes(8))
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"), str(place / "home"))
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}  # the targets are where this process found them
    paths["PYTHONDONTWRITEBYTECODE"] = "1"  # what a reader writes would be a fault
    with (place / "stderr").open("wb") as errors:
        command = command_of("tests.stress.fuzz.sandbox", str(place), json.dumps(order))
        child = subprocess.run(command, stdout=errors, stderr=errors, env=os.environ | homes | paths, check=False)
    results = (place / "results").read_text().splitlines() if (place / "results").exists() else []
    done = None
    for line in results:
        record = json.loads(line)
        if "kind" in record:
            total.faults += 1
            total.kinds[record["kind"]] += 1
        else:
            done = record
    if done is not None:
        total.attempts, total.refused = done["next"], total.refused + done["refused"]
        total.slowest, total.memory = max(total.slowest, done["slowest"]), max(total.memory, done["memory"])
        return
    (number,) = struct.unpack("<q", (place / "at").read_bytes())
    said = (place / "stderr").read_text(errors="replace")
    if number < span[0] or not (place / "ready").exists():
        raise RuntimeError(f"the child for {where} did not begin: {said[-2000:]}")
    number = min(number, span[1] - 1)
    name = "hang" if child.returncode == -signal.SIGALRM else f"crash ({child.returncode})"
    total.faults += 1
    total.kinds[f"{name} {_last_frame(said)}".strip()] += 1
    total.attempts = number + 1
    _keep(keep, Fault(number, name, said[-20_000:]), place / "input")


def _last_frame(said: str) -> str:
    found = re.search(r'File "([^"]+)", line (\d+) in', said)
    return f"in {Path(found[1]).name}:{found[2]}" if found else ""


def _keep(keep: Path, fault: Fault, folder: Path) -> None:
    kind = re.sub(r"\W+", "-", fault.kind)[:60].strip("-")
    to = keep / f"{fault.number}-{kind}"
    shutil.rmtree(to, ignore_errors=True)
    with contextlib.suppress(shutil.Error):  # pipes cannot be copied
        shutil.copytree(folder, to, symlinks=True)
    (keep / f"{to.name}.txt").write_text(fault.detail, errors="replace")


# The code below runs in the child.


class _AuditHook:
    """The audit hook: records forbidden events while it is armed."""

    def __init__(self, folder: str, *, may_write: bool) -> None:
        self.is_armed = False
        self.seen: list[str] = []
        self._folder = folder + os.sep
        self._may_write = may_write
        self._trusted = tuple(os.path.realpath(place) + os.sep for place in (sys.prefix, sys.base_prefix, str(_ROOT)))

    def __call__(self, event: str, values: tuple[Any, ...]) -> None:
        if self.is_armed and (judge := _AUDITED.get(event)) is not None and (said := judge(self, values)):
            self.seen.append(f"{event}: {said}"[:300])

    def always(self, values: tuple[Any, ...]) -> str:
        return repr(values)

    def code(self, values: tuple[Any, ...]) -> str:
        # "exec" passes the code object, "compile" the source and the file name.
        what, name = (*values, None)[:2]
        file = getattr(what, "co_filename", name) or ""
        file = os.fsdecode(file) if isinstance(file, (str, bytes)) else repr(file)
        is_of_file = Path(file).is_absolute() and os.path.realpath(file).startswith(self._trusted)
        return "" if is_of_file or file.startswith("<frozen ") else f"{file} {what!r}"

    def library(self, values: tuple[Any, ...]) -> str:
        return "" if values[0] is None or str(values[0]).startswith(self._trusted) else repr(values)

    def opening(self, values: tuple[Any, ...]) -> str:
        path, mode, flags = (*values, None, None)[:3]
        if isinstance(mode, str):
            writes = bool(set(mode) & set("wax+"))
        else:
            writes = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND))
        if (flags or 0) & getattr(os, "O_NOFOLLOW", 0):
            path = _with_real_parent(path)
        return f"{path!r} to write" if writes and not self._is_allowed(path) else ""

    def target(self, values: tuple[Any, ...]) -> str:
        return "" if self._is_allowed(values[0]) else repr(values)

    def first_path(self, values: tuple[Any, ...]) -> str:
        path, within = (
            values[0],
            values[-1],
        )  # the second is a folder's descriptor, if it is removed together with its folder
        if isinstance(within, int) and within >= 0 and isinstance(path, str):
            path = os.path.join(os.path.realpath(f"/proc/self/fd/{within}"), path)  # noqa: PTH118
        return "" if self._is_allowed(_with_real_parent(path)) else repr(values)

    def both_paths(self, values: tuple[Any, ...]) -> str:
        is_allowed = self._is_allowed(_with_real_parent(values[0])) and self._is_allowed(_with_real_parent(values[1]))
        return "" if is_allowed else repr(values)

    def _is_allowed(self, path: object) -> bool:
        if path == os.devnull:
            return True
        if not self._may_write or not isinstance(path, (str, bytes, os.PathLike)):
            return False
        return os.path.realpath(os.fsdecode(path)).startswith(self._folder)


def _with_real_parent(path: object) -> object:
    """Return a path with links resolved, except for its last part."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        return path
    folder, name = os.path.split(os.fsdecode(path).rstrip(os.sep))
    return path if name in (".", "..") else os.path.join(os.path.realpath(folder), name and "itself")  # noqa: PTH118


_AUDITED: dict[str, Callable[[_AuditHook, tuple[Any, ...]], str]] = {
    **dict.fromkeys(
        (
            *(
                "subprocess.Popen",
                "os.system",
                "os.exec",
                "os.posix_spawn",
                "os.spawn",
                "os.fork",
                "os.forkpty",
                "pty.spawn",
            ),
            *(
                "socket.__new__",
                "socket.connect",
                "socket.bind",
                "socket.getaddrinfo",
                "urllib.Request",
                "webbrowser.open",
            ),
            *("pickle.find_class", "os.kill", "os.putenv", "code.__new__"),
        ),
        _AuditHook.always,
    ),
    **dict.fromkeys(("exec", "compile"), _AuditHook.code),
    "ctypes.dlopen": _AuditHook.library,
    "open": _AuditHook.opening,
    **dict.fromkeys(
        ("os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"),
        _AuditHook.first_path,
    ),
    **dict.fromkeys(("os.truncate", "os.chmod", "os.chown", "os.utime"), _AuditHook.target),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink", "shutil.move", "shutil.copyfile"), _AuditHook.both_paths),
}


class _Child:
    """Runs the attempts of one child."""

    def __init__(self, place: Path, order: dict[str, Any]) -> None:
        module, _, attribute = order["where"].partition(":")
        self._target: Target = getattr(importlib.import_module(module), attribute)
        self._order = order
        self._place = place
        self._folder = place / "input"
        self._results = (place / "results").open("w", buffering=1)
        self._target.warm()
        from digitpad.core.errors import DigitpadError

        self._refusal = DigitpadError
        self._watch = _AuditHook(os.path.realpath(self._folder), may_write=self._target.may_write)
        self._warned: list[str] = []
        self._slowest = self._memory = 0.0
        self._refused = 0
        self._kinds: Counter[str] = Counter(dict.fromkeys(order["enough"], _MOST_KEPT))

    def run(self) -> None:
        sys.addaudithook(self._watch)
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, category, *rest: self._warned.append(f"{category.__name__}: {message}")
        used = _address_space()
        resource.setrlimit(resource.RLIMIT_AS, (used + _NET, used + _NET))
        faulthandler.enable()
        faulthandler.register(signal.SIGALRM, all_threads=False, chain=True)
        first, end = self._order["span"]
        until = time.monotonic() + (float("inf") if self._order["left"] is None else self._order["left"])
        parent = os.getppid()  # if the parent ends, so does this process
        (self._place / "ready").touch()
        with (self._place / "at").open("r+b") as file, mmap.mmap(file.fileno(), 8) as at:
            number = first
            while number < end and (number == first or time.monotonic() < until) and os.getppid() == parent:
                struct.pack_into("<q", at, 0, number)
                self._attempt(number)
                number += 1
        record = {"next": number, "refused": self._refused, "slowest": self._slowest, "memory": self._memory}
        print(json.dumps(record), file=self._results)

    def _attempt(self, number: int) -> None:
        path = self._prepared(number)
        kinds = self._used(path)
        if any(kind.startswith("slow") for kind in kinds):
            kinds = self._used(self._prepared(number))
        for kind, detail in kinds.items():
            fault = Fault(number, kind, detail)
            print(json.dumps(asdict(replace(fault, detail=detail[:500]))), file=self._results)
            self._kinds[kind] += 1
            if self._kinds[kind] <= _MOST_KEPT:
                self._prepared(number)  # `use` may have changed it
                _keep(Path(self._order["keep"]), fault, self._folder)

    def _prepared(self, number: int) -> Path:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._folder)
        self._folder.mkdir()
        path = self._target.prepare(_draws(self._order["seed"], self._target, number), self._folder)
        if _peak() > _resident() + 50:
            _reset_peak()
        return path

    def _used(self, path: Path) -> dict[str, str]:
        """Use one input, and return the faults by their kind."""
        before = {} if self._target.may_write else _stats(self._folder)
        said, held, peak = os.fstat(2).st_size, _resident(), _peak()
        self._warned.clear()
        self._watch.seen.clear()
        begun, worked = time.perf_counter(), time.process_time()
        kinds = self._outcome(path)
        seconds = time.perf_counter() - begun
        if seconds < _HANGS / 2:
            # On a busy machine waiting is not the input's doing.
            seconds = min(seconds, time.process_time() - worked)
        self._slowest = max(self._slowest, seconds)
        if seconds > self._target.seconds:
            kinds[f"slow (over {self._target.seconds:g} s)"] = f"{seconds:.2f} s"
        if (highest := _peak()) > peak and self._has_gained(highest - held):
            kinds[f"memory (over {self._target.megabytes:g} MB)"] = f"{highest - held:.0f} MB"
        for kind, detail in self._noise(said):
            kinds.setdefault(kind, detail)
        if not self._target.may_write and _stats(self._folder) != before:
            kinds["its folder was changed"] = ", ".join(path.name for path in self._folder.iterdir())
        return kinds

    def _outcome(self, path: Path) -> dict[str, str]:
        """Use the input under watch, and return what was wrong with what it came to."""
        signal.setitimer(signal.ITIMER_REAL, _HANGS)
        self._watch.is_armed = True
        try:
            self._target.use(path)
        except self._refusal as error:
            self._watch.is_armed = False
            self._refused += 1
            wrong = self._problem_with_message(path, str(error))
            return {wrong: str(error)} if wrong else {}
        except BaseException as error:
            self._watch.is_armed = False
            return {_kind_of(error): traceback.format_exc()}
        finally:
            self._watch.is_armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
        return {}

    def _has_gained(self, megabytes: float) -> bool:
        self._memory = max(self._memory, megabytes)
        if megabytes > 50:
            _reset_peak()
        return megabytes > self._target.megabytes

    def _noise(self, said: int) -> Iterator[tuple[str, str]]:
        for words in self._warned:
            yield f"warning {words[:80]}", words
        for words in self._watch.seen:
            yield f"did {words[:80]}", words
        if os.fstat(2).st_size > said:
            words = (self._place / "stderr").read_bytes()[said:].decode(errors="replace")
            yield f"on stderr {re.sub(r'[0-9]+', '#', words)[:80]}", words

    def _problem_with_message(self, path: Path, message: str) -> str:
        if not message or len(message) >= 500:
            return f"a sentence of {'no' if not message else '500 or more'} characters"
        if not message.isprintable():
            return "a sentence with unprintable characters"
        return "" if self._target.names(path, message) else "a sentence that does not name the file"


def _draws(seed: int, target: Target, number: int) -> Random:
    return Random(f"{seed}:{target.name}:{number}")  # noqa: S311 - to be repeated, not to be secret


def _kind_of(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "digitpad" in frame.filename and "scripts" not in frame.filename] or frames
    return f"{type(error).__name__} in {Path(own[-1].filename).name}:{own[-1].name}"


def _stats(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for root, _, names in os.walk(folder):
        for name in (*names, "."):
            stat = os.lstat(os.path.join(root, name))  # noqa: PTH118 - many thousand times
            found[f"{root}/{name}"] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return found


def _peak() -> float:
    """Return the most memory held since `_forget_peak`, MB."""
    # Linux's ru_maxrss counts what the process that started this one held.
    with contextlib.suppress(OSError, IndexError):
        return int(Path("/proc/self/status").read_bytes().partition(b"VmHWM:")[2].split(None, 1)[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def _resident() -> float:
    """Return the memory held, MB; where it cannot be told, the most ever held."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[1])
    except OSError:
        return _peak()
    return pages * resource.getpagesize() / (1 << 20)


def _reset_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _address_space() -> int:
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    except OSError:
        return 8 << 30


if __name__ == "__main__":
    _Child(Path(sys.argv[1]), json.loads(sys.argv[2])).run()

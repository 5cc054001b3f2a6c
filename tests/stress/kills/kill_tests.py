"""Kill digitpad with SIGKILL while it writes, and check that no acknowledged work is lost and that it can continue.

A scenario is a module with `steps`, a generator that yields how many of its steps are acknowledged, and `found`, which
returns what a user finds afterwards. It first runs without being killed; this gives the expected state after each
step. Then it is killed: at random times, at each call that changes a folder or syncs a file, and when a file reaches
some length. The state found then must be that of the acknowledged steps, or of one step more; continuing from there
must reach the same end, and leave no other files.
"""

import math
import os
import random
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.stress.budget import Budget, Outcome
from tests.stress.kills.requests import ForkServer, Kill, Reply, Request

SCENARIOS = (
    "tests.stress.kills.training",
    "tests.stress.kills.files",
    "tests.stress.kills.my_digits",
    "tests.stress.kills.downloads",
    "tests.stress.kills.settings",
)
FULL = 200
_KILL_AGAIN_PROBABILITY = 0.3  # probability that the continued run is killed too
_TWO_DAYS = 2 * 24 * 3600.0  # seconds, after which no stale file may remain
# Files in memory are enough: what a killed process wrote survives without being synced, and memory is faster.
_MEMORY_DISK = next((folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None)  # noqa: S108
# SIGKILL, or SIGXFSZ when a file reached the length limit.
_KILL_CODES = (-9, -25)


class Fault(Exception):  # noqa: N818 - a fault of the program, not of this code
    """A promise of docs/reliability.md was broken."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The result of a scenario that is not killed."""

    states: tuple[Any, ...]  # found before the first step and after each step
    seconds: float
    calls: int
    longest: int  # bytes of the longest file
    tree: tuple[str, ...]


def stress_tests(budget: Budget, scenarios: tuple[str, ...] = SCENARIOS) -> Iterator[Outcome]:
    """Run every variant of the scenarios."""
    with (
        ForkServer(scenarios) as fork_server,
        tempfile.TemporaryDirectory(prefix="soak-kills-", dir=_MEMORY_DISK) as folder,
        ExitStack() as stack,
    ):
        kinds = [(name, number) for name in scenarios for number in range(variants_of(name))]
        for number, (name, variant) in enumerate(kinds):
            module = _module(name)
            address = stack.enter_context(_serving(folder)) if hasattr(module, "serving") else ""
            request = Request(name, "steps", "", variant, address)
            title = module.TITLE.format(module.VARIANTS[variant])
            yield KillTest(fork_server, Path(folder), request, title).outcome(budget.share(len(kinds) - number))


def variants_of(scenario: str) -> int:
    """Return the number of variants of a scenario."""
    return len(_module(scenario).VARIANTS)


class KillTest:
    """One variant of a scenario, killed many times."""

    def __init__(self, fork_server: ForkServer, folder: Path, request: Request, title: str) -> None:
        self._fork_server, self._folder, self._request, self._title = fork_server, folder, request, title
        self._slowest = 0.0
        self._killed = 0

    def outcome(self, budget: Budget) -> Outcome:
        """Run the attempts and return the outcome."""
        attempts, faults, first = 0, 0, ""
        reference = self._reference()
        rng = random.Random(f"{budget.seed} {self._title}")  # noqa: S311
        moments = rng.sample(range(1, reference.calls + 1), reference.calls)
        for attempt in budget.attempts(FULL):
            attempts += 1
            try:
                with self._home() as home:
                    self._attempt(
                        home, reference, _choose_kills(attempt, self._request.variant, moments, reference, rng), rng
                    )
            except Fault as fault:
                faults += 1
                first = first or f"attempt {attempt}: {fault}"
        note = f"{self._killed} killed; {min(reference.calls, attempts // 2)} of {reference.calls} calls"
        return Outcome(self._title, attempts, faults, self._slowest, note=first or note)

    def _reference(self) -> Reference:
        """Run the scenario once without killing it."""
        with self._home() as home:
            states = self._ask_unkilled(home, do="states").values
        with self._home() as home:
            plain = self._ask_unkilled(home)
            longest = max(path.stat().st_size for path in home.rglob("*") if path.is_file())
            self._ask_unkilled(home, do="check_end")
            return Reference(tuple(states), plain.seconds, plain.calls, longest, self._files_after_cleanup(home))

    def _attempt(self, home: Path, reference: Reference, kills: Iterator[Kill], rng: random.Random) -> None:
        """Kill one or more times, then run to the end and check the result."""
        told = done = 0
        while True:
            kill = next(kills)
            reply = self._ask(home, start=done, kill=kill)
            if reply.problem or reply.ended not in (0, *_KILL_CODES):
                raise Fault(f"{kill} after {done} steps: {reply.problem or reply.ended}")
            self._killed += reply.ended in _KILL_CODES
            told = max(told, *reply.values, 0)
            done = self._done(home, reference, kill, told, done)
            if rng.random() > _KILL_AGAIN_PROBABILITY:
                break
        self._ask_unkilled(home, start=done)
        if self._ask_unkilled(home, do="found").values != [reference.states[-1]]:
            raise Fault(f"{kill}: continuing after {done} steps ended differently from the reference")
        self._ask_unkilled(home, do="check_end")
        if (tree := self._files_after_cleanup(home)) != reference.tree:
            raise Fault(f"{kill}: there are files {set(tree) ^ set(reference.tree) or tree}")

    def _done(self, home: Path, reference: Reference, kill: Kill, told: int, before: int) -> int:
        """Return how many steps are done: the largest number whose state is the state found."""
        reply = self._ask_unkilled(home, do="found")
        self._slowest = max(self._slowest, reply.seconds)
        state = reply.values[0]
        # A training may repeat an epoch that was not acknowledged.
        least = told if _module(self._request.scenario).MAY_REPEAT_STEP else max(told, before)
        most = min(max(told, before) + 1, len(reference.states) - 1)
        for done in range(most, least - 1, -1):
            if reference.states[done] == state:
                return done
        alike = [number for number, each in enumerate(reference.states) if each == state]
        raise Fault(
            f"{kill}: {told} steps were acknowledged, but the state found is that after {alike or 'no'} steps: {state}"
        )

    def _files_after_cleanup(self, home: Path) -> tuple[str, ...]:
        """Make all files two days old, run the start-up clean-up, and return the names of the files left."""
        then = time.time() - _TWO_DAYS
        for path in [home, *home.rglob("*")]:
            os.utime(path, times=(then, then), follow_symlinks=False)
        self._ask_unkilled(home, do="tidy")
        return tuple(sorted(re.sub(r"\d+(-\d+)*", "#", str(path.relative_to(home))) for path in home.rglob("*")))

    def _ask_unkilled(self, home: Path, **changes: Any) -> Reply:
        """Send a request that must succeed."""
        reply = self._ask(home, **changes)
        if reply.problem or reply.ended:
            raise Fault(f"{changes or 'steps'}: {reply.problem or f'exit code {reply.ended}'}")
        return reply

    def _ask(self, home: Path, **changes: Any) -> Reply:
        return self._fork_server.ask(replace(self._request, home=str(home), **changes))

    @contextmanager
    def _home(self) -> Iterator[Path]:
        home = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield home
        finally:
            shutil.rmtree(home)


def _choose_kills(
    attempt: int, variant: int, moments: list[int], reference: Reference, rng: random.Random
) -> Iterator[Kill]:
    """Yield when to kill: first one of the calls in turn, so that attempts cover all of them, then at random."""
    turn = first = attempt + variant
    while True:
        match turn % 4:
            case 0 | 2:
                yield Kill(call=moments[attempt // 2 % len(moments)] if turn == first else rng.choice(moments))
            case 1:
                yield Kill(byte=max(1, round(math.exp(rng.uniform(0, math.log(1.2 * reference.longest))))))
            case _:
                yield Kill(after=rng.uniform(0, reference.seconds))
        turn = rng.randrange(1 << 20)


def _module(name: str) -> Any:
    return import_module(name)


def _serving(folder: str) -> Any:
    return _module("tests.stress.kills.downloads").serving(Path(folder))

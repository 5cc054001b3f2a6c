"""kill -9 at every moment of writing: what was acknowledged is there, all opens, and work goes on as if nothing was.

A scenario is a module with `steps`, a generator that acknowledges how many of its steps are done, and `found`, what a
user finds who opens everything. Each is done once without being killed, which tells what is to be found after how many
steps. Then it is killed: at moments by the clock, at each call that changes a folder or forces a file to the disk, and
when a file has so many bytes. What is found must be what was acknowledged, or one step more; going on from there must
end with the same, and leave no other files.
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

from tests.stress.budget import Effort, Outcome
from tests.stress.kills.requests import Kill, Reply, Request, Zygote

SCENARIOS = (
    "tests.stress.kills.training",
    "tests.stress.kills.files",
    "tests.stress.kills.my_digits",
    "tests.stress.kills.downloads",
    "tests.stress.kills.settings",
)
FULL = 200
_AGAIN = 0.3  # so often who goes on is killed too
_DAYS = 2 * 24 * 3600.0  # after which nothing may be left of the killed, in seconds
# What is written and not yet on the disk outlives a killed program: so memory will do, and does not wait for the disk.
_MEMORY = next((folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None)  # noqa: S108
# By SIGKILL, or by SIGXFSZ where a file had so many bytes.
_KILLED = (-9, -25)


class Fault(Exception):  # noqa: N818 - that is what it is called
    """Something was not as docs/reliability.md promises."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a scenario does when nobody kills it."""

    states: tuple[Any, ...]  # what is found before the first step and after each
    seconds: float
    calls: int
    longest: int  # bytes of the longest file
    tree: tuple[str, ...]


def attacks(effort: Effort, scenarios: tuple[str, ...] = SCENARIOS) -> Iterator[Outcome]:
    """Kill whatever writes."""
    with (
        Zygote(scenarios) as zygote,
        tempfile.TemporaryDirectory(prefix="soak-kills-", dir=_MEMORY) as folder,
        ExitStack() as stack,
    ):
        kinds = [(name, number) for name in scenarios for number in range(variants_of(name))]
        for number, (name, variant) in enumerate(kinds):
            module = _module(name)
            address = stack.enter_context(_serving(folder)) if hasattr(module, "serving") else ""
            request = Request(name, "steps", "", variant, address)
            title = module.TITLE.format(module.VARIANTS[variant])
            yield Attack(zygote, Path(folder), request, title).outcome(effort.share(len(kinds) - number))


def variants_of(scenario: str) -> int:
    """Return how many attacks a scenario is."""
    return len(_module(scenario).VARIANTS)


class Attack:
    """One variant of a scenario, killed again and again."""

    def __init__(self, zygote: Zygote, folder: Path, request: Request, title: str) -> None:
        self._zygote, self._folder, self._request, self._title = zygote, folder, request, title
        self._slowest = 0.0
        self._killed = 0

    def outcome(self, effort: Effort) -> Outcome:
        """Make the attempts."""
        attempts, faults, first = 0, 0, ""
        known = self._known()
        chance = random.Random(f"{effort.seed} {self._title}")  # noqa: S311
        moments = chance.sample(range(1, known.calls + 1), known.calls)
        for attempt in effort.attempts(FULL):
            attempts += 1
            try:
                with self._home() as home:
                    self._attempt(home, known, _kills(attempt, self._request.variant, moments, known, chance), chance)
            except Fault as fault:
                faults += 1
                first = first or f"attempt {attempt}: {fault}"
        note = f"{self._killed} killed; {min(known.calls, attempts // 2)} of {known.calls} calls"
        return Outcome(self._title, attempts, faults, self._slowest, note=first or note)

    def _known(self) -> Known:
        """See what there is to be found, and how long it takes."""
        with self._home() as home:
            states = self._whole(home, do="states").said
        with self._home() as home:
            plain = self._whole(home)
            longest = max(path.stat().st_size for path in home.rglob("*") if path.is_file())
            self._whole(home, do="check_end")
            return Known(tuple(states), plain.seconds, plain.calls, longest, self._tidied(home))

    def _attempt(self, home: Path, known: Known, kills: Iterator[Kill], chance: random.Random) -> None:
        """Kill until chance has enough, then go on to the end."""
        told = done = 0
        while True:
            kill = next(kills)
            reply = self._asked(home, start=done, kill=kill)
            if reply.problem or reply.ended not in (0, *_KILLED):
                raise Fault(f"{kill} after {done} steps: {reply.problem or reply.ended}")
            self._killed += reply.ended in _KILLED
            told = max(told, *reply.said, 0)
            done = self._done(home, known, kill, told, done)
            if chance.random() > _AGAIN:
                break
        self._whole(home, start=done)
        if self._whole(home, do="found").said != [known.states[-1]]:
            raise Fault(f"{kill}: going on from {done} steps ended otherwise than without being killed")
        self._whole(home, do="check_end")
        if (tree := self._tidied(home)) != known.tree:
            raise Fault(f"{kill}: there are files {set(tree) ^ set(known.tree) or tree}")

    def _done(self, home: Path, known: Known, kill: Kill, told: int, before: int) -> int:
        """Return how many steps are found to be done, the most of those that look alike."""
        reply = self._whole(home, do="found")
        self._slowest = max(self._slowest, reply.seconds)
        state = reply.said[0]
        # A training may do again an epoch that it told nobody of.
        least = told if _module(self._request.scenario).MAY_GO_BACK else max(told, before)
        most = min(max(told, before) + 1, len(known.states) - 1)
        for done in range(most, least - 1, -1):
            if known.states[done] == state:
                return done
        alike = [number for number, each in enumerate(known.states) if each == state]
        raise Fault(f"{kill}: {told} steps were acknowledged, and what is found is that of {alike or 'none'}: {state}")

    def _tidied(self, home: Path) -> tuple[str, ...]:
        """Let two days pass, start the program, and return the names of all that is there."""
        then = time.time() - _DAYS
        for path in [home, *home.rglob("*")]:
            os.utime(path, times=(then, then), follow_symlinks=False)
        self._whole(home, do="tidy")
        return tuple(sorted(re.sub(r"\d+(-\d+)*", "#", str(path.relative_to(home))) for path in home.rglob("*")))

    def _whole(self, home: Path, **changes: Any) -> Reply:
        """Ask for what must succeed."""
        reply = self._asked(home, **changes)
        if reply.problem or reply.ended:
            raise Fault(f"{changes or 'steps'}: {reply.problem or f'exit code {reply.ended}'}")
        return reply

    def _asked(self, home: Path, **changes: Any) -> Reply:
        return self._zygote.ask(replace(self._request, home=str(home), **changes))

    @contextmanager
    def _home(self) -> Iterator[Path]:
        home = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            yield home
        finally:
            shutil.rmtree(home)


def _kills(attempt: int, variant: int, moments: list[int], known: Known, chance: random.Random) -> Iterator[Kill]:
    """Yield a first moment, which over the attempts goes through all calls, and then any."""
    turn = first = attempt + variant
    while True:
        match turn % 4:
            case 0 | 2:
                yield Kill(call=moments[attempt // 2 % len(moments)] if turn == first else chance.choice(moments))
            case 1:
                yield Kill(byte=max(1, round(math.exp(chance.uniform(0, math.log(1.2 * known.longest))))))
            case _:
                yield Kill(after=chance.uniform(0, known.seconds))
        turn = chance.randrange(1 << 20)


def _module(name: str) -> Any:
    return import_module(name)


def _serving(folder: str) -> Any:
    return _module("tests.stress.kills.downloads").serving(Path(folder))

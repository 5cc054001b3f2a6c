"""Two windows on one user folder: whatever each does, nothing that either was told is kept is lost."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from tests.stress.budget import Effort, Outcome
from tests.stress.homes import Window, WrongError, new_home
from tests.stress.two_windows.contests import CONTESTS
from tests.stress.two_windows.oracle import Truth

_ROUNDS = 200
_SLOWEST = 60.0  # seconds that one thing may take; loading torch on a busy machine is the longest


def attacks(effort: Effort) -> Iterator[Outcome]:
    """Let two windows work against each other, then at random side by side; both are opened anew after a fault."""
    left = [*CONTESTS]
    while left:
        with new_home() as home, Window(home) as one, Window(home) as two:
            try:
                for window in (one, two):
                    window.ask("train", name="first", epochs=1)  # loads torch
                for window in (one, two):
                    window.answer().check()
            except WrongError as wrong:
                yield Outcome("two windows: opened", 1, 1, note=str(wrong))
                return
            outcome = None
            while left and not (outcome and outcome.faults):
                name = left.pop(0)
                outcome = _contested(name, (home, one, two), effort.share(len(left) + 4))  # random needs more
                yield outcome
            if not left:
                yield _side_by_side((home, one, two), effort.share(1))


def random_rounds(home: Path, windows: tuple[Window, Window], *, seed: int, rounds: int) -> Truth:
    """Let two windows do things at random, so many rounds; return what must be there then, which is held to."""
    truth = _truth(home, windows, seed)
    for _ in range(rounds):
        truth.round(windows)
    return truth


def _truth(home: Path, windows: tuple[Window, Window], seed: int) -> Truth:
    for window in windows:
        window.tell("look")
    return Truth.of(home, random.Random(seed))  # noqa: S311 - nothing secret


def _side_by_side(place: tuple[Path, Window, Window], effort: Effort) -> Outcome:
    """Both do something at random at the same time, often with the same thing; then all files are looked at."""
    home, *both = place
    windows = (both[0], both[1])
    done = faults = 0
    slowest, note = 0.0, ""
    try:
        truth = _truth(home, windows, effort.seed)
        for _ in effort.attempts(_ROUNDS):
            slowest = max(slowest, truth.round(windows))
            done += 1
        for window in windows:
            window.close()
        truth.are_closed = True
        truth.check_all()
        note = truth.told
    except WrongError as wrong:
        faults, note = 1, f"round {done + 1}: {wrong}"
    if not faults and slowest > _SLOWEST:
        faults, note = 1, f"one thing took longer than {_SLOWEST:.0f} s"
    return Outcome("two windows: things at random", max(1, done), faults, slowest, note=note)


def _contested(name: str, place: tuple[Path, Window, Window], effort: Effort) -> Outcome:
    """Both want the same thing, over and over."""
    home, one, two = place
    faults, done, slowest, note = 0, 0, 0.0, ""
    try:
        for _ in effort.attempts(_ROUNDS // 10):
            begun = time.monotonic()
            CONTESTS[name](home, *((one, two) if done % 2 else (two, one)), effort.seed * 1000 + done)
            slowest = max(slowest, time.monotonic() - begun)
            done += 1
    except WrongError as wrong:
        faults, note = 1, f"round {done + 1}: {wrong}"
    return Outcome(f"two windows: {name}", max(1, done), faults, slowest, note=note)

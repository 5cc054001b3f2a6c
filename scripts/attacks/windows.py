"""Two windows on one user folder: whatever each does, nothing that either was told is kept is lost."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from attacks.effort import Effort, Outcome
from attacks.places import Window, WrongError, new_home
from attacks.shared_truth import Truth
from attacks.window_contests import CONTESTS

_ROUNDS = 200
_SLOWEST = 60.0  # seconds that one thing may take; loading torch on a busy machine is the longest


def attacks(effort: Effort) -> Iterator[Outcome]:
    """Let two windows work side by side, first at random, then against each other."""
    names = list(CONTESTS)
    yield _side_by_side(effort.share(len(names) + 1))
    for number, name in enumerate(names):
        yield _contested(name, CONTESTS[name], effort.share(len(names) - number))


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


def _side_by_side(effort: Effort) -> Outcome:
    """Both do something at random at the same time, often with the same thing; then all files are looked at."""
    done = faults = 0
    slowest, note = 0.0, ""
    with new_home() as home, Window(home) as one, Window(home) as two:
        try:
            for window in (one, two):
                window.tell("train", name="soak", epochs=1)  # loads torch
            truth = _truth(home, (one, two), effort.seed)
            for _ in effort.attempts(_ROUNDS):
                slowest = max(slowest, truth.round((one, two)))
                done += 1
            for window in (one, two):
                window.close()
            truth.are_closed = True
            truth.check_all()
            note = truth.told
        except WrongError as wrong:
            faults, note = 1, f"round {done + 1}: {wrong}"
    if not faults and slowest > _SLOWEST:
        faults, note = 1, f"one thing took longer than {_SLOWEST:.0f} s"
    return Outcome("two windows: things at random", max(1, done), faults, slowest, note=note)


def _contested(name: str, contest: Callable[[Path, Window, Window, int], None], effort: Effort) -> Outcome:
    """Both want the same thing, over and over in the same two windows."""
    faults, done, slowest, note = 0, 0, 0.0, ""
    with new_home() as home, Window(home) as one, Window(home) as two:
        try:
            for window in (one, two):
                window.tell("train", name="first", epochs=1)
            for _ in effort.attempts(_ROUNDS // 10):
                begun = time.monotonic()
                contest(home, *((one, two) if done % 2 else (two, one)), effort.seed * 1000 + done)
                slowest = max(slowest, time.monotonic() - begun)
                done += 1
            for window in (one, two):
                window.close()
        except WrongError as wrong:
            faults, note = 1, f"round {done + 1}: {wrong}"
    return Outcome(f"two windows: {name}", max(1, done), faults, slowest, note=note)

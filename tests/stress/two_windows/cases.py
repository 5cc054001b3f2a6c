"""Two windows on one user folder: whatever each does, nothing that either was told is kept is lost."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

from tests.stress.budget import Budget, Outcome
from tests.stress.digitpad_process import CheckFailedError, Window, new_home
from tests.stress.two_windows.contests import CONTESTS
from tests.stress.two_windows.oracle import Oracle

_ROUNDS = 200
_SLOWEST = 60.0  # seconds that one thing may take; loading torch on a busy machine is the longest


def stress_tests(budget: Budget) -> Iterator[Outcome]:
    """Run the contests, then random actions in both windows; both windows are reopened after a fault."""
    left = [*CONTESTS]
    while left:
        with new_home() as home, Window(home) as one, Window(home) as two:
            try:
                for window in (one, two):
                    window.ask("train", name="first", epochs=1)  # loads torch
                for window in (one, two):
                    window.answer().check()
            except CheckFailedError as wrong:
                yield Outcome("two windows: opened", 1, 1, note=str(wrong))
                return
            outcome = None
            while left and not (outcome and outcome.faults):
                name = left.pop(0)
                outcome = _contest(
                    name, (home, one, two), budget.share(len(left) + 4)
                )  # the random actions need more time
                yield outcome
            if not left:
                yield _random_actions((home, one, two), budget.share(1))


def random_rounds(home: Path, windows: tuple[Window, Window], *, seed: int, rounds: int) -> Oracle:
    """Run rounds of random actions in two windows; return the oracle, which has checked each round."""
    oracle = _oracle(home, windows, seed)
    for _ in range(rounds):
        oracle.round(windows)
    return oracle


def _oracle(home: Path, windows: tuple[Window, Window], seed: int) -> Oracle:
    for window in windows:
        window.tell("evaluate")
    return Oracle.of(home, random.Random(seed))  # noqa: S311 - nothing secret


def _random_actions(place: tuple[Path, Window, Window], budget: Budget) -> Outcome:
    """Both windows act at random at the same time, often on the same thing; then all files are checked."""
    home, *both = place
    windows = (both[0], both[1])
    done = faults = 0
    slowest, note = 0.0, ""
    try:
        oracle = _oracle(home, windows, budget.seed)
        for _ in budget.attempts(_ROUNDS):
            slowest = max(slowest, oracle.round(windows))
            done += 1
        for window in windows:
            window.close()
        oracle.are_closed = True
        oracle.check_all()
        note = oracle.told
    except CheckFailedError as wrong:
        faults, note = 1, f"round {done + 1}: {wrong}"
    if not faults and slowest > _SLOWEST:
        faults, note = 1, f"one action took longer than {_SLOWEST:.0f} s"
    return Outcome("two windows: random actions", max(1, done), faults, slowest, note=note)


def _contest(name: str, place: tuple[Path, Window, Window], budget: Budget) -> Outcome:
    """Repeat one contest."""
    home, one, two = place
    faults, done, slowest, note = 0, 0, 0.0, ""
    try:
        for _ in budget.attempts(_ROUNDS // 10):
            begun = time.monotonic()
            CONTESTS[name](home, *((one, two) if done % 2 else (two, one)), budget.seed * 1000 + done)
            slowest = max(slowest, time.monotonic() - begun)
            done += 1
    except CheckFailedError as wrong:
        faults, note = 1, f"round {done + 1}: {wrong}"
    return Outcome(f"two windows: {name}", max(1, done), faults, slowest, note=note)

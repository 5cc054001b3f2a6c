"""Stress tests in hostile environments: each problem is reported in one sentence, without a crash or a loss."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping

from tests.stress.budget import Budget, Outcome
from tests.stress.digitpad_process import CheckFailedError
from tests.stress.environment import disks, libraries, processes

# A case raises `CheckFailedError` if a promise of docs/reliability.md is broken.
Case = Callable[[], None]
STRESS_TESTS: dict[str, Mapping[str, Case]] = {
    "disk full": disks.FULL,
    "read-only and misplaced folders": disks.UNWRITABLE,
    "home on a slow disk": disks.SLOW,
    "clock jumps": disks.CLOCK,
    "no home, odd folders, names and locales": processes.FOLDERS,
    "closed and broken streams, few descriptors": processes.STREAMS,
    "signals while training": processes.SIGNALS,
    "too little memory": processes.MEMORY,
    "missing and older libraries": libraries.LIBRARIES,
    "no display, no GPU any more": libraries.DEVICES,
}


def stress_tests(budget: Budget) -> Iterator[Outcome]:
    """Run every group of cases; if time is short, only some cases, which depend on the seed."""
    for number, (name, cases) in enumerate(STRESS_TESTS.items()):
        yield run_cases(name, cases, budget.share(len(STRESS_TESTS) - number))


def run_cases(name: str, cases: Mapping[str, Case], budget: Budget) -> Outcome:
    """Run as many cases of one group as the budget allows."""
    first = budget.seed % len(cases)
    order = itertools.islice(itertools.cycle(cases.items()), first, first + len(cases))
    done, slowest, found = 0, 0.0, []
    for _, (case, make) in zip(budget.attempts(len(cases)), order, strict=False):
        begun = time.monotonic()
        try:
            make()
        except CheckFailedError as wrong:
            found.append(f"{case}: {wrong}")
        done, slowest = done + 1, max(slowest, time.monotonic() - begun)
    return Outcome(name, done, len(found), slowest, note=" | ".join(found)[:3000])

"""Run the stress tests and print their results; docs/reliability.md has the promises that they check.

    xvfb-run -a .venv/bin/python scripts/soak.py --minutes 10 [--only PART] [--seed 7] [--json]
    xvfb-run -a .venv/bin/python scripts/soak.py --whole

With --minutes, every part gets the same share of the time; --whole runs every test as often as docs/reliability.md
says, which takes hours. The exit code is 1 if a promise was broken.
"""

import argparse
import importlib
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict

from tests.stress import command_of
from tests.stress.budget import Budget, Outcome

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Modules of tests.stress, each with `stress_tests(budget)`.
PARTS = {
    "kills": "kills.kill_tests",
    "user-files": "fuzz.user_files",
    "stored-files": "fuzz.stored_files",
    "environment": "environment.cases",
    "two-windows": "two_windows.cases",
    "monkey": "monkey.session",
    "trainings": "monkey.trainings",
}
_COLUMNS = ("stress test", "attempts", "faults", "slowest", "memory", "note")


def stress_tests(part: str, budget: Budget) -> Iterator[Outcome]:
    """Run one part in this process."""
    yield from importlib.import_module(f"tests.stress.{PARTS[part]}").stress_tests(budget)


def _in_subprocess(part: str, budget: Budget) -> Iterator[Outcome]:
    """Run one part in a subprocess: it may crash."""
    command = command_of("tests.stress", "--only", part, "--json", "--seed", str(budget.seed))
    command += ["--whole"] if math.isinf(budget.seconds) else ["--minutes", str(budget.seconds / 60)]
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield Outcome(**json.loads(line))
            count += 1
    if process.returncode not in (0, 1) or not count:
        yield Outcome(part, 1, 1, note=f"the stress test itself ended with exit code {process.returncode}")


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number of minutes above 0")
    return minutes


def _row(outcome: Outcome) -> str:
    slowest = "" if outcome.slowest is None else f"{outcome.slowest:.2f} s"
    memory = "" if outcome.memory is None else f"{outcome.memory:.0f} MB"
    figures = f"{outcome.attempts:>9,} | {outcome.faults:>6} | {slowest:>8} | {memory:>7}"
    return f"| {outcome.attack:52} | {figures} | {outcome.note} |"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument(
        "--minutes",
        type=_minutes,
        help="for all parts together; each test runs at least once, so it may take longer",
    )
    length.add_argument("--whole", action="store_true", help="run every test in full")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print one JSON object per test")
    arguments = parser.parse_args()
    budget = Budget(arguments.seed, math.inf if arguments.whole else 60 * arguments.minutes)
    if not arguments.json:
        print(f"| {_COLUMNS[0]:52} | {' | '.join(_COLUMNS[1:])} |\n| {'-' * 52} | ---: | ---: | ---: | ---: | --- |")
    parts = [arguments.only] if arguments.only else [*PARTS]
    has_faults = False
    for number, part in enumerate(parts):
        share = budget.share(len(parts) - number)
        for outcome in stress_tests(part, share) if arguments.only else _in_subprocess(part, share):
            has_faults |= outcome.faults > 0
            print(json.dumps(asdict(outcome)) if arguments.json else _row(outcome), flush=True)
    sys.exit(1 if has_faults else 0)


if __name__ == "__main__":
    main()

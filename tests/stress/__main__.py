"""Attack digitpad and print what became of it; docs/reliability.md says what should.

    xvfb-run -a .venv/bin/python scripts/soak.py --minutes 10 [--only PART] [--seed 7] [--json]
    xvfb-run -a .venv/bin/python scripts/soak.py --whole

With --minutes every part gets the same share of the time and does what it can; --whole makes every attack as often as
docs/reliability.md says, which takes hours. The exit code is 1 if anything went wrong.
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
from tests.stress.budget import Effort, Outcome

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Modules of tests.stress, each with `attacks(effort)`.
PARTS = {
    "kills": "kills.attack",
    "user-files": "fuzz.user_files",
    "stored-files": "fuzz.stored_files",
    "environment": "environment.cases",
    "two-windows": "two_windows.cases",
    "monkey": "monkey.session",
    "trainings": "monkey.trainings",
}
_COLUMNS = ("attack", "attempts", "faults", "slowest", "memory", "note")


def attacks(part: str, effort: Effort) -> Iterator[Outcome]:
    """Make the attacks of one part in this process."""
    yield from importlib.import_module(f"tests.stress.{PARTS[part]}").attacks(effort)


def _apart(part: str, effort: Effort) -> Iterator[Outcome]:
    """Make them in a process of their own: a part may end up with a broken one."""
    command = command_of("tests.stress", "--only", part, "--json", "--seed", str(effort.seed))
    command += ["--whole"] if math.isinf(effort.seconds) else ["--minutes", str(effort.seconds / 60)]
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield Outcome(**json.loads(line))
            count += 1
    if process.returncode not in (0, 1) or not count:
        yield Outcome(part, 1, 1, note=f"the attacker itself ended with exit code {process.returncode}")


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text} minutes cannot be: name a number above 0")
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
        help="for all parts together; each attack is made once at least, so it may take longer",
    )
    length.add_argument("--whole", action="store_true", help="every attack in full")
    parser.add_argument("--only", choices=PARTS, help="one part")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one object an attack")
    arguments = parser.parse_args()
    effort = Effort(arguments.seed, math.inf if arguments.whole else 60 * arguments.minutes)
    if not arguments.json:
        print(f"| {_COLUMNS[0]:52} | {' | '.join(_COLUMNS[1:])} |\n| {'-' * 52} | ---: | ---: | ---: | ---: | --- |")
    parts = [arguments.only] if arguments.only else [*PARTS]
    went_wrong = False
    for number, part in enumerate(parts):
        share = effort.share(len(parts) - number)
        for outcome in attacks(part, share) if arguments.only else _apart(part, share):
            went_wrong |= outcome.faults > 0
            print(json.dumps(asdict(outcome)) if arguments.json else _row(outcome), flush=True)
    sys.exit(1 if went_wrong else 0)


if __name__ == "__main__":
    main()

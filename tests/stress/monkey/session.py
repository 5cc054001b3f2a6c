#!/usr/bin/env python3
"""Random actions on the window for ten minutes: no fault, no hang, no leak.

As a script it runs the actions of one seed and prints the outcome; --actions limits their number, to reproduce a
fault: ``xvfb-run -a .venv/bin/python -m tests.stress.monkey.session --seed 7 --seconds 600``
"""

import argparse
import faulthandler
import json
import os
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

from tests.stress.budget import Budget, Outcome
from tests.stress.isolation import isolate, run_isolated

FULL_SECONDS = 600.0
_SEEDS = 3
_AT_A_TIME_MS = 20_000  # between two measurements
_TIMEOUT = 300.0
_COLD_START = 30.0  # seconds: loading a library from a cold disk blocks the event loop


def stress_tests(budget: Budget) -> Iterator[Outcome]:
    """Run the monkey test with one seed after the other."""
    seeds = _SEEDS if budget.left >= _SEEDS * FULL_SECONDS / 2 else 1
    for number in budget.attempts(seeds):
        share = budget.share(seeds - number)
        seed, seconds = budget.seed + number, share.lasting(FULL_SECONDS)
        options = ["--seed", str(seed), "--seconds", str(seconds)]
        yield run_isolated(
            "tests.stress.monkey.session",
            f"monkey, seed {seed}, {seconds / 60:.1f} minutes",
            options,
            seconds + _TIMEOUT,
        )


def drive(seed: int, seconds: float, home: Path, most: int) -> Outcome:  # noqa: PLR0915 - one sequence of steps
    """Run the monkey test for some seconds, and measure memory every twenty seconds."""
    isolate(home)
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from digitpad.core.models.model_files import list_models
    from digitpad.gui.window.app import open_window
    from tests.stress.monkey.actions import Monkey
    from tests.stress.monkey.files import make_files
    from tests.stress.monkey.growth import growth_problems, memory_summary
    from tests.stress.monkey.idle_state import check_closed, measure, open_again, rest, show
    from tests.stress.monkey.watch import LONGEST, Watch

    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    log = (home / "actions.log").open("w", buffering=1)
    last: list[str] = []

    def doing() -> str:
        return f"seed {seed}, {last[-1] if last else 'at the start'}"

    def note(text: str) -> None:
        last.append(text)
        del last[:-30]
        log.write(text + "\n")

    with Watch(doing) as watch:
        window, session = open_window()
        watch.install_hooks()
        QApplication.setQuitOnLastWindowClosed(False)
        session.setParent(None)
        themes = window.themes
        beat = QTimer()
        beat.timeout.connect(watch.beat)
        beat.start(50)
        out = home / "out"
        out.mkdir(exist_ok=True)
        files = make_files(home / "in", next(entry.path for entry in list_models() if entry.is_shipped).parent)
        watch.longest = _COLD_START
        show(window, session, watch)
        watch.longest, watch.slowest = LONGEST, 0.0
        begun, number, reported, measures = time.monotonic(), 0, 0, []
        while (passed := time.monotonic() - begun) < seconds and number < most:
            monkey = Monkey(window, session, seed, files, out)
            monkey.number, monkey.log = number, note
            monkey.live(most - number, milliseconds=int(min(_AT_A_TIME_MS, 1000 * (seconds - passed)) + 1))
            number = monkey.number
            del monkey
            if window.isVisible():
                rest(window, session, watch)
                measures.append(measure(window, time.monotonic() - begun, number))
                note(f"measured {measures[-1]}")
            else:
                gone = weakref.ref(window)
                del window, session
                check_closed(gone, watch)
                watch.install_hooks()
                window, session = open_again(themes)
                show(window, session, watch)
                note("opened again")
            if len(watch.faults) > reported:
                reported = len(watch.faults)
                sys.stderr.write("actions before the fault:\n  " + "\n  ".join(last) + "\n")
        rest(window, session, watch)
        measures.append(measure(window, time.monotonic() - begun, number))
        window.close()
        gone = weakref.ref(window)
        del window, session
        check_closed(gone, watch)
        faults = [*watch.faults, *growth_problems(measures)]
        (home / "measures.jsonl").write_text("".join(json.dumps(one.as_dict()) + "\n" for one in measures))
    for one in measures:
        sys.stderr.write(f"{json.dumps(one.as_dict())}\n")
    first = faults[0].strip().splitlines()[-1] if faults else memory_summary(measures)
    return Outcome("", number, len(faults), watch.slowest, max(one.memory for one in measures), first)


def main() -> None:
    """Drive the window, in this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=FULL_SECONDS)
    parser.add_argument("--actions", type=int, default=10_000_000)
    parser.add_argument("--home", type=Path, default=None)
    arguments = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="digitpad-monkey-") as folder:
        outcome = drive(arguments.seed, arguments.seconds, arguments.home or Path(folder), arguments.actions)
        sys.stdout.write(json.dumps({name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}) + "\n")
        os.chdir("/")


if __name__ == "__main__":
    main()

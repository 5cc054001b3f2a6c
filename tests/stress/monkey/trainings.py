#!/usr/bin/env python3
"""500 trainings started and stopped in the window at random moments, and a simulated training of eight hours."""

import argparse
import faulthandler
import json
import os
import random
import sys
import tempfile
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.stress.budget import Budget, Outcome
from tests.stress.isolation import isolate, run_isolated

if TYPE_CHECKING:
    from digitpad.gui.session.session import Session
    from digitpad.gui.window.main_window import MainWindow
    from tests.stress.monkey.watch import Watch

FULL = 500
_LONGEST = 7200.0  # seconds
_MEASURED_EVERY = 25
_EPOCHS = 41_000  # of 0.7 s: eight hours
_EPOCHS_A_SECOND = 100
_TIMEOUT = 600.0
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a new folder is made there
_WAYS = (
    "stop at once", "stop at once", "stop", "stop", "stop", "pause, stop", "pause, resume, stop", "start twice, stop",
    "stop twice", "discard", "to the end", "close", "pause, close", "start, close at once",
)  # fmt: skip


def stress_tests(budget: Budget) -> Iterator[Outcome]:
    """Start and stop trainings, then run the long training."""
    share = budget.share(2)
    count, seconds = min(FULL, budget.max_attempts or FULL), min(share.left, _LONGEST)
    options = ["--seed", str(budget.seed), "--count", str(count), "--seconds", str(seconds)]
    yield run_isolated("tests.stress.monkey.trainings", "trainings started and stopped", options, seconds + _TIMEOUT)
    epochs = max(500, min(_EPOCHS, int(min(budget.left, _EPOCHS) * _EPOCHS_A_SECOND)))
    hours = epochs * 0.7 / 3600
    title = f"a training of {hours:.1f} hours, {epochs:,} epochs"
    yield run_isolated(
        "tests.stress.monkey.long_training", title, ["--epochs", str(epochs)], epochs / 5 + _TIMEOUT, place=_IN_MEMORY
    )


def drive(seed: int, count: int, seconds: float, home: Path) -> Outcome:  # noqa: PLR0915 - one sequence of steps
    """Start and stop `count` trainings; check that the runs are complete and nothing leaks."""
    isolate(home)
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from digitpad.core.datasets.loading import load_digits
    from digitpad.core.images.idx_sets import PARTS
    from digitpad.gui.window.app import open_window
    from tests.stress.monkey.growth import growth_problems, memory_summary
    from tests.stress.monkey.idle_state import check_closed, measure, open_again, rest, show
    from tests.stress.monkey.watch import LONGEST, Watch

    log, now = (home / "actions.log").open("w", buffering=1), ["at the start"]
    with Watch(lambda: f"seed {seed}, {now[0]}", longest=30.0) as watch:
        window, session = open_window()
        watch.install_hooks()
        QApplication.setQuitOnLastWindowClosed(False)
        session.setParent(None)
        themes, beat = window.themes, QTimer()
        beat.timeout.connect(watch.beat)
        beat.start(50)
        # Made once per process, by a library that may take ten seconds to load from a slow disk; not measured here.
        for part in PARTS:
            load_digits("digits", part, home)
        show(window, session, watch)
        watch.longest, watch.slowest, measures = LONGEST, 0.0, []
        end = time.monotonic() + seconds
        done = 0
        for number in range(count):
            if number and time.monotonic() > end:
                break
            done = number + 1
            rng = random.Random(f"{seed}/{number}")  # noqa: S311 - no secret
            way = rng.choice(_WAYS)
            now[0] = f"training {number}, {way}"
            log.write(now[0] + "\n")
            _attempt(window, session, way, rng, watch)
            if not window.isVisible():
                gone = weakref.ref(window)
                del window, session
                check_closed(gone, watch)
                _check_runs(watch)
                watch.install_hooks()
                window, session = open_again(themes)
                show(window, session, watch)
            if number % _MEASURED_EVERY == _MEASURED_EVERY - 1:
                _check_runs(watch)
                rest(window, session, watch)
                measures.append(measure(window, done, done))
                sys.stderr.write(f"{json.dumps(measures[-1].as_dict())}\n")
        rest(window, session, watch)
        measures.append(measure(window, done, done))
        window.close()
        gone = weakref.ref(window)
        del window, session
        check_closed(gone, watch)
        _check_runs(watch)
        faults = [*watch.faults, *growth_problems(measures)]
    first = faults[0].strip().splitlines()[-1] if faults else memory_summary(measures)
    return Outcome("", done, len(faults), watch.slowest, max(one.memory for one in measures), first)


def _attempt(  # noqa: C901 - one branch a word
    window: "MainWindow", session: "Session", way: str, rng: random.Random, watch: "Watch"
) -> None:
    """Start a training, let it live for a random moment, and end it in one way."""
    from digitpad.core.training.recipe_files import load_recipe
    from digitpad.core.training.recipes import with_settings
    from digitpad.gui.window.close_prompts import CloseChoice
    from scripts.event_loop import run_event_loop
    from tests.stress.monkey.idle_state import wait_until

    trainer = session.training
    window.show_tab(1)
    tab = window.training_tab
    settings = ["epochs=4" if way == "to the end" else "epochs=100000", "train_first=400", "test_first=100"]
    recipe = rng.choice(("softmax", "mlp-fast", "relu-dropout-sgd"))
    tab.form.set_recipe(with_settings(load_recipe(recipe), [*settings, f"dataset={rng.choice(('digits', 'mnist'))}"]))
    tab.buttons.start.click()
    if not trainer.is_busy:
        watch.note(f"it does not start: {tab.messages.text} {tab.form.problems}")
        return
    for word in way.split(", "):
        if word not in ("stop at once", "start", "close at once"):
            run_event_loop(rng.choice((1, 20, 100, 300)))
        if word in ("pause", "resume"):
            tab.buttons.pause.click()
        elif word == "start twice":
            tab.launcher.start()
            tab.launcher.start()
        elif word in ("stop", "stop at once"):
            trainer.stop()
        elif word == "stop twice":
            trainer.stop()
            trainer.stop()
        elif word == "discard":
            trainer.stop(discards=True)
        elif word in ("close", "close at once"):
            import digitpad.gui.window.close_prompts as asking

            choice = rng.choice((CloseChoice.KEEP, CloseChoice.DISCARD))
            asking.ask_about_training = lambda _parent, chosen=choice: chosen
            window.close()
            if window.isVisible():
                watch.note("it does not close")
    wait_until(lambda: not trainer.is_busy, watch, way)


def _check_runs(watch: "Watch") -> None:
    """See that every run that is kept is whole: read, its models open, and it can go on or came to its end."""
    from digitpad.core.errors import DigitpadError
    from digitpad.core.files.paths import user_runs
    from digitpad.core.models.model_files import BEST, LAST, load_model
    from digitpad.core.runs.run_folder import STATE, read_run
    from digitpad.core.runs.writer import load_state

    for folder in sorted(user_runs().glob("*")):
        if folder.name.startswith("."):
            continue
        try:
            run = read_run(folder)
            if not run.rows or run.info.outcome not in ("stopped", "finished"):
                watch.note(f"{folder.name}: {len(run.rows)} epochs, {run.info.outcome} {run.info.problem}")
                continue
            load_model(folder / BEST)
            load_model(folder / LAST)
            state = load_state(folder / STATE, run.recipe.model)
            if run.info.outcome == "stopped" and not (run.can_resume and state.epoch == run.rows[-1].epoch):
                watch.note(f"{folder.name} cannot go on: state {state.epoch}, last line {run.rows[-1].epoch}")
            if parts := [path.name for path in folder.iterdir() if path.name.endswith(".part")]:
                watch.note(f"{folder.name} has parts left: {parts}")
        except DigitpadError as error:
            watch.note(str(error))


def main() -> None:
    """Drive the window, in this process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=FULL)
    parser.add_argument("--seconds", type=float, default=_LONGEST)
    parser.add_argument("--home", type=Path, default=None)
    arguments = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="digitpad-trainings-", ignore_cleanup_errors=True) as folder:
        outcome = drive(arguments.seed, arguments.count, arguments.seconds, arguments.home or Path(folder))
        sys.stdout.write(json.dumps({name: getattr(outcome, name) for name in Outcome.__dataclass_fields__}) + "\n")
        os.chdir("/")


if __name__ == "__main__":
    main()

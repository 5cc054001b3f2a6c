#!/usr/bin/env python3
"""Simulate a training of eight hours in some minutes: real thread, run folder and window, but epochs without work.

At several lengths, it runs for some seconds at the speed of a real training, and the time that the window and the disk
need is measured: it must not depend much on the length. Drawing and writing are measured in CPU time, and the folder
is in memory if possible, so that a busy machine does not matter.
"""

import argparse
import faulthandler
import json
import math
import os
import random
import statistics
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.stress.budget import Outcome
from tests.stress.isolation import isolate

if TYPE_CHECKING:
    from digitpad.core.images.digits import Digits
    from digitpad.core.training.events import Event, TrainerState
    from digitpad.core.training.recipes import Recipe
    from digitpad.gui.session.session import Session
    from digitpad.gui.window.main_window import MainWindow
    from tests.stress.monkey.watch import Watch

_STEPS = 59  # an epoch of MNIST at 1,024 images a step
_EPOCH_SECONDS = 0.7
_LENGTHS = 5  # each is twice the one before; the last is the full length
_PACED_EPOCHS = 8
_TICK_MS = 10
# Bounds at the full length, generous enough for a busy machine.
_AWAY_SECONDS = 2.0
_REPAINT_MS, _LAG_MS, _OPEN_SECONDS, _MEMORY_MB, _WRITE_EXPONENT = 60.0, 60.0, 2.0, 150.0, 0.3


@dataclass(frozen=True, slots=True)
class Length:
    """Measurements after some number of epochs."""

    epochs: int
    memory: float  # MB
    repaint: float  # ms, all curves
    smoothed: float  # ms, with the moving average
    lag: float  # ms, p99 of how late the event loop is while it trains at a real training's pace
    write: float  # ms an epoch: line, state, and best weights where they are better
    folder: float  # MB
    open: float  # seconds to read the run again


class PacedTraining:
    """Synchronises the simulated training with the measurements in the window."""

    def __init__(self, epochs: int) -> None:
        self.stops = sorted({epochs >> number for number in range(_LENGTHS)} - {0})
        self.epoch = 0
        self.is_slow = threading.Event()
        self.go_on = threading.Event()
        self.writes: list[float] = []

    def engine(
        self, recipe: "Recipe", training: "Digits", test: "Digits", state: "TrainerState | None"
    ) -> "Iterator[Event]":
        """Yield the events of a training, its first epoch again and again."""
        from digitpad.core.training.events import EpochDone, Measuring, StepDone, TrainingStarted
        from digitpad.core.training.loop import train

        with closing(train(recipe.model, recipe.training, training, test, state=state)) as events:  # type: ignore[type-var]
            done = next(event for event in events if isinstance(event, EpochDone))
        rng = random.Random(0)  # noqa: S311 - no secret
        yield TrainingStarted("cpu", 100, _STEPS, _STEPS * 1024)
        for epoch in range(1, recipe.training.epochs + 1):
            self.epoch = epoch
            paced = any(stop - _PACED_EPOCHS < epoch <= stop for stop in self.stops)
            if paced:
                self.is_slow.set()
            for step in range(1, _STEPS + 1):
                yield StepDone(epoch, step, 2.0 / epoch + rng.random(), rng.random(), 1024)
                if paced:
                    time.sleep(_EPOCH_SECONDS / _STEPS)
            yield Measuring(epoch, 10_000, 10_000)
            accuracy = 0.9 + 0.09 * math.log(epoch + 1) / 12 + 0.001 * rng.random()
            state = None if done.state is None else replace(done.state, epoch=epoch)
            yield replace(done, epoch=epoch, test_accuracy=accuracy, seconds=_EPOCH_SECONDS, state=state)
            if epoch in self.stops:
                self.is_slow.clear()
                self.go_on.wait()
                self.go_on.clear()


def drive(epochs: int, home: Path) -> Outcome:
    """Train, and measure at several lengths."""
    isolate(home)
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from digitpad.core.models.model_files import ModelCard
    from digitpad.core.runs import training_job
    from digitpad.core.runs.writer import RunWriter
    from digitpad.core.training.events import EpochDone
    from digitpad.gui.window.app import open_window
    from tests.stress.monkey.growth import exponent
    from tests.stress.monkey.idle_state import check_closed, show, wait_until
    from tests.stress.monkey.watch import LONGEST, Watch

    pace = PacedTraining(epochs)
    training_job._engine = pace.engine
    note = RunWriter.save_epoch

    def timed(self: RunWriter, event: EpochDone, card: ModelCard) -> None:
        begun = time.thread_time()
        note(self, event, card)
        pace.writes.append(1000 * (time.thread_time() - begun))

    RunWriter.save_epoch = timed
    with Watch(lambda: f"epoch {pace.epoch}", longest=30.0) as watch:
        window, session = open_window()
        watch.install_hooks()
        QApplication.setQuitOnLastWindowClosed(False)
        session.setParent(None)
        beat = QTimer()
        beat.timeout.connect(watch.beat)
        beat.start(50)
        show(window, session, watch)
        watch.longest, watch.slowest = LONGEST, 0.0
        _start(window, epochs)
        lengths = []
        for stop in pace.stops:
            wait_until(pace.is_slow.is_set, watch, f"epoch {stop}", timeout=3600)
            lengths.append(_measured(window, session, pace, stop, watch))
            sys.stderr.write(f"{json.dumps(asdict(lengths[-1]))}\n")
            pace.go_on.set()
        faults = [*_check_after_training(window, session, watch), *_exceeded_bounds(lengths)]
        window.close()
        gone = weakref.ref(window)
        del window, session
        check_closed(gone, watch)
        faults = [*watch.faults, *faults]
    sizes = [one.epochs for one in lengths]
    figures = ("memory", "repaint", "smoothed", "lag", "write", "folder", "open")
    exponents = {f: exponent(sizes, [getattr(one, f) for one in lengths]) for f in figures} if len(sizes) > 1 else {}
    summary = ", ".join(
        f"{figure} {getattr(lengths[-1], figure):.3g} (n^{power:.2f})" for figure, power in exponents.items()
    )
    return Outcome("", epochs, len(faults), watch.slowest, lengths[-1].memory, "; ".join([*faults[:1], summary]))


def _start(window: "MainWindow", epochs: int) -> None:
    from digitpad.core.training.recipe_files import load_recipe
    from digitpad.core.training.recipes import with_settings

    window.show_tab(1)
    window.training_tab.form.set_recipe(with_settings(load_recipe("digits-mlp-adam"), [f"epochs={epochs}"]))
    window.training_tab.buttons.start.click()


def _measured(window: "MainWindow", session: "Session", pace: PacedTraining, stop: int, watch: "Watch") -> Length:
    """Measure while the training runs at real speed, and then while it waits."""
    from PySide6.QtCore import Qt, QTimer

    from digitpad.core.runs.run_folder import read_run
    from digitpad.core.runtime.malloc import trim_heap
    from scripts.event_loop import run_event_loop
    from tests.stress.monkey.idle_state import wait_until
    from tests.stress.monkey.watch import resident

    tab = window.training_tab
    late, last, timer = [0.0], [0.0], QTimer()

    def tick() -> None:
        now = time.perf_counter()
        if last[0]:
            late.append(max(0.0, 1000 * (now - last[0]) - _TICK_MS))
        last[0] = now

    run_event_loop(700)  # the epochs before are drawn
    pace.writes.clear()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(_TICK_MS)
    wait_until(lambda: not pace.is_slow.is_set(), watch, "the slow epochs")
    timer.stop()
    run_event_loop(300)
    write = statistics.median(pace.writes)
    trim_heap()
    memory = resident()
    repaint = _repaint_ms(window)
    tab.curves.chart.show_options(replace(tab.curves.controls.options, smoothing=0.9))
    smoothed = _repaint_ms(window)
    tab.curves.chart.show_options(tab.curves.controls.options)
    run = session.training.run
    assert run is not None
    folder = sum(path.stat().st_size for path in run.folder.iterdir()) / 2**20
    begun = time.thread_time()
    if len(read_run(run.folder).rows) != stop:
        watch.note(f"the run's folder has not the {stop} epochs that were done")
    opened = time.thread_time() - begun
    lag = statistics.quantiles(late, n=100)[98]
    return Length(stop, memory, repaint, smoothed, lag, write, folder, opened)


def _repaint_ms(window: "MainWindow") -> float:
    """Return how long the curves take to be drawn, ms."""
    times = []
    for _ in range(5):
        begun = time.thread_time()
        window.training_tab.curves.chart.draw_now()
        window.training_tab.curves.chart.repaint()
        times.append(1000 * (time.thread_time() - begun))
    return statistics.median(times)


def _check_after_training(window: "MainWindow", session: "Session", watch: "Watch") -> list[str]:
    """Show the finished run again and export it."""
    from scripts.event_loop import run_event_loop
    from tests.stress.monkey.idle_state import wait_until

    wait_until(lambda: not session.training.is_busy, watch, "the end", timeout=600)
    tab, run = window.training_tab, session.runs.runs[0]
    begun = time.perf_counter()
    session.runs.refresh()
    tab.runs.select(run)
    tab.runs.model.set_shown(run, shown=True)
    window.show_tab(0)
    window.show_tab(1)
    run_event_loop(500)
    faults, places = [], {"csv": "run.csv", "png": "run.png", "svg": "run.svg", "tensorboard": "board"}
    for kind, name in places.items():
        tab.run_actions.export_to(run, kind, Path(name))
        wait_until(Path(name).exists, watch, f"the export to {name}")
        if not Path(name).exists():
            faults.append(f"{kind} was not exported: {tab.messages.text}")
    sys.stderr.write(f"shown and exported in {time.perf_counter() - begun:.1f} s\n")
    if watch.slowest > _AWAY_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)):
        faults.append(f"the window was away for {watch.slowest:.1f} s")
    return faults


def _exceeded_bounds(lengths: list[Length]) -> list[str]:
    """Return the bounds that are exceeded at the full length."""
    from tests.stress.monkey.growth import exponent

    first, last = lengths[0], lengths[-1]
    faults = []
    bounds = (
        ("repaint", last.repaint, _REPAINT_MS),
        ("repaint, smoothed", last.smoothed, _REPAINT_MS),
        ("lag", last.lag, _LAG_MS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))),
        ("opening", last.open, _OPEN_SECONDS),
        ("memory", last.memory - first.memory, _MEMORY_MB),
        ("writing's exponent", exponent([one.epochs for one in lengths], [one.write for one in lengths])
         if len(lengths) > 1 else 0.0, _WRITE_EXPONENT),
    )  # fmt: skip
    faults += [f"{name} is {value:.3g}, above {most:g}" for name, value, most in bounds if value > most]
    return faults


def main() -> None:
    """Train, in this process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=41_000)
    parser.add_argument("--home", type=Path, default=None)
    arguments = parser.parse_args()
    faulthandler.enable()
    with tempfile.TemporaryDirectory(prefix="digitpad-long-", ignore_cleanup_errors=True) as folder:
        outcome = drive(arguments.epochs, arguments.home or Path(folder))
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        os.chdir("/")


if __name__ == "__main__":
    main()

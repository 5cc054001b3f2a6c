"""Training in the window: throughput against the command line, the event loop's lag, the pad's latency, memory."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from benchmarks.figures import Figure, bare_memory, data_folder
from benchmarks.pen import pen_times
from benchmarks.windows import opened, run_until
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

_WARM_UP = 1  # epochs that are not counted
_COUNTED = 12
_TICK_MS = 5
_WATCHED_SECONDS = 20
_PAGE_SECONDS, _PAGE_TURNS = 10, 6


def in_the_window() -> Iterator[Figure]:
    """Train an MLP while drawing on the pad."""
    data = data_folder()
    os.environ["DIGITPAD_DATA"] = str(data)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        alone = _command_line(data)
        window, session = opened(folder)
        epochs: list[float] = []
        session.training.epoch_done.connect(lambda done: epochs.append(done.seconds))
        window.show_tab(1)
        window.training_tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), ["epochs=1000"]))
        window.training_tab.launcher.start()
        run_until(lambda: len(epochs) > _WARM_UP)
        del epochs[:]
        run_until(lambda: len(epochs) >= _COUNTED)
        together = statistics.median(epochs)
        lag = _lag()
        memory = psutil.Process().memory_info().rss / 2**20
        window.show_tab(0)
        times = pen_times(window, session)
        session.training.stop()
        run_until(lambda: not session.training.is_busy)
        window.close()
    bare = bare_memory()
    yield Figure("MLP epoch in the window ÷ on the command line", together / alone, 1 / 0.85)
    yield Figure("event loop's lag while training, p99", float(np.percentile(lag, 99)), 16.0, "ms")
    yield Figure("last pen move → bars while training, median", float(np.median(times)), None, "ms")
    yield Figure("last pen move → bars while training, p99", float(np.percentile(times, 99)), 16.0, "ms")
    yield Figure("memory above torch and Qt alone, MLP in training", memory - bare, 300.0, "MB")
    if sys.platform == "linux":
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        yield Figure("  its peak", peak - bare, None, "MB")


def network_shown() -> Iterator[Figure]:
    """Train a CNN, and look at its weights and at its network in turns."""
    from event_loop import run_event_loop

    os.environ["DIGITPAD_DATA"] = str(data_folder())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        window, session = opened(folder)
        window.show_tab(1)
        tab, samples = window.training_tab, list[int]()
        session.training.steps_done.connect(lambda steps: samples.extend(step.samples for step in steps))
        tab.form.set_recipe(with_settings(load_recipe("cnn-fast"), ["epochs=1000"]))
        tab.launcher.start()
        run_until(lambda: len(samples) > 0)
        run_event_loop(_PAGE_SECONDS * 1000)
        pages = tab.weights, tab.network
        speeds = [list[float]() for _ in pages]
        for _ in range(_PAGE_TURNS):
            for page, speed in zip(pages, speeds, strict=True):
                tab.pictures.show_page(page)
                samples.clear()
                start = time.perf_counter()
                run_event_loop(_PAGE_SECONDS * 1000)
                speed.append(sum(samples) / (time.perf_counter() - start))
        session.training.stop()
        run_until(lambda: not session.training.is_busy)
        window.close()
    weights, network = (statistics.median(speed) for speed in speeds)
    yield Figure("CNN's training, time with “Network” shown ÷ “Weights”", weights / network, 1 / 0.95)


def _lag() -> list[float]:
    """Run a timer; return the delay of each tick in ms."""
    from event_loop import run_event_loop
    from PySide6.QtCore import Qt, QTimer

    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(max(0.0, (now - last) * 1000 - _TICK_MS))
        last = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    timer.start(_TICK_MS)
    run_event_loop(_WATCHED_SECONDS * 1000)
    timer.stop()
    return late


def _command_line(data: Path) -> float:
    """Return the seconds of an epoch of the same training on the command line."""
    command = [sys.executable, "-m", "digitpad", "train", "mlp-fast", "--epochs", "12", "--json", "--data", str(data)]
    lines = subprocess.check_output(command, stderr=subprocess.DEVNULL, text=True).splitlines()
    return statistics.median([json.loads(line)["seconds"] for line in lines[_WARM_UP:]])

"""The training rows of scripts/bench.py: against peers, against the matrix limit, in the window."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from figures import Figure

from digitpad.core.data import Digits, load_digits
from digitpad.core.events import EpochDone
from digitpad.core.recipes import Recipe, load_recipe, with_settings

if TYPE_CHECKING:
    from digitpad.gui.main_window import MainWindow
    from digitpad.gui.session import Session

_GOAL_ACCURACY = 0.98
_WARM_UP = 1  # epochs that are not counted
_COUNTED = 12
_TICK_MS = 5
_WATCHED_SECONDS = 20
_LIMIT_ROUNDS = 200


def data_folder() -> Path:
    """Return the folder with the real MNIST, or stop."""
    for folder in (os.environ.get("DIGITPAD_DATA"), Path(__file__).resolve().parents[2] / "shared" / "data"):
        if folder and (Path(folder) / "mnist").is_dir():
            return Path(folder)
    sys.exit("MNIST is not at hand: set DIGITPAD_DATA to the folder that has mnist/")


def against_peers() -> Iterator[Figure]:
    """Compare softmax and MLP with the tutorial-style loop and with scikit-learn."""
    data = data_folder()
    training, test = (load_digits("mnist", part, data) for part in ("train", "test"))
    ours = _train(with_settings(load_recipe("softmax-sgd-100"), ["epochs=5"]), training, test)
    peer, kinder = _peer("softmax", data, epochs=5), _peer("softmax", data, epochs=5, in_memory=True)
    epoch, peer_epoch = _seconds_an_epoch(ours), _seconds_an_epoch(peer)
    yield Figure("softmax, batches of 100: an epoch", epoch, None, "s")
    yield Figure("  the tutorials' DataLoader loop", peer_epoch, None, "s")
    yield Figure("  the same on tensors in memory", _seconds_an_epoch(kinder), None, "s")
    yield Figure("  ours as a share of the tutorials'", epoch / peer_epoch, 1 / 10, "")
    yield Figure("  accuracy behind it after 5 epochs, points", 100 * (peer[-1][1] - ours[-1][1]), 0.5, "")

    fast = _train(load_recipe("mlp-fast"), training, test)
    loop = _peer("mlp", data, until=_GOAL_ACCURACY)
    kinder = _peer("mlp", data, until=_GOAL_ACCURACY, in_memory=True)
    sklearn = _peer("sklearn", data, until=_GOAL_ACCURACY)
    rows = {
        "MLP 784-512-256-10": fast,
        "  DataLoader loop, Adam": loop,
        "  the same in memory": kinder,
        "  MLPClassifier": sklearn,
    }
    for name, epochs in rows.items():
        yield Figure(f"{name}: an epoch", _seconds_an_epoch(epochs), None, "s")
        reached = "" if epochs[-1][1] >= _GOAL_ACCURACY else " (not reached)"
        yield Figure(f"{name}: to 98.0 %{reached}", _seconds_to_goal(epochs), None, "s")
    share = _seconds_to_goal(fast) / _seconds_to_goal(loop)
    yield Figure("  to 98.0 %, as a share of the loop's time", share, 1 / 6, "")
    share = _seconds_to_goal(fast) / _seconds_to_goal(sklearn)
    yield Figure("  to 98.0 %, as a share of MLPClassifier's", share, 1 / 5, "")
    yield from _against_the_limit(_seconds_an_epoch(fast))


def _against_the_limit(seconds: float) -> Iterator[Figure]:
    """Compare an epoch of the MLP with the time that its matrix products alone take in this process."""
    import torch

    recipe = load_recipe("mlp-fast")
    batch, widths = recipe.training.batch_of(60_000), (784, 512, 256, 10)
    torch.set_num_threads(os.cpu_count() or 1)
    per_step = 0.0
    for inputs, outputs in pairwise(widths):
        x, w, g = (torch.randn(*s).bfloat16() for s in ((batch, inputs), (outputs, inputs), (batch, outputs)))
        products = [(x, w.T), (g.T, x)] + ([(g, w)] if inputs != widths[0] else [])
        per_step += sum(_seconds_of(a, b) for a, b in products)
    limit = per_step * recipe.training.steps_of(60_000)
    yield Figure("MLP: matrix products of an epoch alone, bfloat16", limit, None, "s")
    yield Figure("  share of the epoch that they are", limit / seconds, None, "")


def _seconds_of(a: object, b: object) -> float:
    for _ in range(10):
        a @ b  # type: ignore[operator]
    started = time.perf_counter()
    for _ in range(_LIMIT_ROUNDS):
        a @ b  # type: ignore[operator]
    return (time.perf_counter() - started) / _LIMIT_ROUNDS


def in_the_window() -> Iterator[Figure]:
    """Train in the window: throughput against the command line, the event loop's lag, the pad's latency, memory."""
    from bench import pen_times

    data = data_folder()
    os.environ["DIGITPAD_DATA"] = str(data)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        alone = _command_line(data)
        window, session = opened(folder)
        epochs: list[float] = []
        session.trainer.epoch_done.connect(lambda done: epochs.append(done.seconds))
        window.show_tab(1)
        window.training_tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), ["epochs=100"]))
        window.training_tab.start()
        live_until(lambda: len(epochs) > _WARM_UP)
        del epochs[:]
        live_until(lambda: len(epochs) >= _COUNTED)
        together = statistics.median(epochs)
        lag = _lag()
        memory = psutil.Process().memory_info().rss
        window.show_tab(0)
        times = pen_times(window, session)
        session.trainer.stop()
        live_until(lambda: not session.trainer.is_busy)
        window.close()
    yield Figure("MLP epoch in the window ÷ on the command line", together / alone, 1 / 0.85, "")
    yield Figure("event loop's lag while training, p99", float(np.percentile(lag, 99)), 16.0, "ms")
    yield Figure("last pen move → bars while training, median", float(np.median(times)), None, "ms")
    yield Figure("last pen move → bars while training, p99", float(np.percentile(times, 99)), 33.0, "ms")
    bare = "import torch, PySide6.QtWidgets, psutil; print(psutil.Process().memory_info().rss)"
    above = (memory - int(subprocess.check_output([sys.executable, "-c", bare]))) / 2**20
    yield Figure("memory above torch and Qt alone, MLP in training", above, 300.0, "MB")


def opened(folder: str) -> "tuple[MainWindow, Session]":
    """Open the window with settings of its own, and wait until it answers."""
    from PySide6.QtCore import QSettings

    from digitpad.gui.app import open_window

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
    window, session = open_window()
    window.resize(1280, 800)
    window.show()
    session.start()
    live_until(lambda: session.is_settled)
    return window, session


def live_until(is_so: object) -> None:
    """Let the window live until something is so."""
    from event_loop import let_live

    while not is_so():  # type: ignore[operator]
        let_live(20)


def _lag() -> list[float]:
    """Let a timer tick; return by how many ms each tick was late."""
    from event_loop import let_live
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
    let_live(_WATCHED_SECONDS * 1000)
    timer.stop()
    return late


def _command_line(data: Path) -> float:
    """Return an epoch's seconds of the same training on the command line."""
    command = [sys.executable, "-m", "digitpad", "train", "mlp-fast", "--epochs", "12", "--json", "--data", str(data)]
    lines = subprocess.check_output(command, stderr=subprocess.DEVNULL, text=True).splitlines()
    return statistics.median([json.loads(line)["seconds"] for line in lines[_WARM_UP:]])


def _train(recipe: Recipe, training: Digits, test: Digits) -> list[tuple[float, float]]:
    from digitpad.core.training import train

    with closing(train(recipe.model, recipe.training, training, test)) as events:  # type: ignore[type-var]
        return [(event.seconds, event.test_accuracy) for event in events if isinstance(event, EpochDone)]


def _peer(
    name: str, data: Path, *, epochs: int = 15, until: float = 2.0, in_memory: bool = False
) -> list[tuple[float, float]]:
    """Run a peer in a process of its own, with OpenMP as it comes."""
    script = str(Path(__file__).with_name("peers.py"))
    command = [sys.executable, script, name, "--data", str(data), "--epochs", str(epochs), "--until", str(until)]
    command += ["--in-memory"] * in_memory
    environment = {key: value for key, value in os.environ.items() if key != "GOMP_SPINCOUNT"}
    lines = subprocess.check_output(command, env=environment, text=True).splitlines()
    return [(record["seconds"], record["test_accuracy"]) for record in map(json.loads, lines)]


def _seconds_an_epoch(epochs: list[tuple[float, float]]) -> float:
    return statistics.median([seconds for seconds, _ in epochs[_WARM_UP:]])


def _seconds_to_goal(epochs: list[tuple[float, float]]) -> float:
    """Return the time until the goal's accuracy, or of all epochs where it was not reached."""
    passed = 0.0
    for seconds, accuracy in epochs:
        passed += seconds
        if accuracy >= _GOAL_ACCURACY:
            break
    return passed

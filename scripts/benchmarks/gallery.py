"""The gallery's rows of scripts/bench.py: opening 70,000 samples, scrolling, selecting, evaluating, memory."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import psutil

from benchmarks.figures import Figure, bare_memory, data_folder, first, seconds_of
from benchmarks.windows import opened, run_until
from digitpad.core.evaluation.sample_filter import SampleQuery, Show, SortKey, select_samples
from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet, load_set

if TYPE_CHECKING:
    from digitpad.gui.mistakes.sample_grid import SampleGrid

_SIZE = (760, 640)
_SIDES = (28, 56, 112)
_FRAMES = 240
_ROUNDS = 5
_WHEEL_PX = 17  # a touch pad's step
_FRAME_MS = 1000 / 60
_EVALUATION_GOALS = {"softmax": None, "mlp": 0.3, "cnn": 3.0}  # s


def the_gallery() -> Iterator[Figure]:
    """Measure the grid with all of MNIST, training and test images."""
    samples = _answered("softmax")
    grid = grid_of()
    yield from _opening(grid, samples)
    for side in _SIDES:
        yield from _scrolling(grid, side)
    yield from _acting(grid)
    grid.close()
    yield from _evaluating()


def the_tab() -> Iterator[Figure]:
    """Measure the Mistakes tab in the real window: the MLP's answers on the same 70,000 images; time and memory."""
    from digitpad.core.models.model_files import find_model

    os.environ["DIGITPAD_DATA"] = str(data_folder())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = folder
        window, session = opened(folder)
        window.show_tab(2)
        tab = window.mistakes_tab
        tab.sources.choose_part("all")
        tab.sources.choose_model(str(find_model("mlp")))
        run_until(lambda: not session.evaluation.is_busy)
        run_until(lambda: tab.inspection.is_settled)
        samples = tab.browser.samples
        for name, show in (("wrong ones", Show.WRONG), ("all", Show.ALL)):
            tab.browser.choose_show(show)
            times = []
            for _ in range(_ROUNDS):
                tab.browser.show(None)
                window.repaint()
                started = time.perf_counter()
                tab.browser.show(samples)
                window.repaint()
                times.append(time.perf_counter() - started)
            yield Figure(f"Mistakes tab, {name} of 70,000: answers → painted", 1000 * np.median(times), 300.0, "ms")
        run_until(lambda: tab.inspection.is_settled)
        memory = psutil.Process().memory_info().rss
        window.close()
    above = memory / 2**20 - bare_memory()
    yield Figure("memory above torch and Qt alone, 70,000 samples", above, 260.0, "MB")


def painted_all(grid: "SampleGrid", count: int) -> float:
    """Return the ms from the samples, ranked by loss, to the painted grid."""
    samples = _answered("softmax", count)
    return _best(lambda: _painted(grid, partial(_show, grid, samples)))


def _answered(model: str, count: int | None = None) -> Samples:
    """Return MNIST's images, training and test together, or the first of them, with a model's answers."""
    from digitpad.core.evaluation.result import evaluate
    from digitpad.core.models.model_files import find_model, load_model

    loaded = load_set(SampleSet("mnist", "all", data_folder()))
    if count is not None:
        loaded = LoadedSet(loaded.sample_set, first(loaded.digits, count), min(loaded.training_count, count))
    return Samples(loaded, model, evaluate(load_model(find_model(model)).model, loaded.digits))


def _show(grid: "SampleGrid", samples: Samples) -> None:
    from digitpad.gui.mistakes.samples_model import SamplesModel

    model = grid.model()
    assert isinstance(model, SamplesModel)  # noqa: S101 - see grid_of
    indices = select_samples(samples, SampleQuery(show=Show.ALL, sort=SortKey.LOSS))
    model.show_samples(None, indices[:0])
    model.show_samples(samples, indices)


def grid_of() -> "SampleGrid":
    """Make the grid in a separate window."""
    from PySide6.QtWidgets import QApplication

    from digitpad.gui.mistakes.sample_grid import SampleGrid
    from digitpad.gui.mistakes.samples_model import SamplesModel
    from digitpad.gui.theme.icons import register_assets
    from digitpad.gui.theme.theme import Themes

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)  # noqa: S101 - this process has a window
    register_assets()
    Themes(app)
    model = SamplesModel(app)
    grid = SampleGrid(model)
    grid.resize(*_SIZE)
    grid.show()
    app.processEvents()
    return grid


def _opening(grid: "SampleGrid", samples: Samples) -> Iterator[Figure]:
    view = SampleQuery(show=Show.ALL, sort=SortKey.LOSS)
    yield Figure("gallery: choosing and ranking 70,000", _best(lambda: select_samples(samples, view)), None, "ms")
    milliseconds = _best(lambda: _painted(grid, partial(_show, grid, samples)))
    yield Figure("gallery: 70,000 ranked, shown → painted", milliseconds, 300.0, "ms")


def _scrolling(grid: "SampleGrid", side: int) -> Iterator[Figure]:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    grid.set_side(side)
    bar = grid.verticalScrollBar()
    bar.setValue(0)
    far = bar.maximum() // _FRAMES
    wheel = [_painted(grid, lambda: bar.setValue(bar.value() + _WHEEL_PX)) for _ in range(_FRAMES)]
    bar.setValue(0)
    dragged = [_painted(grid, lambda: bar.setValue(bar.value() + far)) for _ in range(_FRAMES)]
    grid.setCurrentIndex(grid.model().index(0, 0))
    pages = [_painted(grid, lambda: QTest.keyClick(grid, Qt.Key.Key_PageDown)) for _ in range(_FRAMES)]
    for name, times in {"wheel": wheel, "scroll bar, top to bottom": dragged, "Page Down": pages}.items():
        yield Figure(f"gallery, {side} px, {name}: frame, median", float(np.median(times)), None, "ms")
        yield Figure(f"gallery, {side} px, {name}: frame, p99", float(np.percentile(times, 99)), _FRAME_MS, "ms")


def _acting(grid: "SampleGrid") -> Iterator[Figure]:
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    def press(key: Qt.Key) -> Callable[[], object]:
        return lambda: QTest.keyClick(grid, key)

    def all_anew() -> float:
        grid.clearSelection()
        return _painted(grid, lambda: QTest.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier))

    def there() -> float:
        _painted(grid, press(Qt.Key.Key_Home))
        return _painted(grid, press(Qt.Key.Key_End))

    def narrower() -> float:
        grid.resize(*_SIZE)
        _painted(grid, grid.scrollToTop)
        width = _SIZE[0] // grid.columns
        return _painted(grid, lambda: grid.resize(_SIZE[0] - width, _SIZE[1]))

    grid.set_side(56)
    yield Figure("gallery: selecting all 70,000", _best(all_anew), 50.0, "ms")
    yield Figure("gallery: to the last of 70,000", _best(there), 50.0, "ms")
    yield Figure("gallery: one column less", _best(narrower), 100.0, "ms")


def _evaluating() -> Iterator[Figure]:
    from digitpad.core.datasets.loading import load_digits
    from digitpad.core.evaluation.result import evaluate
    from digitpad.core.models.model_files import find_model, load_model

    digits = load_digits("mnist", "test", data_folder())
    for name, goal in _EVALUATION_GOALS.items():
        model = load_model(find_model(name)).model
        seconds = min(seconds_of(lambda: evaluate(model, digits)) for _ in range(_ROUNDS))  # noqa: B023 - called at once
        yield Figure(f"evaluating {name} on 10,000, best of {_ROUNDS}", seconds, goal, "s")


def _painted(grid: "SampleGrid", action: Callable[[], object]) -> float:
    """Return the ms that an action and the painting of what it changed take."""
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication

    started = time.perf_counter()
    action()
    QApplication.processEvents()
    # Painting would wait for the screen's next frame; only the work is measured.
    QApplication.sendEvent(grid.window(), QEvent(QEvent.Type.UpdateRequest))
    return (time.perf_counter() - started) * 1000


def _best(measured: Callable[[], object]) -> float:
    """Return the least ms of several rounds; a function that returns a number has measured itself."""
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        result = measured()
        taken = (time.perf_counter() - started) * 1000
        times.append(result if isinstance(result, float) else taken)
    return min(times)

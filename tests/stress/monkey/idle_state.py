"""Bring the window to the same idle state, to compare memory; open and close windows."""

import gc
import time
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from digitpad.core.runs.run_library import purge_deleted
from digitpad.core.runtime.malloc import trim_heap
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import DEFAULT_MODEL, Settings
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from scripts.event_loop import run_event_loop
from tests.stress.monkey.watch import Watch, objects_of, open_files, open_windows, qthreads, resident

_TIMEOUT = 90.0  # seconds
_RUNS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """Measurements in the idle state."""

    seconds: float
    actions: int
    memory: float  # MB
    files: int  # open
    objects: int  # QObjects in the window
    things: int  # Python objects that the garbage collector knows
    windows: int = 0  # top-level widgets, hidden ones too

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


def wait_until(condition: Callable[[], bool], watch: Watch, what: str, *, timeout: float = _TIMEOUT) -> bool:
    """Run the event loop until a condition holds; record a fault if it never does."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            watch.note(f"not finished in time: {what}")
            return False
        run_event_loop(20)
    return True


def open_again(themes: Themes) -> tuple[MainWindow, Session]:
    """Open another window in the same process, as `open_window` opens the first."""
    session = Session(Settings())
    return MainWindow(session, themes), session


def show(window: MainWindow, session: Session, watch: Watch) -> None:
    """Show a window and wait until its recogniser is ready."""
    window.show()
    window.activateWindow()
    session.start()
    wait_until(lambda: session.recognition.is_settled, watch, "the first answer")


def rest(window: MainWindow, session: Session, watch: Watch) -> None:
    """Stop all work, clear the undo history, show the same on every tab, and free memory."""
    trainer, tuner, gatherer = session.training, session.fine_tuning, session.evaluation
    trainer.stop()
    tuner.stop()
    gatherer.cancel()
    wait_until(lambda: not (trainer.is_busy or tuner.is_busy or gatherer.is_busy), watch, "the work in hand")
    tuner.discard()
    window.showNormal()
    window.resize(1200, 780)
    session.models.set_following(False)
    session.models.set_comparing(False)
    session.recognition.set_reads_numbers(False)
    default = next(entry for entry in session.models.entries if entry.name == DEFAULT_MODEL and entry.is_shipped)
    session.models.choose(default)
    session.runs.delete([run for run in session.runs.runs[_RUNS_KEPT:] if not run.is_running])
    purge_deleted()
    for tab in (3, 1, 2):
        window.show_tab(tab)
        run_event_loop(50)
    sources = window.mistakes_tab.sources
    sources.choose_second_model("")
    sources.choose_model(str(session.models.chosen.path))
    sources.choose_part("test")
    sources.choose_dataset("digits-8x8")
    wait_until(lambda: not gatherer.is_busy, watch, "looking at the small set")
    window.show_tab(0)
    session.pad.clear()
    session.pad.undo_stack.clear()
    QApplication.clipboard().clear()
    wait_until(lambda: session.recognition.is_settled, watch, "the last answer")
    run_event_loop(300)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    trim_heap()


def measure(window: MainWindow, seconds: float, actions: int) -> Measure:
    """Measure the idle state."""
    held = resident(), open_files(), objects_of(window), len(gc.get_objects()), len(QApplication.topLevelWidgets())
    return Measure(seconds, actions, *held)


def check_closed(window: weakref.ref[MainWindow], watch: Watch) -> None:
    """See that nothing of a window is left that was closed and let go of."""
    run_event_loop(50)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if (held := window()) is not None:
        holders = [type(thing).__name__ for thing in gc.get_referrers(held)]
        watch.note(f"the closed window is still held, by {holders}")
        del held
        gc.collect()
    if threads := watch.new_threads():
        watch.note(f"threads left after closing: {threads}")
    if running := [type(thread).__name__ for thread in qthreads() if thread.isRunning()]:
        watch.note(f"threads of Qt left running: {running}")
    if left := [f"{type(widget).__name__} {widget.windowTitle()!r}" for widget in open_windows()]:
        watch.note(f"windows left after closing: {left}")

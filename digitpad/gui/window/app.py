"""Starts the program with its window."""

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.runtime.libraries import WINDOW, check_installed, check_version
from digitpad.core.runtime.malloc import limit_malloc_arenas
from digitpad.gui.window.display_check import check_display

if TYPE_CHECKING:
    from digitpad.gui.session.session import Session
    from digitpad.gui.session.settings import Settings
    from digitpad.gui.theme.theme import Themes
    from digitpad.gui.window.main_window import MainWindow


def run(files: Sequence[Path] = ()) -> int:
    """Open the window, with files if there are any, and return the exit code after it is closed.

    Raises DigitpadError if no window can be shown.
    """
    check_installed(WINDOW)
    check_display()
    if sys.platform == "win32":
        import digitpad.core.models.networks  # noqa: F401 - torch's libraries must load before Qt's, or do not load at all

    from digitpad.core.files.paths import user_logs
    from digitpad.core.runtime.crash_log import log_previous_crash, record_crashes

    crashed_before = log_previous_crash(user_logs())
    with record_crashes(user_logs()):
        code, is_thread_running = _run(files, crashed_before=crashed_before)
    if is_thread_running:
        # It may be loading torch from a slow disk. Qt aborts a program that deletes a running thread.
        sys.stdout.flush()
        os._exit(code)
    return code


def _run(files: Sequence[Path], *, crashed_before: bool) -> tuple[int, bool]:
    """Return the exit code, and whether a thread still runs after the time limit; it has nothing to save."""
    gc.disable()  # a collection among the imports delays the first paint by 0.05 s, and finds nothing
    window, session = open_window()
    code = _show(window, session, files, crashed_before=crashed_before)
    sessions = [session]
    while window.restarts:  # in another language
        window, session = _open_again(window, session)
        sessions.append(session)
        code = _show(window, session)
    # The window has closed, and has nothing more to save.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return code, any(thread.isRunning() for each in sessions for thread in each.threads)


def _show(window: "MainWindow", session: "Session", files: Sequence[Path] = (), *, crashed_before: bool = False) -> int:
    """Show the window until it is closed; return the exit code."""
    from PySide6.QtWidgets import QApplication

    from digitpad.gui.window.exception_reporter import report_exceptions
    from digitpad.gui.window.interrupts import InterruptNotifier

    interrupts = InterruptNotifier(window)
    interrupts.interrupted.connect(window.close)
    window.first_painted.connect(session.start)
    _trace(window, session)
    with report_exceptions(session):
        window.show()
        if files:
            window.files.open_files(files)
        if crashed_before:
            window.report_crash()
        if problem := session.settings.problem():
            window.draw_tab.messages.warn(problem)

        code = QApplication.exec()
    interrupts.close()
    return code


def _open_again(before: "MainWindow", session: "Session") -> tuple["MainWindow", "Session"]:
    """Create session and window anew in the language that was chosen.

    They have the drawing, the page, and what Train and Mistakes show of those before; not the history of the drawing.
    """
    from digitpad.gui.window.page_tabs import PageId
    from digitpad.gui.window.translator import language_for, use_language

    drawing, page, themes = session.pad.drawing, before.tabs.currentIndex(), before.themes
    # The choice is newer than $DIGITPAD_LANG.
    use_language(themes.app, language_for(session.settings.language))
    window, session = _create_window(session.settings, themes)
    if drawing:
        session.pad.change(drawing, "")
        session.pad.undo_stack.clear()
    if before.tabs.has_page(PageId.TRAIN):
        window.training_tab.restore(before.training_tab)
    if before.tabs.has_page(PageId.MISTAKES):
        window.mistakes_tab.restore(before.mistakes_tab)
    before.deleteLater()
    window.show_tab(page)
    return window, session


def open_window() -> tuple["MainWindow", "Session"]:
    """Create application, session and window; also for benchmarks and screenshots."""
    import PySide6
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    check_version("PySide6", PySide6.__version__)
    from digitpad import __version__
    from digitpad.gui.accessibility.motion import set_reduced_motion
    from digitpad.gui.session.settings import Settings
    from digitpad.gui.theme.icons import app_icon, register_assets
    from digitpad.gui.theme.theme import Themes
    from digitpad.gui.threads.garbage_collector import GarbageCollector
    from digitpad.gui.window.translator import language_for, use_language

    app = QApplication(["digitpad"])
    settings = Settings()
    use_language(app, os.environ.get("DIGITPAD_LANG") or language_for(settings.language))
    # Keep every point of a stroke, also while torch loads. The X11 plugin enables compression when it starts.
    app.setAttribute(Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents, on=False)
    GarbageCollector(app)
    # The recogniser's thread waits this long for the GIL while the window paints; the default, 5 ms, is noticeable.
    sys.setswitchinterval(0.0005)
    limit_malloc_arenas()
    app.setApplicationName("digitpad")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("digitpad")
    register_assets()
    app.setWindowIcon(app_icon())
    themes = Themes(app)
    themes.set_appearance(settings.appearance)
    themes.set_high_contrast(settings.high_contrast)
    set_reduced_motion(app, settings.reduces_motion)
    themes.set_digit_colours(settings.digit_colours)
    themes.set_zoom(settings.zoom)
    return _create_window(settings, themes)


def _create_window(settings: "Settings", themes: "Themes") -> tuple["MainWindow", "Session"]:
    from digitpad.gui.session.session import Session
    from digitpad.gui.window.main_window import MainWindow

    session = Session(settings, themes.app)
    # Exclude the loaded objects from garbage collection: scanning them would interrupt a stroke for 0.1 s.
    session.recognition.became_ready.connect(gc.freeze)
    return MainWindow(session, themes), session


def _trace(window: "MainWindow", session: "Session") -> None:
    """Report when the window was painted and when the recogniser was ready, for scripts/bench.py."""

    def report(event: str) -> None:
        sys.stdout.write(json.dumps({"event": event, "time": time.time()}) + "\n")
        sys.stdout.flush()

    if os.environ.get("DIGITPAD_TRACE"):
        window.first_painted.connect(lambda: report("painted"))
        session.recognition.became_ready.connect(lambda: report("ready"))

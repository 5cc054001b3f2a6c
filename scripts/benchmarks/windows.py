"""A real window for measurements."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digitpad.gui.session.session import Session
    from digitpad.gui.window.main_window import MainWindow


def opened(folder: str) -> "tuple[MainWindow, Session]":
    """Open the window with separate settings, and wait until it is ready."""
    from PySide6.QtCore import QSettings

    from digitpad.gui.window.app import open_window

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
    window, session = open_window()
    window.resize(1280, 800)
    window.show()
    session.start()
    run_until(lambda: session.recognition.is_settled)
    return window, session


def run_until(condition: Callable[[], bool]) -> None:
    """Run the event loop until a condition holds."""
    from event_loop import run_event_loop

    while not condition():
        run_event_loop(20)

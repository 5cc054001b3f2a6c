"""A real window to measure in."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digitpad.gui.session.session import Session
    from digitpad.gui.window.main_window import MainWindow


def opened(folder: str) -> "tuple[MainWindow, Session]":
    """Open the window with settings of its own, and wait until it answers."""
    from PySide6.QtCore import QSettings

    from digitpad.gui.window.app import open_window

    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, folder)
    window, session = open_window()
    window.resize(1280, 800)
    window.show()
    session.start()
    live_until(lambda: session.recognition.is_settled)
    return window, session


def live_until(is_so: Callable[[], bool]) -> None:
    """Let the window live until something is so."""
    from event_loop import let_live

    while not is_so():
        let_live(20)

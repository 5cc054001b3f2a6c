#!/usr/bin/env python3
"""A real window of digitpad, controlled by commands on standard input, for stress tests.

A command is a line {"do": NAME, ...}. The answer is an object with its `result`, every message the window shows
(`said`), unexpected exceptions (`faults`), the longest time in seconds that the event loop was blocked (`still`) and
where the window waited for the disk (`waits`). With --slow SECONDS, opening, renaming and syncing files below the home
folder takes that long; the command `shift_clock` moves the clock.
"""

import argparse
import os
from pathlib import Path

from tests.stress.fault_injection import FaultInjector


def main() -> None:
    """Open the window and run commands until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", type=float, default=0.0)
    injector = FaultInjector(parser.parse_args().slow, Path(os.environ["HOME"]))

    # Imported now, so that these modules get the injected clock and disk.
    from PySide6.QtWidgets import QApplication

    from digitpad.gui.window.app import open_window
    from tests.stress.two_windows.commands import Commands
    from tests.stress.two_windows.driver import Driver, ExceptionLog

    faults = ExceptionLog()
    window, session = open_window()
    window.show()
    driver = Driver(Commands(window, session, injector), faults, injector)
    driver.start()
    QApplication.exec()


if __name__ == "__main__":
    main()

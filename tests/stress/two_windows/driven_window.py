#!/usr/bin/env python3
"""A real window of digitpad that does what lines on standard input say, for scripts/soak.py's attacks.

Each line is an object {"do": NAME, ...}; the answer is an object with what came of it (`result`), every sentence the
window says (`said`), what it should not have done (`faults`), for how many seconds the event loop stood still (`still`)
and where the window waited for the disk (`waits`). With --slow SECONDS opening, renaming and syncing files below the
home folder takes that long; `jump` lets the clock go wrong.
"""

import argparse
import os
from pathlib import Path

from tests.stress.fault_injection import World


def main() -> None:
    """Open the window, and do what is asked until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slow", type=float, default=0.0)
    world = World(parser.parse_args().slow, Path(os.environ["HOME"]))

    # Only now, for what they import must get this world's clock and disk.
    from PySide6.QtWidgets import QApplication

    from digitpad.gui.window.app import open_window
    from tests.stress.two_windows.commands import Deeds
    from tests.stress.two_windows.driver import Driver, Faults

    faults = Faults()
    window, session = open_window()
    window.show()
    driver = Driver(Deeds(window, session, world), faults, world)
    driver.start()
    QApplication.exec()


if __name__ == "__main__":
    main()

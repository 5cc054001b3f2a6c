#!/usr/bin/env python3
"""Use digitpad as one does who cannot see it: keys go in, and what AT-SPI tells a screen reader comes out.

    xvfb-run -a dbus-run-session -- python3 scripts/screen_reader.py

Linux only, with the system's Python and the packages python3-gi, gir1.2-atspi-2.0 and at-spi2-core; without them it
says so and ends. It draws a seven with keys, listens to the answer, and prints name, role and description of all that
takes the focus. The exit code is 1 if something has no name or no role, or if the answer was not said.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# Draws a seven, from the middle of the pad: X key symbols.
UP, LEFT, RIGHT, DOWN, END, SPACE = 0xFF52, 0xFF51, 0xFF53, 0xFF54, 0xFF57, 0x20
SEVEN = [UP] * 6 + [LEFT] * 4 + [SPACE] + [RIGHT] * 8 + [END] * 3 + [DOWN] * 9 + [SPACE]
NO_ROLES = ("unknown", "invalid", "panel")
_LOADING_S = 8  # until the recogniser has loaded


class Listener:
    """Hears announcements, and presses keys."""

    def __init__(self, atspi: Any, glib: Any) -> None:  # noqa: ANN401 - modules of GObject introspection have no types
        self._atspi, self._context = atspi, glib.MainContext.default()
        self.said: list[str] = []
        self._listener = atspi.EventListener.new(lambda event: self.said.append(str(event.any_data)))
        self._listener.register("object:announcement")

    def wait(self, until: Callable[[], object], seconds: float = 30) -> bool:
        """Handle events until a condition holds; return whether it did."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            while self._context.iteration(False):
                pass
            if until():
                return True
            time.sleep(0.02)
        return False

    def press(self, key: int) -> None:
        """Press a key, as on a keyboard."""
        self._atspi.generate_keyboard_event(key, None, self._atspi.KeySynthType.SYM)
        self.wait(lambda: False, 0.06)


def focusable(node: Any, atspi: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield what is shown and takes the focus."""
    for number in range(node.get_child_count()):
        child = node.get_child_at_index(number)
        states = child.get_state_set()
        if not states.contains(atspi.StateType.SHOWING) and child.get_role() != atspi.Role.APPLICATION:
            continue
        if states.contains(atspi.StateType.FOCUSABLE):
            yield child
        yield from focusable(child, atspi)


def name_of(node: Any, atspi: Any) -> str:  # noqa: ANN401
    """Return what a screen reader calls a node: its label's text, or its name."""
    for relation in node.get_relation_set():
        if relation.get_relation_type() == atspi.RelationType.LABELLED_BY:
            return str(relation.get_target(0).get_name())
    return str(node.get_name())


def listen(atspi: Any, glib: Any) -> int:  # noqa: ANN401
    """Draw, listen and walk; return the exit code."""
    listener = Listener(atspi, glib)
    desktop = atspi.get_desktop(0)

    def is_there() -> bool:
        return any(
            "digitpad" in str(desktop.get_child_at_index(n).get_name()) for n in range(desktop.get_child_count())
        )

    if not listener.wait(is_there, 60):
        print("digitpad did not appear on the accessibility bus")
        return 1
    listener.wait(lambda: False, _LOADING_S)  # the pad has the focus from the start
    for key in SEVEN:
        listener.press(key)
    was_said = listener.wait(lambda: any(text.startswith("7") for text in listener.said))
    print(f"said while a seven was drawn with keys: {listener.said}")
    problems = [] if was_said else ["the answer was not said"]
    found = list(focusable(desktop, atspi))
    for node in found:
        name, role = name_of(node, atspi), node.get_role_name()
        print(f"  {role:14} {name:44} {node.get_description()[:70]}")
        if not name.strip() or role in NO_ROLES:
            problems.append(f"no name or role: {role} {name!r}")
    print("\n".join(problems) or f"{len(found)} widgets, each with a name and a role")
    return 1 if problems else 0


def main() -> int:
    """Start digitpad in a new home, and listen to it."""
    try:
        import gi  # type: ignore[import-not-found] - a package of the system

        gi.require_version("Atspi", "2.0")
        from gi.repository import Atspi, GLib  # type: ignore[import-not-found]
    except (ImportError, ValueError):
        print("skipped: this needs the packages python3-gi, gir1.2-atspi-2.0 and at-spi2-core (Linux)")
        return 0
    if not os.environ.get("DISPLAY") or not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        print("skipped: run it as xvfb-run -a dbus-run-session -- python3 scripts/screen_reader.py")
        return 0
    with tempfile.TemporaryDirectory() as home:
        folders = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), home)
        told = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "DIGITPAD_LANG": "en", "QT_QPA_PLATFORM": "xcb"}
        python = ROOT / ".venv" / "bin" / "python"
        window = subprocess.Popen([str(python), "-m", "digitpad"], env={**os.environ, **folders, **told}, cwd=ROOT)
        try:
            return listen(Atspi, GLib)
        finally:
            window.terminate()
            window.wait(20)


if __name__ == "__main__":
    sys.exit(main())

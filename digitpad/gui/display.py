"""Whether a window can be shown at all. Qt itself would abort, with a page of advice."""

import ctypes
import os
import sys

from digitpad.core.errors import DigitpadError

# What Qt's xcb plugin needs and small installations lack, by the Debian package that has it.
LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
_OTHERWISE = "'digitpad predict FILE' recognises files without a screen"


def check_display() -> None:
    """Raise where no window can be shown: no display, or not the libraries for one."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM", "xcb").split(":")[0] != "xcb":
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    if not os.environ.get("DISPLAY"):
        raise DigitpadError(f"there is no display to open a window on: {_OTHERWISE}")
    if missing := missing_libraries():
        raise DigitpadError(
            f"libraries that windows need are missing: apt-get install {' '.join(missing)}; {_OTHERWISE}"
        )
    if not _answers():
        raise DigitpadError(f"the display {os.environ['DISPLAY']} does not answer: {_OTHERWISE}")


def missing_libraries() -> list[str]:
    """Return the Debian packages whose libraries cannot be loaded."""
    return [package for library, package in LIBRARIES.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt may know better
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    has_error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not has_error

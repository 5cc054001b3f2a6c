"""Checks that a window can be shown; without the check Qt would abort the program."""

import ctypes
import os
import socket
import sys
from pathlib import Path

from digitpad.core.errors import DigitpadError

# Libraries that Qt's xcb plugin needs and small installations lack, with their Debian packages.
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
# Platform plugins of Qt for Linux; users with a plugin folder may have others.
_PLATFORMS = ("xcb", "wayland", "offscreen", "minimal", "minimalegl", "eglfs", "linuxfb", "vkkhrdisplay", "vnc")


def check_display() -> None:
    """Raise DigitpadError if no window can be shown: there is no display, or libraries are missing."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if chosen.startswith("wayland-"):  # Wayland with a certain renderer
        chosen = "wayland"
    if sys.platform.startswith("linux") and chosen and not _is_known(chosen):
        raise DigitpadError(
            "QT_QPA_PLATFORM asks for '{chosen}', which Qt does not have: unset it, or set it to xcb; "
            "'digitpad predict FILE' recognises files without a screen",
            chosen=chosen,
        )
    if not sys.platform.startswith("linux") or chosen not in ("", "xcb", "wayland"):
        return
    if chosen != "xcb" and os.environ.get("WAYLAND_DISPLAY") and _wayland_answers():
        return
    if chosen == "wayland":
        raise DigitpadError(
            "QT_QPA_PLATFORM asks for Wayland, but no compositor answers: "
            "'digitpad predict FILE' recognises files without a screen"
        )
    if not os.environ.get("DISPLAY"):
        raise DigitpadError(
            "there is no display to open a window on: 'digitpad predict FILE' recognises files without a screen"
        )
    if missing := missing_libraries():
        raise DigitpadError(
            "libraries that windows need are missing: apt-get install {packages}; "
            "'digitpad predict FILE' recognises files without a screen",
            packages=" ".join(missing),
        )
    if not _x11_answers():
        raise DigitpadError(
            "the display {display} does not answer: 'digitpad predict FILE' recognises files without a screen",
            display=os.environ["DISPLAY"],
        )
    # Otherwise Qt would try WAYLAND_DISPLAY first, and abort if it does not answer.
    os.environ["QT_QPA_PLATFORM"] = "xcb"


def _is_known(platform: str) -> bool:
    return platform in _PLATFORMS or "QT_QPA_PLATFORM_PLUGIN_PATH" in os.environ or "QT_PLUGIN_PATH" in os.environ


def missing_libraries() -> list[str]:
    """Return the Debian packages whose libraries cannot be loaded."""
    return [package for library, package in LIBRARIES.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _wayland_answers() -> bool:
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "/run")) / os.environ["WAYLAND_DISPLAY"]
    try:
        with socket.socket(socket.AF_UNIX) as compositor:
            compositor.settimeout(2)
            compositor.connect(str(path))
    except OSError:
        return False
    return True


def _x11_answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the check is not possible, so let Qt try
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    has_error = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not has_error

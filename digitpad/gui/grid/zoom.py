"""The size of thumbnails, and the keys and the wheel that change it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from digitpad.gui.theme.scaling import px

SMALLEST_SIDE, LARGEST_SIDE = 28, 168  # px
DEFAULT_SIDE = 56  # px; twice 28, seven times 8: every pixel is of the same size
STEP = 14  # px
_LARGER, _SMALLER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal), (Qt.Key.Key_Minus,)
_NOTCH = 120  # eighths of a degree


def clamped_side(side: int) -> int:
    """Return the nearest allowed side of a thumbnail, px."""
    return min(max(side, SMALLEST_SIDE), LARGEST_SIDE)


def shown_side(side: int) -> int:
    """Return the side of a thumbnail at the zoom of the window, px: in whole steps, so that its pixels stay even."""
    return STEP * max(1, round(px(float(side)) / STEP)) if px(1.0) != 1 else side


def zoomed_side(side: int, steps: int) -> int:
    """Return a side that is `steps` steps larger, within the limits."""
    return clamped_side(side + steps * STEP)


def zoom_steps(event: QKeyEvent) -> int:
    """Return by how many steps a key enlarges thumbnails; 0 for any other key."""
    if event.modifiers() & Qt.KeyboardModifier.ControlModifier:  # the size of everything
        return 0
    return int(event.key() in _LARGER) - int(event.key() in _SMALLER)


class WheelNotches:
    """Counts the notches of a wheel; touch pads send small parts of one."""

    def __init__(self) -> None:
        self._turned = 0

    def add(self, angle: int) -> int:
        """Add a turn in eighths of a degree; return the number of full notches."""
        self._turned += angle
        full = int(self._turned / _NOTCH)
        self._turned -= full * _NOTCH
        return full

"""A pen that keys move over the pad, for those who use no mouse."""

from PySide6.QtCore import Qt

from digitpad.core.ink.drawing import PAD, Point

_STEP, _SMALL_STEP = PAD / 20, PAD / 80
# The keys around the 5 of a number pad, as they are without Num Lock.
DIRECTIONS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Home: (-1, -1),
    Qt.Key.Key_PageUp: (1, -1),
    Qt.Key.Key_End: (-1, 1),
    Qt.Key.Key_PageDown: (1, 1),
}


class KeyboardPen:
    """Where the pen is; it appears in the middle with its first key."""

    def __init__(self) -> None:
        self.place: Point | None = None  # pad units

    def appear(self) -> Point:
        """Return where the pen is, in the middle of the pad if it was nowhere."""
        self.place = self.place or (PAD / 2, PAD / 2)
        return self.place

    def move(self, key: int, *, is_small: bool) -> Point:
        """Move the pen by one of the keys of DIRECTIONS; return where it is then."""
        x, y = self.appear()
        right, down = DIRECTIONS[Qt.Key(key)]
        step = _SMALL_STEP if is_small else _STEP
        self.place = min(max(x + right * step, 0.0), PAD), min(max(y + down * step, 0.0), PAD)
        return self.place

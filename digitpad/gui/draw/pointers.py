"""The pointers that may draw: which one draws, and whether a pen is near."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

# A hand rests on the screen while the pen is lifted between two strokes, s.
_LIFTED = 0.5


class PointerKind(Enum):
    """What the user draws with."""

    MOUSE = auto()
    PEN = auto()
    TOUCH = auto()
    KEYS = auto()


@dataclass(frozen=True, slots=True)
class Pointer:
    """One mouse, pen or finger, or the keys; `device` and `number` tell two of a kind apart."""

    kind: PointerKind
    device: int = 0
    number: int = 0


class PenWatch:
    """Knows whether a pen is near: its last event is less than half a second old."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen_at = float("-inf")

    def note(self) -> None:
        """Note an event of a pen."""
        self._seen_at = self._clock()

    @property
    def is_near(self) -> bool:
        """Whether touches are ignored, because they may be the hand that holds the pen."""
        return self._clock() - self._seen_at < _LIFTED


def may_begin(pointer: Pointer, owner: Pointer | None, *, is_pen_near: bool) -> bool:
    """Return whether a pointer that is pressed begins a stroke. The owner of the present stroke is not disturbed."""
    if pointer.kind is PointerKind.TOUCH and is_pen_near:
        return False
    return owner is None or owner == pointer  # its release was lost

"""Who goes first where two threads want the processors: the pad."""

import threading

# The longest that somebody waits for one value; so a pad that is drawn on without a pause does not stop a training.
_LONGEST_WAIT = 0.05  # seconds


class PadPriority:
    """Held by the recogniser while a drawing waits for its answer; what is patient begins nothing meanwhile."""

    def __init__(self) -> None:
        self._is_free = threading.Event()
        self._is_free.set()

    def acquire(self) -> None:
        """Go first."""
        self._is_free.clear()

    def release(self) -> None:
        """Let others go on."""
        self._is_free.set()

    def wait_briefly(self) -> None:
        """Let whoever has it go first, for a twentieth of a second at most."""
        self._is_free.wait(_LONGEST_WAIT)

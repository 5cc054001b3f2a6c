"""Priority of the drawing pad over background threads."""

import threading

# Limited for each value, so that drawing without a pause slows a training down but does not stop it.
_MAX_WAIT = 0.05  # seconds


class PadPriority:
    """Held by the recogniser while a drawing waits for its prediction; background threads wait for its release."""

    def __init__(self) -> None:
        self._is_free = threading.Event()
        self._is_free.set()

    def acquire(self) -> None:
        """Take the priority."""
        self._is_free.clear()

    def release(self) -> None:
        """Let other threads continue."""
        self._is_free.set()

    def wait_briefly(self) -> None:
        """Wait until the priority is released, at most 0.05 s."""
        self._is_free.wait(_MAX_WAIT)

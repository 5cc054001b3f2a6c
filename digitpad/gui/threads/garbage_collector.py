"""Python's garbage collector, kept in the thread of the window."""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 500


class GarbageCollector(QObject):
    """Collects garbage between two events of the window, in place of Python's automatic collection.

    Python collects in whichever thread creates objects, and in the middle of whatever it does. A worker that deletes an
    object of Qt holds a lock of Qt's and waits for the GIL; if the window's thread holds the GIL and waits for that
    lock, in QApplication.setStyle for instance, both wait for ever. And a window that is deleted while Qt's list of
    widgets becomes Python's ends the program.
    """

    def __init__(self, parent: QObject) -> None:
        """End the automatic collection; after the parent's event loop has started, collect in it."""
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=_EVERY_MS)
        timer.timeout.connect(self._on_timeout)
        timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        collect_if_due()


def collect_if_due() -> None:
    """Collect the oldest generation that Python's own thresholds say is due."""
    for generation, (count, threshold) in reversed([*enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))]):
        if 0 < threshold < count:
            gc.collect(generation)
            return

"""Letting a window live for a while, for the scripts that drive one."""

from PySide6.QtCore import QEventLoop, Qt, QTimer


def let_live(milliseconds: int) -> None:
    """Run the event loop, the GIL free meanwhile. QTest.qWait would hold it, and every other thread with it."""
    loop, timer = QEventLoop(), QTimer()
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(loop.quit)
    timer.start(milliseconds)
    loop.exec()

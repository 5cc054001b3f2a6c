"""Run the event loop for a while, for scripts that control a window."""

from PySide6.QtCore import QEventLoop, Qt, QTimer


def run_event_loop(milliseconds: int) -> None:
    """Run the event loop without holding the GIL; QTest.qWait would hold it and block all other threads."""
    loop, timer = QEventLoop(), QTimer()
    timer.setSingleShot(True)
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(loop.quit)
    timer.start(milliseconds)
    loop.exec()

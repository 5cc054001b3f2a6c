"""What nobody caught: told once and calmly, and the window goes on; what fails in a thread ends with a sentence."""

import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QThread, QTimer, QUrl, Signal, Slot, qWarning
from PySide6.QtGui import QDesktopServices, QGuiApplication, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.files.paths import user_logs
from digitpad.core.runs.training_job import RunOpened, TrainingJob
from digitpad.core.runtime.fault_report import Fault, fault_of
from digitpad.core.runtime.log import LogFile, close_log, open_log
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session import training_service as trainers
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded, TrainingState
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.window.exception_reporter import ExceptionReporter, report_exceptions
from digitpad.gui.window.fault_dialog import FaultDialog
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import SEVEN, draw

pytestmark = pytest.mark.qt_no_exception_capture
LEFT = Qt.MouseButton.LeftButton


class UnheardOf(BaseException):
    """No Exception at all, as SystemExit."""


@pytest.fixture
def log() -> Iterator[LogFile]:
    log = open_log()
    yield log
    close_log(log)


@pytest.fixture
def faults(window: MainWindow, session: Session, log: LogFile) -> Iterator[ExceptionReporter]:
    """Tell of what nobody catches, as the program does."""
    with report_exceptions(session) as faults:
        yield faults


class Victim(QWidget):
    """Fails wherever Qt calls it."""

    asked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.painted = 0
        self.asked.connect(self._on_asked)
        self.resize(50, 50)

    @Slot()
    def _on_asked(self) -> None:
        raise ValueError("in a slot")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.painted += 1
        raise RuntimeError("in a paint event")


def fail(words: str = "in a thread") -> None:
    raise ValueError(words)


class FailingThread(QThread):
    """A QThread whose work nobody guards."""

    def run(self) -> None:
        fail("in a QThread")


@pytest.fixture
def victim(window: MainWindow) -> Victim:
    return Victim(window)


def in_a_slot(victim: Victim) -> None:
    QTimer.singleShot(0, victim.asked.emit)


def in_a_thread(victim: Victim) -> None:
    del victim
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def in_a_qthread(victim: Victim) -> None:
    thread = FailingThread(victim)
    thread.start()
    thread.wait()


def in_a_paint_event(victim: Victim) -> None:
    victim.show()


@pytest.mark.parametrize("happen", [in_a_slot, in_a_thread, in_a_qthread, in_a_paint_event])
def test_whatever_fails_is_told_in_a_dialog_and_logged(
    faults: ExceptionReporter, victim: Victim, log: LogFile, qtbot: QtBot, happen: Callable[[Victim], None]
) -> None:
    happen(victim)
    qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    words = happen.__name__.replace("_", " ").replace("qthread", "QThread")
    assert f"Error: {words}" in faults.dialog.text
    assert log.path is not None
    assert f"Error: {words}" in log.path.read_text()
    victim.hide()
    faults.dialog.close()


def test_the_program_goes_on_while_the_dialog_is_open(
    faults: ExceptionReporter,
    victim: Victim,
    window: MainWindow,
    session: Session,
    settled: Callable[[], None],
    qtbot: QtBot,
) -> None:
    victim.asked.emit()
    qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    assert not faults.dialog.isModal()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert window.draw_tab.panel.texts == ["7"]
    faults.dialog.close()


def test_a_flood_opens_one_dialog_and_little_is_written(
    faults: ExceptionReporter, victim: Victim, log: LogFile, qtbot: QtBot
) -> None:
    made: list[QObject] = []
    victim.show()
    repaint = QTimer(victim, interval=1)
    repaint.timeout.connect(victim.update)
    repaint.start()
    qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    made.append(faults.dialog)
    qtbot.waitUntil(lambda: victim.painted > 30)
    dialogs = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, FaultDialog)]
    assert dialogs == made
    qtbot.waitUntil(lambda: "times so far" in " ".join(label.text() for label in dialogs[0].findChildren(QLabel)))
    dialogs[0].close()
    seen = victim.painted
    qtbot.waitUntil(lambda: victim.painted > seen + 10)
    assert faults.dialog is None, "the same fault is not told again"
    repaint.stop()
    victim.hide()
    assert log.path is not None
    assert log.path.read_text().count(" ERROR ") <= 3


def a_fault(number: int) -> Fault:
    return Fault("ValueError", f"a.py:{number}", f"ValueError: number {number}")


def test_while_a_dialog_is_open_no_second_opens_and_after_five_none(faults: ExceptionReporter, qtbot: QtBot) -> None:
    for number in range(5):
        faults.report(a_fault(number))
        qtbot.waitUntil(lambda: faults.dialog is not None)
        dialog = faults.dialog
        assert dialog is not None
        assert f"number {number}" in dialog.text
        faults.report(a_fault(100))
        with qtbot.waitSignal(dialog.destroyed):
            QTimer.singleShot(0, dialog.close)
    faults.report(a_fault(6))
    QApplication.sendPostedEvents(faults)
    assert faults.dialog is None


def test_a_stroke_is_not_interrupted(
    faults: ExceptionReporter, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as pressed:
        pressed.setattr(QApplication, "mouseButtons", lambda: LEFT)
        faults.report(a_fault(1))
        QApplication.sendPostedEvents(faults)
        assert faults.dialog is None
    qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    faults.dialog.close()


def test_a_button_that_seems_to_be_down_for_ever_does_not_hide_a_fault(
    faults: ExceptionReporter, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as pressed:
        pressed.setattr(QApplication, "mouseButtons", lambda: LEFT)
        pressed.setattr("digitpad.gui.window.exception_reporter._LONGEST_STROKE", 2)
        faults.report(a_fault(1))
        qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    faults.dialog.close()


def test_before_the_window_is_shown_and_after_it_is_closed_nothing_is_opened(
    session: Session, themes: Themes, qtbot: QtBot
) -> None:
    faults = ExceptionReporter(session)
    faults.report(a_fault(1))
    QApplication.sendPostedEvents(faults)
    assert faults.dialog is None


def test_a_dialog_that_cannot_be_made_is_borne(
    faults: ExceptionReporter, log: LogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitpad.gui.window.exception_reporter.FaultDialog", fail)
    faults.report(a_fault(1))
    QApplication.sendPostedEvents(faults)
    assert log.path is not None
    assert "a fault could not be shown" in log.path.read_text()


def test_what_qt_has_to_say_is_logged_with_the_next_fault(
    faults: ExceptionReporter, victim: Victim, log: LogFile, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    qWarning("a thing of Qt's")
    faults.report(a_fault(1))
    victim.asked.emit()
    qtbot.waitUntil(lambda: log.path is not None)
    assert log.path is not None
    assert "a thing of Qt's" in log.path.read_text()
    assert "a thing of Qt's" in capfd.readouterr().err
    qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    faults.dialog.close()


def test_nothing_of_a_fault_is_held_so_that_the_window_can_go(
    faults: ExceptionReporter, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("digitpad"), "propagate", False)  # pytest keeps what it hears
    victim = Victim(window)
    gone = weakref.ref(victim)
    in_a_slot(victim)
    qtbot.waitUntil(lambda: faults.dialog is not None)
    assert faults.dialog is not None
    faults.dialog.close()
    assert not hasattr(sys, "last_traceback")
    victim.deleteLater()
    del victim
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert gone() is None


# -- The dialog ------------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> FaultDialog:
    with pytest.raises(ValueError, match="by itself") as raised:
        fail("by itself")
    dialog = FaultDialog(fault_of(raised.value), window)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def button(dialog: FaultDialog, words: str) -> QPushButton:
    return next(each for each in dialog.findChildren(QPushButton) if words in each.text().replace("&", ""))


def test_copy_takes_traceback_and_versions(dialog: FaultDialog) -> None:
    QTest.mouseClick(button(dialog, "Copy"), LEFT)
    copied = QGuiApplication.clipboard().text()
    assert copied == dialog.text
    for part in ("ValueError: by itself", "in fail", "digitpad 0.", "Python 3.", "PySide6 6.", "torch 2.", "System "):
        assert part in copied
    assert button(dialog, "Copied").isVisible()


def test_the_details_are_folded_away_and_read_only(dialog: FaultDialog) -> None:
    details = dialog.findChild(QPlainTextEdit)
    assert isinstance(details, QPlainTextEdit)
    assert not details.isVisible()
    height = dialog.height()
    dialog.setFocus()
    keys = [Qt.Key.Key_Tab] * 10
    for key in keys:
        if focused().property("role") == "expander":
            break
        QTest.keyClick(focused(), key)
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    assert details.isVisible()
    assert details.isReadOnly()
    assert details.accessibleName()
    assert details.toPlainText() == dialog.text.rstrip("\n") + "\n"
    assert dialog.height() > height
    QTest.keyClick(focused(), Qt.Key.Key_Space)
    assert not details.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_escape_and_enter_close_it_and_it_is_gone(dialog: FaultDialog, qtbot: QtBot, key: Qt.Key) -> None:
    with qtbot.waitSignal(dialog.destroyed):
        QTest.keyClick(dialog, key)


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_it_fits_a_small_window_and_no_word_is_cut(dialog: FaultDialog, themes: Themes, appearance: Appearance) -> None:
    themes.choose(appearance)
    assert dialog.width() <= 760
    assert dialog.height() <= 560 - 200  # the details as well
    for label in dialog.findChildren(QLabel):
        if label.text():
            assert label.height() >= label.heightForWidth(label.width())


def test_the_folder_is_shown_by_the_system_or_named(
    dialog: FaultDialog, window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    opened: list[Path] = []

    def open_url(url: QUrl) -> bool:
        opened.append(Path(url.toLocalFile()))
        return len(opened) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    QTest.mouseClick(button(dialog, "Show log folder"), LEFT)
    assert opened == [user_logs()]
    assert user_logs().is_dir()
    window.actions_.show_log.trigger()
    box = next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox))
    assert "~/data/digitpad/logs" in box.text()
    box.close()


def test_after_a_crash_the_next_window_says_so_quietly(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    window.tell_of_crash()
    assert window.draw_tab.messages.text == "Last time digitpad ended unexpectedly."
    QTest.mouseClick(window.draw_tab.messages.action, LEFT)
    assert len(opened) == 1


# -- Threads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError("no"), UnheardOf("no"), SystemExit(3)])
def test_latest_wins_tells_of_any_failure_and_works_on(qtbot: QtBot, log: LogFile, error: BaseException) -> None:
    def function(value: int) -> int:
        if value < 0:
            raise error
        return value

    thread = LatestOnlyWorker(function)
    thread.start()
    with qtbot.waitSignal(thread.failed) as failed:
        thread.submit(-1)
    assert failed.args == [error]
    with qtbot.waitSignal(thread.answered):
        thread.submit(1)
    thread.stop()
    assert log.path is not None


@pytest.mark.parametrize("error", [ValueError("no"), UnheardOf("no"), SystemExit(3)])
def test_in_order_tells_of_any_failure_and_works_on(qtbot: QtBot, error: BaseException) -> None:
    def function(value: int) -> int:
        if value < 0:
            raise error
        return value

    thread = SerialWorker(function)
    with qtbot.waitSignals([thread.failed, thread.answered], order="strict"):
        thread.submit(-1)
        thread.submit(1)
    thread.stop()


@pytest.mark.parametrize("error", [ValueError("no"), UnheardOf("no"), SystemExit(3)])
@pytest.mark.parametrize("when", ["at once", "later", "at the end"])
def test_a_generator_that_fails_in_any_way_ends_with_that(qtbot: QtBot, error: BaseException, when: str) -> None:
    def make() -> Iterator[int]:
        if when == "at once":
            raise error

        def values() -> Iterator[int]:
            try:
                yield 1
                if when == "later":
                    raise error
                yield 2
            finally:
                if when == "at the end":
                    raise error

        return values()

    thread = GeneratorWorker(make)  # type: ignore[arg-type]
    with qtbot.waitSignal(thread.errored) as errored:
        thread.start()
    assert errored.args == [error]
    thread.stop()
    assert thread.isFinished()


def job() -> TrainingJob:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=1", "train_first=200"])
    return TrainingJob(recipe, "softmax", "mine")


def ended_of(session: Session, qtbot: QtBot) -> TrainingEnded:
    with qtbot.waitSignal(session.training.ended, timeout=60_000) as ended:
        session.training.start(job())
    assert ended.args is not None
    return ended.args[0]


@pytest.mark.parametrize("error", [ValueError(), UnheardOf("no memory")])
def test_a_training_that_fails_in_any_way_leaves_the_window_free(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def run_job(_job: TrainingJob) -> Iterator[object]:
        raise error
        yield

    monkeypatch.setattr(trainers, "run_job", run_job)
    ended = ended_of(session, qtbot)
    assert ended.problem == "The training failed. Details are in the log (Help → Show log folder)."
    assert session.training.state is TrainingState.IDLE


def test_a_training_whose_run_cannot_be_read_at_its_end_leaves_the_window_free(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_job(_job: TrainingJob) -> Iterator[object]:
        yield RunOpened(SimpleNamespace(folder=Path("nowhere")))  # type: ignore[arg-type]
        while True:
            yield None

    monkeypatch.setattr(trainers, "run_job", run_job)
    monkeypatch.setattr(trainers, "read_run", lambda _: fail("the run is odd"))
    session.training.run_opened.connect(lambda _: session.training.stop())
    ended = ended_of(session, qtbot)
    assert ended.problem == "The run of this training cannot be read. Details are in the log (Help → Show log folder)."
    assert session.training.state is TrainingState.IDLE


def test_closing_ends_every_thread_also_where_one_cannot_be_ended(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, log: LogFile
) -> None:
    monkeypatch.setattr(session.training, "close", fail)
    session.start()
    session.close()
    assert not any(thread.isRunning() for thread in session.threads)
    assert log.path is not None


def test_a_window_whose_question_fails_can_be_closed_still(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, log: LogFile
) -> None:
    monkeypatch.setattr(MainWindow, "_may_close", lambda _: fail("a question"))
    assert window.close()
    assert not any(thread.isRunning() for thread in session.threads)
    assert log.path is not None


def test_a_recogniser_that_fails_says_so_and_answers_the_next(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = session._recognition._function
    monkeypatch.setattr(session._recognition, "_function", lambda _: fail(""))
    with qtbot.waitSignal(session.problem_found) as problem:
        draw(window.draw_tab.canvas, SEVEN)
        settled()
    assert problem.args == ["The recognition failed. Details are in the log (Help → Show log folder)."]
    monkeypatch.setattr(session._recognition, "_function", function)
    session.pad.clear()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert window.draw_tab.panel.texts == ["7"]

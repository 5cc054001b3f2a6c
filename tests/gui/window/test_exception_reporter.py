"""Unhandled exceptions open one calm dialog and the window continues; a failing thread reports its error."""

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
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.files.paths import user_logs
from digitpad.core.runs.training_job import RunOpened, TrainingJob
from digitpad.core.runtime.error_report import ErrorReport, report_on
from digitpad.core.runtime.log import LogFile, log_to_file
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session import training_service as trainers
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded, TrainingState
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.window.error_dialog import ErrorDialog
from digitpad.gui.window.exception_reporter import ExceptionReporter, report_exceptions
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import SEVEN, draw

pytestmark = pytest.mark.qt_no_exception_capture
LEFT = Qt.MouseButton.LeftButton


class UnusualError(BaseException):
    """Not a subclass of Exception, as SystemExit."""


@pytest.fixture
def log() -> Iterator[LogFile]:
    with log_to_file() as log:
        yield log


@pytest.fixture
def reporter(window: MainWindow, session: Session, log: LogFile) -> Iterator[ExceptionReporter]:
    """Report unhandled exceptions, as the program does."""
    with report_exceptions(session) as reporter:
        yield reporter


class Victim(QWidget):
    """Raises wherever Qt calls it."""

    triggered = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.painted = 0
        self.triggered.connect(self._on_triggered)
        self.resize(50, 50)

    @Slot()
    def _on_triggered(self) -> None:
        raise ValueError("in a slot")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        self.painted += 1
        raise RuntimeError("in a paint event")


def fail(message: str = "in a thread") -> None:
    raise ValueError(message)


class FailingThread(QThread):
    """A QThread that does not catch its exceptions."""

    def run(self) -> None:
        fail("in a QThread")


@pytest.fixture
def victim(window: MainWindow) -> Victim:
    return Victim(window)


def in_a_slot(victim: Victim) -> None:
    QTimer.singleShot(0, victim.triggered.emit)


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
def test_an_exception_anywhere_opens_a_dialog_and_is_logged(
    reporter: ExceptionReporter, victim: Victim, log: LogFile, qtbot: QtBot, happen: Callable[[Victim], None]
) -> None:
    happen(victim)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    message = happen.__name__.replace("_", " ").replace("qthread", "QThread")
    assert f"Error: {message}" in reporter.dialog.text_to_copy
    assert log.path is not None
    assert f"Error: {message}" in log.path.read_text()
    victim.hide()
    reporter.dialog.close()


def test_the_program_keeps_working_while_the_dialog_is_open(
    reporter: ExceptionReporter,
    victim: Victim,
    window: MainWindow,
    session: Session,
    settled: Callable[[], None],
    qtbot: QtBot,
) -> None:
    victim.triggered.emit()
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    assert not reporter.dialog.isModal()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert window.draw_tab.panel.answer_texts == ["7"]
    reporter.dialog.close()


def test_a_flood_of_exceptions_opens_one_dialog_and_writes_few_lines(
    reporter: ExceptionReporter, victim: Victim, log: LogFile, qtbot: QtBot
) -> None:
    made: list[QObject] = []
    victim.show()
    repaint = QTimer(victim, interval=1)
    repaint.timeout.connect(victim.update)
    repaint.start()
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    made.append(reporter.dialog)
    qtbot.waitUntil(lambda: victim.painted > 30)
    dialogs = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ErrorDialog)]
    assert dialogs == made
    qtbot.waitUntil(lambda: "times so far" in " ".join(label.text() for label in dialogs[0].findChildren(QLabel)))
    dialogs[0].close()
    seen = victim.painted
    qtbot.waitUntil(lambda: victim.painted > seen + 10)
    assert reporter.dialog is None, "the same error opens no second dialog"
    repaint.stop()
    victim.hide()
    assert log.path is not None
    assert log.path.read_text().count(" ERROR ") <= 3


def an_error(number: int) -> ErrorReport:
    return ErrorReport("ValueError", f"a.py:{number}", f"ValueError: number {number}")


def test_only_one_dialog_is_open_and_after_five_none_opens(reporter: ExceptionReporter, qtbot: QtBot) -> None:
    for number in range(5):
        reporter.report(an_error(number))
        qtbot.waitUntil(lambda: reporter.dialog is not None)
        dialog = reporter.dialog
        assert dialog is not None
        assert f"number {number}" in dialog.text_to_copy
        reporter.report(an_error(100))
        with qtbot.waitSignal(dialog.destroyed):
            QTimer.singleShot(0, dialog.close)
    reporter.report(an_error(6))
    QApplication.sendPostedEvents(reporter)
    assert reporter.dialog is None


def test_a_stroke_is_not_interrupted(
    reporter: ExceptionReporter, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as pressed:
        pressed.setattr(QApplication, "mouseButtons", lambda: LEFT)
        reporter.report(an_error(1))
        QApplication.sendPostedEvents(reporter)
        assert reporter.dialog is None
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    reporter.dialog.close()


def test_a_mouse_button_that_seems_pressed_forever_does_not_hide_an_error(
    reporter: ExceptionReporter, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as pressed:
        pressed.setattr(QApplication, "mouseButtons", lambda: LEFT)
        pressed.setattr("digitpad.gui.window.exception_reporter._MAX_RETRIES", 2)
        reporter.report(an_error(1))
        qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    reporter.dialog.close()


def test_without_a_visible_window_no_dialog_opens(session: Session, themes: Themes, qtbot: QtBot) -> None:
    reporter = ExceptionReporter(session)
    reporter.report(an_error(1))
    QApplication.sendPostedEvents(reporter)
    assert reporter.dialog is None


def test_a_dialog_that_cannot_be_made_is_logged_and_not_tried_again(
    reporter: ExceptionReporter, log: LogFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[ErrorReport] = []

    def make(report: ErrorReport, _parent: QWidget) -> None:
        tried.append(report)
        fail("no dialog")

    monkeypatch.setattr("digitpad.gui.window.exception_reporter.ErrorDialog", make)
    reporter.report(an_error(1))
    for _ in range(10):
        QApplication.sendPostedEvents(reporter)
    assert log.path is not None
    assert "ValueError: no dialog" in log.path.read_text()
    assert len(tried) == 2, "one for the error, one for the error in the dialog"


def test_qt_warnings_are_logged_with_the_next_error(
    reporter: ExceptionReporter, victim: Victim, log: LogFile, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    qWarning("a warning of Qt")
    reporter.report(an_error(1))
    victim.triggered.emit()
    qtbot.waitUntil(lambda: log.path is not None)
    assert log.path is not None
    assert "a warning of Qt" in log.path.read_text()
    assert "a warning of Qt" in capfd.readouterr().err
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    reporter.dialog.close()


def test_an_exception_does_not_keep_its_widget_alive(
    reporter: ExceptionReporter, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("digitpad"), "propagate", False)  # pytest keeps log records
    victim = Victim(window)
    gone = weakref.ref(victim)
    in_a_slot(victim)
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    reporter.dialog.close()
    assert not hasattr(sys, "last_traceback")
    victim.deleteLater()
    del victim
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert gone() is None


# -- The dialog ------------------------------------------------------------------------------------------------------


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> ErrorDialog:
    with pytest.raises(ValueError, match="by itself") as raised:
        fail("by itself")
    dialog = ErrorDialog(report_on(raised.value), window)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def button(dialog: ErrorDialog, text: str) -> QPushButton:
    return next(each for each in dialog.findChildren(QPushButton) if text in each.text().replace("&", ""))


def test_copy_copies_the_traceback_and_the_versions(dialog: ErrorDialog) -> None:
    QTest.mouseClick(button(dialog, "Copy"), LEFT)
    copied = QGuiApplication.clipboard().text()
    assert copied == dialog.text_to_copy
    for part in ("ValueError: by itself", "in fail", "digitpad 0.", "Python 3.", "PySide6 6.", "torch 2.", "System "):
        assert part in copied
    assert button(dialog, "Copied").isVisible()


def test_the_details_are_folded_away_and_read_only(dialog: ErrorDialog) -> None:
    details = dialog.findChild(QTextEdit)
    assert isinstance(details, QTextEdit)
    assert not details.isVisible()
    height = dialog.height()
    QTest.keyClick(button(dialog, "Show Details"), Qt.Key.Key_Space)
    assert details.isVisible()
    assert details.isReadOnly()
    assert details.accessibleName() == "Details"
    assert details.toPlainText() == dialog.text_to_copy
    assert dialog.height() > height
    QTest.keyClick(button(dialog, "Hide Details"), Qt.Key.Key_Space)
    assert not details.isVisible()


def test_copying_and_showing_the_log_folder_keep_the_dialog_open(
    dialog: ErrorDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    QTest.mouseClick(button(dialog, "Copy"), LEFT)
    QTest.mouseClick(button(dialog, "Show log folder"), LEFT)
    assert dialog.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Return])
def test_escape_and_enter_close_and_delete_the_dialog(dialog: ErrorDialog, qtbot: QtBot, key: Qt.Key) -> None:
    with qtbot.waitSignal(dialog.destroyed):
        QTest.keyClick(dialog, key)


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_the_dialog_fits_a_small_window_and_cuts_no_text(
    dialog: ErrorDialog, themes: Themes, appearance: Appearance
) -> None:
    themes.set_appearance(appearance)
    assert dialog.width() <= 760
    assert dialog.height() <= 560 - 200  # room for the details
    for label in dialog.findChildren(QLabel):
        if label.text():
            assert label.height() >= label.heightForWidth(label.width())


def test_the_system_shows_the_log_folder_or_a_box_names_it(
    dialog: ErrorDialog, window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
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
    boxes = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox)]
    (box,) = (box for box in boxes if not isinstance(box, ErrorDialog))
    assert "~/data/digitpad/logs" in box.text()
    box.close()


def test_after_a_crash_the_next_window_shows_a_message(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    window.report_crash()
    assert window.draw_tab.messages.text == "Last time digitpad ended unexpectedly."
    QTest.mouseClick(window.draw_tab.messages.action, LEFT)
    assert len(opened) == 1


# -- Threads ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError("no"), UnusualError("no"), SystemExit(3)])
def test_the_latest_only_worker_reports_any_exception_and_keeps_working(
    qtbot: QtBot, log: LogFile, error: BaseException
) -> None:
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


@pytest.mark.parametrize("error", [ValueError("no"), UnusualError("no"), SystemExit(3)])
def test_the_serial_worker_reports_any_exception_and_keeps_working(qtbot: QtBot, error: BaseException) -> None:
    def function(value: int) -> int:
        if value < 0:
            raise error
        return value

    thread = SerialWorker(function)
    with qtbot.waitSignals([thread.failed, thread.answered], order="strict"):
        thread.submit(-1)
        thread.submit(1)
    thread.stop()


@pytest.mark.parametrize("error", [ValueError("no"), UnusualError("no"), SystemExit(3)])
@pytest.mark.parametrize("when", ["at once", "later", "at the end"])
def test_a_generator_worker_ends_with_the_exception(qtbot: QtBot, error: BaseException, when: str) -> None:
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


@pytest.mark.parametrize("error", [ValueError(), UnusualError("no memory")])
def test_after_a_training_that_fails_another_can_start(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def run_job(_job: TrainingJob) -> Iterator[object]:
        raise error
        yield

    monkeypatch.setattr(trainers, "run_job", run_job)
    ended = ended_of(session, qtbot)
    assert ended.problem == "The training failed. Details are in the log (Help → Show log folder)."
    assert session.training.state is TrainingState.IDLE


def test_after_a_training_whose_run_cannot_be_read_another_can_start(
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


def test_closing_ends_all_threads_even_if_one_service_fails(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, log: LogFile
) -> None:
    monkeypatch.setattr(session.training, "close", fail)
    session.start()
    session.close()
    assert not any(thread.isRunning() for thread in session.threads)
    assert log.path is not None


def test_a_window_whose_close_prompt_fails_can_still_be_closed(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, log: LogFile
) -> None:
    monkeypatch.setattr("digitpad.gui.window.close_prompts.may_close", lambda *_: fail("a question"))
    assert window.close()
    assert not any(thread.isRunning() for thread in session.threads)
    assert log.path is not None


def test_a_recogniser_that_fails_reports_it_and_answers_the_next_drawing(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = session.recognition._worker._function
    monkeypatch.setattr(session.recognition._worker, "_function", lambda _: fail(""))
    with qtbot.waitSignal(session.problem_found) as problem:
        draw(window.draw_tab.canvas, SEVEN)
        settled()
    assert problem.args == ["The recognition failed. Details are in the log (Help → Show log folder)."]
    monkeypatch.setattr(session.recognition._worker, "_function", function)
    session.pad.clear()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert window.draw_tab.panel.answer_texts == ["7"]

"""The window stays in sight until the digits are saved, and nothing that waits is lost."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.importing import import_digits
from digitpad.core.my_digits.store import MyDigits
from digitpad.gui.session.session import Session
from digitpad.gui.window import close_prompts
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.saving_dialog import SavingDialog

ASK = close_prompts.ask_about_digits  # before a fixture replaces it


@pytest.fixture(autouse=True)
def asked(no_close_prompts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_digits", ASK)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.my_digits.database._WAIT", 0.2)
    monkeypatch.setattr("digitpad.gui.window.saving_dialog._PATIENCE_MS", 50)


@pytest.fixture
def blocker(user_folder: Path) -> Iterator[sqlite3.Connection]:
    """Return another program's connection, which holds the database."""
    with MyDigits.open() as mine:
        path = mine.path
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield other


def drawing_of(number: int) -> Drawing:
    return Drawing(ink=Ink.of([np.array([[0, 0], [100, number], [40, 160]], float)]))


def keep(session: Session, count: int) -> None:
    for number in range(count):
        session.my_digits.keep(drawing_of(number), number)


def labels(path: Path | None = None) -> list[int]:
    with MyDigits.open(path) as mine:
        return sorted(digit.label for digit in mine.all())


def while_asked(window: MainWindow, act: Callable[[SavingDialog], bool]) -> None:
    """Call a function again and again while the dialog is open, until it returns True."""
    timer = QTimer(window, interval=20)

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, SavingDialog):
            assert window.isVisible()
            if act(dialog):
                timer.stop()

    timer.timeout.connect(look)
    timer.start()


def click(button: QPushButton) -> bool:
    if not button.isVisible() or not button.isEnabled():
        return False
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return True


def test_the_window_stays_until_the_other_program_is_done_and_all_digits_are_saved(
    window: MainWindow, session: Session, blocker: sqlite3.Connection
) -> None:
    keep(session, 4)
    reasons: list[str] = []

    def release(dialog: SavingDialog) -> bool:
        reasons.append(dialog.reason)
        if dialog.reason and not session.my_digits.is_writing:  # each failed once, and is tried again
            blocker.execute("ROLLBACK")
            return True
        return False

    while_asked(window, release)
    assert window.close()
    assert not window.isVisible()
    assert labels() == [0, 1, 2, 3]
    assert any("my-digits.sqlite3" in reason for reason in reasons)


def test_digits_that_cannot_be_saved_are_saved_in_another_file_and_imported_from_it(
    window: MainWindow, session: Session, blocker: sqlite3.Connection
) -> None:
    keep(session, 4)
    told: list[str] = []

    def save(dialog: SavingDialog) -> bool:
        if click(dialog.beside):
            told.append(dialog.reason)
        return click(dialog.done_)

    while_asked(window, save)
    assert window.close()
    session.close()
    blocker.execute("ROLLBACK")
    with MyDigits.open() as mine:
        before = labels()
        (path,) = mine.path.parent.glob("my-digits-unsaved-*")
        assert str(path) in told[0]
        assert path.stat().st_mode & 0o777 == 0o600
        assert labels(path) == [0, 1, 2, 3]
        counts = import_digits(mine, path)
        assert counts.added + counts.duplicates == 4
        assert counts.duplicates == len(before)
    assert labels() == [0, 1, 2, 3]


def test_the_window_can_stay_open_and_saves_the_digits_at_the_next_closing(
    window: MainWindow, session: Session, blocker: sqlite3.Connection, qtbot: QtBot
) -> None:
    keep(session, 2)
    while_asked(window, lambda dialog: click(dialog.stay))
    assert not window.close()
    assert window.isVisible()
    qtbot.waitUntil(lambda: not session.my_digits.is_writing)
    blocker.execute("ROLLBACK")
    assert window.close()
    assert labels() == [0, 1]


def test_after_a_click_on_wait_it_goes_on_and_ends_by_itself(
    window: MainWindow, session: Session, blocker: sqlite3.Connection
) -> None:
    keep(session, 1)

    def wait(dialog: SavingDialog) -> bool:
        if not click(dialog.wait):
            return False
        assert not dialog.wait.isVisible()
        blocker.execute("ROLLBACK")
        return True

    while_asked(window, wait)
    assert window.close()
    assert labels() == [0]


def test_where_nothing_can_be_written_the_window_can_be_closed(
    window: MainWindow, session: Session, blocker: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digitpad.core.errors import DigitpadError

    def fail(_: object) -> Path:
        raise DigitpadError("the folder is full of water: dry it")

    monkeypatch.setattr("digitpad.gui.session.my_digits.worker.save_beside", fail)
    keep(session, 1)
    reasons: list[str] = []

    def give_up(dialog: SavingDialog) -> bool:
        if dialog.give_up.isVisible():
            reasons.append(dialog.reason)
            return click(dialog.give_up)
        click(dialog.beside)
        return False

    while_asked(window, give_up)
    assert window.close()
    assert reasons == ["The folder is full of water: dry it."]


def test_a_change_that_fails_while_closing_is_reported(
    window: MainWindow, session: Session, blocker: sqlite3.Connection
) -> None:
    session.my_digits.delete([1])
    reasons: list[str] = []

    def stay(dialog: SavingDialog) -> bool:
        assert not dialog.beside.isVisible()
        if dialog.give_up.isVisible():
            reasons.append(dialog.reason)
            return click(dialog.stay)
        return False

    while_asked(window, stay)
    assert not window.close()
    assert "in use" in reasons[0]
    blocker.execute("ROLLBACK")
    assert window.close()


def test_a_digit_that_failed_long_before_is_saved_on_closing(
    window: MainWindow, session: Session, blocker: sqlite3.Connection, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.my_digits.keep_failed):
        keep(session, 1)
    blocker.execute("ROLLBACK")
    assert window.close()
    assert labels() == [0]

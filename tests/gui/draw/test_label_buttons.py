"""Saving a drawing with a label, by the buttons under the pad and by the keyboard."""

import sqlite3
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import EMPTY
from digitpad.core.my_digits.store import MyDigits
from digitpad.gui.draw.label_buttons import LabelButtons
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import ONE, SEVEN, draw, place

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def keys(window: MainWindow) -> LabelButtons:
    return window.draw_tab.label_buttons


def kept_in_file() -> list[tuple[int, int | None, str]]:
    with MyDigits.open() as mine:
        return [(digit.label, digit.predicted, digit.model) for digit in mine.all(newest_first=False)]


def test_the_buttons_are_enabled_after_the_answer(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None]
) -> None:
    canvas = window.draw_tab.canvas
    assert not keys.is_ready
    QTest.keyClick(canvas, Qt.Key.Key_4)
    draw(canvas, SEVEN)
    assert not keys.is_ready
    settled()
    assert keys.is_ready
    assert [key.is_answer for key in keys.buttons].index(True) == 7
    QTest.mousePress(canvas, LEFT, pos=place(canvas, 60, 60))
    QTest.mouseMove(canvas, place(canvas, 60, 100))
    assert not keys.is_ready
    QTest.mouseRelease(canvas, LEFT, pos=place(canvas, 60, 100))
    settled()
    assert keys.is_ready
    session.pad.clear()
    settled()
    assert not keys.is_ready
    assert not session.my_digits.worker.isRunning()


def test_a_click_saves_the_drawing_and_the_pad_keeps_the_focus(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.mouseClick(keys.buttons[4], LEFT)
    assert kept_in_file() == [(4, 7, session.models.chosen.card.name)]
    assert keys.saved_label == 4
    assert keys.buttons[4].accessibleName() == "Saved as 4"
    assert window.draw_tab.messages.text == "Saved as 4 in My digits"
    assert window.focusWidget() is window.draw_tab.canvas


def test_a_digit_key_does_the_same_and_another_relabels(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    canvas, own = window.draw_tab.canvas, session.my_digits
    draw(canvas, SEVEN)
    settled()
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_7)
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_1, Qt.KeyboardModifier.KeypadModifier)
    assert keys.saved_label == 1
    assert [label for label, _, _ in kept_in_file()] == [1]
    draw(canvas, ONE)
    settled()
    assert keys.saved_label is None
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_3)
    assert [label for label, _, _ in kept_in_file()] == [1, 3]
    for _ in range(2):  # the stroke, and the new drawing that it began
        window.actions_.undo.trigger()
    settled()
    assert keys.saved_label == 1


def test_the_undo_button_deletes_the_saved_digit(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    with qtbot.waitSignal(session.my_digits.deleted):
        QTest.mouseClick(window.draw_tab.messages.action, LEFT)
    assert keys.saved_label is None
    assert keys.is_ready
    assert kept_in_file() == []


def test_undo_reverts_only_the_last_label(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    canvas, own, messages = window.draw_tab.canvas, session.my_digits, window.draw_tab.messages
    draw(canvas, SEVEN)
    settled()
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_3)
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_5)
    with qtbot.waitSignal(own.changed):
        QTest.mouseClick(messages.action, LEFT)
    assert [label for label, _, _ in kept_in_file()] == [3]
    assert keys.saved_label == 3
    assert messages.text == ""


def test_undo_never_deletes_a_digit_that_was_there_before(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    with MyDigits.open() as mine:
        digit = mine.add(EMPTY.with_stroke(np.array([[140, 50], [140, 140], [150, 230]], float)), 8)
    drawing = digit.drawing
    session.my_digits.remember(drawing, digit)
    session.pad.change(drawing, "my 8")
    settled()
    assert keys.saved_label == 8
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_2)
    assert keys.saved_label == 2
    with qtbot.waitSignal(session.my_digits.changed):
        QTest.mouseClick(window.draw_tab.messages.action, LEFT)
    assert [label for label, _, _ in kept_in_file()] == [8]
    assert keys.saved_label == 8


@pytest.mark.parametrize("leave", ["clear", "number", "other", "elsewhere"])
def test_the_saved_message_is_hidden_when_the_drawing_changes(
    leave: str,
    window: MainWindow,
    session: Session,
    keys: LabelButtons,
    settled: Callable[[], None],
    qtbot: QtBot,
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept) as kept:
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    assert window.draw_tab.messages.text == "Saved as 7 in My digits"
    match leave:
        case "clear":
            session.pad.clear()
        case "number":
            session.recognition.set_reads_numbers(True)
        case "other":
            session.pad.change(EMPTY.with_stroke(np.array([[140, 50], [140, 230]], float)), "open")
        case _:
            with qtbot.waitSignal(session.my_digits.relabelled):
                session.my_digits.relabel({kept.args[1].id: 1})  # pyright: ignore[reportOptionalSubscript]
    assert window.draw_tab.messages.text == ""
    if leave == "elsewhere":
        assert keys.saved_label == 1


def test_undo_reports_that_another_window_deleted_the_digit(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept) as kept:
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    with MyDigits.open() as other:
        other.delete([kept.args[1].id])  # pyright: ignore[reportOptionalSubscript]
    with qtbot.waitSignal(session.my_digits.changed):
        QTest.mouseClick(window.draw_tab.messages.action, LEFT)
    assert "already deleted from My digits, perhaps in another window" in window.draw_tab.messages.text
    assert keys.saved_label is None


def test_the_warning_about_a_damaged_file_stays_below_the_saved_message(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    with MyDigits.open() as mine:
        path = mine.path
    path.write_bytes(b"no database at all" * 100)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    messages = window.draw_tab.messages
    (aside,) = [file.name for file in path.parent.iterdir() if ".damaged-" in file.name]
    saved, staying = messages.text.split("\n")
    assert saved == "Saved as 7 in My digits"
    assert f"was damaged: it is now called {aside}" in staying
    draw(window.draw_tab.canvas, ONE)
    assert messages.text == staying
    session.pad.clear()
    assert messages.text == staying
    assert kept_in_file() == [(7, 7, session.models.chosen.card.name)]


def test_the_chosen_model_is_saved_when_models_are_compared(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "softmax"))
    session.models.set_comparing(True)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    ((_, predicted, model),) = kept_in_file()
    assert model == session.models.chosen.card.name
    shown = window.draw_tab.panel.answers[session.models.compared.index(session.models.chosen)].bars.prediction
    assert shown is not None
    assert predicted == shown.best


def test_the_buttons_wait_for_the_answer_of_a_newly_chosen_model(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "softmax"))
    assert not keys.is_ready
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    assert kept_in_file()[0][2] == session.models.chosen.card.name


def test_a_failed_save_is_reported_and_the_pad_still_works(
    window: MainWindow, session: Session, keys: LabelButtons, settled: Callable[[], None], qtbot: QtBot
) -> None:
    with MyDigits.open() as mine:
        path = mine.path
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.keep_failed):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    assert "was not saved" in window.draw_tab.messages.text
    assert "move the file away" in window.draw_tab.messages.text
    assert keys.saved_label is None
    draw(window.draw_tab.canvas, ONE)
    settled()
    assert keys.is_ready


@pytest.mark.parametrize("size", [(1280, 800), (760, 560), (700, 380), (600, 1000)])
def test_the_buttons_fit_at_any_window_size(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    QApplication.processEvents()
    tab, keys = window.draw_tab, window.draw_tab.label_buttons
    assert tab.rect().contains(keys.geometry())
    assert keys.width() >= keys.minimumSizeHint().width()
    assert not keys.geometry().intersects(tab.canvas.geometry())
    assert not keys.geometry().intersects(tab._scroll.geometry())
    assert all(keys.rect().contains(key.geometry()) for key in keys.buttons)


def test_closing_the_window_at_once_still_saves_the_digit(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    window.close()
    assert [label for label, _, _ in kept_in_file()] == [7]


def test_the_first_stroke_after_keeping_begins_a_new_drawing_and_undo_brings_the_kept_one_back(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    canvas = window.draw_tab.canvas
    draw(canvas, SEVEN)
    settled()
    kept = session.pad.drawing
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(canvas, Qt.Key.Key_7)
    assert session.pad.drawing is kept  # it stays until the pen comes back
    draw(canvas, ONE)
    settled()
    assert len(session.pad.drawing.ink.strokes) == 1
    for _ in range(2):
        session.pad.undo_stack.undo()
    assert session.pad.drawing is kept
    draw(canvas, ONE)  # whoever went back wants to change it
    assert len(session.pad.drawing.ink.strokes) == 2


def test_a_kept_drawing_can_go_on_if_the_user_wants_so(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    window.actions_.start_afresh.trigger()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    draw(window.draw_tab.canvas, ONE)
    assert len(session.pad.drawing.ink.strokes) == 2
    assert not Settings().starts_afresh

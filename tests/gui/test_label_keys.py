"""Saying what a drawing was, by the keys under the pad and on the keyboard."""

import sqlite3
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.my_digits import MyDigits
from digitpad.gui.label_keys import LabelKeys
from digitpad.gui.main_window import MainWindow
from digitpad.gui.session import Session

from .conftest import ONE, SEVEN, draw, place

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def keys(window: MainWindow) -> LabelKeys:
    return window.draw_tab.label_keys


def kept_in_file() -> list[tuple[int, int | None, str]]:
    with MyDigits.open() as mine:
        return [(digit.label, digit.predicted, digit.model) for digit in mine.all(newest_first=False)]


def test_they_wait_for_a_drawing_and_its_answer(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None]
) -> None:
    canvas = window.draw_tab.canvas
    assert not keys.is_ready
    QTest.keyClick(canvas, Qt.Key.Key_4)
    draw(canvas, SEVEN)
    assert not keys.is_ready
    settled()
    assert keys.is_ready
    assert [key.is_answer for key in keys.keys].index(True) == 7
    QTest.mousePress(canvas, LEFT, pos=place(canvas, 60, 60))
    QTest.mouseMove(canvas, place(canvas, 60, 100))
    assert not keys.is_ready
    QTest.mouseRelease(canvas, LEFT, pos=place(canvas, 60, 100))
    settled()
    assert keys.is_ready
    session.pad.clear()
    settled()
    assert not keys.is_ready
    assert not session.own_digits.thread_.isRunning()


def test_a_click_keeps_the_drawing_and_the_pad_keeps_the_keyboard(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.own_digits.kept):
        QTest.mouseClick(keys.keys[4], LEFT)
    assert kept_in_file() == [(4, 7, session.model.card.name)]
    assert keys.kept == 4
    assert keys.keys[4].accessibleName() == "Kept as a 4"
    assert window.draw_tab.messages.text == "Kept as 4 in My digits"
    assert window.focusWidget() is window.draw_tab.canvas


def test_a_digit_key_does_the_same_and_another_relabels(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None], qtbot: QtBot
) -> None:
    canvas, own = window.draw_tab.canvas, session.own_digits
    draw(canvas, SEVEN)
    settled()
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_7)
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_1, Qt.KeyboardModifier.KeypadModifier)
    assert keys.kept == 1
    assert [label for label, _, _ in kept_in_file()] == [1]
    draw(canvas, ONE)
    settled()
    assert keys.kept is None
    with qtbot.waitSignal(own.kept):
        QTest.keyClick(canvas, Qt.Key.Key_3)
    assert [label for label, _, _ in kept_in_file()] == [1, 3]
    window.actions_.undo.trigger()
    settled()
    assert keys.kept == 1


def test_keeping_is_undone_by_the_button(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.own_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    with qtbot.waitSignal(session.own_digits.deleted):
        QTest.mouseClick(window.draw_tab.messages.action, LEFT)
    assert keys.kept is None
    assert keys.is_ready
    assert kept_in_file() == []


def test_with_several_models_the_chosen_one_is_named(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None], qtbot: QtBot
) -> None:
    session.choose_model(next(entry for entry in session.models if entry.name == "softmax"))
    session.compare(wanted=True)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.own_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    ((_, predicted, model),) = kept_in_file()
    assert model == session.model.card.name
    shown = window.draw_tab.panel.answers[session.compared.index(session.model)].bars.prediction
    assert shown is not None
    assert predicted == shown.best


def test_after_another_choice_of_model_they_wait_for_its_answer(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    session.choose_model(next(entry for entry in session.models if entry.name == "softmax"))
    assert not keys.is_ready
    settled()
    with qtbot.waitSignal(session.own_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    assert kept_in_file()[0][2] == session.model.card.name


def test_why_nothing_can_be_kept_is_told_and_the_pad_works_on(
    window: MainWindow, session: Session, keys: LabelKeys, settled: Callable[[], None], qtbot: QtBot
) -> None:
    with MyDigits.open() as mine:
        path = mine.path
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.own_digits.keep_failed):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    assert "was not kept" in window.draw_tab.messages.text
    assert "move the file away" in window.draw_tab.messages.text
    assert keys.kept is None
    draw(window.draw_tab.canvas, ONE)
    settled()
    assert keys.is_ready


@pytest.mark.parametrize("size", [(1280, 800), (760, 560), (700, 380), (600, 1000)])
def test_they_have_room_at_any_size_and_do_not_move_the_pad(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    QApplication.processEvents()
    tab, keys = window.draw_tab, window.draw_tab.label_keys
    assert tab.rect().contains(keys.geometry())
    assert keys.width() >= keys.minimumSizeHint().width()
    assert not keys.geometry().intersects(tab.canvas.geometry())
    assert not keys.geometry().intersects(tab._scroll.geometry())
    assert all(keys.rect().contains(key.geometry()) for key in keys.keys)


def test_the_window_may_close_at_once(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_7)
    window.close()
    assert [label for label, _, _ in kept_in_file()] == [7]

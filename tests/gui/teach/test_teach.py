"""Teach it: each digit is asked for three times, kept, and taken from the pad; then a model is trained on them."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.my_digits.store import MyDigits
from digitpad.gui.session.session import Session
from digitpad.gui.teach.rounds import TIMES, Rounds
from digitpad.gui.teach.teach_panel import TeachPanel
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.drawings import new_digits
from tests.helpers.gui import ONE, SEVEN, draw
from tests.helpers.heard import Heard

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(window: MainWindow, qtbot: QtBot) -> TeachPanel:
    """Open it as a user without digits would."""
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(window.session.my_digits.read):
        window.show_tab(PageId.MY_DIGITS)
    QTest.mouseClick(window.my_digits_tab.gallery.page.action, LEFT)
    panel = window.draw_tab.teach
    assert panel is not None
    assert panel.isVisible()
    return panel


@pytest.fixture
def keep(window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot) -> Callable[..., None]:
    """Return a function that draws a digit and keeps it with the keyboard."""

    def draw_and_keep(strokes: list = ONE) -> None:
        draw(window.draw_tab.canvas, strokes)
        settled()
        with qtbot.waitSignal(session.my_digits.kept):
            QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Return)

    return draw_and_keep


def test_the_pad_has_the_keyboard_from_the_start_and_after_each_kept_digit(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(session.my_digits.read):
        window.show_tab(PageId.MY_DIGITS)
    QTest.keyClick(window.my_digits_tab.gallery.page.action, Qt.Key.Key_Space)
    canvas = window.draw_tab.canvas
    for _ in range(2):
        settled()
        assert QApplication.focusWidget() is canvas
        draw(canvas, ONE)
        settled()
        with qtbot.waitSignals([session.my_digits.kept, session.my_digits.read]):
            QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is canvas


def test_rounds_ask_for_each_digit_three_times_and_go_on_after_a_skipped_one() -> None:
    rounds = Rounds()
    for number in range(3 * TIMES):
        assert rounds.wanted == number // TIMES
        rounds.keep(number, number // TIMES)
    rounds.take_back(2)
    assert rounds.wanted == 0
    rounds.skip()
    assert rounds.wanted == 3
    assert rounds.counts == (2, 3, 3, *[0] * 7)
    for number in range(100, 100 + 7 * TIMES):
        assert rounds.wanted is not None
        rounds.keep(number, rounds.wanted)
    assert rounds.wanted is None


def test_each_kept_digit_fills_a_ring_and_empties_the_pad(
    window: MainWindow, session: Session, panel: TeachPanel, keep: Callable[..., None]
) -> None:
    assert (panel.prompt, panel.place) == ("Draw a 0, three times", "1 of 3; press Enter to keep it")
    assert not panel.keep.isEnabled()
    for count in range(1, TIMES + 1):
        keep()
        assert panel.rings.counts[0] == count
        assert not session.pad.drawing
    assert panel.prompt == "Draw a 1, three times"
    assert "0: 3 of 3, 1: 0 of 3" in panel.rings.accessibleDescription()
    with MyDigits.open() as mine:
        assert [digit.label for digit in mine.all()] == [0] * TIMES
    window.draw_tab.canvas.setFocus()


def test_what_to_draw_next_is_said(heard: Heard, panel: TeachPanel, keep: Callable[..., None]) -> None:
    assert heard == ["Draw a 0, three times. 1 of 3; press Enter to keep it"]
    for _ in range(TIMES):
        keep()
    tasks = [text for text in heard if text.startswith("Draw")]
    places = ((0, 1), (0, 2), (0, 3), (1, 1))
    assert tasks == [f"Draw a {label}, three times. {n} of 3; press Enter to keep it" for label, n in places]


def test_what_was_drawn_before_is_not_kept_as_the_first_digit(window: MainWindow, session: Session) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    window.actions_.teach.trigger()
    assert not session.pad.drawing
    session.pad.undo_stack.undo()
    assert session.pad.drawing


def test_after_teach_it_the_drawing_from_before_comes_back_with_its_history(
    window: MainWindow, session: Session, keep: Callable[..., None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    before, steps = session.pad.drawing, session.pad.undo_stack.index()
    for digits in (0, 1):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_T)
        assert not session.pad.drawing
        for _ in range(digits):
            keep()
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Escape)
        assert session.pad.drawing is before
        if not digits:
            assert session.pad.undo_stack.index() == steps
    session.pad.undo_stack.undo()
    assert not session.pad.drawing


def test_a_number_is_a_number_again_after_teach_it(window: MainWindow, session: Session) -> None:
    session.recognition.set_reads_numbers(True)
    draw(window.draw_tab.canvas, SEVEN)
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_T)
    assert not session.recognition.reads_numbers
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Escape)
    assert session.recognition.reads_numbers
    assert session.pad.drawing


def test_a_drawing_that_was_not_kept_stays_after_teach_it(window: MainWindow, session: Session) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_T)
    draw(window.draw_tab.canvas, ONE)
    newest = session.pad.drawing
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Escape)
    assert session.pad.drawing is newest


def test_the_large_button_keeps_too_and_enter_without_a_drawing_does_nothing(
    window: MainWindow, session: Session, panel: TeachPanel, settled: Callable[[], None], qtbot: QtBot
) -> None:
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Return)
    assert panel.rings.counts[0] == 0
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert panel.keep.text() == "Keep it as 0"
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.mouseClick(panel.keep, LEFT)
    assert panel.rings.counts[0] == 1


def test_taking_back_deletes_the_last_digit_and_brings_its_drawing_back(
    session: Session, panel: TeachPanel, keep: Callable[..., None], qtbot: QtBot
) -> None:
    assert not panel.take_back.isEnabled()
    keep()
    with qtbot.waitSignal(session.my_digits.deleted):
        QTest.mouseClick(panel.take_back, LEFT)
    assert panel.rings.counts[0] == 0
    assert session.pad.drawing
    with MyDigits.open() as mine:
        assert not mine.all()


def test_after_the_last_digit_the_training_is_offered(
    window: MainWindow, session: Session, panel: TeachPanel, keep: Callable[..., None], qtbot: QtBot
) -> None:
    for _ in range(9):
        QTest.mouseClick(panel.skip, LEFT)
    with qtbot.waitSignal(session.my_digits.read):
        for _ in range(TIMES):
            keep()
    assert (panel.prompt, panel.place) == ("Now train a model on them", "3 digits are kept.")
    assert panel.keep.isHidden()
    start = panel.training.start_page.start
    qtbot.waitUntil(start.isEnabled)
    assert start.property("role") == "primary"
    window.actions_.teach.trigger()
    assert panel.isHidden()


def test_a_number_is_not_read_while_digits_are_taught(window: MainWindow, session: Session) -> None:
    session.recognition.set_reads_numbers(True)
    window.actions_.teach.setChecked(True)
    assert not session.recognition.reads_numbers


def test_digits_that_are_there_already_can_be_added_to(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(10))
    with qtbot.waitSignal(session.my_digits.read):
        window.show_tab(PageId.MY_DIGITS)
    QTest.mouseClick(window.my_digits_tab.summary.teach, LEFT)
    assert window.tabs.currentIndex() == PageId.DRAW
    assert window.actions_.teach.isChecked()


def test_the_rings_are_larger_in_a_wide_view(panel: TeachPanel, window: MainWindow) -> None:
    rings = panel.rings
    window.resize(1280, 800)
    QApplication.processEvents()
    usual = rings.height()
    window.resize(3000, 2000)
    QApplication.processEvents()
    assert rings.height() > 2 * usual

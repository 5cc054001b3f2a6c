"""The message bar: a lasting offer comes back when the message over it is closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import enlarge_digit_image
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.drawings import noise


@pytest.fixture
def bar(qtbot: QtBot, themes: Themes) -> Iterator[MessageBar]:
    window = QWidget()
    bar = MessageBar(window)
    QVBoxLayout(window).addWidget(bar)
    qtbot.addWidget(window)
    window.resize(400, 100)
    window.show()
    yield bar
    window.close()  # keep a reference until here


def close(bar: MessageBar) -> None:
    button = bar.findChild(QToolButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def visible_texts(bar: MessageBar) -> tuple[str, str]:
    """Return the shown text and the text of the button."""
    return bar.text, bar.action.text() if bar.action.isVisible() else ""


def test_a_temporary_message_is_hidden(bar: MessageBar) -> None:
    bar.hide_temporary()
    assert visible_texts(bar) == ("", "")
    bar.offer("deleted", "Undo", lambda: None)
    assert visible_texts(bar) == ("Deleted", "Undo")
    bar.hide_temporary()
    assert visible_texts(bar) == ("", "")


def test_escape_closes_the_message_that_has_the_focus(bar: MessageBar) -> None:
    bar.offer("There is more.", "Open next", lambda: None)
    bar.action.setFocus()
    QTest.keyClick(bar.action, Qt.Key.Key_Escape)
    assert bar.text == ""


def test_a_lasting_offer_is_not_hidden_and_keeps_the_focus(bar: MessageBar) -> None:
    bar.offer("Exporting 0", "Cancel", lambda: None, lasts=True)
    bar.action.setFocus()
    bar.update_offer("Exporting 25")
    bar.hide_temporary()
    assert visible_texts(bar) == ("Exporting 25", "Cancel")
    assert bar.action.hasFocus()


def test_a_lasting_offer_comes_back_with_its_newest_text(bar: MessageBar) -> None:
    pressed = []
    bar.offer("Exporting 0", "Cancel", lambda: pressed.append("cancel"), lasts=True)
    for hide in (close, MessageBar.hide_temporary):
        bar.warn("That cannot be written")
        assert visible_texts(bar) == ("That cannot be written.", "")
        bar.update_offer("Exporting 25")
        assert visible_texts(bar) == ("That cannot be written.", "")
        hide(bar)
        assert visible_texts(bar) == ("Exporting 25", "Cancel")
    bar.offer("1 label is marked", "Undo", lambda: pressed.append("undo"))
    QTest.mouseClick(bar.action, Qt.MouseButton.LeftButton)
    assert visible_texts(bar) == ("Exporting 25", "Cancel")
    QTest.mouseClick(bar.action, Qt.MouseButton.LeftButton)
    assert visible_texts(bar) == ("", "")
    assert pressed == ["undo", "cancel"]


def test_a_closed_lasting_offer_does_not_come_back(bar: MessageBar) -> None:
    bar.offer("Exporting 0", "Cancel", lambda: None, lasts=True)
    close(bar)
    bar.update_offer("Exporting 25")
    bar.hide_temporary()
    assert visible_texts(bar) == ("", "")
    bar.warn("That cannot be written")
    close(bar)
    assert visible_texts(bar) == ("", "")


def test_ending_an_offer_does_not_hide_the_message_over_it(bar: MessageBar) -> None:
    bar.offer("Exporting 0", "Cancel", lambda: None, lasts=True)
    bar.end_offer()
    assert visible_texts(bar) == ("", "")
    bar.offer("Exporting 0", "Cancel", lambda: None, lasts=True)
    bar.warn("That cannot be written")
    bar.end_offer()
    assert visible_texts(bar) == ("That cannot be written.", "")
    close(bar)
    assert visible_texts(bar) == ("", "")


def test_a_warning_stays_below_other_messages_until_it_is_closed(bar: MessageBar) -> None:
    bar.warn_until_closed("it was damaged")
    assert bar.action.isHidden()
    close(bar)
    bar.inform("kept as 3")
    bar.warn_until_closed("it was damaged")
    assert visible_texts(bar) == ("Kept as 3\nIt was damaged.", "")
    bar.offer("kept as 5", "Undo", lambda: None)
    assert visible_texts(bar) == ("Kept as 5\nIt was damaged.", "Undo")
    close(bar)
    assert visible_texts(bar) == ("It was damaged.", "")
    bar.hide_temporary()
    assert visible_texts(bar) == ("It was damaged.", "")
    assert bar.property("kind") == "warning"
    bar.offer("Exporting 0", "Cancel", lambda: None, lasts=True)
    bar.update_offer("Exporting 25")
    assert visible_texts(bar) == ("Exporting 25\nIt was damaged.", "Cancel")
    bar.end_offer()
    assert visible_texts(bar) == ("It was damaged.", "")
    close(bar)
    assert visible_texts(bar) == ("", "")
    bar.inform("kept as 3")
    assert visible_texts(bar) == ("Kept as 3", "")
    assert bar.property("kind") == "info"


def test_only_the_shown_message_is_retracted(bar: MessageBar) -> None:
    bar.warn("that cannot be written")
    bar.retract("kept as 3")
    assert visible_texts(bar) == ("That cannot be written.", "")
    bar.offer("kept as 3", "Undo", lambda: None)
    bar.retract("kept as 3")
    assert visible_texts(bar) == ("", "")


def test_a_success_hides_a_warning_and_nothing_else(bar: MessageBar) -> None:
    bar.warn("that cannot be opened")
    bar.hide_warning()
    assert visible_texts(bar) == ("", "")
    bar.offer("deleted", "Undo", lambda: None)
    bar.hide_warning()
    assert visible_texts(bar) == ("Deleted", "Undo")
    bar.warn_until_closed("it was damaged")
    bar.hide_warning()
    assert visible_texts(bar) == ("Deleted\nIt was damaged.", "Undo")


def test_a_notice_goes_by_itself_and_what_needs_action_stays(
    bar: MessageBar, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("digitpad.gui.widgets.message_bar._NOTICED_MS", 1)
    monkeypatch.setattr("digitpad.gui.widgets.message_bar._READ_MS", 0)
    QTest.mouseMove(bar.window(), QPoint(1, 1))  # not over the bar, where it would be read
    bar.offer("Exporting 0", "Cancel", lambda: None, lasts=True)
    bar.inform("saved to a file")
    qtbot.waitUntil(lambda: visible_texts(bar) == ("Exporting 0", "Cancel"))
    bar.end_offer()
    bar.inform("saved to a file")
    bar.warn("that cannot be written")
    assert not any(timer.isActive() for timer in bar.findChildren(QTimer))
    bar.inform("exporting", fades=False)
    assert not any(timer.isActive() for timer in bar.findChildren(QTimer))


def test_a_hidden_notice_waits_until_it_is_seen(bar: MessageBar, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr("digitpad.gui.widgets.message_bar._READ_MS", 0)
    bar.window().hide()
    with monkeypatch.context() as patch:
        patch.setattr("digitpad.gui.widgets.message_bar._NOTICED_MS", 1)
        bar.inform("saved to a file")
    (timer,) = bar.findChildren(QTimer)
    qtbot.waitUntil(lambda: timer.interval() > 1)
    assert timer.isActive()
    assert visible_texts(bar) == ("Saved to a file", "")


SIZES = [(1280, 800, 1.0), (760, 560, 1.0), (1280, 800, 2.0), (680, 600, 2.5), (3840, 2160, 2.5)]


def resize(window: MainWindow, themes: Themes, size: tuple[int, int, float]) -> None:
    themes.set_zoom(size[2])
    for _ in range(4):  # layouts that wrap need more than one pass
        window.resize(*size[:2])
        QApplication.processEvents()


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint()), widget.size())


@pytest.mark.parametrize(
    ("size", "on_stage"),
    [*((size, False) for size in SIZES), ((1280, 800, 1.5), True), ((1920, 1080, 2.0), True)],
    ids=str,
)
def test_messages_cover_nothing_of_any_page_and_are_whole(
    window: MainWindow, themes: Themes, size: tuple[int, int, float], on_stage: bool
) -> None:
    window.actions_.stage.setChecked(on_stage)
    resize(window, themes, size)
    for number, page in enumerate((window.draw_tab, window.training_tab, window.mistakes_tab, window.my_digits_tab)):
        window.show_tab(number)
        page.messages.warn_until_closed("Something went wrong: " + "words " * 24)
        for bar in (page.messages, window.looks.messages):
            if bar is window.looks.messages:
                bar.offer("The language changes. " * 2, "Restart now", lambda: None)
            for _ in range(4):
                QApplication.processEvents()
            above = place(window.tabs, window)
            assert not place(bar, window).intersects(above)
            assert window.rect().contains(place(bar, window))
            assert bar.height() >= bar.heightForWidth(bar.width())
        page.messages.hide()
        window.looks.messages.hide()
    window.actions_.stage.setChecked(False)


@pytest.mark.parametrize("size", SIZES[:3], ids=str)
def test_a_message_of_one_line_moves_nothing_and_the_status_bar_comes_back(
    window: MainWindow, themes: Themes, size: tuple[int, int, float]
) -> None:
    resize(window, themes, size)
    for number, page in enumerate((window.draw_tab, window.training_tab, window.mistakes_tab, window.my_digits_tab)):
        window.show_tab(number)
        for _ in range(3):
            QApplication.processEvents()
        before = place(window.tabs, window)
        page.messages.offer("Saved as 7.", "Undo", lambda: None)
        QApplication.processEvents()
        assert place(window.tabs, window) == before
        assert not window.status_bar.isVisible()
        page.messages.hide()
        QApplication.processEvents()
        assert place(window.tabs, window) == before
        assert window.status_bar.isVisible()


def test_a_message_is_shown_only_on_its_page(window: MainWindow) -> None:
    window.draw_tab.messages.offer("Saved as 7.", "Undo", lambda: None)
    window.show_tab(1)
    assert not window.draw_tab.messages.isVisible()
    assert window.status_bar.isVisible()
    window.show_tab(0)
    assert window.draw_tab.messages.isVisible()


def test_the_pad_does_not_move_during_a_stroke(window: MainWindow, themes: Themes) -> None:
    resize(window, themes, SIZES[0])
    canvas, messages = window.draw_tab.canvas, window.draw_tab.messages
    before = canvas.geometry()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    messages.inform("The pad now uses another model: " + "words " * 60)
    for _ in range(4):
        QApplication.processEvents()
    assert canvas.geometry() == before
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert canvas.height() < before.height()
    messages.hide()
    for _ in range(4):
        QApplication.processEvents()
    assert canvas.geometry() == before


def test_the_warning_about_a_broken_picture_goes_with_the_next_good_one_and_with_undo(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    messages, broken = window.draw_tab.messages, tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    good = enlarge_digit_image(noise(1) / 255)
    for mend in (lambda: session.pad.change(good, "open"), session.pad.undo_stack.undo):
        session.open(broken)
        qtbot.waitUntil(lambda: "broken.png" in messages.text)
        mend()
        assert messages.text == ""


def test_a_long_button_is_under_the_text_and_never_wider_than_the_bar(qtbot: QtBot, themes: Themes) -> None:
    window = QWidget()
    bar = MessageBar()
    vbox((QWidget(), 1), bar, parent=window)
    qtbot.addWidget(window)
    window.resize(800, 400)
    window.show()
    name = "Back to a run with a very long name, " * 2
    bar.offer("The pad now uses another model.", name, lambda: None)
    QApplication.processEvents()
    assert bar.action.text() == name
    assert bar.action.y() > 20
    window.resize(320, 400)
    QApplication.processEvents()
    assert bar.rect().contains(bar.action.geometry())
    assert "…" in bar.action.text()
    assert bar.action.toolTip() == bar.action.accessibleName() == name
    assert bar.height() < 160
    bar.offer("Deleted", "Undo", lambda: None)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: bar.action.y() < 20)

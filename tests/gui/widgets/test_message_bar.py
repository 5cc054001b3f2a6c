"""The message bar: a lasting offer comes back when the message over it is closed."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.message_bar import MessageBar


@pytest.fixture
def bar(qtbot: QtBot, themes: Themes) -> Iterator[MessageBar]:
    window = QWidget()
    bar = MessageBar(window)
    QVBoxLayout(window).addWidget(bar)
    qtbot.addWidget(window)
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

"""Room for the widest text of a widget."""

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.reserved_width import reserve_width

TEXTS = ("Pause", "Go on with the training", "epoch 88/88")


@pytest.mark.parametrize("kind", [QLabel, QPushButton, QToolButton])
def test_the_width_is_the_same_for_all_texts(
    kind: type[QLabel | QPushButton | QToolButton], themes: Themes, qtbot: QtBot
) -> None:
    window, widget = QWidget(), kind()
    qtbot.addWidget(window)
    widget.setText(TEXTS[0])
    reserve_width(widget, TEXTS)
    layout = hbox(widget, None, parent=window)
    window.show()
    for size in (13, 30, 9):
        widget.setStyleSheet(f"font-size: {size}px")
        widths = set()
        for text in (*TEXTS, "epoch 11/47"):
            widget.setText(text)
            layout.activate()
            widths.add(widget.width())
            assert widget.width() >= widget.sizeHint().width()
        assert len(widths) == 1


def test_a_button_keeps_its_shortcut(qtbot: QtBot) -> None:
    button = QPushButton("Start")
    qtbot.addWidget(button)
    button.setShortcut("Ctrl+Return")
    reserve_width(button, TEXTS)
    assert button.shortcut().toString() == "Ctrl+Return"
    assert button.text() == "Start"


def test_a_second_call_replaces_the_first(qtbot: QtBot) -> None:
    label = QLabel("1")
    qtbot.addWidget(label)
    reserve_width(label, ("a very long text",))
    wide = label.minimumWidth()
    reserve_width(label, ("short",))
    assert label.minimumWidth() < wide

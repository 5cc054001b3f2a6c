"""Room for the widest text of a widget."""

import pytest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QSizePolicy, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.reserved_width import reserve_width
from tests.helpers.cut_texts import room_for_text

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
        widget.setStyleSheet(f"font-size: {size}px; padding: 0 {size}px")
        widths = set()
        for text in (*TEXTS, "epoch 11/47"):
            widget.setText(text)
            layout.activate()
            widths.add(widget.width())
            assert widget.width() >= widget.sizeHint().width()
        assert len(widths) == 1


@pytest.mark.parametrize("kind", [QComboBox, QLineEdit])
def test_a_field_shows_the_whole_of_each_text(kind: type[QComboBox | QLineEdit], themes: Themes, qtbot: QtBot) -> None:
    window, field = QWidget(), kind()
    qtbot.addWidget(window)
    field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    reserve_width(field, TEXTS)
    hbox(field, None, parent=window)
    window.show()
    for zoom in (1.0, 2.0, 0.7, 1.0):
        themes.set_zoom(zoom)
        QApplication.processEvents()
        assert max(map(field.fontMetrics().horizontalAdvance, TEXTS)) <= room_for_text(field)


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

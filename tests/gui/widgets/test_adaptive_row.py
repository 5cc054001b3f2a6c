"""A row whose widgets are below each other where they do not fit beside each other."""

from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.widgets.adaptive_row import AdaptiveRow


def test_a_row_is_stacked_where_its_texts_do_not_fit_and_a_row_again_where_they_do(qtbot: QtBot) -> None:
    short, long = QPushButton("Short"), QPushButton("A text that is so long that no other button has room beside it")
    window = QWidget()
    row, grid = AdaptiveRow((short, 1), (long, 1), spacing=8), QGridLayout(window)
    grid.addWidget(row, 0, 0)
    grid.setColumnStretch(1, 1)
    qtbot.addWidget(window)
    window.resize(800, 200)
    window.show()
    assert not row.is_stacked
    assert window.minimumSizeHint().width() < short.width() + long.width()
    window.resize(window.minimumSizeHint().width(), 200)
    qtbot.waitUntil(lambda: row.is_stacked)
    assert row.width() >= long.minimumSizeHint().width()
    assert short.geometry().bottom() < long.geometry().top()
    window.resize(800, 200)
    qtbot.waitUntil(lambda: not row.is_stacked)


def test_a_text_that_becomes_longer_stacks_the_row(qtbot: QtBot) -> None:
    button = QPushButton("Short")
    window = QWidget()
    row = AdaptiveRow(button, QPushButton("Other"), parent=window)
    qtbot.addWidget(window)
    window.show()
    row.resize(row.sizeHint())
    assert not row.is_stacked
    button.setText("A text that is so long that no other button has room beside it")
    qtbot.waitUntil(lambda: row.is_stacked)
    button.hide()
    qtbot.waitUntil(lambda: not row.is_stacked)

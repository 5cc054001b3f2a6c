"""The scroll column: its content is equally wide with and without a scroll bar."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.confusion.confusion_view import ConfusionPanel
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.scroll_column import scroll_column


def test_content_is_as_wide_with_a_scroll_bar_as_without(qtbot: QtBot) -> None:
    content = QWidget()
    content.setFixedHeight(300)
    area = scroll_column(content)
    qtbot.addWidget(area)
    area.resize(328, 400)
    with qtbot.waitExposed(area):
        area.show()
    without_bar = content.width()
    area.resize(328, 200)
    qtbot.waitUntil(area.verticalScrollBar().isVisible)
    assert content.width() == without_bar


def test_a_matrix_that_barely_fits_keeps_one_width(qtbot: QtBot, themes: Themes) -> None:
    assert themes is not None  # its style has the width of the bar
    panel = ConfusionPanel()
    area = scroll_column(panel)
    qtbot.addWidget(area)
    with qtbot.waitExposed(area):
        area.show()
    widths = set()
    # Only the wider squares need a scroll bar: it appeared and disappeared until the program crashed.
    for height in range(250, 450):
        area.resize(328, height)
        widths.add(panel.width())
    assert len(widths) == 1

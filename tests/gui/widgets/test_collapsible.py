"""A heading of a section that is too long for its column."""

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.collapsible import Collapsible


@pytest.mark.usefixtures("themes")
def test_a_long_heading_makes_no_column_wider_and_its_tooltip_has_all_of_it(qtbot: QtBot) -> None:
    column, content = QWidget(), QLabel("Content")
    section = Collapsible("A heading that is much too long for a column as narrow as this one", content)
    vbox(section, content, parent=column)
    qtbot.addWidget(column)
    column.resize(160, 100)
    column.show()
    assert column.width() == 160
    assert section.width() <= 160 < section.sizeHint().width()
    section.setText("Another heading, which is as long as the one that it had before")
    assert section.toolTip() == section.text()

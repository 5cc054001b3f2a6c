"""A menu, an open list and a tooltip have one frame of one line."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.widgets.combo_box import ChoiceField
from digitpad.gui.window.main_window import MainWindow


def _frames(popup: QWidget) -> list[int]:
    """Return at how many of the outermost eight pixels of each side there is the colour of lines."""
    image, line = popup.grab().toImage(), theme_colours(popup.palette())["line"]
    across, down = image.width() - 1, image.height() - 1
    middle = QPoint(across // 2, down // 4)
    return [
        sum(_has(image, line, QPoint(place, middle.y())) for place in (*range(8),)),
        sum(_has(image, line, QPoint(across - place, middle.y())) for place in range(8)),
        sum(_has(image, line, QPoint(middle.x(), place)) for place in range(8)),
        sum(_has(image, line, QPoint(middle.x(), down - place)) for place in range(8)),
    ]


def _has(image: QImage, colour: QColor, place: QPoint) -> bool:
    return image.pixelColor(place) == colour


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_a_popup_has_one_frame(window: MainWindow, appearance: Appearance, qtbot: QtBot) -> None:
    window.themes.set_appearance(appearance)
    field = ChoiceField({"a": "one", "b": "two", "c": "three"}, window)
    field.setGeometry(20, 60, 200, 30)
    field.show()
    field.showPopup()
    qtbot.waitUntil(field.view().isVisible)
    assert _frames(field.view().window()) == [1, 1, 1, 1]
    field.hidePopup()
    menu = window.menuBar().actions()[0].menu()
    assert isinstance(menu, QWidget)
    menu.setVisible(True)
    assert _frames(menu) == [1, 1, 1, 1]
    menu.hide()
    QToolTip.showText(window.mapToGlobal(QPoint(30, 30)), "two\nlines", window)
    (tip,) = (widget for widget in QApplication.topLevelWidgets() if widget.inherits("QTipLabel"))
    assert _frames(tip) == [1, 1, 1, 1]
    QToolTip.hideText()
    window.themes.set_appearance(Appearance.LIGHT)


def test_an_open_list_has_the_name_of_its_field(window: MainWindow, qtbot: QtBot) -> None:
    field = ChoiceField({"a": "one", "b": "two"}, window)
    field.setAccessibleName("Order")
    field.show()
    field.showPopup()
    qtbot.waitUntil(field.view().isVisible)
    interface = QAccessible.queryAccessibleInterface(field.view())
    assert interface.text(QAccessible.Text.Name) == "Order"
    field.hidePopup()

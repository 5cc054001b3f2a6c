"""The table of the crosshair."""

import math

import pytest
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.train.curves.crosshair import Crosshair, PlotReading, TableRow
from digitpad.gui.train.curves.style import CurveStyle

CAPTION = "epoch 1.68, smoothed"


def table_with(dots: int, width: int, qtbot: QtBot) -> QImage:
    """Return the left part of a table with a row of so many dots: its heading line."""
    parent = QWidget()
    qtbot.addWidget(parent)
    crosshair = Crosshair(CurveStyle(theme_colours("light"), QFont()), parent)
    crosshair.resize(600, 200)
    rows = (TableRow((QColor("black"),) * dots, "a", ()),)
    crosshair.show_readings(CAPTION, [PlotReading(QRectF(0, 0, 600, 200), 50, (), rows, (), 0)])
    return crosshair.grab(QRect(62, 10, width, 14)).toImage()


@pytest.mark.usefixtures("themes")
def test_the_heading_is_whole_beside_short_names(qtbot: QtBot) -> None:
    bold = QFont()
    bold.setWeight(QFont.Weight.DemiBold)
    width = math.ceil(QFontMetricsF(bold).horizontalAdvance(CAPTION)) + 6
    assert table_with(1, width, qtbot) == table_with(30, width, qtbot)

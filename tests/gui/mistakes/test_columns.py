"""Three columns or two: the visible parts and the tab order."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.mistakes.columns import GalleryColumns

_BAR = "qt_tabwidget_tabbar"
WIDE, NARROW, SINGLE = (1280, 600), (760, 600), (600, 600)


def column_of(name: str) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    for number in range(3):
        field = QLineEdit()
        field.setObjectName(f"{name} {number}")
        layout.addWidget(field)
    return column


@pytest.fixture
def columns(qtbot: QtBot) -> GalleryColumns:
    right, middle, left = (column_of(name) for name in ("right", "middle", "left"))  # not in the order of Tab
    columns = GalleryColumns(left, middle, right, ("Left", "Middle", "Right"))
    qtbot.addWidget(columns)
    columns.resize(*WIDE)
    columns.show()
    columns.activateWindow()
    qtbot.waitUntil(columns.isActiveWindow)
    return columns


def field(columns: GalleryColumns, name: str) -> QLineEdit:
    found = columns.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit)
    return found


def tab_order(columns: GalleryColumns) -> list[str]:
    """Press Tab until the first field has the focus again; return the names in order."""
    first = field(columns, "middle 0")
    first.setFocus()
    names: list[str] = []
    while (widget := QApplication.focusWidget()) is not None and widget.objectName() not in names:
        names.append(widget.objectName())
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is first
    start = next(names.index(name) for name in (_BAR, "left 0") if name in names)
    return names[start:] + names[:start]


def fields_of(*names: str) -> list[str]:
    return [f"{name} {number}" for name in names for number in range(3)]


def test_the_tab_order_is_left_to_right_after_every_switch(columns: GalleryColumns) -> None:
    for _ in range(2):
        columns.resize(*WIDE)
        assert tab_order(columns) == fields_of("left", "middle", "right")
        columns.resize(*NARROW)
        columns.show_left()
        assert tab_order(columns) == [_BAR, *fields_of("left", "middle")]
        columns.show_right()
        assert tab_order(columns) == [_BAR, *fields_of("right", "middle")]


def test_no_column_becomes_a_separate_window(columns: GalleryColumns) -> None:
    before = set(QApplication.topLevelWidgets())
    for size in (NARROW, WIDE, NARROW, WIDE):
        columns.resize(*size)
        assert set(QApplication.topLevelWidgets()) == before
    shared = columns.findChild(QWidget, "shared")
    assert isinstance(shared, QWidget)
    assert not shared.isVisible()


@pytest.mark.parametrize("name", ["left 1", "middle 1", "right 1"])
def test_a_switch_keeps_the_focus(columns: GalleryColumns, name: str) -> None:
    there = field(columns, name)
    there.setFocus()
    for size, other in pairwise((WIDE, NARROW, WIDE)):
        assert size != other
        columns.resize(*other)
        assert there.isVisible()
        assert there.hasFocus()


@pytest.mark.parametrize(("size", "left"), [((1248, 660), 328), ((1888, 940), 583), ((3808, 2020), 1252)])
def test_the_matrix_gets_more_of_a_large_window(columns: GalleryColumns, size: tuple[int, int], left: int) -> None:
    columns.resize(*size)
    QApplication.processEvents()
    assert field(columns, "left 0").visibleRegion().boundingRect().width() == pytest.approx(left - 34, abs=20)
    assert field(columns, "middle 0").width() > size[0] / 3


def test_where_two_columns_have_no_room_one_is_shown_at_a_time(columns: GalleryColumns) -> None:
    columns.resize(*NARROW)  # a window is not made narrower than its columns
    for _ in range(2):
        columns.resize(*SINGLE)
        assert columns.is_single
        for show, shown in (
            (columns.show_left, "left"),
            (columns.show_middle, "middle"),
            (columns.show_right, "right"),
        ):
            show()
            QApplication.processEvents()
            visible = [name for name in ("left", "middle", "right") if field(columns, f"{name} 0").isVisible()]
            assert visible == [shown]
            assert field(columns, f"{shown} 0").width() > 0.9 * SINGLE[0] - 34
        columns.resize(*NARROW)
        assert field(columns, "middle 0").isVisible()


@pytest.mark.parametrize("name", ["left 1", "middle 1", "right 1"])
def test_the_column_with_the_focus_stays_in_sight(columns: GalleryColumns, name: str) -> None:
    there = field(columns, name)
    there.setFocus()
    for size in (NARROW, SINGLE, WIDE, NARROW, SINGLE, NARROW):
        columns.resize(*size)
        assert there.isVisible()
        assert there.hasFocus()

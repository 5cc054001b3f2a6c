"""The My digits tab: show, relabel, delete and undo."""

import gc
import re
import sqlite3
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import EMPTY, Drawing
from digitpad.core.my_digits.record import new_image
from digitpad.core.my_digits.store import MyDigits
from digitpad.gui.my_digits.my_digits_tab import MyDigitsTab
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def drawing_of(x: float) -> Drawing:
    return EMPTY.with_stroke(np.array([[x, 50], [x, 140], [x / 2, 230]], float))


@pytest.fixture
def five_digits() -> None:
    """Five digits; the newest is a 2 that was predicted as 7."""
    with MyDigits.open() as mine:
        for number, (label, predicted) in enumerate([(1, 1), (1, None), (3, 3), (4, 9), (2, 7)]):
            mine.add(
                drawing_of(60 + 30 * number), label, predicted=predicted, model="cnn" if predicted is not None else ""
            )


@pytest.fixture
def shown(session: Session, themes: Themes, qtbot: QtBot) -> Callable[[], MainWindow]:
    """Show the tab in its window, and wait until it has read the file; the recogniser is not needed."""
    made: list[MainWindow] = []

    def show() -> MainWindow:
        window = MainWindow(session, themes)
        made.append(window)
        qtbot.addWidget(window)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        with qtbot.waitSignal(session.my_digits.read):
            QTest.keyClick(window, Qt.Key.Key_4, CONTROL)
        QApplication.processEvents()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    return show


@pytest.fixture
def tab(five_digits: None, shown: Callable[[], MainWindow]) -> MyDigitsTab:
    return shown().my_digits_tab


def labels_in_file() -> list[int]:
    """Return the labels, newest first."""
    with MyDigits.open() as mine:
        return [digit.label for digit in mine.all()]


def labels_shown(tab: MyDigitsTab) -> list[int]:
    return [digit.label for digit in tab.gallery.shown()]


def middle_of(tab: MyDigitsTab, row: int) -> QPoint:
    return tab.gallery.grid.visualRect(tab.gallery.model.index(row, 0)).center()


def click(tab: MyDigitsTab, row: int, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseClick(tab.gallery.grid.viewport(), LEFT, modifier, middle_of(tab, row))


def change(tab: MyDigitsTab, qtbot: QtBot, act: Callable[[], object]) -> None:
    """Call `act`, and wait until the changed digits are read."""
    with qtbot.waitSignal(tab._session.my_digits.read):
        act()


def test_without_digits_the_page_explains_what_to_do(shown: Callable[[], MainWindow]) -> None:
    window = shown()
    tab = window.my_digits_tab
    assert tab.gallery.shows_message
    assert "three times" in tab.gallery.page.sentence
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    assert window.tabs.current_page is window.draw_tab
    assert window.actions_.teach.isChecked()


@pytest.mark.parametrize("are_there", [False, True])
def test_no_button_is_there_twice(
    shown: Callable[[], MainWindow], request: pytest.FixtureRequest, are_there: bool
) -> None:
    if are_there:
        request.getfixturevalue("five_digits")
    tab = shown().my_digits_tab
    texts = [button.text() for button in tab.findChildren(QAbstractButton) if button.text() and button.isVisible()]
    assert "Draw 0 to 9, three times each" in texts
    assert len(set(texts)) == len(texts)


def test_digits_are_listed_newest_first_with_their_figures(tab: MyDigitsTab) -> None:
    assert labels_shown(tab) == [2, 4, 3, 1, 1]
    assert tab.summary.count == "5 digits"
    assert tab.summary.accuracies == ["CNN 50.0\u00a0%, 2 of 4 right"]
    texts = [tab.gallery.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(5)]
    assert texts[0].endswith("; cnn predicted 7")
    assert texts[2].endswith("; cnn was right")
    assert "cnn" not in texts[3]
    assert tab.gallery.title == "All digits"


def test_captions_show_a_wrong_prediction(tab: MyDigitsTab) -> None:
    from digitpad.gui.grid.visible_cells import VisibleCells
    from digitpad.gui.my_digits.digits_grid import DigitCaptions

    model = tab.gallery.model
    captions = DigitCaptions(model)
    cells = VisibleCells(
        samples=model.samples,
        indices=model.indices,
        lefts=[],
        tops=[],
        widths=[],
        height=0,
        selected=np.zeros(5, bool),
        current=None,
        hovered=None,
        has_focus=False,
        has_answers=True,
    )
    assert captions.titles(cells) == ["2", "4", "3", "1", "1"]
    expected = (False, "predicted 7"), (False, "predicted 9"), (True, ""), (None, ""), (True, "")
    assert captions.captions(cells) == [list(expected)]


def test_a_digit_key_relabels_only_the_selected_digits(tab: MyDigitsTab, qtbot: QtBot) -> None:
    grid = tab.gallery.grid
    QTest.keyClick(grid, Qt.Key.Key_8)
    click(tab, 0)
    click(tab, 1, SHIFT)
    assert tab.gallery.title == "All digits, 2 selected"
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_4))
    assert labels_in_file() == labels_shown(tab) == [4, 4, 3, 1, 1]
    assert tab.messages.text == "1 digit relabelled as 4"
    assert len(tab.gallery.selected()) == 2
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Z, CONTROL))
    assert labels_in_file() == [2, 4, 3, 1, 1]


def test_deleting_can_be_undone_with_a_key_and_with_a_button(tab: MyDigitsTab, qtbot: QtBot) -> None:
    grid = tab.gallery.grid
    click(tab, 1)
    click(tab, 2, SHIFT)
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Delete))
    assert labels_in_file() == labels_shown(tab) == [2, 1, 1]
    assert tab.messages.text == "2 digits deleted"
    change(tab, qtbot, lambda: QTest.mouseClick(tab.messages.action, LEFT))
    assert labels_in_file() == labels_shown(tab) == [2, 4, 3, 1, 1]
    assert [digit.label for digit in tab.gallery.selected()] == [4, 3]
    click(tab, 0)
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Backspace))
    click(tab, 0)
    change(tab, qtbot, lambda: QTest.mouseClick(tab.gallery._delete, LEFT))
    assert labels_in_file() == [3, 1, 1]
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Z, CONTROL))
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Z, CONTROL))
    assert labels_in_file() == labels_shown(tab) == [2, 4, 3, 1, 1]
    QTest.keyClick(grid, Qt.Key.Key_Z, CONTROL)
    assert labels_in_file() == [2, 4, 3, 1, 1]


def test_the_menu_does_what_the_keys_do(tab: MyDigitsTab, qtbot: QtBot) -> None:
    menu, grid = tab.gallery.menu, tab.gallery.grid
    assert not menu.labels.isEnabled()
    click(tab, 2)
    place = grid.viewport().mapToGlobal(middle_of(tab, 2))
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(grid.viewport(), QContextMenuEvent(reason, middle_of(tab, 2), place))
    assert menu.isVisible()
    menu.close()
    change(tab, qtbot, menu.labels.actions()[6].trigger)
    assert labels_in_file() == [2, 4, 6, 1, 1]


def test_clicking_a_count_shows_only_digits_with_that_label(tab: MyDigitsTab, qtbot: QtBot) -> None:
    counts = tab.summary.counts
    assert [counts.model().index(row, 0).data() for row in range(10)] == list("0211100000")
    place = counts.visualRect(counts.model().index(1, 0)).center()
    QTest.mouseClick(counts.viewport(), LEFT, PLAIN, place)
    assert labels_shown(tab) == [1, 1]
    assert tab.gallery.title == "2 shown"
    tab.gallery.grid.selectAll()
    change(tab, qtbot, lambda: QTest.keyClick(tab.gallery.grid, Qt.Key.Key_7))
    # No digit has the chosen label any more, so all digits are shown.
    assert labels_shown(tab) == [2, 4, 3, 7, 7]
    assert not tab.summary.counts.cells


def test_a_double_click_puts_a_digit_on_the_pad_where_it_can_be_relabelled(
    five_digits: None, window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.my_digits.read):
        window.show_tab(3)
    tab = window.my_digits_tab
    click(tab, 0)
    QTest.mouseDClick(tab.gallery.grid.viewport(), LEFT, PLAIN, middle_of(tab, 0))
    assert window.tabs.current_page is window.draw_tab
    assert session.pad.drawing
    settled()
    assert window.draw_tab.label_buttons.saved_label == 2
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_5)
    assert labels_in_file() == [5, 4, 3, 1, 1]
    assert window.draw_tab.label_buttons.saved_label == 5


def test_changes_of_another_window_appear_when_the_tab_is_shown_again(
    five_digits: None, shown: Callable[[], MainWindow], session: Session, qtbot: QtBot
) -> None:
    window = shown()
    window.show_tab(0)
    with MyDigits.open() as other:
        other.add(drawing_of(200), 9)
    with qtbot.waitSignal(session.my_digits.read):
        window.show_tab(3)
    assert labels_shown(window.my_digits_tab) == [9, 2, 4, 3, 1, 1]


def test_exported_digits_can_be_imported_again(tab: MyDigitsTab, tmp_path: Path, qtbot: QtBot) -> None:
    digits = tab.gallery.shown()
    for kind, place in (("ink", tmp_path / "mine.jsonl"), ("pictures", tmp_path), ("idx", tmp_path)):
        with qtbot.waitSignal(tab.import_export._export.exported) as caught:
            tab.import_export.export_to(kind, digits, place)  # pyright: ignore[reportArgumentType]
        exported = caught.args[0]  # pyright: ignore[reportOptionalSubscript]
        assert exported.written == 5
        assert f"5 digits saved to {exported.path}" in tab.messages.text
        tab.gallery.grid.selectAll()
        change(tab, qtbot, lambda: QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Delete))
        assert tab.gallery.shows_message
        change(tab, qtbot, lambda path=exported.path: tab.import_export.import_from(path))
        assert tab.messages.text == "5 digits added"
        assert sorted(labels_shown(tab)) == [1, 1, 2, 3, 4]


def test_a_failed_import_is_reported_in_the_tab(tab: MyDigitsTab, tmp_path: Path, qtbot: QtBot) -> None:
    tab.import_export.import_from(tmp_path)
    qtbot.waitUntil(lambda: "has no digits to import" in tab.messages.text)
    assert labels_shown(tab) == [2, 4, 3, 1, 1]


def test_a_file_of_a_newer_version_is_reported_and_can_be_retried(
    five_digits: None, session: Session, themes: Themes, qtbot: QtBot
) -> None:
    with MyDigits.open() as mine:
        path = mine.path

    def set_version(number: int) -> None:
        connection = sqlite3.connect(path)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.close()

    set_version(99)
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignal(session.my_digits.read_failed):
        window.show_tab(3)
    tab = window.my_digits_tab
    assert "update digitpad, or move the file away" in tab.gallery.page.sentence
    assert tab.messages.text == ""
    assert tab.gallery.page.title == "My digits cannot be opened"
    assert not tab.summary.isVisible()
    set_version(1)
    change(tab, qtbot, lambda: QTest.mouseClick(tab.gallery.page.action, LEFT))
    assert labels_shown(tab) == [2, 4, 3, 1, 1]
    assert tab.summary.isVisible()


def test_digits_that_another_window_deleted_are_reported(tab: MyDigitsTab, qtbot: QtBot) -> None:
    grid = tab.gallery.grid
    numbers = [digit.id for digit in tab.gallery.shown()]
    with MyDigits.open() as other:
        other.delete(numbers[:1])
    click(tab, 0)
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_8))
    assert tab.messages.text == "The digit was already deleted, perhaps in another window"
    assert labels_in_file() == labels_shown(tab) == [4, 3, 1, 1]
    with MyDigits.open() as other:
        other.delete(numbers[2:4])
    click(tab, 1)
    click(tab, 2, SHIFT)
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Delete))
    assert tab.messages.text == "The digits were already deleted, perhaps in another window"
    with MyDigits.open() as other:
        other.delete(numbers[4:])
    click(tab, 0)
    click(tab, 1, SHIFT)
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Delete))
    assert tab.messages.text == "1 digit deleted; 1 had been deleted elsewhere"
    with MyDigits.open() as other:
        other.purge()
    change(tab, qtbot, lambda: QTest.keyClick(grid, Qt.Key.Key_Z, CONTROL))
    assert tab.messages.text == "This cannot be undone: another window has changed it since"


def test_an_import_is_reported_when_its_digits_are_shown(tab: MyDigitsTab, tmp_path: Path, qtbot: QtBot) -> None:
    my_digits = tab._session.my_digits
    (tmp_path / "six.jsonl").write_text('{"label": "6", "strokes": [[[80, 60], [200, 60], [130, 230]]]}\n')
    seen: list[tuple[str, int]] = []
    for signal in (my_digits.imported, my_digits.read):
        signal.connect(lambda *_: seen.append((tab.messages.text, len(tab.gallery.shown()))))
    change(tab, qtbot, lambda: tab.import_export.import_from(tmp_path / "six.jsonl"))
    assert seen == [("Importing six.jsonl…", 5), ("1 digit added", 6)]


def test_a_damaged_file_is_reported_when_the_tab_is_first_shown(session: Session, themes: Themes, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        path = mine.path
    path.write_bytes(b"no database at all" * 100)
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    window.show_tab(1)
    with qtbot.waitSignal(session.my_digits.kept):
        session.my_digits.keep(drawing_of(90), 4)
    assert ".damaged-" in window.draw_tab.messages.text
    with qtbot.waitSignal(session.my_digits.read):
        window.show_tab(3)
    tab = window.my_digits_tab
    assert ".damaged-" in tab.messages.text
    change(tab, qtbot, lambda: tab.edits.delete(tab.gallery.shown()))
    assert tab.messages.text.startswith("1 digit deleted\n")
    assert ".damaged-" in tab.messages.text


def test_fine_tuning_is_in_the_column_beside_the_digits(tab: MyDigitsTab) -> None:
    assert tab.summary.isAncestorOf(tab.fine_tuning)
    assert tab.fine_tuning.isVisible()


@pytest.mark.parametrize("size", [(1280, 800), (760, 560), (700, 380)])
def test_a_message_does_not_move_the_digits(tab: MyDigitsTab, size: tuple[int, int]) -> None:
    tab.window().resize(*size)
    QApplication.processEvents()
    before = tab.gallery.geometry()
    tab.messages.warn("This digit cannot be saved.")
    QApplication.processEvents()
    assert tab.gallery.geometry() == before
    assert tab.rect().contains(before)
    assert tab.summary.minimumSizeHint().width() <= tab._column.viewport().width()


def test_ten_thousand_digits_are_shown(shown: Callable[[], MainWindow]) -> None:
    rng = np.random.default_rng(3)
    images = rng.integers(1, 256, (10_000, 28, 28), np.uint8)
    with MyDigits.open() as mine:
        mine.add_all([new_image(image, number % 10) for number, image in enumerate(images)])
    tab = shown().my_digits_tab
    assert tab.summary.count == "10,000 digits"
    np.testing.assert_array_equal(tab.gallery.model.snapshot.images[0], images[-1])
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_End, CONTROL)
    assert 9999 in tab.gallery.grid.visible_rows
    assert not tab.grab().isNull()


def test_a_closed_window_with_the_tab_is_deleted(
    five_digits: None, session: Session, themes: Themes, qtbot: QtBot
) -> None:
    window = MainWindow(session, themes)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(session.my_digits.read):
        window.show_tab(3)
    tab = window.my_digits_tab
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    click(tab, 0)
    change(tab, qtbot, partial(QTest.keyClick, tab.gallery.grid, Qt.Key.Key_Delete))
    gone = [weakref.ref(window), weakref.ref(tab)]
    gc.collect()
    window.close()
    del window, tab
    assert [reference() for reference in gone] == [None, None]


def test_back_up_writes_one_file_that_import_reads(
    tab: MyDigitsTab, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = tmp_path / "mine.sqlite3"
    names: list[str] = []
    monkeypatch.setattr(
        "digitpad.gui.my_digits.import_export.choose_save_path", lambda *args: (names.append(args[3]), path)[1]
    )
    (action,) = (
        action for menu in tab.summary.findChildren(QMenu) for action in menu.actions() if action.text() == "Back up…"
    )
    with qtbot.waitSignal(session.my_digits.backed_up):
        action.trigger()
    assert tab.messages.text == f"5 digits backed up to {path}. Import… reads this file."
    assert re.fullmatch(r"my-digits-\d{4}-\d\d-\d\d\.sqlite3", names[0])
    with MyDigits.open(path) as copied:
        assert copied.count() == 5
    with qtbot.waitSignal(session.my_digits.imported) as imported:
        tab.import_export.import_from(path)
    assert imported.args is not None
    assert (imported.args[0].added, imported.args[0].duplicates) == (0, 5)
    with MyDigits.open() as mine, qtbot.waitSignal(session.my_digits.problem_found) as problem:
        tab.import_export.back_up_to(mine.path)
    assert problem.args is not None
    assert "is the file of My digits itself" in problem.args[0]

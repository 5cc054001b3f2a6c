"""The window "Layer by layer": it follows the pad and the selected sample, and its numbers can be copied."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.layer_rows import LayerRow
from digitpad.core.images.digits import to_bytes
from digitpad.gui.layers.layer_window import LayerWindow
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import ONE, SEVEN, draw
from tests.helpers.tab_walk import check_walk

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def pad(window: MainWindow, session: Session, settled: Callable[[], None]) -> MainWindow:
    """The main window with a seven on the pad and the MLP, which has dropout."""
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "mlp"))
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    return window


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, LEFT)


def opened(window: MainWindow, session: Session, qtbot: QtBot) -> LayerWindow:
    """Open the window with the button beside the pad's answer, and wait for its rows."""
    with qtbot.waitSignal(session.layers.followed):
        click(window.draw_tab.panel.layers_button)
    return window.layer_window


def pick(field: QComboBox, text: str) -> None:
    """Choose a line of a list with the keyboard."""
    field.setFocus()
    while field.currentText() != text:
        before = field.currentIndex()
        QTest.keyClick(field, Qt.Key.Key_Down)
        assert field.currentIndex() != before


def row_of(layers: LayerWindow, symbol: str) -> LayerRow:
    return next(row for row in layers.layers.rows if row.symbol == symbol)


def test_it_opens_from_the_menu_follows_the_pad_and_closes_with_escape(
    pad: MainWindow, session: Session, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.layers.followed):
        pad.actions_.layers.trigger()
    layers = pad.layer_window
    assert layers.title == "Your drawing · MLP"
    assert layers.answer.startswith("Predicted 7, label 7 · Cross-entropy: ")
    with qtbot.waitSignal(session.layers.followed, check_params_cb=lambda followed: followed.predicted == 1):
        session.pad.clear()
        draw(pad.draw_tab.canvas, ONE)
    assert layers.answer.startswith("Predicted 1")
    layers.resize(900, 500)
    QTest.keyClick(layers, Qt.Key.Key_Escape)
    assert not layers.isVisible()
    assert not session.settings.layers_geometry.isEmpty()


def test_nothing_is_computed_while_the_window_is_closed(
    pad: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    layers = opened(pad, session, qtbot)
    layers.close()
    with qtbot.assertNotEmitted(session.layers.followed), qtbot.assertNotEmitted(session.layers.subject_changed):
        session.pad.clear()
        draw(pad.draw_tab.canvas, ONE)
        settled()
    assert session.layers.is_settled
    assert opened(pad, session, qtbot).answer.startswith("Predicted 1")


def test_the_label_of_a_drawing_can_be_chosen(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    with qtbot.waitSignal(session.layers.followed, check_params_cb=lambda followed: followed.label == 1):
        pick(layers.label, "Label: 1")
    assert layers.answer.startswith("Predicted 7, label 1")
    np.testing.assert_array_equal(row_of(layers, "t").values, np.eye(10)[1])


def test_the_numpy_engine_has_the_same_numbers(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    by_torch = row_of(layers, "z₁")
    with qtbot.waitSignal(session.layers.followed, check_params_cb=lambda followed: followed.engine == "numpy"):
        pick(layers.engine, "NumPy engine")
    np.testing.assert_allclose(row_of(layers, "z₁").values, by_torch.values, atol=1e-9)


def test_each_draw_of_the_dropout_drops_other_units(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    assert not layers.draw_again.isEnabled()
    masks = []
    for button in (layers.dropout, layers.draw_again):
        with qtbot.waitSignal(session.layers.followed):
            click(button)
        masks.append(row_of(layers, "m₁").values)
    assert set(np.unique(masks)) == {0.0, 1.0}
    assert (masks[0] != masks[1]).any()
    with qtbot.waitSignal(session.layers.followed):
        click(layers.dropout)
    assert all(row.symbol != "m₁" for row in layers.layers.rows)


def test_the_arrow_keys_go_through_the_layers_and_their_numbers_are_copied(
    pad: MainWindow, session: Session, qtbot: QtBot
) -> None:
    layers = opened(pad, session, qtbot)
    layers.layers.setFocus()
    QTest.keyClick(layers.layers, Qt.Key.Key_Down)
    row = layers.layers.selected
    assert row is not None
    assert row.symbol == "z₁"
    click(layers.copy_button)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    np.testing.assert_allclose(np.array(lines, float), np.column_stack((row.values, np.asarray(row.gradient))))
    QTest.keyClick(layers.layers, Qt.Key.Key_Down)
    pick(layers.tables, "∂L/∂W₁ (1536, 784)")
    np.testing.assert_array_equal(layers.numbers.table.values, np.asarray(row_of(layers, "W₁").gradient))


def test_ctrl_c_copies_the_selected_numbers(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    pixels = to_bytes(pad.draw_tab.panel.digit_image_view.pixels)
    numbers = layers.numbers
    numbers.setFocus()
    numbers.setCurrentIndex(numbers.model().index(8, 10))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(numbers, key, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(numbers, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert np.array(lines, int).tolist() == pixels[8:10, 10:12].tolist()


def test_numbers_of_the_pad_are_the_pixels_that_the_model_sees(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    layers.layers.select(3)
    click(pad.draw_tab.panel.numbers_button)
    table = layers.numbers.table
    assert table.title == "pixels, 0 to 255 (28, 28)"
    np.testing.assert_array_equal(table.values, to_bytes(pad.draw_tab.panel.digit_image_view.pixels))
    header = layers.numbers.horizontalHeader()
    assert header.count() == 28
    pick(layers.tables, "flat: pixels ÷ 255 (784,)")
    np.testing.assert_allclose(layers.numbers.table.values[:, 0], table.values.ravel() / 255, atol=1e-7)


def test_it_follows_the_selected_sample_in_mistakes(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    window.show_tab(PageId.MISTAKES)
    tab = window.mistakes_tab
    tab.sources.choose_model("")
    tab.sources.choose_dataset("digits-8x8")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.inspector.sample is not None)
    with qtbot.waitSignal(session.layers.followed):
        click(tab.inspector.numbers_button)
    layers, sample = window.layer_window, tab.inspector.sample
    assert sample is not None
    assert layers.numbers.table.title == "pixels, 0 to 16 (8, 8)"
    np.testing.assert_array_equal(layers.numbers.table.values, sample.image)
    assert [row.symbol for row in layers.layers.rows] == ["x", "t"]
    tab.gallery.grid.setFocus()
    with qtbot.waitSignal(session.layers.followed):
        QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right)
    sample = tab.inspector.sample
    assert sample is not None
    np.testing.assert_array_equal(layers.numbers.table.values, sample.image)
    assert layers.title.endswith(str(sample.number))
    window.show_tab(PageId.DRAW)
    assert layers.empty.title == "Nothing to follow yet"


def test_an_empty_pad_and_a_number_say_what_to_do(
    pad: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    layers = opened(pad, session, qtbot)
    session.recognition.set_reads_numbers(True)
    settled()
    assert layers.empty.isVisible()
    assert "choose “One digit”" in layers.empty.sentence
    session.recognition.set_reads_numbers(False)
    session.pad.clear()
    settled()
    assert layers.empty.sentence == "Draw a digit on the pad, or select a sample in Mistakes."


def test_a_model_that_cannot_be_followed_says_why(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    layers = opened(window, session, qtbot)
    with qtbot.waitSignal(session.layers.problem_found):
        session.layers._worker.failed.emit(ValueError("unexpected"))
    assert layers.empty.sentence == "The layers cannot be computed. Details are in the log (Help → Show log folder)."


def test_the_checks_of_the_engine_are_on_the_second_page(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    QTest.keyClick(layers.tabs.tabBar(), Qt.Key.Key_Right)
    assert layers.check.isVisible()
    click(layers.check.copy_button)
    text = QGuiApplication.clipboard().text()
    assert "1.4714343261962757" in text
    assert text.count("backward") == 3


def test_tab_reaches_every_control(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    check_walk(layers)
    layers.tabs.setCurrentIndex(1)
    check_walk(layers)


def test_closing_the_main_window_closes_it(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    layers = opened(pad, session, qtbot)
    pad.close()
    assert not layers.isVisible()


def test_a_drawing_is_followed_on_train_after_mistakes_without_a_sample(pad: MainWindow, session: Session) -> None:
    pad.show_page("mistakes")
    assert pad.mistakes_tab.gallery.shows_message  # MNIST is not installed
    assert session.layers.subject is None
    pad.show_page("train")  # nothing new is answered
    pad.layer_window.show_layers()
    pad.layer_window.show()
    assert pad.layer_window.title.startswith("Your drawing")


def test_a_drawing_that_is_put_on_the_hidden_pad_is_followed(pad: MainWindow, session: Session, qtbot: QtBot) -> None:
    pad.show_page("mistakes")
    pad.show_page("train")
    pad.layer_window.show()
    with qtbot.waitSignal(session.layers.followed):
        session.pad.undo_stack.undo()  # nothing is on the pad
        session.pad.undo_stack.redo()
    assert pad.layer_window.title.startswith("Your drawing")

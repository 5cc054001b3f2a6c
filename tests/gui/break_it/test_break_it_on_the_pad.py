"""Break it: sliders distort a copy of the drawing, in the real window with the real models."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetricsF, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.ink.distortion import NEUTRAL, SPANS, Distortion, Normalisation, model_pixels
from digitpad.core.models.model_files import ModelCard, ModelEntry, find_model, load_model, save_model
from digitpad.core.recognition.distorted_answers import DistortionReader, Subject
from digitpad.core.recognition.prediction import Prediction
from digitpad.gui.break_it.answer_rows import two_lines
from digitpad.gui.break_it.break_it_panel import BreakItPanel
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.gui.window.test_keyboard import type_keys
from tests.helpers.drawings import pixel_drawing
from tests.helpers.gui import ONE, SEVEN, draw, place

LEFT = Qt.MouseButton.LeftButton
MODELS = tuple(find_model(name) for name in ("softmax", "mlp", "cnn"))


@pytest.fixture
def view(window: MainWindow, qtbot: QtBot) -> BreakItPanel:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_B)
    assert window.draw_tab.break_it is not None
    assert window.draw_tab.break_it.isVisible()
    return window.draw_tab.break_it


@pytest.fixture
def wait(view: BreakItPanel, settled: Callable[[], None], qtbot: QtBot) -> Callable[[], None]:
    """Return a function that waits for the answers and for the curve."""

    def both() -> None:
        settled()
        qtbot.waitUntil(lambda: view.is_settled)

    return both


def check_answers(window: MainWindow, session: Session, view: BreakItPanel, distortion: Distortion) -> None:
    """Check that pictures and rows show what core computes for a distortion of the drawing on the pad."""
    assert view.controls.distortion == distortion
    answer = DistortionReader().answer(Subject(session.pad.drawing, MODELS, reader=2), distortion)
    np.testing.assert_array_equal(view.pictures.pixels, answer.pixels)
    assert len(view.rows) == len(MODELS)
    for row, prediction in zip(view.rows, answer.predictions, strict=True):
        assert isinstance(prediction, Prediction)
        assert row.prediction is not None
        np.testing.assert_allclose(row.prediction.probabilities, prediction.probabilities, atol=1e-4)
        assert row.is_wanted == (prediction.best == answer.wanted)
    own = window.draw_tab.panel.digit_image_view.pixels
    np.testing.assert_array_equal(own, model_pixels(session.pad.drawing, NEUTRAL))


@pytest.mark.parametrize("key", [Qt.Key.Key_B, Qt.Key.Key_I])
def test_the_pad_takes_the_keyboard_of_the_view_that_a_key_hides(
    window: MainWindow, view: BreakItPanel, key: Qt.Key
) -> None:
    slider = view.controls.amounts["rotation"].slider
    slider.setFocus()
    QTest.keyClick(slider, key)
    assert not view.isVisible()
    assert window.focusWidget() is window.draw_tab.canvas


def test_without_distortions_it_shows_what_the_pad_shows(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    check_answers(window, session, view, NEUTRAL)
    np.testing.assert_array_equal(view.pictures.pixels, window.draw_tab.panel.digit_image_view.pixels)
    assert view.pictures.drawing is session.pad.drawing
    assert [row.is_wanted for row in view.rows] == [True] * 3


def test_an_arrow_key_moves_a_slider_and_the_bars_follow(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    drawing, distortion = session.pad.drawing, NEUTRAL
    for name, row in view.controls.amounts.items():
        if name == "inverted":
            continue  # a check box
        row.slider.setFocus()
        for _ in range(3):
            QTest.keyClick(row.slider, Qt.Key.Key_Right)
        wait()
        amount = round(float(getattr(NEUTRAL, name)) + 3 * SPANS[name].step, 6)
        distortion = distortion.with_value(name, amount)
        check_answers(window, session, view, distortion)
        assert view.curve.curve is not None
        assert (view.curve.curve.name, view.curve.value) == (name, amount)
    assert session.pad.drawing is drawing


def test_a_box_inverts_the_pixels_and_the_plot_has_two_points(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    box = view.controls.amounts["inverted"].box
    QTest.keyClick(box, Qt.Key.Key_Space)
    wait()
    check_answers(window, session, view, Distortion(inverted=True))
    assert view.curve.curve is not None
    assert (view.curve.curve.values, view.curve.value) == ((0, 1), 1)


def test_normalisation_is_switched_off_step_by_step(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    field, seen = view.controls.normalisation, [view.pictures.pixels]
    assert field.keys == [step.value for step in Normalisation]
    field.setFocus()
    for step in list(Normalisation)[1:]:
        QTest.keyClick(field, Qt.Key.Key_Down)
        wait()
        check_answers(window, session, view, Distortion(normalisation=step))
        assert not any(np.array_equal(view.pictures.pixels, before) for before in seen)
        seen.append(view.pictures.pixels)


def test_the_lesson_a_moved_digit_is_read_with_normalisation_and_lost_without(
    window: MainWindow, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    view.controls.amounts["shift_x"].show_value(6)
    view.controls.amounts["shift_y"].show_value(-6)
    view.controls.amounts["scale"].show_value(0.5)
    wait()
    assert [row.is_wanted for row in view.rows] == [True] * 3
    assert view.texts[2].startswith("Undone")
    QTest.keyClick(view.controls.normalisation, Qt.Key.Key_End)
    wait()
    assert not all(row.is_wanted for row in view.rows)
    assert view.texts[2].startswith("Not undone")


def test_the_plot_follows_the_slider_that_was_touched_last(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    assert view.texts[0] == "Probability of 7 when turned"
    assert view.texts[1] == "7 is what CNN read before any distortion."
    slider = view.controls.amounts["noise"].slider
    for _ in range(5):
        QTest.keyClick(slider, Qt.Key.Key_PageUp)
    wait()
    assert view.texts[0] == "Probability of 7 with noise"
    curve = view.curve.curve
    assert curve is not None
    expected = DistortionReader().curve(Subject(session.pad.drawing, MODELS, reader=2), NEUTRAL, "noise")
    assert expected is not None
    np.testing.assert_allclose(curve.shares, expected.shares, atol=1e-4)
    # the mark is at the present amount, with the probabilities that the rows show
    assert view.curve.value == 0.5
    for row, share in zip(view.rows, view.curve.shares, strict=True):
        assert row.prediction is not None
        assert share == row.prediction.probabilities[7]
    assert "Noise 50 %" in view.curve.accessibleName()


def test_moving_the_touched_slider_keeps_its_curve(
    window: MainWindow, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    QTest.keyClick(view.controls.amounts["blur"].slider, Qt.Key.Key_Right)
    wait()
    curve = view.curve.curve
    QTest.keyClick(view.controls.amounts["blur"].slider, Qt.Key.Key_End)
    wait()
    assert view.curve.curve is curve
    QTest.keyClick(view.controls.normalisation, Qt.Key.Key_End)
    wait()
    assert view.curve.curve is not curve


def test_one_key_resets_all(window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    assert window.actions_.reset_all.shortcut().toString() == "R"
    assert "(R)" in view.reset_button.text()
    slider = view.controls.amounts["scale"].slider
    slider.setFocus()
    for reset in (
        lambda: type_keys(window, Qt.Key.Key_R),
        lambda: QTest.mouseClick(view.reset_button, LEFT),
        window.actions_.reset_all.trigger,
    ):
        for row in view.controls.amounts.values():
            row.slider.setValue(row.slider.maximum())
            row.box.setChecked(True)
        QTest.keyClick(view.controls.normalisation, Qt.Key.Key_End)
        wait()
        assert view.controls.distortion.normalisation is Normalisation.SHRUNK
        reset()
        wait()
        check_answers(window, session, view, NEUTRAL)
        assert slider.hasFocus()


def test_a_double_click_resets_one_slider(view: BreakItPanel) -> None:
    row = view.controls.amounts["rotation"]
    row.slider.setValue(row.slider.maximum())
    QTest.mouseDClick(row.slider, LEFT)
    assert row.value == 0


def test_it_follows_the_pen(window: MainWindow, view: BreakItPanel, wait: Callable[[], None], qtbot: QtBot) -> None:
    assert view.is_empty
    canvas = window.draw_tab.canvas
    QTest.mousePress(canvas, LEFT, pos=place(canvas, 140, 50))
    QTest.mouseMove(canvas, place(canvas, 140, 240))
    qtbot.waitUntil(lambda: not view.is_empty)
    assert canvas.is_drawing
    QTest.mouseRelease(canvas, LEFT, pos=place(canvas, 140, 240))
    wait()
    assert view.rows[2].prediction is not None
    assert view.rows[2].prediction.best == 1
    window.actions_.clear.trigger()
    wait()
    assert view.is_empty


def test_an_empty_pad_offers_a_sample(
    window: MainWindow,
    session: Session,
    view: BreakItPanel,
    wait: Callable[[], None],
    qtbot: QtBot,
    shared_data: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert view.empty_page.action.text() == "Show a 7 from the built-in digits"
    monkeypatch.setenv("DIGITPAD_DATA", str(shared_data))
    view.show_nothing()
    assert view.empty_page.action.text() == "Show a 7 from MNIST"
    QTest.mouseClick(view.empty_page.action, LEFT)
    qtbot.waitUntil(lambda: session.pad.drawing.digit is not None)
    wait()
    check_answers(window, session, view, NEUTRAL)
    assert view.texts[1] == "7 is the label."
    assert not view.controls.amounts["pen"].slider.isEnabled()  # there are no strokes
    view.controls.amounts["shift_x"].show_value(3)
    view.controls.amounts["rotation"].show_value(-20)
    wait()
    check_answers(window, session, view, Distortion(shift_x=3, rotation=-20))
    session.pad.undo_stack.undo()
    wait()
    assert view.is_empty


def test_the_built_in_digits_are_the_sample_without_mnist(
    session: Session, view: BreakItPanel, wait: Callable[[], None], qtbot: QtBot
) -> None:
    QTest.mouseClick(view.empty_page.action, LEFT)
    qtbot.waitUntil(lambda: session.pad.drawing.digit is not None)
    wait()
    assert view.texts[1] == "7 is the label."


def test_strokes_over_a_picture_have_a_pen_width(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    session.pad.change(pixel_drawing(0), "open")
    wait()
    assert not view.controls.amounts["pen"].slider.isEnabled()
    draw(window.draw_tab.canvas, ONE)
    wait()
    assert view.controls.amounts["pen"].slider.isEnabled()


def test_the_label_of_the_drawing_is_the_wanted_digit(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None], qtbot: QtBot
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.mouseClick(window.draw_tab.label_buttons.buttons[1], LEFT)
    wait()
    assert view.texts[:2] == ("Probability of 1 when turned", "1 is the label.")
    assert [row.is_wanted for row in view.rows] == [False] * 3


def test_a_model_of_ones_own_is_the_fourth(
    session: Session, window: MainWindow, view: BreakItPanel, wait: Callable[[], None], tmp_path: Path
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    assert [row.accessibleName() for row in view.rows] == ["Softmax", "MLP", "CNN"]
    path = tmp_path / "mine.safetensors"
    save_model(path, load_model(find_model("mlp")).model, ModelCard(name="mine", title="Mine"))
    entry = ModelEntry(path, ModelCard(name="mine", title="Mine"), is_shipped=False)
    session.models.add(entry)
    session.models.choose(entry)
    wait()
    assert [row.accessibleName() for row in view.rows] == ["Softmax", "MLP", "CNN", "mine"]
    assert view.texts[1] == "7 is what mine read before any distortion."
    path.unlink()


def test_the_pads_pen_width_counts_without_normalisation(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    QTest.keyClick(view.controls.normalisation, Qt.Key.Key_End)
    wait()
    medium = view.pictures.pixels.sum()
    window.actions_.pen_widths.actions()[-1].trigger()
    wait()
    assert view.pictures.pixels.sum() > 1.3 * medium
    window.actions_.pen_widths.actions()[1].trigger()


def test_a_number_is_not_distorted(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    session.recognition.set_reads_numbers(True)
    wait()
    assert view.is_empty
    assert "Press N" in view.empty_page.sentence
    assert view.empty_page.action.isHidden()
    session.recognition.set_reads_numbers(False)
    wait()
    assert not view.is_empty


def test_inside_and_break_it_have_the_same_place(window: MainWindow, view: BreakItPanel) -> None:
    tab = window.draw_tab
    QTest.keyClick(tab.canvas, Qt.Key.Key_I)
    assert tab.inside is not None
    assert tab.inside.isVisible()
    assert not view.isVisible()
    assert not window.actions_.reset_all.isEnabled()
    QTest.keyClick(tab.canvas, Qt.Key.Key_B)
    assert view.isVisible()
    assert not tab.inside.isVisible()
    assert Settings().shows_break_it
    assert not Settings().shows_inside


def test_it_is_remembered_and_closed(window: MainWindow, view: BreakItPanel) -> None:
    assert Settings().shows_break_it
    QTest.mouseClick(view.close_button, LEFT)
    assert not view.isVisible()
    assert not window.actions_.break_it.isChecked()
    assert not Settings().shows_break_it
    QTest.mouseClick(window.draw_tab.panel.break_it_button, LEFT)
    assert view.isVisible()
    window.show_tab(PageId.TRAIN)
    window.show_break_it()
    assert view.isVisible()


def test_nothing_is_computed_while_it_is_hidden(
    window: MainWindow, view: BreakItPanel, settled: Callable[[], None], wait: Callable[[], None]
) -> None:
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_B)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert view.is_empty
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_B)
    wait()
    assert not view.is_empty


SIZES = ((1280, 800), (1920, 1080), (760, 560), (720, 960), (1000, 600))  # wide, narrow and flat


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_nothing_overlaps_or_is_cut_off(
    window: MainWindow, session: Session, view: BreakItPanel, wait: Callable[[], None], tmp_path: Path, zoom: float
) -> None:
    path = tmp_path / "mine.safetensors"
    save_model(path, load_model(find_model("mlp")).model, ModelCard(name="mine", title="Mine"))
    entry = ModelEntry(path, ModelCard(name="mine", title="Mine"), is_shipped=False)
    session.models.add(entry)
    session.models.choose(entry)
    window.themes.set_zoom(zoom)
    for size in SIZES:
        window.resize(*size)
        draw(window.draw_tab.canvas, SEVEN)
        wait()
        for _ in range(10):  # the layouts of parts whose size has changed
            QApplication.processEvents()
        assert len(view.rows) == 4
        check_places(window, view)
        session.pad.clear()
        wait()
    window.themes.set_zoom(1.0)
    path.unlink()


def test_at_760x560_eight_sliders_are_in_view(window: MainWindow, view: BreakItPanel, wait: Callable[[], None]) -> None:
    window.resize(760, 560)
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    area = view.findChild(QScrollArea)
    assert area is not None
    viewport = area.viewport()
    rows = [row for row in view.controls.amounts.values() if row.visibleRegion().boundingRect() == row.rect()]
    assert len(rows) >= 8
    assert all(viewport.rect().contains(row.mapTo(viewport, row.rect().bottomRight())) for row in rows)


def test_the_pad_and_break_it_show_the_same_probability(
    window: MainWindow, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    answer = window.draw_tab.panel.answers[0]
    assert view.rows[2].share in answer.accessibleName()
    assert f"7: {view.rows[2].share}" in answer.bars.accessibleDescription()


@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (24, ["mlp-fast-2026 second try"]),
        (16, ["mlp-fast-2026", "second try"]),
        (12, ["mlp-fast-", "2026 second…"]),
        (3, ["mlp", "-f…"]),
    ],
)
def test_a_long_name_has_two_lines(width: int, lines: list[str]) -> None:
    def elided(text: str, _mode: Qt.TextElideMode, width: int) -> str:
        return text if len(text) <= width else f"{text[: width - 1]}…"

    metrics = cast("QFontMetricsF", SimpleNamespace(horizontalAdvance=len, elidedText=elided))
    assert two_lines("mlp-fast-2026 second try", metrics, width) == lines


def check_places(window: MainWindow, view: BreakItPanel) -> None:
    tab = window.draw_tab
    for widget in (tab.canvas, tab.label_buttons, tab._toolbar, tab._scroll):
        assert not widget.isVisible() or not widget.geometry().intersects(view.geometry())
    area = view.findChild(QScrollArea)
    assert area is not None
    labels = [label for label in view.findChildren(QLabel) if label.isVisible() and not label.wordWrap()]
    for label in labels:
        assert label.sizeHint().width() <= label.width(), label.text()
    for row in view.rows[:3]:
        assert row.name_lines == [row.accessibleName()]
    for widget in (view.pictures, *view.rows, view.curve, view.reset_button, area):
        assert_inside(widget, view)
        assert widget.width() >= widget.minimumSizeHint().width()
        assert widget.height() >= widget.minimumSizeHint().height()
    for row in view.controls.amounts.values():  # they scroll
        assert row.mapTo(area.viewport(), QPoint(row.width(), 0)).x() <= area.viewport().width()


def assert_inside(widget: QWidget, outer: QWidget) -> None:
    corner = widget.mapTo(outer, QPoint(0, 0))
    assert outer.rect().contains(corner)
    assert outer.rect().contains(corner + QPoint(widget.width() - 1, widget.height() - 1))


def test_the_mouse_wheel_scrolls_the_sliders_and_moves_none(
    window: MainWindow, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    window.resize(760, 560)
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    slider = view.controls.amounts["rotation"].slider
    area = view.findChild(QScrollArea)
    assert area is not None
    event = QWheelEvent(
        slider.rect().center().toPointF(),
        slider.mapToGlobal(slider.rect().center()).toPointF(),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)
    assert view.controls.distortion == NEUTRAL


def test_each_control_has_a_name_and_says_its_amount(view: BreakItPanel) -> None:
    row = view.controls.amounts["rotation"]
    row.show_value(-15)
    assert (row.slider.accessibleName(), row.slider.accessibleDescription()) == ("Rotate", "−15°")
    for each in view.controls.amounts.values():
        assert each.slider.accessibleName()
        assert each.box.accessibleName()
    assert view.controls.normalisation.accessibleName() == "Steps of normalisation"


def test_the_curve_of_a_switch_has_a_bar_for_each_of_its_two_values(
    window: MainWindow, view: BreakItPanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    view.controls.amounts["inverted"].show_value(1.0)
    wait()
    curve = view.curve.curve
    assert curve is not None
    assert curve.name == "inverted"
    picture, coloured = view.curve.grab().toImage(), []
    for x in range(picture.width()):
        column = [picture.pixelColor(x, y) for y in range(picture.height() - 20)]
        coloured.append(any(colour.saturation() > 120 for colour in column))
    middle = picture.width() // 2
    assert any(coloured[: middle - 20])
    assert not any(coloured[middle - 20 : middle + 40])

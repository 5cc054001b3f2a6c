"""The images of the weights."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QHelpEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.loading import GATES
from digitpad.core.evaluation.weight_images import WeightImages
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.train.weights.grid import arrange
from digitpad.gui.train.weights.panel import WeightsPanel

UNITS = WeightImages(
    "units",
    np.stack([np.full((28, 28), value, np.float32) for value in np.linspace(-1, 1, 41)]),
    tuple(str(number) for number in range(100, 141)),
    "41 of 512 units",
)
TEMPLATES = WeightImages("templates", np.zeros((10, 28, 28), np.float32), tuple("0123456789"), "")
SURFACE = WeightImages("surface", np.where(np.arange(64)[:, None] < 32, 1, -1) * np.ones((1, 64, 64)), ("",), "")


@pytest.fixture
def panel(themes: Themes, qtbot: QtBot) -> WeightsPanel:
    themes.set_appearance(Appearance.LIGHT)
    panel = WeightsPanel()
    qtbot.addWidget(panel)
    panel.resize(700, 420)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def test_before_a_training_it_explains_when_there_will_be_images(panel: WeightsPanel) -> None:
    assert panel.is_empty
    assert panel.caption == ""
    assert any("when the training starts" in label.text() for label in panel.findChildren(QLabel) if label.isVisible())
    panel.show_images(TEMPLATES)
    assert "raises the digit's score" in panel.caption
    panel.show_images(None)
    assert panel.is_empty


def test_the_images_do_not_overlap_and_are_within_the_panel(panel: WeightsPanel) -> None:
    panel.show_images(UNITS)
    QApplication.processEvents()
    places = panel.grid.image_rects()
    assert len(places) == 41
    assert all(panel.grid.rect().toRectF().contains(place) for place in places)
    assert not any(a.intersects(b) for a in places for b in places if a is not b)


def test_images_that_do_not_fit_are_left_out(panel: WeightsPanel, qtbot: QtBot) -> None:
    panel.show_images(UNITS)
    panel.resize(240, 200)
    qtbot.waitUntil(lambda: 0 < len(panel.grid.image_rects()) < 41)
    assert all(panel.grid.rect().toRectF().contains(place) for place in panel.grid.image_rects())


def test_images_use_the_available_space() -> None:
    assert arrange(10, (28, 28), QSize(1200, 150), 112).columns == 10
    assert arrange(10, (28, 28), QSize(400, 400), 112).columns == 4
    # Without titles there is room for all 40 units in a small panel.
    assert arrange(40, (28, 28), QSize(350, 110), 84, is_titled=False).count == 40
    small = arrange(32, (3, 3), QSize(400, 200), 48)
    assert small.side.width() % 3 == 0


def test_positive_weights_are_blue_and_negative_ones_orange_in_both_themes(panel: WeightsPanel, themes: Themes) -> None:
    panel.show_images(UNITS)
    for appearance, against, neutral, speaking in (
        (Appearance.LIGHT, "#D55E00", "#FFFFFF", "#0072B2"),
        (Appearance.DARK, "#E69F00", "#1F2226", "#56B4E9"),
    ):
        themes.set_appearance(appearance)
        rects, shown = panel.grid.image_rects(), panel.grid.grab().toImage()
        assert shown.pixelColor(rects[0].center().toPoint()) == QColor(against)
        assert shown.pixelColor(rects[20].center().toPoint()) == QColor(neutral)
        assert shown.pixelColor(rects[40].center().toPoint()) == QColor(speaking)


def test_pixels_are_not_blurred(panel: WeightsPanel) -> None:
    checks = np.indices((3, 3)).sum(axis=0) % 2 * 2.0 - 1
    panel.show_images(WeightImages("filters", checks[None].astype(np.float32), ("0",), ""))
    QApplication.processEvents()
    place = panel.grid.image_rects()[0].toRect()
    shown = panel.grid.grab(place).toImage()
    colours = {shown.pixelColor(x, y).name() for x in range(shown.width()) for y in range(shown.height())}
    assert colours == {"#d55e00", "#0072b2"}


@pytest.mark.parametrize(("view", "text"), [(UNITS, "unit 117"), (TEMPLATES, "digit 3")])
def test_the_tooltip_of_an_image_is_its_name(panel: WeightsPanel, view: WeightImages, text: str) -> None:
    panel.show_images(view)
    QApplication.processEvents()
    centre = panel.grid.image_rects()[17 if view is UNITS else 3].center()
    assert panel.grid.text_at(centre) == text
    at = centre.toPoint()
    QApplication.sendEvent(panel.grid, QHelpEvent(QHelpEvent.Type.ToolTip, at, panel.grid.mapToGlobal(at)))
    assert QToolTip.text() == text
    QToolTip.hideText()
    assert panel.grid.text_at(QPointF(QPoint(-5, -5))) == ""


def test_the_table_beside_a_surface_has_the_outputs_of_the_model_and_is_copied(panel: WeightsPanel) -> None:
    outputs = (0.0001117, 0.9998288, 0.4999996, 0.5000004)
    panel.set_labels(GATES["xor"])
    panel.show_images(replace(SURFACE, outputs=outputs))
    model_table = panel.table
    assert model_table.table.rows == [
        ["0", "0", "0.000112", "✓ 0", "0"],
        ["0", "1", "0.999829", "✓ 1", "1"],
        ["1", "0", "0.500000", "✗ 0", "1"],
        ["1", "1", "0.500000", "✗ 1", "0"],
    ]
    assert model_table.accuracy == "Accuracy 0.5 (2 of 4)"
    QTest.mouseClick(model_table.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0].split("\t") == ["x1", "x2", "hypothesis", "predicted", "Y"]
    assert [line.split("\t") for line in copied[1:]] == model_table.table.rows
    QGuiApplication.clipboard().clear()
    model_table.table.setFocus()
    QTest.keySequence(model_table.table, QKeySequence.StandardKey.Copy)
    assert QGuiApplication.clipboard().text().splitlines() == copied


def test_the_table_is_there_for_gates_only_and_says_if_outputs_are_not_known(panel: WeightsPanel) -> None:
    panel.show_images(UNITS)
    assert not panel.table.isVisible()
    panel.set_labels(GATES["and"])
    panel.show_images(SURFACE)
    assert panel.table.isVisible()
    assert panel.table.table.rows[3] == ["1", "1", "–", "–", "1"]
    assert "earlier version" in panel.table.accuracy
    panel.show_images(None)
    assert not panel.table.isVisible()


def test_the_output_is_read_at_the_position_of_the_mouse(panel: WeightsPanel) -> None:
    panel.show_images(SURFACE)
    QApplication.processEvents()
    (place,) = panel.grid.image_rects()
    assert panel.grid.rect().toRectF().contains(place)
    above = place.topLeft() + QPointF(place.width() / 2, place.height() / 6)
    assert panel.grid.text_at(above) == "inputs 0.50 and 1.00: probability of 1 is 100 %"
    below = place.topLeft() + QPointF(place.width() / 2, place.height() * 5 / 6)
    assert panel.grid.text_at(below) == "inputs 0.50 and 0.00: probability of 1 is 0 %"
    assert not panel.grid.grab().isNull()

"""Drawings that are not digits: the answer, the bars, and the threshold that the user can move."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolTip
from pytestqt.qtbot import QtBot

from digitpad.core.detection.digit_detector import THRESHOLD
from digitpad.core.models.model_files import ModelCard, ModelEntry, load_model, save_model
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import SEVEN, Strokes, draw

ZIGZAG: Strokes = [[(40.0 + 18 * step, 70.0 + 130 * (step % 2)) for step in range(12)]]


def at(window: MainWindow, share: float) -> QPoint:
    scale = window.draw_tab.panel.meter.scale
    return QPoint(round(3 + share * (scale.width() - 6)), scale.height() // 2)


@pytest.mark.parametrize("is_compared", [False, True])
def test_a_zigzag_is_not_a_digit_and_keeps_the_probabilities_of_the_model(
    window: MainWindow, session: Session, settled: Callable[[], None], *, is_compared: bool
) -> None:
    session.models.set_comparing(is_compared)
    draw(window.draw_tab.canvas, ZIGZAG)
    settled()
    for view in window.draw_tab.panel.answers:
        assert view.answer == "?"
        prediction = view.bars.prediction
        assert prediction is not None
        assert prediction.is_refused
        spoken = view.bars.accessibleDescription()
        assert sum(float(part.split(": ")[1].rstrip("%")) for part in spoken.split(", ")) == pytest.approx(100, abs=0.6)
        assert "Probably not a digit (closest: " in view.accessibleName()
    assert window.windowTitle() == "? – digitpad"


def test_a_seven_looks_like_a_digit(window: MainWindow, settled: Callable[[], None]) -> None:
    score = window.draw_tab.panel.meter.findChildren(QLabel)[-1]
    assert score.text() == ""
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert int(score.text().split()[0].removeprefix(">")) > 90
    window.draw_tab.canvas.setFocus()
    window.actions_.clear.trigger()
    settled()
    assert score.text() == ""


def test_dragging_the_threshold_answers_the_drawing_again(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, ZIGZAG)
    settled()
    scale = window.draw_tab.panel.meter.scale
    QTest.mousePress(scale, Qt.MouseButton.LeftButton, pos=at(window, 0.5))
    QTest.mouseMove(scale, at(window, 0.2))
    QTest.mouseMove(scale, at(window, 0.0))
    QTest.mouseRelease(scale, Qt.MouseButton.LeftButton, pos=at(window, 0.0))
    settled()
    assert session.settings.threshold == 0
    prediction = window.draw_tab.panel.answers[0].bars.prediction
    assert prediction is not None
    assert not prediction.is_refused
    assert window.draw_tab.panel.meter.reset.isVisible()
    QTest.mouseClick(window.draw_tab.panel.meter.reset, Qt.MouseButton.LeftButton)
    settled()
    assert window.draw_tab.panel.meter.reset.isHidden()
    assert session.settings.threshold == THRESHOLD
    assert window.draw_tab.panel.answers[0].answer == "?"


def test_clicks_and_the_wheel_do_not_move_the_threshold(window: MainWindow, session: Session) -> None:
    scale = window.draw_tab.panel.meter.scale
    for share in (0.1, THRESHOLD, 0.9):
        spot = at(window, share)
        QTest.mouseClick(scale, Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseDClick(scale, Qt.MouseButton.LeftButton, pos=spot)
        QTest.mouseRelease(scale, Qt.MouseButton.LeftButton, pos=spot)
    QTest.mousePress(scale, Qt.MouseButton.LeftButton, pos=at(window, 0.9))
    QTest.mouseMove(scale, at(window, 0.2))
    QTest.mouseRelease(scale, Qt.MouseButton.LeftButton, pos=at(window, 0.2))
    # A click whose hand trembles.
    QTest.mousePress(scale, Qt.MouseButton.LeftButton, pos=at(window, THRESHOLD))
    QTest.mouseMove(scale, at(window, THRESHOLD) + QPoint(2, 0))
    QTest.mouseRelease(scale, Qt.MouseButton.LeftButton, pos=at(window, THRESHOLD) + QPoint(2, 0))
    spot = QPointF(at(window, 0.8))
    wheel = QWheelEvent(
        spot,
        scale.mapToGlobal(spot),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(scale, wheel)
    assert session.settings.threshold == THRESHOLD


def test_the_mark_has_a_tooltip_of_its_own(window: MainWindow) -> None:
    meter = window.draw_tab.panel.meter
    for share, is_mark in ((THRESHOLD, True), (0.95, False)):
        QToolTip.hideText()
        spot = at(window, share)
        QApplication.sendEvent(meter.scale, QHelpEvent(QEvent.Type.ToolTip, spot, meter.scale.mapToGlobal(spot)))
        assert QToolTip.text().startswith("The threshold, ") == is_mark


def test_the_arrow_keys_move_the_threshold(window: MainWindow, session: Session) -> None:
    scale = window.draw_tab.panel.meter.scale
    QTest.keyClick(scale, Qt.Key.Key_Right)
    assert session.settings.threshold == pytest.approx(THRESHOLD + 0.05)
    QTest.keyClick(scale, Qt.Key.Key_Delete)
    assert session.settings.threshold == THRESHOLD


def test_the_threshold_is_remembered(session: Session, themes: Themes, qtbot: QtBot) -> None:
    session.settings.threshold = 0.8
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    assert window.draw_tab.panel.meter.threshold == 0.8
    assert Settings().threshold == 0.8


@pytest.mark.parametrize("dataset", ["Fashion-MNIST test", "kmnist"])
def test_the_scale_is_disabled_for_a_model_that_was_not_trained_on_digits(
    dataset: str, window: MainWindow, session: Session, tmp_path: Path
) -> None:
    panel, usual = window.draw_tab.panel, session.models.chosen
    card = ModelCard(name="other", dataset=dataset)
    path = tmp_path / "other.safetensors"
    save_model(path, load_model(usual.path).model, card)
    session.models.choose(ModelEntry(path, card, is_shipped=False))
    assert not panel.meter.scale.isEnabled()
    assert "not trained on digits" in panel.meter.toolTip()
    session.models.set_comparing(True)
    assert panel.meter.scale.isEnabled()
    session.models.set_comparing(False)
    session.models.choose(usual)
    assert panel.meter.scale.isEnabled()
    assert "looks like a digit" in panel.meter.toolTip()


@pytest.mark.parametrize("text", ["nonsense", "nan", "7", "-1"])
def test_a_damaged_threshold_setting_gives_the_default(text: str) -> None:
    settings = Settings()
    settings._store.setValue("threshold", text)
    assert Settings().threshold == THRESHOLD

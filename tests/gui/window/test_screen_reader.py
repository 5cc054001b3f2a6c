"""What a screen reader is told: roles and values of painted widgets, answers, messages, and how a training ends."""

from collections.abc import Callable
from unittest.mock import Mock

import numpy as np
import pytest
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.recognition.prediction import Prediction
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.grid.grid_view import GridView
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.train.curves.series import CurveContent, RunCurve
from digitpad.gui.train.curves.texts import CurveTexts
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import ONE, SEVEN, draw
from tests.helpers.heard import Heard
from tests.helpers.tab_walk import accessible_name

Text, Role = QAccessible.Text, QAccessible.Role


def read(widget: QWidget, kind: QAccessible.Text) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(kind)


def test_an_answer_is_said_once_when_the_pad_has_come_to_rest(window: MainWindow, heard: Heard, qtbot: QtBot) -> None:
    draw(window.draw_tab.canvas, SEVEN, steps=30)
    assert heard == []
    qtbot.waitUntil(lambda: bool(heard))
    (answer,) = heard
    assert answer.startswith("7, ")
    assert "%" in answer
    assert heard.urgent == []
    QTest.qWait(1000)
    assert len(heard) == 1
    window.session.pad.clear()
    draw(window.draw_tab.canvas, ONE)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard[1].startswith("1, ")


def test_an_answer_is_not_said_while_the_pen_is_down(window: MainWindow, heard: Heard, qtbot: QtBot) -> None:
    canvas = window.draw_tab.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center())
    QTest.mouseMove(canvas, canvas.rect().center() / 2)
    QTest.qWait(1200)
    assert heard == []
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=canvas.rect().center() / 2)
    qtbot.waitUntil(lambda: len(heard) == 1)


def test_compared_models_are_said_by_name(
    window: MainWindow, session: Session, settled: Callable[[], None], heard: Heard, qtbot: QtBot
) -> None:
    session.models.set_comparing(True)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    qtbot.waitUntil(lambda: bool(heard))
    parts = heard[-1].split("; ")
    assert len(parts) == 3
    assert all(": 7, " in part for part in parts)


def test_messages_are_said_and_warnings_interrupt(window: MainWindow, heard: Heard) -> None:
    messages = window.draw_tab.messages
    messages.inform("Saved.")
    messages.warn("the disk is full")
    assert heard == ["Saved.", "The disk is full."]
    assert heard.urgent == ["The disk is full."]


def test_the_end_of_a_training_is_said_and_the_curves_are_a_text(
    window: MainWindow, session: Session, heard: Heard, qtbot: QtBot
) -> None:
    window.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    tab = window.training_tab
    quick = ["dataset=digits", "hidden=16", "epochs=3", "precision=float32", "device=cpu"]
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), quick))
    QTest.mouseClick(tab.buttons.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any("trained for" in text for text in heard))
    assert next(text for text in heard if "trained for" in text).startswith("Done: ")
    qtbot.waitUntil(lambda: tab.curves.is_idle)
    chart = tab.curves.chart
    assert read(chart, Text.Name) == "Learning curves"
    assert read(chart, Text.Value).startswith("test accuracy ")
    assert "rising" in read(chart, Text.Value)
    assert QAccessible.queryAccessibleInterface(chart).role() is Role.Chart
    chart.setFocus()
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert read(chart, Text.Value).startswith("epoch ")


def curve(accuracies: list[float], losses: list[float]) -> CurveContent:
    epochs = np.arange(1.0, len(accuracies) + 1)
    return CurveContent(live=RunCurve("a", epochs, test_accuracy=np.array(accuracies), test_loss=np.array(losses)))


@pytest.mark.parametrize(
    ("accuracies", "losses", "text"),
    [
        ([0.5, 0.982], [0.4, 0.0621], "test accuracy 98.2 %, rising; test loss 0.0621, falling"),
        ([0.99, 0.98, 0.95], [0.1, 0.2, 0.3], "test accuracy 95.0 %, falling; test loss 0.3000, rising"),
        ([0.9, 0.9004], [0.1, 0.1], "test accuracy 90.0 %, steady; test loss 0.1000, steady"),
        ([0.9], [float("nan")], "test accuracy 90.0 %, the first epoch"),
        ([], [], ""),
    ],
)
def test_the_trend_of_curves(qtbot: QtBot, accuracies: list[float], losses: list[float], text: str) -> None:
    assert CurveTexts().summary(curve(accuracies, losses)) == text


def test_painted_widgets_have_roles_and_their_values(window: MainWindow, settled: Callable[[], None]) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    tab = window.draw_tab
    bars = tab.panel.answers[0].bars
    assert QAccessible.queryAccessibleInterface(bars).role() is Role.Chart
    assert "7: 9" in read(bars, Text.Value)
    assert QAccessible.queryAccessibleInterface(tab.canvas).role() is Role.Canvas
    assert read(window.tabs, Text.Name) == "Pages"


def test_the_description_of_the_bars_is_made_when_it_is_asked_for(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = window.draw_tab.panel.answers[0].bars
    logits = np.eye(10)[3]
    sure, unsure = (
        Prediction(logits=logits, probabilities=logits),
        Prediction(logits=logits, probabilities=np.full(10, 0.1)),
    )
    listed = Mock(wraps=type(sure).listed.fget)
    monkeypatch.setattr(Prediction, "listed", property(listed))
    bars.show_prediction(sure)
    bars.show_prediction(unsure)
    listed.assert_not_called()  # with every move of the pen it would delay the answer
    assert "3: 10.0 %" in read(bars, Text.Description)
    bars.show_label(5)
    assert read(bars, Text.Description).startswith("label 5; 0: 10.0 %")
    bars.show_prediction(sure)
    assert "3: 100.0 %" in read(bars, Text.Value)


def test_a_list_is_named_by_a_label_that_is_not_shown(window: MainWindow) -> None:
    picker = window.draw_tab.panel.controls["models"]
    assert accessible_name(picker) == "Model"
    window.tabs.setCurrentIndex(PageId.TRAIN)
    window.tabs.setCurrentIndex(PageId.DRAW)
    labels = [label for label, _ in QAccessible.queryAccessibleInterface(picker).relations()]
    assert len(labels) == 1
    assert not labels[0].object().isVisible()  # type: ignore[attr-defined] - a QLabel


def test_the_item_of_a_gallery_that_a_key_chooses_is_told(themes: Themes, heard: Heard, qtbot: QtBot) -> None:
    gallery = GridView()
    qtbot.addWidget(gallery)
    gallery.setModel(QStringListModel(["zero", "one", "two"]))
    gallery.show()
    gallery.setFocus()
    qtbot.waitUntil(gallery.hasFocus)
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    QTest.keyClick(gallery, Qt.Key.Key_Right)
    assert heard.items[-2:] == ["one", "two"]
    gallery.clearFocus()
    gallery.setCurrentIndex(gallery.model().index(0, 0))
    assert heard.items[-1] == "two"


def test_nothing_is_sent_without_a_screen_reader(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", sent.append)
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)
    announce(window, "Hello")
    assert sent == []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    announce(window, "")
    announce(window, "Hello")
    assert len(sent) == 1

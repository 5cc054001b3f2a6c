"""The view "Inside" for a sample in Mistakes, in the window "Layer by layer"."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from digitpad.core.images.digits import to_floats
from digitpad.core.models.activations import activations_of
from digitpad.core.models.model_files import find_model, load_model
from digitpad.core.models.switched_off import Unit
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId


def test_a_sample_is_seen_inside_the_model_that_predicted_it(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    window.show_tab(PageId.MISTAKES)
    tab = window.mistakes_tab
    tab.sources.choose_dataset("digits")
    tab.sources.choose_model(str(find_model("mlp")))
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.inspector.sample is not None)
    with qtbot.waitSignal(session.layers.inside.followed):
        QTest.mouseClick(tab.inspector.inside_button, Qt.MouseButton.LeftButton)
    inside, sample = window.layer_window.inside, tab.inspector.sample
    qtbot.waitUntil(lambda: inside.is_settled)
    assert inside.isVisible()
    assert sample is not None
    model = load_model(find_model("mlp")).model
    expected = activations_of(model, to_floats(sample.image, sample.peak))
    assert inside.network.view is not None
    np.testing.assert_allclose(inside.network.view.activations.logits, expected.logits, rtol=1e-4, atol=1e-4)
    assert inside.network.outputs is not None
    assert inside.network.outputs.winner == sample.predicted
    # it has its own switches; the pad is not changed
    with qtbot.waitSignal(session.layers.inside.followed):
        session.layers.inside.switch(Unit(1, 0))
    assert session.inside.switched_off == frozenset()
    with qtbot.waitSignal(session.layers.inside.followed):
        QTest.mouseClick(inside.reset_button, Qt.MouseButton.LeftButton)
    views = []
    session.layers.inside.followed.connect(views.append)
    window.layer_window.tabs.setCurrentIndex(0)
    window.layer_window.tabs.setCurrentWidget(inside)
    qtbot.waitUntil(lambda: len(views) == 1)
    window.layer_window.close()

"""The network beside the form: + and − change the form, a click leads to settings, a training is seen in it."""

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.layer_statistics import NetworkStatistics, network_statistics
from digitpad.core.models.model_files import load_model
from digitpad.core.models.networks import build, frozen_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, layer_shapes, parameter_count
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.epochs import sample_of
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.threads import generator_worker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.train.network.edits import with_layers, with_units
from digitpad.gui.train.network.panel import NetworkPanel
from digitpad.gui.train.network.texts import figure
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow

SMALL = ["dataset=digits", "hidden=16,8", "batch_size=100", "precision=float32", "device=cpu"]
_NOWHERE = Path()  # these sets come with the program


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    """The Train tab, with the network in view."""
    window.show_tab(1)
    tab = window.training_tab
    QTest.mouseClick(tab.pictures.switch.buttons[tab.network], Qt.MouseButton.LeftButton)
    return tab


def show(tab: TrainTab, recipe: str, *settings: str) -> Recipe:
    changed = with_settings(load_recipe(recipe), list(settings))
    tab.form.set_recipe(changed)
    return changed


def field(tab: TrainTab, key: str) -> QWidget:
    found = tab.form.findChild(QWidget, key)
    assert found is not None
    return found


def press(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def sizes(tab: TrainTab) -> list[str]:
    return [column.size_text for column in tab.network.view.columns]


def hidden(tab: TrainTab) -> tuple[int, ...]:
    model = tab.form.model
    assert isinstance(model, MLPSpec)
    return model.hidden


def test_plus_and_minus_change_the_units_of_the_form(tab: TrainTab) -> None:
    show(tab, "xor-mlp", "hidden=2,2")
    assert sizes(tab) == ["2", "2", "2", "1"]
    press(tab.network.view.columns[1].more)
    assert hidden(tab) == (3, 2)
    assert field(tab, "model.hidden").property("text") == "3, 2"
    assert sizes(tab) == ["2", "3", "2", "1"]
    press(tab.network.view.columns[2].fewer)
    assert hidden(tab) == (3, 1)
    assert not tab.network.view.columns[2].fewer.isEnabled()
    assert tab.form.is_changed


def test_plus_and_minus_change_the_hidden_layers_of_the_form(tab: TrainTab) -> None:
    show(tab, "xor-mlp", "hidden=3")
    press(tab.network.more_layers)
    assert hidden(tab) == (3, 3)
    press(tab.network.fewer_layers)
    press(tab.network.fewer_layers)
    assert hidden(tab) == ()
    assert sizes(tab) == ["2", "1"]
    assert not tab.network.fewer_layers.isEnabled()
    press(tab.network.more_layers)
    assert hidden(tab) == (2,)


def test_a_change_is_undone_as_any_edit_of_the_form(tab: TrainTab) -> None:
    tab.form.set_recipe("xor-mlp")
    press(tab.network.view.columns[1].more)
    assert tab.form.is_changed
    (reset,) = [part for part in tab.form.findChildren(QWidget) if part.property("text") == "Reset to the recipe"]
    press(reset)
    assert hidden(tab) == (10, 10, 10)
    assert sizes(tab) == ["2", "10", "10", "10", "1"]


def test_the_network_follows_what_is_typed_into_the_form(tab: TrainTab) -> None:
    show(tab, "mlp-fast")
    line = field(tab, "model.hidden")
    line.setFocus()
    line.setProperty("text", "")
    QTest.keyClicks(line, "30, 20, 10")
    assert sizes(tab) == ["28x28", "30", "20", "10", "10"]
    QTest.keyClicks(line, "x")
    assert sizes(tab) == []
    assert "not valid" in tab.network.text
    assert not tab.network.more_layers.isEnabled()


@pytest.mark.parametrize("name", ["mlp-fast", "softmax", "cnn-fast", "xor-mlp"])
def test_parameters_are_counted_for_each_layer_and_in_all(tab: TrainTab, name: str) -> None:
    spec = show(tab, name).model
    first, *others = [column.parameters_text for column in tab.network.view.columns]
    assert first == f"{parameter_count(spec):,} in all"
    assert others == [f"{layer.parameters:,}" for layer in layer_shapes(spec)[1:]]


def test_plus_makes_a_network_with_a_hidden_layer_of_a_softmax_regression(tab: TrainTab) -> None:
    show(tab, "softmax")
    assert not tab.network.fewer_layers.isEnabled()
    press(tab.network.more_layers)
    assert hidden(tab) == (100,)
    assert tab.form.is_valid


def test_blocks_and_maps_of_a_cnn_change(tab: TrainTab) -> None:
    show(tab, "cnn-fast", "channels=8,16", "dense=15")
    press(tab.network.more_layers)
    press(tab.network.view.columns[1].more)
    press(tab.network.view.columns[4].fewer)
    model = tab.form.model
    assert isinstance(model, CNNSpec)
    assert (model.channels, model.dense) == ((9, 16, 32), 14)
    assert not tab.network.more_layers.isEnabled()


@pytest.mark.parametrize(
    ("name", "number", "key"),
    [
        ("mlp-fast", 0, "dataset"),
        ("mlp-fast", 2, "model.hidden"),
        ("mlp-fast", 3, "model.output"),
        ("cnn-fast", 1, "model.channels"),
        ("cnn-fast", 4, "model.dense"),
        ("softmax", 1, "model.kind"),
    ],
)
def test_a_click_on_a_layer_leads_to_its_settings(
    tab: TrainTab, qtbot: QtBot, window: MainWindow, name: str, number: int, key: str
) -> None:
    show(tab, name)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    column = tab.network.view.columns[number]
    QTest.mouseClick(column, Qt.MouseButton.LeftButton, pos=QPoint(column.width() // 2, column.height() - 30))
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused is field(tab, key) or field(tab, key).isAncestorOf(focused)
    assert field(tab, key).isVisible()


@pytest.mark.parametrize("engine", ["torch", "numpy"])
def test_a_training_of_a_small_network_draws_its_weights(
    tab: TrainTab, session: Session, qtbot: QtBot, engine: str
) -> None:
    show(tab, "xor-mlp", "hidden=3,2", "epochs=100000", f"engine={engine}", "learning_rate=1")
    seen: list[NetworkStatistics] = []
    session.training.layers_seen.connect(seen.append)
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: len(seen) > 2)
    view = tab.network.view
    assert view.has_lines
    assert view.statistics is seen[-1]
    assert [layer.lines.shape for layer in seen[-1].layers if layer.lines is not None] == [(3, 2), (2, 3), (1, 2)]
    former, newest = (found.layers[0].lines for found in (seen[0], seen[-1]))
    assert former is not None
    assert newest is not None
    assert not np.array_equal(former, newest)
    assert "dashed orange lowers" in tab.network.text
    assert not view.columns[1].more.isEnabled()
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert view.statistics is not None
    press(view.columns[1].more)
    assert view.statistics is None


def test_a_large_network_is_measured_while_it_is_watched(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    show(tab, "mlp-fast", *SMALL, "epochs=100000")
    seen: list[NetworkStatistics] = []
    session.training.layers_seen.connect(seen.append)
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: len(seen) > 2)
    assert tab.network.view.statistics is seen[-1]
    assert not tab.network.view.has_lines
    assert [layer.units for layer in seen[-1].layers] == [16, 8, 10]
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


@pytest.mark.parametrize("batch_seconds", [0, math.inf])
def test_gradients_of_a_training_that_exploded_are_told_in_words(
    tab: TrainTab, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, batch_seconds: float
) -> None:
    # It may be over before the window is told of its start.
    monkeypatch.setattr(generator_worker, "_BATCH_SECONDS", batch_seconds)
    settings = ["loss=sse", "output=linear", "optimizer=sgd", "learning_rate=5", "label_smoothing=0", "activation=relu"]
    show(tab, "mlp-fast", *SMALL, *settings, "schedule=constant")
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.is_busy)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert "lower the learning rate" in tab.network.text


def test_why_a_training_exploded_stays_when_its_run_gets_another_name(
    tab: TrainTab, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = ["loss=sse", "output=linear", "optimizer=sgd", "label_smoothing=0", "activation=relu"]
    show(tab, "mlp-fast", *SMALL, *settings, "schedule=constant", "learning_rate=5", "epochs=50", "batch_size=full")
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.is_busy)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    (run,) = session.runs.runs
    assert run.has_model
    with qtbot.waitSignal(session.runs.renamed):
        session.runs.rename(run, "too fast")
    submitted: list[object] = []
    monkeypatch.setattr(LatestOnlyWorker, "submit", lambda _worker, value: submitted.append(value))
    press(tab.pictures.switch.buttons[tab.weights])
    press(tab.pictures.switch.buttons[tab.network])
    assert submitted == []
    assert "lower the learning rate" in tab.network.text


def test_a_line_says_its_weight_and_a_unit_its_bias(tab: TrainTab) -> None:
    recipe = show(tab, "xor-mlp", "hidden=2")
    model = build(recipe.model)
    for parameter, value in zip(model.parameters(), (1.5, 0.25, -2.0, 0.5), strict=True):
        parameter.data.fill_(value)
    found = network_statistics(frozen_copy(model), load_digits("xor", "train", _NOWHERE), "binary-cross-entropy")
    tab.network.start(recipe)
    tab.network.show_statistics(found)
    view = tab.network.view
    left, right = (column.geometry() for column in view.columns[1:])
    centres = view._centres()
    middle = (centres[1][0] * 3 + centres[2][0]) / 4
    assert left.left() < middle.x() < right.right()
    assert view.text_at(middle) == "weight −2"
    assert view.text_at(centres[1][1]) == "unit 1 of hidden 1: bias 0.25"
    assert view.text_at(QPointF(1, view.height() - 1)) == ""


def test_dead_units_are_told_in_words(tab: TrainTab) -> None:
    recipe = show(tab, "mlp-fast", *SMALL)
    model = build(recipe.model)
    with_dead = model.layers[1]
    with_dead.bias.data[:4] = -1000  # type: ignore[union-attr]
    found = network_statistics(frozen_copy(model), load_digits("digits", "test", _NOWHERE), "cross-entropy")
    tab.network.start(recipe)
    tab.network.show_statistics(found)
    idle = found.layers[0].idle
    assert idle >= 4
    assert f"hidden 1: {idle} of 16 units never fire." in tab.network.text


def test_another_run_is_not_drawn_with_the_figures_of_the_last(tab: TrainTab) -> None:
    recipe = show(tab, "xor-mlp", "hidden=2")
    start, found = (
        network_statistics(
            frozen_copy(build(recipe.model)), load_digits("xor", "train", _NOWHERE), "binary-cross-entropy"
        )
        for _ in range(2)
    )
    tab.network.start(recipe)
    tab.network.show_statistics(start)
    tab.network.show_statistics(found)
    tab.network.finish()
    assert tab.network.view.statistics is found
    show(tab, "xor-mlp", "hidden=3")
    assert tab.network.view.statistics is None
    show(tab, "xor-mlp", "hidden=2")
    assert tab.network.view.statistics is found
    tab.network.clear()
    assert tab.network.view.statistics is None


def test_what_was_measured_at_the_start_only_is_not_shown_as_learned(tab: TrainTab) -> None:
    recipe = show(tab, "mlp-fast", *SMALL)
    model = frozen_copy(build(recipe.model))
    tab.network.start(recipe)
    tab.network.show_statistics(network_statistics(model, load_digits("digits", "test", _NOWHERE), "cross-entropy"))
    assert tab.network.view.statistics is not None
    tab.network.finish()
    assert tab.network.view.statistics is None


def test_a_run_of_a_gate_is_drawn_with_its_weights_when_it_is_selected(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    recipe = with_settings(load_recipe("xor-mlp"), ["hidden=2", "epochs=3"])
    *_, closed = run_job(TrainingJob(recipe, "xor-mlp", "gate"))
    assert isinstance(closed, RunClosed)
    window.show_tab(1)
    tab = window.training_tab
    qtbot.waitUntil(lambda: session.runs.is_settled and bool(tab.runs.model.runs))
    tab.form.set_recipe(recipe)
    tab.runs.select(closed.run)
    press(tab.pictures.switch.buttons[tab.network])
    qtbot.waitUntil(lambda: tab.network.view.has_lines)
    assert "dashed orange lowers" in tab.network.text


def test_a_run_of_images_is_drawn_with_what_is_measured_of_its_weights_when_it_is_looked_at(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    recipe = with_settings(load_recipe("mlp-fast"), [*SMALL, "epochs=1"])
    *_, closed = run_job(TrainingJob(recipe, "mlp-fast", "images"))
    assert isinstance(closed, RunClosed)
    session.runs.refresh()
    qtbot.waitUntil(lambda: session.runs.is_settled and bool(tab.runs.model.runs))
    tab.form.set_recipe(recipe)
    tab.runs.select(closed.run)
    qtbot.waitUntil(lambda: tab.network.view.statistics is not None)
    shown, model = tab.network.view.statistics, load_model(closed.run.kept_model().path).model
    sample = sample_of(load_digits("digits", "train", _NOWHERE), 100)
    measured = network_statistics(model, sample, recipe.training.loss)
    assert shown is not None
    assert [layer.gradient_size for layer in shown.layers] == [layer.gradient_size for layer in measured.layers]

    show(tab, "mlp-fast", *SMALL, "hidden=9")
    assert tab.network.view.statistics is None
    assert "the run has another one" in tab.network.text


def test_a_stopped_training_that_nobody_looked_at_is_drawn_with_its_best_weights(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    press(tab.pictures.switch.buttons[tab.weights])
    show(tab, "mlp-fast", *SMALL, "epochs=10000")
    tab.launcher.start()
    qtbot.waitUntil(lambda: session.training.progress.epoch > 2, timeout=30_000)
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert tab.network.view.statistics is None  # what was measured at the start is not its result
    press(tab.pictures.switch.buttons[tab.network])
    qtbot.waitUntil(lambda: tab.network.view.statistics is not None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0213, "0.021"),
        (-3.4, "−3.4"),
        (99.6, "100"),
        (100, "100"),
        (-689.0, "−690"),
        (32_400, "32,000"),
        (2e-7, "2e−7"),
        (3.2e5, "3.2e5"),
        (math.inf, "inf"),
        (math.nan, "–"),
    ],
)
def test_figures_have_an_exponent_only_where_they_would_be_long(value: float, text: str) -> None:
    assert figure(value) == text


def test_edits_stay_within_what_a_recipe_may_have() -> None:
    assert with_units(MLPSpec(hidden=(8192,)), 1, 1) is None
    assert with_units(MLPSpec(hidden=(1,)), 1, -1) is None
    assert with_units(MLPSpec(hidden=(20,)), 1, -1) == {"model.hidden": "19"}
    assert with_units(MLPSpec(hidden=(20,)), 1, 1) == {"model.hidden": "30"}
    assert with_units(MLPSpec(hidden=(300,)), 1, -1) == {"model.hidden": "200"}
    assert with_units(MLPSpec(), 0, 1) is None
    assert with_layers(MLPSpec(hidden=(4,) * 8), 1) is None
    assert with_layers(CNNSpec(channels=(512,)), 1) == {"model.channels": "512, 512"}
    assert with_layers(CNNSpec(channels=(8,)), -1) is None
    assert with_layers(SoftmaxSpec(), -1) is None


def test_a_wide_network_scrolls_sideways_only_and_its_texts_are_whole(themes: Themes, qtbot: QtBot) -> None:
    panel = NetworkPanel()
    qtbot.addWidget(panel)
    panel.show_model(CNNSpec(channels=(32, 32, 64)))
    panel.resize(357, 180)
    panel.show()
    area = panel.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(area.horizontalScrollBar().isVisible)
    assert not area.verticalScrollBar().isVisible()
    labels = [label for column in panel.view.columns for label in column.findChildren(QLabel)]
    labels[-1].setText("all of them 123,456,789")
    qtbot.waitUntil(lambda: all(label.width() >= label.sizeHint().width() for label in labels))

"""Logic gates: the dialog with a perceptron, and XOR as a small net."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.loading import GATES
from digitpad.core.evaluation.weight_images import described
from digitpad.core.runs.training_job import TrainingJob, run_job
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.theme.theme import Themes
from digitpad.gui.train.gates.dialog import GatesDialog, perceptron_recipe
from digitpad.gui.train.runs.runs_model import NAME, RECIPE
from digitpad.gui.train.weights.grid import point_in
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(themes: Themes, qtbot: QtBot) -> GatesDialog:
    dialog = GatesDialog()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


@pytest.mark.parametrize(
    ("gate", "weights", "sums"),
    [
        ("and", (0.5, 0.5, -0.7), ["−0.70", "−0.20", "−0.20", "0.30"]),
        ("nand", (-0.5, -0.5, 0.7), ["0.70", "0.20", "0.20", "−0.30"]),
        ("or", (0.6, 0.6, -0.5), ["−0.50", "0.10", "0.10", "0.70"]),
    ],
)
def test_a_preset_makes_its_gate(
    dialog: GatesDialog, gate: str, weights: tuple[float, float, float], sums: list[str]
) -> None:
    page = dialog.by_hand
    QTest.mouseClick(page.presets[gate], LEFT)
    assert tuple(field.value for field in page.weights) == weights
    assert [row[2] for row in page.table.rows] == sums
    assert [row[3] for row in page.table.rows] == [f"✓ {label}" for label in GATES[gate]]
    assert page.verdict == f"✓ All four are right: this is {gate.upper()}."


def test_table_and_plane_follow_slider_and_number(dialog: GatesDialog) -> None:
    page = dialog.by_hand
    bias = page.weights[2]
    bias.slider.setFocus()
    QTest.keyClick(bias.slider, Qt.Key.Key_PageUp)
    QTest.keyClick(bias.slider, Qt.Key.Key_PageUp)
    assert bias.number.value() == pytest.approx(-0.5)
    assert page.table.rows[1][2:4] == ["0.00", "✓ 0"]
    bias.number.setFocus()
    bias.number.selectAll()
    QTest.keyClicks(bias.number, "-0.4")
    QTest.keyClick(bias.number, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert bias.slider.value() == -40
    assert page.table.rows[1][2:4] == ["0.10", "✗ 1"]
    assert page.verdict.startswith("✗ 2 of 4")
    (place,) = page.plane.image_rects()
    assert place.right() + 1 <= page.plane.width()  # its frame is seen on all sides
    assert "output 1" in page.plane.text_at(point_in(place, 0.0, 1.0))
    assert "output 0" in page.plane.text_at(point_in(place, 0.0, 0.0))
    assert "x1 = −0.2" in page.plane.text_at(point_in(place, -0.2, 0.0))
    shown = page.plane.grab().toImage()
    on_side, off_side = (shown.pixelColor(point_in(place, *at).toPoint()) for at in ((1.2, 1.2), (-0.2, -0.2)))
    assert on_side != off_side


def test_for_xor_it_says_why_one_line_cannot(dialog: GatesDialog) -> None:
    page = dialog.by_hand
    page.gate.setFocus()
    QTest.keyClick(page.gate, Qt.Key.Key_X)
    for key in page.presets:
        QTest.mouseClick(page.presets[key], LEFT)
        assert page.gate.raw == "xor"
        assert "opposite corners" in page.verdict
    assert page.verdict.startswith("✗ 3 of 4")
    assert [row[4] for row in page.table.rows] == ["0", "1", "1", "0"]


def test_weights_of_zero_have_no_line_and_no_problem(dialog: GatesDialog) -> None:
    for field in dialog.by_hand.weights:
        field.number.setValue(0)
    assert not dialog.by_hand.plane.grab().isNull()
    assert [row[3] for row in dialog.by_hand.table.rows] == ["✓ 0", "✓ 0", "✓ 0", "✗ 0"]


def test_the_net_makes_xor_and_its_table_is_copied(dialog: GatesDialog) -> None:
    table = dialog.net.table
    assert [row[2:] for row in table.rows] == [["1", "0", "0"], ["1", "1", "1"], ["1", "1", "1"], ["0", "1", "0"]]
    QTest.keySequence(table, QKeySequence.StandardKey.Copy)
    assert QGuiApplication.clipboard().text().splitlines()[0].split("\t")[2:] == ["NAND", "OR", "AND(NAND, OR)"]


def test_the_table_stays_as_wide_as_its_columns(dialog: GatesDialog, qtbot: QtBot) -> None:
    table = dialog.by_hand.table
    header = table.horizontalHeader()
    before = header.length()
    table.model().setHeaderData(2, Qt.Orientation.Horizontal, "sum")
    qtbot.waitUntil(lambda: header.length() < before)
    for _ in range(3):
        QApplication.processEvents()
    assert table.viewport().width() == header.length()


@pytest.mark.parametrize(("gate", "learns"), [("and", True), ("nand", True), ("or", True), ("xor", False)])
def test_a_perceptron_learns_every_gate_but_xor(gate: str, learns: bool) -> None:
    done = [event for event in run_job(TrainingJob(perceptron_recipe(gate), gate)) if isinstance(event, EpochDone)]
    assert (done[-1].test_accuracy == 1) is learns


def test_menu_and_button_open_one_dialog_and_it_leads_to_the_trainings(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_.gates.trigger()
    (dialog,) = window.findChildren(GatesDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    QTest.mouseClick(dialog.train_xor, LEFT)
    tab = window.training_tab
    assert not dialog.isVisible()
    assert window.tabs.currentIndex() == PageId.TRAIN
    assert tab.form.recipe == load_recipe("xor-mlp")
    assert tab.form.recipe_name == "xor-mlp"
    tab.weights.set_labels(GATES["xor"])
    tab.weights.show_images(described("surface", np.zeros((1, 64, 64), np.float32), 1, (0.1, 0.9, 0.9, 0.1)))
    QTest.mouseClick(tab.weights.table.gates_button, LEFT, pos=QPoint(8, 8))
    assert dialog.isVisible()
    tab.form.go_to("training.seed")  # far below
    assert not _is_in_view(tab.form._picker.box)
    QTest.mouseClick(dialog.train_one, LEFT)
    assert _is_in_view(tab.form._picker.box)
    recipe = tab.form.recipe
    assert recipe is not None
    assert (recipe.dataset, recipe.model) == ("and", replace(load_recipe("xor-mlp").model, hidden=()))
    tab.form.set_recipe(perceptron_recipe("or"))
    tab.progress_line.follow.setChecked(False)
    QTest.mouseClick(tab.buttons.start, LEFT)
    window.actions_.gates.trigger()
    QTest.mouseClick(dialog.train_xor, LEFT)
    assert "being trained" in tab.messages.text
    assert tab.form.recipe == perceptron_recipe("or")
    qtbot.waitUntil(tab.runs.view.isVisible)
    assert [tab.runs.model.index(0, column).data() for column in (NAME, RECIPE)] == ["One perceptron, OR"] * 2
    QTest.mouseClick(tab.buttons.stop, LEFT)
    qtbot.waitUntil(lambda: window._session.training.state is TrainingState.IDLE)


def _is_in_view(widget: QWidget) -> bool:
    return widget.visibleRegion().boundingRect() == widget.rect()

"""Every window and dialog by keys alone: Tab reaches all, a ring is around it, screen readers get names and roles."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

import digitpad.gui
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.runtime.error_report import report_on
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.error_dialog import ErrorDialog
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from digitpad.gui.window.saving_dialog import SavingDialog
from tests.helpers.format_files import some_digits, write_csv
from tests.helpers.gui import SEVEN, draw
from tests.helpers.tab_walk import check_rings, check_walk

LEFT = Qt.MouseButton.LeftButton


class Opener:
    """Opens each window; a method has the name of the window's class."""

    def __init__(self, window: MainWindow, settled: Callable[[], None], qtbot: QtBot, folder: Path) -> None:
        self._window, self._settled, self._qtbot, self._folder = window, settled, qtbot, folder

    def about_dialog(self) -> None:
        self._window.actions_.about.trigger()

    def model_card_dialog(self) -> None:
        self._window.actions_.about_model.trigger()

    def gates_dialog(self) -> None:
        self._window.actions_.gates.trigger()

    def layer_window(self) -> None:
        draw(self._window.draw_tab.canvas, SEVEN)
        self._settled()
        self._window.actions_.layers.trigger()
        self._qtbot.waitUntil(lambda: bool(self._window.session.layers.inside.is_settled))

    def guide_window(self) -> None:
        self._window.actions_.guide.trigger()

    def saving_dialog(self) -> None:
        dialog = SavingDialog(MyDigitsService(), self._window)
        self._qtbot.addWidget(dialog)
        dialog.show()
        self._qtbot.waitUntil(dialog.stay.isVisible)

    def error_dialog(self) -> None:
        dialog = ErrorDialog(report_on(ValueError("a fault")), self._window)
        self._qtbot.addWidget(dialog)
        dialog.show()

    def preview_dialog(self) -> None:
        images, labels = some_digits(60)
        tab = self._train_tab()
        tab.show_data(str(write_csv(self._folder / "own.csv", (255 - images, labels))))
        own = tab.data.own_data
        self._qtbot.waitUntil(lambda: own.dialog is not None and not own.dialog.is_reading)

    def sheet_preview(self) -> None:
        self._window.show_tab(PageId.MISTAKES)
        tab = self._window.mistakes_tab
        tab.sources.choose_dataset("digits")
        self._qtbot.waitUntil(lambda: not self._window.session.evaluation.is_busy and tab.browser.samples is not None)
        assert tab.browser.samples is not None
        tab.export_actions.print_(tab.browser.samples, [0, 1, 2], "Three")

    def sweep_dialog(self) -> None:
        QTest.mouseClick(self._train_tab().buttons.compare, LEFT)

    def sweep_results(self) -> None:
        tab = self._train_tab("one", "two")
        tab.sweeps.show_results(tab.runs.model.runs[0])

    def program_dialog(self) -> None:
        link = self._train_tab().form.findChild(QPushButton, "program")
        assert isinstance(link, QPushButton)
        QTest.mouseClick(link, LEFT)

    def differences_dialog(self) -> None:
        tab = self._train_tab("one", "two")
        tab.runs.view.selectAll()
        tab.runs.menu.differences.trigger()

    def longer_dialog(self) -> None:
        tab = self._train_tab("one")
        tab.runs.select(tab.runs.model.runs[0])
        tab.runs.menu.longer.trigger()

    def _train_tab(self, *runs: str) -> TrainTab:
        for number, name in enumerate(runs):
            recipe = with_settings(load_recipe("xor-mlp"), [f"epochs={5 + number}"])
            assert isinstance([*run_job(TrainingJob(recipe, "xor-mlp", name, sweep="all"))][-1], RunClosed)
        self._window.show_tab(PageId.TRAIN)
        self._qtbot.waitUntil(lambda: self._window.session.runs.was_read and self._window.session.runs.is_settled)
        return self._window.training_tab


WINDOWS = ("Dialog", "MessageBox", "Wizard", "QMainWindow")


def window_classes() -> set[str]:
    """Return the classes of the program whose widgets are windows of their own."""
    found = set()
    for source in Path(digitpad.gui.__path__[0]).rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        if not any(end in text for end in WINDOWS):  # to parse all takes a second in each of the tests' processes
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
                if any(base.endswith(WINDOWS) for base in bases):
                    found.add(node.name)
    return found


CLASSES = sorted(window_classes() - {"MainWindow"})


def method_of(kind: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind).removeprefix("_")


def test_every_window_of_the_program_is_tried() -> None:
    assert len(CLASSES) > 10
    assert [kind for kind in CLASSES if not hasattr(Opener, method_of(kind))] == []


@pytest.mark.parametrize("kind", ["AboutDialog", "ModelCardDialog", "ProgramDialog", "DifferencesDialog"])
def test_enter_closes_a_window_that_only_tells_something(
    window: MainWindow, settled: Callable[[], None], qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    getattr(Opener(window, settled, qtbot, tmp_path), method_of(kind))()
    dialog = next(w for w in QApplication.topLevelWidgets() if type(w).__name__ == kind and w.isVisible())
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not is_shown(kind))


@pytest.mark.parametrize("kind", CLASSES)
def test_a_window_is_used_with_keys_alone(
    window: MainWindow, settled: Callable[[], None], qtbot: QtBot, tmp_path: Path, kind: str
) -> None:
    window.resize(1280, 800)
    getattr(Opener(window, settled, qtbot, tmp_path), method_of(kind))()
    dialog = next(w for w in QApplication.topLevelWidgets() if type(w).__name__ == kind and w.isVisible())
    check_walk(dialog)
    check_rings(dialog, window.focus_ring)
    assert dialog.windowTitle()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not is_shown(kind))


def is_shown(kind: str) -> bool:
    return any(type(widget).__name__ == kind and widget.isVisible() for widget in QApplication.topLevelWidgets())

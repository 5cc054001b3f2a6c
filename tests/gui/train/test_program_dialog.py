"""The settings of the form as a program: read, copied, saved."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from digitpad.core.programs.program import program_of
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.train.program_dialog import ProgramDialog
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    window.resize(1280, 800)
    window.show_tab(PageId.TRAIN)
    return window.training_tab


def link(tab: TrainTab) -> QPushButton:
    found = tab.form.findChild(QPushButton, "program")
    assert isinstance(found, QPushButton)
    return found


def test_the_link_shows_the_program_of_the_changed_settings_and_copies_it(tab: TrainTab) -> None:
    recipe = with_settings(load_recipe("xor-mlp"), ["epochs=7"])
    tab.form.set_recipe(recipe)
    seen: list[str] = []

    def use_dialog() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ProgramDialog)
        seen.append(dialog.code.toPlainText())
        QTest.mouseClick(dialog.copy_button, LEFT)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    QTest.mouseClick(link(tab), LEFT)
    use_dialog()
    assert "EPOCHS, BATCH, SEED = 7" in seen[0]
    assert QGuiApplication.clipboard().text() == seen[0]
    assert seen[0] == program_of(recipe, tab.form.recipe_name or "recipe")


def test_the_program_is_saved_and_the_message_names_the_file(tab: TrainTab, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "xor.py"
    tab.programs.save_to(load_recipe("xor-mlp"), "xor-mlp", path)
    qtbot.waitUntil(lambda: str(path) in tab.messages.text)
    assert path.read_text(encoding="utf-8") == program_of(load_recipe("xor-mlp"), "xor-mlp")


def test_a_program_that_cannot_be_saved_gives_a_sentence(tab: TrainTab, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "xor.py"
    tab.programs.save_to(load_recipe("xor-mlp"), "xor-mlp", path)
    qtbot.waitUntil(lambda: str(path) in tab.messages.text)
    assert not path.exists()
    assert "Errno" not in tab.messages.text


def test_the_link_is_disabled_while_a_field_is_invalid(tab: TrainTab) -> None:
    assert link(tab).isEnabled()
    rate = tab.form.findChild(QLineEdit, "training.learning_rate")
    assert rate is not None
    rate.setFocus()
    QTest.keyClicks(rate, "x")
    assert not link(tab).isEnabled()

"""The pad's list of models has every run, under its present name, and follows the list of runs."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from digitpad.core.runs.run_folder import Run, update_info
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import status_text

SHIPPED = ["Softmax", "MLP", "CNN"]


def trained(name: str) -> Run:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=1", "train_first=200"])
    closed = [*run_job(TrainingJob(recipe, "softmax", name))][-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.fixture
def runs() -> list[Run]:
    """Two runs that exist before the window is opened, oldest first."""
    return [trained("first"), trained("second")]


@pytest.fixture
def shown(runs: list[Run], window: MainWindow, session: Session, qtbot: QtBot) -> MainWindow:
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    return window


def model_box(window: MainWindow) -> QComboBox:
    return next(box for box in window.draw_tab.panel.findChildren(QComboBox) if box.accessibleName() == "Model")


def listed(window: MainWindow) -> list[str]:
    box = model_box(window)
    return [box.itemText(row) for row in range(box.count())]


def menu_texts(window: MainWindow) -> list[str]:
    menus = {menu.title(): menu for menu in window.menuBar().findChildren(type(window.menuBar().addMenu("")))}
    return [action.text() for action in menus["&Runs"].actions()]


def test_runs_are_listed_at_the_start_newest_first(shown: MainWindow) -> None:
    assert listed(shown) == [*SHIPPED, "Runs", "second", "first"]
    assert menu_texts(shown) == ["second", "first"]
    assert not model_box(shown).model().flags(model_box(shown).model().index(3, 0)) & Qt.ItemFlag.ItemIsEnabled


def test_a_run_of_the_list_recognises_drawings(shown: MainWindow, session: Session, runs: list[Run]) -> None:
    box = model_box(shown)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    assert session.models.chosen.path.parent == runs[0].folder
    assert box.currentText() == "first"
    assert status_text(shown, "model").startswith("first · ")


def test_a_renamed_run_has_its_new_name_everywhere(
    shown: MainWindow, session: Session, runs: list[Run], qtbot: QtBot
) -> None:
    session.use_run(runs[0])
    qtbot.waitUntil(lambda: status_text(shown, "model").startswith("first · "))
    shown.show_tab(PageId.MISTAKES)
    tab = shown.mistakes_tab
    tab.show_run(runs[0])
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None)
    assert tab.gallery.title == "first on built-in digits test"
    tab.gallery.grid.select_index(int(tab.browser.indices[3]))
    session.runs.rename(runs[0], "R & D")
    assert listed(shown) == [*SHIPPED, "Runs", "second", "R & D"]
    assert model_box(shown).currentText() == "R & D"
    assert status_text(shown, "model").startswith("R & D · ")
    assert menu_texts(shown) == ["second", "R && D"]
    assert tab.overview.sources.model.currentText().startswith("R & D · ")
    assert tab.browser.samples is not None  # the samples stay while the title changes
    qtbot.waitUntil(lambda: not session.evaluation.is_busy)
    assert tab.gallery.title == "R & D on built-in digits test"
    assert tab.gallery.grid.selected_ids().tolist() == [tab.browser.indices[3]]


def test_the_names_of_compared_models_are_the_present_ones(
    shown: MainWindow, session: Session, runs: list[Run], qtbot: QtBot
) -> None:
    session.use_run(runs[0])
    qtbot.waitUntil(lambda: status_text(shown, "model").startswith("first · "))
    session.models.set_comparing(True)
    session.runs.rename(runs[0], "new")
    assert [entry.card.name for entry in session.models.compared][-1] == "new"
    assert shown.draw_tab.panel.names == [*SHIPPED, "new"]


def test_a_deleted_run_leaves_the_list_and_comes_back(shown: MainWindow, session: Session, runs: list[Run]) -> None:
    session.models.choose(session.models.entries[-1])
    session.runs.delete([session.runs.runs[1]])
    assert listed(shown) == [*SHIPPED, "Runs", "second"]
    assert model_box(shown).currentText() == "CNN"
    session.runs.undo_delete()
    assert listed(shown) == [*SHIPPED, "Runs", "second", "first"]
    assert model_box(shown).currentText() == "first"


def test_a_hundred_runs_fit_into_the_list_and_the_menu(
    runs: list[Run], window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    for number in range(100):
        copy = shutil.copytree(runs[0].folder, runs[0].folder.with_name(f"copy-{number}"))
        update_info(Path(copy), name=f"{'a long name ' * 9}{number}")
    session.runs.refresh()
    qtbot.waitUntil(lambda: session.runs.is_settled)
    assert len(listed(window)) == 106
    assert len(menu_texts(window)) == 20
    box = model_box(window)
    width = box.width()
    session.models.choose(session.models.entries[-1])
    assert box.width() == width
    box.showPopup()
    assert box.view().window().height() <= window.screen().availableGeometry().height()
    assert box.view().verticalScrollBar().maximum() > 0
    box.hidePopup()


def test_the_file_of_a_shipped_model_is_listed_once_in_mistakes(
    shown: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    shown.show_tab(PageId.MISTAKES)
    sources = shown.mistakes_tab.sources
    mlp = next(entry for entry in session.models.entries if entry.name == "mlp")
    link = tmp_path / "mlp.safetensors"
    link.symlink_to(mlp.path)
    box = shown.mistakes_tab.overview.sources.model
    before = [box.itemText(row) for row in range(box.count())]
    for path in (mlp.path, link):
        sources.open_file(path)
        assert box.currentText().startswith("MLP · ")
        assert [box.itemText(row) for row in range(box.count())] == before
    qtbot.waitUntil(lambda: not session.evaluation.is_busy)

"""Files given on the command line, by double click or dropped on the window: models, runs, recipes, drawings."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from pytestqt.qtbot import QtBot

from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import display_name, find_model
from digitpad.core.runs.run_folder import BEST, Run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe, save_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId


@pytest.fixture
def run() -> Run:
    recipe = with_settings(load_recipe("softmax"), ["epochs=1", "dataset=digits", "train_first=200", "test_first=300"])
    closed = [*run_job(TrainingJob(recipe, "softmax", "mine"))][-1]
    assert isinstance(closed, RunClosed)
    return closed.run


def bar(path: Path, *, is_tall: bool) -> Path:
    picture = Image.new("L", (90, 90), 255)
    picture.paste(0, (40, 10, 50, 80) if is_tall else (10, 40, 80, 50))
    picture.save(path)
    return path


def shows_tall_bar(session: Session) -> bool:
    picture = session.pad.drawing.picture
    assert picture is not None
    rows, columns = (np.count_nonzero(picture.any(axis=axis)) for axis in (1, 0))
    return bool(rows > columns)


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.files.drop(data)


def test_the_folder_of_a_run_chooses_its_model(
    window: MainWindow, session: Session, run: Run, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.chdir(run.folder.parent)
    with qtbot.waitSignal(session.opened):
        window.files.open_files([Path(run.id)])
    assert session.models.chosen.path == run.folder / BEST
    assert display_name(session.models.chosen) == "mine"
    assert not session.pad.drawing


def test_a_folder_without_a_run_is_refused_by_its_name(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(session.problem_found):
        window.files.open_files([tmp_path])
    assert window.draw_tab.messages.text == f"{tmp_path} is a folder: choose a file."


def test_a_shipped_model_opened_by_its_file_keeps_its_name_in_the_list(
    window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    before = [display_name(entry) for entry in session.models.entries]
    with qtbot.waitSignal(session.opened):
        window.files.open_files([find_model("mlp")])
    assert session.models.chosen.name == "mlp"
    assert [display_name(entry) for entry in session.models.entries] == before


def test_a_recipe_opens_in_the_train_tab(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    recipe = with_settings(load_recipe("digits-mlp"), ["epochs=7", "hidden=33"])
    path = save_recipe("seven epochs", recipe).rename(tmp_path / "handed in.toml")
    with qtbot.waitSignal(session.recipe_opened):
        window.files.open_files([path])
    assert window.tabs.currentIndex() == PageId.TRAIN
    assert window.training_tab.form.recipe == recipe


def test_a_broken_recipe_is_one_sentence(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("title = [", encoding="utf-8")
    with qtbot.waitSignal(session.problem_found):
        window.files.open_files([path])
    assert "broken.toml is not valid TOML" in window.draw_tab.messages.text


def test_of_several_drawings_the_first_is_shown_and_the_others_are_offered(
    window: MainWindow, session: Session, run: Run, tmp_path: Path, qtbot: QtBot
) -> None:
    tall, wide = bar(tmp_path / "tall.png", is_tall=True), bar(tmp_path / "wide.png", is_tall=False)
    ink = tmp_path / "ink.jsonl"
    write_ink(ink, [InkSample("a", Ink.of([np.array([[0.0, 0], [10, 20]])]))])
    messages = window.draw_tab.messages

    drop(window, tall, wide, ink, run.folder)
    qtbot.waitUntil(lambda: messages.text == "The pad shows one drawing; 2 more can be opened.")
    assert shows_tall_bar(session)
    assert session.models.chosen.path == run.folder / BEST  # what is no drawing is opened all the same

    assert messages.action.text() == "Open next"
    qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: messages.text == "The pad shows one drawing; 1 more can be opened.")
    assert not shows_tall_bar(session)

    with qtbot.waitSignal(session.opened):
        qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    assert session.pad.drawing.picture is None
    assert messages.text == ""


def test_one_file_that_cannot_be_opened_does_not_hold_up_the_others(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    tall, wide = bar(tmp_path / "tall.png", is_tall=True), bar(tmp_path / "wide.png", is_tall=False)
    messages = window.draw_tab.messages
    drop(window, broken, tall)
    qtbot.waitUntil(lambda: "broken.png is not a picture" in messages.text)
    assert shows_tall_bar(session)

    drop(window, broken, wide, tall)
    qtbot.waitUntil(lambda: messages.text.endswith("The pad shows one drawing; 1 more can be opened."))
    assert "broken.png is not a picture" in messages.text
    assert not shows_tall_bar(session)

"""Every page with the Tab key: each control is reached once, in reading order, in every state of the page."""

from collections.abc import Callable, Generator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from digitpad.core.files.paths import ASSETS
from digitpad.core.fine_tuning.events import (
    FineTuned,
    FineTuneDigits,
    FineTuneEvent,
    FineTuneScores,
    FineTuneStarted,
    Score,
)
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec
from digitpad.core.models.switched_off import Unit
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.drawings import new_digits
from tests.helpers.gui import SEVEN, draw
from tests.helpers.tab_walk import check_rings, check_walk

SIZES = ((1280, 800), (760, 560), (1920, 1080))


@pytest.fixture(params=SIZES, ids=["1280x800", "760x560", "1920x1080"])
def shown(window: MainWindow, request: pytest.FixtureRequest, qtbot: QtBot) -> MainWindow:
    window.resize(*request.param)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def recipe(epochs: int, *changes: str) -> Recipe:
    quick = ["dataset=digits", "hidden=16", f"epochs={epochs}", "batch_size=200", "precision=float32", "device=cpu"]
    return with_settings(load_recipe("mlp-fast"), [*quick, *changes])


def train(name: str) -> None:
    assert isinstance([*run_job(TrainingJob(recipe(2), "mlp-fast", name))][-1], RunClosed)


def show_train_tab(window: MainWindow, session: Session, qtbot: QtBot) -> TrainTab:
    window.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    return window.training_tab


def test_the_pad(shown: MainWindow, session: Session, settled: Callable[[], None]) -> None:
    check_walk(shown)
    draw(shown.draw_tab.canvas, SEVEN)
    settled()
    check_walk(shown)
    shown.actions_.steps.trigger()
    session.models.set_comparing(True)
    settled()
    check_walk(shown)
    session.recognition.set_reads_numbers(True)
    settled()
    shown.draw_tab.messages.offer("Saved.", "Undo", lambda: None)
    check_walk(shown)


def test_the_train_tab_without_runs(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    tab = show_train_tab(shown, session, qtbot)
    check_walk(shown)
    tab.messages.offer("Interrupted.", "Resume", lambda: None)
    tab.form.expand(expanded=True)
    check_walk(shown)
    tab.form.set_recipe(recipe(3, "optimizer=adam"))
    check_walk(shown)
    tab.pictures.show_page(tab.network)
    QTest.mouseClick(tab.network.more_layers, Qt.MouseButton.LeftButton)
    check_walk(shown)


def test_the_train_tab_during_a_training(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    tab = show_train_tab(shown, session, qtbot)
    tab.form.set_recipe(recipe(100_000))
    QTest.mouseClick(tab.buttons.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.training.progress.epoch > 1)
    check_walk(shown)
    QTest.mouseClick(tab.buttons.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.training.state is TrainingState.PAUSED)
    check_walk(shown)
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    check_walk(shown)


def test_the_train_tab_with_runs(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    for name in ("one", "two"):
        train(name)
    tab = show_train_tab(shown, session, qtbot)
    tab.runs.select(session.runs.runs[0])
    tab.runs.model.set_shown(session.runs.runs[1], shown=True)
    check_walk(shown)
    tab.runs.view.selectAll()
    check_walk(shown)
    tab.run_actions.delete(session.runs.runs)
    check_walk(shown)


def test_the_mistakes(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    shown.show_tab(PageId.MISTAKES)
    tab = shown.mistakes_tab
    check_walk(shown)
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None)
    for show in (tab.columns.show_left, tab.columns.show_right):
        show()
        check_walk(shown)
    tab.sources.choose_second_model(str(session.models.entries[0].path))
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.second_metrics is not None)
    tab.columns.show_left()
    check_walk(shown)
    tab.browser.search("nothing has this note")
    check_walk(shown)


def fine_tune_at_once(_model: object, digits: FineTuneDigits, _base: object) -> Generator[FineTuneEvent, None, None]:
    """Stands for a fine-tuning, which takes many seconds."""
    yield FineTuneStarted(digits.count, 2)
    scores = FineTuneScores(Score(11, 20), None), FineTuneScores(Score(19, 20), None)
    yield FineTuned(build(MLPSpec(hidden=(8,))), *scores, blend=0.8, digit_count=24, steps=184)


def test_the_users_digits(shown: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.fine_tuning.loop.fine_tune", fine_tune_at_once)
    with qtbot.waitSignal(session.my_digits.read):
        shown.show_tab(PageId.MY_DIGITS)
    check_walk(shown)
    with MyDigits.open() as mine:
        mine.add_all(new_digits(30))
    with qtbot.waitSignal(session.my_digits.read):
        session.my_digits.request_read()
    check_walk(shown)
    tab = shown.my_digits_tab
    tab.gallery.grid.selectAll()
    check_walk(shown)
    tab.edits.delete(tab.gallery.selected()[:1])
    qtbot.waitUntil(lambda: bool(tab.messages.text))
    check_walk(shown)
    QTest.mouseClick(tab.fine_tuning.start_page.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.fine_tuning.state is FineTuningState.DONE)
    check_walk(shown)


def test_the_pad_with_its_network(
    shown: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    shown.actions_.inside.trigger()
    draw(shown.draw_tab.canvas, SEVEN)
    settled()
    inside = shown.draw_tab.inside
    assert inside is not None
    qtbot.waitUntil(lambda: inside.is_settled)
    check_walk(shown)
    session.inside.open_unit(Unit(2, 3))
    session.inside.switch(Unit(2, 3))
    settled()
    qtbot.waitUntil(lambda: inside.is_settled)
    check_walk(shown)


def test_the_welcome_cards(shown: MainWindow) -> None:
    shown.actions_.welcome.trigger()
    order = check_walk(shown)
    cards = shown.draw_tab.welcome.cards
    assert cards is not None
    assert {*cards.cards.values(), cards.guide, cards.close_button} <= set(order)
    check_rings(shown, shown.focus_ring)


def test_teach_it(shown: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot) -> None:
    shown.actions_.teach.trigger()
    check_walk(shown)
    draw(shown.draw_tab.canvas, SEVEN)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(shown.draw_tab.canvas, Qt.Key.Key_Return)
    teach = shown.draw_tab.teach
    assert teach is not None
    qtbot.waitUntil(teach.training.start_page.start.isEnabled)  # when the file was read again
    check_walk(shown)
    check_rings(shown, shown.focus_ring)


def test_a_lesson_with_its_pages(shown: MainWindow, qtbot: QtBot) -> None:
    for path in sorted((ASSETS / "lessons").glob("*.toml"))[:2]:
        shown.lessons.open(path)
        qtbot.waitUntil(lambda: shown.lessons.is_open)
        assert shown.lessons.panel is not None
        shown.lessons.panel.fold_text()  # in a small window it lies over the page
        check_walk(shown)
        check_rings(shown, shown.focus_ring)
        shown.lessons.close()

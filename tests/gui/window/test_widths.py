"""Nothing moves sideways when a state changes: the widest text of each place has its room from the start."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.sample_filter import Show
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.drawings import new_digits
from tests.helpers.geometry import check_unmoved, spans
from tests.helpers.gui import ONE, SEVEN, draw

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(params=[(1280, 800), (760, 560)], ids=["1280x800", "760x560"])
def shown(window: MainWindow, request: pytest.FixtureRequest, qtbot: QtBot) -> MainWindow:
    window.resize(*request.param)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def recipe(epochs: int, *changes: str) -> Recipe:
    quick = ["dataset=digits", "hidden=16", f"epochs={epochs}", "batch_size=200", "precision=float32", "device=cpu"]
    return with_settings(load_recipe("mlp-fast"), [*quick, *changes])


def click(button: QAbstractButton) -> None:
    QTest.mouseClick(button, LEFT)


def _is_in(widget: QWidget, key: object) -> bool:
    return isinstance(key, QWidget) and widget.isAncestorOf(key)


def test_the_tabs(shown: MainWindow) -> None:
    before = spans(shown)
    for page in (*PageId, PageId.DRAW):
        shown.show_tab(page)
        after = spans(shown)
        check_unmoved({key: span for key, span in before.items() if isinstance(key, tuple)}, after)


def test_the_pad(shown: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot) -> None:
    tab, actions = shown.draw_tab, shown.actions_
    before = spans(shown)
    draw(tab.canvas, SEVEN)
    settled()
    answer = tab.panel.answers[0]
    check_unmoved({key: span for key, span in before.items() if not _is_in(answer, key)}, spans(shown))
    before = spans(shown)
    with qtbot.waitSignal(session.my_digits.kept):
        click(tab.label_buttons.buttons[7])
    check_unmoved(before, spans(shown))
    draw(tab.canvas, ONE)
    settled()
    check_unmoved(before, spans(shown))
    for entry in session.models.entries:
        session.models.choose(entry)
        settled()
        check_unmoved(before, spans(shown))
    actions.eraser.trigger()
    actions.steps.trigger()
    check_unmoved(before, spans(shown))
    actions.steps.trigger()
    fixed = [tab.canvas, *tab.label_buttons.buttons, *tab.panel.switch.findChildren(QAbstractButton)]
    places = {widget: before[widget] for widget in fixed}
    for action in (actions.numbers, actions.compare, actions.numbers, actions.compare):
        action.trigger()
        settled()
        check_unmoved(places, spans(shown))


def test_a_training(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    shown.show_tab(PageId.TRAIN)
    tab, training = shown.training_tab, session.training
    tab.form.set_recipe(recipe(1000))
    before = spans(shown)
    click(tab.buttons.start)
    qtbot.waitUntil(lambda: training.progress.epoch > 1)
    running = spans(shown)
    check_unmoved(before, running)
    for epoch in (10, 100):
        qtbot.waitUntil(lambda epoch=epoch: training.progress.epoch > epoch)
        check_unmoved(running, spans(shown))
    click(tab.buttons.pause)
    qtbot.waitUntil(lambda: training.state is TrainingState.PAUSED)
    check_unmoved(running, spans(shown))
    click(tab.buttons.pause)
    check_unmoved(running, spans(shown))
    click(tab.buttons.stop)
    check_unmoved(running, spans(shown))
    qtbot.waitUntil(lambda: not training.is_busy)
    check_unmoved(running, spans(shown))


def test_the_form(shown: MainWindow) -> None:
    shown.show_tab(PageId.TRAIN)
    form = shown.training_tab.form
    before = spans(shown)
    form.set_recipe(recipe(3, "optimizer=adam"))
    check_unmoved(before, spans(shown))
    for name in ("softmax", "mlp-fast"):
        form.set_recipe(name)
        check_unmoved(before, spans(shown))


def test_the_runs(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    for name in ("one", "a run with a name that is far too long for the table of runs, and goes on"):
        assert isinstance([*run_job(TrainingJob(recipe(2), "mlp-fast", name))][-1], RunClosed)
    shown.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    tab = shown.training_tab
    before = spans(shown)
    for run in session.runs.runs:
        tab.runs.select(run)
        check_unmoved(before, spans(shown))
        tab.runs.model.set_shown(run, shown=True)
        check_unmoved(before, spans(shown))
    tab.runs.view.selectAll()
    check_unmoved(before, spans(shown))


def test_the_mistakes(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    shown.show_tab(PageId.MISTAKES)
    tab = shown.mistakes_tab
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None)
    before = spans(shown)
    for kind in Show:
        tab.browser.choose_show(kind)
        check_unmoved(before, spans(shown))
    tab.browser.choose_show(Show.ALL)
    tab.gallery.grid.selectAll()
    check_unmoved(before, spans(shown))
    tab.browser.choose_cells(frozenset({(4, 9)}))
    check_unmoved(before, spans(shown))
    tab.browser.clear_filters()
    tab.columns.show_left()
    before = spans(shown)
    click(tab.overview.matrix.switch.buttons[True])
    check_unmoved(before, spans(shown))
    tab.columns.show_right()
    before = spans(shown)
    for _ in range(8):
        QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right)
        check_unmoved(before, spans(shown))


def test_the_users_digits(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(30))
    with qtbot.waitSignal(session.my_digits.read):
        shown.show_tab(PageId.MY_DIGITS)
    before = spans(shown)
    tab = shown.my_digits_tab
    tab.gallery.grid.selectAll()
    check_unmoved(before, spans(shown))
    tab.summary.labels_chosen.emit(frozenset({1}))
    check_unmoved(before, spans(shown))

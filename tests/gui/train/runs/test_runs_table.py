"""The table of runs: what differs, runs that cannot be read, differences of two runs, and training longer."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from digitpad.core.runs.run_folder import INFO, STATE, Run
from digitpad.core.runs.run_library import list_runs, list_unreadable_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.train.runs.differences_dialog import DifferencesDialog, differences_of
from digitpad.gui.train.runs.longer_dialog import LongerDialog
from digitpad.gui.train.runs.runs_model import ACCURACY, CHANGED, NAME, RunDelegate
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.tab_walk import check_walk

LEFT = Qt.MouseButton.LeftButton


def trained(name: str, *changes: str, recipe: str = "softmax") -> Run:
    settings = ["dataset=digits", "train_first=200", *changes]
    closed = [*run_job(TrainingJob(with_settings(load_recipe(recipe), settings), recipe, name))][-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.fixture
def shown(window: MainWindow, session: Session, qtbot: QtBot) -> Callable[[], TrainTab]:
    """Return a function that shows the tab with the runs as they are then."""

    def show() -> TrainTab:
        window.resize(1920, 1080)
        window.show_tab(PageId.TRAIN)
        session.runs.refresh()
        qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
        window.activateWindow()
        QTest.qWaitForWindowActive(window)
        return window.training_tab

    return show


def text(tab: TrainTab, row: int, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> str:
    return str(tab.runs.model.index(row, column).data(role) or "")


def tip(tab: TrainTab, row: int) -> str:
    return text(tab, row, NAME, Qt.ItemDataRole.ToolTipRole)


def damage(run: Run) -> None:
    (run.folder / INFO).write_text("{", encoding="utf-8")


def make_newer(run: Run) -> None:
    info = json.loads((run.folder / INFO).read_text(encoding="utf-8"))
    (run.folder / INFO).write_text(json.dumps({**info, "format": "digitpad-run-99"}), encoding="utf-8")


def dialog_of(tab: TrainTab, kind: type[QDialog]) -> QDialog:
    return next(dialog for dialog in tab.findChildren(kind) if dialog.isVisible())


def click(button: QAbstractButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def test_a_run_shows_what_differs_from_its_recipe(shown: Callable[[], TrainTab]) -> None:
    trained("mine", "learning_rate=0.01", "epochs=2")
    tab = shown()
    assert text(tab, 0, CHANGED) == "data digits, training images 200, lr 0.01, epochs 2"
    assert "lr: 0.01 instead of 0.004" in tip(tab, 0)


def test_names_have_the_width_that_changes_do_not_need(shown: Callable[[], TrainTab]) -> None:
    trained("short", "epochs=1")
    tab = shown()
    header, metrics = tab.runs.view.horizontalHeader(), tab.runs.view.fontMetrics()
    tab.runs.show_runs(tab.runs.model.runs, changes={})
    assert not header.isSectionHidden(CHANGED)
    assert header.sectionSize(CHANGED) < 2 * metrics.horizontalAdvance("Changed")
    assert header.sectionSize(NAME) > metrics.horizontalAdvance("digits-mlp 3 (stopped)") + 40


def test_a_new_run_shows_what_differs_as_soon_as_it_is_listed(
    shown: Callable[[], TrainTab], session: Session, qtbot: QtBot
) -> None:
    tab = shown()
    tab.form.set_recipe(with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "learning_rate=0.02"]))
    click(tab.buttons.start)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    qtbot.waitUntil(lambda: "lr 0.02" in text(tab, 0, CHANGED))
    assert text(tab, 0, NAME) == "softmax · data digits, lr 0.02, epochs 2"


def test_the_run_in_training_is_selected(shown: Callable[[], TrainTab], session: Session, qtbot: QtBot) -> None:
    trained("before", "epochs=1")
    tab = shown()
    assert [run.name for run in tab.runs.selected] == ["before"]
    tab.form.set_recipe(with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=100000"]))
    click(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.progress.epoch > 1)
    assert session.training.run is not None
    assert [run.id for run in tab.runs.selected] == [session.training.run.id]
    assert text(tab, 0, ACCURACY) == "training now"
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


@pytest.mark.parametrize(("break_", "why"), [(damage, "damaged"), (make_newer, "newer version")])
def test_a_run_that_cannot_be_read_is_listed_with_its_problem(
    shown: Callable[[], TrainTab], break_: Callable[[Run], None], why: str
) -> None:
    good, bad = trained("good", "epochs=1"), trained("bad", "epochs=1")
    break_(bad)
    tab = shown()
    assert [row.folder for row in tab.runs.model.rows] == [bad.folder, good.folder]
    assert [run.id for run in tab.runs.selected] == [good.id]  # the newest that can be shown
    assert text(tab, 0, NAME) == bad.id
    assert text(tab, 0, ACCURACY) == "error"
    assert why in text(tab, 0, CHANGED)
    assert why in tip(tab, 0)
    assert tab.runs.model.index(0, NAME).data(Qt.ItemDataRole.CheckStateRole) is None


def test_a_run_that_cannot_be_read_can_only_be_deleted_and_opened_as_a_folder(
    shown: Callable[[], TrainTab], monkeypatch: pytest.MonkeyPatch, window: MainWindow
) -> None:
    bad = trained("bad", "epochs=1")
    damage(bad)
    tab = shown()
    menu, view = tab.runs.menu, tab.runs.view
    view.setFocus()
    tab.runs.select(tab.runs.model.rows[0])
    enabled = [action.text() for action in menu.actions() if action.isEnabled() and action.text()]
    assert enabled == ["Open folder", "Delete"]
    assert not any(button.isEnabled() for button in (tab.runs.use, tab.runs.mistakes))
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: bool(opened.append(url)) or True)
    menu.folder.trigger()
    assert [Path(url.toLocalFile()) for url in opened] == [bad.folder]
    QTest.mouseDClick(view.viewport(), LEFT, pos=view.visualRect(tab.runs.model.index(0, NAME)).center())
    QTest.keyClick(view, Qt.Key.Key_F2)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Delete)
    assert tab.runs.model.rows == []
    assert tab.messages.text == f"“{bad.id}” deleted."
    click(tab.messages.action)
    assert [row.folder for row in tab.runs.model.rows] == [bad.folder]
    assert [run.folder for run in list_unreadable_runs()] == [bad.folder]


def test_a_folder_that_cannot_be_opened_is_named(
    shown: Callable[[], TrainTab], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained("mine", "epochs=1")
    tab = shown()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    tab.runs.menu.folder.trigger()
    assert str(run.folder) in tab.messages.text


def test_two_runs_are_compared(shown: Callable[[], TrainTab], qtbot: QtBot) -> None:
    trained("one", "epochs=1", "optimizer=sgd")
    trained("two", "epochs=2", "learning_rate=0.01")
    trained("three", "epochs=2")
    tab = shown()
    differences = tab.runs.commands.button_of(tab.runs.menu.differences)
    tab.runs.select(tab.runs.model.runs[0])
    assert not differences.isEnabled()
    for run in tab.runs.model.runs[1:]:
        tab.runs.model.set_shown(run, shown=True)
    click(differences)
    dialog = dialog_of(tab, DifferencesDialog)
    assert isinstance(dialog, DifferencesDialog)
    lines = {line.name: (line.first, line.second) for line in dialog.lines}
    assert lines["Optimiser"] == ("Adam", "SGD")
    assert lines["Learning rate"] == ("0.01", "0.004")
    assert lines["Epochs"] == ("2", "1")
    assert lines["Epochs trained"] == ("2", "1")
    assert lines["Test accuracy"][0].endswith(" %")
    assert "Batch size" not in lines
    assert [line.name for line in dialog.lines][:2] == ["Test accuracy", "Test loss"]
    qtbot.waitUntil(lambda: QApplication.focusWidget() is dialog.table)
    QTest.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0] == "Setting\ttwo\tone"
    assert "Optimiser\tAdam\tSGD" in copied
    dialog.table.selectRow(2)
    QTest.keyClick(dialog.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2
    click(dialog.copy)
    assert QGuiApplication.clipboard().text().splitlines() == copied
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not [shown for shown in tab.findChildren(DifferencesDialog) if shown.isVisible()]


def test_two_selected_runs_are_compared_rather_than_two_ticked_ones(shown: Callable[[], TrainTab]) -> None:
    for name in ("one", "two", "three"):
        trained(name, "epochs=1")
    tab = shown()
    for run in tab.runs.model.runs[1:]:
        tab.runs.model.set_shown(run, shown=True)
    assert [run.name for run in tab.runs.pair] == ["two", "one"]
    tab.runs.view.setFocus()
    QTest.keyClick(tab.runs.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [run.name for run in tab.runs.pair] == ["three", "two"]
    tab.runs.view.selectAll()
    assert [run.name for run in tab.runs.pair] == ["two", "one"]


def test_models_of_different_kinds_are_compared_as_a_whole() -> None:
    first = trained("one", "epochs=1")
    second = trained("two", "epochs=1", "hidden=8", recipe="mlp-fast")
    lines = {line.name: (line.first, line.second) for line in differences_of(first, second)}
    assert lines["Recipe"] == ("softmax", "mlp-fast")
    assert lines["Model"][1].startswith("MLP")
    assert not {line.name for line in differences_of(first, first) if not line.is_result}


def test_a_run_is_trained_longer_as_a_new_run(
    shown: Callable[[], TrainTab], session: Session, qtbot: QtBot, window: MainWindow
) -> None:
    run = trained("mine", "epochs=2")
    tab = shown()
    click(tab.runs.commands.button_of(tab.runs.menu.longer))
    dialog = dialog_of(tab, LongerDialog)
    assert isinstance(dialog, LongerDialog)
    assert dialog.epochs.value() == 4
    assert "Epochs trained: 2. Epochs to train: 2" in dialog.text
    assert "one-cycle schedule of 4 epochs is after 2" in dialog.text
    dialog.epochs.selectAll()
    QTest.keyClicks(dialog.epochs, "3")
    assert "Epochs to train: 1" in dialog.text
    QTest.keyClick(dialog.epochs, Qt.Key.Key_Return)
    assert session.training.is_busy
    qtbot.waitUntil(lambda: not session.training.is_busy)
    longer = list_runs()[0]
    assert longer.info.parent == run.id
    assert [row.epoch for row in longer.rows] == [1, 2, 3]
    assert longer.rows[:2] == run.rows
    qtbot.waitUntil(lambda: session.runs.is_settled)
    assert [known.id for known in tab.runs.selected] == [longer.id]
    assert "continues mine" in tip(tab, 0)
    assert len(list_runs()) == 2
    assert tab.form.recipe is not None
    assert tab.form.recipe.training.epochs == 3


def test_the_learning_rate_of_a_constant_schedule_goes_on(qtbot: QtBot) -> None:
    dialog = LongerDialog(trained("mine", "epochs=2", "schedule=constant", "learning_rate=0.02"))
    qtbot.addWidget(dialog)
    assert "The learning rate stays 0.02" in dialog.text


def test_training_longer_is_possible_only_with_a_saved_state(
    shown: Callable[[], TrainTab], session: Session, qtbot: QtBot
) -> None:
    run = trained("mine", "epochs=1")
    tab = shown()
    assert tab.runs.menu.longer.isEnabled()
    (run.folder / STATE).unlink()
    tab.runs.view.clearSelection()
    tab.runs.select(run)
    assert not tab.runs.menu.longer.isEnabled()
    tab.launcher.train_longer(run, 4)
    assert "no saved state" in tab.messages.text
    assert not session.training.is_busy


def test_a_narrow_table_keeps_every_command_in_its_menu(shown: Callable[[], TrainTab], window: MainWindow) -> None:
    trained("mine", "epochs=1")
    tab = shown()
    buttons = [tab.runs.use, tab.runs.mistakes, tab.runs.commands.button_of(tab.runs.menu.longer)]
    assert all(button.isVisible() for button in buttons)
    window.resize(760, 560)
    QApplication.processEvents()
    for button in buttons:
        assert not button.isVisible() or button.width() >= button.sizeHint().width()
    texts = [action.text() for action in tab.runs.menu.actions()]
    assert {button.text() for button in buttons} <= set(texts)


@pytest.mark.parametrize("kind", [DifferencesDialog, LongerDialog])
def test_tab_reaches_every_control_of_the_dialogs(
    shown: Callable[[], TrainTab], kind: type[QDialog], qtbot: QtBot
) -> None:
    for name in ("one", "two"):
        trained(name, "epochs=1")
    tab = shown()
    tab.runs.view.setFocus()
    if kind is LongerDialog:
        tab.run_actions.ask_to_train_longer(tab.runs.model.runs[0])
    else:
        tab.run_actions.show_differences(tab.runs.model.runs)
    dialog = dialog_of(tab, kind)
    qtbot.waitUntil(dialog.isActiveWindow)
    check_walk(dialog)
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_Escape)
    tab.window().activateWindow()
    qtbot.waitUntil(tab.runs.view.hasFocus)


def test_a_name_that_is_too_long_is_shortened_in_the_middle(shown: Callable[[], TrainTab]) -> None:
    trained("mlp-fast with a long name and lr 0.01", "epochs=1")
    tab = shown()
    option, index = QStyleOptionViewItem(), tab.runs.model.index(0, NAME)
    delegate = tab.runs.view.itemDelegateForIndex(index)
    assert isinstance(delegate, RunDelegate)
    delegate.initStyleOption(option, index)
    assert option.textElideMode is Qt.TextElideMode.ElideMiddle

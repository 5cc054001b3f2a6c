"""Keys typed right after another action: they do what the page says, and the focus is where the user was."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import SEVEN, draw

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def train_tab(shown: MainWindow, session: Session, qtbot: QtBot) -> TrainTab:
    """The Train tab with three runs: "three", "two" and "one" from top to bottom."""
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "train_first=200"])
    for name in ("one", "two", "three"):
        assert isinstance([*run_job(TrainingJob(recipe, "softmax", name))][-1], RunClosed)
    shown.show_tab(PageId.TRAIN)
    qtbot.waitUntil(lambda: session.runs.was_read and session.runs.is_settled)
    return shown.training_tab


def activate(window: MainWindow) -> None:
    """Make the window active again: the window of an earlier test may end late."""
    window.activateWindow()
    QTest.qWaitForWindowActive(window)


def type_keys(window: MainWindow, *keys: Qt.Key) -> None:
    """Press keys in the window, as on a keyboard: they go to the focused widget, after the shortcuts."""
    activate(window)
    for key in keys:
        QTest.keyClick(window.windowHandle(), key)


def type_text(window: MainWindow, text: str) -> None:
    activate(window)
    for letter in text:
        QTest.keyClick(window.windowHandle(), letter)  # type: ignore[call-overload] - Qt takes a letter too


def choose_by_mouse(box: QComboBox, row: int) -> None:
    """Open the list of a combo box with the mouse, and click an item."""
    QTest.mouseClick(box, LEFT)
    view = box.view()
    place = view.visualRect(box.model().index(row, 0)).center()
    QTest.mouseMove(view.viewport(), place)
    QTest.mouseClick(view.viewport(), LEFT, pos=place)
    assert not view.isVisible()


def box_named(widget: QWidget, name: str) -> QComboBox:
    return next(box for box in widget.findChildren(QComboBox) if box.accessibleName() == name)


def focused_in(widget: QWidget) -> bool:
    focus = QApplication.focusWidget()
    return focus is widget or (focus is not None and widget.isAncestorOf(focus))


def test_escape_closes_the_view_beside_the_pad(shown: MainWindow) -> None:
    for view in shown.actions_.views:
        view.setChecked(True)
        shown.draw_tab.canvas.setFocus()
        QTest.keyClick(shown.draw_tab.canvas, Qt.Key.Key_Escape)
        assert not view.isChecked()
        assert shown.draw_tab.canvas.hasFocus()
    shown.actions_.teach.setChecked(True)
    assert shown.draw_tab.teach is not None
    shown.draw_tab.teach.skip.setFocus()
    QTest.keyClick(shown.draw_tab.teach.skip, Qt.Key.Key_Escape)
    assert not shown.draw_tab.teach.isVisible()


def test_enter_presses_the_button_that_has_the_focus(shown: MainWindow, qtbot: QtBot) -> None:
    shown.show_tab(PageId.MY_DIGITS)
    qtbot.waitUntil(lambda: isinstance(shown.focusWidget(), QPushButton))
    QTest.keyClick(shown.focusWidget(), Qt.Key.Key_Return)  # "Draw 0 to 9, three times each"
    assert shown.actions_.teach.isChecked()
    assert shown.draw_tab.teach is not None
    shown.draw_tab.teach.skip.setFocus()
    QTest.keyClick(shown.draw_tab.teach.skip, Qt.Key.Key_Return)
    assert shown.draw_tab.teach.wanted == 1


def test_keys_of_the_pad_work_after_a_model_was_chosen(
    shown: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    draw(shown.draw_tab.canvas, SEVEN)
    settled()
    box = box_named(shown.draw_tab.panel, "Model")
    choose_by_mouse(box, 0)
    chosen = session.models.chosen
    assert chosen == session.models.entries[0]
    type_keys(shown, Qt.Key.Key_C)
    assert session.models.is_comparing
    assert session.models.chosen == chosen
    settled()
    qtbot.waitUntil(lambda: shown.draw_tab.label_buttons.is_ready)
    with qtbot.waitSignal(session.my_digits.kept):
        type_keys(shown, Qt.Key.Key_7)
    type_keys(shown, Qt.Key.Key_N)
    assert session.recognition.reads_numbers


def test_keys_of_the_pad_work_after_a_list_was_closed_without_a_choice(shown: MainWindow, session: Session) -> None:
    box = box_named(shown.draw_tab.panel, "Model")
    QTest.mouseClick(box, LEFT)
    QTest.keyClick(box.view(), Qt.Key.Key_Escape)
    assert shown.draw_tab.canvas.hasFocus()
    type_keys(shown, Qt.Key.Key_C)
    assert session.models.is_comparing


def test_the_list_of_models_keeps_the_focus_while_arrow_keys_step_through_it(
    shown: MainWindow, session: Session
) -> None:
    box = box_named(shown.draw_tab.panel, "Model")
    box.setFocus(Qt.FocusReason.TabFocusReason)
    type_keys(shown, Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down)
    assert session.models.chosen == session.models.entries[2]
    assert box.hasFocus()
    type_keys(shown, Qt.Key.Key_C, Qt.Key.Key_M, Qt.Key.Key_S)
    assert session.models.is_comparing
    assert session.models.chosen == session.models.entries[2]


def test_a_letter_after_a_choice_of_samples_does_not_change_the_choice(
    shown: MainWindow, session: Session, qtbot: QtBot
) -> None:
    shown.show_tab(PageId.MISTAKES)
    tab = shown.mistakes_tab
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None)
    filters, sources = tab.gallery.filters, tab.overview.sources
    for box, row in ((filters.sort, 3), (filters.shown, 2), (sources.part, 0)):
        choose_by_mouse(box, row)
        qtbot.waitUntil(lambda: not session.evaluation.is_busy)
        before = box.currentIndex(), sources.model.currentIndex()
        type_keys(shown, Qt.Key.Key_M)
        assert "marked as wrong" in tab.messages.text
        assert (box.currentIndex(), sources.model.currentIndex()) == before
        tab.browser.undo_marks()
        tab.messages.hide()
    filters.search.setFocus()
    type_text(shown, "m")
    assert filters.search.text() == "m"
    assert not tab.messages.text


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_the_table_has_the_focus_after_a_run_was_renamed(shown: MainWindow, train_tab: TrainTab, key: Qt.Key) -> None:
    view = train_tab.runs.view
    view.setFocus()
    view.selectRow(1)
    type_keys(shown, Qt.Key.Key_F2)
    type_text(shown, "new name")
    type_keys(shown, key)
    assert view.hasFocus()
    assert [run.name for run in train_tab.runs.selected] == ["new name" if key == Qt.Key.Key_Return else "two"]
    type_keys(shown, Qt.Key.Key_Up)
    assert [run.name for run in train_tab.runs.selected] == ["three"]


def test_a_name_being_typed_survives_a_change_of_the_list(
    shown: MainWindow, train_tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    view = train_tab.runs.view
    view.setFocus()
    view.selectRow(1)
    type_keys(shown, Qt.Key.Key_F2)
    type_text(shown, "new")
    session.runs.refresh()
    qtbot.waitUntil(lambda: session.runs.is_settled)
    session.runs.delete([session.runs.runs[0]])
    type_text(shown, "er")
    type_keys(shown, Qt.Key.Key_Return)
    assert view.hasFocus()
    assert [run.name for run in list_runs()] == ["newer", "one"]


def test_the_next_run_is_selected_after_a_run_was_deleted(shown: MainWindow, train_tab: TrainTab) -> None:
    view = train_tab.runs.view
    view.setFocus()
    view.selectRow(1)
    type_keys(shown, Qt.Key.Key_Delete)
    assert [run.name for run in train_tab.runs.selected] == ["one"]
    type_keys(shown, Qt.Key.Key_Delete)
    assert [run.name for run in train_tab.runs.selected] == ["three"]
    assert view.hasFocus()
    type_keys(shown, Qt.Key.Key_Delete)
    assert train_tab.runs.model.runs == []
    assert focused_in(train_tab.runs)


def test_the_table_has_the_focus_again_when_the_last_run_is_restored(
    shown: MainWindow, train_tab: TrainTab, qtbot: QtBot
) -> None:
    view = train_tab.runs.view
    view.setFocus()
    view.selectAll()
    type_keys(shown, Qt.Key.Key_Delete)
    assert focused_in(train_tab.runs)
    QTest.mouseClick(train_tab.messages.action, LEFT)
    assert len(train_tab.runs.model.runs) == 3
    assert view.hasFocus()


def test_a_click_on_a_message_leaves_the_focus_where_it_was(shown: MainWindow) -> None:
    canvas, messages = shown.draw_tab.canvas, shown.draw_tab.messages
    for button in (messages.action, messages.close_button):
        canvas.setFocus()
        messages.offer("Saved.", "Undo", lambda: None)
        QTest.mouseClick(button, LEFT)
        assert not messages.text
        assert canvas.hasFocus()


class _WindowWatch(QObject):
    """Notes the widgets that are shown as windows of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(watched)
        return False


def test_no_part_of_a_page_is_shown_as_a_window_of_its_own(shown: MainWindow, session: Session, qtbot: QtBot) -> None:
    watch = _WindowWatch()
    QApplication.instance().installEventFilter(watch)  # type: ignore[union-attr]
    try:
        for page in PageId:
            shown.show_tab(page)
            qtbot.waitUntil(lambda: session.runs.is_settled)
    finally:
        QApplication.instance().removeEventFilter(watch)  # type: ignore[union-attr]
    assert watch.seen == []
    assert shown.isActiveWindow()


def edit_texts(window: MainWindow) -> list[str]:
    """Return the texts of the Edit menu up to its first separator."""
    menu = next(menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "&Edit")
    texts = [action.text() for action in menu.actions()]
    return texts[: texts.index("")]


def undo(window: MainWindow) -> None:
    activate(window)
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyRelease(window.windowHandle(), Qt.Key.Key_Control)  # otherwise Qt takes it for pressed


def test_deletions_are_undone_one_after_another_by_key(shown: MainWindow, train_tab: TrainTab) -> None:
    names = [run.name for run in train_tab.runs.model.runs]
    view, messages = train_tab.runs.view, train_tab.messages
    view.setFocus()
    view.selectRow(0)
    assert not train_tab.run_actions.undo.isEnabled()
    type_keys(shown, Qt.Key.Key_Delete)
    assert edit_texts(shown) == ["&Undo: delete “three”"]
    type_keys(shown, Qt.Key.Key_Delete, Qt.Key.Key_Delete)
    assert train_tab.runs.model.runs == []
    QTest.mouseClick(messages.close_button, LEFT)  # also after the message is gone
    for count in (1, 2, 3):
        undo(shown)
        assert [run.name for run in train_tab.runs.model.runs] == names[3 - count :]
        assert [run.name for run in train_tab.runs.selected] == [names[3 - count]]
        assert view.hasFocus()
    assert not train_tab.run_actions.undo.isEnabled()
    undo(shown)
    assert len(train_tab.runs.model.runs) == 3


def test_several_runs_that_were_deleted_together_come_back_together(shown: MainWindow, train_tab: TrainTab) -> None:
    train_tab.runs.view.setFocus()
    train_tab.runs.view.selectAll()
    type_keys(shown, Qt.Key.Key_Delete)
    assert train_tab.messages.text == "3 runs deleted."
    assert edit_texts(shown) == ["&Undo: delete 3 runs"]
    train_tab.form.setFocus()
    undo(shown)
    assert len(list_runs()) == 3
    assert not train_tab.messages.text  # it offered what is done


def test_a_text_field_of_the_form_undoes_its_own_text(shown: MainWindow, train_tab: TrainTab) -> None:
    train_tab.runs.view.setFocus()
    train_tab.runs.view.selectRow(0)
    type_keys(shown, Qt.Key.Key_Delete)
    field = next(edit for edit in train_tab.form.findChildren(QLineEdit) if edit.accessibleName() == "Learning rate")
    before = field.text()
    field.setFocus()
    field.selectAll()
    type_text(shown, "7")
    undo(shown)
    assert field.text() == before
    assert len(train_tab.runs.model.runs) == 2


def test_the_edit_menu_undoes_what_was_done_on_the_page(
    shown: MainWindow, train_tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    shown.show_tab(PageId.DRAW)
    draw(shown.draw_tab.canvas, SEVEN)
    assert edit_texts(shown)[0].startswith("&Undo")
    assert len(edit_texts(shown)) == 2
    train_tab.run_actions.delete(session.runs.runs[:1])
    undo(shown)
    assert not session.pad.drawing
    assert len(session.runs.runs) == 2
    shown.show_tab(PageId.TRAIN)
    train_tab.run_actions.undo.trigger()
    assert len(session.runs.runs) == 3
    shown.show_tab(PageId.MISTAKES)
    tab = shown.mistakes_tab
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.browser.samples is not None)
    tab.gallery.grid.setFocus()
    type_keys(shown, Qt.Key.Key_M)
    assert tab.browser.are_marked(tab.gallery.grid.selected_ids())
    assert edit_texts(shown) == ["&Undo"]
    undo(shown)
    assert not tab.browser.are_marked(tab.gallery.grid.selected_ids())
    assert not tab.undo_actions[0].isEnabled()

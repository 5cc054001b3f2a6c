"""A lesson in the window: its panel, its steps, and what it leaves when it is closed."""

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.files.paths import user_lessons
from digitpad.core.lessons.lesson import Control
from digitpad.core.models.perceptron import PERCEPTRONS
from digitpad.core.models.switched_off import Unit
from digitpad.gui.help.markdown_text import MarkdownText
from digitpad.gui.lessons.lesson_panel import LessonPanel
from digitpad.gui.mistakes.mistakes_tab import MistakesTab
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Themes
from digitpad.gui.train.form.sections import CONTROLS
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.fake_downloads import FakeDownloads
from tests.helpers.gui import SEVEN, draw
from tests.helpers.tab_walk import place_of

LEFT = Qt.MouseButton.LeftButton
LESSON = """
title = "Sevens"
[[steps]]
title = "Read"
text = "Read *this*."
show = { view = "inside", model = "mlp" }
controls = ["compare"]

[[steps]]
title = "Draw"
text = "Draw a seven."
show = { tab = "draw" }
done = { when = "drew", digit = 7 }

[[steps]]
title = "Train"
text = "Train it."
show = { recipe = "mlp-fast", settings = ["epochs=3"] }
controls = ["epochs"]
done = { when = "trained", accuracy = 0.9 }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "sevens.toml"
    path.write_text(LESSON)
    return path


@pytest.fixture
def panel(window: MainWindow, path: Path, qtbot: QtBot) -> LessonPanel:
    """The panel of a lesson that was opened as a file."""
    window.resize(1280, 800)
    window.files.open_file(path)
    qtbot.waitUntil(lambda: window.lessons.is_open)
    assert window.lessons.panel is not None
    return window.lessons.panel


def press(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)


def test_a_lesson_begins_with_its_first_step(panel: LessonPanel, window: MainWindow) -> None:
    assert panel.isVisible()
    assert (panel.lesson_title.text(), panel.place.text()) == ("Sevens", "Step 1 of 3")
    assert (panel.step_title.text(), panel.text.toPlainText()) == ("Read", "Read this.")
    assert not panel.back.isEnabled()
    assert panel.goal.text() == ""
    assert panel.next.text() == "Next"
    assert window.tabs.geometry().right() < panel.geometry().left()


def test_show_me_shows_what_the_step_names(panel: LessonPanel, window: MainWindow, session: Session) -> None:
    window.show_tab(PageId.MY_DIGITS)
    press(panel.show_me)
    assert window.tabs.currentIndex() == PageId.DRAW
    assert session.models.chosen.name == "mlp"
    assert window.actions_.inside.isChecked()
    for _ in range(2):
        press(panel.next)
    press(panel.show_me)
    assert window.tabs.currentIndex() == PageId.TRAIN
    recipe = window.training_tab.form.recipe
    assert recipe is not None
    assert recipe.training.epochs == 3


def test_only_the_controls_of_the_step_can_be_used(panel: LessonPanel, window: MainWindow, qtbot: QtBot) -> None:
    controls = window.draw_tab.panel.controls
    assert [name for name, widget in controls.items() if widget.isEnabled()] == ["compare"]
    canvas, actions = window.draw_tab.canvas, window.actions_
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    canvas.setFocus()
    before = actions.inside.isChecked(), actions.steps.isChecked(), actions.break_it.isChecked()
    for key in (Qt.Key.Key_I, Qt.Key.Key_H, Qt.Key.Key_B, Qt.Key.Key_N):
        QTest.keyClick(canvas, key)  # the keys of the other buttons do nothing
    assert (actions.inside.isChecked(), actions.steps.isChecked(), actions.break_it.isChecked()) == before
    assert not window.session.recognition.reads_numbers
    press(panel.next)
    assert all(widget.isEnabled() for widget in controls.values())
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_H)
    assert actions.steps.isChecked() != before[1]
    press(panel.next)
    press(panel.show_me)
    form = window.training_tab.form
    shown = [key for key in ("training.epochs", "training.loss", "dataset") if field(form, key).isVisible()]
    assert shown == ["training.epochs"]
    press(panel.close_button)
    assert all(field(form, key).isVisible() for key in ("training.epochs", "training.loss", "dataset"))
    assert all(widget.isEnabled() for widget in controls.values())


def test_a_field_that_the_program_leads_to_is_shown_although_the_step_leaves_it_out(
    panel: LessonPanel, window: MainWindow
) -> None:
    press(panel.next)
    press(panel.next)
    press(panel.show_me)
    form = window.training_tab.form
    assert not field(form, "model.hidden").isVisible()
    form.go_to("model.hidden")  # "Show the field" below the curves, or a click on a layer
    assert field(form, "model.hidden").isVisible()
    assert not field(form, "training.loss").isVisible()
    press(panel.show_me)
    assert not field(form, "model.hidden").isVisible()


@pytest.mark.parametrize("view", ["gates", "layers"])
def test_a_window_that_a_step_opens_does_not_cover_its_text(
    view: str, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "window.toml"
    path.write_text(f'title = "A"\n[[steps]]\ntitle = "B"\ntext = "C"\nshow = {{ view = "{view}" }}\n')
    window.resize(1280, 800)
    window.files.open_file(path)
    qtbot.waitUntil(lambda: window.lessons.is_open)
    panel = window.lessons.panel
    assert panel is not None
    opened, free = (window.gates if view == "gates" else window.layer_window), panel.mapToGlobal(QPoint()).x()
    opened.move(free - 100, -50)
    press(panel.show_me)
    assert opened.isVisible()
    assert opened.frameGeometry().right() < max(free, opened.frameGeometry().width())
    assert opened.y() >= 0


@pytest.fixture
def looking(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> MistakesTab:
    """Return Mistakes in a lesson's step that asks for a mistake, with a mistake that the program selected."""
    path = tmp_path / "mistake.toml"
    show = 'show = { tab = "mistakes", dataset = "digits", model = "softmax" }'
    path.write_text(f'title = "A"\n[[steps]]\ntitle = "B"\ntext = "C"\n{show}\ndone = {{ when = "found-mistake" }}\n')
    window.resize(1280, 800)
    window.lessons.open(path)
    panel = window.lessons.panel
    assert panel is not None
    press(panel.show_me)
    qtbot.waitUntil(lambda: window.mistakes_tab.gallery.grid.current_sample is not None)
    return window.mistakes_tab


def _click_current(tab: MistakesTab) -> None:
    grid = tab.gallery.grid
    QTest.mouseClick(grid.viewport(), LEFT, pos=grid.visualRect(grid.currentIndex()).center())


def _type(key: Qt.Key) -> Callable[[MistakesTab], None]:
    return lambda tab: QTest.keyClick(tab.gallery.grid, key)


def _click_cell(*, is_empty: bool) -> Callable[[MistakesTab], None]:
    """Click a cell of the matrix beside the diagonal, with samples or without."""

    def click(tab: MistakesTab) -> None:
        metrics, table = tab.browser.metrics, tab.overview.matrix.table
        assert metrics is not None
        tab.columns.show_left()
        mistakes = metrics.confusion * (1 - np.eye(10, dtype=int))
        cells = np.argwhere((mistakes + np.eye(10, dtype=int) == 0) if is_empty else (mistakes > 0))
        index = table.model().index(*cells[0].tolist())
        QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(index).center())

    return click


def _choose_next(field: str) -> Callable[[MistakesTab], None]:
    def choose(tab: MistakesTab) -> None:
        QTest.keyClick(getattr(tab.gallery.filters, field), Qt.Key.Key_Down)

    return choose


def _other_model(tab: MistakesTab) -> None:
    model = tab.sources.model
    QTest.keyClick(tab.overview.sources.model, Qt.Key.Key_Down)
    if tab.sources.model == model:
        QTest.keyClick(tab.overview.sources.model, Qt.Key.Key_Up)
    assert tab.sources.model != model


@pytest.mark.parametrize(
    "choose", [_click_current, _type(Qt.Key.Key_Right), _type(Qt.Key.Key_Home), _click_cell(is_empty=False)]
)
def test_a_mistake_that_the_user_chooses_is_found(
    choose: Callable[[MistakesTab], None], looking: MistakesTab, window: MainWindow
) -> None:
    assert not window.lessons.is_step_done
    choose(looking)
    assert window.lessons.is_step_done


@pytest.mark.parametrize(
    "change",
    [
        *map(_choose_next, ("sort", "shown", "label")),
        lambda tab: press(tab.gallery.filters.reverse),
        _other_model,
        lambda tab: QTest.keyClick(tab.overview.sources.part, Qt.Key.Key_Down),
        lambda tab: tab.browser.choose_digit(4),  # as a click on a row of "per digit"
    ],
    ids=["sort", "shown", "label", "order", "model", "part", "digit"],
)
def test_a_mistake_that_the_program_selects_is_not_found(
    change: Callable[[MistakesTab], None], looking: MistakesTab, window: MainWindow, qtbot: QtBot
) -> None:
    query, sources = looking.browser.query, looking.sources.choice
    change(looking)
    assert (query, sources) != (looking.browser.query, looking.sources.choice)
    grid = looking.gallery.grid
    qtbot.waitUntil(lambda: looking.browser.samples is not None and grid.current_sample is not None, timeout=20_000)
    assert not window.lessons.is_step_done


def test_an_empty_cell_of_the_matrix_is_no_mistake(looking: MistakesTab, window: MainWindow) -> None:
    _click_cell(is_empty=True)(looking)
    assert len(looking.browser.query.cells) == 1
    assert not window.lessons.is_step_done


@pytest.mark.parametrize(
    ("done", "show"),
    [
        ('{ when = "opened-tab", tab = "train" }', '{ tab = "train" }'),
        ('{ when = "made-gate", gate = "or" }', '{ view = "gates" }'),
        ('{ when = "opened-unit" }', '{ view = "inside", model = "mlp" }'),
        ('{ when = "switched-off" }', '{ view = "inside", model = "mlp" }'),
    ],
)
def test_what_is_so_already_is_done_once_it_is_shown(
    done: str, show: str, window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "already.toml"
    path.write_text(f'title = "A"\n[[steps]]\ntitle = "B"\ntext = "C"\nshow = {show}\ndone = {done}\n')
    window.resize(1280, 800)
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "mlp"))
    window.gates.by_hand.gate.show_raw("or")
    window.gates.by_hand.show_weights(PERCEPTRONS["or"])
    session.inside.switch(Unit(1, 3))
    session.inside.open_unit(Unit(1, 3))
    window.show_page("train")
    window.lessons.open(path)
    panel = window.lessons.panel
    assert panel is not None
    press(panel.show_me)
    qtbot.waitUntil(lambda: window.lessons.is_step_done)


def field(form: QWidget, name: str) -> QWidget:
    found = form.findChild(QWidget, name)
    assert isinstance(found, QWidget)
    return found


def test_a_step_is_done_by_a_real_action_and_stays_done(
    panel: LessonPanel, window: MainWindow, settled: Callable[[], None], qtbot: QtBot
) -> None:
    press(panel.next)
    assert panel.goal.text() == "○ Draw a 7."
    assert panel.next.text() == "Skip"
    draw(window.draw_tab.canvas, [[(140, 50), (140, 230)]])
    settled()
    assert panel.goal.text() == "○ Draw a 7."
    press_clear(window)
    draw(window.draw_tab.canvas, SEVEN)
    qtbot.waitUntil(lambda: panel.goal.text() == "✓ Done: you drew a 7")
    assert panel.next.text() == "Next"
    press_clear(window)
    press(panel.next)
    press(panel.back)
    assert panel.goal.text() == "✓ Done: you drew a 7"


def press_clear(window: MainWindow) -> None:
    window.draw_tab.canvas.setFocus()
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Delete)


@pytest.mark.parametrize("how", ["button", "escape"])
def test_the_end_of_a_lesson_puts_the_window_back(
    how: str, panel: LessonPanel, window: MainWindow, session: Session
) -> None:
    press(panel.show_me)
    session.models.set_comparing(True)
    if how == "button":
        press(panel.close_button)
    else:
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Escape)  # closes what the lesson shows beside the pad
        assert panel.isVisible()
        assert not window.actions_.inside.isChecked()
        QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert not window.lessons.is_open
    assert session.models.chosen.name == "cnn"
    assert not session.models.is_comparing
    assert not window.actions_.inside.isChecked()
    assert Settings().model == "cnn"
    assert window.tabs.width() == window.width()


def test_a_model_that_the_user_chose_meanwhile_stays(panel: LessonPanel, session: Session) -> None:
    press(panel.show_me)
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "softmax"))
    press(panel.close_button)
    assert session.models.chosen.name == "softmax"


def test_after_a_crash_in_a_lesson_the_settings_are_as_before(panel: LessonPanel, session: Session) -> None:
    press(panel.show_me)
    assert session.settings.model == "mlp"
    assert session.settings.shows_inside
    after = Settings()  # as the next start reads them
    assert after.model == "cnn"
    assert not after.shows_inside


def test_a_lesson_goes_on_where_it_was_left(panel: LessonPanel, window: MainWindow, path: Path) -> None:
    press(panel.next)
    press(panel.close_button)
    window.lessons.open(path)
    assert panel.place.text() == "Step 2 of 3"
    press(panel.next)
    assert panel.next.text() == "Finish"
    press(panel.next)
    assert not window.lessons.is_open
    window.lessons.open(path)
    assert panel.place.text() == "Step 1 of 3"


def test_closing_the_window_ends_the_lesson(panel: LessonPanel, window: MainWindow) -> None:
    press(panel.show_me)
    window.close()
    assert not window.lessons.is_open
    assert Settings().model == "cnn"


@pytest.mark.parametrize("text", ["x = ", 'title = "A"', "steps = 3", "title = 'A'\n[[steps]]\ntitle = 'B'"])
def test_a_file_that_is_no_lesson_gives_a_sentence(text: str, window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    window.files.open_file(path)
    qtbot.waitUntil(lambda: bool(window.draw_tab.messages.text))
    assert not window.lessons.is_open
    assert "bad.toml" in window.draw_tab.messages.text
    path.write_text(LESSON)  # the teacher corrects it
    window.files.open_file(path)
    qtbot.waitUntil(lambda: window.lessons.is_open)
    assert not window.draw_tab.messages.isVisible()


def test_a_lesson_can_be_dropped_on_the_window(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, no_key = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPoint(9, 9), copy, data, LEFT, no_key))
    qtbot.waitUntil(lambda: window.lessons.is_open)


def test_the_menu_lists_the_lessons_and_ticks_finished_ones(window: MainWindow, path: Path, session: Session) -> None:
    folder = user_lessons()
    folder.mkdir(parents=True)
    mine = folder / "mine.toml"
    mine.write_text(LESSON)
    menu = window.lesson_menu.menu
    window.lesson_menu.refresh()
    actions = [action for action in menu.actions() if action.data()]
    assert actions[0].text() == "1  A perceptron and its gates"
    assert (actions[-1].text(), actions[-1].isChecked()) == ("Sevens", False)
    actions[-1].trigger()
    assert window.lessons.is_open
    from digitpad.core.lessons.lesson_files import key_of

    session.settings.set_lesson_progress(key_of(mine), 3, {1, 2})
    window.lesson_menu.refresh()
    assert [action for action in menu.actions() if action.data()][-1].isChecked()


def test_a_step_offers_the_data_that_it_needs(
    panel: LessonPanel, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    downloads = FakeDownloads(monkeypatch)
    for _ in range(2):
        press(panel.next)
    assert panel.note.text().startswith("This step uses MNIST, which is not on this computer.")
    assert panel.download.text() == "Download MNIST (11.6 MB)"
    press(panel.download)
    assert session.downloads.key == "mnist"
    assert panel.note.text() == "MNIST is being downloaded: 0 %."
    assert panel.download.isHidden()
    del downloads


def test_in_a_small_window_the_text_lies_over_the_page_and_folds(panel: LessonPanel, window: MainWindow) -> None:
    window.resize(760, 560)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (760, 560)
    assert not panel.is_beside
    assert panel.text.isVisible()
    press(panel.show_me)
    assert panel.is_folded
    assert not panel.text.isVisible()
    assert panel.height() < 60
    assert window.tabs.geometry().bottom() < panel.geometry().top()
    press(panel.fold)
    assert panel.text.isVisible()
    press(panel.fold)
    press(panel.next)
    assert panel.text.isVisible()


def test_what_the_text_would_cover_is_shown_when_the_keyboard_comes_to_it(
    panel: LessonPanel, window: MainWindow, settled: Callable[[], None], qtbot: QtBot
) -> None:
    window.resize(760, 560)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    window.draw_tab.canvas.setFocus()
    assert panel.text.isVisible()
    button = window.draw_tab.label_buttons.buttons[7]
    assert place_of(panel).contains(place_of(button))
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.hasFocus()
    assert not panel.text.isVisible()
    assert not place_of(panel).intersects(place_of(button))


def test_text_from_a_file_loads_nothing(
    qtbot: QtBot, themes: Themes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.png"
    view = MarkdownText()
    qtbot.addWidget(view)
    loaded: list[str] = []
    original = view.loadResource
    monkeypatch.setattr(view, "loadResource", lambda kind, name: (loaded.append(str(name)), original(kind, name))[1])
    view.show_markdown(
        f"A ![x]({secret.as_uri()}) !![y]({secret}) ![z][r] <img src='{secret}'> <b>bold</b>\n\n[r]: {secret}\n"
    )
    view.resize(300, 200)
    view.show()
    view.grab()
    assert "￼" not in view.toPlainText()  # the place of a picture
    assert "<b>bold</b>" in view.toPlainText()
    assert loaded == []


@pytest.mark.parametrize(
    ("address", "opens"), [("https://example.org/a", True), ("file:///etc/passwd", False), ("javascript:1", False)]
)
def test_only_links_to_web_pages_open(
    address: str, opens: bool, qtbot: QtBot, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    view = MarkdownText()
    qtbot.addWidget(view)
    view.show_markdown(f"[a link to read]({address})")
    view.resize(300, 100)
    view.show()
    QTest.mouseClick(view.viewport(), LEFT, pos=QPoint(20, 8))
    assert opened == ([address] if opens else [])


def test_every_control_of_a_lesson_is_known_to_the_form_or_the_pad(window: MainWindow) -> None:
    assert set(get_args(Control)) == {*CONTROLS, "recipe", "more", *window.draw_tab.panel.controls}

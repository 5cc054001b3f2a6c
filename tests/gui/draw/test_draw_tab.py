"""Drawings and their answers, in the real window with the real models."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import EMPTY, enlarge_digit_image
from digitpad.core.ink.strokes import Ink, digit_image
from digitpad.core.models.model_files import list_models
from digitpad.core.models.switched_off import Unit
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.answer.digit_answer import brief_failure
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import ONE, SEVEN, draw, place, status_text


def answer_of(window: MainWindow) -> str:
    return window.draw_tab.panel.answers[0].answer


def test_a_drawn_seven_is_answered_with_ten_bars(window: MainWindow, settled: Callable[[], None]) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert answer_of(window) == "7"
    shown = window.draw_tab.panel.answers[0].bars.prediction
    assert shown is not None
    assert shown.best == 7
    assert shown.probabilities.sum() == pytest.approx(1)
    assert window.windowTitle() == "7 – digitpad"


def test_answers_appear_while_the_pen_is_down(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    canvas = window.draw_tab.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 50))
    with qtbot.waitSignal(
        session.recognition.answered, check_params_cb=lambda answer: answer.predictions[0].digit == 1
    ):
        for y in range(60, 240, 20):
            QTest.mouseMove(canvas, place(canvas, 140, y))
    assert canvas.is_drawing
    assert answer_of(window) == "1"
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 240))


class PaintCounter(QObject):
    """Counts how often widgets are painted."""

    count = 0

    def eventFilter(self, _widget: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_the_bars_of_an_answer_are_painted_before_other_events(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    window.actions_.compare.trigger()
    answers: list[Answer] = []
    session.recognition.answered.connect(answers.append)
    for strokes in (ONE, SEVEN):
        session.pad.clear()
        draw(window.draw_tab.canvas, strokes)
        settled()
    QApplication.processEvents()
    counter, panel = PaintCounter(), window.draw_tab.panel
    for view in panel.answers:
        view.bars.installEventFilter(counter)
    panel.show_answer(next(answer for answer in answers if answer.question.drawing and answer.predictions))
    assert counter.count >= 3
    painted = counter.count
    panel.show_answer(answers[-1])
    panel.show_answer(answers[-1])  # nothing changes
    assert counter.count == painted + 3


def test_the_pixels_shown_are_the_ones_the_model_got(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    expected = digit_image(Ink.of(session.pad.drawing.ink.strokes)).pixels
    np.testing.assert_array_equal(window.draw_tab.panel.digit_image_view.pixels, expected)


def test_an_empty_pad_has_no_answer(window: MainWindow, session: Session, settled: Callable[[], None]) -> None:
    assert answer_of(window) == ""
    draw(window.draw_tab.canvas, ONE)
    settled()
    assert answer_of(window) == "1"
    session.pad.clear()
    assert answer_of(window) == ""
    settled()
    assert answer_of(window) == ""
    assert window.draw_tab.panel.answers[0].bars.prediction is None
    assert not window.draw_tab.panel.digit_image_view.pixels.any()
    assert window.windowTitle() == "digitpad"


def test_an_early_drawing_is_answered_as_soon_as_the_model_is_ready(
    session: Session, themes: Themes, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    draw(window.draw_tab.canvas, SEVEN)
    assert answer_of(window) == ""
    session.start()
    settled()
    assert answer_of(window) == "7"


def test_models_are_compared_side_by_side(window: MainWindow, session: Session, settled: Callable[[], None]) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    window.actions_.compare.trigger()
    settled()
    answers = window.draw_tab.panel.answers
    assert [view.answer for view in answers] == ["7", "7", "7"]
    assert len({view.bars.prediction.confidence for view in answers if view.bars.prediction}) == 3
    window.actions_.compare.trigger()
    settled()
    assert len(window.draw_tab.panel.answers) == 1
    assert answer_of(window) == "7"


def test_another_model_answers_at_once_and_is_remembered(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    before = window.draw_tab.panel.answers[0].bars.prediction
    softmax = next(entry for entry in session.models.entries if entry.name == "softmax")
    window.draw_tab.panel.model_requested.emit(softmax)
    settled()
    after = window.draw_tab.panel.answers[0].bars.prediction
    assert before is not None
    assert after is not None
    assert before.confidence != after.confidence
    assert softmax.card.test_accuracy is not None
    assert status_text(window, "model").startswith(f"Softmax · {100 * softmax.card.test_accuracy:.2f}")
    assert Session(Settings()).models.chosen.name == "softmax"


def test_the_last_answer_is_for_the_newest_drawing(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    answers: list[Answer] = []
    session.recognition.answered.connect(answers.append)
    draw(window.draw_tab.canvas, SEVEN, steps=150)
    settled()
    assert answers[-1].question.drawing is session.pad.drawing
    lengths = [len(answer.question.drawing.ink.strokes[0]) for answer in answers]
    assert lengths == sorted(lengths)


def test_a_broken_model_is_reported_once_and_drawing_continues(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"nonsense")
    with qtbot.waitSignal(session.problem_found):
        window.files.open_file(bad)
    assert "bad.safetensors" in window.draw_tab.messages.text
    assert session.models.chosen.name == "cnn"
    draw(window.draw_tab.canvas, SEVEN)
    assert window.draw_tab.messages.text == ""
    settled()
    assert answer_of(window) == "7"


def test_a_deleted_model_file_is_reported_in_the_window(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    own = tmp_path / "own.safetensors"
    shutil.copy(list_models()[0].path, own)
    with qtbot.waitSignal(session.models.chosen_changed):
        window.files.open_file(own)
    qtbot.waitUntil(lambda: session.recognition.is_settled)
    own.unlink()
    with qtbot.waitSignal(session.problem_found):
        draw(window.draw_tab.canvas, ONE)
        qtbot.waitUntil(lambda: session.recognition.is_settled)
    assert "own.safetensors does not exist any more: cnn is used instead" in window.draw_tab.messages.text
    assert session.models.chosen.name == "cnn"
    qtbot.waitUntil(lambda: session.recognition.is_settled)
    assert answer_of(window) == "1"


def test_the_steps_can_be_hidden(window: MainWindow) -> None:
    steps = window.draw_tab.panel.steps_view
    assert steps.isVisible()
    window.actions_.steps.trigger()
    assert not steps.isVisible()
    assert not Settings().shows_steps


def test_nothing_scrolls_in_a_window_of_1280x744(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    window.resize(1280, 744)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    for reads_numbers in (False, True):
        session.recognition.set_reads_numbers(reads_numbers)
        for is_comparing in (False, True):
            session.models.set_comparing(is_comparing)
            settled()
            QApplication.processEvents()
            assert window.draw_tab.panel.visibleRegion().boundingRect().size() == window.draw_tab.panel.size()


def test_undo_brings_the_answer_back(window: MainWindow, session: Session, settled: Callable[[], None]) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Delete)
    assert session.pad.drawing is EMPTY
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled()
    assert answer_of(window) == "7"


def test_a_failed_answer_removes_the_previous_one(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    own = tmp_path / "own.safetensors"
    shutil.copy(list_models()[0].path, own)
    with qtbot.waitSignal(session.models.chosen_changed):
        window.files.open_file(own)
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert answer_of(window) == "7"
    own.write_bytes(b"nonsense")
    problems: list[str] = []
    session.problem_found.connect(problems.append)
    draw(window.draw_tab.canvas, ONE)
    settled()
    assert answer_of(window) == ""
    assert window.windowTitle() == "digitpad"
    assert len(problems) == 1, "not one with every move of the pen"
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    assert window.draw_tab.messages.text == ""
    (view,) = window.draw_tab.panel.answers
    assert (
        view.accessibleName()
        == "own.safetensors is not a model of digitpad: choose a .safetensors file saved by digitpad"
    )
    assert str(own) in view.toolTip()
    session.models.set_comparing(True)
    settled()
    view = window.draw_tab.panel.answers[-1]
    assert view.accessibleName() == "This model cannot be used."
    assert str(own) in view.toolTip()


@pytest.mark.parametrize("name", ["best.safetensors", "last.safetensors"])
def test_a_damaged_run_is_named_by_its_folder(name: str) -> None:
    path = Path("/home/me/runs/mlp-fast-20261128-120000") / name
    reason = brief_failure(f"{path} is damaged: train again", path).replace("\N{ZERO WIDTH SPACE}", "")
    assert reason == f"mlp-fast-20261128-120000/{name} is damaged: train again"


def test_a_broken_model_of_an_earlier_session_fails_alone(
    themes: Themes, tmp_path: Path, qtbot: QtBot, user_folder: Path
) -> None:
    folder = user_folder / "data" / "digitpad" / "models"
    folder.mkdir(parents=True)
    (folder / "mine.safetensors").write_bytes(list_models()[0].path.read_bytes()[:20_000])
    settings = Settings()
    settings.model, settings.is_comparing = str(folder / "mine.safetensors"), True
    session = Session(settings)
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    draw(window.draw_tab.canvas, SEVEN)
    session.start()
    qtbot.waitUntil(lambda: session.recognition.is_settled, timeout=60_000)
    assert [view.answer for view in window.draw_tab.panel.answers] == ["7", "7", "7", ""]
    assert "mine.safetensors" in window.draw_tab.messages.text
    window.close()


def test_a_model_file_that_is_opened_again_is_read_again(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    own = tmp_path / "own.safetensors"
    for entry in list_models()[:2]:
        shutil.copy(entry.path, own)
        with qtbot.waitSignal(session.models.entries_changed):
            window.files.open_file(own)
        assert session.models.chosen.card.name == entry.name
    assert sum(entry.path == own for entry in session.models.entries) == 1
    assert Session(Settings()).models.chosen.path == own


def test_comparing_while_the_pen_is_down_recognises_the_unfinished_stroke(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    canvas = window.draw_tab.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 50))
    for y in range(60, 240, 20):
        QTest.mouseMove(canvas, place(canvas, 140, y))
    session.models.set_comparing(True)
    settled()
    assert session.models.is_comparing
    assert [view.answer for view in window.draw_tab.panel.answers] == ["1", "1", "1"]
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 240))


def test_the_keys_of_the_pad_do_nothing_in_another_tab(window: MainWindow, session: Session) -> None:
    draw(window.draw_tab.canvas, ONE)
    window.show_tab(1)
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_C):
        QTest.keyClick(window, key)
    assert session.pad.drawing
    assert not session.models.is_comparing
    window.show_tab(0)
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_Delete)
    assert not session.pad.drawing


def test_a_sample_keeps_its_label_until_something_is_drawn_over_it(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    pixels = digit_image(Ink.of(session.pad.drawing.ink.strokes)).pixels
    for label, shown in ((7, "✓ label 7"), (1, "✗ label 1")):
        session.pad.change(replace(enlarge_digit_image(pixels), label=label), "sample")
        settled()
        answer = window.draw_tab.panel.answers[0]
        assert answer.label == shown
        assert shown in answer.accessibleName()
    draw(window.draw_tab.canvas, ONE)
    settled()
    assert answer.label == ""
    session.pad.undo_stack.undo()
    settled()
    assert answer.label == "✗ label 1"


def test_break_it_says_that_the_model_is_loading(session: Session, themes: Themes, qtbot: QtBot) -> None:
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()  # the session is not started, so no model is loaded
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_B)
    view = window.draw_tab.break_it
    assert view is not None
    assert view.is_empty
    draw(window.draw_tab.canvas, SEVEN)
    assert view.empty_page.sentence == "Loading the model. You can already draw."
    assert view.empty_page.action.isHidden()


def test_the_answer_to_the_empty_pad_does_not_hide_that_the_model_is_loading(
    session: Session, themes: Themes, qtbot: QtBot
) -> None:
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    window.show_break_it()
    view = window.draw_tab.break_it
    assert view is not None
    session.recognition.start(EMPTY)
    draw(window.draw_tab.canvas, SEVEN)  # while the model is being loaded
    pages = []
    session.recognition.answered.connect(lambda _: pages.append(view.empty_page.sentence if view.is_empty else ""))
    qtbot.waitUntil(lambda: not view.is_empty)
    assert pages
    assert all(page in ("", "Loading the models…", "Loading the model. You can already draw.") for page in pages)
    assert view.rows[2].prediction is not None


@pytest.mark.parametrize("name", ["inside", "break_it", "teach"])
def test_esc_closes_the_view_beside_the_pad_and_only_then_leaves_stage_mode(
    window: MainWindow, name: str, settled: Callable[[], None], qtbot: QtBot
) -> None:
    action, tab = getattr(window.actions_, name), window.draw_tab
    window.actions_.stage.setChecked(True)
    action.setChecked(True)
    draw(tab.canvas, SEVEN)
    settled()
    if name == "inside":
        session_inside = window.session.inside
        session_inside.open_unit(Unit(1, 0))
        QTest.keyClick(tab.canvas, Qt.Key.Key_Escape)
        assert session_inside.opened is None
    assert tab.view is getattr(tab, name)
    assert tab.view is not None
    QTest.keyClick(tab.view.close_button, Qt.Key.Key_Escape)
    assert tab.view is None
    assert not action.isChecked()
    assert window.focusWidget() is tab.canvas
    assert window.stage.is_on
    QTest.keyClick(tab.canvas, Qt.Key.Key_Escape)
    assert not window.stage.is_on

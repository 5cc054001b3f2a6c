"""Train on my digits: start, stop, and keep or discard the result."""

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_models
from digitpad.core.fine_tuning.events import (
    DigitReading,
    FineTuned,
    FineTuneDigits,
    FineTuneEvent,
    FineTuneMeasuring,
    FineTunePreparing,
    FineTuneScores,
    FineTuneStarted,
    FineTuneStep,
    Score,
)
from digitpad.core.models.model_files import BEST, ModelCard, ModelEntry, list_models, load_model, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Answer
from digitpad.core.runs.run_folder import KeptModel
from digitpad.core.runs.run_library import list_runs
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.fine_tuning.comparison_table import Comparison, ComparisonTable
from digitpad.gui.fine_tuning.pages import DonePage, is_worth_keeping
from digitpad.gui.fine_tuning.panel import FineTuningPanel
from digitpad.gui.fine_tuning.start_models import start_models
from digitpad.gui.session.fine_tuning_progress import Stage, TuningProgress
from digitpad.gui.session.fine_tuning_service import FineTuningService, FineTuningState
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.close_prompts import CloseChoice, ask_about_fine_tuning, ask_about_result
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.drawings import new_digits, stroke_drawing
from tests.helpers.heard import Heard

LEFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
HELD_OUT, MNIST = (Score(11, 20), Score(19, 20)), (Score(9916, 10_000), Score(9910, 10_000))


@pytest.fixture(autouse=True)
def no_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use no MNIST: slow measurements are in the tests of core."""
    monkeypatch.setenv("DIGITPAD_DATA", str(tmp_path / "no data"))


@pytest.fixture
def thirty_digits() -> None:
    with MyDigits.open() as mine:
        mine.add_all(new_digits(30))


@pytest.fixture
def panel(session: Session, themes: Themes, qtbot: QtBot) -> Callable[[], FineTuningPanel]:
    """Show the tab, with softmax chosen on the pad."""
    made: list[MainWindow] = []

    def show() -> FineTuningPanel:
        session.models.choose(next(entry for entry in session.models.entries if entry.name == "softmax"))
        window = MainWindow(session, themes)
        made.append(window)
        qtbot.addWidget(window)
        window.show()
        with qtbot.waitSignal(session.my_digits.read):
            window.show_tab(3)
        return window.my_digits_tab.fine_tuning

    return show


def press(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def a_result(my_digits: bool = True, mnist: bool = True, **changes: object) -> FineTuned:
    model = load_model(next(entry.path for entry in shipped() if entry.name == "softmax")).model
    pairs = [pair if is_there else (None, None) for pair, is_there in ((HELD_OUT, my_digits), (MNIST, mnist))]
    figures = [FineTuneScores(*each) for each in zip(*pairs, strict=True)]
    return replace(FineTuned(model, *figures, blend=0.8, digit_count=24, steps=184), **changes)


def shipped() -> list[ModelEntry]:
    return [entry for entry in list_models() if entry.is_shipped]


def fake_fine_tuning(monkeypatch: pytest.MonkeyPatch, *events: FineTuneEvent, error: Exception | None = None) -> None:
    """Replace fine-tuning with these events, and then raise the error if there is one."""

    def fine_tune(_model: object, my_digits: FineTuneDigits, _base: object) -> Generator[FineTuneEvent, None, None]:
        yield FineTuneStarted(my_digits.count, 2)
        yield from events
        if error:
            raise error

    monkeypatch.setattr("digitpad.core.fine_tuning.loop.fine_tune", fine_tune)


def fake_endless_fine_tuning(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Replace fine-tuning with one that runs until it is stopped; return an event that is then set."""
    was_closed = Event()

    def fine_tune(*_: object) -> Generator[FineTuneEvent, None, None]:
        step = 0
        try:
            while True:
                step += 1
                yield FineTuneStep(step, 1_000_000_000, 1.0)
        finally:
            was_closed.set()

    monkeypatch.setattr("digitpad.core.fine_tuning.loop.fine_tune", fine_tune)
    return was_closed


def wait_for(tuner: FineTuningService, state: FineTuningState, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: tuner.state is state, timeout=60_000)


def answer_with(monkeypatch: pytest.MonkeyPatch, question: str, choice: CloseChoice) -> list[object]:
    """Answer a question on closing; return the list of the windows that asked it."""
    asked: list[object] = []

    def answer(parent: object) -> CloseChoice:
        asked.append(parent)
        return choice

    monkeypatch.setattr(f"digitpad.gui.window.close_prompts.{question}", answer)
    return asked


def models_in_folder() -> list[str]:
    return sorted(path.name for path in user_models().glob("*")) if user_models().is_dir() else []


def test_a_kept_model_can_be_used_on_the_pad(
    thirty_digits: None, panel: Callable[[], FineTuningPanel], session: Session, qtbot: QtBot
) -> None:
    shown = panel()
    start, done = shown.start_page, shown.done_page
    assert "It trains on 26 digits; 4 are held out for testing." in start.sentence
    assert start.model.currentText() == "Softmax"
    press(start.start)
    assert shown.window().focusWidget() is shown.running_page.stop
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    assert shown.window().focusWidget() is done.keep
    my_digits, mnist = done.table.rows
    assert my_digits[0] == "My digits, held out (4)"
    assert mnist == ("MNIST test", "–", "–", "–")
    assert "MNIST is not installed" in done.notes
    assert models_in_folder() == []
    press(done.keep)
    assert models_in_folder() == ["softmax-mine.safetensors"]
    assert start.kept == "✓ Saved as softmax-mine."
    assert shown.window().focusWidget() is start.use
    assert session.models.entries[-1].name == "softmax-mine"
    assert session.models.chosen.name == "softmax"
    window = shown.window()
    assert isinstance(window, MainWindow)
    assert "softmax-mine" in [action.text() for action in window.menus._model_group.actions()]
    with qtbot.waitSignal(session.recognition.became_ready, timeout=60_000):
        session.start()
    press(start.use)
    assert (session.models.chosen.name, window.tabs.currentIndex()) == ("softmax-mine", 0)
    answers: list[Answer] = []
    session.recognition.answered.connect(answers.append)
    session.pad.change(stroke_drawing(3), "draw")
    qtbot.waitUntil(lambda: bool(answers and answers[-1].question.drawing))
    prediction = answers[-1].predictions[0]
    assert isinstance(prediction, Prediction)
    assert prediction.probabilities.sum() == pytest.approx(1)
    assert not prediction.is_blank
    assert start.kept == "✓ Saved as softmax-mine; the pad uses it."
    assert start.use.isHidden()
    assert start.model.currentText() == "softmax-mine"


def test_the_result_and_the_saved_model_are_said(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    heard: Heard,
    qtbot: QtBot,
) -> None:
    reading = DigitReading(np.full((28, 28), 9, np.uint8), 4, 9, 4, True)
    fake_fine_tuning(monkeypatch, a_result(readings=(reading,)))
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    qtbot.waitUntil(lambda: len(heard) == 2)
    assert heard[0] == "A model has learned from your digits"
    assert heard[1].startswith("Wrong before: 1, right now: 1. My digits, held out (20): 11 right before, 19 right")
    assert "MNIST test (10,000): 9,916 right before" in heard[1]
    press(shown.done_page.keep)
    qtbot.waitUntil(lambda: len(heard) == 3)
    assert heard[2] == "✓ Saved as softmax-mine."


def test_the_focus_is_never_outside_the_panel_between_its_pages(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    focused: list[QWidget | None],
    qtbot: QtBot,
) -> None:
    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    shown.start_page.start.setFocus()
    focused.clear()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    press(shown.done_page.keep)
    qtbot.waitUntil(lambda: session.fine_tuning.state is FineTuningState.IDLE)
    assert [type(each).__name__ for each in focused if each is None or not shown.isAncestorOf(each)] == []
    assert focused[-1] is shown.start_page.use


def test_a_discarded_model_leaves_no_file(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    fake_fine_tuning(monkeypatch, a_result())
    shown, before = panel(), session.models.entries
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    assert shown.done_page.table.rows == (
        ("My digits, held out (20)", "55.0\u00a0%", "95.0\u00a0%", "▲ +40.0"),
        ("MNIST test (10,000)", "99.16\u00a0%", "99.10\u00a0%", "−0.06"),
    )
    press(shown.done_page.discard)
    assert session.fine_tuning.state is FineTuningState.IDLE
    assert shown.start_page.isVisible()
    assert models_in_folder() == []
    assert session.models.entries == before


def test_a_stopped_fine_tuning_leaves_no_file_and_can_be_restarted(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    was_closed = fake_endless_fine_tuning(monkeypatch)
    shown = panel()
    press(shown.start_page.start)
    qtbot.waitUntil(lambda: "Training: step" in shown.running_page.status, timeout=60_000)
    press(shown.running_page.stop)
    assert shown.running_page.status == "Stopping…"
    wait_for(session.fine_tuning, FineTuningState.IDLE, qtbot)
    assert was_closed.is_set()
    assert shown.start_page.note == "Stopped; nothing was saved."
    assert models_in_folder() == []
    fake_fine_tuning(monkeypatch, a_result())
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)


def test_closing_the_window_stops_fine_tuning(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    was_closed = fake_endless_fine_tuning(monkeypatch)
    shown = panel()
    press(shown.start_page.start)
    qtbot.waitUntil(lambda: "Training: step" in shown.running_page.status, timeout=60_000)
    thread = session.fine_tuning.worker
    assert thread in session.threads
    shown.window().close()
    assert was_closed.is_set()
    assert session.fine_tuning.worker is None
    assert session.fine_tuning.state is FineTuningState.IDLE
    with MyDigits.open() as mine:
        assert mine.count() == 30
    assert models_in_folder() == []


@pytest.mark.parametrize("choice", [CloseChoice.STAY, CloseChoice.DISCARD])
def test_closing_during_fine_tuning_asks_once(
    choice: CloseChoice,
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    asked = answer_with(monkeypatch, "ask_about_fine_tuning", choice)
    was_closed = fake_endless_fine_tuning(monkeypatch)
    shown = panel()
    press(shown.start_page.start)
    qtbot.waitUntil(lambda: "Training: step" in shown.running_page.status, timeout=60_000)
    shown.window().close()
    assert asked == [shown.window()]
    assert shown.window().isVisible() is (choice is CloseChoice.STAY)
    assert was_closed.is_set() is (choice is CloseChoice.DISCARD)
    assert session.fine_tuning.is_busy is (choice is CloseChoice.STAY)
    session.fine_tuning.stop()
    wait_for(session.fine_tuning, FineTuningState.IDLE, qtbot)


@pytest.mark.parametrize("choice", list(CloseChoice))
def test_closing_with_a_result_asks_whether_to_keep_it(
    choice: CloseChoice,
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    asked = answer_with(monkeypatch, "ask_about_result", choice)
    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    shown.window().close()
    assert asked == [shown.window()]
    assert shown.window().isVisible() is (choice is CloseChoice.STAY)
    assert models_in_folder() == (["softmax-mine.safetensors"] if choice is CloseChoice.KEEP else [])
    if choice is CloseChoice.STAY:
        assert session.fine_tuning.result
        session.fine_tuning.discard()


def test_a_result_that_arrives_during_the_question_is_asked_about(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def stop(_: object) -> CloseChoice:
        wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
        return CloseChoice.DISCARD

    monkeypatch.setattr("digitpad.gui.window.close_prompts.ask_about_fine_tuning", stop)
    asked = answer_with(monkeypatch, "ask_about_result", CloseChoice.KEEP)
    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    press(shown.start_page.start)
    shown.window().close()
    assert len(asked) == 1
    assert models_in_folder() == ["softmax-mine.safetensors"]


def test_the_window_stays_open_if_the_model_cannot_be_saved(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DigitpadError("the disk is full: make room")

    answer_with(monkeypatch, "ask_about_result", CloseChoice.KEEP)
    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    window = shown.window()
    assert isinstance(window, MainWindow)
    window.show_tab(0)
    monkeypatch.setattr("digitpad.core.fine_tuning.fine_tuned_models.save_fine_tuned", fail)
    window.close()
    assert window.isVisible()
    assert shown.done_page.isVisible()
    assert shown.done_page.problem == "The disk is full: make room."
    session.fine_tuning.discard()


def test_closing_does_not_ask_about_an_unchanged_model(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    asked = answer_with(monkeypatch, "ask_about_result", CloseChoice.STAY)
    fake_fine_tuning(monkeypatch, a_result(blend=0.0))
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    shown.window().close()
    assert asked == []
    assert not shown.window().isVisible()


@pytest.mark.parametrize(
    ("ask", "answers"),
    [
        (ask_about_fine_tuning, {"Keep learning": CloseChoice.STAY, "Stop and close": CloseChoice.DISCARD}),
        (
            ask_about_result,
            {"Cancel": CloseChoice.STAY, "Keep": CloseChoice.KEEP, "Discard": CloseChoice.DISCARD},
        ),
    ],
)
def test_each_button_of_the_questions_has_a_choice_and_escape_stays(
    ask: Callable[[QWidget], CloseChoice], answers: dict[str, CloseChoice], themes: Themes, qtbot: QtBot
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)

    def answer(text: str) -> None:
        (box,) = parent.findChildren(QMessageBox)
        assert {button.text() for button in box.buttons()} == set(answers)
        chosen = [button for button in box.buttons() if button.text() == text]
        if chosen:
            chosen[0].click()
        else:
            QTest.keyClick(box, Qt.Key.Key_Escape)
        box.deleteLater()

    for text, choice in {**answers, "": CloseChoice.STAY}.items():
        QTimer.singleShot(0, parent, partial(answer, text))
        assert ask(parent) is choice
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_training_cannot_start_during_fine_tuning(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    fake_endless_fine_tuning(monkeypatch)
    shown = panel()
    window = shown.window()
    assert isinstance(window, MainWindow)
    tab = window.training_tab
    tab.form.set_recipe(with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=1", "train_first=200"]))
    press(shown.start_page.start)
    qtbot.waitUntil(lambda: "Training: step" in shown.running_page.status, timeout=60_000)
    window.show_tab(1)
    assert not tab.buttons.start.isEnabled()
    assert tab.buttons.note.sentence == "A model is learning from your digits."
    sentence = "A model is learning from your digits. Stop it on the My digits tab, or wait until it is done."
    monkeypatch.setattr(session.training, "resume", pytest.fail)
    tab.buttons.resume_requested.emit()
    assert tab.messages.text == sentence
    session.fine_tuning.stop()
    wait_for(session.fine_tuning, FineTuningState.IDLE, qtbot)
    assert tab.messages.text == ""
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: not session.training.is_busy, timeout=60_000)
    assert len(list_runs()) == 1


def test_the_default_model_replaces_a_kept_model_whose_file_is_missing(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    press(shown.done_page.keep)
    with qtbot.waitSignal(session.recognition.became_ready, timeout=60_000):
        session.start()
    press(shown.start_page.use)
    qtbot.waitUntil(lambda: session.recognition.is_settled)
    assert "the pad uses it" in shown.start_page.kept
    (user_models() / "softmax-mine.safetensors").unlink()
    with qtbot.waitSignal(session.problem_found) as caught:
        session.pad.change(stroke_drawing(3), "draw")
    assert caught.args
    assert "softmax-mine.safetensors does not exist any more: cnn is used instead" in caught.args[0]
    assert session.models.chosen.name == "cnn"
    assert "softmax-mine" not in [entry.name for entry in session.models.entries]
    assert shown.start_page.kept == ""
    assert shown.start_page.use.isHidden()
    assert session.settings.model == "cnn"


def test_without_digits_the_page_explains_why_it_cannot_start(
    panel: Callable[[], FineTuningPanel], session: Session
) -> None:
    start = panel().start_page
    assert not start.start.isEnabled()
    assert start.note == "There are no digits to train on: draw some and choose their labels."
    session.fine_tuning.keep()
    session.fine_tuning.discard()
    assert session.fine_tuning.state is FineTuningState.IDLE


def test_fine_tuning_can_start_when_digits_are_added(
    panel: Callable[[], FineTuningPanel], session: Session, qtbot: QtBot
) -> None:
    start = panel().start_page
    with MyDigits.open() as mine:
        mine.add(stroke_drawing(1), 3)
    with qtbot.waitSignal(session.my_digits.read):
        session.my_digits.request_read()
    assert start.start.isEnabled()
    assert start.note == ""
    assert "It trains on 1 digit; none is held out for testing yet, so draw more." in start.sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DigitpadError("the model is of clay: choose another"), "The model is of clay: choose another."),
        (
            ValueError("no such thing"),
            "Training on your digits failed. Details are in the log (Help → Show log folder).",
        ),
    ],
)
def test_an_error_is_reported_in_a_sentence(
    error: Exception,
    sentence: str,
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    fake_fine_tuning(monkeypatch, FineTuneStep(1, 2, 0.5), error=error)
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.FAILED, qtbot)
    assert shown.start_page.note == sentence
    fake_fine_tuning(monkeypatch, a_result())
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    press(shown.done_page.discard)
    assert shown.start_page.note == ""


def test_a_model_that_cannot_be_saved_can_be_saved_again(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DigitpadError("the disk is full: make room")

    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    with monkeypatch.context() as full:
        full.setattr("digitpad.core.fine_tuning.fine_tuned_models.save_fine_tuned", fail)
        press(shown.done_page.keep)
    assert shown.done_page.problem == "The disk is full: make room."
    press(shown.done_page.keep)
    assert models_in_folder() == ["softmax-mine.safetensors"]


def test_fine_tuning_cannot_start_during_a_training(
    thirty_digits: None, panel: Callable[[], FineTuningPanel], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = panel().start_page
    for state, can_start in (
        (TrainingState.TRAINING, False),
        (TrainingState.PAUSED, True),
        (TrainingState.TRAINING, False),
        (TrainingState.IDLE, True),
    ):
        monkeypatch.setattr(session.training, "_state", state)
        session.training.state_changed.emit(state)
        assert start.start.isEnabled() == can_start
        assert ("A training is running" in start.note) == (not can_start)


def test_models_for_other_inputs_are_not_listed(
    thirty_digits: None, panel: Callable[[], FineTuningPanel], session: Session
) -> None:
    torch.manual_seed(0)
    for name, inputs, dataset in (("small", (8, 8), ""), ("kana", (28, 28), "KMNIST test"), ("good", (28, 28), "")):
        path = user_models() / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        card = ModelCard(name=name, dataset=dataset)
        save_model(path, build(MLPSpec(inputs=inputs, hidden=(4,))), card)
        session.models.add(ModelEntry(path, card, is_shipped=False))
    start = panel().start_page
    listed = [start.model.itemText(index) for index in range(start.model.count())]
    assert listed == ["Shipped", "Softmax", "MLP", "CNN", "Your models", "good"]
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "kana"))
    assert start.model.currentText() == "CNN"


@pytest.mark.parametrize(("dataset", "is_listed"), [("digits", True), ("fashion-mnist", False), ("kmnist", False)])
def test_only_runs_on_digits_are_listed(
    dataset: str, is_listed: bool, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = with_settings(load_recipe("softmax"), [f"dataset={dataset}"])
    info = SimpleNamespace(versions={})
    models = (KeptModel("best", Path("a") / BEST, None),)
    run = SimpleNamespace(
        name="mine", folder=Path("a"), has_model=True, kept_models=models, recipe=recipe, best=None, info=info
    )
    monkeypatch.setattr(type(session.runs), "runs", [run])
    listed = [model.title for model in start_models(session, str) if model.group == "Your runs"]
    assert listed == (["mine"] if is_listed else [])


def test_a_worse_model_is_not_recommended() -> None:
    assert is_worth_keeping(a_result())
    assert is_worth_keeping(a_result(mnist=False))
    assert is_worth_keeping(a_result(blend=0.0)) is False
    assert is_worth_keeping(a_result(my_digits=False, blend=0.0)) is False
    assert not is_worth_keeping(a_result(after=FineTuneScores(Score(10, 20), MNIST[1])))
    assert not is_worth_keeping(a_result(after=FineTuneScores(HELD_OUT[1], Score(9880, 10_000))))


@pytest.mark.parametrize(("my_digits", "recommended"), [(True, "keep"), (False, "")])
def test_no_button_is_recommended_if_no_digit_was_held_out(
    my_digits: bool, recommended: str, themes: Themes, qtbot: QtBot
) -> None:
    page = DonePage()
    qtbot.addWidget(page)
    page.show_result(a_result(my_digits=my_digits), "CNN")
    roles = {name: button.property("role") for name, button in (("keep", page.keep), ("discard", page.discard))}
    assert [name for name, role in roles.items() if role == "primary"] == ([recommended] if recommended else [])


def test_a_small_change_on_mnist_has_no_verdict() -> None:
    def compared(after: int) -> Comparison:
        found = Comparison.of(Score(9900, 10_000), Score(after, 10_000), 2, 0.1)
        assert found
        return found

    assert (compared(9904).verdict, compared(9904).change_text) == ("", "+0.04")
    assert (compared(9890).verdict, compared(9890).change_text) == ("", "−0.10")
    assert (compared(9911).verdict, compared(9911).change_text) == ("right", "▲ +0.11")
    assert (compared(9880).verdict, compared(9880).change_text) == ("wrong", "▼ −0.20")


def test_the_table_shows_a_small_change_on_mnist_without_an_arrow(themes: Themes, qtbot: QtBot) -> None:
    table = ComparisonTable()
    qtbot.addWidget(table)
    table.show_result(a_result(after=FineTuneScores(HELD_OUT[1], Score(9920, 10_000))))
    assert [row[-1] for row in table.rows] == ["▲ +40.0", "+0.04"]


def test_an_unchanged_model_cannot_be_kept(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    fake_fine_tuning(monkeypatch, a_result(blend=0.0, after=FineTuneScores(HELD_OUT[0], MNIST[0]), notes=("Too much",)))
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    assert [row[-1] for row in shown.done_page.table.rows] == ["±0", "±0"]
    assert shown.done_page.notes == "Too much."
    assert shown.done_page.keep.isHidden()
    press(shown.done_page.discard)
    assert session.fine_tuning.state is FineTuningState.IDLE


def test_the_progress_bar_never_moves_back() -> None:
    events = [
        FineTuneMeasuring(False, 20, 20),
        FineTuneMeasuring(False, 1, 100),
        FineTunePreparing(3, 3),
        *(FineTuneStep(step, 5, 1.0) for step in range(1, 6)),
        FineTuneMeasuring(True, 9, 10),
        FineTuneMeasuring(True, 1, 10),
    ]
    states = [TuningProgress()]
    for event in events:
        states.append(states[-1].after(event))
    fractions = [state.fraction for state in states]
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < fractions[-1] <= 1
    assert [state.stage for state in states][-1] is Stage.AFTER
    assert states[7].done == 4


def test_shown_figures_add_up() -> None:
    compared = Comparison.of(Score(2, 3), Score(3, 3), 1)
    assert compared
    assert (compared.figures, compared.change_text) == (("66.7\u00a0%", "100.0\u00a0%"), "▲ +33.3")
    assert Comparison.of(None, Score(1, 2), 1) is None


@pytest.mark.parametrize(
    ("error", "state", "text"),
    [
        (None, FineTuningState.DONE, "A model has learned from your digits"),
        (DigitpadError("no"), FineTuningState.FAILED, "Training on your digits failed"),
    ],
)
def test_the_status_bar_reports_the_end_while_another_tab_is_shown(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    error: Exception | None,
    state: FineTuningState,
    text: str,
) -> None:
    fake_fine_tuning(monkeypatch, a_result(), error=error)
    window = panel().window()
    assert isinstance(window, MainWindow)
    news = window.status_bar.news
    window.show_tab(0)
    session.fine_tuning.start(session.models.chosen)
    wait_for(session.fine_tuning, state, qtbot)
    assert (news.isVisible(), news.text()) == (True, text)
    window.show_tab(1)
    assert news.isVisible()
    press(news)
    assert window.tabs.currentIndex() == 3
    assert not news.isVisible()
    window.show_tab(0)
    session.fine_tuning.discard()
    assert not news.isVisible()


def test_the_status_bar_does_not_report_the_end_while_the_tab_is_shown(
    thirty_digits: None,
    panel: Callable[[], FineTuningPanel],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    fake_fine_tuning(monkeypatch, a_result())
    shown = panel()
    press(shown.start_page.start)
    wait_for(session.fine_tuning, FineTuningState.DONE, qtbot)
    window = shown.window()
    assert isinstance(window, MainWindow)
    assert not window.status_bar.news.isVisible()


def test_the_digits_that_were_wrong_are_shown_before_and_after(qtbot: QtBot, themes: Themes) -> None:
    page = DonePage()
    qtbot.addWidget(page)
    image = np.full((28, 28), 9, np.uint8)
    readings = (
        DigitReading(image, 4, 9, 4, True),
        DigitReading(image, 7, 1, 2, False),
        DigitReading(image, 3, 3, 5, False),
    )
    page.show_result(a_result(readings=readings), "CNN")
    page.show()
    assert page.readings.isVisible()
    assert page.readings.sentence == (
        "Wrong before: 2, right now: 1. Newly wrong: 1. It was trained on those without ○."
    )
    assert page.readings.texts == [
        "label 4: read as 9 before, as 4 now, not trained on",
        "label 7: read as 1 before, as 2 now",
        "label 3: read as 3 before, as 5 now",
    ]
    page.show_result(a_result(), "CNN")
    assert not page.readings.isVisible()

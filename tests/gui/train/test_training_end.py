"""The end of a training: what was reached, a hint where something went wrong, and the model of the pad."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.loading import load_digits
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import PARTS, SETS
from digitpad.core.models.model_files import BEST
from digitpad.core.runs.diagnosis import has_learned
from digitpad.core.runs.run_folder import Run, epoch_row
from digitpad.core.runs.run_library import list_runs
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.session.training_service import TrainingEnded, TrainingState
from digitpad.gui.theme.theme import Themes
from digitpad.gui.train.outcome_texts import outcome_of
from digitpad.gui.train.progress_line import ProgressLine
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.idx_files import images_idx, labels_idx, write_files

QUICK = ["dataset=digits", "hidden=16", "epochs=3", "batch_size=200", "precision=float32", "device=cpu"]
WILD = ["learning_rate=1", "schedule=constant", "optimizer=adam", "weight_decay=0"]


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    window.show_tab(PageId.TRAIN)
    window.training_tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), QUICK))
    return window.training_tab


@pytest.fixture
def train(tab: TrainTab, session: Session, qtbot: QtBot) -> Callable[..., Run]:
    def run(*settings: str, recipe: str = "mlp-fast", count: int = 1) -> Run:
        tab.form.set_recipe(
            with_settings(load_recipe(recipe), [*QUICK, *settings] if recipe == "mlp-fast" else settings)
        )
        press(tab.buttons.start)
        qtbot.waitUntil(lambda: not session.training.is_busy)
        assert len(list_runs()) == count
        return list_runs()[0]

    return run


def press(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_for_pad(session: Session, run: Run, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: session.models.chosen.path == run.folder / BEST)


def test_the_end_says_what_was_reached_and_how_long_it_took(tab: TrainTab, train: Callable[..., Run]) -> None:
    run = train()
    assert run.best is not None
    reached = f"{100 * run.best.test_accuracy:.2f} % of the test images right at epoch {run.best.epoch} of 3"
    assert tab.progress_line.text.startswith(f"Done: {reached}, trained for ")
    assert tab.progress_line.text.endswith(" (tests not counted).")
    assert tab.progress_line.fraction == 1.0


def test_the_time_of_a_training_in_progress_says_that_it_has_the_tests(themes: Themes, qtbot: QtBot) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.show_progress(Progress(2, 3, 0.5, 4.4, None, None), TrainingState.TRAINING)
    assert line.text == "epoch 2/3 · 4.4 s elapsed with tests"


def test_a_long_end_is_shown_whole_and_moves_nothing(themes: Themes, qtbot: QtBot) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.resize(648, line.sizeHint().height())
    line.show()
    start = "Stopped after epoch 123 of 1,000: at best 98.63 % of the test images right, trained for 1 min 12 s"
    pictures, heights = [], [line.sizeHint().height()]
    for end in ("you can resume.", "you can resumX."):
        line.show_outcome(f"{start}; {end}", is_finished=False)
        pictures.append(line.grab().toImage())
        heights.append(line.sizeHint().height())
    assert pictures[0] != pictures[1]
    assert len(set(heights)) == 1


def test_the_pad_uses_the_trained_model_and_can_go_back(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    before = session.models.chosen
    run = train()
    qtbot.waitUntil(lambda: tab.messages.text == f"The pad now uses “{run.name}”.")
    assert session.models.chosen.path == run.folder / BEST
    assert tab.messages.action.text() == "Back to CNN"
    press(tab.messages.action)
    assert session.models.chosen == before
    assert not tab.messages.text


def test_after_another_training_the_way_back_leads_to_the_model_before(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    first = train()
    wait_for_pad(session, first, qtbot)
    second = train("seed=2", count=2)
    wait_for_pad(session, second, qtbot)
    assert tab.messages.action.accessibleName() == f"Back to {first.name}"
    press(tab.messages.action)
    assert session.models.chosen.path == first.folder / BEST


def test_a_training_that_begins_before_the_pad_has_the_last_model_is_followed_too(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    train()
    wait_for_pad(session, train("seed=2", count=2), qtbot)


def test_the_focus_stays_where_it_is_when_the_pad_changes_its_model(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), QUICK))
    tab.buttons.start.setFocus()
    QTest.keyClick(tab.buttons.start, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    wait_for_pad(session, list_runs()[0], qtbot)
    assert QApplication.focusWidget() is tab.buttons.start


def test_the_draw_tab_says_that_the_pad_has_another_model(
    tab: TrainTab, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    press(tab.buttons.start)
    window.show_tab(PageId.DRAW)
    qtbot.waitUntil(lambda: "The pad now uses" in window.draw_tab.messages.text)
    assert "The pad now uses" in tab.messages.text
    press(window.draw_tab.messages.action)
    assert session.models.chosen.name == "cnn"
    assert not window.draw_tab.messages.text
    assert not tab.messages.text


def test_choosing_another_model_ends_the_offer_to_go_back(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    wait_for_pad(session, train(), qtbot)
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "softmax"))
    assert not tab.messages.text


def test_a_model_that_the_user_chooses_during_the_training_stays(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, "epochs=60"]))
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.progress.epoch > 1)
    softmax = next(entry for entry in session.models.entries if entry.name == "softmax")
    session.models.choose(softmax)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    run = list_runs()[0]
    assert tab.messages.text == f"“{run.name}” is trained. The pad still uses the model that you chose."
    assert session.models.chosen == softmax
    press(tab.messages.action)
    wait_for_pad(session, run, qtbot)


def test_unticking_live_on_the_pad_during_the_training_keeps_the_model(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, "epochs=100"]))
    press(tab.progress_line.follow)
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.models.chosen.live is not None)
    press(tab.progress_line.follow)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert "The pad still uses" in tab.messages.text
    assert session.models.chosen.name == "cnn"


def test_after_live_on_the_pad_the_way_back_leads_to_the_model_before(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    press(tab.progress_line.follow)
    wait_for_pad(session, train(), qtbot)
    assert tab.messages.action.text() == "Back to CNN"
    press(tab.messages.action)
    assert session.models.chosen.name == "cnn"


@pytest.mark.parametrize("dataset", ["fashion-mnist", "kmnist"])
def test_the_pad_does_not_use_a_model_of_other_things_than_digits(
    tab: TrainTab, session: Session, train: Callable[..., Run], dataset: str
) -> None:
    files = {}
    for part in PARTS:  # which a model can learn
        digits = load_digits("digits", part, data_folder())
        images, labels = SETS[dataset].stems[part]
        files |= {images: images_idx(digits.images), labels: labels_idx(digits.labels)}
    write_files(data_folder() / dataset, files)
    tab.data.data_changed.emit()
    run = train(f"dataset={dataset}")
    assert has_learned(run.rows, run.recipe)
    assert session.models.chosen.name == "cnn"
    assert not tab.messages.text


def test_a_stopped_training_can_be_resumed_and_the_pad_keeps_its_model(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, "epochs=100000"]))
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.progress.epoch > 2)
    press(tab.buttons.stop)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    run = list_runs()[0]
    assert run.last is not None
    assert tab.progress_line.text.startswith(f"Stopped after epoch {run.last.epoch} of 100,000: at best ")
    assert tab.progress_line.text.endswith("; you can resume.")
    assert session.models.chosen.name == "cnn"
    assert not tab.messages.text


def test_a_training_that_learns_nothing_ends_with_a_hint_that_leads_to_the_field(
    tab: TrainTab, session: Session, train: Callable[..., Run]
) -> None:
    train(*WILD, "hidden=64,64")
    assert tab.messages.text == "Nothing was learned. The learning rate may be too high: try 0.001."
    assert session.models.chosen.name == "cnn"
    press(tab.messages.action)
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused.objectName() == "training.learning_rate"


@pytest.mark.parametrize("is_live", [False, True])
def test_the_pad_does_not_follow_a_training_whose_loss_is_worse_than_guessing(
    tab: TrainTab, session: Session, train: Callable[..., Run], *, is_live: bool
) -> None:
    if is_live:
        press(tab.progress_line.follow)
    run = train("dataset=digits", "learning_rate=100", "epochs=3", recipe="softmax")
    assert has_learned(run.rows, run.recipe)
    assert "The learning rate may be too high" in tab.messages.text
    assert "The pad now uses" not in tab.messages.text
    assert session.models.chosen.name == "cnn"
    assert tab.messages.action.text() == "Show the field"


def test_a_training_whose_loss_is_not_a_number_ends_with_a_hint(tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    wild = ["optimizer=sgd", "learning_rate=100", "momentum=0.99", "epochs=500", "hidden=64,64,64"]
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), [*QUICK, *wild]))
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert tab.messages.text == "The loss is no longer a number. The learning rate may be too high: try 0.1."
    assert "not a number" in tab.progress_line.text
    assert session.models.chosen.name == "cnn"


def test_a_model_that_learned_the_training_images_by_heart_is_used_with_a_hint(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot
) -> None:
    settings = ["hidden=512,256", "train_first=200", "batch_size=20", "epochs=60", "schedule=constant"]
    run = train(*settings, "learning_rate=0.001", "label_smoothing=0", "weight_decay=0")
    wait_for_pad(session, run, qtbot)
    start = f"The pad now uses “{run.name}”. It learned the training images by heart: the test loss rose after epoch "
    assert tab.messages.text.startswith(start)
    assert tab.messages.action.text() == "Back to CNN"


def test_xor_counts_points_and_the_pad_keeps_its_model(
    tab: TrainTab, session: Session, train: Callable[..., Run]
) -> None:
    train("epochs=200", recipe="xor-mlp")
    assert " of 4 points right at epoch " in tab.progress_line.text
    assert session.models.chosen.name == "cnn"


def test_weights_that_cannot_be_used_leave_the_pad_as_it_is(
    tab: TrainTab, session: Session, train: Callable[..., Run], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train()
    wait_for_pad(session, run, qtbot)
    press(tab.messages.action)
    (run.folder / BEST).write_bytes(b"damaged")
    with qtbot.waitSignal(session.pad_follower.worker.answered):
        session.pad_follower.end_training(run)
    assert session.models.chosen.name == "cnn"
    assert not tab.messages.text


def test_every_end_has_a_sentence(tab: TrainTab, session: Session, train: Callable[..., Run]) -> None:
    run, job = train(), session.training.job
    nothing = replace(run, rows=())
    long = replace(run, recipe=with_settings(run.recipe, ["epochs=50"]))
    texts = [
        outcome_of(ended, job).sentence
        for ended in (
            TrainingEnded(None),
            TrainingEnded(nothing, "The disk is full."),
            TrainingEnded(None, "no number", has_diverged=True),
            TrainingEnded(long, "no number", has_diverged=True),
            TrainingEnded(long, "The disk is full."),
            TrainingEnded(long),
        )
    ]
    assert texts[:2] == ["No epoch was completed, so nothing was saved."] * 2
    assert texts[2] == "The loss was not a number in the first epoch, so nothing was saved."
    assert "Ended after epoch 3 of 50: the loss is not a number. At best " in texts[3]
    assert "Ended after epoch 3 of 50: at best " in texts[4]
    assert texts[5].endswith("It ended early: the test loss no longer fell.")


def test_a_stopped_training_is_not_told_to_train_longer(train: Callable[..., Run]) -> None:
    run = train()
    row = epoch_row({**dict.fromkeys(("train_loss", "test_loss"), 2.3), "epoch": 1, "seconds": 1.0,
                     "train_accuracy": 0.1, "test_accuracy": 0.1})  # fmt: skip
    short = replace(run, rows=(row,), recipe=with_settings(run.recipe, ["learning_rate=0.001"]))
    assert outcome_of(TrainingEnded(short), None).hint.startswith("It has hardly begun to learn. Train for more epochs")
    assert outcome_of(TrainingEnded(short, was_stopped=True), None).hint == ""

"""Changes by another window or machine are reported, and no data is lost."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.suspect_labels import read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import Digits
from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.mistakes.sample_browser import SampleBrowser
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.train.train_tab import TrainTab

LACKS_DEVICE = with_settings(
    load_recipe("mlp-fast"),
    ["dataset=digits", "hidden=4", "epochs=1", "train_first=60", "test_first=40", "device=cuda:7"],
)


def first_of(values: list[Any] | None) -> Any:
    """Return the first value of a signal that was received."""
    assert values
    return values[0]


def browser() -> SampleBrowser:
    """Return the browser of a window, with two samples."""
    digits = Digits("samples", np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28), np.array([3, 4], np.uint8))
    window = SampleBrowser()
    window.show(Samples(LoadedSet(SampleSet("digits", "test", data_folder()), digits, 0)))
    return window


def notes(window: SampleBrowser) -> list[str]:
    assert window.samples is not None
    return [mark.note for mark in window.samples.marks.values()]


def test_notes_of_two_windows_on_one_sample_are_both_kept(qtbot: QtBot) -> None:
    del qtbot
    one, two = browser(), browser()
    one.mark_all([1], note="a serif")
    two.mark_all([1], note="too thin")
    assert notes(two) == ["a serif; too thin"]
    two.mark_all([1], note="fine")
    assert notes(two) == ["fine"]


def test_a_mark_that_another_window_changed_is_not_removed_before_it_is_shown(qtbot: QtBot) -> None:
    one, two = browser(), browser()
    one.mark_all([1])
    two.read_marks()
    one.mark_all([1], note="a serif")
    with qtbot.waitSignal(two.problem_found) as problem:
        two.unmark_all([1])
    assert "another window" in first_of(problem.args)
    assert notes(two) == ["a serif"]
    with qtbot.assertNotEmitted(two.problem_found):
        two.unmark_all([1])
    assert read_marks() == ()


def test_undo_keeps_a_note_that_was_added_later(qtbot: QtBot) -> None:
    one, two = browser(), browser()
    one.toggle_marks(np.array([1]))
    two.read_marks()
    two.mark_all([1], note="a serif")
    with qtbot.waitSignal(one.problem_found):
        one.undo_marks()
    assert notes(one) == ["a serif"]


@pytest.mark.usefixtures("themes")
def test_a_training_on_a_missing_device_can_be_started_on_another(session: Session, qtbot: QtBot) -> None:
    tab = TrainTab(session)
    qtbot.addWidget(tab)
    tab.show()
    with qtbot.waitSignal(session.training.ended, timeout=60_000) as first:
        session.training.start(TrainingJob(LACKS_DEVICE, "gone", "gone"))
    assert isinstance(first_of(first.args), TrainingEnded)
    assert "cuda:7" in tab.messages.text
    button: QPushButton = tab.messages.action
    assert button.isVisible()
    with qtbot.waitSignal(session.training.ended, timeout=60_000) as second:
        button.click()
    assert first_of(second.args).problem == ""
    assert first_of(second.args).run.recipe == replace(
        LACKS_DEVICE, training=replace(LACKS_DEVICE.training, device="auto")
    )


def test_an_error_about_a_missing_library_names_it(qtbot: QtBot) -> None:
    def broken(_value: object) -> object:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    thread = LatestOnlyWorker(broken)
    with qtbot.waitSignal(thread.failed) as problem:
        thread.start()
        thread.submit(1)
    thread.stop()
    assert isinstance(first_of(problem.args), DigitpadError)
    assert str(first_of(problem.args)).startswith("the library torch is missing")


@pytest.mark.parametrize("name", ["threshold", "is_comparing"])
def test_without_a_home_folder_the_settings_have_defaults(
    session: Session, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda _: (_ for _ in ()).throw(KeyError("no such user")))
    assert session.settings.folder
    assert getattr(session.settings, name) is not None

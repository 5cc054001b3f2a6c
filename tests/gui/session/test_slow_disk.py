"""On a slow disk whoever draws, trains or looks around never waits for it: what is read is read in threads."""

import builtins
import io
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import new_mark, put_marks, read_marks
from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
from digitpad.core.files.paths import data_folder, user_runs
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.dataset import count_digits
from digitpad.core.runs.run_folder import LOCK, Run
from digitpad.core.runs.run_library import delete_run, list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.mistakes.sample_browser import SampleBrowser
from digitpad.gui.session.run_list import RunList
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.window.main_window import MainWindow

Opened = list[str]


def recipe(epochs: int = 2) -> Recipe:
    return with_settings(load_recipe("softmax"), ["dataset=digits", f"epochs={epochs}", "train_first=200"])


def trained(name: str) -> Run:
    closed = list(run_job(TrainingJob(recipe(), "softmax", name)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, user_folder: Path) -> Opened:
    """What the window's own thread has opened below the user's home, and renamed there."""
    found: Opened = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            place = str(arguments[0]) if arguments else ""
            if str(user_folder) in place and threading.current_thread() is threading.main_thread():
                found.append(place)
            return function(*arguments, **options)

        return call

    for module, name in (
        *((builtins, "open"), (io, "open"), (os, "open"), (os, "replace"), (os, "rename")),
        (sqlite3, "connect"),
    ):
        monkeypatch.setattr(module, name, watched(getattr(module, name)))
    return found


@pytest.fixture
def shelf(session: Session) -> RunList:
    return session.runs


class HeldReading:
    """Reading the runs' folders takes until it is let go on with."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []
        self._list = list_runs
        monkeypatch.setattr("digitpad.gui.session.run_list.list_runs", self)

    def __call__(self) -> list[Run]:
        self.threads.append(threading.current_thread())
        found = self._list()
        self.begun.set()
        assert self.may_end.wait(30)
        return found


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> HeldReading:
    return HeldReading(monkeypatch)


def ended_of(
    session: Session, qtbot: QtBot, epochs: int, *, stops: bool = False, discards: bool = False
) -> TrainingEnded:
    with qtbot.waitSignal(session.training.ended, timeout=60_000) as ended:
        session.training.start(TrainingJob(recipe(epochs), "softmax", "mine"))
        if stops:
            qtbot.waitUntil(lambda: session.training.progress.epoch > 1, timeout=60_000)
            session.training.stop(discards=discards)
    assert ended.args is not None
    return ended.args[0]


def test_the_list_of_runs_is_read_in_a_thread_while_the_window_goes_on(
    shelf: RunList, held: HeldReading, qtbot: QtBot
) -> None:
    run = trained("mine")
    shelf.refresh()
    assert held.begun.wait(30)
    assert shelf.runs == []
    assert not shelf.was_read
    held.may_end.set()
    qtbot.waitUntil(lambda: [known.id for known in shelf.runs] == [run.id])
    assert threading.main_thread() not in held.threads


def test_a_list_that_was_read_before_a_run_was_deleted_is_dropped(
    shelf: RunList, held: HeldReading, qtbot: QtBot
) -> None:
    kept, gone = trained("kept"), trained("gone")
    shelf.add(kept, gone)
    shelf.refresh()
    assert held.begun.wait(30)
    shelf.delete([gone])
    told: list[list[str]] = []
    shelf.changed.connect(lambda: told.append([run.name for run in shelf.runs]))
    held.may_end.set()
    qtbot.waitUntil(lambda: shelf.is_settled and bool(told), timeout=10_000)
    assert told == [["kept"]]


def test_a_run_that_another_window_deleted_is_found_gone(shelf: RunList, qtbot: QtBot) -> None:
    run = trained("mine")
    shelf.add(run)
    delete_run(run)
    with qtbot.waitSignals([shelf.problem_found, shelf.changed]):
        shelf.rename(run, "another")
    assert shelf.runs == []


def test_which_runs_can_be_gone_on_with_is_found_in_the_thread(
    window: MainWindow, session: Session, qtbot: QtBot, opened: Opened
) -> None:
    run = ended_of(session, qtbot, 100_000, stops=True).run
    assert run is not None
    assert session.runs.resumable == {run.folder}
    window.show_tab(1)
    qtbot.waitUntil(lambda: session.runs.is_settled)
    window.training_tab.runs.select(run)
    assert session.runs.resumable == {run.folder}
    assert opened == []


def test_a_whole_training_opens_no_file_in_the_windows_thread(
    window: MainWindow, session: Session, qtbot: QtBot, opened: Opened
) -> None:
    window.show_tab(1)
    run = ended_of(session, qtbot, 3).run
    assert run is not None
    assert [known.id for known in session.runs.runs] == [run.id]
    assert [known.id for known in window.training_tab.runs.selected] == [run.id]
    assert opened == []


@pytest.mark.parametrize("discards", [False, True])
def test_what_is_left_of_a_stopped_training_is_looked_at_in_its_thread(
    session: Session, qtbot: QtBot, opened: Opened, discards: bool
) -> None:
    ended = ended_of(session, qtbot, 100_000, stops=True, discards=discards)
    assert (ended.run is None) is discards
    assert len(session.runs.runs) == (0 if discards else 1)
    assert ended.run is None or ended.run.info.outcome == "stopped"
    assert opened == []
    assert [run.id for run in list_runs()] == ([] if ended.run is None else [ended.run.id])


def test_tabs_are_shown_without_opening_a_file_of_the_users(
    window: MainWindow, session: Session, qtbot: QtBot, opened: Opened
) -> None:
    run = trained("mine")
    put_marks([new_mark(load_digits("digits", "test", data_folder()), "digits", "test", 3)])
    with qtbot.waitSignal(session.my_digits.kept):
        session.my_digits.keep(Drawing(ink=Ink.of([np.array([[0, 0], [100, 0], [40, 160]], float)])), 7)
    opened.clear()
    for tab in (1, 2, 3, 0, 2):
        window.show_tab(tab)
        qtbot.waitUntil(lambda: session.runs.is_settled and not session.evaluation.is_busy, timeout=60_000)
    assert [known.id for known in session.runs.runs] == [run.id]
    assert opened == []
    assert count_digits() == 1


def test_marks_that_were_read_before_one_was_made_are_not_taken(qtbot: QtBot) -> None:
    loaded = load_set(SampleSet("digits", "test", data_folder()))
    browser = SampleBrowser()
    browser.show(Samples(loaded))
    age, before = browser.marks_version, read_marks()
    browser.mark_all([3])
    browser.apply_marks(before, age)
    assert browser.samples is not None
    assert set(browser.samples.marks) == {3}
    browser.apply_marks(before, browser.marks_version)
    assert not browser.samples.marks


@pytest.mark.parametrize("kind", ["csv", "png", "svg"])
def test_exports_are_written_in_a_thread(
    window: MainWindow, qtbot: QtBot, opened: Opened, user_folder: Path, kind: str
) -> None:
    run = trained("mine")
    opened.clear()
    actions, messages = window.training_tab.run_actions, window.training_tab.messages
    places = [user_folder / f"{number}.{kind}" for number in range(3)]
    for place in places:
        actions.export_to(run, kind, place)
    qtbot.waitUntil(lambda: messages.text == f"Saved to {places[-1]}", timeout=60_000)
    assert all(place.stat().st_size > 50 for place in places)  # none is left out for a later one
    assert opened == []


def test_a_run_can_be_taken_up_while_somebody_looks_whether_it_is_trained() -> None:
    run = trained("mine")
    lock = FileLock(run.folder / LOCK, thread_local=False)  # let go of by another thread
    lock.acquire()
    release = threading.Timer(0.05, lock.release)
    release.start()
    assert delete_run(run).is_dir()
    release.join()
    assert not list(user_runs().glob("*/run.json"))

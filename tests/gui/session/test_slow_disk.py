"""The window never waits for a slow disk: files are read and written in threads."""

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
    """Return a list of the files in the user's folder that the window's thread opens or renames."""
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
def runs(session: Session) -> RunList:
    return session.runs


class BlockedReading:
    """Blocks reading the runs' folders until `may_end` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.started, self.may_end = threading.Event(), threading.Event()
        self.threads: list[threading.Thread] = []
        self._list = list_runs
        monkeypatch.setattr("digitpad.gui.session.run_list.list_runs", self)

    def __call__(self) -> list[Run]:
        self.threads.append(threading.current_thread())
        found = self._list()
        self.started.set()
        assert self.may_end.wait(30)
        return found


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> BlockedReading:
    return BlockedReading(monkeypatch)


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


def test_the_list_of_runs_is_read_in_a_thread(runs: RunList, blocked: BlockedReading, qtbot: QtBot) -> None:
    run = trained("mine")
    runs.refresh()
    assert blocked.started.wait(30)
    assert runs.runs == []
    assert not runs.was_read
    blocked.may_end.set()
    qtbot.waitUntil(lambda: [known.id for known in runs.runs] == [run.id])
    assert threading.main_thread() not in blocked.threads


def test_a_list_that_was_read_before_a_deletion_is_dropped(
    runs: RunList, blocked: BlockedReading, qtbot: QtBot
) -> None:
    kept, gone = trained("kept"), trained("gone")
    runs.add(kept, gone)
    runs.refresh()
    assert blocked.started.wait(30)
    runs.delete([gone])
    changes: list[list[str]] = []
    runs.changed.connect(lambda: changes.append([run.name for run in runs.runs]))
    blocked.may_end.set()
    qtbot.waitUntil(lambda: runs.is_settled and bool(changes), timeout=10_000)
    assert changes == [["kept"]]


def test_renaming_a_run_that_another_window_deleted_removes_it(runs: RunList, qtbot: QtBot) -> None:
    run = trained("mine")
    runs.add(run)
    delete_run(run)
    with qtbot.waitSignal(runs.problem_found):
        runs.rename(run, "another")
    # The folders may have been read before the run was deleted; then they are read once more.
    qtbot.waitUntil(lambda: runs.runs == [])


def test_the_thread_finds_which_runs_can_be_resumed(
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
def test_the_run_of_a_stopped_training_is_read_in_its_thread(
    session: Session, qtbot: QtBot, opened: Opened, discards: bool
) -> None:
    ended = ended_of(session, qtbot, 100_000, stops=True, discards=discards)
    assert (ended.run is None) is discards
    assert len(session.runs.runs) == (0 if discards else 1)
    assert ended.run is None or ended.run.info.outcome == "stopped"
    assert opened == []
    assert [run.id for run in list_runs()] == ([] if ended.run is None else [ended.run.id])


def test_showing_tabs_opens_no_file_of_the_user(
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


def test_marks_that_were_read_before_a_new_mark_are_dropped(qtbot: QtBot) -> None:
    loaded = load_set(SampleSet("digits", "test", data_folder()))
    browser = SampleBrowser()
    browser.show(Samples(loaded))
    version, before = browser.marks_version, read_marks()
    browser.mark_all([3])
    browser.apply_marks(before, version)
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
    paths = [user_folder / f"{number}.{kind}" for number in range(3)]
    for path in paths:
        actions.export_to(run, kind, path)
    qtbot.waitUntil(lambda: messages.text == f"Saved to {paths[-1]}", timeout=60_000)
    assert all(path.stat().st_size > 50 for path in paths)  # every export is written, not only the last
    assert opened == []


def test_a_run_can_be_deleted_while_another_process_checks_its_lock() -> None:
    run = trained("mine")
    lock = FileLock(run.folder / LOCK, thread_local=False)  # another thread releases it
    lock.acquire()
    release = threading.Timer(0.05, lock.release)
    release.start()
    assert delete_run(run).is_dir()
    release.join()
    assert not list(user_runs().glob("*/run.json"))

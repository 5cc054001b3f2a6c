"""My digits for the window: what was said to be kept is kept, whatever happens next."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import EMPTY, Drawing
from digitpad.core.my_digits.store import MyDigits
from digitpad.gui.session.my_digits_service import MyDigitsService
from digitpad.gui.session.my_digits_snapshot import MyDigitsSnapshot
from digitpad.gui.session.session import Session


@pytest.fixture
def own(session: Session) -> MyDigitsService:
    return session.my_digits


def drawing_of(x: float = 140) -> Drawing:
    return EMPTY.with_stroke(np.array([[x, 50], [x, 140], [x + 20, 230]], float))


def kept_in_file() -> list[tuple[int, int | None, str]]:
    with MyDigits.open() as mine:
        return [(digit.label, digit.predicted, digit.model) for digit in mine.all(newest_first=False)]


def read(own: MyDigitsService, qtbot: QtBot) -> MyDigitsSnapshot:
    with qtbot.waitSignal(own.read) as told:
        own.ask()
    return told.args[0]  # pyright: ignore[reportOptionalSubscript]


def test_what_is_kept_is_in_the_file_when_it_is_told(own: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    seen: list[list[tuple[int, int | None, str]]] = []
    threads: list[int] = []
    own.kept.connect(lambda *_: seen.append(kept_in_file()))
    own.kept.connect(lambda *_: threads.append(threading.get_ident()))
    with qtbot.waitSignal(own.changed):
        own.keep(drawing, 4, predicted=9, model="cnn")
    assert seen == [[(4, 9, "cnn")]]
    assert threads == [threading.get_ident()]
    digit = own.kept_as(drawing)
    assert digit is not None
    assert digit.label == 4
    assert own.kept_as(drawing_of()) is None


def test_the_same_drawing_is_relabelled_and_not_kept_twice(own: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignals([own.kept, own.kept, own.kept]):
        own.keep(drawing, 4, predicted=9, model="cnn")
        own.keep(drawing, 7, predicted=9, model="cnn")
        own.keep(drawing_of(), 1)
    assert kept_in_file() == [(7, 9, "cnn"), (1, None, "")]


def test_a_deleted_drawing_is_kept_anew(own: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignal(own.kept) as kept:
        own.keep(drawing, 4)
    with qtbot.waitSignal(own.deleted, check_params_cb=lambda _, count: count == 1):
        own.delete([kept.args[1].id])  # pyright: ignore[reportOptionalSubscript]
    assert own.kept_as(drawing) is None
    assert kept_in_file() == []
    with qtbot.waitSignal(own.kept):
        own.keep(drawing, 5)
    assert kept_in_file() == [(5, None, "")]


def test_closing_loses_nothing_that_was_asked_for(session: Session, own: MyDigitsService) -> None:
    for label in range(10):
        own.keep(drawing_of(100 + label), label)
    session.close()
    assert [label for label, _, _ in kept_in_file()] == list(range(10))


def test_digits_are_relabelled_deleted_and_restored(own: MyDigitsService, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        ids = [mine.add(drawing_of(100 + label), label, predicted=1, model="cnn").id for label in (1, 2, 3)]
    with qtbot.waitSignal(own.relabelled, check_params_cb=lambda _, count: count == 2):
        own.relabel({ids[0]: 8, ids[1]: 9})
    with qtbot.waitSignal(own.deleted, check_params_cb=lambda _, count: count == 2):
        own.delete(ids[1:])
    assert read(own, qtbot).labels.tolist() == [8]
    with qtbot.waitSignal(own.restored, check_params_cb=lambda job, count: (*job.numbers, count) == (*ids[1:], 2)):
        own.restore(ids[1:])
    shelf = read(own, qtbot)
    assert shelf.labels.tolist() == [3, 9, 8]
    assert shelf.predicted.tolist() == [1, 1, 1]
    assert shelf.counts.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 1, 1]
    np.testing.assert_array_equal(shelf.images[0], shelf.digits[0].image)
    (accuracy,) = shelf.accuracies
    assert (accuracy.model, accuracy.right, accuracy.asked) == ("cnn", 0, 3)


def test_what_another_window_did_is_seen_when_it_is_read_again(own: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignal(own.kept) as kept:
        own.keep(drawing, 4)
    number = kept.args[1].id  # pyright: ignore[reportOptionalSubscript]
    with MyDigits.open() as other:
        other.relabel(number, 6)
        other.add(drawing_of(), 2)
    assert read(own, qtbot).labels.tolist() == [2, 6]
    digit = own.kept_as(drawing)
    assert digit is not None
    assert digit.label == 6
    with MyDigits.open() as other:
        other.delete([number])
    assert read(own, qtbot).labels.tolist() == [2]
    assert own.kept_as(drawing) is None


def test_a_file_of_a_newer_digitpad_is_not_touched_and_can_be_moved_away(
    own: MyDigitsService, user_folder: Path, qtbot: QtBot
) -> None:
    with MyDigits.open() as mine:
        path = mine.path
        mine.add(drawing_of(), 3)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with qtbot.waitSignal(own.keep_failed) as failed:
        own.keep(drawing_of(), 4)
    assert "newer version of digitpad: update digitpad, or move the file away" in failed.args[1]  # pyright: ignore[reportOptionalSubscript]
    with qtbot.waitSignal(own.read_failed, check_params_cb=lambda words: "move the file away" in words):
        own.ask()
    assert path.read_bytes() == before
    path.rename(path.with_name("newer.sqlite3"))
    with qtbot.waitSignal(own.kept):
        own.keep(drawing_of(), 4)
    assert kept_in_file() == [(4, None, "")]


def test_a_damaged_file_is_set_aside_and_told_once(own: MyDigitsService, qtbot: QtBot) -> None:
    with MyDigits.open() as mine:
        path = mine.path
    path.write_bytes(b"no database at all" * 100)
    problems: list[str] = []
    own.was_set_aside.connect(problems.append)
    assert own.set_aside == ""
    with qtbot.waitSignals([own.kept, own.changed]):
        own.keep(drawing_of(), 4)
    assert read(own, qtbot).labels.tolist() == [4]
    assert len(problems) == 1
    assert "was damaged: it is now called" in problems[0]
    assert own.set_aside == problems[0]
    aside = [file for file in path.parent.iterdir() if ".damaged-" in file.name]
    assert [file.read_bytes() for file in aside] == [b"no database at all" * 100]


def test_what_is_damaged_while_it_is_open_is_set_aside_and_the_drawing_kept(own: MyDigitsService, qtbot: QtBot) -> None:
    with qtbot.waitSignal(own.kept):
        own.keep(drawing := drawing_of(), 4)
    with MyDigits.open() as mine:
        path = mine.path
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:  # the same file, so that only its content tells
        file.write(b"no database at all" * 1000)
    failures: list[object] = []
    own.keep_failed.connect(lambda *args: failures.append(args))
    with qtbot.waitSignals([own.was_set_aside, own.kept]):
        own.keep(drawing, 5)
    assert failures == []
    assert kept_in_file() == [(5, None, "")]


def test_a_relabelled_drawing_is_known_by_its_new_label(own: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignal(own.kept) as kept:
        own.keep(drawing, 4)
    _, digit, before = kept.args  # pyright: ignore[reportGeneralTypeIssues]
    assert before is None
    with qtbot.waitSignal(own.kept, check_params_cb=lambda *args: args[2] == 4):
        own.keep(drawing, 5)
    with qtbot.waitSignal(own.relabelled):
        own.relabel({digit.id: 4})
    known = own.kept_as(drawing)
    assert known is not None
    assert known.label == 4


def test_a_file_that_was_moved_away_is_begun_anew(own: MyDigitsService, qtbot: QtBot) -> None:
    with qtbot.waitSignal(own.kept):
        own.keep(drawing := drawing_of(), 4)
    with MyDigits.open() as mine:
        path = mine.path
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    with qtbot.waitSignal(own.kept):
        own.keep(drawing, 5)
    assert kept_in_file() == [(5, None, "")]


def test_what_is_imported_is_counted_and_nothing_importable_is_told(
    own: MyDigitsService, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "some.jsonl"
    stroke = "[[[80, 60], [200, 60], [130, 230]]]"
    file.write_text(f'{{"label": "7", "strokes": {stroke}}}\n{{"strokes": {stroke}}}\n')
    with qtbot.waitSignal(own.imported) as told:
        own.import_from(file)
    counts = told.args[0]  # pyright: ignore[reportOptionalSubscript]
    assert (counts.added, counts.duplicates, counts.skipped) == (1, 0, 1)
    with qtbot.waitSignal(own.problem_found, check_params_cb=lambda words: "has no digits to import" in words):
        own.import_from(tmp_path)
    assert kept_in_file() == [(7, None, "")]


def test_the_thread_starts_when_it_is_needed(session: Session, own: MyDigitsService, qtbot: QtBot) -> None:
    assert own.worker in session.threads
    assert not own.worker.isRunning()
    read(own, qtbot)
    assert own.worker.isRunning()

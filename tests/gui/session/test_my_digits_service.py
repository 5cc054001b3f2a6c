"""The service of My digits: every reported change is on the disk."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import EMPTY, Drawing
from digitpad.core.my_digits.store import MyDigits
from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot
from digitpad.gui.session.session import Session


@pytest.fixture
def my_digits(session: Session) -> MyDigitsService:
    return session.my_digits


def drawing_of(x: float = 140) -> Drawing:
    return EMPTY.with_stroke(np.array([[x, 50], [x, 140], [x + 20, 230]], float))


def kept_in_file() -> list[tuple[int, int | None, str]]:
    with MyDigits.open() as store:
        return [(digit.label, digit.predicted, digit.model) for digit in store.all(newest_first=False)]


def read(my_digits: MyDigitsService, qtbot: QtBot) -> MyDigitsSnapshot:
    with qtbot.waitSignal(my_digits.read) as answer:
        my_digits.request_read()
    return answer.args[0]  # pyright: ignore[reportOptionalSubscript]


def test_a_kept_drawing_is_in_the_file_when_the_signal_comes(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    seen: list[list[tuple[int, int | None, str]]] = []
    threads: list[int] = []
    my_digits.kept.connect(lambda *_: seen.append(kept_in_file()))
    my_digits.kept.connect(lambda *_: threads.append(threading.get_ident()))
    with qtbot.waitSignal(my_digits.changed):
        my_digits.keep(drawing, 4, predicted=9, model="cnn")
    assert seen == [[(4, 9, "cnn")]]
    assert threads == [threading.get_ident()]
    digit = my_digits.kept_as(drawing)
    assert digit is not None
    assert digit.label == 4
    assert my_digits.kept_as(drawing_of()) is None


def test_a_drawing_that_is_kept_again_is_relabelled(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignals([my_digits.kept, my_digits.kept, my_digits.kept]):
        my_digits.keep(drawing, 4, predicted=9, model="cnn")
        my_digits.keep(drawing, 7, predicted=9, model="cnn")
        my_digits.keep(drawing_of(), 1)
    assert kept_in_file() == [(7, 9, "cnn"), (1, None, "")]


def test_a_deleted_drawing_can_be_kept_again(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignal(my_digits.kept) as kept:
        my_digits.keep(drawing, 4)
    with qtbot.waitSignal(my_digits.deleted, check_params_cb=lambda _, count: count == 1):
        my_digits.delete([kept.args[1].id])  # pyright: ignore[reportOptionalSubscript]
    assert my_digits.kept_as(drawing) is None
    assert kept_in_file() == []
    with qtbot.waitSignal(my_digits.kept):
        my_digits.keep(drawing, 5)
    assert kept_in_file() == [(5, None, "")]


def test_closing_finishes_all_requests(session: Session, my_digits: MyDigitsService) -> None:
    for label in range(10):
        my_digits.keep(drawing_of(100 + label), label)
    session.close()
    assert [label for label, _, _ in kept_in_file()] == list(range(10))


def test_digits_are_relabelled_deleted_and_restored(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    with MyDigits.open() as store:
        ids = [store.add(drawing_of(100 + label), label, predicted=1, model="cnn").id for label in (1, 2, 3)]
    with qtbot.waitSignal(my_digits.relabelled, check_params_cb=lambda _, count: count == 2):
        my_digits.relabel({ids[0]: 8, ids[1]: 9})
    with qtbot.waitSignal(my_digits.deleted, check_params_cb=lambda _, count: count == 2):
        my_digits.delete(ids[1:])
    assert read(my_digits, qtbot).labels.tolist() == [8]
    with qtbot.waitSignal(my_digits.restored) as restored:
        job = my_digits.restore(ids[1:])
    assert restored.args == [job, 2]
    snapshot = read(my_digits, qtbot)
    assert snapshot.labels.tolist() == [3, 9, 8]
    assert snapshot.predicted.tolist() == [1, 1, 1]
    assert snapshot.counts.tolist() == [0, 0, 0, 1, 0, 0, 0, 0, 1, 1]
    np.testing.assert_array_equal(snapshot.images[0], snapshot.digits[0].image)
    (accuracy,) = snapshot.accuracies
    assert (accuracy.model, accuracy.right, accuracy.asked) == ("cnn", 0, 3)


def test_reading_shows_changes_of_another_window(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignal(my_digits.kept) as kept:
        my_digits.keep(drawing, 4)
    number = kept.args[1].id  # pyright: ignore[reportOptionalSubscript]
    with MyDigits.open() as other:
        other.relabel(number, 6)
        other.add(drawing_of(), 2)
    assert read(my_digits, qtbot).labels.tolist() == [2, 6]
    digit = my_digits.kept_as(drawing)
    assert digit is not None
    assert digit.label == 6
    with MyDigits.open() as other:
        other.delete([number])
    assert read(my_digits, qtbot).labels.tolist() == [2]
    assert my_digits.kept_as(drawing) is None


def test_a_file_of_a_newer_digitpad_is_not_touched_and_can_be_moved_away(
    my_digits: MyDigitsService, user_folder: Path, qtbot: QtBot
) -> None:
    with MyDigits.open() as store:
        path = store.path
        store.add(drawing_of(), 3)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with qtbot.waitSignal(my_digits.keep_failed) as failed:
        my_digits.keep(drawing_of(), 4)
    assert "newer version of digitpad: update digitpad, or move the file away" in failed.args[1]  # pyright: ignore[reportOptionalSubscript]
    with qtbot.waitSignal(my_digits.read_failed, check_params_cb=lambda text: "move the file away" in text):
        my_digits.request_read()
    assert path.read_bytes() == before
    path.rename(path.with_name("newer.sqlite3"))
    with qtbot.waitSignal(my_digits.kept):
        my_digits.keep(drawing_of(), 4)
    assert kept_in_file() == [(4, None, "")]


def test_a_damaged_file_is_set_aside_and_reported_once(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    with MyDigits.open() as store:
        path = store.path
    path.write_bytes(b"no database at all" * 100)
    problems: list[str] = []
    my_digits.was_set_aside.connect(problems.append)
    assert my_digits.set_aside == ""
    with qtbot.waitSignals([my_digits.kept, my_digits.changed]):
        my_digits.keep(drawing_of(), 4)
    assert read(my_digits, qtbot).labels.tolist() == [4]
    assert len(problems) == 1
    assert "was damaged: it is now called" in problems[0]
    assert my_digits.set_aside == problems[0]
    aside = [file for file in path.parent.iterdir() if ".damaged-" in file.name]
    assert [file.read_bytes() for file in aside] == [b"no database at all" * 100]


def test_a_file_that_is_damaged_while_open_is_set_aside_and_the_drawing_kept(
    my_digits: MyDigitsService, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(my_digits.kept):
        my_digits.keep(drawing := drawing_of(), 4)
    with MyDigits.open() as store:
        path = store.path
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:  # the same file: only its content changes
        file.write(b"no database at all" * 1000)
    failures: list[object] = []
    my_digits.keep_failed.connect(lambda *args: failures.append(args))
    with qtbot.waitSignals([my_digits.was_set_aside, my_digits.kept]):
        my_digits.keep(drawing, 5)
    assert failures == []
    assert kept_in_file() == [(5, None, "")]


def test_kept_as_returns_the_new_label_of_a_relabelled_drawing(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    drawing = drawing_of()
    with qtbot.waitSignal(my_digits.kept) as kept:
        my_digits.keep(drawing, 4)
    _, digit, before = kept.args  # pyright: ignore[reportGeneralTypeIssues]
    assert before is None
    with qtbot.waitSignal(my_digits.kept, check_params_cb=lambda *args: args[2] == 4):
        my_digits.keep(drawing, 5)
    with qtbot.waitSignal(my_digits.relabelled):
        my_digits.relabel({digit.id: 4})
    known = my_digits.kept_as(drawing)
    assert known is not None
    assert known.label == 4


def test_a_file_that_was_deleted_is_created_again(my_digits: MyDigitsService, qtbot: QtBot) -> None:
    with qtbot.waitSignal(my_digits.kept):
        my_digits.keep(drawing := drawing_of(), 4)
    with MyDigits.open() as store:
        path = store.path
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    with qtbot.waitSignal(my_digits.kept):
        my_digits.keep(drawing, 5)
    assert kept_in_file() == [(5, None, "")]


def test_imported_digits_are_counted_and_a_folder_without_digits_is_reported(
    my_digits: MyDigitsService, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "some.jsonl"
    stroke = "[[[80, 60], [200, 60], [130, 230]]]"
    file.write_text(f'{{"label": "7", "strokes": {stroke}}}\n{{"strokes": {stroke}}}\n')
    with qtbot.waitSignal(my_digits.imported) as answer:
        my_digits.import_from(file)
    counts = answer.args[0]  # pyright: ignore[reportOptionalSubscript]
    assert (counts.added, counts.duplicates, counts.skipped) == (1, 0, 1)
    with qtbot.waitSignal(my_digits.problem_found, check_params_cb=lambda text: "has no digits to import" in text):
        my_digits.import_from(tmp_path)
    assert kept_in_file() == [(7, None, "")]


def test_the_thread_starts_with_the_first_request(session: Session, my_digits: MyDigitsService, qtbot: QtBot) -> None:
    assert my_digits.worker in session.threads
    assert not my_digits.worker.isRunning()
    read(my_digits, qtbot)
    assert my_digits.worker.isRunning()

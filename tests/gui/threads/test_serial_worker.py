"""The thread that does everything, one thing after the other."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from digitpad.gui.threads.serial_worker import SerialWorker


class Desk:
    """Notes what it is asked, and waits until it is let go."""

    def __init__(self) -> None:
        self.go, self.seen = threading.Event(), list[int]()
        self.threads, self.ended_in = set[int](), list[int]()

    def __call__(self, value: int) -> int:
        assert self.go.wait(10)
        self.seen.append(value)
        self.threads.add(threading.get_ident())
        if value < 0:
            raise ValueError(value)
        return value * 10

    def end(self) -> None:
        self.ended_in.append(threading.get_ident())


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def thread(qtbot: QtBot, desk: Desk) -> Iterator[SerialWorker]:
    thread = SerialWorker(desk, desk.end)
    yield thread
    desk.go.set()
    thread.stop()
    assert not thread.isRunning()


def test_all_is_answered_in_the_order_it_was_asked(qtbot: QtBot, desk: Desk, thread: SerialWorker) -> None:
    answers: list[tuple[object, object]] = []
    thread.answered.connect(lambda value, answer: answers.append((value, answer)))
    for value in range(5):
        thread.submit(value)
    desk.go.set()
    qtbot.waitUntil(lambda: len(answers) == 5)
    assert answers == [(value, value * 10) for value in range(5)]
    assert threading.get_ident() not in desk.threads
    assert len(desk.threads) == 1


def test_stopping_finishes_what_was_asked_before(desk: Desk, thread: SerialWorker) -> None:
    for value in range(20):
        thread.submit(value)
    desk.go.set()
    thread.stop()
    assert desk.seen == list(range(20))
    assert desk.ended_in == list(desk.threads)
    thread.submit(99)
    assert not thread.isRunning()


def test_what_fails_does_not_keep_the_next_from_being_done(qtbot: QtBot, desk: Desk, thread: SerialWorker) -> None:
    desk.go.set()
    told: list[tuple[object, ...]] = []
    thread.failed.connect(lambda value, error: told.append((value, type(error))))
    thread.answered.connect(lambda value, answer: told.append((value, answer)))
    thread.submit(-1)
    thread.submit(1)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == [(-1, ValueError), (1, 10)]


def test_a_thread_that_was_never_needed_never_runs(desk: Desk, thread: SerialWorker) -> None:
    assert not thread.isRunning()
    thread.stop()
    assert desk.ended_in == []

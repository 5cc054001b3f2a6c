"""The worker that answers all requests, one after the other."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from digitpad.gui.threads.serial_worker import SerialWorker


class BlockingFunction:
    """A function that records its inputs and waits until `go` is set."""

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
def function() -> BlockingFunction:
    return BlockingFunction()


@pytest.fixture
def thread(qtbot: QtBot, function: BlockingFunction) -> Iterator[SerialWorker]:
    thread = SerialWorker(function, function.end)
    yield thread
    function.go.set()
    thread.stop()
    assert not thread.isRunning()


def test_requests_are_answered_in_order(qtbot: QtBot, function: BlockingFunction, thread: SerialWorker) -> None:
    answers: list[tuple[object, object]] = []
    thread.answered.connect(lambda value, answer: answers.append((value, answer)))
    for value in range(5):
        thread.submit(value)
    function.go.set()
    qtbot.waitUntil(lambda: len(answers) == 5)
    assert answers == [(value, value * 10) for value in range(5)]
    assert threading.get_ident() not in function.threads
    assert len(function.threads) == 1


def test_stopping_finishes_earlier_requests(function: BlockingFunction, thread: SerialWorker) -> None:
    for value in range(20):
        thread.submit(value)
    function.go.set()
    thread.stop()
    assert function.seen == list(range(20))
    assert function.ended_in == list(function.threads)
    thread.submit(99)
    assert not thread.isRunning()


def test_a_request_after_a_failed_one_is_answered(
    qtbot: QtBot, function: BlockingFunction, thread: SerialWorker
) -> None:
    function.go.set()
    results: list[tuple[object, ...]] = []
    thread.failed.connect(lambda value, error: results.append((value, type(error))))
    thread.answered.connect(lambda value, answer: results.append((value, answer)))
    thread.submit(-1)
    thread.submit(1)
    qtbot.waitUntil(lambda: len(results) == 2)
    assert results == [(-1, ValueError), (1, 10)]


def test_the_thread_starts_only_with_the_first_request(function: BlockingFunction, thread: SerialWorker) -> None:
    assert not thread.isRunning()
    thread.stop()
    assert function.ended_in == []

"""The latest-wins thread."""

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority


class Gate:
    """A function that waits until it is let go, and notes its inputs."""

    def __init__(self) -> None:
        self.started, self.go = threading.Event(), threading.Event()
        self.seen: list[int] = []
        self.threads: set[int] = set()

    def __call__(self, value: int) -> int:
        self.seen.append(value)
        self.threads.add(threading.get_ident())
        self.started.set()
        assert self.go.wait(10)
        if value < 0:
            raise ValueError(value)
        return value * 10


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def thread(qtbot: QtBot, gate: Gate) -> Iterator[LatestOnlyWorker]:
    thread = LatestOnlyWorker(gate)
    thread.start()
    yield thread
    gate.go.set()
    thread.stop()
    assert thread.isFinished()


def test_work_is_done_in_another_thread_and_answered_in_this_one(
    qtbot: QtBot, gate: Gate, thread: LatestOnlyWorker
) -> None:
    gate.go.set()
    slots: list[int] = []
    thread.answered.connect(lambda _: slots.append(threading.get_ident()))
    with qtbot.waitSignal(thread.answered) as answer:
        thread.submit(4)
    assert answer.args == [40]
    assert slots == [threading.get_ident()]
    assert threading.get_ident() not in gate.threads


def test_what_is_superseded_before_its_turn_is_dropped(qtbot: QtBot, gate: Gate, thread: LatestOnlyWorker) -> None:
    answers: list[int] = []
    thread.answered.connect(answers.append)
    thread.submit(1)
    assert gate.started.wait(10)
    for value in (2, 3, 4):
        thread.submit(value)
    assert not thread.is_settled
    gate.go.set()
    qtbot.waitUntil(lambda: thread.is_settled)
    assert gate.seen == [1, 4]
    assert answers == [10, 40]


def test_a_stale_answer_is_discarded(qtbot: QtBot, gate: Gate, thread: LatestOnlyWorker) -> None:
    answers: list[int] = []
    thread.answered.connect(answers.append)
    thread.submit(1)
    assert gate.started.wait(10)
    thread.forget()
    thread.submit(2)
    gate.go.set()
    qtbot.waitUntil(lambda: thread.is_settled)
    assert gate.seen == [1, 2]
    assert answers == [20]


def test_an_error_is_told_and_the_thread_goes_on(qtbot: QtBot, gate: Gate, thread: LatestOnlyWorker) -> None:
    gate.go.set()
    with qtbot.waitSignal(thread.failed) as failure:
        thread.submit(-1)
    assert failure.args is not None
    assert isinstance(failure.args[0], ValueError)
    with qtbot.waitSignal(thread.answered) as answer:
        thread.submit(5)
    assert answer.args == [50]


def test_stopping_an_idle_and_a_never_started_thread_is_quick_and_clean(qtbot: QtBot) -> None:
    idle, never = LatestOnlyWorker(abs), LatestOnlyWorker(abs)
    idle.start()
    idle.stop()
    never.stop()
    assert idle.isFinished()
    assert not never.isRunning()


class Watched(PadPriority):
    """Notes what happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.is_taken = False
        self.waits: list[bool] = []  # whether it was taken when somebody came to wait

    def take(self) -> None:
        self.is_taken = True
        super().acquire()

    def release(self) -> None:
        self.is_taken = False
        super().release()

    def wait(self) -> None:
        self.waits.append(self.is_taken)
        super().wait_briefly()


def test_whoever_owes_an_answer_has_the_right_of_way_until_it_is_given(qtbot: QtBot, gate: Gate) -> None:
    way = Watched()
    thread = LatestOnlyWorker(gate, priority=way)
    thread.start()
    thread.submit(1)
    assert way.is_taken
    thread.submit(2)
    gate.go.set()
    with qtbot.waitSignal(thread.answered, check_params_cb=lambda answer: answer == 20):
        pass
    assert not way.is_taken
    gate.go.clear()
    thread.submit(3)
    thread.forget()
    assert not way.is_taken
    gate.go.set()
    thread.stop()


def test_a_patient_generator_asks_for_its_way_before_each_value(qtbot: QtBot) -> None:
    way = Watched()
    thread = GeneratorWorker(lambda: (number for number in range(3)), priority=way)
    way.take()
    with qtbot.waitSignal(thread.returned):
        thread.start()
    thread.wait()
    assert way.waits == [True] * 4  # and it went on all the same, after a while

"""The worker that answers only the latest request, and the generator worker."""

import itertools
import math
import threading
import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority


class Gate:
    """A function that records its inputs and waits until `go` is set."""

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


def test_work_runs_in_another_thread_and_is_answered_in_this_one(
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


def test_a_superseded_request_is_skipped(qtbot: QtBot, gate: Gate, thread: LatestOnlyWorker) -> None:
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


def test_the_thread_continues_after_a_reported_error(qtbot: QtBot, gate: Gate, thread: LatestOnlyWorker) -> None:
    gate.go.set()
    with qtbot.waitSignal(thread.failed) as failure:
        thread.submit(-1)
    assert failure.args is not None
    assert isinstance(failure.args[0], ValueError)
    with qtbot.waitSignal(thread.answered) as answer:
        thread.submit(5)
    assert answer.args == [50]


def test_an_idle_and_a_never_started_thread_can_be_stopped(qtbot: QtBot) -> None:
    idle, never = LatestOnlyWorker(abs), LatestOnlyWorker(abs)
    idle.start()
    idle.stop()
    never.stop()
    assert idle.isFinished()
    assert not never.isRunning()


class RecordingPriority(PadPriority):
    """Records whether it is held, also for each wait."""

    def __init__(self) -> None:
        super().__init__()
        self.is_held = False
        self.waits: list[bool] = []  # whether it was held at each wait

    def acquire(self) -> None:
        self.is_held = True
        super().acquire()

    def release(self) -> None:
        self.is_held = False
        super().release()

    def wait_briefly(self) -> None:
        self.waits.append(self.is_held)
        super().wait_briefly()


def test_a_worker_holds_the_priority_until_its_answer_arrives(qtbot: QtBot, gate: Gate) -> None:
    priority = RecordingPriority()
    thread = LatestOnlyWorker(gate, priority=priority)
    thread.start()
    thread.submit(1)
    assert priority.is_held
    thread.submit(2)
    gate.go.set()
    with qtbot.waitSignal(thread.answered, check_params_cb=lambda answer: answer == 20):
        pass
    assert not priority.is_held
    gate.go.clear()
    thread.submit(3)
    thread.forget()
    assert not priority.is_held
    gate.go.set()
    thread.stop()


def test_a_generator_waits_for_the_pad_before_each_value(qtbot: QtBot) -> None:
    priority = RecordingPriority()
    thread = GeneratorWorker(lambda: (number for number in range(3)), priority=priority)
    priority.acquire()
    with qtbot.waitSignal(thread.returned):
        thread.start()
    thread.wait()
    assert priority.waits == [True] * 4  # and it continued after the longest wait


class Counter:
    """A generator of numbers, of which each third ends a step; records how far it has come."""

    def __init__(self) -> None:
        self.last, self.is_closed = -1, threading.Event()

    def __call__(self) -> Iterator[int]:
        try:
            for number in range(100_000):
                self.last = number
                yield number
        finally:
            self.is_closed.set()


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def stepper(qtbot: QtBot, counter: Counter) -> Iterator[tuple[GeneratorWorker, list[int]]]:
    """A thread that waits after each third number, and the numbers that have come."""
    thread = GeneratorWorker(counter, ends_step=lambda number: number % 3 == 2)  # type: ignore[arg-type, operator]
    seen: list[int] = []
    thread.yielded.connect(seen.extend)
    yield thread, seen
    thread.stop()
    assert thread.isFinished()
    assert counter.is_closed.is_set()


def test_step_by_step_each_step_is_shown_at_once_and_then_waits(
    qtbot: QtBot, counter: Counter, stepper: tuple[GeneratorWorker, list[int]]
) -> None:
    thread, seen = stepper
    thread.set_pace(math.inf)
    thread.start()
    for steps in range(1, 5):
        qtbot.waitUntil(lambda: seen == list(range(3 * steps)))  # noqa: B023 - called before the next step
        assert counter.last == 3 * steps - 1
        thread.step()


def test_a_step_that_is_allowed_early_counts_once(
    qtbot: QtBot, counter: Counter, stepper: tuple[GeneratorWorker, list[int]]
) -> None:
    thread, seen = stepper
    thread.set_pace(math.inf)
    for _ in range(3):
        thread.step()
    thread.start()
    qtbot.waitUntil(lambda: len(seen) == 6)
    assert counter.last == 5


def test_the_pace_can_change_while_the_thread_waits(
    qtbot: QtBot, counter: Counter, stepper: tuple[GeneratorWorker, list[int]]
) -> None:
    thread, seen = stepper
    thread.set_pace(math.inf)
    thread.start()
    qtbot.waitUntil(lambda: len(seen) == 3)
    thread.set_pace(0.005)
    qtbot.waitUntil(lambda: len(seen) >= 9)
    thread.set_pace(3600.0)
    thread.set_pace(0.0)
    qtbot.waitUntil(lambda: len(seen) > 300)
    thread.set_pace(3600.0)
    qtbot.waitUntil(lambda: seen[-1:] == [counter.last] and counter.last % 3 == 2)


def test_at_a_slow_pace_the_steps_keep_their_distance(qtbot: QtBot, counter: Counter) -> None:
    began: list[float] = []

    def timed() -> Iterator[int]:
        for number in range(4):
            began.append(time.monotonic())
            yield number

    thread = GeneratorWorker(timed, ends_step=lambda _: True)  # type: ignore[arg-type]
    thread.set_pace(0.05)
    with qtbot.waitSignal(thread.returned):
        thread.start()
    thread.wait()
    assert all(after - before >= 0.049 for before, after in itertools.pairwise(began[1:]))


@pytest.mark.parametrize("pace", [3600.0, math.inf])
def test_a_waiting_thread_stops_at_once(qtbot: QtBot, stepper: tuple[GeneratorWorker, list[int]], pace: float) -> None:
    thread, seen = stepper
    thread.set_pace(pace)
    thread.start()
    qtbot.waitUntil(lambda: len(seen) >= 3)
    with qtbot.waitSignal(thread.stopped):
        thread.request_stop()


def test_a_paused_thread_takes_its_step_when_it_is_resumed(
    qtbot: QtBot, counter: Counter, stepper: tuple[GeneratorWorker, list[int]]
) -> None:
    thread, seen = stepper
    thread.set_pace(math.inf)
    thread.start()
    qtbot.waitUntil(lambda: len(seen) == 3)
    thread.pause()
    thread.step()
    assert counter.last == 2
    thread.resume()
    qtbot.waitUntil(lambda: len(seen) == 6)

"""Gathering in the background: what is asked last is what comes, and nothing is asked for ever."""

import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.evaluator import EvaluationRequest, Evaluator, ModelProgress
from digitpad.core.evaluation.samples import ModelUnderTest, Samples, SampleSet, load_set
from digitpad.gui.session.evaluation_service import EvaluationService

WHICH = SampleSet("digits", "test", Path())


class SlowEvaluator(Evaluator):
    """Waits before each answer until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.begun: list[str] = []
        self.closed: list[str] = []
        self.problem: Exception | None = None

    def evaluate(self, request: EvaluationRequest) -> Generator[ModelProgress | Samples, None, None]:
        name = request.model.name if request.model else ""
        self.begun.append(name)
        try:
            yield ModelProgress(name, 0, 10)
            while not self.may_answer.wait(0.01):
                yield ModelProgress(name, 5, 10)
            if self.problem:
                raise self.problem
            yield Samples(load_set(WHICH), name)
        except GeneratorExit:
            self.closed.append(name)
            raise


def asked(name: str) -> EvaluationRequest:
    return EvaluationRequest(WHICH, ModelUnderTest(name, Path(name)))


@pytest.fixture
def slow() -> SlowEvaluator:
    return SlowEvaluator()


@pytest.fixture
def gatherer(qtbot: QtBot, slow: SlowEvaluator) -> Generator[EvaluationService, None, None]:
    gatherer = EvaluationService(evaluator=slow)
    yield gatherer
    slow.may_answer.set()
    gatherer.close()
    thread = gatherer.worker
    assert thread is None or not thread.isRunning()


def names(gatherer: EvaluationService) -> list[str]:
    """Collect the names of the models whose answers come."""
    come: list[str] = []
    gatherer.finished.connect(lambda samples: come.append(samples.model))
    return come


def test_an_answer_comes_once(gatherer: EvaluationService, qtbot: QtBot) -> None:
    come = names(gatherer)
    with qtbot.assertNotEmitted(gatherer.cancelled), qtbot.waitSignal(gatherer.finished, timeout=60_000):
        gatherer.evaluate(asked("a"))
    qtbot.waitUntil(lambda: gatherer.worker is None)
    assert come == ["a"]
    assert not gatherer.is_busy


def test_a_later_question_takes_the_place_of_an_earlier_one(
    gatherer: EvaluationService, slow: SlowEvaluator, qtbot: QtBot
) -> None:
    come = names(gatherer)
    slow.may_answer.clear()
    for name in "abcd":
        gatherer.evaluate(asked(name))
    qtbot.waitUntil(lambda: slow.begun[-1:] == ["d"])
    slow.may_answer.set()
    qtbot.waitUntil(lambda: come == ["d"])
    assert slow.closed in (["a"], [])  # it may not even have begun


def test_fresher_answers_to_the_same_question_wait_for_the_one_in_hand(
    gatherer: EvaluationService, slow: SlowEvaluator, qtbot: QtBot
) -> None:
    come = names(gatherer)
    slow.may_answer.clear()
    gatherer.evaluate(asked("epoch 1"), after=True)
    for epoch in range(2, 9):
        gatherer.evaluate(asked(f"epoch {epoch}"), after=True)
    slow.may_answer.set()
    qtbot.waitUntil(lambda: len(come) == 2)
    assert come == ["epoch 1", "epoch 8"]


def test_cancelling_says_so_and_nothing_comes(gatherer: EvaluationService, slow: SlowEvaluator, qtbot: QtBot) -> None:
    come = names(gatherer)
    slow.may_answer.clear()
    gatherer.evaluate(asked("a"))
    gatherer.evaluate(asked("b"), after=True)
    qtbot.waitUntil(lambda: slow.begun == ["a"])
    with qtbot.waitSignal(gatherer.cancelled):
        gatherer.cancel()
    assert slow.closed == ["a"]
    assert come == []
    slow.may_answer.set()
    gatherer.evaluate(asked("c"))
    qtbot.waitUntil(lambda: come == ["c"])


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (DigitpadError("x is damaged: train it again"), "X is damaged: train it again."),
        (RuntimeError("out of luck"), "The evaluation failed. Details are in the log (Help → Show log folder)."),
    ],
)
def test_a_problem_is_told_and_the_next_question_is_answered(
    gatherer: EvaluationService, slow: SlowEvaluator, qtbot: QtBot, problem: Exception, sentence: str
) -> None:
    slow.problem = problem
    with qtbot.waitSignal(gatherer.failed) as failed:
        gatherer.evaluate(asked("a"))
    assert failed.args == [sentence]
    slow.problem = None
    with qtbot.waitSignal(gatherer.finished):
        gatherer.evaluate(asked("b"))


def test_closing_ends_the_thread_in_the_middle(gatherer: EvaluationService, slow: SlowEvaluator, qtbot: QtBot) -> None:
    slow.may_answer.clear()
    gatherer.evaluate(asked("a"))
    qtbot.waitUntil(lambda: slow.begun == ["a"])
    thread = gatherer.worker
    assert thread is not None
    gatherer.close()
    assert not thread.isRunning()
    assert slow.closed == ["a"]

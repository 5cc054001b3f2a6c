"""The evaluation service answers the newest request, and its thread always ends."""

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
    """Waits before each answer until `may_answer` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.started: list[str] = []
        self.closed: list[str] = []
        self.problem: Exception | None = None

    def evaluate(self, request: EvaluationRequest) -> Generator[ModelProgress | Samples, None, None]:
        name = request.model.name if request.model else ""
        self.started.append(name)
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


def request(name: str) -> EvaluationRequest:
    return EvaluationRequest(WHICH, ModelUnderTest(name, Path(name)))


@pytest.fixture
def slow() -> SlowEvaluator:
    return SlowEvaluator()


@pytest.fixture
def service(qtbot: QtBot, slow: SlowEvaluator) -> Generator[EvaluationService, None, None]:
    service = EvaluationService(evaluator=slow)
    yield service
    slow.may_answer.set()
    service.close()
    thread = service.worker
    assert thread is None or not thread.isRunning()


def answered_models(service: EvaluationService) -> list[str]:
    """Return a list to which the name of each answered model is added."""
    answered: list[str] = []
    service.finished.connect(lambda samples: answered.append(samples.model))
    return answered


def test_a_request_is_answered_once(service: EvaluationService, qtbot: QtBot) -> None:
    answered = answered_models(service)
    with qtbot.assertNotEmitted(service.cancelled), qtbot.waitSignal(service.finished, timeout=60_000):
        service.evaluate(request("a"))
    qtbot.waitUntil(lambda: service.worker is None)
    assert answered == ["a"]
    assert not service.is_busy


def test_a_newer_request_replaces_earlier_ones(service: EvaluationService, slow: SlowEvaluator, qtbot: QtBot) -> None:
    answered = answered_models(service)
    slow.may_answer.clear()
    for name in "abcd":
        service.evaluate(request(name))
    qtbot.waitUntil(lambda: slow.started[-1:] == ["d"])
    slow.may_answer.set()
    qtbot.waitUntil(lambda: answered == ["d"])
    assert slow.closed in (["a"], [])  # the first may not have started yet


def test_requests_with_after_wait_for_the_current_one(
    service: EvaluationService, slow: SlowEvaluator, qtbot: QtBot
) -> None:
    answered = answered_models(service)
    slow.may_answer.clear()
    service.evaluate(request("epoch 1"), after=True)
    for epoch in range(2, 9):
        service.evaluate(request(f"epoch {epoch}"), after=True)
    slow.may_answer.set()
    qtbot.waitUntil(lambda: len(answered) == 2)
    assert answered == ["epoch 1", "epoch 8"]


def test_a_cancelled_request_has_no_answer(service: EvaluationService, slow: SlowEvaluator, qtbot: QtBot) -> None:
    answered = answered_models(service)
    slow.may_answer.clear()
    service.evaluate(request("a"))
    service.evaluate(request("b"), after=True)
    qtbot.waitUntil(lambda: slow.started == ["a"])
    with qtbot.waitSignal(service.cancelled):
        service.cancel()
    assert slow.closed == ["a"]
    assert answered == []
    slow.may_answer.set()
    service.evaluate(request("c"))
    qtbot.waitUntil(lambda: answered == ["c"])


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (DigitpadError("x is damaged: train it again"), "X is damaged: train it again."),
        (RuntimeError("out of luck"), "The evaluation failed. Details are in the log (Help → Show log folder)."),
    ],
)
def test_a_problem_is_reported_and_the_next_request_is_answered(
    service: EvaluationService, slow: SlowEvaluator, qtbot: QtBot, problem: Exception, sentence: str
) -> None:
    slow.problem = problem
    with qtbot.waitSignal(service.failed) as failed:
        service.evaluate(request("a"))
    assert failed.args == [sentence]
    slow.problem = None
    with qtbot.waitSignal(service.finished):
        service.evaluate(request("b"))


def test_closing_ends_the_thread_during_a_request(
    service: EvaluationService, slow: SlowEvaluator, qtbot: QtBot
) -> None:
    slow.may_answer.clear()
    service.evaluate(request("a"))
    qtbot.waitUntil(lambda: slow.started == ["a"])
    thread = service.worker
    assert thread is not None
    service.close()
    assert not thread.isRunning()
    assert slow.closed == ["a"]

"""The real program in hostile environments reports one sentence and loses nothing; scripts/soak.py has more cases."""

import sys
from collections.abc import Callable
from functools import partial

import pytest

from tests.stress.budget import Budget
from tests.stress.digitpad_process import CheckFailedError, Completed
from tests.stress.environment import libraries, processes
from tests.stress.environment.cases import STRESS_TESTS, run_cases

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the cases use features of Linux"),
]

CASES: dict[str, Callable[[], None]] = {
    "typer is missing": partial(libraries.missing, "typer"),
    "torch is missing": partial(libraries.missing, "torch"),
    "a Qt that crashes here": partial(libraries.too_old, "PySide6", "6.5.3"),
    "no standard streams": processes.training_without_streams,
    "a reader that leaves": processes.reader_closes_pipe,
    "a signal while training": processes.ended_by_sigterm,
    "too little memory": partial(processes.training_larger_than_memory, 8),
}


@pytest.mark.parametrize("case", CASES)
def test_the_program_reports_one_sentence_and_loses_nothing(case: str) -> None:
    CASES[case]()


def test_each_group_has_cases_and_reports_the_failed_ones() -> None:
    def fails() -> None:
        Completed(1, "", "Traceback: no sentence").check_message("a sentence")

    assert all(STRESS_TESTS.values())
    outcome = run_cases("both", {"good": lambda: None, "bad": fails}, Budget())
    assert (outcome.attempts, outcome.faults) == (2, 1)
    assert outcome.note.startswith("bad: a traceback")
    with pytest.raises(CheckFailedError):
        Completed(0, "", "").check_message(code=1)

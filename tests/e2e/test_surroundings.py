"""The real program in bad surroundings says a sentence and loses nothing; scripts/soak.py makes many more cases."""

import sys
from collections.abc import Callable
from functools import partial

import pytest

from tests.stress.budget import Effort
from tests.stress.environment import libraries, processes
from tests.stress.environment.cases import ATTACKS, attack
from tests.stress.homes import Said, WrongError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the attacks know Linux's surroundings"),
]

CASES: dict[str, Callable[[], None]] = {
    "typer is missing": partial(libraries.missing, "typer"),
    "torch is missing": partial(libraries.missing, "torch"),
    "a Qt that crashes here": partial(libraries.too_old, "PySide6", "6.5.3"),
    "no standard streams": processes.training_without_streams,
    "a reader that leaves": processes.reader_that_leaves,
    "a signal while training": processes.ended_by_sigterm,
}


@pytest.mark.parametrize("case", CASES)
def test_it_says_a_sentence_and_loses_nothing_where(case: str) -> None:
    CASES[case]()


def test_each_attack_has_cases_and_reports_those_that_went_wrong() -> None:
    def goes_wrong() -> None:
        Said(1, "", "Traceback: no sentence").check_sentence("a sentence")

    assert all(ATTACKS.values())
    outcome = attack("both", {"well": lambda: None, "badly": goes_wrong}, Effort())
    assert (outcome.attempts, outcome.faults) == (2, 1)
    assert outcome.note.startswith("badly: a traceback")
    with pytest.raises(WrongError):
        Said(0, "", "").check_sentence(code=1)

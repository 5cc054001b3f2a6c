"""kill -9 while files are written: a few of the moments that scripts/soak.py tries."""

import os
import sys
from pathlib import Path

import pytest

from tests.stress.budget import Budget

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and file size limits as on Linux"),
]


@pytest.mark.timeout(900)  # on a busy machine
def test_acknowledged_work_survives_and_work_can_continue() -> None:
    from tests.stress.kills import kill_tests

    outcomes = list(kill_tests.stress_tests(Budget(seed=5, max_attempts=1)))
    assert [(outcome.attack, outcome.note) for outcome in outcomes if outcome.faults] == []
    assert len(outcomes) == sum(kill_tests.variants_of(name) for name in kill_tests.SCENARIOS)
    assert all(outcome.attempts == 1 for outcome in outcomes)


def test_a_program_that_acknowledges_too_early_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.stress.kills import kill_tests

    (tmp_path / "early_scenario.py").write_text(TOO_EARLY)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.syspath_prepend(tmp_path)
    (outcome,) = kill_tests.stress_tests(Budget(seed=5, max_attempts=4), ("early_scenario",))
    assert outcome.faults
    assert outcome.attempts == 4


# Acknowledges before it writes, and writes in place.
TOO_EARLY = """
TITLE, VARIANTS, MAY_REPEAT_STEP = "rash {}", ("writes",), False
def warm(): pass
def check_end(place): pass
def found(place):
    path = place.documents / "file"
    return path.read_text() if path.exists() else ""
def steps(place, start):
    yield None
    for number in range(start, 4):
        yield number + 1
        with (place.documents / "file").open("w") as file:
            file.write(str(number) * 10_000)
"""

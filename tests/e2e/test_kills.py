"""kill -9 while something is written: a few of the moments that scripts/soak.py goes through."""

import os
import sys
from pathlib import Path

import pytest

from tests.stress.budget import Effort

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs fork and file size limits as on Linux"),
]


@pytest.mark.timeout(900)  # on a busy machine
def test_what_was_acknowledged_survives_and_work_goes_on() -> None:
    from tests.stress.kills import attack

    outcomes = list(attack.attacks(Effort(seed=5, at_most=1)))
    assert [(outcome.attack, outcome.note) for outcome in outcomes if outcome.faults] == []
    assert len(outcomes) == sum(attack.variants_of(name) for name in attack.SCENARIOS)
    assert all(outcome.attempts == 1 for outcome in outcomes)


def test_a_program_that_acknowledges_too_early_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.stress.kills import attack

    (tmp_path / "soak_rash.py").write_text(RASH)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.syspath_prepend(tmp_path)
    (outcome,) = attack.attacks(Effort(seed=5, at_most=4), ("soak_rash",))
    assert outcome.faults
    assert outcome.attempts == 4


# Acknowledges before it writes, and writes in place.
RASH = """
TITLE, VARIANTS, MAY_GO_BACK = "rash {}", ("writes",), False
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

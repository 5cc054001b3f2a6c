"""Hostile and broken files that digitpad keeps or takes over, and names to write under. A part of scripts/soak.py.

Model files, run folders, the database of My digits, imports, the user's own data, label marks, archives: each is read
in a guarded child process (`sandbox` says what is a fault), and used as the program does. Where a name comes from
elsewhere, what is written under it may not leave its folder.
"""

from collections.abc import Iterator

from tests.stress.budget import Budget, Outcome
from tests.stress.fuzz import own_data
from tests.stress.fuzz.sandbox import run_guarded

FULL = 100_000
# Files of megabytes: fewer attempts.
_FULL_LARGE = 500
# Each reads dozens of pictures.
_FULL_FORMAT = 10_000
TARGETS = {
    "tests.stress.fuzz.model_files:MODELS": FULL,
    "tests.stress.fuzz.model_files:LARGE_MODELS": _FULL_LARGE,
    "tests.stress.fuzz.foreign_models:STATE_DICTS": FULL,
    "tests.stress.fuzz.foreign_models:ONNX_MODELS": FULL,
    "tests.stress.fuzz.run_folders:RUNS": FULL,
    "tests.stress.fuzz.database:DATABASE": FULL,
    "tests.stress.fuzz.database:HUGE_ROWS": _FULL_LARGE,
    "tests.stress.fuzz.imports:IMPORTS": FULL,
    "tests.stress.fuzz.marks_and_archives:MARKS": FULL,
    "tests.stress.fuzz.marks_and_archives:ARCHIVES": FULL,
    "tests.stress.fuzz.names:NAMES": FULL,
    **dict.fromkeys(own_data.TARGETS, _FULL_FORMAT),
}


def stress_tests(budget: Budget) -> Iterator[Outcome]:
    """Fuzz all targets."""
    for done, (where, full) in enumerate(TARGETS.items()):
        yield run_guarded(where, budget.share(len(TARGETS) - done), full)

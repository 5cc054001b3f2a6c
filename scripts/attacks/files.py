"""Hostile and broken files that digitpad keeps or takes over, and names to write under. A part of scripts/soak.py.

Model files, run folders, the database of My digits, imports, label marks, archives: each is read in a guarded child
process (`attacks.guard` says what is a fault), and used as the program does. Where a name comes from elsewhere, what
is written under it may not leave its folder.
"""

from collections.abc import Iterator

from attacks.effort import Effort, Outcome
from attacks.guard import guarded

FULL = 100_000
# Of megabytes each: fewer will do.
_FULL_LARGE = 500
TARGETS = {
    "attacks.models:MODELS": FULL,
    "attacks.models:LARGE_MODELS": _FULL_LARGE,
    "attacks.runs:RUNS": FULL,
    "attacks.database:DATABASE": FULL,
    "attacks.database:HUGE_ROWS": _FULL_LARGE,
    "attacks.imports:IMPORTS": FULL,
    "attacks.sets:MARKS": FULL,
    "attacks.sets:ARCHIVES": FULL,
    "attacks.names:NAMES": FULL,
}


def attacks(effort: Effort) -> Iterator[Outcome]:
    """Attack all targets."""
    for done, (where, full) in enumerate(TARGETS.items()):
        yield guarded(where, effort.share(len(TARGETS) - done), full)

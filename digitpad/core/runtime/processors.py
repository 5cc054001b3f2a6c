"""The processors that this process may use."""

import os

_sharing = 1  # how many processes train at the same time


def processor_count() -> int:
    """Return the number of processors for this process, at least 1: fewer than the machine's if it was bound to some.

    More threads than processors wait for each other and take several times as long.
    """
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, count // _sharing)


def share_processors(processes: int) -> None:
    """Let this process use its share of the processors, because others train beside it: so many with this one."""
    global _sharing  # noqa: PLW0603 - a fact about the process
    _sharing = max(1, processes)

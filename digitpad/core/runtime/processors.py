"""The processors that this process may use."""

import os


def processor_count() -> int:
    """Return the number of processors for this process, at least 1: fewer than the machine's if it was bound to some.

    More threads than processors wait for each other and take several times as long.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

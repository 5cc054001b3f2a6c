"""How far the reading of a data set is; whoever is told may cancel it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Report = Callable[[int, int], None]
# Of this thread: the readers of ten formats need not hand it on.
_report: ContextVar[Report | None] = ContextVar("report", default=None)


class ReadingCancelledError(Exception):
    """Raised by a report, to end the reading."""


@contextmanager
def reporting_to(report: Report) -> Iterator[None]:
    """Call `report(done, total)` many times while this thread reads; `total` is 0 if it is not known."""
    token = _report.set(report)
    try:
        yield
    finally:
        _report.reset(token)


def report_progress(done: int, total: int) -> None:
    """Say how far the reading is; raises what the report raises."""
    if (report := _report.get()) is not None:
        report(done, total)

"""The figures that scripts/bench.py prints, and helpers to measure them."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.images.digits import Digits

_BARE = "import torch, PySide6.QtWidgets, psutil; print(psutil.Process().memory_info().rss)"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; without a goal it is for comparison."""

    name: str
    value: float
    goal: float | None = None
    unit: str = ""
    at_least: bool = False  # whether more is better

    @property
    def ratio(self) -> float | None:
        """The share of the goal that is used: more than 1 misses the goal."""
        if self.goal is None:
            return None
        return self.goal / self.value if self.at_least else self.value / self.goal


def data_folder() -> Path:
    """Return the folder with the real MNIST, or stop."""
    for folder in (os.environ.get("DIGITPAD_DATA"), Path(__file__).resolve().parents[3] / "shared" / "data"):
        if folder and (Path(folder) / "mnist").is_dir():
            return Path(folder)
    sys.exit("MNIST was not found: set DIGITPAD_DATA to the folder that contains mnist/")


def first(digits: Digits, count: int) -> Digits:
    """Return the first samples of a data set."""
    return Digits(digits.name, digits.images[:count], digits.labels[:count], digits.peak)


def seconds_of(act: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median_ms(act: Callable[[], object], rounds: int, *, warm_up: int = 0) -> float:
    """Return the median time of some calls in ms, after warm-up calls."""
    for _ in range(warm_up):
        act()
    return 1000 * statistics.median(seconds_of(act) for _ in range(rounds))


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return k of the fit seconds = c · size^k: the slope of the least-squares line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def bare_memory() -> float:
    """Return the resident memory, in MB, of a process that has only imported torch and Qt."""
    return statistics.median(int(subprocess.check_output([sys.executable, "-c", _BARE])) for _ in range(3)) / 2**20

"""Memory is checked before something large is allocated."""

import subprocess
import sys

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.runs.training_job import TrainingJob, memory_needed, run_job
from digitpad.core.runtime import memory
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

HUGE = with_settings(load_recipe("mlp-fast"), ["dataset=digits", "hidden=[8192, 8192, 8192, 8192, 8192, 8192, 8192]"])


def test_what_is_small_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 0)
    memory.check_memory(1e6, "choose less")


def test_an_error_names_both_sizes_and_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 2_000_000_000)
    memory.check_memory(1.9e9, "choose less")
    with pytest.raises(DigitpadError, match=r"^this needs about 2.1 GB of memory, and 2.0 GB are free: choose less$"):
        memory.check_memory(2.1e9, "choose less")


def test_a_training_that_needs_more_memory_than_is_free_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: 8_000_000_000)
    assert 20e9 < memory_needed(HUGE) < 30e9
    with pytest.raises(DigitpadError, match="choose smaller layers"):
        next(run_job(TrainingJob(HUGE, "mlp-fast", "a")))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is a feature of Linux")
def test_the_limit_of_the_process_counts() -> None:
    code = (
        "import resource, psutil; from digitpad.core.runtime.memory import free_memory; "
        "size = psutil.Process().memory_info().vms + (300 << 20); "
        "resource.setrlimit(resource.RLIMIT_AS, (size, size)); print(free_memory())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) <= 300 << 20

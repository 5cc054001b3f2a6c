"""Every test has its own user folder; the real data is read from ../shared/data if available."""

import gc
import os
import sys

# Workers of pytest-xdist share the cores: more threads than cores slow everything down. Must be set before NumPy loads.
if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, threads)

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from digitpad.gui.threads.garbage_collector import collect_if_due

# A busy machine must not fail a test: no deadline for an example.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


class _Frozen:
    modules = 0  # so many were loaded when the collector was last told to forget what lives for ever


def pytest_runtest_setup() -> None:
    """Collect garbage between tests, as the window does between events; see gui/threads/garbage_collector.py."""
    gc.disable()
    collect_if_due()
    # Going through all objects of torch and Qt again and again would take long.
    if len(sys.modules) > _Frozen.modules + 100:
        gc.collect()
        gc.freeze()
        _Frozen.modules = len(sys.modules)


@pytest.fixture(autouse=True)
def user_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep the tests out of the developer's folders, and out of those of earlier tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.delenv("DIGITPAD_DATA", raising=False)
    monkeypatch.setenv("DIGITPAD_LANG", "en")
    yield home
    # Processes that joblib keeps for reuse have the folders of this test, and would train on in them.
    if (loky := sys.modules.get("joblib.externals.loky.reusable_executor")) and loky._executor:
        loky._executor.shutdown(kill_workers=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder with the real MNIST and the real strokes."""
    if not (SHARED / "mnist").is_dir():
        pytest.skip("the real data is not in ../shared/data")
    return SHARED


@pytest.fixture
def seven() -> list[np.ndarray]:
    """Return a seven as one stroke, 100 wide and 160 high."""
    return [np.array([[0, 0], [100, 0], [40, 160]], float)]

"""Every test has its own user folder; the real data is used where it is at hand."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# How long an example takes is the machine's affair.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def user_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the tests out of the developer's own folders."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.delenv("DIGITPAD_DATA", raising=False)
    return home


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with the real MNIST and the real strokes."""
    if not (SHARED / "mnist").is_dir():
        pytest.skip("the real data is not at hand in ../shared/data")
    return SHARED


@pytest.fixture
def seven() -> list[np.ndarray]:
    """A seven as one stroke, 100 wide and 160 high."""
    return [np.array([[0, 0], [100, 0], [40, 160]], float)]

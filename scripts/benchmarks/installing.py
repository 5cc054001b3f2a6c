"""Measure README's first command on a machine that has only Python, git and a network."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, seconds_of

_ROOT = Path(__file__).resolve().parents[2]
_LARGEST = ("torch", "nvidia", "PySide6", "scipy", "torchvision", "triton")


def installing() -> Iterator[Figure]:
    """Clone the committed files, and run scripts/run there."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "digitpad"
        _run(["git", "clone", "--quiet", str(_ROOT), str(clone)])
        command = [getattr(sys, "_base_executable", sys.executable), str(clone / "scripts" / "run"), "--version"]
        yield Figure("scripts/run on a fresh clone, until it runs", seconds_of(lambda: _run(command)), None, "s")
        yield Figure("  the second time", seconds_of(lambda: _run(command)), None, "s")
        yield Figure("installed: everything", _megabytes(clone / ".venv"), None, "MB")
        packages = next((clone / ".venv").rglob("site-packages"))
        for name in _LARGEST:
            if (packages / name).is_dir():
                yield Figure(f"  of it {name}", _megabytes(packages / name), None, "MB")
        yield Figure(
            "  digitpad itself, with models and icons", _megabytes(clone / "digitpad", clone / "assets"), 25, "MB"
        )


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed: {done.stderr.strip()}")


def _megabytes(*folders: Path) -> float:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files if "__pycache__" not in path.parts) / 2**20

"""Stress tests: kills, fuzzing, hostile environments, two windows, random use. Run by `python -m tests.stress`."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def command_of(module: str, *arguments: str) -> list[str]:
    """Return the command that runs one of these modules in a new process, from any folder."""
    code = f"import runpy, sys; sys.path.insert(0, {str(_ROOT)!r}); runpy.run_module({module!r}, run_name='__main__')"
    return [sys.executable, "-c", code, *arguments]

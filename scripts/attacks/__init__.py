"""The attacks of scripts/soak.py; each part has `attacks(effort)`."""

import sys
from pathlib import Path

_SCRIPTS = Path(__file__).resolve().parents[1]


def command_of(module: str, *arguments: str) -> list[str]:
    """Return the command that runs one of these modules in a process of its own."""
    code = (
        f"import runpy, sys; sys.path.insert(0, {str(_SCRIPTS)!r}); runpy.run_module({module!r}, run_name='__main__')"
    )
    return [sys.executable, "-c", code, *arguments]

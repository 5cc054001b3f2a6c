"""Programs run one after the other in a process that has loaded torch, which takes seconds, and has no digitpad."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


class ProgramRunner:
    """Runs programs in one process, which has loaded torch and cannot import digitpad."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, program: Path, *arguments: str) -> str:
        """Run a program in its folder and return what it prints."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps([str(program), *arguments]), file=self.process.stdin, flush=True)
        printed, error = json.loads(self.process.stdout.readline())
        assert not error, error
        return printed


_RUNNER = """
import contextlib, io, json, os, runpy, sys, traceback
sys.modules["digitpad"] = None
for line in sys.stdin:
    sys.argv = json.loads(line)
    os.chdir(os.path.dirname(sys.argv[0]))
    printed, error = io.StringIO(), ""
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(sys.argv[0], run_name="__main__")
    except BaseException:
        error = traceback.format_exc()
    print(json.dumps([printed.getvalue(), error]), flush=True)
"""


@pytest.fixture(scope="module")
def runner() -> Iterator[ProgramRunner]:
    """Start the process for the tests of a file."""
    runner = ProgramRunner()
    yield runner
    runner.process.communicate(timeout=60)

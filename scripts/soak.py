#!/usr/bin/env python3
"""Run the stress tests, `python -m tests.stress`, from any folder. Arguments are passed on."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    runpy.run_module("tests.stress", run_name="__main__", alter_sys=True)

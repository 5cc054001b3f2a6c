#!/usr/bin/env python3
"""Measure speed and memory, and print each figure beside its goal.

    xvfb-run -a .venv/bin/python scripts/bench.py [--json] [--only PART …]

Without a display, the window is measured offscreen, which paints less. Times depend on the machine. The exit code is
1 if a goal is missed.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict

import environment
from benchmarks.figures import Figure

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Each is a function of a module in scripts/benchmarks that yields figures.
PARTS = {
    "ink": ("drawing", "ink_to_image"),
    "start": ("starting", "starting"),
    "inference": ("drawing", "inference"),
    "pen": ("pen", "pen_to_bars"),
    "peers": ("training", "against_peers"),
    "window": ("training_window", "in_the_window"),
    "network": ("training_window", "network_shown"),
    "accuracy": ("thresholds", "to_accuracy"),
    "choices": ("choices", "choices"),
    "gallery": ("gallery", "the_gallery"),
    "mistakes": ("gallery", "the_tab"),
    "scaling": ("scaling", "scaling"),
    "memory": ("memory", "peak_memory"),
    "install": ("installing", "installing"),
}


def measure(part: str) -> Iterator[Figure]:
    """Measure a part in this process."""
    module, function = PARTS[part]
    yield from getattr(importlib.import_module(f"benchmarks.{module}"), function)()


def _in_subprocess(part: str) -> Iterator[Figure]:
    """Measure a part in a subprocess: a process can have only one QApplication, and memory is measured per process."""
    command = [sys.executable, __file__, "--only", part, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            record = json.loads(line)
            del record["ratio"]
            yield Figure(**record)
    if process.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with exit code {process.returncode}")


def _json(figure: Figure) -> str:
    ratio = None if figure.ratio is None else round(figure.ratio, 3)
    return json.dumps({**asdict(figure), "ratio": ratio})


def _row(figure: Figure) -> str:
    value = f"{figure.value:,.2f} {figure.unit}".rstrip()
    goal = share = ""
    if figure.goal is not None and figure.ratio is not None:
        bound = "≥" if figure.at_least else "≤"
        goal, share = f"{bound} {figure.goal:.3g} {figure.unit}".rstrip(), f"{figure.ratio:.0%}"
    return f"| {figure.name:56} | {value:>14} | {goal:>10} | {share:>7} |"


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object per figure")
    parser.add_argument("--only", choices=PARTS, nargs="+", help="some parts")
    arguments = parser.parse_args()
    environment.require(psutil="psutil")
    if not arguments.json:
        print(f"| {'what':56} | {'measured':>14} | {'goal':>10} | {'of goal':>7} |")
        print(f"| {'-' * 56} | {'-' * 13}: | {'-' * 9}: | {'-' * 6}: |")
    parts = arguments.only or [*PARTS]
    missed = False
    for part in parts:
        for figure in measure(part) if arguments.only and len(parts) == 1 else _in_subprocess(part):
            missed |= figure.ratio is not None and figure.ratio > 1
            print(_json(figure) if arguments.json else _row(figure), flush=True)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()

"""The time from the start of the process to a ready window."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

import psutil

from benchmarks.figures import Figure, bare_memory

_STARTS = 7


def starting() -> Iterator[Figure]:
    """Measure the time to the painted window and to the ready recogniser, with a warm disk."""
    painted, ready, memory = [], [], []
    for number in range(_STARTS + 1):
        with tempfile.TemporaryDirectory() as folder:
            times, resident = _start_once(folder)
        if number:  # the first start warms the disk
            painted.append(times["painted"])
            ready.append(times["ready"])
            memory.append(resident)
    yield Figure("start → window painted, median", statistics.median(painted), 0.6, "s")
    yield Figure("start → recogniser ready, median", statistics.median(ready), 3.5, "s")
    above = statistics.median(memory) / 2**20 - bare_memory()
    yield Figure("memory above torch and Qt alone, the pad ready", above, 300.0, "MB")


def _start_once(folder: str) -> tuple[dict[str, float], int]:
    environment = {**os.environ, "DIGITPAD_TRACE": "1", "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder}
    started, times = time.time(), {}
    process = subprocess.Popen(
        [sys.executable, "-m", "digitpad"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    with process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            event = json.loads(line)
            times[event["event"]] = event["time"] - started
            if event["event"] == "ready":
                time.sleep(0.5)
                resident = psutil.Process(process.pid).memory_info().rss
                process.terminate()
                watchdog.cancel()
                return times, resident
    sys.exit("the window did not start: run 'digitpad' to see why")

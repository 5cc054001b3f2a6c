"""The peak memory of a command."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.figures import Figure, data_folder

_COMMANDS = {
    "training the MLP": ("train", "mlp-fast", "--epochs", "1"),
    "training the CNN": ("train", "cnn-fast", "--epochs", "1"),
    "evaluating the CNN": ("evaluate", "--model", "cnn"),
}
_BARE = (sys.executable, "-c", "import torch, PySide6.QtWidgets")


def peak_memory() -> Iterator[Figure]:
    """Run commands to their end and read their peak memory."""
    if not hasattr(os, "wait4"):
        return
    bare = _peak(list(_BARE))
    for name, arguments in _COMMANDS.items():
        peak = _peak([sys.executable, "-m", "digitpad", *arguments, "--data", str(data_folder())])
        yield Figure(f"peak memory above torch and Qt alone, {name}", peak - bare, 300.0, "MB")


def _peak(command: list[str]) -> float:
    """Return the peak resident memory of a command, MB."""
    with tempfile.TemporaryDirectory() as folder:
        places = {**os.environ, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        process = subprocess.Popen(command, env=places, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed: run it to see why")
    return used.ru_maxrss / 2**10

"""Run a stress test in a separate process with its own folders; a crash is reported as a fault."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.stress import command_of
from tests.stress.budget import Outcome

_LAST = 30  # lines of the log shown after a crash
_SAID = 4000  # characters


def run_isolated(
    module: str, title: str, arguments: list[str], seconds: float, *, place: Path | None = None
) -> Outcome:
    """Run one of these modules with ``--home FOLDER``; it prints its outcome as JSON in the last line."""
    place = place if place is not None and place.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="digitpad-soak-", dir=place, ignore_cleanup_errors=True) as home:
        command = command_of(module, *arguments, "--home", home)
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=seconds, check=False, errors="replace"
            )
            code, said, lines = str(done.returncode), done.stderr, done.stdout.splitlines()
        except subprocess.TimeoutExpired as error:
            code, said, lines = "none: it hung", str(error.stderr), []
        if code == "0" and lines:
            sys.stderr.write(said)
            return Outcome(**{**json.loads(lines[-1]), "attack": title})
        log = Path(home, "actions.log")
        last = log.read_text(errors="replace").splitlines()[-_LAST:] if log.exists() else []
        sys.stderr.write("\n".join([*last, said[-_SAID:], ""]))
        return Outcome(title, len(last), 1, note=f"exit code {code} after: {last[-1] if last else 'nothing'}")


def isolate(home: Path) -> None:
    """Keep all of the program's files in a folder and block the network; call this before Qt is loaded."""
    folders = {"HOME": ".", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_CACHE_HOME": "cache"}
    for name, folder in folders.items():
        place = home.absolute() / folder
        place.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(place)
    shared = Path(__file__).resolve().parents[3] / "shared" / "data"
    if shared.is_dir():
        os.environ.setdefault("DIGITPAD_DATA", str(shared))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ[name] = "http://127.0.0.1:9"
    os.environ["QT_QPA_PLATFORMTHEME"] = ""  # Qt's own file dialogs
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.chdir(home)

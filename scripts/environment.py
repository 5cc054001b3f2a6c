"""Set-up shared by scripts/run, scripts/test and .ci/run; the standard library alone.

Makes .venv, installs digitpad into it and sees to the system libraries that Qt needs. A second call with nothing
changed takes a few milliseconds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
_OLDEST = (3, 11)
# What the larger set of extras brings, the smaller has.
_INCLUDED_IN = {"": ("", "test", "dev"), "test": ("test", "dev"), "dev": ("dev",)}
_SCREEN_TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool"}


def prepare(extra: str = "", *, tools: bool = False) -> str:
    """Make the virtual environment ready and return its Python; `extra` is "", "test" or "dev".

    With `tools` the virtual screen that the end-to-end tests use is seen to as well.
    """
    _check_python()
    if not PYTHON.exists():
        _make_venv()
    wanted = _state()
    if not any(_stamp(other).exists() and _stamp(other).read_text() == wanted for other in _INCLUDED_IN[extra]):
        _install(extra)
        _see_to_system(tools=tools)
        _stamp(extra).write_text(wanted)
    elif tools:
        _see_to_system(tools=True)
    return str(PYTHON)


def run(command: list[str]) -> None:
    """Replace this process by a command, so that signals and exit codes are its own."""
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _check_python() -> None:
    if sys.version_info >= _OLDEST:
        return
    for minor in range(14, 10, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            run([newer, *sys.argv])
    _stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: install it from python.org")


def _make_venv() -> None:
    _say("making .venv")
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        # Debian's python3 comes without ensurepip; pip itself can still install into a bare environment.
        bare = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)]
        if subprocess.call(bare) or subprocess.call([sys.executable, "-m", "pip", "--version"]):
            shutil.rmtree(VENV, ignore_errors=True)
            _stop(f"no virtual environment could be made: install python3-venv\n{made.stdout}{made.stderr}")


def _install(extra: str) -> None:
    _say("installing what digitpad needs; the first time this takes some minutes")
    has_pip = subprocess.call([str(PYTHON), "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0
    pip = [str(PYTHON), "-m", "pip"] if has_pip else [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    # torch and torchvision are chosen in one call, so that they match.
    if subprocess.call([*pip, "install", "--quiet", "--disable-pip-version-check", "--editable", target]):
        _stop("the installation failed, see above: check the network and run this again")


def _see_to_system(*, tools: bool) -> None:
    if not sys.platform.startswith("linux"):
        return
    code = "from digitpad.gui.window.display_check import missing_libraries; print(*missing_libraries())"
    listed = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True, cwd=str(ROOT))
    missing = listed.stdout.split()
    if tools:
        missing += [package for program, package in _SCREEN_TOOLS.items() if not shutil.which(program)]
    if not missing:
        return
    install = ["apt-get", "install", "--yes", "--quiet", *missing]
    if os.geteuid() or not shutil.which("apt-get"):
        _say(f"these system packages are missing: sudo {' '.join(install)}")
        return
    _say(f"installing {' '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "--quiet"], install):
        if subprocess.call(command, stdout=subprocess.DEVNULL, env=quiet):
            _say(f"{' '.join(command)} failed: the window may not open")


def _state() -> str:
    """Everything that, when changed, asks for a new installation."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _stamp(extra: str) -> Path:
    return VENV / f"digitpad-{extra or 'run'}.stamp"


def _say(sentence: str) -> None:
    print(f"digitpad: {sentence}", file=sys.stderr, flush=True)


def _stop(sentence: str) -> None:
    _say(sentence)
    sys.exit(1)

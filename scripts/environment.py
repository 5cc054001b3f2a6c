"""Set-up shared by scripts/run, scripts/test and .ci/run. Uses the standard library only.

Creates the virtual environment, installs digitpad into it and checks the system libraries that Qt needs. A second call
with nothing changed takes a few milliseconds. The environment is .venv, or the folder that DIGITPAD_VENV names.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("DIGITPAD_VENV") or ROOT / ".venv").absolute()
LOWEST_VENV = ROOT / ".venv-lowest"
_OLDEST = (3, 11)
# The extras that include an extra: an environment made for "dev" also serves "test".
_INCLUDED_IN = {"": ("", "test", "dev"), "test": ("test", "dev"), "dev": ("dev",)}
_SCREEN_TOOLS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
# If one of these is installed, the installation keeps it: the user may have chosen PyTorch's CPU build.
_KEPT = ("torch", "torchvision")
# pip's settings, and uv's variables for them. If pip has others, which uv might not obey, pip installs.
_UV_VARIABLES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "constraint": "UV_CONSTRAINT",
    "cert": "SSL_CERT_FILE",
}
_SECTIONS = "global.", "install.", ":env:."
_OF_PIP_ONLY = {"config-file", "default-timeout", "disable-pip-version-check", "progress-bar", "retries", "timeout"}


def python_of(venv: Path) -> Path:
    """Return the Python of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare(extra: str = "", *, tools: bool = False) -> str:
    """Set up the virtual environment and return its Python; `extra` is "", "test" or "dev".

    With `tools`, the virtual screen that the end-to-end tests use is installed too.
    """
    _check_python()
    if not python_of(VENV).exists():
        _make_venv()
    current = _state()
    if not any(_is_stamped(VENV, other, current) for other in _INCLUDED_IN[extra]):
        _install(extra)
        _install_system_packages(tools=tools)
        _compile()
        _stamp(VENV, extra).write_text(current)
    elif tools:
        _install_system_packages(tools=True)
    return str(python_of(VENV))


def prepare_lowest() -> str:
    """Set up .venv-lowest with the lowest versions that pyproject.toml allows, and return its Python.

    uv, which the extra "test" installs, resolves them. On Linux this downloads several GB with an old PyTorch; set
    UV_TORCH_BACKEND=cpu to install its CPU build instead.
    """
    prepare("test", tools=True)
    current = _state()
    if not _is_stamped(LOWEST_VENV, "lowest", current):
        _print("installing the lowest versions that pyproject.toml allows, into .venv-lowest")
        uv = [str(python_of(VENV)), "-m", "uv"]
        install = ["--quiet", "--resolution", "lowest-direct", "--editable", f"{ROOT}[test]"]
        for command in (
            [*uv, "venv", "--quiet", "--clear", "--python", str(python_of(VENV)), str(LOWEST_VENV)],
            [*uv, "pip", "install", "--python", str(python_of(LOWEST_VENV)), *install],
        ):
            if subprocess.call(command):
                _stop("the installation failed, see above: --lowest needs a Python that old releases support, as 3.11")
        _stamp(LOWEST_VENV, "lowest").write_text(current)
    return str(python_of(LOWEST_VENV))


def require(**distributions: str) -> None:
    """Stop with one sentence if a module is missing that `scripts/run` does not install: module=its distribution."""
    missing = [name for module, name in distributions.items() if importlib.util.find_spec(module) is None]
    if missing:
        names = " ".join(missing)
        _stop(f"this script needs {names}: {sys.executable} -m pip install {names}")


def run(command: list[str]) -> None:
    """Replace this process by a command, which then receives the signals and sets the exit code."""
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def pip_install(python: Path, *requirements: str) -> bool:
    """Install requirements with uv or pip, but keep the torch and torchvision there; return whether it succeeded.

    Otherwise a CPU build of torch would be replaced if, say, torchvision were missing and its newest release needed
    another torch. uv takes half of pip's time; if it does not succeed, pip tries, and names the error.
    """
    has_pip = subprocess.call([str(python), "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0
    pip = [str(python), "-m", "pip"] if has_pip else [sys.executable, "-m", "pip", "--python", str(python)]
    kept = _installed(python, _KEPT)
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in kept.items()))
        arguments = ["--constraint", str(constraints), *requirements]
        # To compile every file of every package takes long; see _compile.
        options = ["--quiet", "--disable-pip-version-check", "--no-compile"]
        succeeded = (
            _uv_install(python, pip, Path(folder, "uv"), *arguments)
            or subprocess.call([*pip, "install", *options, *arguments]) == 0
        )
    if not succeeded and kept:
        versions = " and ".join(f"{name} {version}" for name, version in kept.items())
        _print(f"{versions} in {python.parent.parent} were kept: if they are too old, delete that folder and try again")
    return succeeded


def _uv_install(python: Path, pip: list[str], folder: Path, *arguments: str) -> bool:
    """Install with uv, from where pip would; return whether it succeeded."""
    settings, uv = _uv_settings(pip), shutil.which("uv")
    if settings is None:
        return False
    if uv is None:
        subprocess.run([*pip, "install", "--quiet", "--target", str(folder), "uv"], capture_output=True, check=False)
        uv = shutil.which("uv", path=str(folder / "bin"))
    if uv is None:
        return False
    # As pip does, take the newest release of all indexes, not of the first that has the package.
    options = ["--quiet", "--no-config", "--python", str(python), "--index-strategy", "unsafe-best-match"]
    command = [uv, "pip", "install", *options, *arguments]
    return not subprocess.run(command, env={**settings, **os.environ}, capture_output=True, check=False).returncode


def _uv_settings(pip: list[str]) -> dict[str, str] | None:
    """Return pip's settings as uv's variables; None if uv has none for one of them."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    settings: dict[str, str] = {}
    lines = listed.splitlines()
    # In the order in which each counts more than the one before; other sections are of other commands.
    for line in (line for section in _SECTIONS for line in lines if line.startswith(section)):
        name, _, value = line.partition("=")
        key = name.rpartition(".")[2]
        if key in _UV_VARIABLES:
            words = ast.literal_eval(value).split()
            settings[_UV_VARIABLES[key]] = ("," if key == "find-links" else " ").join(words)
        elif key not in _OF_PIP_ONLY:
            return None
    return settings


def _installed(python: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Return the installed ones of some distributions with their versions."""
    code = (
        "import sys\nfrom importlib import metadata\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, metadata.version(name))\n"
        "    except metadata.PackageNotFoundError: pass"
    )
    listed = subprocess.run([str(python), "-c", code, *names], capture_output=True, text=True, check=True)
    return dict(line.split() for line in listed.stdout.splitlines())


def _check_python() -> None:
    if sys.version_info >= _OLDEST:
        return
    for minor in range(14, 10, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            run([newer, *sys.argv])
    _stop(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: install it from python.org")


def _make_venv() -> None:
    _print(f"making {VENV.name}")
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        # Debian's python3 has no ensurepip, but its pip can install into an environment without pip.
        bare = [sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)]
        if subprocess.call(bare) or subprocess.call([sys.executable, "-m", "pip", "--version"]):
            shutil.rmtree(VENV, ignore_errors=True)
            _stop(f"no virtual environment could be made: install python3-venv\n{made.stdout}{made.stderr}")


def _install(extra: str) -> None:
    _print("installing what digitpad needs; the first time this takes some minutes")
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    # One pip call installs everything, so that torch and torchvision match.
    if not pip_install(python_of(VENV), "--editable", target):
        _stop("the installation failed, see above: check the network and run this again")


def _compile() -> None:
    """Have Python compile what digitpad imports, so that the first start takes no longer than the others.

    Also where PYTHONDONTWRITEBYTECODE is set: there every start would compile torch and Qt again.
    """
    code = (
        "import importlib, pkgutil, digitpad\n"
        "for module in pkgutil.walk_packages(digitpad.__path__, 'digitpad.'):\n"
        "    if not module.name.endswith('__main__'): importlib.import_module(module.name)"
    )
    writing = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    # A failure is none here: what cannot be imported is named at the start.
    subprocess.run([str(python_of(VENV)), "-c", code], env=writing, cwd=str(ROOT), capture_output=True, check=False)


def _install_system_packages(*, tools: bool) -> None:
    if not sys.platform.startswith("linux"):
        return
    code = "from digitpad.gui.window.display_check import missing_libraries; print(*missing_libraries())"
    command = [str(python_of(VENV)), "-c", code]
    listed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=str(ROOT))
    missing = listed.stdout.split()
    if tools:
        missing += [package for program, package in _SCREEN_TOOLS.items() if not shutil.which(program)]
    if not missing:
        return
    install = ["apt-get", "install", "--yes", "--quiet", *missing]
    if os.geteuid() or not shutil.which("apt-get"):
        _print(f"these system packages are missing: sudo {' '.join(install)}")
        return
    _print(f"installing {' '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "--quiet"], install):
        if subprocess.call(command, stdout=subprocess.DEVNULL, env=quiet):
            _print(f"{' '.join(command)} failed: the window may not open")


def _state() -> str:
    """Return a hash of everything that requires a new installation when it changes."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _stamp(venv: Path, extra: str) -> Path:
    return venv / f"digitpad-{extra or 'run'}.stamp"


def _is_stamped(venv: Path, extra: str, state: str) -> bool:
    stamp = _stamp(venv, extra)
    return stamp.exists() and stamp.read_text() == state


def _print(sentence: str) -> None:
    print(f"digitpad: {sentence}", file=sys.stderr, flush=True)


def _stop(sentence: str) -> None:
    _print(sentence)
    sys.exit(1)

"""The set-up of scripts/run and scripts/test."""

import importlib.util
import os
import runpy
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import environment
import pytest
import uv

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = "from importlib.metadata import version as v; print(v('torch'), v('torchvision'))"
INSTALLER = "from importlib.metadata import distribution as d; print(d('torchvision').read_text('INSTALLER'))"
needs_pip = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="pip is not installed")


def write_wheel(folder: Path, name: str, version: str, *requirements: str) -> Path:
    """Write an empty package that requires others."""
    path, info = folder / f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in requirements]
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "\n".join([*metadata, ""]))
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the Python of an environment with a CPU build of torch; newer packages can be installed from a folder."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    cpu = write_wheel(wheels, "torch", "2.9.0+cpu")
    write_wheel(wheels, "torch", "2.10.0")
    write_wheel(wheels, "torchvision", "0.24.0", "torch==2.9.0")
    write_wheel(wheels, "torchvision", "0.25.0", "torch==2.10.0")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    venv.create(tmp_path / "venv", with_pip=False)
    python = environment.python_of(tmp_path / "venv")
    monkeypatch.setenv("PATH", str(Path(uv.find_uv_bin()).parent))
    assert environment.pip_install(python, str(cpu))
    return python


@needs_pip
@pytest.mark.parametrize(
    ("name", "value", "installer"),
    [("PIP_RETRIES", "1", "uv"), ("PATH", os.devnull, "pip"), ("PIP_TRUSTED_HOST", "files.example", "pip")],
    ids=["uv", "no uv", "a setting that uv does not have"],
)
def test_an_installation_keeps_the_torch_that_is_installed(
    python: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, installer: str
) -> None:
    monkeypatch.setenv(name, value)
    assert environment.pip_install(python, "torch>=2.9", "torchvision>=0.24")
    assert subprocess.check_output([python, "-c", VERSIONS], text=True).split() == ["2.9.0+cpu", "0.24.0"]
    assert subprocess.check_output([python, "-c", INSTALLER], text=True).strip() == installer


@needs_pip
def test_uv_installs_from_where_pip_installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    sections = {
        "install": "https://install.example",
        "global": "https://global.example",
        "download": "https://no.example",
    }
    lines = [f"[{section}]\nindex-url = {url}" for section, url in sections.items()]
    (tmp_path / "pip.conf").write_text("\n".join([*lines, "[list]", "format = columns"]))
    settings = environment._uv_settings([sys.executable, "-m", "pip"])
    assert settings is not None
    assert settings["UV_DEFAULT_INDEX"] == "https://install.example"
    monkeypatch.setenv("PIP_INDEX_URL", "https://environment.example")
    settings = environment._uv_settings([sys.executable, "-m", "pip"])
    assert settings is not None
    assert settings["UV_DEFAULT_INDEX"] == "https://environment.example"


@needs_pip
def test_a_torch_that_is_too_old_is_named(python: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert not environment.pip_install(python, "torch>=2.10")
    assert "torch 2.9.0+cpu in " in capfd.readouterr().err


def test_a_script_names_the_package_that_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    environment.require(json="json")
    with pytest.raises(SystemExit):
        environment.require(json="json", no_such_module="No-Such-Package")
    sentence = f"digitpad: this script needs No-Such-Package: {sys.executable} -m pip install No-Such-Package\n"
    assert capsys.readouterr().err == sentence


@pytest.mark.parametrize(
    ("arguments", "is_slow_left_out", "is_parallel", "is_lowest"),
    [
        ([], True, True, False),
        (["-k", "ink"], True, True, False),
        (["--all"], False, True, False),
        (["--lowest", "-x"], True, True, True),
        (["tests/e2e/test_wheel.py"], False, True, False),
        (["-m", "slow", "-n4"], False, False, False),
        (["--pdb"], True, False, False),
    ],
)
def test_scripts_test_passes_its_arguments_to_pytest(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    is_slow_left_out: bool,
    is_parallel: bool,
    is_lowest: bool,
) -> None:
    commands: list[list[str]] = []
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(environment, "prepare", lambda *_, **__: "python")
    monkeypatch.setattr(environment, "prepare_lowest", lambda: "lowest")
    monkeypatch.setattr(environment, "run", commands.append)
    monkeypatch.setattr(sys, "argv", ["scripts/test", *arguments])
    runpy.run_path(str(ROOT / "scripts" / "test"), run_name="__main__")
    (command,) = commands
    passed_on = [argument for argument in arguments if argument not in ("--all", "--lowest")]
    assert command[0] == ("lowest" if is_lowest else "python")
    assert command[len(command) - len(passed_on) :] == passed_on
    assert ("not slow" in command) == is_slow_left_out
    assert ("worksteal" in command) == is_parallel
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ

"""A library that is missing, broken or too old is named in a sentence that says what to do."""

import re
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.runtime import libraries
from digitpad.core.runtime.libraries import WINDOW, check_installed, check_version, import_failure

PROJECT = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_every_library_of_the_project_is_looked_for() -> None:
    needed = {re.split(r"[><=!]", line)[0] for line in PROJECT["dependencies"]}
    assert {libraries._PACKAGES.get(module, module) for module in WINDOW} == needed
    assert all(find_spec(module) for module in WINDOW)


def test_the_oldest_versions_are_those_of_the_project() -> None:
    wanted = {line.split(">=")[0]: line.split(">=")[1].split(",")[0] for line in PROJECT["dependencies"]}
    for module, least in libraries._LEAST.items():
        assert wanted[libraries._PACKAGES.get(module, module)] == ".".join(map(str, least))


def test_what_is_missing_is_named_as_pip_calls_it() -> None:
    check_installed(WINDOW)
    with pytest.raises(
        DigitpadError, match=r"libraries nothing_such no_more are missing: .* -m pip install nothing_such"
    ):
        check_installed(["os", "nothing_such", "no_more"])
    error = ModuleNotFoundError("No module named 'PIL'", name="PIL")
    assert "the library pillow is missing" in str(import_failure(error))


def test_what_is_broken_is_to_be_installed_anew() -> None:
    told = str(import_failure(ImportError("libcudart.so.12: cannot open", name="torch._C")))
    assert "torch cannot be loaded (libcudart.so.12: cannot open)" in told
    assert "--force-reinstall torch" in told


@pytest.mark.parametrize(("module", "version"), [("torch", "1.13.1+cpu"), ("numpy", "1.26.4"), ("PySide6", "6.5.3")])
def test_a_version_that_is_too_old_is_named(module: str, version: str) -> None:
    with pytest.raises(DigitpadError, match=rf"{re.escape(version)} is too old, digitpad needs .* --upgrade"):
        check_version(module, version)


@pytest.mark.parametrize(("module", "version"), [("torch", "2.9.0"), ("torch", "2.15.0a0+git1"), ("numpy", "3.0rc1")])
def test_a_version_that_will_do_is_taken(module: str, version: str) -> None:
    check_version(module, version)


def test_the_qt_that_crashes_on_this_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 11, 7))
    with pytest.raises(DigitpadError, match=r"6\.12\.0 crashes on Python 3\.11"):
        check_version("PySide6", "6.12.0")
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    check_version("PySide6", "6.12.0")

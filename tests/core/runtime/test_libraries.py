"""A library that is missing, broken or too old is named, with a command that fixes it."""

import importlib
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


def test_every_library_of_the_project_is_checked() -> None:
    needed = {re.split(r"[><=!]", line)[0] for line in PROJECT["dependencies"]}
    assert {libraries._PACKAGES.get(module, module) for module in WINDOW} == needed
    assert all(find_spec(module) for module in WINDOW)


def test_the_minimum_versions_are_those_of_the_project() -> None:
    wanted = {line.split(">=")[0]: line.split(">=")[1].split(",")[0] for line in PROJECT["dependencies"]}
    for module, minimum in libraries._MINIMUM.items():
        assert wanted[libraries._PACKAGES.get(module, module)] == ".".join(map(str, minimum))


def test_missing_libraries_are_named_as_pip_calls_them() -> None:
    check_installed(WINDOW)
    with pytest.raises(DigitpadError, match="these libraries are missing: nothing_such no_more;") as caught:
        check_installed(["os", "nothing_such", "no_more"])
    assert "-m pip install nothing_such no_more" in caught.value.with_hint
    error = ModuleNotFoundError("No module named 'PIL'", name="PIL")
    assert "the library pillow is missing" in str(import_failure(error))


def test_a_broken_library_should_be_installed_again() -> None:
    error = import_failure(ImportError("libcudart.so.12: cannot open", name="torch._C"))
    assert str(error) == "the library torch cannot be loaded: install it again"
    assert "libcudart.so.12: cannot open" in error.with_hint
    assert "--force-reinstall torch" in error.with_hint


def failed_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str) -> ImportError:
    """Return the error of a library whose extension module `_C` cannot be loaded."""
    (tmp_path / "somelib").mkdir()
    (tmp_path / "somelib" / "__init__.py").write_text("from somelib import inner")
    (tmp_path / "somelib" / "inner.py").write_text(f"raise ImportError({message!r}, name='_C')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError) as caught:
        importlib.import_module("somelib")
    return caught.value


def test_the_library_of_a_broken_extension_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = import_failure(failed_import(tmp_path, monkeypatch, "_C.so: undefined symbol"))
    assert str(error) == "the library somelib cannot be loaded: install it again"


def test_a_library_that_does_not_fit_into_memory_is_not_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = import_failure(failed_import(tmp_path, monkeypatch, "libbig.so: failed to map segment from shared object"))
    assert str(error) == "there is not enough memory to load the library somelib: close other programs"


@pytest.mark.parametrize(("module", "version"), [("torch", "1.13.1+cpu"), ("numpy", "1.26.4"), ("PySide6", "6.5.3")])
def test_a_version_that_is_too_old_is_named(module: str, version: str) -> None:
    with pytest.raises(DigitpadError, match=rf"{re.escape(version)} is too old, digitpad needs") as caught:
        check_version(module, version)
    assert "--upgrade" in caught.value.hint


@pytest.mark.parametrize(("module", "version"), [("torch", "2.9.0"), ("torch", "2.15.0a0+git1"), ("numpy", "3.0rc1")])
def test_a_new_enough_version_is_accepted(module: str, version: str) -> None:
    check_version(module, version)


def test_the_qt_that_crashes_on_this_python_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 11, 7))
    with pytest.raises(DigitpadError, match=r"6\.12\.0 crashes on Python 3\.11"):
        check_version("PySide6", "6.12.0")
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    check_version("PySide6", "6.12.0")

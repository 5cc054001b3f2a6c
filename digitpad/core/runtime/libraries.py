"""The libraries that digitpad needs: a sentence for one that is missing, broken or too old."""

import platform
import sys
from collections.abc import Iterable
from importlib.util import find_spec

from digitpad import __version__
from digitpad.core.errors import DigitpadError


def library_versions() -> dict[str, str]:
    """Return the versions that a training's figures may hang on, by name."""
    import numpy as np
    import torch

    return {
        "digitpad": __version__,
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


# What pip calls it, where that is not what Python does.
_PACKAGES = {
    "PIL": "pillow",
    "PySide6": "PySide6-Essentials",
    "sklearn": "scikit-learn",
    "tomli_w": "tomli-w",
}
# The oldest that will do, as pyproject.toml has it.
_LEAST = {"numpy": (2, 0), "torch": (2, 9), "PySide6": (6, 9)}
COMMAND_LINE = (
    *("typer", "rich", "pydantic", "platformdirs", "filelock", "tomli_w"),
    *("numpy", "scipy", "sklearn", "PIL", "torch", "torchvision", "safetensors", "threadpoolctl"),
)
WINDOW = (*COMMAND_LINE, "PySide6", "pyqtgraph")
_ADVICE = "install it with 'python -m pip install {}', or start digitpad with scripts/run, which does"


def check_installed(modules: Iterable[str]) -> None:
    """Raise where some are missing, without importing any."""
    missing = [module for module in modules if not _is_there(module)]
    if missing:
        raise _missing(missing)


def check_version(module: str, version: str) -> None:
    """Raise where a library that was imported is too old, or known to break."""
    found = tuple(int(part) for part in version.partition("+")[0].split(".")[:3] if part.isdecimal())
    package, least = _PACKAGES.get(module, module), _LEAST[module]
    if found[:2] < least:
        wanted = ".".join(map(str, least))
        advice = _ADVICE.format(f"--upgrade {package}")
        raise DigitpadError(
            "{package} {version} is too old, digitpad needs {wanted} or newer: {advice}",
            package=package,
            version=version,
            wanted=wanted,
            advice=advice,
        )
    if module == "PySide6" and found == (6, 12, 0) and sys.version_info[:2] == (3, 11):
        advice = _ADVICE.format(f"'{package}!=6.12.0'".replace("'", '"'))
        raise DigitpadError(
            "{package} {version} crashes on Python 3.11: {advice}", package=package, version=version, advice=advice
        )


def import_failure(error: ImportError) -> DigitpadError:
    """Say which library cannot be imported; of one that is there but broken, to install it anew."""
    module = (error.name or "").partition(".")[0]
    if not module or module == "digitpad":
        return DigitpadError(
            "a library cannot be loaded ({error}): start digitpad with scripts/run, or install it anew", error=error
        )
    if isinstance(error, ModuleNotFoundError) and module == error.name:
        return _missing([module])
    advice = _ADVICE.format(f"--force-reinstall {_PACKAGES.get(module, module)}")
    return DigitpadError(
        "the library {module} cannot be loaded ({error}): {advice}", module=module, error=error, advice=advice
    )


def _is_there(module: str) -> bool:
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _missing(modules: list[str]) -> DigitpadError:
    names = " ".join(_PACKAGES.get(module, module) for module in modules)
    one = len(modules) == 1
    what = "library" if one else "libraries"
    return DigitpadError(
        "the {what} {names} {what_2} missing: {format}",
        what=what,
        names=names,
        what_2="is" if one else "are",
        format=_ADVICE.format(names),
    )

"""Checks of the libraries that digitpad needs: an error names one that is missing, broken or too old."""

import platform
import re
import sys
import traceback
from collections.abc import Iterable
from importlib.util import find_spec

from digitpad import __version__
from digitpad.core.errors import DigitpadError
from digitpad.core.translation import tr

# The names on the package index that differ from the names of the modules.
_PACKAGES = {
    "PIL": "pillow",
    "PySide6": "PySide6-Essentials",
    "tomli_w": "tomli-w",
}
_LACK_OF_MEMORY = re.compile("cannot allocate memory|failed to map segment|not enough memory", re.IGNORECASE)
# The lower bounds in pyproject.toml.
_MINIMUM = {"numpy": (2, 0), "torch": (2, 9), "PySide6": (6, 9)}
COMMAND_LINE = (
    *("typer", "rich", "pydantic", "platformdirs", "filelock", "tomli_w"),
    *("numpy", "scipy", "joblib", "PIL", "torch", "torchvision", "safetensors", "threadpoolctl", "psutil"),
    *("onnx", "onnxruntime"),
)
WINDOW = (*COMMAND_LINE, "PySide6", "pyqtgraph")


def library_versions() -> dict[str, str]:
    """Return the versions that can affect the results of a training, by name."""
    import numpy as np
    import torch

    return {
        "digitpad": __version__,
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def check_installed(modules: Iterable[str]) -> None:
    """Raise DigitpadError if modules are missing, without importing any."""
    missing = [module for module in modules if not _is_installed(module)]
    if missing:
        raise _missing(missing)


def check_version(module: str, version: str) -> None:
    """Raise DigitpadError if an imported library is too old or known to crash."""
    found = tuple(int(part) for part in version.partition("+")[0].split(".")[:3] if part.isdecimal())
    package, minimum = _PACKAGES.get(module, module), _MINIMUM[module]
    if found[:2] < minimum:
        raise DigitpadError(
            "{package} {version} is too old, digitpad needs {minimum} or newer: upgrade it",
            hint=_hint(f"--upgrade {package}"),
            package=package,
            version=version,
            minimum=".".join(map(str, minimum)),
        )
    if module == "PySide6" and found == (6, 12, 0) and sys.version_info[:2] == (3, 11):
        raise DigitpadError(
            "{package} {version} crashes on Python 3.11: install another version",
            hint=_hint(f'"{package}!=6.12.0"'),
            package=package,
            version=version,
        )


def import_failure(error: ImportError) -> DigitpadError:
    """Return an error that names the library that cannot be imported; the hint has the message of the system."""
    module = _module_of(error)
    if _LACK_OF_MEMORY.search(str(error)):
        return DigitpadError(
            "there is not enough memory to load the library {module}: close other programs",
            hint=str(error),
            module=module or tr("that is needed"),
        )
    if not module or module == "digitpad":
        return DigitpadError(
            "a library cannot be loaded: install digitpad again",
            hint=tr("{error}; or start it with scripts/run").format(error=error),
        )
    if isinstance(error, ModuleNotFoundError) and module == error.name:
        return _missing([module])
    hint = f"{error}; {_hint(f'--force-reinstall {_PACKAGES.get(module, module)}')}"
    return DigitpadError("the library {module} cannot be loaded: install it again", hint=hint, module=module)


def _module_of(error: ImportError) -> str:
    """Return the library whose import failed; "" if it is not known.

    An extension such as torch's `_C` is part of the library whose module imports it.
    """
    name = (error.name or "").partition(".")[0]
    if name and not name.startswith("_"):
        return name
    frames = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
    importers = [name.partition(".")[0] for name in frames if not name.startswith(("importlib", "_frozen_importlib"))]
    return next((name for name in reversed(importers) if name not in ("digitpad", "__main__")), "")


def _is_installed(module: str) -> bool:
    if module in sys.modules:
        return sys.modules[module] is not None
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _missing(modules: list[str]) -> DigitpadError:
    names = " ".join(_PACKAGES.get(module, module) for module in modules)
    if len(modules) == 1:
        return DigitpadError("the library {name} is missing: install it", hint=_hint(names), name=names)
    return DigitpadError("these libraries are missing: {names}; install them", hint=_hint(names), names=names)


def _hint(packages: str) -> str:
    text = tr("python -m pip install {packages}; or start digitpad with scripts/run, which installs it")
    return text.format(packages=packages)

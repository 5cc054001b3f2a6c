"""Where things are: the shipped assets and the user's own folders."""

import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parents[2]
# In the wheel the assets lie inside the package, in a checkout beside it.
ASSETS = next((p for p in (_PACKAGE / "assets", _PACKAGE.parent / "assets") if p.is_dir()), _PACKAGE / "assets")

# Where a user without a home folder keeps things: nothing is nor can be there, and an error that names it says why.
_NOWHERE = Path(os.devnull) / "no home folder is known (set HOME)" / "digitpad"


def user_folder() -> Path:
    """Return the user's digitpad folder; it need not exist yet."""
    return _of_the_user(platformdirs.user_data_dir)


def user_models() -> Path:
    """Return the folder that trained models are saved to; it need not exist yet."""
    return user_folder() / "models"


def user_runs() -> Path:
    """Return the folder that trainings are kept in; it need not exist yet."""
    return user_folder() / "runs"


def user_logs() -> Path:
    """Return the folder of the log, and of what crashes left; it need not exist yet."""
    return user_folder() / "logs"


def user_recipes() -> Path:
    """Return the folder of the user's own recipes; it need not exist yet."""
    return _of_the_user(platformdirs.user_config_dir) / "recipes"


def _of_the_user(find: Callable[..., str]) -> Path:
    try:
        found = Path(find("digitpad", appauthor=False))
    except RuntimeError:
        return _NOWHERE
    return found if found.is_absolute() else _NOWHERE  # "~" that nobody replaced would become a folder of that name


def data_folder(chosen: Path | None = None) -> Path:
    """Return the folder data sets are read from: the chosen one, else $DIGITPAD_DATA, else the user's."""
    if chosen is not None:
        return chosen
    if named := os.environ.get("DIGITPAD_DATA"):
        return Path(named)
    return user_folder() / "data"

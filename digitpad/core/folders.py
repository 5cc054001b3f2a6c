"""Where things are: the shipped assets and the user's own folders."""

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parents[1]
# In the wheel the assets lie inside the package, in a checkout beside it.
ASSETS = next((p for p in (_PACKAGE / "assets", _PACKAGE.parent / "assets") if p.is_dir()), _PACKAGE / "assets")


def user_folder() -> Path:
    """Return the user's digitpad folder; it need not exist yet."""
    return Path(platformdirs.user_data_dir("digitpad", appauthor=False))


def user_models() -> Path:
    """Return the folder that trained models are saved to; it need not exist yet."""
    return user_folder() / "models"


def user_runs() -> Path:
    """Return the folder that trainings are kept in; it need not exist yet."""
    return user_folder() / "runs"


def user_recipes() -> Path:
    """Return the folder of the user's own recipes; it need not exist yet."""
    return Path(platformdirs.user_config_dir("digitpad", appauthor=False)) / "recipes"


def data_folder(chosen: Path | None = None) -> Path:
    """Return the folder data sets are read from: the chosen one, else $DIGITPAD_DATA, else the user's."""
    if chosen is not None:
        return chosen
    if named := os.environ.get("DIGITPAD_DATA"):
        return Path(named)
    return user_folder() / "data"

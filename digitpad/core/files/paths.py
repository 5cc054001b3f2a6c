"""Paths of the shipped assets and of the user's folders."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parents[2]
# In the wheel the assets are inside the package, in a checkout beside it.
ASSETS = next((p for p in (_PACKAGE / "assets", _PACKAGE.parent / "assets") if p.is_dir()), _PACKAGE / "assets")
TRANSLATIONS = ASSETS / "translations"

_PRIVATE = 0o700
# The folder of a user without a home folder: it can never exist, and an error that names it shows the reason.
_NOWHERE = Path(os.devnull) / "no home folder is known (set HOME)" / "digitpad"


def user_folder() -> Path:
    """Return the user's digitpad folder; it need not exist yet."""
    return _resolve(platformdirs.user_data_dir)


def user_models() -> Path:
    """Return the folder of the user's saved models; it need not exist yet."""
    return user_folder() / "models"


def user_runs() -> Path:
    """Return the folder of the training runs; it need not exist yet."""
    return user_folder() / "runs"


def user_logs() -> Path:
    """Return the folder of the log and the crash reports; it need not exist yet."""
    return user_folder() / "logs"


def user_recipes() -> Path:
    """Return the folder of the user's recipes; it need not exist yet."""
    return _resolve(platformdirs.user_config_dir) / "recipes"


def user_lessons() -> Path:
    """Return the folder of the user's lessons, beside that of the recipes; it need not exist yet."""
    return user_recipes().with_name("lessons")


def _resolve(find: Callable[..., str]) -> Path:
    try:
        path = Path(find("digitpad", appauthor=False))
    except RuntimeError:
        return _NOWHERE
    return path if path.is_absolute() else _NOWHERE  # an unexpanded "~" would become a folder of that name


def make_folder(folder: Path) -> None:
    """Create a folder and its parents; the user's digitpad folders are for nobody else. Raise OSError if that fails."""
    for own in (user_folder(), user_recipes().parent):
        if own in (folder, *folder.parents):
            own.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)  # the mode of the last one
    folder.mkdir(parents=True, exist_ok=True)


def close_to_others() -> None:
    """Take the rights of other users from the user's digitpad folders, which earlier versions created for all."""
    for own in (user_folder(), user_recipes().parent):
        with contextlib.suppress(OSError):  # missing, or of another user
            mode = own.stat().st_mode
            if mode & 0o077:
                own.chmod(mode & _PRIVATE)


def data_folder(chosen: Path | None = None) -> Path:
    """Return the folder of the data sets: the chosen one, else $DIGITPAD_DATA, else the user's."""
    if chosen is not None:
        return chosen
    if folder := os.environ.get("DIGITPAD_DATA"):
        return Path(os.path.expanduser(folder))  # noqa: PTH111 - Path's raises if there is no home folder
    return user_folder() / "data"


def encodable(text: str) -> str:
    """Replace lone surrogates, which a file name may contain but a database or JSON may not."""
    return text.encode(errors="replace").decode()


def shortened(text: str, limit: int) -> str:
    """Return an encodable text of at most `limit` characters, at least 3; a longer one loses its middle."""
    text = encodable(text)
    if len(text) <= limit:
        return text
    end = limit // 3
    return f"{text[: limit - end - 1]}…{text[-end:]}"

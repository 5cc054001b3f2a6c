"""File dialogs that open in the folder used last, and remember the folder that the user chooses."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from digitpad.core.files.endings import listed
from digitpad.gui.session.settings import Settings

_UNSAFE = '<>:"/\\|?*'  # in a file name on any system
_MAX_NAME_LENGTH = 60


def safe_name(text: str, fallback: str) -> str:
    """Return a file name without a suffix for a text; a long one ends with a whole word, if it has several."""
    safe = "".join("-" if letter in _UNSAFE or not letter.isprintable() else letter for letter in text)
    name = " ".join(safe.split())
    if len(name) > _MAX_NAME_LENGTH:
        name = name[: _MAX_NAME_LENGTH + 1].rpartition(" ")[0] or name[:_MAX_NAME_LENGTH]
    return name.strip(" .,") or fallback


def choose_file(parent: QWidget, settings: Settings, title: str, filters: str) -> Path | None:
    """Let the user choose a file to open; None if the dialog is cancelled. `filters` as in QFileDialog, with ";;"."""
    name, _ = QFileDialog.getOpenFileName(parent, title, settings.folder, filters)
    if not name:
        return None
    settings.folder = str(Path(name).parent)
    return Path(name)


def choose_folder(parent: QWidget, settings: Settings, title: str) -> Path | None:
    """Let the user choose a folder; None if the dialog is cancelled."""
    name = QFileDialog.getExistingDirectory(parent, title, settings.folder)
    if not name:
        return None
    settings.folder = name
    return Path(name)


def choose_save_path(
    parent: QWidget, settings: Settings, title: str, name: str, filters: Mapping[str, str]
) -> Path | None:
    """Let the user choose where to save a file; None if the dialog is cancelled.

    `filters` maps each suffix, without its dot, to the filter text of the dialog; the first one is chosen at first. A
    name with another suffix is refused: the dialog is shown again, and its title says which suffixes are possible.
    """
    endings = [f".{suffix}" for suffix in filters]
    path = _ask_save_path(parent, settings.folder, title, name, filters)
    while path is not None and not path.name.lower().endswith(tuple(endings)):
        wrong = QCoreApplication.translate("FileDialogs", "{} must end in {}").format(path.name, listed(endings))
        path = _ask_save_path(parent, str(path.parent), wrong, f"{path.stem}{endings[0]}", filters)
    if path is not None:
        settings.folder = str(path.parent)
    return path


def _ask_save_path(parent: QWidget, folder: str, title: str, name: str, filters: Mapping[str, str]) -> Path | None:
    suffixes = {text: suffix for suffix, text in filters.items()}
    dialog = QFileDialog(parent, title, folder)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(suffixes))
    # The dialog adds the suffix itself, so that it asks before it overwrites a file.
    dialog.setDefaultSuffix(next(iter(filters)))
    dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix(suffixes[text]))
    dialog.selectFile(name)
    is_chosen = dialog.exec()
    dialog.deleteLater()
    return Path(dialog.selectedFiles()[0]) if is_chosen else None

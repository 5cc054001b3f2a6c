"""Adds digitpad to the menu of a Linux desktop, with its icon and kinds of files, and removes it again.

The places are those of freedesktop.org's specifications of desktop entries, icon themes and MIME types.
"""

import contextlib
import shutil
import subprocess
import sys
from pathlib import Path

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic import write_atomically
from digitpad.core.files.paths import ASSETS, user_folder

# In the user's data folder, $XDG_DATA_HOME; each is named like the window's application id.
_ENTRY = Path("applications/digitpad.desktop")
_ICON = Path("icons/hicolor/scalable/apps/digitpad.svg")
_KINDS = Path("mime/packages/digitpad.xml")
_FILES = (_ENTRY, _ICON, _KINDS)
# The folders of which the desktop keeps an index, and the programs that renew it. Desktops without them need none.
_INDICES = {"update-mime-database": "mime", "update-desktop-database": "applications"}
_SECONDS = 60
# Characters that have a meaning inside the quotes of an Exec line.
_QUOTED = str.maketrans({character: f"\\{character}" for character in '"`$\\'} | {"%": "%%"})


def install() -> Path:
    """Add digitpad to the desktop of the user and return the desktop entry; raise DigitpadError if that fails."""
    folder = _data_home()
    source = ASSETS / "desktop"
    contents = {
        _ENTRY: _with_command((source / _ENTRY.name).read_text(encoding="utf-8"), _command()).encode(),
        _ICON: (ASSETS / "icons" / _ICON.name).read_bytes(),
        _KINDS: (source / _KINDS.name).read_bytes(),
    }
    for place, content in contents.items():
        path = folder / place
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(path.parent, error) from error
        write_atomically(path, content)
    _renew_indices(folder)
    return folder / _ENTRY


def uninstall() -> bool:
    """Remove what `install` added and return whether there was anything; raise DigitpadError if that fails."""
    folder = _data_home()
    found = False
    for place in _FILES:
        try:
            (folder / place).unlink()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise write_error(folder / place, error) from error
        found = True
    if found:
        _renew_indices(folder)
    return found


def _data_home() -> Path:
    if sys.platform in ("win32", "darwin"):
        raise DigitpadError(
            "only Linux desktops have such a menu: on this system pin digitpad to the task bar or to the Dock"
        )
    return user_folder().parent


def _command() -> list[str]:
    """Return how to start this digitpad: by the script of its environment, or else by its Python."""
    python = Path(sys.executable).absolute()  # resolve() would lead out of a virtual environment
    script = python.with_name("digitpad")
    return [str(script)] if script.is_file() else [str(python), "-m", "digitpad"]


def _with_command(entry: str, command: list[str]) -> str:
    """Fill the command into a desktop entry: the bare one may not be in the desktop's search path."""
    # The backslashes of a quoted word are doubled once more, as in all values.
    words = " ".join(f'"{word.translate(_QUOTED)}"'.replace("\\", "\\\\") for word in command)
    program = command[0].replace("\\", "\\\\")
    lines = {"Exec=": f"Exec={words} %F", "TryExec=": f"TryExec={program}"}
    changed = (
        next((new for start, new in lines.items() if line.startswith(start)), line) for line in entry.split("\n")
    )
    return "\n".join(changed)


def _renew_indices(folder: Path) -> None:
    for program, part in _INDICES.items():
        if shutil.which(program) and (folder / part).is_dir():
            # Without an index, the desktop finds the files by itself, later.
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run([program, str(folder / part)], capture_output=True, timeout=_SECONDS, check=False)

"""The program starts with any settings file, and reports a damaged one."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Appearance


def settings_with(content: bytes) -> Settings:
    """Write a settings file, and return its settings."""
    path = Path(QSettings("digitpad", "digitpad").fileName())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Settings()


@pytest.mark.parametrize(
    "content",
    [
        b"[General]\nthumbnails=" + b"9" * 5000 + b"\n",
        b"[General]\nthreshold=nan\nthumbnails=-1\nappearance=@Invalid()\ngeometry=@ByteArray(\\x1\\xd9\\xd0\\xcb)\n",
        b"[General]\nmodel=a, b\nthreshold=1e999\nfolder=@Invalid()\ngeometry=3\n",
    ],
    ids=["a number with 5,000 digits", "no numbers", "lists"],
)
def test_invalid_values_are_replaced_by_defaults(content: bytes) -> None:
    settings = settings_with(content)
    assert settings.thumbnail_side == 0
    assert settings.threshold == 0.5
    assert settings.appearance is Appearance.SYSTEM
    assert Session(settings).models.chosen.name == "cnn"


@pytest.mark.parametrize("content", [b"[General]\nmodel=mlp\n[cut o", b"\0" * 500, b"\xff\xfe no settings\n"])
def test_a_damaged_file_is_reported_and_stores_new_settings(content: bytes) -> None:
    settings = settings_with(content)
    problem = settings.problem()
    assert problem is not None
    assert "was damaged" in problem
    settings.threshold = 0.25
    settings.problem()  # which writes
    again = Settings()
    assert again.threshold == 0.25
    assert b"threshold=0.25" in Path(QSettings("digitpad", "digitpad").fileName()).read_bytes()

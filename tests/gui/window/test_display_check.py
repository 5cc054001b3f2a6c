"""If no window can be shown, an error is raised before Qt aborts."""

import sys

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.gui.window.display_check import check_display

_PLUGIN_FOLDERS = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH")


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAYLAND_DISPLAY", *_PLUGIN_FOLDERS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize("platform", ["nonsense", "wayland-egl"])
def test_the_error_names_a_platform_that_qt_does_not_have(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    with pytest.raises(DigitpadError, match=r"QT_QPA_PLATFORM asks for .*'digitpad predict FILE'"):
        check_display()


@pytest.mark.parametrize("name", _PLUGIN_FOLDERS)
def test_with_a_plugin_folder_any_platform_is_accepted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "theirs")
    monkeypatch.setenv(name, "/somewhere")
    check_display()


def test_a_platform_without_a_screen_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    check_display()

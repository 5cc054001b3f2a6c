"""Where no window can be shown, that is said before Qt aborts."""

import sys

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.gui.window.display_check import check_display

_ABOUT_PLUGINS = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_PLUGIN_PATH")


@pytest.fixture(autouse=True)
def _on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WAYLAND_DISPLAY", *_ABOUT_PLUGINS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")


@pytest.mark.parametrize("platform", ["nonsense", "wayland-egl"])
def test_a_platform_that_qt_cannot_use_is_named(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", platform)
    with pytest.raises(DigitpadError, match=r"QT_QPA_PLATFORM asks for .*'digitpad predict FILE'"):
        check_display()


@pytest.mark.parametrize("name", _ABOUT_PLUGINS)
def test_who_has_plugins_of_their_own_may_name_any_platform(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "theirs")
    monkeypatch.setenv(name, "/somewhere")
    check_display()


def test_a_platform_that_needs_no_screen_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    check_display()

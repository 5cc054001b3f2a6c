"""The colours of a theme by name, for widgets that paint themselves."""

import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from PySide6.QtGui import QColor, QGuiApplication, QPalette

from digitpad.gui.theme.icons import read_text


def verdict_colour(palette: QPalette, *, is_right: bool) -> QColor:
    """Return the colour that goes with ✓ or ✗."""
    return theme_colours(palette)["right" if is_right else "wrong"]


def mixed(ground: QColor, colour: QColor, share: float) -> QColor:
    """Return an opaque colour between two, of which `colour` has a share in [0, 1]."""
    channels = ((ground.redF(), colour.redF()), (ground.greenF(), colour.greenF()), (ground.blueF(), colour.blueF()))
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in channels))


ThemeName = Literal["light", "dark", "light-contrast", "dark-contrast"]


def theme_colours(theme: ThemeName | QPalette) -> Mapping[str, QColor]:
    """Return the colours of a theme, or of the theme that a palette belongs to."""
    return _colours(_name(theme) if isinstance(theme, QPalette) else theme)


def _name(palette: QPalette) -> ThemeName:
    window, text = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.WindowText)
    return theme_name(is_dark=window.lightnessF() < text.lightnessF())


def theme_name(*, is_dark: bool) -> ThemeName:
    """Return the light or the dark theme, with high contrast if it is used."""
    # The palette of a styled widget may have other texts; the application's are black or white with high contrast only.
    if QGuiApplication.palette().color(QPalette.ColorRole.WindowText).lightnessF() in (0.0, 1.0):
        return "dark-contrast" if is_dark else "light-contrast"
    return "dark" if is_dark else "light"


@cache
def _colours(name: ThemeName) -> Mapping[str, QColor]:
    values = tomllib.loads(read_text(f"themes/{name}.toml"))
    # Some values are icon names.
    return MappingProxyType({key: QColor(value) for key, value in values.items() if value.startswith("#")})

"""The colours of ink and paper in all pictures of digits: one convention for pad, grids, samples and 28x28 views."""

from enum import StrEnum
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPalette

from digitpad.gui.theme.colours import ThemeName, theme_name

_LEVELS = 256
# The application's palette tells every widget the colour of ink. Qt means this role for visited links; there are none.
INK_ROLE = QPalette.ColorRole.LinkVisited


class DigitColours(StrEnum):
    """The user's choice; its value is stored in the settings."""

    THEME = "theme"  # the theme's text on its ground: no glaring paper in the dark theme
    DARK_ON_LIGHT = "dark-on-light"
    LIGHT_ON_DARK = "light-on-dark"


def ink_of(choice: DigitColours, text: QColor, ground: QColor) -> QColor:
    """Return the colour of ink, one of a theme's text and ground."""
    if choice is DigitColours.THEME:
        return text
    darker, lighter = sorted((text, ground), key=QColor.lightnessF)
    return darker if choice is DigitColours.DARK_ON_LIGHT else lighter


def ink_and_paper(palette: QPalette) -> tuple[QColor, QColor]:
    """Return the colours of ink and of paper."""
    text, ground = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base)
    return (ground, text) if palette.color(INK_ROLE) == ground else (text, ground)


def paper_theme(palette: QPalette) -> ThemeName:
    """Return the theme whose colours are for things painted on the paper."""
    ink, paper = ink_and_paper(palette)
    return theme_name(is_dark=paper.lightnessF() < ink.lightnessF())


def shades(palette: QPalette, peak: int = 255) -> np.ndarray:
    """Return (256,) uint32: the colour, as QImage's RGB32 has it, of each level of ink in 0–`peak`."""
    ink, paper = ink_and_paper(palette)
    return _shades(ink.rgb(), paper.rgb(), peak)


@lru_cache(16)
def _shades(ink: int, paper: int, peak: int) -> np.ndarray:
    share = np.minimum(np.arange(_LEVELS) / peak, 1.0)[:, None]
    full, none = (np.array([rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255]) for rgb in (ink, paper))
    rgb = np.rint((1 - share) * none + share * full).astype(np.uint32)
    return 0xFF000000 | rgb[:, 0] << 16 | rgb[:, 1] << 8 | rgb[:, 2]


def paint_levels(painter: QPainter, place: QRectF, levels: np.ndarray, palette: QPalette) -> None:
    """Paint levels of ink, (h, w) uint8 in 0–255, in the colours of ink and paper."""
    pixels = shades(palette)[levels]
    height, width = levels.shape
    painter.drawImage(place, QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32))

"""Fonts for figures and captions."""

from PySide6.QtGui import QFont

_CAPTION_PX = 11


def caption_font(font: QFont) -> QFont:
    """Return a font for small words, its figures all of one width."""
    small = QFont(font)
    small.setPixelSize(_CAPTION_PX)
    small.setFeature(QFont.Tag("tnum"), 1)
    return small


FIGURES_PX = 12


def figures_font(font: QFont, *, is_bold: bool = False) -> QFont:
    """Return a font whose figures are all of one width."""
    figures = QFont(font)
    figures.setPixelSize(FIGURES_PX)
    figures.setFeature(QFont.Tag("tnum"), 1)
    figures.setBold(is_bold)
    return figures

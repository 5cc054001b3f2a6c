"""Fonts with tabular figures: all digits are equally wide, so a number does not move when it changes."""

from PySide6.QtGui import QFont

CAPTION_PX = 11
FIGURES_PX = 12


def tabular_font(font: QFont, size: int | None = None, *, is_bold: bool = False) -> QFont:
    """Return a copy of a font with tabular figures, `size` px high (None: as the font is)."""
    copy = QFont(font)
    copy.setFeature(QFont.Tag("tnum"), 1)
    copy.setBold(is_bold)
    if size is not None:
        copy.setPixelSize(size)
    return copy

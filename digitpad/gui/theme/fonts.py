"""Fonts with tabular figures: all digits are equally wide, so a number does not move when it changes."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from digitpad.gui.theme.scaling import type_size

CAPTION = 0.9  # the size of captions and figures, times that of the body text
_CHOICE = "tabular-type"


def sized_font(font: QFont, share: float, *, is_bold: bool = False) -> QFont:
    """Return a copy of a font that is `share` times as large as the body text."""
    copy = QFont(font)
    copy.setPointSizeF(type_size(share))
    copy.setBold(is_bold)
    return copy


def tabular_font(font: QFont, share: float | None = None, *, is_bold: bool = False) -> QFont:
    """Return a copy of a font with tabular figures, `share` times as large as the body text (None: as the font is)."""
    copy = QFont(font) if share is None else sized_font(font, share)
    copy.setFeature(QFont.Tag("tnum"), 1)
    copy.setBold(is_bold)
    return copy


def use_tabular_font(widget: QWidget, share: float | None = None, *, is_bold: bool = False) -> None:
    """Let a widget show tabular figures, also after the zoom or the theme has changed."""
    widget.setProperty(_CHOICE, (share, is_bold))
    widget.setFont(tabular_font(widget.font(), share, is_bold=is_bold))


def renew_tabular_fonts(app: QApplication) -> None:
    """Set the fonts of `use_tabular_font` again: Qt forgets them with a new style sheet or font."""
    for widget in app.allWidgets():
        if isValid(widget) and (choice := widget.property(_CHOICE)) is not None:
            share, is_bold = choice
            widget.setFont(tabular_font(app.font() if share is None else widget.font(), share, is_bold=is_bold))


def paint_line(
    painter: QPainter, x: float, middle: float, text: str, metrics: QFontMetricsF, *, ends: bool = False
) -> None:
    """Paint one line of text that begins at `x`, or ends there; the middle of its height is at `middle`.

    `metrics` are those of the painter's font. This takes half the time of `drawText` with a place.
    """
    left = x - metrics.horizontalAdvance(text) if ends else x
    painter.drawText(QPointF(left, middle + (metrics.ascent() - metrics.descent()) / 2), text)


def fitted_font(font: QFont, height: float) -> QFont:
    """Return a copy of a font with tabular figures whose type is as high as its room allows, or as paper needs, px."""
    copy = tabular_font(font)
    copy.setPixelSize(max(1, round(height)))
    return copy

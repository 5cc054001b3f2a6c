"""The places of the widgets in the Draw tab, computed without a widget."""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize

_MARGIN = 16
_TOP = 12
_GAP = 16
_TOOLBAR_GAP = _KEYS_GAP = 8
_SMALLEST_PAD = 160
_NARROW = 1000
_WIDEST_PANEL = 640


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Places in the tab, logical px."""

    toolbar: QRect
    pad: QRect
    keys: QRect
    panel: QRect


def arrange(tab: QSize, toolbar: QSize, keys: QSize, panel_needs: int) -> Arrangement:
    """Return the largest square pad that leaves room for the panel; in a tall or very narrow tab the panel is below.

    Toolbar and label buttons are above and below the pad and have at least the size that they need. The panel is at
    least `panel_needs` px wide and scrolls if it is too short, so nothing is cut off.
    """
    width, height = tab.width(), tab.height()
    top = _TOP + toolbar.height() + _TOOLBAR_GAP
    foot = _KEYS_GAP + keys.height()
    rows = max(toolbar.width(), keys.width())
    min_panel_width = max(panel_needs, 340 if width < _NARROW else 440)
    room_beside = width - 2 * _MARGIN - _GAP - min_panel_width
    if height > 1.15 * width or room_beside < rows:
        side = max(_SMALLEST_PAD, min(width - 2 * _MARGIN, round(0.55 * height) - top - foot))
        left = (width - side) // 2
        below = top + side + foot + _GAP
        panel = QRect(_MARGIN, below, width - 2 * _MARGIN, height - below)
    else:
        side = max(_SMALLEST_PAD, min(height - top - foot - _MARGIN, room_beside))
        column = max(side, rows)
        panel_width = min(_WIDEST_PANEL, width - 2 * _MARGIN - _GAP - column)
        left = (width - column - _GAP - panel_width) // 2
        panel = QRect(left + column + _GAP, _TOP, panel_width, height - _TOP)
    return Arrangement(
        toolbar=QRect(left, _TOP, max(side, toolbar.width()), toolbar.height()),
        pad=QRect(left, top, side, side),
        keys=QRect(left, top + side + _KEYS_GAP, max(side, keys.width()), keys.height()),
        panel=panel,
    )

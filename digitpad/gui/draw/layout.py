"""The places of the widgets in the Draw tab, computed without a widget."""

from dataclasses import dataclass, field, replace

from PySide6.QtCore import QRect, QSize

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.form_metrics import SMALLEST_TAB

_MARGIN = 16
_TOP = 12
_GAP = 16
_TOOLBAR_GAP = _KEYS_GAP = 8
_SMALLEST_PAD = 160
_SCROLL_BAR = 16
_LEAST_HEIGHT_BELOW = 560  # of a tab with the panel below the pad: both have about half of it
# With Break it below the pad, in a tab that is wide enough for its controls beside its answers, and in a narrower one.
_LEAST_HEIGHTS_BREAK_IT, _WIDE_BREAK_IT = (760, 980), 700
_NARROW = 1000
_WIDEST_PANEL = 1400
# Where the view "Inside" is: at the right of a large tab, below the others in a tab of this size; else in the panel's
# place.
_LARGE = QSize(1500, 700)
_MIDDLE = QSize(940, 560)
_STAGE = QSize(700, 480)  # on stage always below: only pad and answer are above
_NARROWEST_INSIDE, _LOWEST_INSIDE = 520, 274
# The share of a tab's width that the view "Break it" has at least, in the panel's place.
_BREAK_IT = 0.52


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Places in the tab, logical px."""

    toolbar: QRect
    pad: QRect
    keys: QRect
    panel: QRect  # empty if there is no room for it
    view: QRect = field(default_factory=QRect)  # "Inside" or "Break it"; empty if neither is shown
    least_height: int = SMALLEST_TAB.height()  # in designed px; a lower tab scrolls


def arrange_with_inside(tab: QSize, toolbar: QSize, keys: QSize, panel_needs: int) -> Arrangement:
    """Return the places with the view "Inside"; see `arrange`."""
    width, height = tab.width(), tab.height()
    on_stage = toolbar.isEmpty()
    middle = _STAGE if on_stage else _MIDDLE
    if not on_stage and width >= px(_LARGE).width() and height >= px(_LARGE).height():
        inside = max(px(_NARROWEST_INSIDE), round(0.36 * width))
        others = arrange(QSize(width - inside - px(_GAP), height), toolbar, keys, panel_needs)
        return replace(
            others, view=QRect(width - inside - px(_MARGIN), px(_TOP), inside, height - px(_TOP) - px(_MARGIN))
        )
    if width >= px(middle).width() and height >= px(middle).height():
        inside = max(px(_LOWEST_INSIDE), round(0.38 * height))
        others = arrange(QSize(width, height - inside - px(_GAP // 2)), toolbar, keys, panel_needs, widest_panel=width)
        return replace(others, view=QRect(px(_MARGIN), height - inside, width - px(2 * _MARGIN), inside - px(_MARGIN)))
    return _in_place_of_panel(arrange(tab, toolbar, keys, panel_needs))


def arrange_with_break_it(tab: QSize, toolbar: QSize, keys: QSize, panel_needs: int) -> Arrangement:
    """Return the places with the view "Break it"; see `arrange`."""
    needs = panel_needs if tab.width() < px(_NARROW) else round(_BREAK_IT * tab.width())
    places = _in_place_of_panel(arrange(tab, toolbar, keys, needs, widest_panel=tab.width()))
    if places.least_height != _LEAST_HEIGHT_BELOW:
        return places
    return replace(places, least_height=_LEAST_HEIGHTS_BREAK_IT[tab.width() < px(_WIDE_BREAK_IT)])


def _in_place_of_panel(others: Arrangement) -> Arrangement:
    return replace(others, panel=QRect(), view=others.panel.adjusted(0, 0, 0, px(-_MARGIN)))


def arrange(
    tab: QSize, toolbar: QSize, keys: QSize, panel_needs: int, *, widest_panel: int | None = None
) -> Arrangement:
    """Return the largest square pad that leaves room for the panel; in a tall or very narrow tab the panel is below.

    Toolbar and label buttons are above and below the pad and have at least the size that they need. The panel is at
    least `panel_needs` px wide and scrolls if it is too short, so nothing is cut off.
    """
    width, height = tab.width(), tab.height()
    top = px(_TOP) + toolbar.height() + px(_TOOLBAR_GAP)
    foot = px(_KEYS_GAP) + keys.height()
    rows = max(toolbar.width(), keys.width())
    min_panel_width = max(panel_needs, px(340 if width < px(_NARROW) else 440))
    room_beside = width - px(2 * _MARGIN) - px(_GAP) - min_panel_width
    least_height = SMALLEST_TAB.height()
    if height > 1.15 * width or room_beside < rows:
        if room_beside + px(_SCROLL_BAR) < rows:  # else the bar alone would keep the panel below
            least_height = _LEAST_HEIGHT_BELOW
        side = max(px(_SMALLEST_PAD), min(width - px(2 * _MARGIN), round(0.55 * height) - top - foot))
        left = (width - side) // 2
        below = top + side + foot + px(_GAP)
        panel = QRect(px(_MARGIN), below, width - px(2 * _MARGIN), height - below)
    else:
        side = max(px(_SMALLEST_PAD), min(height - top - foot - px(_MARGIN), room_beside))
        column = max(side, rows)
        panel_width = min(widest_panel or px(_WIDEST_PANEL), width - px(2 * _MARGIN) - px(_GAP) - column)
        left = (width - column - px(_GAP) - panel_width) // 2
        panel = QRect(left + column + px(_GAP), px(_TOP), panel_width, height - px(_TOP))
    return Arrangement(
        toolbar=QRect(left, px(_TOP), max(side, toolbar.width()), toolbar.height()),
        pad=QRect(left, top, side, side),
        keys=QRect(left, top + side + px(_KEYS_GAP), max(side, keys.width()), keys.height()),
        panel=panel,
        least_height=least_height,
    )

"""The places of the widgets in the Draw tab, computed without a widget."""

from dataclasses import dataclass, field, replace
from itertools import product

from PySide6.QtCore import QRect, QSize

from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.form_metrics import SMALLEST_DRAW_TAB

_MARGIN, _CLOSE_MARGIN = 16, 12
_TOP = 12
_GAP, _CLOSE_GAP = 16, 12
_TOOLBAR_GAP = _KEYS_GAP = 8
_SMALLEST_PAD, _SMALLEST_CLOSE_PAD = 160, 96
_LEAST_HEIGHT_BELOW = 560  # of a tab with the panel below the pad: both have about half of it
_FIRST_LINE = 190  # the height of the panel below the pad that is in view: its controls, the digit and its probability
# With Break it beside the pad; below it, in a tab that is wide enough for its controls beside its answers, and in a
# narrower one.
_LEAST_HEIGHT_BREAK_IT = 420
_LEAST_HEIGHTS_BREAK_IT_BELOW, _WIDE_BREAK_IT = (760, 980), 700
_LEAST_WIDTH_INSIDE, _LEAST_WIDTH_BREAK_IT = 280, 364
_CLOSE_TEACH = 240  # the width of Teach it beside the pad, in a tab too narrow for the other views there
_NARROW = 1000
_LEAST_PANELS = 340, 440  # the width of a panel or a view beside the pad, in a narrow tab and in a wide one
_CLOSE_PANEL = 306  # beside a pad that is large enough nevertheless: three models can be compared
_WIDEST_PANEL = 1400
# Where the view "Inside" is: at the right of a large tab; below the others if the tab is so wide that the layers are
# side by side, and the pad not smaller than this; else in the panel's place.
_LARGE = QSize(1500, 700)
_WIDTH_BELOW, _LEAST_PAD_ABOVE = 620, 150
_NARROWEST_INSIDE, _LOWEST_INSIDE = 520, 274
# The share of a tab's width that the view "Break it" has at least, in the panel's place.
_BREAK_IT = 0.52


@dataclass(frozen=True, slots=True)
class Needs:
    """The sizes that the parts need, px; those of the toolbar and of the keys are empty on stage."""

    toolbar: QSize = field(default_factory=lambda: QSize(0, 0))  # in a row
    narrow_toolbar: QSize = field(default_factory=lambda: QSize(0, 0))  # in two columns
    keys: QSize = field(default_factory=lambda: QSize(0, 0))  # in one row
    low_keys: QSize = field(default_factory=lambda: QSize(0, 0))  # in two rows
    panel: int = 0  # the smallest width


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Places in the tab, logical px."""

    toolbar: QRect
    pad: QRect
    keys: QRect
    panel: QRect  # empty if there is no room for it
    view: QRect = field(default_factory=QRect)  # "Inside" or "Break it"; empty if neither is shown
    least_height: int = SMALLEST_DRAW_TAB.height()  # in designed px; a smaller tab scrolls
    least_width: int = SMALLEST_DRAW_TAB.width()  # in designed px
    toolbar_is_row: bool = True  # above the pad; else it is at its left
    rows_of_keys: int = 1


def arrange_with_inside(tab: QSize, needs: Needs, seen: int) -> Arrangement:
    """Return the places with the view "Inside"; see `arrange`."""
    width, height = tab.width(), tab.height()
    is_on_stage = needs.toolbar.isEmpty()
    if not is_on_stage and width >= px(_LARGE).width() and height >= px(_LARGE).height():
        inside = max(px(_NARROWEST_INSIDE), round(0.36 * width))
        others = arrange(QSize(width - inside - px(_GAP), height), needs, seen)
        return replace(
            others, view=QRect(width - inside - px(_MARGIN), px(_TOP), inside, height - px(_TOP) - px(_MARGIN))
        )
    inside = max(px(_LOWEST_INSIDE), round(0.38 * height))
    above = QSize(width, height - inside - px(_GAP // 2))
    if width >= px(_WIDTH_BELOW) and above.height() <= above.width():
        others = arrange(above, needs, seen, widest_panel=width)
        if others.pad.width() >= px(_LEAST_PAD_ABOVE):
            view = QRect(px(_MARGIN), height - inside, width - px(2 * _MARGIN), inside - px(_MARGIN))
            return replace(others, view=view)
    places = _in_place_of_panel(arrange(tab, _with_view(needs, tab), seen))
    return replace(places, least_width=_LEAST_WIDTH_INSIDE)


def arrange_with_break_it(tab: QSize, needs: Needs, seen: int) -> Arrangement:
    """Return the places with the view "Break it"; see `arrange`."""
    is_on_stage, needs = needs.toolbar.isEmpty(), _with_view(needs, tab)
    if tab.width() >= px(_NARROW) or is_on_stage:
        needs = replace(needs, panel=round(_BREAK_IT * tab.width()))
    places = _in_place_of_panel(arrange(tab, needs, seen, widest_panel=tab.width()))
    places = replace(places, least_width=_LEAST_WIDTH_BREAK_IT)
    if places.least_height != _LEAST_HEIGHT_BELOW:
        return replace(places, least_height=_LEAST_HEIGHT_BREAK_IT)
    return replace(places, least_height=_LEAST_HEIGHTS_BREAK_IT_BELOW[tab.width() < px(_WIDE_BREAK_IT)])


def arrange_with_teach(tab: QSize, needs: Needs, seen: int) -> Arrangement:
    """Return the places with the view "Teach it", which scrolls; see `arrange`."""
    places = arrange_with_break_it(tab, needs, seen)
    if places.least_height != _LEAST_HEIGHT_BREAK_IT:
        close = _closest(tab, replace(needs, panel=px(_CLOSE_TEACH)), seen, tab.width())
        if close is None or close.pad.width() < px(_SMALLEST_CLOSE_PAD):
            return replace(places, least_width=SMALLEST_DRAW_TAB.width())
        places = _in_place_of_panel(close)
    return replace(places, least_height=SMALLEST_DRAW_TAB.height(), least_width=SMALLEST_DRAW_TAB.width())


def _with_view(needs: Needs, tab: QSize) -> Needs:
    return replace(needs, panel=_usual_panel(needs, tab))


def _usual_panel(needs: Needs, tab: QSize) -> int:
    return max(needs.panel, px(_LEAST_PANELS[tab.width() >= px(_NARROW)]))


def _in_place_of_panel(others: Arrangement) -> Arrangement:
    return replace(others, panel=QRect(), view=others.panel.adjusted(0, 0, 0, px(-_MARGIN)))


def arrange(tab: QSize, needs: Needs, seen: int, *, widest_panel: int | None = None) -> Arrangement:
    """Return the largest square pad that leaves room for the panel; in a tall or very narrow tab the panel is below.

    Toolbar and label buttons are above and below the pad and have at least the size that they need. The panel is at
    least as wide as it needs and scrolls if it is too short, so nothing is cut off. Where the tab is narrow or low, the
    toolbar is at the left of the pad, or the label buttons are in two rows. Of the tab's height `seen` px are in view
    without scrolling, and the pad is within them.
    """
    seen, widest = min(seen, tab.height()), widest_panel or px(_WIDEST_PANEL)
    if tab.height() <= 1.15 * tab.width():
        usual = _beside(tab, _with_view(needs, tab), seen, widest)
        if usual is not None and usual.pad.width() >= px(_SMALLEST_PAD):
            return usual
        for panel, least in ((max(needs.panel, px(_CLOSE_PANEL)), _SMALLEST_PAD), (needs.panel, _SMALLEST_CLOSE_PAD)):
            best = _closest(tab, replace(needs, panel=panel), seen, widest)
            if best is not None and best.pad.width() >= px(least):
                return best
    below = _below(tab, needs, seen, toolbar_is_row=True)
    is_large = below.pad.width() >= px(_SMALLEST_PAD) and below.toolbar.width() <= _inner_width(tab)
    return below if is_large else _below(tab, needs, seen, toolbar_is_row=False)


def _inner_width(tab: QSize) -> int:
    return tab.width() - px(2 * _MARGIN)


def _closest(tab: QSize, needs: Needs, seen: int, widest_panel: int) -> Arrangement | None:
    """Return the places with the panel beside the largest pad, whatever form toolbar and keys have then."""
    forms = product((True, False), (1, 2))
    places = [
        _beside(tab, needs, seen, widest_panel, toolbar_is_row=is_row, rows_of_keys=rows, is_close=True)
        for is_row, rows in forms
    ]
    return max(filter(None, places), key=lambda one: one.pad.width(), default=None)


def _beside(
    tab: QSize,
    needs: Needs,
    seen: int,
    widest_panel: int,
    *,
    toolbar_is_row: bool = True,
    rows_of_keys: int = 1,
    is_close: bool = False,
) -> Arrangement | None:
    """Return the places with the panel beside the pad; None if there is no room for it."""
    width, height = tab.width(), tab.height()
    toolbar, keys, indent, top, foot = _forms(needs, toolbar_is_row=toolbar_is_row, rows_of_keys=rows_of_keys)
    rows = max(keys.width(), toolbar.width() if toolbar_is_row else 0)
    margin, gap = (px(_CLOSE_MARGIN), px(_CLOSE_GAP)) if is_close else (px(_MARGIN), px(_GAP))
    room = width - 2 * margin - gap - needs.panel
    side = min(seen - top - foot - px(_MARGIN), room - indent)
    if room < rows or side <= 0:
        return None
    column = max(indent + side, rows)
    panel_width = min(widest_panel, width - 2 * margin - gap - column)
    left = (width - column - gap - panel_width) // 2
    panel = QRect(left + column + gap, px(_TOP), panel_width, height - px(_TOP))
    return _placed(left, side, panel, needs, toolbar_is_row=toolbar_is_row, rows_of_keys=rows_of_keys)


def _below(tab: QSize, needs: Needs, seen: int, *, toolbar_is_row: bool) -> Arrangement:
    """Return the places with the panel below the pad; its first line is in view, if the pad is not too small then."""
    width, height = tab.width(), tab.height()
    rows_of_keys = 1 if needs.keys.width() <= _inner_width(tab) else 2
    toolbar, keys, indent, top, foot = _forms(needs, toolbar_is_row=toolbar_is_row, rows_of_keys=rows_of_keys)
    room = seen - top - foot - px(_GAP)
    in_view = room - px(_FIRST_LINE)
    most = in_view if in_view >= px(_SMALLEST_PAD) else room
    if not toolbar_is_row:  # the keys are below the toolbar in any case
        most = max(most, min(toolbar.height(), seen - top - px(_GAP)))
    side = max(px(_SMALLEST_CLOSE_PAD), min(_inner_width(tab) - indent, round(0.55 * height) - top - foot, most))
    left = (width - indent - side) // 2 if toolbar_is_row else (width - max(indent + side, keys.width())) // 2
    widest = max(keys.width(), toolbar.width() if toolbar_is_row else 0)  # they begin where the pad does
    left = max(px(_MARGIN), min(left, width - px(_MARGIN) - widest))
    places = _placed(left, side, QRect(), needs, toolbar_is_row=toolbar_is_row, rows_of_keys=rows_of_keys)
    below = places.keys.top() + keys.height() + px(_GAP)
    panel = QRect(px(_MARGIN), below, _inner_width(tab), height - below)
    return replace(places, panel=panel, least_height=_LEAST_HEIGHT_BELOW)


def _forms(needs: Needs, *, toolbar_is_row: bool, rows_of_keys: int = 1) -> tuple[QSize, QSize, int, int, int]:
    """Return the sizes of toolbar and keys, and what they take at the left of the pad, above and below it."""
    toolbar = needs.toolbar if toolbar_is_row else needs.narrow_toolbar
    keys = needs.keys if rows_of_keys == 1 else needs.low_keys
    indent = 0 if toolbar_is_row or toolbar.isEmpty() else toolbar.width() + px(_TOOLBAR_GAP)
    top = px(_TOP) + (toolbar.height() + px(_TOOLBAR_GAP) if toolbar_is_row and not toolbar.isEmpty() else 0)
    return toolbar, keys, indent, top, 0 if keys.isEmpty() else px(_KEYS_GAP) + keys.height()


def _placed(
    left: int, side: int, panel: QRect, needs: Needs, *, toolbar_is_row: bool, rows_of_keys: int = 1
) -> Arrangement:
    toolbar, keys, indent, top, _ = _forms(needs, toolbar_is_row=toolbar_is_row, rows_of_keys=rows_of_keys)
    bar_width = max(side, toolbar.width()) if toolbar_is_row else toolbar.width()
    bottom = max(top + side, 0 if toolbar_is_row else px(_TOP) + toolbar.height())
    return Arrangement(
        toolbar=QRect(left, px(_TOP), bar_width, toolbar.height()),
        pad=QRect(left + indent, top, side, side),
        keys=QRect(left, bottom + px(_KEYS_GAP), max(indent + side, keys.width()), keys.height()),
        panel=panel,
        toolbar_is_row=toolbar_is_row,
        rows_of_keys=rows_of_keys,
    )

"""The size of everything: lengths and type follow the system's font and the user's zoom.

Code and style sheet hold lengths for a body text of 10 pt, which is 13⅓ px on a screen of 96 dpi. `px` converts them.
Call it when a length is used, and not when a module is loaded: the zoom changes while the program runs.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import overload

from PySide6.QtCore import QMargins, QObject, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QGridLayout,
    QHeaderView,
    QLayout,
    QLineEdit,
    QMainWindow,
    QSplitter,
    QTabBar,
    QWidget,
)

ZOOMS = (0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5)
_BODY_PX = 40 / 3
_UNLIMITED = 524_287  # a limit that is no limit: Qt has several such values
_MOST_SECTIONS = 64
_FRAME = QMargins(8, 40, 8, 8)  # px; Qt knows the frame of a window only when it is shown
SPACES = "spaces"  # dynamic property of a layout: its spacers, with their designed widths and heights
# Dynamic property of a widget whose margins are set by code; the padding of the style sheet counts as margins too.
OWN_MARGINS = "own-margins"
_DESIGNED = "designed-length-"  # dynamic properties: a length as it was set last, and for which design


@dataclass(frozen=True)
class _Scale:
    body_px: float = _BODY_PX  # at 100 %
    dpi: float = 96.0
    zoom: float = 1.0

    @cached_property
    def factor(self) -> float:
        """Pixels on the screen for each designed pixel."""
        return self.zoom * self.body_px / _BODY_PX


class _Current:
    scale = _Scale()


@overload
def px(length: int) -> int: ...
@overload
def px(length: float) -> float: ...
@overload
def px(length: QSize) -> QSize: ...
def px(length: float | QSize) -> float | QSize:
    """Return a designed length in pixels of the screen; whole lengths stay whole."""
    factor = _Current.scale.factor
    return round(length * factor) if isinstance(length, int) else length * factor


def type_size(share: float = 1.0) -> float:
    """Return the size of type that is `share` times as large as the body text, in points."""
    scale = _Current.scale
    return share * scale.zoom * scale.body_px * 72 / scale.dpi


def zoom() -> float:
    """Return the zoom that was set last; 1 is 100 %."""
    return _Current.scale.zoom


def next_zoom(steps: int) -> float:
    """Return the zoom that is so many steps larger (or smaller, below 0) than the present one."""
    nearest = min(range(len(ZOOMS)), key=lambda number: abs(ZOOMS[number] - zoom()))
    return ZOOMS[min(max(nearest + steps, 0), len(ZOOMS) - 1)]


def follow_system() -> None:
    """Take the size of the system's font for 100 %, but at least 10 pt: captions are a tenth smaller."""
    font = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    dpi = QGuiApplication.primaryScreen().logicalDotsPerInchY()
    _Current.scale = replace(_Current.scale, dpi=dpi, body_px=max(_BODY_PX, font.pointSizeF() * dpi / 72))


@contextmanager
def usual_size() -> Iterator[None]:
    """Paint a picture for a file: whatever the zoom of the window, it has the same lengths."""
    before = _Current.scale
    _Current.scale = _Scale(dpi=before.dpi)
    try:
        yield
    finally:
        _Current.scale = before


def style_for_scale(style_sheet: str) -> str:
    """Return a style sheet in pixels of the screen; lines of 1 px stay, and type in per cent gets points."""
    in_points = re.sub(
        r"font-size: (\d+)%", lambda found: f"font-size: {type_size(int(found[1]) / 100):.2f}pt", style_sheet
    )
    return re.sub(r"(?<=[\s-])(\d+)px", lambda found: f"{px(int(found[1])) if found[1] != '1' else 1}px", in_points)


def resize_window(window: QWidget, width: int, height: int) -> None:
    """Give a window a designed size, or a smaller one that its screen has room for, with the frame around it."""
    room = window.screen().availableSize().shrunkBy(_FRAME)
    window.resize(px(QSize(width, height)).boundedTo(room))


def set_zoom(app: QApplication, value: float, restyle: Callable[[], None]) -> None:
    """Scale the lengths of all widgets and layouts, set the font of the application, and call `restyle`."""
    before = _Current.scale.factor
    _Current.scale = replace(_Current.scale, zoom=value)
    if _Current.scale.factor != before:
        for widget in app.allWidgets():
            _rescale_widget(widget, before)
    font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    font.setPointSizeF(type_size())
    app.setFont(font)
    restyle()
    if _Current.scale.factor != before:
        for widget in app.allWidgets():  # those that place their children in a resize event
            if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Created):  # others have no size yet
                app.postEvent(widget, QResizeEvent(widget.size(), widget.size()))


def _rescale_widget(widget: QWidget, before: float) -> None:
    if not isinstance(widget, QMainWindow):  # its layout sets its smallest size
        low, high = widget.minimumSize(), widget.maximumSize()
        sides = low.width(), low.height(), high.width(), high.height()
        new = [
            _rescaled(widget, f"limit-{n}", length, before) if 0 < length < _UNLIMITED else length
            for n, length in enumerate(sides)
        ]
        widget.setMaximumSize(*new[2:])
        widget.setMinimumSize(*new[:2])
    if isinstance(widget, QAbstractButton | QTabBar):
        side = widget.iconSize().width()
        if widget.iconSize() != QSize(new_side := _rescaled(widget, "icon", side, before), new_side):
            widget.setIconSize(QSize(new_side, new_side))
    elif isinstance(widget, QHeaderView):
        _rescale_header(widget, before)
    elif isinstance(widget, QSplitter):
        widget.setHandleWidth(_rescaled(widget, "handle", widget.handleWidth(), before))
    elif isinstance(widget, QLineEdit):
        widget.setTextMargins(_rescaled_margins(widget, widget.textMargins(), before))
    if widget.property(OWN_MARGINS):
        widget.setContentsMargins(_rescaled_margins(widget, widget.contentsMargins(), before))
    if (layout := widget.layout()) is not None:
        _rescale_layout(layout, before)


def _rescale_header(header: QHeaderView, before: float) -> None:
    # A new smallest size and a new default change all sections. Long headers have sections of one size.
    sections = [n for n in range(min(header.count(), _MOST_SECTIONS)) if not header.isSectionHidden(n)]
    sizes = {n: _rescaled(header, f"section-{n}", header.sectionSize(n), before) for n in sections}
    default = _rescaled(header, "section", header.defaultSectionSize(), before)
    if header.minimumSectionSize() > 0:
        header.setMinimumSectionSize(_rescaled(header, "least", header.minimumSectionSize(), before))
    header.setDefaultSectionSize(default)
    for section, size in sizes.items():
        if header.sectionResizeMode(section) in (QHeaderView.ResizeMode.Fixed, QHeaderView.ResizeMode.Interactive):
            header.resizeSection(section, size)


def _rescale_layout(layout: QLayout, before: float) -> None:
    layout.setContentsMargins(_rescaled_margins(layout, layout.contentsMargins(), before))
    if isinstance(layout, QGridLayout):
        layout.setHorizontalSpacing(_rescaled(layout, "across", layout.horizontalSpacing(), before))
        layout.setVerticalSpacing(_rescaled(layout, "down", layout.verticalSpacing(), before))
    elif layout.spacing() > 0:  # -1: that of the style
        layout.setSpacing(_rescaled(layout, "spacing", layout.spacing(), before))
    for spacer, width, height in layout.property(SPACES) or ():
        policy = spacer.sizePolicy()
        spacer.changeSize(px(width), px(height), policy.horizontalPolicy(), policy.verticalPolicy())
    # Not by itemAt: PySide would delete the objects behind the items.
    for child in layout.children():
        if isinstance(child, QLayout):
            _rescale_layout(child, before)
    layout.invalidate()


def _rescaled_margins(holder: QObject, margins: QMargins, before: float) -> QMargins:
    sides = (margins.left(), margins.top(), margins.right(), margins.bottom())
    return QMargins(*(_rescaled(holder, f"margin-{n}", side, before) for n, side in enumerate(sides)))


def _rescaled(holder: QObject, name: str, length: int, before: float) -> int:
    """Return a length that was set at another scale; the designed length is kept, so that no error adds up."""
    kept = holder.property(_DESIGNED + name)
    designed = kept[1] if kept is not None and kept[0] == length else length / before
    new = round(designed * _Current.scale.factor)
    holder.setProperty(_DESIGNED + name, (new, designed))
    return new

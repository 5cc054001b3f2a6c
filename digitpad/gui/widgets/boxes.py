"""Rows and columns of widgets."""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from digitpad.gui.theme.scaling import SPACES, px

# A widget or a layout, one with its stretch factor, or None for space that stretches.
Part = QWidget | QLayout | tuple[QWidget | QLayout, int] | None
STYLE_SPACING = -1


def hbox(
    *parts: Part, parent: QWidget | None = None, spacing: int = STYLE_SPACING, margins: tuple[int, ...] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Return a row; `spacing` and `margins` (left, top, right, bottom) are designed px."""
    layout = QHBoxLayout() if parent is None else QHBoxLayout(parent)
    _fill(layout, parts, spacing, margins)
    return layout


def vbox(
    *parts: Part, parent: QWidget | None = None, spacing: int = STYLE_SPACING, margins: tuple[int, ...] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Return a column; `spacing` and `margins` (left, top, right, bottom) are designed px."""
    layout = QVBoxLayout() if parent is None else QVBoxLayout(parent)
    _fill(layout, parts, spacing, margins)
    return layout


def _fill(layout: QBoxLayout, parts: tuple[Part, ...], spacing: int, margins: tuple[int, ...]) -> None:
    layout.setContentsMargins(*map(px, margins))
    layout.setSpacing(spacing if spacing == STYLE_SPACING else px(spacing))
    for part in parts:
        if part is None:
            layout.addStretch()
            continue
        content, stretch = part if isinstance(part, tuple) else (part, 0)
        if isinstance(content, QLayout):
            layout.addLayout(content, stretch)
        else:
            layout.addWidget(content, stretch)


def add_space(layout: QBoxLayout, length: int) -> None:
    """Leave `length` designed px before the next part of a row or a column, besides the spacing."""
    _add_spacer(layout, *((length, 0) if isinstance(layout, QHBoxLayout) else (0, length)))


def keep_height(row: QHBoxLayout, height: int) -> None:
    """Make a row at least `height` designed px high, also while its widgets are hidden."""
    _add_spacer(row, 0, height)


def _add_spacer(layout: QBoxLayout, width: int, height: int) -> None:
    policies = (QSizePolicy.Policy.Fixed if length else QSizePolicy.Policy.Minimum for length in (width, height))
    spacer = QSpacerItem(px(width), px(height), *policies)
    layout.addItem(spacer)
    layout.setProperty(SPACES, [*(layout.property(SPACES) or ()), (spacer, width, height)])


def least_width(widget: QWidget) -> int:
    """Return the smallest width that a layout gives a widget, px: the one that was set, else that of its hint."""
    return widget.minimumWidth() or widget.minimumSizeHint().width()


def set_tab_order(parts: Iterable[tuple[tuple[int, ...], Sequence[QWidget]]]) -> None:
    """Let Tab go through the parts of a grid in reading order; a part has its row and column first, and its widgets."""
    in_order = [widgets for _, widgets in sorted(parts, key=lambda part: part[0])]
    for before, after in pairwise(chain.from_iterable(in_order)):
        QWidget.setTabOrder(before, after)

"""Rows and columns of widgets."""

from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

# A widget or a layout, one with its stretch factor, or None for space that stretches.
Part = QWidget | QLayout | tuple[QWidget | QLayout, int] | None
STYLE_SPACING = -1


def hbox(
    *parts: Part, parent: QWidget | None = None, spacing: int = STYLE_SPACING, margins: tuple[int, ...] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Return a row; `spacing` and `margins` (left, top, right, bottom) are in px."""
    layout = QHBoxLayout() if parent is None else QHBoxLayout(parent)
    _fill(layout, parts, spacing, margins)
    return layout


def vbox(
    *parts: Part, parent: QWidget | None = None, spacing: int = STYLE_SPACING, margins: tuple[int, ...] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Return a column; `spacing` and `margins` (left, top, right, bottom) are in px."""
    layout = QVBoxLayout() if parent is None else QVBoxLayout(parent)
    _fill(layout, parts, spacing, margins)
    return layout


def _fill(layout: QBoxLayout, parts: tuple[Part, ...], spacing: int, margins: tuple[int, ...]) -> None:
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for part in parts:
        if part is None:
            layout.addStretch()
            continue
        content, stretch = part if isinstance(part, tuple) else (part, 0)
        if isinstance(content, QLayout):
            layout.addLayout(content, stretch)
        else:
            layout.addWidget(content, stretch)


def set_tab_order(parts: Iterable[tuple[tuple[int, ...], Sequence[QWidget]]]) -> None:
    """Let Tab go through the parts of a grid in reading order; a part has its row and column first, and its widgets."""
    in_order = [widgets for _, widgets in sorted(parts, key=lambda part: part[0])]
    for before, after in pairwise(chain.from_iterable(in_order)):
        QWidget.setTabOrder(before, after)

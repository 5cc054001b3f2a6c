"""Joined buttons of which one is chosen."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QFont, QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from digitpad.gui.widgets.boxes import hbox


@dataclass(frozen=True, slots=True)
class Segment:
    """A choice: its key, the text of its button, and its tooltip."""

    key: Hashable
    text: str
    tooltip: str = ""


class SegmentSwitch(QWidget):
    """A row of buttons, one for each choice; the first one is chosen at the beginning.

    Screen readers call it `name`, and the buttons radio buttons. With `takes_click_focus` off, a click leaves the
    focus where it is, such as on the pad.
    """

    accessible_role = QAccessible.Role.Grouping

    chosen = Signal(object)  # the key; by the user

    def __init__(
        self, segments: Sequence[Segment], name: str, *, takes_click_focus: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._group, self._takes_click_focus = QButtonGroup(self), takes_click_focus
        self.buttons: dict[Hashable, QPushButton] = {}
        self.setAccessibleName(name)
        for number, segment in enumerate(segments):
            button = self.buttons[segment.key] = _Button(segment.text)
            button.setToolTip(segment.tooltip)
            button.setProperty("role", "segment")
            button.setProperty("edge", "left" if not number else "right" if number == len(segments) - 1 else "middle")
            button.setCheckable(True)
            button.setAutoExclusive(True)  # this makes it a radio button for screen readers; the group chooses
            button.setAutoDefault(False)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
        # The style sheet's least height of the buttons, without padding, would let a low layout cut them off.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        hbox(*((button, 1) for button in self.buttons.values()), parent=self, spacing=0)

        self._group.buttonClicked.connect(self._on_clicked)
        self.choose(segments[0].key)

    @property
    def key(self) -> Any:  # noqa: ANN401
        """The key of the chosen button."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def choose(self, key: Hashable) -> None:
        """Choose a button without emitting `chosen`."""
        self.buttons[key].setChecked(True)
        self._update_focus()

    def _update_focus(self) -> None:
        """Let Tab reach the chosen button; arrow keys reach the others. Qt does this only for a choice by key."""
        policies = Qt.FocusPolicy.NoFocus, Qt.FocusPolicy.TabFocus
        if self._takes_click_focus:
            policies = Qt.FocusPolicy.ClickFocus, Qt.FocusPolicy.StrongFocus
        for button in self.buttons.values():
            button.setFocusPolicy(policies[button.isChecked()])

    @Slot()
    def _on_clicked(self) -> None:
        self._update_focus()
        self.chosen.emit(self.key)


class _Button(QPushButton):
    """Has room for its text in bold, as the style sheet shows the chosen one."""

    def sizeHint(self) -> QSize:
        bold = QFont(self.font())
        bold.setBold(True)
        widths = [metrics.horizontalAdvance(self.text()) for metrics in (QFontMetrics(bold), self.fontMetrics())]
        return super().sizeHint() + QSize(max(widths[0] - widths[1], 0), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

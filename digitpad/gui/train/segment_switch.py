"""Joined buttons of which one is chosen."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QToolButton, QWidget

from digitpad.gui.widgets.boxes import hbox


@dataclass(frozen=True, slots=True)
class Segment:
    """A choice: its key, the text of its button, and its tooltip."""

    key: Hashable
    text: str
    tooltip: str = ""


class SegmentSwitch(QWidget):
    """A row of buttons, one for each choice; the first one is chosen at the beginning."""

    chosen = Signal(object)  # the key; by the user

    def __init__(self, segments: Sequence[Segment], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: dict[Hashable, QToolButton] = {}
        for number, segment in enumerate(segments):
            button = self.buttons[segment.key] = QToolButton()
            button.setText(segment.text)
            button.setToolTip(segment.tooltip)
            button.setProperty("role", "segment")
            button.setProperty("edge", "left" if not number else "right" if number == len(segments) - 1 else "middle")
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
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
        for button in self.buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if button.isChecked() else Qt.FocusPolicy.ClickFocus)

    @Slot()
    def _on_clicked(self) -> None:
        self._update_focus()
        self.chosen.emit(self.key)

"""The choice of the pace of a training."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QLabel, QSizePolicy, QToolButton, QWidget

from digitpad.gui.session.pace import Pace
from digitpad.gui.widgets.boxes import hbox


class PaceSwitch(QWidget):
    """Three buttons of which one is chosen: full speed, slow, or one step at a time."""

    pace_requested = Signal(object)  # Pace

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self.tr("Speed"))
        self._label.setProperty("role", "field")
        self._group = QButtonGroup(self)
        self.buttons: dict[Pace, QToolButton] = {}
        slow_tip = self.tr("Trains ten batches a second, so that each change can be seen.")
        step_tip = self.tr("Trains one batch each time you press Next batch.")
        for pace, text, tip, edge in (
            (Pace.FULL, self.tr("Full"), self.tr("Trains as fast as this machine can."), "left"),
            (Pace.SLOW, self.tr("Slow"), slow_tip, "middle"),
            (Pace.STEP, self.tr("Step by step"), step_tip, "right"),
        ):
            button = self.buttons[pace] = QToolButton()
            button.setText(text)
            button.setToolTip(tip)
            button.setProperty("role", "segment")
            button.setProperty("edge", edge)
            button.setCheckable(True)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._group.addButton(button)
        row = hbox(*((button, 1) for button in self.buttons.values()), spacing=0)
        hbox(self._label, (row, 1), parent=self, spacing=12)

        self._group.buttonClicked.connect(self._on_clicked)
        self.show_pace(Pace.FULL)

    @Slot(object)
    def show_pace(self, pace: Pace) -> None:
        """Show which pace is chosen."""
        self.buttons[pace].setChecked(True)
        self._update_focus()

    def _update_focus(self) -> None:
        """Let Tab reach the chosen button; arrow keys reach the others. Qt does this only for a choice by key."""
        for button in self.buttons.values():
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus if button.isChecked() else Qt.FocusPolicy.ClickFocus)

    @Slot()
    def _on_clicked(self) -> None:
        self._update_focus()
        self.pace_requested.emit(next(pace for pace, button in self.buttons.items() if button.isChecked()))

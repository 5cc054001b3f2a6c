"""The choice of the pace of a training."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from digitpad.gui.session.pace import Pace
from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.widgets.segment_switch import Segment, SegmentSwitch


class PaceSwitch(QWidget):
    """Three buttons of which one is chosen: full speed, slow, or one step at a time."""

    pace_requested = Signal(object)  # Pace

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self.tr("Speed"))
        self._label.setProperty("role", "field")
        slow_tip = self.tr("Trains ten batches a second, so that each change can be seen.")
        step_tip = self.tr("Trains one batch each time you press Next batch.")
        self._switch = SegmentSwitch(
            (
                Segment(Pace.FULL, self.tr("Full"), self.tr("Trains as fast as this machine can.")),
                Segment(Pace.SLOW, self.tr("Slow"), slow_tip),
                Segment(Pace.STEP, self.tr("Step by step"), step_tip),
            ),
            self._label.text(),
        )
        self.buttons = self._switch.buttons
        hbox(self._label, (self._switch, 1), parent=self, spacing=12)

        self._switch.chosen.connect(self.pace_requested)

    @Slot(object)
    def show_pace(self, pace: Pace) -> None:
        """Show which pace is chosen."""
        self._switch.choose(pace)

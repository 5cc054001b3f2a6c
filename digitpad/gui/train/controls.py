"""The buttons that control a training."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget
from shiboken6 import isValid

from digitpad.core.translation import tr_noop
from digitpad.gui.session.pace import Pace
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.theme.scaling import px
from digitpad.gui.train.pace_switch import PaceSwitch
from digitpad.gui.train.start_note import StartNote
from digitpad.gui.train.start_state import StartState
from digitpad.gui.widgets.reserved_width import reserve_width
from digitpad.gui.widgets.shortcut_override import HandledKeys

_NEXT = QKeySequence("Ctrl+Right")
_PADDING = 20  # px of Start, beside its text
_WIDE = 560
# Line, column, and numbers of lines and columns of: note, Start, Pause, Stop, Compare, speed.
_PLACES = ((0, 0, 1, 4), (1, 0, 1, 4), (2, 0, 1, 2), (2, 2, 1, 2), (3, 0, 1, 4), (4, 0, 1, 4))
_WIDE_PLACES = ((0, 0, 1, 4), (1, 0, 1, 2), (1, 2, 1, 1), (1, 3, 1, 1), (2, 0, 1, 2), (2, 2, 1, 2))


class TrainingButtons(QWidget):
    """Start, Pause and Stop, and the speed; each is enabled while it is possible. A note says why Start is not.

    Step by step, Next batch takes the place of Pause. If the focus is here when a training begins, or in a field that
    is locked then, it goes to Pause, and back at the end.
    """

    HANDLED_KEYS = (HandledKeys(("Ctrl+Right",), tr_noop("step by step: train the next batch")),)

    start_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    step_requested = Signal()
    pace_requested = Signal(object)  # Pace
    compare_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.note = StartNote()
        self.start, self.pause, self.stop = QPushButton(), QPushButton(), QPushButton(self.tr("Stop"))
        self.pace = PaceSwitch()
        self._state, self._is_stepping = TrainingState.IDLE, False
        self._lender: QWidget | None = None  # what had the focus before the training
        self._texts = (self.tr("Start"),)
        self.compare = QPushButton(self.tr("Compare settings…"))
        self.compare.setToolTip(self.tr("Trains several values of settings one after the other, and compares them."))
        self.start.setProperty("role", "primary")
        self.start.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.stop.setToolTip(self.tr("Stops the training. The best epoch is saved; you can resume."))

        reserve_width(self.pause, (self.tr("Pause"), self.tr("Resume"), self.tr("Next batch")))

        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(8))
        self._places: tuple[tuple[int, int, int, int], ...] = ()
        for column in range(4):
            self._grid.setColumnStretch(column, 1)
        self._arrange()

        self.start.clicked.connect(self.start_requested)
        self.pause.clicked.connect(self._on_pause)
        self.stop.clicked.connect(self.stop_requested)
        self.compare.clicked.connect(self.compare_requested)
        self.pace.pace_requested.connect(self.pace_requested)
        self.show_training(TrainingState.IDLE)

    def show_start(self, state: StartState) -> None:
        """Show what Start does, or why it cannot be pressed."""
        had_focus = self._focused in (self.start, self.note)
        lends_focus = self._focused is self.compare and not state.can_compare
        self._texts = state.texts
        self._fit_text()
        if state.can_press:
            self.start.setEnabled(True)
        self.note.show_sentence(state.note, state.details, is_problem=state.is_problem)
        if had_focus:  # Qt would give it to another button, and the next Space would press that
            (self.start if state.can_press else self.note).setFocus()
        if lends_focus:
            self.take_focus_from(self.compare)
        self.start.setEnabled(state.can_press)
        self.compare.setEnabled(state.can_compare)
        self.start.setToolTip(state.note or self.tr("Trains a model with these settings (Ctrl+Enter)."))

    def show_training(self, state: TrainingState, pace: Pace = Pace.FULL) -> None:
        """Enable the buttons that are possible."""
        was_preparing = self._state is TrainingState.PREPARING
        self._state, self._is_stepping = state, pace is Pace.STEP
        is_paused, is_training = state is TrainingState.PAUSED, state is TrainingState.TRAINING
        can_pause, can_stop = is_paused or is_training, is_paused or is_training or state is TrainingState.PREPARING
        if state is TrainingState.IDLE:
            self._return_focus()
        elif (self._focused is self.pause and not can_pause) or (self._focused is self.stop and not can_stop):
            self.note.setFocus()
        self.pause.setEnabled(can_pause)
        if was_preparing and can_pause and self._focused is self.note:
            self.pause.setFocus()
        texts = (self.tr("Next batch"), self.tr("Resume"), self.tr("Pause"))
        text = texts[0 if self._is_stepping else 1 if is_paused else 2]
        if self.pause.text() != text:
            self.pause.setText(text)
            self.pause.setShortcut(_NEXT if self._is_stepping else QKeySequence())
        self.pause.setToolTip(self.tr("Trains one batch (Ctrl+Right).") if self._is_stepping else "")
        self.stop.setEnabled(can_stop)
        self.pace.show_pace(pace)

    def take_focus_from(self, widget: QWidget) -> None:
        """Keep the focus during a training for a widget that is disabled then.

        The note has it until Pause is enabled: from Stop the next Space would end the training.
        """
        self._lender = widget
        self.note.setFocus()

    @property
    def _focused(self) -> QWidget | None:
        """What has the focus, or gets it when the window is active again."""
        return self.window().focusWidget()

    def _return_focus(self) -> None:
        lender, self._lender = self._lender, None
        if self._focused in (self.start, self.note, self.pause, self.stop):
            if lender is None or not isValid(lender) or not lender.isEnabled() or not lender.isVisibleTo(self.window()):
                lender = self.start if self.start.isEnabled() else self.note
            lender.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._fit_text()

    def _arrange(self) -> None:
        """Put the buttons into one column, or into two lines where there is the width for it."""
        places = _WIDE_PLACES if self.width() >= px(_WIDE) else _PLACES
        if places == self._places:
            return
        self._places = places
        parts = (self.note, self.start, self.pause, self.stop, self.compare, self.pace)
        for part, place in zip(parts, places, strict=True):
            self._grid.removeWidget(part)
            self._grid.addWidget(part, *place)

    def _fit_text(self) -> None:
        """Show the longest text that fits."""
        metrics, width = self.start.fontMetrics(), self.start.width() - px(_PADDING)
        fitting = (text for text in self._texts if metrics.horizontalAdvance(text) <= width)
        text = next(fitting, self._texts[-1])
        if self.start.text() != text:
            self.start.setText(text)
            self.start.setShortcut("Ctrl+Return")  # a new text removes it

    @Slot()
    def _on_pause(self) -> None:
        if self._is_stepping:
            self.step_requested.emit()
        else:
            (self.resume_requested if self._state is TrainingState.PAUSED else self.pause_requested).emit()

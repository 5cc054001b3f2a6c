"""Shows how a training ended: what was reached, what may be changed, and which model the pad uses now."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.runs.run_folder import Run
from digitpad.gui.accessibility.screen_reader import announce
from digitpad.gui.session.pad_follower import Followed
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.train.outcome_texts import Outcome, outcome_of
from digitpad.gui.train.progress_line import ProgressLine
from digitpad.gui.widgets.message_bar import MessageBar


class TrainingEndNotice(QObject):
    """Writes the outcome into the progress line, and a hint or the way back into the message bar."""

    field_requested = Signal(str)  # the key of a field of the form
    use_requested = Signal(object)  # Run

    def __init__(self, session: Session, progress_line: ProgressLine, messages: MessageBar, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._progress_line, self._messages = progress_line, messages
        self._outcome = Outcome("")
        self._text = ""  # about the model of the pad

        session.training.run_opened.connect(self._on_run_opened)
        session.training.ended.connect(self._on_ended)
        session.pad_follower.followed.connect(self._on_followed)
        session.pad_follower.available.connect(self._on_available)
        session.pad_follower.left.connect(self._on_left)

    @Slot()
    def _on_run_opened(self) -> None:
        """Take away what was said about the last training."""
        for text in filter(None, (self._text, self._outcome.hint)):
            self._messages.retract(text)

    @Slot(object)
    def _on_ended(self, ended: TrainingEnded) -> None:
        self._outcome = outcome = outcome_of(ended, self._session.training.job)
        run = ended.run
        is_finished = run is not None and run.info.outcome == "finished"
        self._progress_line.show_outcome(outcome.sentence, is_finished=is_finished)
        announce(self._progress_line, outcome.sentence)
        if outcome.hint:
            show_field = partial(self.field_requested.emit, outcome.field)
            self._messages.offer(outcome.hint, self.tr("Show the field"), show_field)

    @Slot(object)
    def _on_followed(self, followed: Followed) -> None:
        self._text = " ".join(filter(None, (followed.sentence, self._outcome.hint)))
        self._messages.offer(self._text, followed.way_back, self._session.pad_follower.go_back)

    @Slot(object)
    def _on_available(self, run: Run) -> None:
        text = self.tr("“{}” is trained. The pad still uses the model that you chose.").format(run.name)
        self._text = " ".join(filter(None, (text, self._outcome.hint)))
        self._messages.offer(self._text, self.tr("Use it on the pad"), partial(self.use_requested.emit, run))

    @Slot()
    def _on_left(self) -> None:
        self._messages.retract(self._text)

"""A dialog that keeps the window in sight until the digits are saved."""

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QPushButton, QWidget

from digitpad.core.errors import DigitpadError
from digitpad.core.my_digits.dataset import FILE
from digitpad.gui.accessibility.motion import show_busy
from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.sentences import sentence

_PATIENCE_MS = 1000  # usually a few milliseconds are enough
_LONG_PATIENCE_MS = 5000  # after the user chose to wait
_WIDTH = 440


class SavingDialog(QDialog):
    """Waits for My digits before the window closes; it is accepted as soon as everything is saved.

    After a second it says why it takes so long, and offers to save the digits in another file. A digit that cannot be
    saved is tried again until the user decides.
    """

    def __init__(self, my_digits: MyDigitsService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._my_digits = my_digits
        self._problem = ""  # why the digits, or another change, could not be saved
        self._has_lost_change = self._has_failed_beside = self._is_done = False
        self.gave_up = False  # whether the user closes without what is not saved
        self._title, self._reason = QLabel(self.tr("Your digits are being saved")), QLabel()
        self._progress = QProgressBar()
        self.wait = QPushButton(self.tr("Wait"))
        self.beside = QPushButton(self.tr("Save them in another file"))
        self.stay = QPushButton(self.tr("Do not close"))
        self.give_up = QPushButton(self.tr("Close without saving"))
        self.done_ = QPushButton(self.tr("Close"))
        self._timer = QTimer(self, singleShot=True, interval=_PATIENCE_MS)

        self.setWindowTitle("digitpad")
        self.setMinimumWidth(px(_WIDTH))
        self._title.setProperty("role", "title")
        show_busy(self._progress)
        self._progress.setTextVisible(False)
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        self._reason.setWordWrap(True)
        self._reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = hbox(None, self.stay, self.give_up, self.beside, self.wait, self.done_, spacing=8)
        vbox(self._title, self._progress, self._reason, row, parent=self, spacing=12, margins=(20, 20, 20, 20))
        self._show_buttons()

        self.wait.clicked.connect(self._on_wait)
        self.beside.clicked.connect(self._on_beside)
        self.stay.clicked.connect(self.reject)
        self.give_up.clicked.connect(self._on_give_up)
        self.done_.clicked.connect(self.accept)
        self._timer.timeout.connect(self._on_timeout)
        my_digits.keep_failed.connect(self._on_keep_failed)
        my_digits.problem_found.connect(self._on_problem_found)
        my_digits.finished.connect(self._on_finished)
        self._timer.start()

    @property
    def reason(self) -> str:
        """Why it takes so long; "" in the first second."""
        return self._reason.text()

    def reject(self) -> None:
        """Do not close; once the digits are in another file, close."""
        if self._is_done:
            self.accept()
        else:
            super().reject()

    def _show_buttons(self, *shown: QPushButton) -> None:
        for button in (self.stay, self.give_up, self.beside, self.wait, self.done_):
            button.setVisible(button in shown)
        if shown:
            shown[-1].setDefault(True)
            shown[-1].setFocus()
        self._reason.setVisible(bool(self._reason.text()))
        # A dialog does not grow by itself with a label that breaks its lines.
        if (layout := self.layout()) is not None:
            layout.activate()
            self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _show_choices(self) -> None:
        my_digits = self._my_digits
        buttons = [self.stay]
        if self._has_failed_beside or not (my_digits.is_writing or my_digits.unsaved_digits):
            buttons.append(self.give_up)
        if my_digits.unsaved_digits and my_digits.has_only_digits:
            buttons.append(self.beside)
        if my_digits.is_writing or my_digits.unsaved_digits:
            buttons.append(self.wait)
        self._progress.setVisible(self.wait in buttons)
        self._show_buttons(*buttons)

    @Slot()
    def _on_timeout(self) -> None:
        if not self._my_digits.is_writing:
            self._my_digits.retry()
        slow = self.tr("Another program uses {}, or the disk is slow.").format(FILE)
        if not self.wait.isVisible():  # otherwise the user may be about to click
            self._reason.setText(self._problem or slow)
            self._show_choices()
        self._timer.start(_PATIENCE_MS)

    @Slot()
    def _on_wait(self) -> None:
        self._reason.setText("")
        self._show_buttons()
        self._timer.start(_LONG_PATIENCE_MS)

    @Slot()
    def _on_beside(self) -> None:
        try:
            path = self._my_digits.save_beside()
        except DigitpadError as error:
            self._has_failed_beside, self._problem = True, sentence(str(error))
            self._reason.setText(self._problem)
            self._show_choices()
            return
        self._is_done = True
        self._timer.stop()
        self._progress.hide()
        self._title.setText(self.tr("Your digits are saved in another file"))
        self._reason.setText(self.tr("{}\n\nImport… in My digits reads this file.").format(path))
        self._show_buttons(self.done_)

    @Slot()
    def _on_give_up(self) -> None:
        self.gave_up = True
        self._my_digits.forget_unsaved()
        self.accept()

    @Slot(object, str)
    def _on_keep_failed(self, _drawing: object, why: str) -> None:
        self._problem = sentence(why)

    @Slot(str)
    def _on_problem_found(self, why: str) -> None:
        self._problem, self._has_lost_change = sentence(why), True

    @Slot()
    def _on_finished(self) -> None:
        if self._is_done or self._my_digits.unsaved_digits:
            return
        if not self._has_lost_change:
            self.accept()
            return
        self._title.setText(self.tr("A change of your digits was not saved"))
        self._reason.setText(self._problem)
        self._timer.stop()
        self._show_choices()

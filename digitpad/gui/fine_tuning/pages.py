"""The pages of "Train on my digits" during fine-tuning and after it."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from digitpad.core.fine_tuning.events import MAX_FORGOTTEN, FineTuned
from digitpad.gui.fine_tuning.comparison_table import ComparisonTable
from digitpad.gui.fine_tuning.reading_strip import ReadingStrip
from digitpad.gui.session.fine_tuning_progress import Stage, TuningProgress
from digitpad.gui.theme.fonts import CAPTION, use_tabular_font
from digitpad.gui.widgets.boxes import add_space, hbox, vbox
from digitpad.gui.widgets.sentences import capitalised

_FULL = 1000


class WrappedLabel(QLabel):
    """Plain text that wraps, and is hidden while it is empty."""

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setWordWrap(True)
        # A path or a name may have no place to break.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show a text; hide the label if it is empty."""
        self.setText(capitalised(text))
        self.setVisible(bool(text))


class RunningPage(QWidget):
    """The stage, a progress bar, and the Stop button."""

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._from, self._status = WrappedLabel("hint"), QLabel()
        self._bar, self.stop = QProgressBar(), QPushButton(self.tr("Stop"))
        self._bar.setRange(0, _FULL)
        self._bar.setTextVisible(False)
        use_tabular_font(self._status, CAPTION)
        self.stop.setToolTip(self.tr("The result is discarded, and the model stays as it is."))

        vbox(self._from, None, self._status, self._bar, self.stop, parent=self, spacing=8)

        self.stop.clicked.connect(self.stop_requested)

    @property
    def status(self) -> str:
        """The current stage, as text."""
        return self._status.text()

    @property
    def fraction(self) -> float:
        """The filled part of the bar, in [0, 1]."""
        return self._bar.value() / _FULL

    def start(self, sentence: str) -> None:
        """Show that fine-tuning has started."""
        self._from.show_text(sentence)
        self.stop.setEnabled(True)
        self.show_progress(TuningProgress())

    def show_progress(self, progress: TuningProgress) -> None:
        """Show the progress."""
        self._status.setText(_stage_text(progress, self.tr))
        self._bar.setValue(round(_FULL * progress.fraction))
        self._bar.setAccessibleName(self._status.text())

    def show_stopping(self) -> None:
        """Show that it is stopping."""
        self.stop.setEnabled(False)
        self._status.setText(self.tr("Stopping…"))


class DonePage(QWidget):
    """The result, and the choice to keep or discard it."""

    keep_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._from, self.table, self.readings = WrappedLabel("hint"), ComparisonTable(), ReadingStrip()
        self._notes, self._problem = WrappedLabel("hint"), WrappedLabel("note")
        self.keep, self.discard = QPushButton(self.tr("Keep")), QPushButton(self.tr("Discard"))
        self.keep.setToolTip(self.tr("Save the new model; the original stays as it is."))
        self.keep.setAutoDefault(True)  # Enter keeps

        buttons = hbox((self.keep, 1), (self.discard, 1), spacing=8)
        layout = vbox(self.readings, self._from, self.table, self._notes, self._problem, parent=self, spacing=8)
        add_space(layout, 4)
        layout.addLayout(buttons)

        self.keep.clicked.connect(self.keep_requested)
        self.discard.clicked.connect(self.discard_requested)

    @property
    def notes(self) -> str:
        """The notes below the figures."""
        return self._notes.text()

    @property
    def spoken_result(self) -> str:
        """What a screen reader says of the result."""
        return " ".join(filter(None, [self.readings.sentence, *map("{}.".format, self.table.sentences)]))

    @property
    def problem(self) -> str:
        """Why it could not be saved."""
        return self._problem.text()

    def show_result(self, result: FineTuned, sentence: str) -> None:
        """Show the result; the recommended button is highlighted, if there is one."""
        self._from.show_text(sentence)
        self.table.show_result(result)
        self.readings.show_readings(result.readings)
        self._notes.show_text("\n\n".join(f"{note}." for note in result.notes))
        self._problem.show_text("")
        is_new = result.blend > 0
        self.keep.setVisible(is_new)
        self.discard.setText(self.tr("Discard") if is_new else self.tr("Close"))
        recommended = {True: self.keep, False: self.discard, None: None}[is_worth_keeping(result)]
        _highlight(self.keep, self.discard, recommended=recommended)

    def show_problem(self, sentence: str) -> None:
        """Show why it could not be saved."""
        self._problem.show_text(sentence)


def is_worth_keeping(result: FineTuned) -> bool | None:
    """Return whether the new model differs, is no worse on the user's digits, and little worse on MNIST.

    None if that is unknown, because none of the user's digits was held out.
    """
    mine, mnist = (result.before.my_digits, result.after.my_digits), (result.before.mnist, result.after.mnist)
    forgets = mnist[0] is not None and mnist[1] is not None and mnist[0].accuracy - mnist[1].accuracy > MAX_FORGOTTEN
    if not result.blend or forgets:
        return False
    return None if mine[0] is None or mine[1] is None else mine[1].right >= mine[0].right


def _highlight(*buttons: QPushButton, recommended: QPushButton | None) -> None:
    for button in buttons:
        button.setProperty("role", "primary" if button is recommended else None)
        button.style().polish(button)


def _stage_text(progress: TuningProgress, tr: Callable[[str], str]) -> str:
    texts = {
        Stage.LOADING: tr("Loading the images…"),
        Stage.BEFORE: tr("Testing before training: {:,} of {:,}"),
        Stage.PREPARING: tr("Augmenting your digits: {:,} of {:,}"),
        Stage.LEARNING: tr("Training: step {:,} of {:,}"),
        Stage.AFTER: tr("Testing after training: {:,} of {:,}"),
    }[progress.stage]
    return texts.format(progress.done, progress.total)

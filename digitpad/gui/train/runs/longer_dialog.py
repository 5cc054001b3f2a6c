"""Asks for how many epochs a run is trained in all, and says what will happen."""

from PySide6.QtCore import QLocale, Signal, Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QSpinBox, QWidget

from digitpad.core.runs.run_folder import Run
from digitpad.core.training.config import TrainConfig
from digitpad.gui.help.term_label import explain
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.form_metrics import indent_number

_MOST_EPOCHS = 1_000_000
_STEPS = 1000  # in an epoch, to compute the learning rate; the result hardly depends on it
_WIDTH = 440


class LongerDialog(QDialog):
    """A number of epochs, at first twice as many as the run has; `accepted` follows Enter or the button."""

    epochs_chosen = Signal(int)

    def __init__(self, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        explain(self, "train#runs")
        self._run = run
        self._done = run.last.epoch if run.last else 0
        title, label = QLabel(self.tr("Train “{}” longer").format(run.name)), QLabel(self.tr("Epochs in all"))
        self.epochs, self._text = QSpinBox(), QLabel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start = buttons.addButton(self.tr("Train longer"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.setWindowTitle(self.tr("Train longer"))
        title.setProperty("role", "title")
        for words in (title, self._text):
            words.setWordWrap(True)
        self._text.setProperty("role", "hint")
        self._text.setMinimumHeight(5 * self._text.fontMetrics().lineSpacing())
        label.setBuddy(self.epochs)
        indent_number(self.epochs)
        self.epochs.setLocale(QLocale.c())
        self.epochs.setGroupSeparatorShown(True)
        self.epochs.setRange(self._done + 1, _MOST_EPOCHS)
        self.epochs.setValue(min(2 * self._done, _MOST_EPOCHS))
        self.start.setDefault(True)
        self.setMinimumWidth(px(_WIDTH))

        number = hbox(label, self.epochs, None, spacing=12)
        vbox(title, number, (self._text, 1), buttons, parent=self, spacing=12, margins=(16, 16, 16, 16))
        self.epochs.setFocus()
        self.epochs.selectAll()

        self.epochs.valueChanged.connect(self._on_epochs_changed)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        self._on_epochs_changed()

    @property
    def text(self) -> str:
        """What will happen, and how the learning rate goes on."""
        return self._text.text()

    @Slot()
    def _on_epochs_changed(self) -> None:
        epochs, training = self.epochs.value(), self._run.recipe.training
        more = epochs - self._done
        what = self.tr("Epochs trained: {:,}. Epochs to train: {:,}, as a new run. This run stays as it is.")
        self._text.setText("\n\n".join((what.format(self._done, more), self._rate_text(training, epochs))))

    def _rate_text(self, training: TrainConfig, epochs: int) -> str:
        if training.schedule == "constant":
            text = self.tr("The learning rate stays {:.3g}, as if it had been planned for {:,} epochs from the start.")
            return text.format(training.learning_rate, epochs)
        # A late import: it loads torch, which is there by now.
        from digitpad.core.training.optimizers import one_cycle

        share, _ = one_cycle(self._done * _STEPS, epochs * _STEPS)
        text = self.tr(
            "The learning rate had fallen to almost 0. It goes on at {:.2g}, where the one-cycle schedule of {:,} "
            "epochs is after {:,}, and ends near 0 again."
        )
        return text.format(share * training.learning_rate, epochs, self._done)

    @Slot()
    def _on_accepted(self) -> None:
        self.epochs.interpretText()
        self.epochs_chosen.emit(self.epochs.value())
        self.accept()

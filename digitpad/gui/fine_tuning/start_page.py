"""The page of "Train on my digits" before the start: the model to start from, and the Start button."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from digitpad.core.models.model_files import ModelEntry
from digitpad.gui.fine_tuning.pages import WrappedLabel
from digitpad.gui.fine_tuning.start_models import StartModel
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.combo_box import ComboBox


class StartPage(QWidget):
    """Lists the models to start from; emits requests to start, and to use the saved model on the pad."""

    start_requested = Signal()
    use_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept, self.use = WrappedLabel(""), QPushButton(self.tr("Use it on the pad"))
        self._sentence, self._note = WrappedLabel("hint"), WrappedLabel("hint")
        self._model_label, self.model = QLabel(self.tr("Start from")), ComboBox()
        self.start = QPushButton(self.tr("Train on my digits"))
        self._models: list[StartModel] = []
        self._was_chosen = False
        self._model_label.setProperty("role", "field")
        self._model_label.setBuddy(self.model)
        self.model.setAccessibleName(self._model_label.text())
        self.model.setToolTip(self.tr("A copy of this model is trained; the model itself stays as it is."))
        self.use.setProperty("role", "primary")
        self.use.setAutoDefault(True)
        self.use.hide()

        choice = hbox(self._model_label, (self.model, 1), spacing=8)
        vbox(self._kept, self.use, self._sentence, choice, self.start, self._note, parent=self, spacing=8)

        self.model.edited.connect(self._on_edited)
        self.start.clicked.connect(self.start_requested)
        self.use.clicked.connect(self.use_requested)

    @property
    def chosen(self) -> ModelEntry | None:
        """The model to start from."""
        return next((model.entry for model in self._models if model.key == self.model.currentData()), None)

    @property
    def sentence(self) -> str:
        """The digits to train on, as text."""
        return self._sentence.text()

    @property
    def note(self) -> str:
        """Why training cannot start, or how the last one ended."""
        return self._note.text()

    @property
    def kept(self) -> str:
        """The name of the saved model, as text."""
        return self._kept.text()

    def show_models(self, models: Sequence[StartModel], default: str) -> None:
        """List models; `default` is chosen until the user chooses, and again if that model is gone."""
        keys = {model.key for model in models}
        before = str(self.model.currentData()) if self._was_chosen else ""
        self._was_chosen = before in keys
        self._models = list(models)
        self.model.clear()
        group = ""
        for model in models:
            if model.group != group:
                group = model.group
                self.model.add_heading(group)
            self.model.addItem(model.title, model.key)
        self.model.setCurrentIndex(self.model.findData(before if self._was_chosen else default))

    def show_digits(self, sentence: str, reason: str) -> None:
        """Show the digits to train on; a `reason` says why training cannot start."""
        self._sentence.show_text(sentence)
        can_start = not reason
        self.start.setEnabled(can_start)
        self.start.setToolTip(reason)
        for widget in (self.model, self._model_label):
            widget.setEnabled(can_start)
        if reason:
            self.show_note(reason)

    def show_note(self, sentence: str, *, is_problem: bool = False) -> None:
        """Show how the last training ended; hide it if empty."""
        self._note.setProperty("role", "note" if is_problem else "hint")
        self._note.style().polish(self._note)
        self._note.show_text(sentence)

    def show_kept(self, sentence: str, *, can_be_used: bool) -> None:
        """Show which model was saved; hide it if empty."""
        self._kept.show_text(sentence)
        self.use.setVisible(bool(sentence) and can_be_used)

    @Slot()
    def _on_edited(self) -> None:
        self._was_chosen = True

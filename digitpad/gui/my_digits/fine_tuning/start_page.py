"""What the section "Train on my digits" shows before it begins: what it does, with which model, and whether it can."""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from digitpad.core.models.model_files import ModelEntry
from digitpad.gui.my_digits.fine_tuning.pages import WrappedLabel
from digitpad.gui.my_digits.fine_tuning.start_models import StartModel
from digitpad.gui.widgets.combo_box import ComboBox


class StartPage(QWidget):
    """Offers the models to start from; reports that it is to begin, or that what was kept is to be used."""

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
        self.model.setToolTip(self.tr("The model that a copy is made of; it stays as it is itself."))
        self.use.setProperty("role", "primary")
        self.use.setAutoDefault(True)
        self.use.hide()

        choice = QHBoxLayout()
        choice.setSpacing(8)
        choice.addWidget(self._model_label)
        choice.addWidget(self.model, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (self._kept, self.use, self._sentence):
            layout.addWidget(widget)
        layout.addLayout(choice)
        layout.addWidget(self.start)
        layout.addWidget(self._note)

        self.model.edited.connect(self._on_edited)
        self.start.clicked.connect(self.start_requested)
        self.use.clicked.connect(self.use_requested)

    @property
    def chosen(self) -> ModelEntry | None:
        """The model to start from."""
        return next((model.entry for model in self._models if model.key == self.model.currentData()), None)

    @property
    def sentence(self) -> str:
        """What it would learn from."""
        return self._sentence.text()

    @property
    def note(self) -> str:
        """Why it cannot begin, or how the last one ended."""
        return self._note.text()

    @property
    def kept(self) -> str:
        """What was kept."""
        return self._kept.text()

    def show_models(self, models: Sequence[StartModel], usual: str) -> None:
        """Offer models; `usual` is chosen until the user chooses, and again where their choice is gone."""
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
        self.model.setCurrentIndex(self.model.findData(before if self._was_chosen else usual))

    def show_digits(self, sentence: str, reason: str) -> None:
        """Say what it would learn from; a `reason` says why it cannot."""
        self._sentence.show_text(sentence)
        can_start = not reason
        self.start.setEnabled(can_start)
        self.start.setToolTip(reason)
        for widget in (self.model, self._model_label):
            widget.setEnabled(can_start)
        if reason:
            self.show_note(reason)

    def show_note(self, sentence: str, *, is_problem: bool = False) -> None:
        """Say how the last one ended, or nothing."""
        self._note.setProperty("role", "note" if is_problem else "hint")
        self._note.style().polish(self._note)
        self._note.show_text(sentence)

    def show_kept(self, sentence: str, *, can_be_used: bool) -> None:
        """Say what was kept, or nothing."""
        self._kept.show_text(sentence)
        self.use.setVisible(bool(sentence) and can_be_used)

    @Slot()
    def _on_edited(self) -> None:
        self._was_chosen = True

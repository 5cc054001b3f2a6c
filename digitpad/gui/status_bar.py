"""The status bar: who answers, where, and how fast."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from digitpad.core.recognition import Answer
from digitpad.core.storage import ModelEntry
from digitpad.gui.answer_panel import label_of


class StatusBar(QStatusBar):
    """One line; the places of its parts are reserved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._device, self._time = QLabel(), QLabel(self.tr("CPU")), QLabel(self.tr("loading…"))
        self._model.setToolTip(self.tr("The model that answers, and how often it is right on data it never saw"))
        self._device.setToolTip(self.tr("Where the model is computed"))
        self._time.setToolTip(self.tr("From drawing to answer"))
        self._time.setMinimumWidth(self.fontMetrics().horizontalAdvance(self._in_words(1000.0)) + 16)

        self.setSizeGripEnabled(False)
        self.addWidget(self._model, 1)
        self.addPermanentWidget(self._device)
        self.addPermanentWidget(self._time)

    @property
    def model_text(self) -> str:
        """What is said of the model."""
        return self._model.text()

    @property
    def time_text(self) -> str:
        """What is said of the last answer's time."""
        return self._time.text()

    @Slot(object)
    def show_model(self, entry: ModelEntry) -> None:
        """Name the model and its accuracy."""
        card = entry.card
        measured = card.test_accuracy is not None
        accuracy = f"{card.test_accuracy:.2%}".replace("%", " %") if measured else self.tr("not measured")
        self._model.setText(self.tr("{} · {} right on {}").format(label_of(entry), accuracy, card.dataset or "?"))

    @Slot(object)
    def show_time(self, answer: Answer) -> None:
        """Say how long the answer took; an empty pad's is not worth telling."""
        self._time.setText(self._in_words(answer.milliseconds) if answer.question.drawing else self.tr("ready"))

    def _in_words(self, milliseconds: float) -> str:
        return self.tr("answer in {:.1f} ms").format(milliseconds)

"""The status bar: who answers, where, how fast, and how far a training is."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.widgets.throttle import SignalThrottle

_BAR_WIDTH = 96
_SHOWN_EVERY_MS = 200


class StatusBar(QStatusBar):
    """One line; the places of its parts are reserved."""

    training_clicked = Signal()
    news_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.news = QPushButton()  # what has come to its end where it is not seen; leads there
        self._model, self._device, self._time = QLabel(), QLabel(self.tr("CPU")), QLabel(self.tr("loading…"))
        self._model.setToolTip(self.tr("The model that answers, and how often it is right on data it never saw"))
        self._device.setToolTip(self.tr("Where the model is computed"))
        self._time.setToolTip(self.tr("From drawing to answer"))
        self._time.setMinimumWidth(self.fontMetrics().horizontalAdvance(self._in_words(1000.0)) + 16)

        self._answer: Answer | None = None  # the newest, while its time is not shown yet
        self._pace = SignalThrottle(_SHOWN_EVERY_MS, self)

        self._training = _TrainingProgress()
        self._training.hide()

        self.setSizeGripEnabled(False)
        self.addWidget(self._model, 1)
        self.news.setFlat(True)
        self.news.setProperty("role", "status")
        self.news.hide()
        self.addPermanentWidget(self.news)
        self.addPermanentWidget(self._training)
        self.addPermanentWidget(self._device)
        self.addPermanentWidget(self._time)

        self._training.clicked.connect(self.training_clicked)
        self.news.clicked.connect(self.news_clicked)
        self._pace.triggered.connect(self._on_time_due)

    @property
    def model_text(self) -> str:
        """What is said of the model."""
        return self._model.text()

    @property
    def time_text(self) -> str:
        """What is said of the last answer's time."""
        return self._time.text()

    @property
    def training_text(self) -> str:
        """What is said of the training; empty while there is none."""
        return "" if self._training.isHidden() else self._training.text

    @property
    def training(self) -> QPushButton:
        """The button that leads to the training."""
        return self._training.button

    def show_news(self, words: str) -> None:
        """Say what has come to its end elsewhere; "" takes it away."""
        self.news.setText(words)
        self.news.setVisible(bool(words))

    def show_training(self, progress: Progress | None) -> None:
        """Show how far the training is; None takes it away."""
        if progress:
            self._training.show_progress(progress)
        self._training.setVisible(progress is not None)

    @Slot(object)
    def show_model(self, entry: ModelEntry) -> None:
        """Name the model and its accuracy."""
        card = entry.card
        measured = card.test_accuracy is not None
        accuracy = f"{card.test_accuracy:.2%}".replace("%", " %") if measured else self.tr("not measured")
        self._model.setText(self.tr("{} · {} right on {}").format(display_name(entry), accuracy, card.dataset or "?"))

    @Slot(object)
    def show_time(self, answer: Answer) -> None:
        """Say how long the answer took, seldom enough to be read; an empty pad's is not worth telling."""
        self._answer = answer
        self._pace.throttle()

    @Slot()
    def _on_time_due(self) -> None:
        if self._answer is None:
            return
        drawn, milliseconds = bool(self._answer.question.drawing), self._answer.milliseconds
        self._answer = None
        self._time.setText(self._in_words(milliseconds) if drawn else self.tr("ready"))

    def _in_words(self, milliseconds: float) -> str:
        return self.tr("answer in {:.1f} ms").format(milliseconds)


class _TrainingProgress(QWidget):
    """A thin bar, and beside it epoch and accuracy, which take one to the Train tab."""

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar, self.button = QProgressBar(), QPushButton()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH)
        self.button.setFlat(True)
        self.button.setProperty("role", "status")
        self.button.setToolTip(self.tr("Go to the training"))

        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._bar)
        layout.addWidget(self.button)

        self.button.clicked.connect(self.clicked)

    @property
    def text(self) -> str:
        """What is said."""
        return self.button.text()

    def show_progress(self, progress: Progress) -> None:
        """Show epoch and accuracy."""
        words = self.tr("epoch {:,}/{:,}").format(progress.epoch, progress.epochs)
        if progress.test_accuracy is not None:
            words += f" · {progress.test_accuracy:.1%}".replace("%", " %")
        self._bar.setValue(round(1000 * progress.fraction))
        self.button.setText(words)

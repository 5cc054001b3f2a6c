"""The status bar: the model, its device, the time of the last answer, and the progress of a training."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_progress import Progress
from digitpad.gui.widgets.throttle import SignalThrottle
from digitpad.gui.window.page_tabs import PageId

_BAR_WIDTH = 96
_SHOWN_EVERY_MS = 200


class StatusBar(QStatusBar):
    """Shows the state of the session in one line; its parts have fixed places."""

    page_requested = Signal(int)  # PageId

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._training_service = session.training
        self.news = QPushButton()  # reports the end of a fine-tuning, and leads to it
        self._model, self._device, self._time = QLabel(), QLabel(self.tr("CPU")), QLabel(self.tr("loading…"))
        self._model.setObjectName("model")
        self._time.setObjectName("time")
        self._model.setToolTip(
            self.tr("The model that recognises drawings, and its accuracy on data it was not trained on")
        )
        self._device.setToolTip(self.tr("The device that runs the model"))
        self._time.setToolTip(self.tr("From drawing to answer"))
        self._time.setMinimumWidth(self.fontMetrics().horizontalAdvance(self._time_text(1000.0)) + 16)

        self._answer: Answer | None = None  # the newest one, until its time is shown
        self._throttle = SignalThrottle(_SHOWN_EVERY_MS, self)

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

        self.training.clicked.connect(self._on_training_clicked)
        self.news.clicked.connect(self._on_news_clicked)
        session.models.chosen_changed.connect(self.show_model)
        session.models.chosen_updated.connect(self.show_model)
        session.recognition.answered.connect(self.show_time)
        session.training.progressed.connect(self._on_training_changed)
        session.training.state_changed.connect(self._on_training_changed)
        self.show_model(session.models.chosen)
        self._throttle.triggered.connect(self._on_time_due)

    @property
    def training(self) -> QPushButton:
        """The button that leads to the training."""
        return self._training.button

    def show_news(self, text: str) -> None:
        """Show news about another page; "" hides them."""
        self.news.setText(text)
        self.news.setVisible(bool(text))

    @Slot(object)
    def show_model(self, entry: ModelEntry) -> None:
        """Show the name of a model and its accuracy."""
        card = entry.card
        measured = card.test_accuracy is not None
        accuracy = f"{card.test_accuracy:.2%}".replace("%", " %") if measured else self.tr("not measured")
        self._model.setText(
            self.tr("{} · {} accuracy on {}").format(
                display_name(entry), accuracy, display_part_name(card.dataset) or "?"
            )
        )

    @Slot(object)
    def show_time(self, answer: Answer) -> None:
        """Show the time of an answer, rarely enough to be readable; for an empty pad show no time."""
        self._answer = answer
        self._throttle.throttle()

    @Slot()
    def _on_training_clicked(self) -> None:
        self.page_requested.emit(PageId.TRAIN)

    @Slot()
    def _on_news_clicked(self) -> None:
        self.page_requested.emit(PageId.MY_DIGITS)

    @Slot()
    def _on_training_changed(self) -> None:
        if self._training_service.is_busy:
            self._training.show_progress(self._training_service.progress)
        self._training.setVisible(self._training_service.is_busy)

    @Slot()
    def _on_time_due(self) -> None:
        if self._answer is None:
            return
        drawn, milliseconds = bool(self._answer.question.drawing), self._answer.milliseconds
        self._answer = None
        self._time.setText(self._time_text(milliseconds) if drawn else self.tr("ready"))

    def _time_text(self, milliseconds: float) -> str:
        return self.tr("answer in {:.1f} ms").format(milliseconds)


class _TrainingProgress(QWidget):
    """A thin progress bar, and a button with epoch and accuracy that leads to the Train page."""

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

    def show_progress(self, progress: Progress) -> None:
        """Show epoch and accuracy."""
        text = self.tr("epoch {:,}/{:,}").format(progress.epoch, progress.epochs)
        if progress.test_accuracy is not None:
            text += f" · {progress.test_accuracy:.1%}".replace("%", " %")
        self._bar.setValue(round(1000 * progress.fraction))
        self.button.setText(text)

"""The status bar: the model, its device, the time of the last answer, and the progress of a training."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QStatusBar, QWidget

from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.recognition.recogniser import Answer
from digitpad.core.translation import percent
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import px
from digitpad.gui.widgets.fast_label import FastLabel
from digitpad.gui.widgets.reserved_width import reserve_width
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
        self.training = QPushButton()  # shows epoch and accuracy, and leads to the training
        self._training_bar = QProgressBar()
        # The name of a model may be long: it is elided, and never makes the window wider.
        self._model, self._device, self._time = FastLabel(), QLabel(self.tr("CPU")), QLabel(self.tr("loading…"))
        self._model.setObjectName("model")
        self._time.setObjectName("time")
        self._device.setToolTip(self.tr("The device that runs the model"))
        self._time.setToolTip(self.tr("From drawing to answer"))
        reserve_width(self._time, (self._time_text(1000.0), self.tr("ready"), self.tr("loading…")))

        self._reserved_epochs = -1  # the number of epochs that the width of the button is for
        self._answer: Answer | None = None  # the newest one, until its time is shown
        self._throttle = SignalThrottle(_SHOWN_EVERY_MS, self)
        self._training_bar.setRange(0, 1000)
        self._training_bar.setTextVisible(False)
        self._training_bar.setFixedWidth(px(_BAR_WIDTH))
        self.training.setToolTip(self.tr("Go to the training"))
        for button in (self.news, self.training):
            button.setFlat(True)
            button.setProperty("role", "status")

        self.setSizeGripEnabled(False)
        self.addWidget(self._model, 1)
        for widget in (self.news, self._training_bar, self.training, self._device, self._time):
            self.addPermanentWidget(widget)
        for widget in (self.news, self._training_bar, self.training):
            widget.hide()

        self.training.clicked.connect(self._on_training_clicked)
        self.news.clicked.connect(self._on_news_clicked)
        session.models.chosen_changed.connect(self._on_model_changed)
        session.models.chosen_updated.connect(self._on_model_changed)
        session.recognition.answered.connect(self._on_answered)
        session.training.progressed.connect(self._on_training_changed)
        session.training.state_changed.connect(self._on_training_changed)
        self._throttle.triggered.connect(self._on_time_due)
        self._on_model_changed(session.models.chosen)

    def show_news(self, text: str) -> None:
        """Show news about another page; "" hides them."""
        self.news.setText(text)
        self.news.setVisible(bool(text))

    @Slot(object)
    def _on_model_changed(self, entry: ModelEntry) -> None:
        card = entry.card
        if card.test_accuracy is None:
            text = self.tr("{} · accuracy not measured").format(display_name(entry))
        else:
            accuracy, data = percent(card.test_accuracy, 2), display_part_name(card.dataset) or "?"
            text = self.tr("{} · {} accuracy on {}").format(display_name(entry), accuracy, data)
        tip = self.tr("The model that recognises drawings, and its accuracy on data it was not trained on")
        self._model.setText(text)
        self._model.setToolTip(f"{text}\n{tip}")

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
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
        is_busy, progress = self._training_service.is_busy, self._training_service.progress
        if is_busy:
            self._training_bar.setValue(round(1000 * progress.fraction))
            self.training.setText(self._training_text(progress.epoch, progress.epochs, progress.test_accuracy))
            if progress.epochs != self._reserved_epochs:
                self._reserved_epochs = progress.epochs
                reserve_width(self.training, (self._training_text(progress.epochs, progress.epochs, 1.0),))
        self._training_bar.setVisible(is_busy)
        self.training.setVisible(is_busy)

    def _training_text(self, epoch: int, epochs: int, accuracy: float | None) -> str:
        text = self.tr("epoch {:,}/{:,}").format(epoch, epochs)
        return text if accuracy is None else f"{text} · {percent(accuracy, 1)}"

    @Slot()
    def _on_time_due(self) -> None:
        if self._answer is None:
            return
        drawn, milliseconds = bool(self._answer.question.drawing), self._answer.milliseconds
        self._answer = None
        self._time.setText(self._time_text(milliseconds) if drawn else self.tr("ready"))

    def _time_text(self, milliseconds: float) -> str:
        return self.tr("answer in {:.1f} ms").format(milliseconds)

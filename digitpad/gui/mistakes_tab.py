"""The Mistakes tab: the test images that a run's best model gets wrong."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from digitpad.core.drawing import placed_picture
from digitpad.core.errors import DigitpadError
from digitpad.core.mistakes import Mistake, MistakesOfRun, find_mistakes
from digitpad.core.runs import Run
from digitpad.gui.empty_state import EmptyState
from digitpad.gui.message_bar import MessageBar
from digitpad.gui.mistake_grid import MistakeGrid
from digitpad.gui.mistakes_model import MistakesModel
from digitpad.gui.session import Session
from digitpad.gui.workers import LatestWins


class MistakesTab(QWidget):
    """Looks for a run's mistakes in the background, and shows them."""

    shown = Signal(object)  # a MistakesOfRun
    put_on_pad = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._looking = LatestWins(find_mistakes, session)
        self.messages = MessageBar()
        self.model = MistakesModel(self)
        self.grid = MistakeGrid(self.model)
        self._heading, self._words = QLabel(), QLabel()
        self._empty = EmptyState(
            "mistakes",
            self.tr("No mistakes to show yet"),
            self.tr("Train a model on the Train tab, choose it among the runs and press “See its mistakes”."),
        )
        self._found = QWidget()
        self._pages = QStackedWidget()
        session.add_thread(self._looking)

        self._lay_out()

        self._looking.answered.connect(self._on_found)
        self._looking.failed.connect(self._on_failed)
        self.grid.chosen.connect(self._on_chosen)

    def _lay_out(self) -> None:
        hint = QLabel(self.tr("Double-click one to try it on the pad."))
        self._heading.setProperty("role", "title")
        for label in (hint, self._words):
            label.setProperty("role", "muted")
        for label in (self._heading, self._words):
            label.setTextFormat(Qt.TextFormat.PlainText)  # a run's name is the user's
            label.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._heading, 1)
        top.addWidget(hint)
        found = QVBoxLayout(self._found)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(12)
        found.addLayout(top)
        found.addWidget(self.grid, 1)
        for page in (self._empty, self._words, self._found):
            self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self.messages)
        layout.addWidget(self._pages, 1)

    @property
    def words(self) -> str:
        """What is said in place of mistakes or above them; empty where there is nothing yet."""
        page = self._pages.currentWidget()
        return "" if page is self._empty else (self._words if page is self._words else self._heading).text()

    @Slot(object)
    def show_run(self, run: Run) -> None:
        """Look for the mistakes of a run's best model, and show them."""
        self.messages.hide()
        self.model.show_mistakes(None)
        self._say(self.tr("Looking at the test images…"))
        self._looking.forget()
        if not self._looking.isRunning():
            self._looking.start()
        self._looking.submit(run)

    def _say(self, words: str) -> None:
        self._words.setText(words)
        self._pages.setCurrentWidget(self._words)

    @Slot(object)
    def _on_found(self, mistakes: MistakesOfRun) -> None:
        name = mistakes.run.name
        self.model.show_mistakes(mistakes)
        if len(mistakes):
            words = self.tr("{}: {:,} of {:,} wrong on {} ({:.2f} % right)")
            right = 100 * mistakes.accuracy
            self._heading.setText(words.format(name, len(mistakes), mistakes.total, mistakes.dataset, right))
            self._pages.setCurrentWidget(self._found)
            self.grid.scrollToTop()
            self.grid.setCurrentIndex(self.model.index(0))
            if self.isVisible():
                self.grid.setFocus()
        else:
            self._say(self.tr("“{}” gets all {:,} right.").format(name, mistakes.total))
        self.shown.emit(mistakes)

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        known = isinstance(error, DigitpadError)
        self._pages.setCurrentWidget(self._empty)
        self.messages.warn(str(error) if known else self.tr("The test images cannot be looked at: {}").format(error))

    @Slot(object)
    def _on_chosen(self, mistake: Mistake) -> None:
        name = self.tr("test image {:,}").format(mistake.index)
        try:
            drawing = placed_picture(mistake.image / 255, name)
        except DigitpadError as error:
            self.messages.warn(str(error))
            return
        self._session.pad.change(drawing, name)
        self.put_on_pad.emit()

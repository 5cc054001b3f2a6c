"""The line beside Start: why it cannot be pressed, as a link to where that can be changed."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from digitpad.gui.train.form.row import set_style_property


class StartNote(QPushButton):
    """One line, shortened if it is too long; without a text its place stays empty, so that nothing moves."""

    followed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = ""
        self.setProperty("role", "note")
        self.setObjectName("start-note")
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.hide()

        self.clicked.connect(self._on_clicked)

    @property
    def sentence(self) -> str:
        """The sentence; empty if Start can be pressed."""
        return self._sentence

    def show_sentence(self, sentence: str, details: str = "", *, is_problem: bool = True) -> None:
        """Show a sentence, with details in the tooltip; nothing if it is empty."""
        set_style_property(self, "quiet", is_on=not is_problem)
        self._sentence = sentence
        self.setAccessibleName(sentence)
        self.setToolTip(details or sentence)
        self._elide()
        self.setVisible(bool(sentence))

    def sizeHint(self) -> QSize:
        return QSize(0, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._sentence, Qt.TextElideMode.ElideRight, self.width() - 8))

    @Slot()
    def _on_clicked(self) -> None:
        self.followed.emit()

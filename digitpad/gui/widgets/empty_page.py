"""What stands where there is nothing to show: why, and what to do next."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from digitpad.gui.theme.fonts import tabular_font
from digitpad.gui.theme.icons import line_icon

_WIDTH = 400
_ICON = 48


class EmptyPage(QWidget):
    """An icon, a title, a sentence, how far it is, and a button for what can be done about it."""

    action_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = "mistakes"
        self._icon, self._title, self._body = QLabel(), QLabel(), QLabel()
        self._progress, self._progress_label = QProgressBar(), QLabel()
        self.action = QPushButton()
        self._title.setProperty("role", "title")
        for label in (self._body, self._progress_label):
            label.setProperty("role", "muted")
        self._progress_label.setFont(tabular_font(self._progress_label.font()))
        for label in (self._title, self._body):
            label.setTextFormat(Qt.TextFormat.PlainText)  # names of models and files are the user's
            label.setWordWrap(True)
        self._progress.setTextVisible(False)

        column = QWidget()
        column.setMaximumWidth(_WIDTH)
        words = QVBoxLayout(column)
        words.setSpacing(8)
        words.addStretch(2)
        for label in (self._icon, self._title, self._body):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            words.addWidget(label)
        self._progress_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words.addWidget(self._progress)
        words.addWidget(self._progress_label)
        words.addSpacing(8)
        words.addWidget(self.action, 0, Qt.AlignmentFlag.AlignHCenter)
        words.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(column, 1000)
        layout.addStretch(1)
        self._tint()

        self.action.clicked.connect(self.action_requested)

    @property
    def title(self) -> str:
        """What is said in the first place."""
        return self._title.text()

    @property
    def sentence(self) -> str:
        """What is said below it."""
        return self._body.text()

    @property
    def progress_text(self) -> str:
        """How far it is: "12,000 of 60,000"; empty where that is not known, or nothing goes on."""
        return "" if self._progress_label.isHidden() else self._progress_label.text().strip()

    def set_content(self, title: str, sentence: str, action: str = "", *, icon: str = "mistakes") -> None:
        """Say how things are, with or without a button."""
        self._icon_name = icon
        self._title.setText(title)
        self._body.setText(sentence)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._progress.hide()
        self._progress_label.hide()
        self._tint()

    def show_progress(self, done: int, total: int) -> None:
        """Show how far it is; of a total of 0 only that it goes on."""
        # A line's height either way, so that nothing moves once there is something to count.
        self._progress_label.setText(self.tr("{:,} of {:,}").format(done, total) if total else " ")
        self._progress_label.show()
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._progress.show()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self._icon.setPixmap(line_icon(self._icon_name).pixmap(_ICON, _ICON))

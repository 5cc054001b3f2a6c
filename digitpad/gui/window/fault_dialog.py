"""What the user is told where something went wrong inside the program: calmly, and once."""

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from digitpad.core.runtime.fault_report import Fault
from digitpad.core.runtime.log import environment
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.widgets.collapsible import Collapsible
from digitpad.gui.window.log_folder import log_folder_words, show_log_folder

_WIDTH = 520
_DETAILS_HEIGHT = 200
_REFRESH_MS = 500


class FaultDialog(QDialog):
    """Says what happened, what is kept and what to do; the traceback is folded away, and can be copied."""

    def __init__(self, fault: Fault, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Something went wrong"))
        self._fault, self._others = fault, 0
        self._icon, self._title = QLabel(), QLabel(self.tr("Something went wrong inside digitpad"))
        self._kept = _sentence(
            self.tr(
                "This is not your fault. Your drawing is still on the pad, and your digits, trainings and models "
                "are kept."
            )
        )
        self._next = _sentence(
            self.tr("You can go on. If something does not react any more, save your drawing and start digitpad again.")
        )
        self._more = QLabel()
        self._details = QPlainTextEdit()
        self._expander = Collapsible(self.tr("Details"), self._details)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._copy = QPushButton(self.tr("&Copy details"))
        self._show_log = QPushButton(self.tr("Show &log folder"))
        self._later = QTimer(self, interval=_REFRESH_MS, singleShot=True)
        self._furnish()
        self._lay_out()

        self._copy.clicked.connect(self._on_copy)
        self._show_log.clicked.connect(show_log_folder)
        self._expander.expanded_changed.connect(self._on_expanded)
        self._buttons.rejected.connect(self.reject)
        self._later.timeout.connect(self._on_later)

    @property
    def text(self) -> str:
        """What Copy copies."""
        return report_of(self._fault)

    def count_another(self) -> None:
        """Say, before long, that something went wrong once more."""
        self._others += 1
        if not self._later.isActive():
            self._later.start()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, self._height_of(_WIDTH))

    def _furnish(self) -> None:
        self._icon.setPixmap(line_icon("info").pixmap(24, 24))
        self._title.setProperty("role", "title")
        self._more.setProperty("role", "hint")
        self._more.setText(self.tr("The details and the log hold no drawings."))
        self._details.setReadOnly(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setTabChangesFocus(True)
        self._details.setPlainText(self.text)
        self._details.setMinimumHeight(80)
        self._details.setAccessibleName(self.tr("Details"))
        self._buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        self._buttons.addButton(self._show_log, QDialogButtonBox.ButtonRole.ActionRole)
        self._show_log.setToolTip(log_folder_words())
        for button in (self._copy, self._show_log):
            button.setAutoDefault(False)  # so that Enter closes
        close = self._buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        self.setAccessibleDescription(f"{self._kept.text()} {self._next.text()}")

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(8)
        for label in (self._title, self._kept, self._next, self._more):
            words.addWidget(label)
        words.addStretch()
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self._expander)
        layout.addWidget(self._details, 1)
        layout.addWidget(self._buttons)

    def _height_of(self, width: int) -> int:
        """Return what the words take up at a width, and no more."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout else 0

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
        self._copy.setText(self.tr("Copied"))

    @Slot(bool)
    def _on_expanded(self, expanded: bool) -> None:
        if expanded:
            room = max(0, self.screen().availableGeometry().height() - self.frameGeometry().height())
            self.resize(self.width(), self.height() + min(_DETAILS_HEIGHT, room))
        else:
            self.resize(self.width(), self._height_of(self.width()))

    @Slot()
    def _on_later(self) -> None:
        self._more.setText(
            self.tr("Something went wrong {:,} times so far. The log has it all.").format(1 + self._others)
        )


def report_of(fault: Fault) -> str:
    """Return a fault and what it happened on, ready to be sent to somebody who can mend it."""
    return f"{fault.text}\n\n{environment()}\n"


def _sentence(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label

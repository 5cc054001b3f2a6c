"""The tests with which the tutorial's notebook checks its layers, computed by the NumPy engine."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QWidget

from digitpad.core.numpy_engine.layer_checks import layer_checks
from digitpad.gui.widgets.boxes import hbox, vbox


class EngineCheck(QWidget):
    """Shows the tests side by side, as NumPy prints them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        intro = QLabel(
            self.tr(
                "Three tests of layers, from the NumPy tutorial (sections 2-1, 2-2 and 2-4). The NumPy engine computes "
                "them here with the tutorial's random numbers: compare them with what your notebook prints."
            )
        )
        intro.setProperty("role", "muted")
        intro.setWordWrap(True)
        self._checks = layer_checks()
        self.copy_button = QPushButton(self.tr("Copy all"))
        self.copy_button.setAutoDefault(False)  # Enter does not press it from elsewhere in the window
        row = hbox(spacing=12)
        for check in self._checks:
            name, text = QLabel(check.name), QPlainTextEdit(check.as_text())
            name.setProperty("role", "title")
            text.setReadOnly(True)
            text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
            text.setTabChangesFocus(True)
            text.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            text.setAccessibleName(check.name)
            row.addLayout(vbox(name, (text, 1), spacing=4), 1)

        vbox(intro, (row, 1), hbox(None, self.copy_button), parent=self, spacing=12, margins=(0, 12, 0, 0))

        self.copy_button.clicked.connect(self._on_copy)

    def as_text(self) -> str:
        """Return all tests as one text."""
        return "\n\n".join(f"{check.name}\n\n{check.as_text()}" for check in self._checks) + "\n"

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text())

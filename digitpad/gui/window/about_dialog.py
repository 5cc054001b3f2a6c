"""The About dialog: versions and device, to copy into a bug report."""

import os
import platform
from importlib import metadata

from PySide6.QtCore import QLibraryInfo, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from digitpad import __version__
from digitpad.core.translation import tr
from digitpad.gui.theme.icons import app_icon
from digitpad.gui.theme.scaling import px


def about_text() -> str:
    """Return versions and device, one in each line."""
    lines = [
        f"digitpad {__version__}",
        f"Python {platform.python_version()}",
        *(f"{name} {metadata.version(name)}" for name in ("torch", "torchvision", "numpy", "PySide6-Essentials")),
        f"Qt {QLibraryInfo.version().toString()} ({QGuiApplication.platformName()})",
        tr("System {}").format(platform.platform()),
        tr("Device CPU, {} cores ({})").format(os.cpu_count(), platform.machine()),
    ]
    return "\n".join(lines)


class AboutDialog(QDialog):
    """Shows `about_text`, with a button that copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About digitpad"))
        icon, title = QLabel(), QLabel("digitpad")
        tagline = QLabel(self.tr("A drawing pad that recognises handwritten digits,\nand shows why."))
        facts = QLabel(about_text())
        credit = QLabel(
            self.tr(
                "MIT licence. The models were trained on MNIST (LeCun, Cortes, Burges), on Pen-Based Recognition\n"
                "(Alpaydin, Alimoglu; CC BY 4.0) and on UNIPEN (Guyon and others; CC BY 4.0). Icons and code: digitpad."
            )
        )
        self._copy = QPushButton(self.tr("Copy"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        self._copy.setAutoDefault(False)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        icon.setPixmap(app_icon().pixmap(px(64), px(64)))
        title.setProperty("role", "title")
        tagline.setProperty("role", "muted")
        credit.setProperty("role", "caption")
        facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

        heading = QVBoxLayout()
        heading.addWidget(title)
        heading.addWidget(tagline)
        head = QHBoxLayout()
        head.setSpacing(px(16))
        head.addWidget(icon)
        head.addLayout(heading, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(24), px(24), px(16))
        layout.setSpacing(px(16))
        layout.addLayout(head)
        layout.addWidget(facts)
        layout.addWidget(credit)
        layout.addWidget(buttons)

        self._copy.clicked.connect(self._on_copy)
        buttons.rejected.connect(self.reject)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(about_text())
        self._copy.setText(self.tr("Copied"))

"""Shows the user the folder of the log."""

import contextlib

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox

from digitpad.core.files.paths import make_folder, user_logs
from digitpad.core.runtime.error_report import shorten_paths


def log_folder_text() -> str:
    """Return a sentence that names the folder of the log."""
    text = QCoreApplication.translate("log", "The log is in {}. It contains no drawings.")
    return text.format(shorten_paths(str(user_logs())))


def show_log_folder() -> None:
    """Open the folder of the log in the system's file manager; if that fails, show its path."""
    with contextlib.suppress(OSError):
        make_folder(user_logs())
    if user_logs().is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(user_logs()))):
        return
    box = QMessageBox(QApplication.activeWindow())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(QCoreApplication.translate("log", "Log folder"))
    box.setText(log_folder_text())
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.open()

"""Showing the user the folder with the log."""

import contextlib

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox

from digitpad.core.files.paths import user_logs
from digitpad.core.runtime.fault_report import shortened


def log_folder_words() -> str:
    """Say where the log is and what is not in it."""
    words = QCoreApplication.translate("log", "The log is in {}. It holds no drawings.")
    return words.format(shortened(str(user_logs())))


def show_log_folder() -> None:
    """Open the folder with the log in the system's file manager; where there is none, say where it is."""
    with contextlib.suppress(OSError):
        user_logs().mkdir(parents=True, exist_ok=True)
    if user_logs().is_dir() and QDesktopServices.openUrl(QUrl.fromLocalFile(str(user_logs()))):
        return
    box = QMessageBox(QApplication.activeWindow())
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle(QCoreApplication.translate("log", "Log folder"))
    box.setText(log_folder_words())
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.open()

"""The one question asked when the window is closed during a training."""

from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget


class Closing(Enum):
    """What the user wants."""

    STAY = auto()  # go on training
    KEEP = auto()  # stop, and keep what was learned
    DISCARD = auto()


def ask_about_training(parent: QWidget) -> Closing:
    """Ask what is to become of the training in progress."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(parent.tr("A training is in progress"))
    box.setText(parent.tr("A training is in progress."))
    box.setInformativeText(
        parent.tr("Stopped, it keeps its best epoch and can be resumed another day. Discarded, nothing of it is left.")
    )
    stay = box.addButton(parent.tr("Keep training"), QMessageBox.ButtonRole.RejectRole)
    keep = box.addButton(parent.tr("Stop and keep"), QMessageBox.ButtonRole.AcceptRole)
    discard = box.addButton(parent.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)
    box.exec()
    return {keep: Closing.KEEP, discard: Closing.DISCARD}.get(box.clickedButton(), Closing.STAY)  # pyright: ignore[reportArgumentType, reportCallIssue]

"""The questions asked when the window is closed while something would be lost by it."""

from collections.abc import Mapping
from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

_ROLES = QMessageBox.ButtonRole


class CloseChoice(Enum):
    """What the user wants."""

    STAY = auto()  # go on as if nothing had been closed
    KEEP = auto()  # close, and keep what was learned
    DISCARD = auto()


def ask_about_training(parent: QWidget) -> CloseChoice:
    """Ask what is to become of the training in progress."""
    return _ask(
        parent,
        parent.tr("A training is in progress"),
        parent.tr("Stopped, it keeps its best epoch and can be resumed another day. Discarded, nothing of it is left."),
        {
            CloseChoice.STAY: (parent.tr("Keep training"), _ROLES.RejectRole),
            CloseChoice.KEEP: (parent.tr("Stop and keep"), _ROLES.AcceptRole),
            CloseChoice.DISCARD: (parent.tr("Discard"), _ROLES.DestructiveRole),
        },
        usual=CloseChoice.KEEP,
    )


def ask_about_fine_tuning(parent: QWidget) -> CloseChoice:
    """Ask whether learning from the user's digits is to be stopped, of which nothing can be kept: STAY or DISCARD."""
    return _ask(
        parent,
        parent.tr("A model is learning from your digits"),
        parent.tr(
            "Stopped, nothing is left of what it learned. Your digits stay, and so does the model it began from."
        ),
        {
            CloseChoice.STAY: (parent.tr("Keep learning"), _ROLES.RejectRole),
            CloseChoice.DISCARD: (parent.tr("Stop and close"), _ROLES.DestructiveRole),
        },
        usual=CloseChoice.STAY,
    )


def ask_about_result(parent: QWidget) -> CloseChoice:
    """Ask whether what was learned from the user's digits is to be kept."""
    return _ask(
        parent,
        parent.tr("A model has learned from your digits"),
        parent.tr("Kept, it stands beside the model it was made from. Thrown away, nothing of it is left."),
        {
            CloseChoice.STAY: (parent.tr("Cancel"), _ROLES.RejectRole),
            CloseChoice.KEEP: (parent.tr("Keep it"), _ROLES.AcceptRole),
            CloseChoice.DISCARD: (parent.tr("Throw away"), _ROLES.DestructiveRole),
        },
        usual=CloseChoice.KEEP,
    )


def _ask(
    parent: QWidget,
    what: str,
    explanation: str,
    answers: Mapping[CloseChoice, tuple[str, QMessageBox.ButtonRole]],
    *,
    usual: CloseChoice,
) -> CloseChoice:
    """Ask in a box of its own; Enter is the usual answer, Escape stays."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(what)
    box.setText(f"{what}.")
    box.setInformativeText(explanation)
    buttons = {choice: box.addButton(words, role) for choice, (words, role) in answers.items()}
    box.setDefaultButton(buttons[usual])
    box.setEscapeButton(buttons[CloseChoice.STAY])
    box.exec()
    clicked = box.clickedButton()
    return next((choice for choice, button in buttons.items() if button == clicked), CloseChoice.STAY)

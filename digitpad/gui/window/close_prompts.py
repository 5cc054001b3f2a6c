"""Questions before the window closes during a training, a fine-tuning, or before its result is kept."""

from collections.abc import Mapping
from enum import Enum, auto

from PySide6.QtWidgets import QMessageBox, QWidget

from digitpad.gui.session.fine_tuning_service import FineTuningService, FineTuningState
from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.session.session import Session
from digitpad.gui.window.saving_dialog import SavingDialog

_ROLES = QMessageBox.ButtonRole


class CloseChoice(Enum):
    """Answer of the user."""

    STAY = auto()  # do not close
    KEEP = auto()  # close, and keep the result
    DISCARD = auto()  # close, and delete the result


def may_close(parent: QWidget, session: Session) -> bool:
    """Ask the user about work that could be lost; return whether to close. Nothing stops before the last answer."""
    training = session.training
    choice = ask_about_training(parent) if training.is_busy else CloseChoice.KEEP
    if choice is CloseChoice.STAY or not _may_end_fine_tuning(parent, session.fine_tuning):
        return False
    if ask_about_digits(parent, session.my_digits) is CloseChoice.STAY:
        return False
    training.stop(discards=choice is CloseChoice.DISCARD)
    return True


def _may_end_fine_tuning(parent: QWidget, fine_tuning: FineTuningService) -> bool:
    if fine_tuning.state is FineTuningState.RUNNING and ask_about_fine_tuning(parent) is CloseChoice.STAY:
        return False
    # It may have ended during that question. A result without a blend is the base model itself.
    if fine_tuning.state is not FineTuningState.DONE or not (fine_tuning.result and fine_tuning.result.blend):
        return True
    choice = ask_about_result(parent)
    if choice is CloseChoice.KEEP:
        fine_tuning.keep()
        return fine_tuning.result is None  # otherwise it could not be saved
    return choice is CloseChoice.DISCARD


def ask_about_digits(parent: QWidget, my_digits: MyDigitsService) -> CloseChoice:
    """Wait in a dialog until the digits are saved: KEEP, DISCARD if the user gives them up, or STAY."""
    my_digits.retry()
    if not my_digits.is_writing:
        return CloseChoice.KEEP
    dialog = SavingDialog(my_digits, parent)
    is_closing = dialog.exec()
    dialog.deleteLater()
    if not is_closing:
        return CloseChoice.STAY
    return CloseChoice.DISCARD if dialog.gave_up else CloseChoice.KEEP


def ask_about_training(parent: QWidget) -> CloseChoice:
    """Ask whether to keep or discard the training in progress."""
    return _ask(
        parent,
        parent.tr("A training is in progress"),
        parent.tr("Stop: the best epoch is saved; you can resume. Discard: the run is deleted."),
        {
            CloseChoice.STAY: (parent.tr("Keep training"), _ROLES.RejectRole),
            CloseChoice.KEEP: (parent.tr("Stop"), _ROLES.AcceptRole),
            CloseChoice.DISCARD: (parent.tr("Discard"), _ROLES.DestructiveRole),
        },
        default=CloseChoice.KEEP,
    )


def ask_about_fine_tuning(parent: QWidget) -> CloseChoice:
    """Ask whether to stop the fine-tuning in progress, which has no result yet: STAY or DISCARD."""
    return _ask(
        parent,
        parent.tr("A model is learning from your digits"),
        parent.tr("Stop: the new model is lost. Your digits and the base model are kept."),
        {
            CloseChoice.STAY: (parent.tr("Keep learning"), _ROLES.RejectRole),
            CloseChoice.DISCARD: (parent.tr("Stop and close"), _ROLES.DestructiveRole),
        },
        default=CloseChoice.STAY,
    )


def ask_about_result(parent: QWidget) -> CloseChoice:
    """Ask whether to keep the result of the fine-tuning."""
    return _ask(
        parent,
        parent.tr("A model has learned from your digits"),
        parent.tr("Keep: it is saved as a new model. Discard: it is deleted. The base model is kept either way."),
        {
            CloseChoice.STAY: (parent.tr("Cancel"), _ROLES.RejectRole),
            CloseChoice.KEEP: (parent.tr("Keep"), _ROLES.AcceptRole),
            CloseChoice.DISCARD: (parent.tr("Discard"), _ROLES.DestructiveRole),
        },
        default=CloseChoice.KEEP,
    )


def _ask(
    parent: QWidget,
    title: str,
    explanation: str,
    answers: Mapping[CloseChoice, tuple[str, QMessageBox.ButtonRole]],
    *,
    default: CloseChoice,
) -> CloseChoice:
    """Ask in a dialog; Enter chooses the default answer, Escape chooses STAY."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle(title)
    box.setText(f"{title}.")
    box.setInformativeText(explanation)
    buttons = {choice: box.addButton(text, role) for choice, (text, role) in answers.items()}
    box.setDefaultButton(buttons[default])
    box.setEscapeButton(buttons[CloseChoice.STAY])
    box.exec()
    clicked = box.clickedButton()
    return next((choice for choice, button in buttons.items() if button == clicked), CloseChoice.STAY)

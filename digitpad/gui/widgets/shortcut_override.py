"""Keys that a widget handles itself, before a shortcut of the window gets them."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence


def overrides_shortcut(event: QEvent, is_handled: Callable[[QKeyEvent], object]) -> bool:
    """Claim a key for the widget that calls this in its `event`; return whether the event is done.

    Qt sends ShortcutOverride to the focused widget first. If the widget accepts it, Qt sends the key as a key press
    and does not trigger the shortcut.
    """
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride or not is_handled(event):
        return False
    event.accept()
    return True


def handles_copy_key(event: QEvent, copy: Callable[[], object]) -> bool:
    """Copy with the system's key; call it in a widget's `event`. Return whether the event is done."""
    if overrides_shortcut(event, _is_copy_key):
        return True
    if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress or not _is_copy_key(event):
        return False
    copy()
    return True


def _is_copy_key(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Copy)


@dataclass(frozen=True, slots=True)
class HandledKeys:
    """Keys that a widget handles in its own event methods, for the list of keys in the guide.

    A widget class names them in `HANDLED_KEYS`. `keys` are key sequences in Qt's portable form, such as "Shift+R";
    `text` says what they do, marked with `tr_noop`.
    """

    keys: tuple[str, ...]
    text: str


ARROWS = ("Left", "Right", "Up", "Down")
DIGITS = ("0", "…", "9")


def is_reset_key(event: QKeyEvent) -> bool:
    """Return whether a key puts the value of a slider back."""
    return event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers()

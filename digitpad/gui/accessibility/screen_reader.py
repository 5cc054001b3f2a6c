"""What screen readers are told: the roles of painted widgets, the names of lists, and announcements."""

from functools import cache
from typing import cast
from weakref import WeakKeyDictionary

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QLabel, QWidget


class _Painted(QAccessibleWidget):
    """A widget that paints itself: its description tells what it shows, so this is its value too.

    If a widget changes with every move of the pen, it makes its description when it is asked for: it overrides
    `accessibleDescription`, and calls `tell_description` after a change.
    """

    def text(self, kind: QAccessible.Text) -> str:
        if kind in (QAccessible.Text.Value, QAccessible.Text.Description):
            widget = cast("QWidget", self.object())
            return widget.accessibleDescription() or super().text(QAccessible.Text.Description)
        return super().text(kind)


# Qt deletes an interface with its widget; without a reference Python would delete it before.
_interfaces: WeakKeyDictionary[QObject, QAccessibleInterface] = WeakKeyDictionary()


def _create_interface(_class_name: str, target: QObject) -> QAccessibleInterface | None:
    role = getattr(target, "accessible_role", None)
    if role is None or not isinstance(target, QWidget):
        return None
    return _interfaces.setdefault(target, _Painted(target, role))


@cache
def install_roles() -> None:
    """Let each widget with an attribute `accessible_role` have that role; Qt would call it a "client"."""
    QAccessible.installFactory(_create_interface)


def announce(source: QWidget, text: str, *, is_urgent: bool = False) -> None:
    """Let a screen reader say a text; an urgent one interrupts what it says."""
    if not text:
        return
    event = QAccessibleAnnouncementEvent(source.window(), text)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if is_urgent else politeness.Polite)
    send(event)


def tell_item(view: QWidget, number: int) -> None:
    """Tell that the item with this number has the focus."""
    event = QAccessibleEvent(view, QAccessible.Event.Focus)
    event.setChild(number)
    send(event)


def tell_description(widget: QWidget) -> None:
    """Tell that a widget has another description."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.DescriptionChanged))


def send(event: QAccessibleEvent) -> None:
    """Send an event to the screen reader, if one runs."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(event)


def name_by_label(widget: QWidget, name: str) -> None:
    """Give a list its name by a label that is not shown, unless a label beside it names it.

    On Linux Qt reads the chosen text as the name of a combo box, and leaves the name to a label.
    """
    parent = widget.parentWidget()
    if parent is None:
        return
    labels = [label for label in parent.findChildren(QLabel) if label.buddy() is widget]
    hidden = next((label for label in labels if label.objectName() == _HIDDEN), None)
    if hidden is None and not labels:
        hidden = QLabel(parent)
        hidden.setObjectName(_HIDDEN)
        hidden.setBuddy(widget)
        hidden.hide()
    if hidden is not None:
        hidden.setText(name.replace("&", "&&"))


_HIDDEN = "accessible-name"

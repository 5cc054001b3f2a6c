"""Combo boxes that the mouse wheel changes only while they have the focus."""

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QPaintEvent, QShowEvent, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.gui.accessibility.screen_reader import name_by_label
from digitpad.gui.theme.scaling import px

_ANY = "any"
# The role of a text for the field if that of the list is too wide.
SHORT_TEXT = Qt.ItemDataRole.UserRole + 1
_MOST_VISIBLE = 20  # lines of an open list; more scroll


class ComboBox(QComboBox):
    """Ignores the mouse wheel without focus, and elides a text that is too long."""

    edited = Signal()
    list_closed = Signal()
    elide_mode = Qt.TextElideMode.ElideRight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setMaxVisibleItems(_MOST_VISIBLE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

        self.activated.connect(self._on_activated)

    @Slot()
    def _on_activated(self) -> None:
        self.edited.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEditable() or self.currentIndex() < 0:
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        text, short = option.currentText, self.currentData(SHORT_TEXT)
        if short and self.fontMetrics().horizontalAdvance(text) > field.width():
            text = short
        option.currentText = self.fontMetrics().elidedText(text, self.elide_mode, field.width())
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def showEvent(self, event: QShowEvent) -> None:
        name_by_label(self, self.accessibleName())
        super().showEvent(event)

    def showPopup(self) -> None:
        # The list is as wide as its longest line, even in a narrow column.
        self.view().setMinimumWidth(max(self.width(), min(self.view().sizeHintForColumn(0) + px(32), px(560))))
        self.view().setAccessibleName(self.accessibleName())
        super().showPopup()
        self.view().window().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Not hidePopup: Qt does not call it for Escape.
        if event.type() == QEvent.Type.Hide and watched is self.view().window():
            self.list_closed.emit()
        return super().eventFilter(watched, event)

    @property
    def texts(self) -> list[str]:
        """The texts that the field can show: those of its list, and the one for no choice."""
        return [self.itemText(index) for index in range(self.count())] + [self.placeholderText()]

    def item(self, index: int) -> QStandardItem:
        """Return an item of the list."""
        return cast("QStandardItemModel", self.model()).item(index)

    def add_heading(self, text: str) -> None:
        """Add the heading of a group, which cannot be chosen."""
        self.addItem(text)
        item = self.item(self.count() - 1)
        item.setEnabled(False)
        font = item.font()
        font.setBold(True)
        item.setFont(font)

    def disable_item(self, index: int, reason: str, icon: QIcon | None = None) -> None:
        """Disable an item and show the reason in its tooltip."""
        item = self.item(index)
        item.setEnabled(False)
        item.setToolTip(reason)
        if icon is not None:
            item.setIcon(icon)


class ChoiceField(ComboBox):
    """A choice by key; the raw value is the chosen key."""

    def __init__(self, choices: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        for key, title in choices.items():
            self.addItem(title, key)

    @property
    def raw(self) -> str:
        """The chosen key."""
        return str(self.currentData())

    def show_raw(self, raw: str | bool) -> None:
        """Choose a key; add it to the list if it is missing there."""
        if self.findData(raw) < 0:
            self.addItem(str(raw), raw)
        self.setCurrentIndex(self.findData(raw))

    @property
    def keys(self) -> list[str]:
        """All keys of the list."""
        return [str(self.itemData(index)) for index in range(self.count()) if self.itemData(index) is not None]

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Disable the keys that have a problem, with the reason; enable the others."""
        for index in range(self.count()):
            if problem := problems.get(str(self.itemData(index)), ""):
                self.disable_item(index, problem)
            elif not self.item(index).isEnabled():
                self.item(index).setEnabled(True)
                self.item(index).setToolTip("")


class DigitComboBox(ComboBox):
    """A choice of a digit, or any; each item begins with `name`. It can also show "several"."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItem(self.tr("{}: any").format(name), _ANY)
        for digit in range(CLASSES):
            self.addItem(f"{name}: {digit}", str(digit))
        self.setPlaceholderText(self.tr("{}: several").format(name))
        self.setMinimumContentsLength(4)

    @property
    def digit(self) -> int | None:
        """The chosen digit, or None."""
        key = self.currentData()
        return int(key) if key not in (None, _ANY) else None

    def show_digit(self, digit: int | None) -> None:
        """Choose a digit; None for any."""
        self.setCurrentIndex(0 if digit is None else digit + 1)

    def show_several(self) -> None:
        """Show that more than one digit is chosen elsewhere."""
        self.setCurrentIndex(-1)

"""The user's digits, with a bar above them that shows the selection and its commands."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QStackedLayout, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.gui.my_digits.digits_grid import MyDigitsGrid
from digitpad.gui.my_digits.digits_model import MyDigitsModel
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot
from digitpad.gui.widgets.boxes import hbox, vbox
from digitpad.gui.widgets.elided_label import ElidedLabel
from digitpad.gui.widgets.empty_page import EmptyPage


class MyDigitsMenu(QMenu):
    """The context menu of the grid; its menu of labels is also used by a button."""

    put_on_pad_requested = Signal()
    label_requested = Signal(int)
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.put_on_pad = self.addAction(self.tr("Put on the pad"))
        self.labels = QMenu(self.tr("Label"), self)
        for digit in range(CLASSES):
            # The grid handles the keys; here they are only shown.
            self.labels.addAction(f"&{digit}").setData(digit)
        self.addMenu(self.labels)
        self.addSeparator()
        self.delete = self.addAction(self.tr("Delete"))
        self.delete.setShortcuts([QKeySequence(QKeySequence.StandardKey.Delete), QKeySequence("Backspace")])

        self.put_on_pad.triggered.connect(self.put_on_pad_requested)
        self.labels.triggered.connect(self._on_label)
        self.delete.triggered.connect(self.delete_requested)
        self.show_count(0)

    def show_count(self, selected: int) -> None:
        """Enable the commands for this number of selected digits."""
        self.put_on_pad.setEnabled(selected == 1)
        self.labels.setEnabled(selected > 0)
        self.delete.setEnabled(selected > 0)

    @Slot(QAction)
    def _on_label(self, action: QAction) -> None:
        self.label_requested.emit(action.data())


if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit


class MyDigitsGallery(QWidget):
    """Shows digits, or a message if there are none; emits requests for the selected ones."""

    put_on_pad_requested = Signal(object)  # a MyDigit
    label_requested = Signal(int)
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: frozenset[int] = frozenset()
        self.model = MyDigitsModel(self)
        self.grid, self.page = MyDigitsGrid(self.model), EmptyPage()
        self.menu = MyDigitsMenu(self)
        self._title = ElidedLabel()
        self._relabel, self._delete = QPushButton(self.tr("Label")), QPushButton(self.tr("Delete"))
        self._bar, self._stack = QWidget(), QStackedLayout()
        self._title.setProperty("role", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._relabel.setToolTip(self.tr("Change the label of the selected digits (keys 0 to 9)"))
        self._relabel.setMenu(self.menu.labels)
        self._delete.setToolTip(self.tr("Delete the selected digits (Del); you can undo it"))
        self.menu.delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.grid.addAction(self.menu.delete)

        hbox((self._title, 1), self._relabel, self._delete, parent=self._bar, spacing=8)
        vbox(self._bar, (self._stack, 1), parent=self, spacing=8)
        # After the layout has its widget: a stack shows its first page at once, without a parent as a window.
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.page)

        self.grid.selection_changed.connect(self._on_selection_changed)
        self.grid.put_on_pad_requested.connect(self.put_on_pad_requested)
        self.grid.label_requested.connect(self.label_requested)
        self.grid.menu_requested.connect(self._on_menu_requested)
        self.menu.put_on_pad_requested.connect(self._on_put_on_pad)
        self.menu.label_requested.connect(self.label_requested)
        self.menu.delete_requested.connect(self.delete_requested)
        self._delete.clicked.connect(self.delete_requested)
        self._on_selection_changed(0)

    @property
    def title(self) -> str:
        """How many digits are shown and selected: "All digits, 3 selected"."""
        return self._title.text()

    @property
    def shows_message(self) -> bool:
        """Whether a message is shown in place of digits."""
        return self._stack.currentWidget() is self.page

    @property
    def labels(self) -> frozenset[int]:
        """The labels whose digits are shown; empty for all."""
        return self._labels

    def set_stage(self, *, on: bool) -> None:
        """Show only the digits and their title, large; or also the buttons."""
        for button in (self._relabel, self._delete):
            button.setHidden(on)
        self.grid.set_stage(on=on)

    def selected(self) -> "list[MyDigit]":
        """Return the selected digits, in the order they are shown."""
        digits, selected = self.model.snapshot.digits, np.isin(self.model.ids, self.grid.selected_ids())
        return [digits[place] for place in self.model.indices[selected].tolist()]

    def shown(self) -> "list[MyDigit]":
        """Return the digits that are shown, in order."""
        return [self.model.snapshot.digits[place] for place in self.model.indices.tolist()]

    def show_digits(self, snapshot: MyDigitsSnapshot, labels: frozenset[int]) -> None:
        """Show the digits with one of these labels; all if `labels` is empty."""
        has_others, self._labels = labels != self._labels, labels
        self.model.show_digits(snapshot, snapshot.rows_with(labels))
        if has_others:
            self.grid.go_to_first()
        self._stack.setCurrentWidget(self.grid)
        self._bar.show()

    def show_message(self, title: str, sentence: str, action: str, icon: str) -> None:
        """Show a message in place of digits, with a button."""
        self.page.set_content(title, sentence, action, icon=icon)
        self._stack.setCurrentWidget(self.page)
        self._bar.hide()

    @Slot(int)
    def _on_selection_changed(self, selected: int) -> None:
        shown = self.tr("{:,} shown").format(len(self.model.indices)) if self._labels else self.tr("All digits")
        self._title.setText(self.tr("{}, {:,} selected").format(shown, selected) if selected else shown)
        self._relabel.setEnabled(selected > 0)
        self._delete.setEnabled(selected > 0)
        self.menu.show_count(selected)

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        self.menu.popup(place)

    @Slot()
    def _on_put_on_pad(self) -> None:
        if digits := self.selected():
            self.put_on_pad_requested.emit(digits[0])

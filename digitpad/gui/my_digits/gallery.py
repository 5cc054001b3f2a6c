"""The user's digits with a line above them: what is shown and selected, and what can be done with it."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from digitpad.core.images.digits import CLASSES
from digitpad.gui.my_digits.digits_grid import MyDigitsGrid
from digitpad.gui.my_digits.digits_model import MyDigitsModel
from digitpad.gui.session.my_digits_snapshot import MyDigitsSnapshot
from digitpad.gui.widgets.empty_page import EmptyPage


class MyDigitsMenu(QMenu):
    """A menu over the grid; another of its labels alone can stand at a button."""

    put_on_pad_requested = Signal()
    label_requested = Signal(int)
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.put_on_pad = self.addAction(self.tr("Put on the pad"))
        self.labels = QMenu(self.tr("It was a…"), self)
        for digit in range(CLASSES):
            # The keys are the grid's own: here they are only named.
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
        """Offer what can be done with so many."""
        self.put_on_pad.setEnabled(selected == 1)
        self.labels.setEnabled(selected > 0)
        self.delete.setEnabled(selected > 0)

    @Slot(QAction)
    def _on_label(self, action: QAction) -> None:
        self.label_requested.emit(action.data())


if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit


class MyDigitsGallery(QWidget):
    """Shows digits, or says why there are none; reports what is wanted of the selected ones."""

    put_on_pad_requested = Signal(object)  # a MyDigit
    label_requested = Signal(int)
    delete_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: frozenset[int] = frozenset()
        self.model = MyDigitsModel(self)
        self.grid, self.page = MyDigitsGrid(self.model), EmptyPage()
        self.menu = MyDigitsMenu(self)
        self._title = QLabel()
        self._relabel, self._delete = QPushButton(self.tr("It was a")), QPushButton(self.tr("Delete"))
        self._bar, self._stack = QWidget(), QStackedLayout()
        self._title.setProperty("role", "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._relabel.setToolTip(self.tr("Say what the selected digits are (keys 0 to 9)"))
        self._relabel.setMenu(self.menu.labels)
        self._delete.setToolTip(self.tr("Delete the selected digits; can be undone (Del)"))
        self.menu.delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.grid.addAction(self.menu.delete)

        line = QHBoxLayout(self._bar)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._title, 1)
        line.addWidget(self._relabel)
        line.addWidget(self._delete)
        self._stack.addWidget(self.grid)
        self._stack.addWidget(self.page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._bar)
        layout.addLayout(self._stack, 1)

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
        """What is shown and selected: "All digits, 3 selected"."""
        return self._title.text()

    @property
    def shows_message(self) -> bool:
        """Whether words stand in place of digits."""
        return self._stack.currentWidget() is self.page

    @property
    def labels(self) -> frozenset[int]:
        """Of which labels digits are shown; none means all."""
        return self._labels

    def selected(self) -> "list[MyDigit]":
        """Return the selected digits, in the order they are shown."""
        digits = self.model.snapshot.digits
        rows = np.flatnonzero(np.isin(self.model.ids, self.grid.selected_ids()))
        return [digits[place] for place in self.model.positions[rows].tolist()]

    def shown(self) -> "list[MyDigit]":
        """Return the digits that are shown, in order."""
        return [self.model.snapshot.digits[place] for place in self.model.positions.tolist()]

    def show_digits(self, shelf: MyDigitsSnapshot, labels: frozenset[int]) -> None:
        """Show the digits with one of these labels, or with any."""
        has_others, self._labels = labels != self._labels, labels
        self.model.show_digits(shelf, shelf.rows_with(labels))
        if has_others:
            self.grid.go_to_first()
        self._stack.setCurrentWidget(self.grid)
        self._bar.show()

    def show_message(self, title: str, sentence: str, action: str, icon: str) -> None:
        """Say why nothing is shown, and what can be done."""
        self.page.set_content(title, sentence, action, icon=icon)
        self._stack.setCurrentWidget(self.page)
        self._bar.hide()

    @Slot(int)
    def _on_selection_changed(self, selected: int) -> None:
        shown = self.tr("{:,} shown").format(len(self.model.positions)) if self._labels else self.tr("All digits")
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

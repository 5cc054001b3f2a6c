"""The answers to a number: of one model with its digits, or of several in lines."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from digitpad.core.numbers import Reading
from digitpad.gui.number_row import NumberRow
from digitpad.gui.number_view import NumberView


class NumberAnswers(QWidget):
    """One view; in the comparison a row for each model instead."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = NumberView()
        self.rows: list[NumberRow] = []
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self.view, 1)
        self._layout.addWidget(self._hint)
        self._layout.addStretch()
        self._hint.hide()

    @property
    def answers(self) -> list[str]:
        """The numbers, one a model; "" where there is nothing to read."""
        return [row.answer for row in self.rows] or [self.view.answer]

    def show_comparison(self, names: Sequence[str]) -> None:
        """Make room for a number from each model; no names, and there is one."""
        for row in self.rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self.rows = [NumberRow(name) for name in names]
        for place, row in enumerate(self.rows):
            self._layout.insertWidget(place, row, 1)
        self.view.setVisible(not names)
        self._hint.setVisible(bool(names))

    def show_readings(self, readings: Sequence[Reading | None]) -> None:
        """Show what the models read; None of one that cannot be used."""
        self._hint.setText("")
        unusable = self.tr("This model cannot be used.")
        for view, reading in zip(self.rows or [self.view], readings, strict=True):
            if reading is None:
                view.show_nothing(unusable)
            else:
                view.show_reading(reading)

    def show_nothing(self, reason: str) -> None:
        """Take every number back and say why."""
        self.view.show_nothing(reason)
        for row in self.rows:
            row.show_nothing("")
        self._hint.setText(reason)

    def minimumSizeHint(self) -> QSize:
        return self._layout.minimumSize()

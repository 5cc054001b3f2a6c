"""The answers to a number: one model's with its digits, or one row for each of several models."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QWidget

from digitpad.core.recognition.recogniser import Answer, Failure
from digitpad.gui.draw.answer.digit_answer import brief_failure
from digitpad.gui.draw.answer.number_answer import NumberAnswer
from digitpad.gui.draw.answer.number_comparison_row import NumberComparisonRow
from digitpad.gui.widgets.boxes import vbox


class NumberAnswers(QWidget):
    """One model's answer, or a row for each model that is compared."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = NumberAnswer()
        self.rows: list[NumberComparisonRow] = []
        self._hint = QLabel()
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._layout = vbox((self.view, 1), self._hint, None, parent=self, spacing=8)
        self._hint.hide()

    @property
    def answers(self) -> list[str]:
        """The number that each model reads; "" for an empty pad."""
        return [row.answer for row in self.rows] or [self.view.answer]

    @property
    def spoken_answer(self) -> str:
        """The answer as a screen reader says it; compared ones begin with the name of their model."""
        return "; ".join(row.accessibleName() for row in self.rows) or self.view.accessibleName()

    def show_comparison(self, names: Sequence[str]) -> None:
        """Show a row for each model that is named; without names, one model's answer."""
        for row in self.rows:
            self._layout.removeWidget(row)
            row.deleteLater()
        self.rows = [NumberComparisonRow(name) for name in names]
        for place, row in enumerate(self.rows):
            self._layout.insertWidget(place, row, 1)
        self.view.setVisible(not names)
        self._hint.setVisible(bool(names))

    def show_answer(self, answer: Answer) -> None:
        """Show what the models read, or why a model cannot be used."""
        self._hint.setText("")
        unusable = self.tr("This model cannot be used.")
        models = zip(answer.readings, answer.predictions, answer.question.models, strict=True)
        for view, (reading, prediction, source) in zip(self.rows or [self.view], models, strict=True):
            view.setToolTip(prediction.sentence if isinstance(prediction, Failure) else "")
            if reading is not None:
                view.show_reading(reading)
            elif isinstance(prediction, Failure) and not self.rows:
                path = source if isinstance(source, Path) else None
                view.show_nothing(brief_failure(prediction.sentence, path))
            else:
                view.show_nothing(unusable)

    def show_nothing(self, reason: str) -> None:
        """Show no number, and the reason."""
        self.view.show_nothing(reason)
        for row in self.rows:
            row.show_nothing("")
        self._hint.setText(reason)

    def minimumSizeHint(self) -> QSize:
        return self._layout.minimumSize()

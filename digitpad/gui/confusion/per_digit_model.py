"""Precision, recall and F1 of each digit, as a table for Qt's views."""

from math import isnan
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QFont

from digitpad.core.evaluation.metrics import Metrics
from digitpad.core.images.digits import CLASSES
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.widgets.model_index import Index

DIGIT, SAMPLES, PRECISION, RECALL, F1 = range(5)
_WORST = "▾"


class PerDigitModel(QAbstractTableModel):
    """Digit, samples, precision, recall, F1; the worst recall is marked."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples = np.zeros(CLASSES, np.int64)
        self._shares = np.full((3, CLASSES), np.nan)
        self._headings = (
            self.tr("Digit"),
            self.tr("Samples"),
            self.tr("Precision %"),
            self.tr("Recall %"),
            self.tr("F1 %"),
        )
        self._tooltips = (
            self.tr("Click a digit to show its samples"),
            self.tr("Number of samples with this label"),
            self.tr("Precision: of the samples predicted as this digit, the share that has this label"),
            self.tr("Recall: of the samples with this label, the share predicted as it; the lowest is marked {}"),
            self.tr("F1: precision and recall in one figure, their harmonic mean"),
        )

    def show_metrics(self, metrics: Metrics | None) -> None:
        """Show metrics; None empties the table."""
        if metrics is None:
            self._samples, self._shares = np.zeros(CLASSES, np.int64), np.full((3, CLASSES), np.nan)
        else:
            self._samples = metrics.confusion.sum(axis=1)
            self._shares = np.stack([metrics.precision, metrics.recall, metrics.f1])
        self.dataChanged.emit(self.index(0, 0), self.index(CLASSES - 1, F1))

    def is_worst(self, digit: int) -> bool:
        """Return whether this digit has the lowest recall, and some digit a higher one."""
        recall = self._shares[RECALL - PRECISION]
        known = recall[~np.isnan(recall)]
        return bool(len(known) and known.min() < known.max() and recall[digit] == known.min())

    def as_text(self) -> str:
        """Return the table as tab-separated lines, for a spreadsheet."""
        rows = [[self.text(digit, column) for column in range(F1 + 1)] for digit in range(CLASSES)]
        return "\n".join("\t".join(row) for row in [list(self._headings), *rows])

    def text(self, digit: int, column: int) -> str:
        """Return the text of a cell; shares in per cent."""
        if column < PRECISION:
            return str(digit) if column == DIGIT else str(self._samples[digit])
        share = float(self._shares[column - PRECISION, digit])
        return "–" if isnan(share) else f"{share * 100:.1f}"

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else CLASSES

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else F1 + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return self._tooltips[section].format(_WORST) if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        digit, column = index.row(), index.column()
        is_marked = column == RECALL and self.is_worst(digit)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._display_text(digit, column, is_marked=is_marked)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            return tabular_font(QFont(), CAPTION, is_bold=is_marked or column == DIGIT)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._headings[column]} {self.text(digit, column)}" + (self.tr(", the lowest") * is_marked)
        return None

    def _display_text(self, digit: int, column: int, *, is_marked: bool) -> str:
        text = self.text(digit, column)
        if column < PRECISION:
            return f"{int(text):,}"
        return f"{_WORST} {text}" if is_marked else text

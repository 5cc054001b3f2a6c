"""The confusion matrix as a table for Qt's views: rows are labels, columns are predictions."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt

from digitpad.core.evaluation.sample_filter import Cell
from digitpad.core.images.digits import CLASSES
from digitpad.gui.confusion.cells_model import CellsModel, Place
from digitpad.gui.widgets.model_index import Index

ENTRY_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Entry:
    """The contents of one cell.

    Attributes
    ----------
    text, short
        The figure, and a shorter form in case it is too wide; both empty for a cell without samples.
    weight
        In [0, 1]: its share of the largest error; 0 on the diagonal.
    is_right
        Whether it lies on the diagonal.

    """

    text: str
    short: str
    weight: float
    is_right: bool


class ConfusionModel(CellsModel):
    """Counts, or shares of their row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counts = np.zeros((CLASSES, CLASSES), np.int64)
        self._shares = np.zeros((CLASSES, CLASSES))
        self._in_shares = False
        self._most = 0.0

    @property
    def in_shares(self) -> bool:
        """Whether shares of a row are shown, not counts."""
        return self._in_shares

    def show_matrix(self, confusion: np.ndarray | None) -> None:
        """Show counts, (10, 10) int64; None for zeros."""
        self._counts = np.zeros((CLASSES, CLASSES), np.int64) if confusion is None else confusion.astype(np.int64)
        totals = self._counts.sum(axis=1, keepdims=True)
        self._shares = self._counts / np.maximum(totals, 1)
        self._refresh()

    def show_shares(self, *, in_shares: bool) -> None:
        """Show shares of a row instead of counts, or counts again."""
        self._in_shares = in_shares
        self._refresh()

    def _refresh(self) -> None:
        figures = self._shares if self._in_shares else self._counts
        self._most = float(np.where(np.eye(CLASSES, dtype=bool), 0, figures).max())
        self.dataChanged.emit(self.index(0, 0), self.index(CLASSES - 1, CLASSES - 1))

    def cells_at(self, place: Place) -> frozenset[Cell]:
        return frozenset((place,))

    def text_of(self, places: Iterable[Place]) -> str:
        selected = frozenset(places)
        if len(selected) == 1:
            return self._sentence(*next(iter(selected)))
        total = sum(int(self._counts[place]) for place in selected)
        return self.tr("{} cells: {}").format(len(selected), self._samples(total))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else CLASSES

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else CLASSES

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._entry(row, column).text
        if role == ENTRY_ROLE:
            return self._entry(row, column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(row, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        is_column = orientation is Qt.Orientation.Horizontal
        if role == Qt.ItemDataRole.DisplayRole:
            return str(section)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return (self.tr("predicted {}") if is_column else self.tr("label {}")).format(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            text = self.tr("All samples predicted as {}") if is_column else self.tr("All samples whose label is {}")
            return text.format(section)
        return None

    def _entry(self, row: int, column: int) -> Entry:
        count, share, is_right = int(self._counts[row, column]), float(self._shares[row, column]), row == column
        if not count:
            return Entry("", "", 0.0, is_right)
        figure = share if self._in_shares else count
        weight = 0.0 if is_right else figure / self._most
        if self._in_shares:
            return Entry(percent(share), percent(share).replace("<0", "<"), weight, is_right)
        return Entry(str(count), abbreviated(count), weight, is_right)

    def _sentence(self, row: int, column: int) -> str:
        text = self.tr("label {}, predicted {}: {}").format(row, column, self._samples(int(self._counts[row, column])))
        if self._in_shares and self._counts[row].any():
            text += f" ({self.tr('{} %').format(f'{100 * self._shares[row, column]:.1f}')})"
        return text + self.tr(", right") if row == column else text

    def _samples(self, count: int) -> str:
        return self.tr("1 sample") if count == 1 else self.tr("{} samples").format(f"{count:,}")


def abbreviated(count: int) -> str:
    """Format a count in four characters: 980, 6.2k, 60k."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9950 else f"{count / 1000:.0f}k"


def percent(share: float) -> str:
    """Format a share in [0, 1] as per cent in four characters; 0 and 100 only if exact."""
    figure = share * 100
    if 0 < figure < 0.05:
        return "<0.1"
    if 99.5 <= figure < 100:
        return ">99"
    return f"{figure:.1f}" if figure < 9.95 else f"{figure:.0f}"

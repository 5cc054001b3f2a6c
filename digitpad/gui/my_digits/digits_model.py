"""The user's digits as a list for Qt's views."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QDateTime, QLocale, QModelIndex, QObject, Qt

from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.images.digits import Digits
from digitpad.gui.session.my_digits_snapshot import MyDigitsSnapshot
from digitpad.gui.widgets.model_index import Index

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

_ROOT = QModelIndex()


class MyDigitsModel(QAbstractListModel):
    """One row a digit; rows are places on the shelf."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.show_digits(MyDigitsSnapshot.of(()), np.empty(0, np.int64))

    @property
    def snapshot(self) -> MyDigitsSnapshot:
        """All digits, also those that are not shown."""
        return self._snapshot

    @property
    def samples(self) -> Samples:
        """The same as the grid of samples paints them."""
        return self._samples

    @property
    def positions(self) -> np.ndarray:
        """(k,) int64: places on the shelf, in the order they are shown."""
        return self._positions

    @property
    def ids(self) -> np.ndarray:
        """(k,) int64: ids of the digits that are shown, in order."""
        return self._snapshot.ids[self._positions]

    def show_digits(self, shelf: MyDigitsSnapshot, places: np.ndarray) -> None:
        """Show some digits of a shelf, (k,) places on it."""
        self.beginResetModel()
        self._snapshot, self._positions = shelf, np.asarray(places, np.int64)
        digits = Digits("my digits", shelf.images, shelf.labels.astype(np.uint8))
        self._samples = Samples(LoadedSet(SampleSet("my digits", "all", Path()), digits, 0))
        self.endResetModel()

    def digit_at(self, row: int) -> "MyDigit | None":
        """Return the digit of a row; None where there is no such row."""
        return self._snapshot.digits[self._positions[row]] if 0 <= row < len(self._positions) else None

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._positions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        digit = self.digit_at(index.row()) if index.isValid() else None
        if digit is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return str(digit.label)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(digit)
        return None

    def _sentence(self, digit: "MyDigit") -> str:
        created = QDateTime.fromSecsSinceEpoch(int(digit.created.timestamp()))
        time = QLocale().toString(created, QLocale.FormatType.ShortFormat)
        words = self.tr("{}, kept {}").format(digit.label, time)
        if digit.predicted is None:
            return words
        if digit.predicted == digit.label:
            return words + self.tr("; {} was right").format(digit.model)
        return words + self.tr("; {} took it for {}").format(digit.model, digit.predicted)

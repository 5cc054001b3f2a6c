"""The user's digits as a list for Qt's views."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QDateTime, QLocale, QObject, Qt

from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.images.digits import Digits
from digitpad.gui.grid.thumbnail_grid import ThumbnailModel
from digitpad.gui.session.my_digits.snapshot import MyDigitsSnapshot
from digitpad.gui.widgets.model_index import Index

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit


class MyDigitsModel(ThumbnailModel):
    """One row per digit; `indices` are places in the snapshot."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.show_digits(MyDigitsSnapshot.of(()), np.empty(0, np.int64))

    @property
    def snapshot(self) -> MyDigitsSnapshot:
        """All digits, also those that are not shown."""
        return self._snapshot

    @property
    def samples(self) -> Samples:
        return self._samples

    @property
    def indices(self) -> np.ndarray:
        return self._indices

    @property
    def ids(self) -> np.ndarray:
        return self._snapshot.ids[self._indices]

    def show_digits(self, snapshot: MyDigitsSnapshot, indices: np.ndarray) -> None:
        """Show some digits of a snapshot: (k,) places in it."""
        self.beginResetModel()
        self._snapshot, self._indices = snapshot, np.asarray(indices, np.int64)
        digits = Digits("my digits", snapshot.images, snapshot.labels.astype(np.uint8))
        self._samples = Samples(LoadedSet(SampleSet("my digits", "all", Path()), digits, 0))
        self.endResetModel()

    def item_at(self, row: int) -> "MyDigit | None":
        return self._snapshot.digits[self._indices[row]] if 0 <= row < len(self._indices) else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        digit = self.item_at(index.row()) if index.isValid() else None
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
        text = self.tr("{}, saved {}").format(digit.label, time)
        if digit.predicted is None:
            return text
        if digit.predicted == digit.label:
            return text + self.tr("; {} was right").format(digit.model)
        return text + self.tr("; {} predicted {}").format(digit.model, digit.predicted)

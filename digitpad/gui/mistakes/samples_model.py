"""Samples as a list for Qt's views: which are shown, in what order, and how each is put into words."""

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from digitpad.core.evaluation.sample_filter import sample_title
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.gui.widgets.model_index import Index

SAMPLE_ROLE = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()
_NONE = np.empty(0, np.int64)


class SamplesModel(QAbstractListModel):
    """One row a sample. Rows are numbers in an array: a sample becomes an object once it is asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: Samples | None = None
        self._indices = _NONE
        self._rows: np.ndarray | None = None
        self._is_labels_only = False

    @property
    def samples(self) -> Samples | None:
        """The set that is shown, or some of it."""
        return self._samples

    @property
    def indices(self) -> np.ndarray:
        """(k,) places in the set, in the order they are shown."""
        return self._indices

    @property
    def has_answers(self) -> bool:
        """Whether there is more to tell of a sample than its label."""
        return self._samples is not None and self._samples.evaluation is not None and not self._is_labels_only

    def show_samples(self, samples: Samples | None, indices: np.ndarray) -> None:
        """Show some samples of a set, (k,) places in it in the order to show them; each at most once."""
        self.beginResetModel()
        self._samples = samples
        self._indices = _NONE if samples is None else np.asarray(indices, np.int64)
        self._rows = None
        self.endResetModel()

    def set_labels_only(self, labels_only: bool) -> None:
        """Keep back what a model said, or tell it."""
        if labels_only == self._is_labels_only:
            return
        self.beginResetModel()
        self._is_labels_only = labels_only
        self.endResetModel()

    def row_of(self, index_in_set: int) -> int | None:
        """Return the row that shows a sample; None where it is not shown."""
        if self._samples is None or not 0 <= index_in_set < len(self._samples):
            return None
        if self._rows is None:
            self._rows = np.full(len(self._samples), -1, np.int32)
            self._rows[self._indices] = np.arange(len(self._indices), dtype=np.int32)
        row = int(self._rows[index_in_set])
        return None if row < 0 else row

    def sample_at(self, row: int) -> Sample | None:
        """Return the sample of a row; None where there is no such row."""
        if self._samples is None or not 0 <= row < len(self._indices):
            return None
        return self._samples[self._indices[row]]

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._indices)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        sample = self.sample_at(index.row()) if index.isValid() else None
        if sample is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return sample_title(sample.label, None if self._is_labels_only else sample.predicted)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(sample)
            case _ if role == SAMPLE_ROLE:
                return sample
        return None

    def _sentence(self, sample: Sample) -> str:
        part = self.tr("training image") if sample.part == "train" else self.tr("test image")
        words = self.tr("{} {:,}: label {}").format(part, sample.number, sample.label)
        if self.has_answers:
            words += self._answers(sample)
        if sample.mark is not None:
            words += self._marked(sample)
        return words

    def _answers(self, sample: Sample) -> str:
        said = self.tr(", predicted {} with {:.0f} %").format(sample.predicted, 100 * sample.confidence)
        if self._samples is None or sample.rival_predicted is None:
            return said
        rival = self.tr("; {} says {} with {:.0f} %")
        return said + rival.format(self._samples.rival, sample.rival_predicted, 100 * sample.rival_confidence)

    def _marked(self, sample: Sample) -> str:
        mark = sample.mark
        assert mark is not None  # noqa: S101 - the caller looked
        words = self.tr("; label marked as suspect")
        if mark.corrected is not None:
            words += self.tr(", should be {}").format(mark.corrected)
        return f"{words}: {mark.note}" if mark.note else words

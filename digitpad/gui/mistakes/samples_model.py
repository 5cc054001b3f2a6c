"""Samples as a list for Qt's views: which are shown, in what order, and the text of each."""

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt

from digitpad.core.datasets.suspect_labels import SuspectLabel
from digitpad.core.evaluation.sample_filter import point_title, sample_title
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.recognition.prediction import probability_text
from digitpad.gui.grid.thumbnail_grid import ThumbnailModel
from digitpad.gui.widgets.model_index import Index

SAMPLE_ROLE = Qt.ItemDataRole.UserRole
_NONE = np.empty(0, np.int64)


class SamplesModel(ThumbnailModel):
    """One row per sample."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: Samples | None = None
        self._indices = _NONE
        self._rows: np.ndarray | None = None

    @property
    def samples(self) -> Samples | None:
        return self._samples

    @property
    def indices(self) -> np.ndarray:
        return self._indices

    @property
    def has_answers(self) -> bool:
        return self._samples is not None and self._samples.evaluation is not None

    def show_samples(self, samples: Samples | None, indices: np.ndarray) -> None:
        """Show some samples of a set: (k,) places in it, in the order to show them, each at most once."""
        self.beginResetModel()
        self._samples = samples
        self._indices = _NONE if samples is None else np.asarray(indices, np.int64)
        self._rows = None
        self.endResetModel()

    def row_of(self, index_in_set: int) -> int | None:
        """Return the row that shows a sample; None if it is not shown."""
        if self._samples is None or not 0 <= index_in_set < len(self._samples):
            return None
        if self._rows is None:
            self._rows = np.full(len(self._samples), -1, np.int32)
            self._rows[self._indices] = np.arange(len(self._indices), dtype=np.int32)
        row = int(self._rows[index_in_set])
        return None if row < 0 else row

    def item_at(self, row: int) -> Sample | None:
        if self._samples is None or not 0 <= row < len(self._indices):
            return None
        return self._samples[self._indices[row]]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - Qt's variant
        sample = self.item_at(index.row()) if index.isValid() else None
        if sample is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return sample_title(sample.label, sample.predicted)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._sentence(sample)
            case _ if role == SAMPLE_ROLE:
                return sample
        return None

    def _sentence(self, sample: Sample) -> str:
        part = self.tr("training image") if sample.part == "train" else self.tr("test image")
        text = self.tr("{} {:,}: label {}").format(part, sample.number, sample.label)
        if self._samples is not None and self._samples.are_points:
            text = self.tr("point {}: label {}").format(point_title(sample.image), sample.label)
        if self.has_answers:
            text += self._answers_text(sample)
        if sample.mark is not None:
            text += self._mark_text(sample.mark)
        return text

    def _answers_text(self, sample: Sample) -> str:
        text = self.tr(", predicted {} with {}").format(sample.predicted, probability_text(sample.confidence))
        if self._samples is None or sample.second_predicted is None:
            return text
        second_model = self.tr("; {} predicts {} with {}")
        return text + second_model.format(
            self._samples.second_model, sample.second_predicted, probability_text(sample.second_confidence)
        )

    def _mark_text(self, mark: SuspectLabel) -> str:
        text = self.tr("; label marked as wrong")
        if mark.corrected is not None:
            text += self.tr(", should be {}").format(mark.corrected)
        return f"{text}: {mark.note}" if mark.note else text

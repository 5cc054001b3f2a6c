"""Samples as a Qt list model: rows, texts, and the row of each sample."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from digitpad.core.datasets.suspect_labels import SuspectLabel
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.recognition.prediction import probability_text
from digitpad.gui.mistakes.samples_model import SAMPLE_ROLE, SamplesModel
from tests.helpers.gallery_samples import gallery_samples

TIP, SPOKEN = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole


def shown(samples: Samples | None, *indices: int) -> SamplesModel:
    model = SamplesModel()
    model.show_samples(samples, np.array(indices, np.int64))
    return model


def marked(corrected: int | None, note: str) -> SuspectLabel:
    return SuspectLabel(
        dataset="made-up",
        part="test",
        index=4,
        label=4,
        digest="0" * 16,
        corrected=corrected,
        note=note,
        marked=datetime.now(UTC),
    )


@pytest.mark.parametrize("count", [0, 1, 7, 70_000])
def test_the_model_passes_the_qt_model_tester(qapp: QApplication, count: int) -> None:
    model = SamplesModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show_samples(gallery_samples(max(count, 1)), np.arange(count))
    assert tester.model().rowCount() == count
    model.show_samples(None, np.arange(0))
    assert model.rowCount() == 0


def test_a_row_shows_its_prediction_and_label(qapp: QApplication) -> None:
    samples = gallery_samples(20)
    assert samples.evaluation is not None
    model = shown(samples, 14, 3)
    assert model.index(0, 0).data() == f"Predicted {samples.evaluation.predicted[14]}, label 4"
    assert model.index(1, 0).data() == f"Predicted {samples.evaluation.predicted[3]}, label 3"
    sample = model.index(1, 0).data(SAMPLE_ROLE)
    assert isinstance(sample, Sample)
    assert sample.index == 3
    assert model.index(2, 0).data() is None


def test_the_tooltip_and_the_accessible_text_are_a_whole_sentence(qapp: QApplication) -> None:
    samples = gallery_samples(20, second_model="cnn")
    first, other = samples.evaluation, samples.second_evaluation
    assert first is not None
    assert other is not None
    model = shown(samples, 4)
    index = model.index(0, 0)
    assert index.data(TIP) == index.data(SPOKEN)
    assert index.data(TIP) == (
        f"test image 4: label 4, predicted {first.predicted[4]} with {probability_text(first.confidences[4])}; "
        f"cnn predicts {other.predicted[4]} with {probability_text(other.confidences[4])}"
    )


@pytest.mark.parametrize(
    ("corrected", "note", "text"),
    [
        (9, "open at the top", "; label marked as wrong, should be 9: open at the top"),
        (None, "", "; label marked as wrong"),
        (0, "", "; label marked as wrong, should be 0"),
        (None, "a blot", "; label marked as wrong: a blot"),
    ],
)
def test_the_tooltip_contains_the_mark_and_its_note(
    qapp: QApplication, corrected: int | None, note: str, text: str
) -> None:
    model = shown(gallery_samples(20, marks={4: marked(corrected, note)}), 4, 5)
    assert model.index(0, 0).data(TIP).endswith(text)
    assert "wrong" not in model.index(1, 0).data(TIP)


def test_without_a_model_only_the_label_is_shown(qapp: QApplication) -> None:
    model = shown(gallery_samples(20, model=""), 4)
    assert model.index(0, 0).data() == "Label 4"
    assert model.index(0, 0).data(TIP) == "test image 4: label 4"
    assert not model.has_answers


def test_images_are_numbered_within_their_part(qapp: QApplication) -> None:
    model = shown(gallery_samples(20, training=15), 14, 15)
    assert model.index(0, 0).data(TIP).startswith("training image 14:")
    assert model.index(1, 0).data(TIP).startswith("test image 0:")


@given(st.lists(st.integers(0, 49), unique=True), st.integers(-5, 60))
def test_a_row_is_found_by_the_index_of_its_sample(indices: list[int], wanted: int) -> None:
    model = shown(gallery_samples(50), *indices)
    assert model.row_of(wanted) == (indices.index(wanted) if wanted in indices else None)


def test_rows_follow_the_shown_samples(qapp: QApplication) -> None:
    model = shown(gallery_samples(50), 5, 7)
    assert model.row_of(7) == 1
    model.show_samples(gallery_samples(50), np.array([7]))
    assert model.row_of(7) == 0
    assert model.row_of(5) is None
    model.show_samples(None, np.arange(0))
    assert model.row_of(7) is None

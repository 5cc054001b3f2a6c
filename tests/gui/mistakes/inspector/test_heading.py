"""The heading above a sample: its title, its prediction, and in a comparison the second prediction."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.samples import Samples
from digitpad.gui.help.term_label import TermLabel
from digitpad.gui.mistakes.inspector.heading import SampleHeading
from digitpad.gui.theme.scaling import px
from digitpad.gui.theme.theme import Themes
from tests.helpers.gallery_samples import gallery_samples


@pytest.fixture
def heading(qtbot: QtBot, themes: Themes) -> SampleHeading:
    heading = SampleHeading()
    qtbot.addWidget(heading)
    heading.resize(300, 100)
    heading.show()
    return heading


def test_a_comparison_shows_the_second_prediction_below_margin_and_loss(heading: SampleHeading) -> None:
    samples = gallery_samples(20, second_model="cnn")
    sample = samples[3]
    heading.show_sample(samples, sample)
    assert heading.figures == f"margin {sample.margin:.3f} · cross-entropy {sample.loss:.4f}"
    assert heading.second_model == f"cnn: {sample.second_predicted}, {100 * sample.second_confidence:.1f} %"


@pytest.mark.parametrize(
    "samples", [gallery_samples(20, second_model="cnn"), gallery_samples(20), gallery_samples(20, model="")]
)
def test_the_heading_has_the_same_height_for_all_samples_of_a_set(heading: SampleHeading, samples: Samples) -> None:
    heights = set()
    for sample in (samples[index] for index in range(20)):
        heading.show_sample(samples, sample)
        heights.add(heading.sizeHint().height())
    assert len(heights) == 1


def test_without_a_second_model_the_heading_has_no_second_line(heading: SampleHeading) -> None:
    compared, alone, labels = (
        gallery_samples(20, second_model="cnn"),
        gallery_samples(20),
        gallery_samples(20, model=""),
    )
    heights = []
    for samples in (compared, alone, labels):
        heading.show_sample(samples, samples[0])
        heights.append(heading.sizeHint().height())
    assert heights[0] > heights[1] == heights[2]
    # Without a model there is the one-hot label in place of loss and margin.
    one_hot = ", ".join("1" if digit == labels[0].label else "0" for digit in range(10))
    assert (heading.second_model, heading.figures) == ("", f"one-hot ({one_hot})")


def test_margin_and_loss_stand_beside_each_other_and_the_margin_stays_in_its_place(heading: SampleHeading) -> None:
    samples = gallery_samples(20)
    places = set()
    for index in range(20):
        heading.show_sample(samples, samples[index])
        QApplication.processEvents()
        margin, loss = heading.findChildren(TermLabel)
        for label in (loss, margin):
            assert label.width() - label.fontMetrics().horizontalAdvance(label.text()) <= px(4)
        assert 0 < loss.x() - margin.geometry().right() <= px(20)
        places.add(margin.x())
    assert len(places) == 1


def test_a_click_on_loss_or_margin_asks_for_its_term(heading: SampleHeading, qtbot: QtBot) -> None:
    samples = gallery_samples(20)
    heading.show_sample(samples, samples[3])
    places: list[str] = []
    heading.guide_requested.connect(places.append)
    for term in heading.findChildren(TermLabel):
        QTest.mouseClick(term, Qt.MouseButton.LeftButton)
    assert places == ["glossary#confidence", "glossary#loss"]

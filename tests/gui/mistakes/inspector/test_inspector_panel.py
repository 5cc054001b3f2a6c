"""The inspector: it shows a sample, adds the inspection later, and requests marks and other samples."""

from datetime import UTC, datetime
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from digitpad.core.datasets.suspect_labels import SuspectLabel
from digitpad.core.evaluation.inspection import Inspection, ModelPrediction
from digitpad.core.evaluation.neighbours import nearest_neighbours
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.recognition.prediction import Prediction
from digitpad.gui.mistakes.inspector.inspector_panel import InspectorPanel
from digitpad.gui.mistakes.inspector.model_predictions import CONFIDENCE, DIGIT, NAME, VERDICT, PredictionsModel
from digitpad.gui.mistakes.inspector.overlay_picker import DIFFERENCE, LABEL, NONE, PREDICTED
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.collapsible import Collapsible
from digitpad.gui.widgets.probability_bars import ProbabilityBars
from tests.helpers.labelled_samples import digits_of, samples_of
from tests.helpers.mouse import point_at

DIGITS = digits_of()
SAMPLES = samples_of(DIGITS)
TRAINING = digits_of(200)
WRONG, RIGHT = 3, 4  # label 3, predicted 4; label 4, predicted 4


@pytest.fixture
def panel(qtbot: QtBot, themes: Themes) -> InspectorPanel:
    # Without an event loop Qt keeps the widgets of earlier tests, and the theme would style them all.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.resize(340, 1700)
    panel.show_sample(SAMPLES, WRONG)
    panel.show()
    return panel


def prediction_of(digit: int) -> Prediction:
    shares = np.full(10, 0.01)
    shares[digit] = 0.91
    return Prediction(logits=np.log(shares), probabilities=shares)


def inspection_of(sample: Sample, *, problem: str = "") -> Inspection:
    digits = dict.fromkeys(digit for digit in (sample.predicted, sample.label) if digit is not None)
    keys = (PREDICTED, LABEL) if sample.is_right else (PREDICTED, LABEL, DIFFERENCE)
    values = [np.full((28, 28), share, np.float32) for share in (0.25, -0.5, 1.0)]
    return Inspection(
        predictions=(
            ModelPrediction("cnn", prediction_of(sample.label)),
            ModelPrediction("small", None, "it reads other images"),
        ),
        neighbours=() if problem else tuple(nearest_neighbours(sample.image, TRAINING, digit) for digit in digits),
        training=None if problem else TRAINING,
        saliency_maps=dict(zip(keys, values, strict=False)) if sample.predicted is not None else {},
        problem=problem,
    )


def index_in(caught: SignalBlocker) -> int:
    """Return the index of the sample that a signal carries."""
    sample = (caught.args or [None])[0]
    assert isinstance(sample, Sample)
    return sample.index


def mark_of(index: int, *, corrected: int | None, note: str) -> SuspectLabel:
    return SuspectLabel(
        dataset="mnist",
        part="test",
        index=index,
        label=index % 10,
        digest="0" * 16,
        corrected=corrected,
        note=note,
        marked=datetime.now(UTC),
    )


def test_the_panel_is_empty_without_a_sample(qtbot: QtBot, themes: Themes) -> None:
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.show_sample(SAMPLES, None)
    panel.show()
    assert not panel.heading.isVisible()
    panel.show_sample(SAMPLES, 0)
    assert panel.heading.isVisible()


def test_the_sample_and_its_prediction_are_shown_before_the_inspection(panel: InspectorPanel) -> None:
    evaluation = SAMPLES.evaluation
    assert evaluation is not None
    assert panel.heading.title == "Test image 3"
    assert panel.heading.answer == f"✗ Predicted 4, label 3 · {100 * evaluation.confidences[WRONG]:.1f} %"
    assert panel.image.as_text().split()[:28] == [str(value) for value in DIGITS.images[WRONG, 0]]
    shown, worked = panel.bars.prediction, panel.sections.table.worked
    assert shown is not None
    assert worked is not None
    assert shown.confidence == pytest.approx(evaluation.confidences[WRONG])
    assert worked.total == pytest.approx(evaluation.losses[WRONG])
    panel.show_sample(SAMPLES, RIGHT)
    assert panel.heading.answer.startswith("✓ Predicted 4, label 4")


def test_the_bars_mark_the_label_only_if_it_is_known(panel: InspectorPanel, qtbot: QtBot) -> None:
    assert panel.bars.accessibleDescription().startswith("label 3; 0: ")
    plain = ProbabilityBars()
    qtbot.addWidget(plain)
    plain.show_prediction(prediction_of(4))
    before = plain.grab().toImage()
    assert plain.accessibleDescription().startswith("0: ")
    plain.show_label(3)
    assert plain.grab().toImage() != before
    plain.show_label(None)
    assert plain.grab().toImage() == before


def test_without_a_model_only_the_sample_and_its_neighbours_are_shown(panel: InspectorPanel) -> None:
    without_answers = samples_of(DIGITS, output=None)
    panel.show_sample(without_answers, WRONG)
    assert panel.heading.answer == "Label 3"
    hidden = (panel.bars, panel.overlay, panel.sections.table, panel.sections.worked_section)
    assert not any(widget.isVisible() for widget in hidden)
    panel.show_inspection(inspection_of(without_answers[WRONG]))
    first, second = panel.sections.strips
    assert (first.title, first.isVisible(), second.isVisible()) == ("Nearest 3s in the training images", True, False)
    panel.show_sample(SAMPLES, WRONG)
    assert all(widget.isVisible() for widget in hidden)


def test_nothing_moves_when_the_inspection_arrives(panel: InspectorPanel) -> None:
    panel.show_inspection(inspection_of(SAMPLES[WRONG]))  # the number of other models is known now
    places = []
    for complete in (False, True):
        panel.show_sample(SAMPLES, 5)
        if complete:
            panel.show_inspection(inspection_of(SAMPLES[5]))
        panel.grab()
        parts = (panel.image, panel.bars, panel.sections.table, panel.sections.predictions, *panel.sections.strips)
        places.append([(part.mapTo(panel, part.rect().topLeft()), part.size()) for part in parts])
    assert places[0] == places[1]


def test_predictions_of_other_models_are_shown_with_a_verdict(panel: InspectorPanel) -> None:
    panel.show_inspection(inspection_of(SAMPLES[WRONG]))
    model = panel.sections.predictions.model()
    assert [model.index(0, column).data() for column in (NAME, DIGIT, CONFIDENCE, VERDICT)] == [
        "cnn",
        "3",
        "91.0 %",
        "✓",
    ]
    assert model.index(1, NAME).data() == "small: it reads other images"
    assert model.index(1, NAME).data(Qt.ItemDataRole.ToolTipRole) == "small: it reads other images"
    panel.show_sample(SAMPLES, RIGHT)
    assert [model.index(0, column).data() for column in (NAME, DIGIT, CONFIDENCE)] == ["cnn", "…", ""]


def test_the_predictions_model_passes_the_qt_model_tester() -> None:
    model = PredictionsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for predictions in ((), inspection_of(SAMPLES[WRONG]).predictions, ()):
        model.show_waiting()
        model.show_predictions(predictions, 3)
    assert model.index(0, NAME).data() == "No other models"


def test_the_mouse_and_the_keyboard_request_neighbours(panel: InspectorPanel, qtbot: QtBot) -> None:
    inspection = inspection_of(SAMPLES[WRONG])
    strip = panel.sections.strips[0]
    place = strip.places()[2].center().toPoint()
    with qtbot.assertNotEmitted(panel.neighbour_requested):
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)  # the neighbours are not shown yet
    panel.show_inspection(inspection)
    assert inspection.neighbours[0].label == 4
    with qtbot.waitSignal(panel.neighbour_requested) as caught:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place)
    assert list(caught.args or ()) == [inspection.neighbours[0].indices[2]]
    strip = panel.sections.strips[1]
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    assert strip.accessibleDescription() == strip.description_of(1)
    with qtbot.waitSignal(panel.neighbour_requested) as caught:
        QTest.keyClick(strip, Qt.Key.Key_Return)
    assert list(caught.args or ()) == [inspection.neighbours[1].indices[1]]


def test_a_missing_training_part_is_reported(panel: InspectorPanel) -> None:
    panel.show_inspection(inspection_of(SAMPLES[WRONG], problem="MNIST is not there: download it"))
    assert not any(strip.isVisible() for strip in panel.sections.strips)
    assert panel.sections.problem == "MNIST is not there: download it"
    panel.show_inspection(inspection_of(SAMPLES[WRONG]))
    assert all(strip.isVisible() for strip in panel.sections.strips)


def choose(panel: InspectorPanel, text: str) -> None:
    """Choose an overlay with the keys."""
    panel.overlay.setFocus()
    QTest.keyClick(panel.overlay, Qt.Key.Key_Home)
    while panel.overlay.currentText() != text:
        before = panel.overlay.currentIndex()
        QTest.keyClick(panel.overlay, Qt.Key.Key_Down)
        assert panel.overlay.currentIndex() > before


def test_the_chosen_overlay_stays_for_the_next_sample(panel: InspectorPanel, qtbot: QtBot) -> None:
    panel.show_inspection(inspection_of(SAMPLES[WRONG]))
    assert panel.image.overlay is None
    choose(panel, "Why 4 and not 3")
    assert panel.image.overlay is not None
    point_at(panel.image, panel.image.place_of((5, 5)).center().toPoint())
    qtbot.waitUntil(lambda: panel.image.share_text == "evidence for 4, not 3: +1.00")
    panel.show_sample(SAMPLES, RIGHT)
    assert panel.overlay.currentText() == "Why 4"
    assert panel.image.overlay is None  # before the inspection
    panel.show_inspection(inspection_of(SAMPLES[RIGHT]))
    assert panel.image.share_text == "evidence for 4: +0.25"
    panel.show_sample(SAMPLES, 5)
    assert (panel.overlay.key, panel.overlay.currentText()) == (DIFFERENCE, "Why 6 and not 5")
    choose(panel, "No overlay")
    panel.show_inspection(inspection_of(SAMPLES[5]))
    assert (panel.overlay.key, panel.image.overlay) == (NONE, None)


def test_a_collapsed_section_stays_collapsed(panel: InspectorPanel) -> None:
    lines = panel.findChildren(Collapsible)
    assert {line.text(): line.is_expanded for line in lines} == {
        "How this answer was computed": True,
        "Five ways to write it in PyTorch": False,
        "Predictions of other models": True,
        "Nearest training images": True,
    }
    QTest.mouseClick(panel.sections.worked_section, Qt.MouseButton.LeftButton)
    for samples, index in ((SAMPLES, RIGHT), (samples_of(DIGITS, output=None), 5), (SAMPLES, 6)):
        panel.show_sample(samples, index)
        panel.show_inspection(inspection_of(samples[index]))
        assert not panel.sections.table.isVisible()
        assert panel.sections.predictions.isVisible()
    QTest.mouseClick(panel.sections.worked_section, Qt.MouseButton.LeftButton)
    assert panel.sections.table.isVisible()


def test_ticking_choosing_and_typing_request_marks(panel: InspectorPanel, qtbot: QtBot) -> None:
    requested: list[tuple[int, int | None, str]] = []
    panel.mark_requested.connect(lambda sample, digit, note: requested.append((sample.index, digit, note)))
    question = panel.label_editor
    assert not question.note.isVisible()
    QTest.mouseClick(question.checkbox, Qt.MouseButton.LeftButton, pos=QPoint(12, question.checkbox.height() // 2))
    assert question.note.isVisible()
    question.choice.setFocus()
    QTest.keyClick(question.choice, Qt.Key.Key_8)
    question.note.setFocus()
    QTest.keyClicks(question.note, "a loop")
    assert requested == [(WRONG, None, ""), (WRONG, 8, "")]  # the note is not finished
    QTest.keyClick(question.note, Qt.Key.Key_Return)
    assert requested[2:] == [(WRONG, 8, "a loop")]
    panel.image.setFocus()
    assert len(requested) == 3  # nothing has changed since
    with qtbot.waitSignal(panel.unmark_requested) as caught:
        QTest.mouseClick(question.checkbox, Qt.MouseButton.LeftButton, pos=QPoint(12, question.checkbox.height() // 2))
    assert index_in(caught) == WRONG
    assert not question.note.isVisible()


def test_an_existing_mark_fills_the_fields_without_a_request(panel: InspectorPanel, qtbot: QtBot) -> None:
    marked = samples_of(DIGITS, marks={5: mark_of(5, corrected=6, note="clear")})
    with qtbot.assertNotEmitted(panel.mark_requested), qtbot.assertNotEmitted(panel.unmark_requested):
        panel.show_sample(marked, 5)
        assert panel.label_editor.checkbox.isChecked()
        assert (panel.label_editor.choice.raw, panel.label_editor.note.text()) == ("6", "clear")
        panel.show_sample(marked, RIGHT)
        assert not panel.label_editor.checkbox.isChecked()
        assert not panel.label_editor.note.isVisible()


def start_a_note(panel: InspectorPanel, samples: Samples) -> QLineEdit:
    panel.show_sample(samples, 5)
    note = panel.label_editor.note
    note.setFocus()
    QTest.keyClicks(note, " indeed")
    return note


def test_an_unfinished_note_is_saved_when_the_next_sample_is_shown(panel: InspectorPanel, qtbot: QtBot) -> None:
    marked = samples_of(DIGITS, marks={5: mark_of(5, corrected=6, note="clear")})
    note = start_a_note(panel, marked)
    with qtbot.waitSignal(panel.mark_requested) as caught:
        panel.show_sample(marked, RIGHT)
    assert [index_in(caught), *(caught.args or ())[1:]] == [5, 6, "clear indeed"]
    assert note.text() == ""


def test_an_update_of_the_same_sample_keeps_an_unfinished_note(panel: InspectorPanel, qtbot: QtBot) -> None:
    marked = samples_of(DIGITS, marks={5: mark_of(5, corrected=6, note="clear")})
    note = start_a_note(panel, marked)
    with qtbot.assertNotEmitted(panel.mark_requested):
        panel.show_sample(samples_of(DIGITS, marks={5: mark_of(5, corrected=6, note="clear")}), 5)
    assert note.text() == "clear indeed"


def test_a_rejected_mark_is_not_shown(panel: InspectorPanel) -> None:
    marked = samples_of(DIGITS, marks={5: mark_of(5, corrected=6, note="clear")})
    question, middle = panel.label_editor, QPoint(12, panel.label_editor.checkbox.height() // 2)
    refused: list[object] = []
    for samples, index in ((SAMPLES, WRONG), (marked, 5)):
        panel.show_sample(samples, index)
        shown = question.checkbox.isChecked(), question.choice.raw
        refused.clear()
        show_again = partial(panel.show_sample, samples, index)
        for signal in (question.mark_requested, question.unmark_requested):
            signal.connect(lambda *values: refused.append(values))
            signal.connect(lambda *_, show_again=show_again: show_again())
        QTest.mouseClick(question.checkbox, Qt.MouseButton.LeftButton, pos=middle)
        question.choice.setFocus()
        if shown[0]:
            QTest.keyClick(question.choice, Qt.Key.Key_8)
        assert len(refused) == 1 + shown[0]
        assert (question.checkbox.isChecked(), question.choice.raw) == shown
        assert question.note.isVisible() == shown[0]
        for signal in (question.mark_requested, question.unmark_requested):
            signal.disconnect()


def test_an_unchanged_note_does_not_hide_an_update(panel: InspectorPanel, qtbot: QtBot) -> None:
    marked = samples_of(DIGITS, marks={5: mark_of(5, corrected=6, note="clear")})
    note = start_a_note(panel, marked)
    for _ in " indeed":
        QTest.keyClick(note, Qt.Key.Key_Backspace)
    panel.image.setFocus()
    panel.show_sample(SAMPLES, 5)  # unmarked elsewhere
    assert not panel.label_editor.checkbox.isChecked()
    assert not note.isVisible()


def test_the_current_label_cannot_be_chosen_as_correction(panel: InspectorPanel) -> None:
    choice = panel.label_editor.choice
    assert [choice.itemText(n) for n in range(11) if not choice.item(n).isEnabled()] == ["3"]
    panel.show_sample(SAMPLES, RIGHT)
    assert [choice.itemText(n) for n in range(11) if not choice.item(n).isEnabled()] == ["4"]


def test_the_buttons_copy_the_pixels_and_request_the_pad(panel: InspectorPanel, qtbot: QtBot) -> None:
    QTest.mouseClick(panel.copy_button, Qt.MouseButton.LeftButton)
    rows = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert (np.array(rows, int) == DIGITS.images[WRONG]).all()
    with qtbot.waitSignal(panel.put_on_pad_requested) as caught:
        QTest.mouseClick(panel.pad_button, Qt.MouseButton.LeftButton)
    assert index_in(caught) == WRONG


@pytest.mark.parametrize("width", [320, 340])
@pytest.mark.parametrize("height", [400, 1700])
def test_all_parts_fit_into_the_column(panel: InspectorPanel, width: int, height: int) -> None:
    panel.sections.loss_code_section.expand(expanded=True)
    panel.resize(width, height)
    panel.show_inspection(inspection_of(SAMPLES[WRONG]))
    panel.grab()
    parts = (panel.heading, panel.image, panel.bars, panel.label_editor, panel.sections.table, panel.sections.loss_code)
    for part in parts:
        left = part.mapTo(panel, part.rect().topLeft()).x()
        assert left == 0, part
        assert part.width() == width - 16, part


def test_all_parts_are_reachable_with_the_keyboard_and_have_a_name(panel: InspectorPanel) -> None:
    panel.show_inspection(inspection_of(SAMPLES[WRONG]))
    panel.label_editor.checkbox.click()
    panel.image.setFocus()
    reached: list[QWidget] = []
    while (widget := QApplication.focusWidget()) is not None and widget not in reached:
        reached.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
    parts = (
        panel.overlay,
        panel.pad_button,
        panel.label_editor.checkbox,
        panel.label_editor.choice,
        panel.label_editor.note,
    )
    assert set(parts) < set(reached)
    assert {panel.sections.table, panel.sections.predictions, *panel.sections.strips} < set(reached)
    for widget in reached:
        assert widget.accessibleName() or widget.property("text"), widget

"""The Mistakes tab: the mistakes of a model, the inspector, and the way to the pad."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHeaderView
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.catalogue import state_of
from digitpad.core.datasets.loading import MY_DIGITS
from digitpad.core.datasets.suspect_labels import new_mark, put_marks, read_marks
from digitpad.core.evaluation.result import Evaluation, evaluate
from digitpad.core.evaluation.sample_filter import DIAGONAL, Comparison, Show, SortKey, allowed_cells
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.drawing import digit_image
from digitpad.core.models.model_files import BEST, find_model, load_model
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.mistakes.mistakes_tab import MistakesTab
from digitpad.gui.mistakes.model_choices import key_of_run
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.combo_box import ComboBox
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.heard import Heard
from tests.helpers.idx_files import set_files, write_files

CTRL, LEFT, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
TEST_IMAGES = 360  # of the built-in digits


def trained(name: str, *changes: str, data: Path | None = None) -> Run:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "train_first=200", *changes])
    closed = list(run_job(TrainingJob(recipe, "softmax", name, data=data)))[-1]
    assert isinstance(closed, RunClosed)
    return closed.run


@pytest.fixture
def tab(window: MainWindow) -> MistakesTab:
    """The tab when it is first shown; MNIST is not installed."""
    window.resize(1280, 800)
    window.show_tab(2)
    return window.mistakes_tab


@pytest.fixture
def wait(session: Session, tab: MistakesTab, qtbot: QtBot) -> Callable[[], Samples]:
    """Wait for the requested samples, and return them."""

    def wait_for_samples() -> Samples:
        qtbot.waitUntil(lambda: not session.evaluation.is_busy, timeout=60_000)
        assert tab.browser.samples is not None
        return tab.browser.samples

    return wait_for_samples


@pytest.fixture
def softmax(tab: MistakesTab, wait: Callable[[], Samples]) -> Samples:
    """The predictions of the shipped softmax model on the built-in digits, on which it was not trained."""
    tab.sources.choose_model(str(find_model("softmax")))
    tab.sources.choose_dataset("digits")
    return wait()


def test_the_first_model_is_the_pads_though_the_guide_was_opened_before_another_was_chosen(
    window: MainWindow, session: Session
) -> None:
    window.actions_.guide.trigger()  # its list of keys creates every page
    assert session.models.chosen.name != "softmax"
    session.models.choose(next(entry for entry in session.models.entries if entry.name == "softmax"))
    window.show_tab(PageId.MISTAKES)
    assert window.mistakes_tab.sources.model == str(session.models.chosen.path)
    window.guide.guide.close()


def evaluation_of(samples: Samples) -> Evaluation:
    assert samples.evaluation is not None
    return samples.evaluation


def rows(tab: MistakesTab) -> list[int]:
    assert tab.gallery.model.rowCount() == len(tab.browser.indices)
    return tab.browser.indices.tolist()


def click_cell(tab: MistakesTab, label: int, predicted: int, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    table = tab.overview.matrix.table
    place = table.visualRect(table.model().index(label, predicted)).center()
    QTest.mouseClick(table.viewport(), LEFT, modifiers, place)


def click_header(header: QHeaderView, digit: int) -> None:
    at = header.sectionViewportPosition(digit) + header.sectionSize(digit) // 2
    QTest.mouseClick(header.viewport(), LEFT, PLAIN, QPoint(8, at))


def test_a_banner_reports_missing_mnist_and_offers_the_built_in_digits(
    tab: MistakesTab, wait: Callable[[], Samples]
) -> None:
    assert tab.heading == "MNIST is not installed"
    assert tab.dataset_bar.isVisible()
    assert not tab.gallery.filters.isEnabled()
    tab.dataset_bar.built_in.setFocus()
    QTest.keyClick(tab.dataset_bar.built_in, Qt.Key.Key_Space)
    samples = wait()
    assert not tab.dataset_bar.isVisible()
    assert tab.gallery.grid.hasFocus()
    expected = evaluate(load_model(find_model("cnn")).model, samples.digits)
    assert set(rows(tab)) == set(np.flatnonzero(~expected.is_right))
    assert tab.heading == "CNN on built-in digits test"


def test_the_button_of_the_train_tab_shows_the_mistakes_of_a_run(window: MainWindow, qtbot: QtBot) -> None:
    run = trained("some")
    window.show_tab(1)
    tab = window.training_tab
    qtbot.waitUntil(lambda: len(tab.runs.model.runs) == 1)
    tab.runs.select(run)
    with qtbot.waitSignal(window.mistakes_tab.samples_shown, timeout=60_000):
        QTest.mouseClick(tab.runs.mistakes, LEFT)
        assert window.mistakes_tab.isVisible()
        assert window.mistakes_tab.heading == "some on Built-in digits · Test images"
    assert window.mistakes_tab.heading == "some on built-in digits test"
    assert run.best is not None
    assert len(rows(window.mistakes_tab)) == round((1 - run.best.test_accuracy) * TEST_IMAGES)
    assert window.mistakes_tab.overview.sources.model.currentText().startswith("some · ")


def test_runs_are_listed_before_the_train_tab_was_opened(window: MainWindow, qtbot: QtBot) -> None:
    run = trained("some")
    window.show_tab(2)
    model = window.mistakes_tab.overview.sources.model
    qtbot.waitUntil(lambda: model.findData(str(run.folder / BEST)) >= 0, timeout=10_000)


def test_a_run_is_evaluated_on_its_data_set(tab: MistakesTab, wait: Callable[[], Samples], tmp_path: Path) -> None:
    write_files(tmp_path / "elsewhere" / "mnist", set_files(count=40))
    run = trained("tiny", "dataset=mnist", data=tmp_path / "elsewhere")
    tab.show_run(run)
    samples = wait()
    assert samples.digits.name == "MNIST test"
    assert len(samples) == 40


def texts_of(field: ComboBox) -> list[str]:
    return [field.itemText(index) for index in range(field.count())]


def test_a_run_shows_the_images_that_its_training_measured(tab: MistakesTab, wait: Callable[[], Samples]) -> None:
    run = trained("few", "test_first=100")
    assert run.best is not None
    panel = tab.overview.sources
    tab.show_run(run)
    samples = wait()
    assert evaluation_of(samples).accuracy == run.best.test_accuracy
    assert tab.heading == "few on built-in digits test (first 100)"
    assert panel.part.currentText() == "Test, first 100 (as in the training)"
    assert panel.note == "All figures are about the 100 images that the training measured."
    QTest.keyClick(panel.part, Qt.Key.Key_Down)
    assert len(wait()) == TEST_IMAGES
    assert panel.part.currentText() == "Test images"
    assert panel.note.startswith("The training measured only the first 100 of these images")
    tab.sources.choose_model(str(find_model("softmax")))
    assert len(wait()) == TEST_IMAGES
    assert panel.note == ""
    assert texts_of(panel.part) == ["Test images", "Training images", "Training and test"]
    tab.sources.choose_model(str(run.folder / BEST))
    assert len(wait()) == 100
    tab.sources.choose_part("train", as_trained=True)
    assert len(wait()) == 200
    assert panel.note == "All figures are about the 200 images that the model was trained on."


def test_both_epochs_of_a_run_are_offered_and_compared(tab: MistakesTab, wait: Callable[[], Samples]) -> None:
    # A learning rate so large that the best epoch is an early one.
    run = trained("both", "epochs=5", "learning_rate=0.5", "test_first=100")
    assert run.best is not None
    assert run.last is not None
    tab.show_run(run)
    samples = wait()
    assert evaluation_of(samples).accuracy == run.best.test_accuracy
    panel = tab.overview.sources
    best, last = (f"both · {epoch} ({row.epoch})" for epoch, row in (("best", run.best), ("last", run.last)))
    assert tab.heading == f"{best} on built-in digits test (first 100)"
    offered = texts_of(panel.model)
    assert [text.rpartition(" · ")[0] for text in offered[-5:-3]] == [best, last], offered
    QTest.keyClick(panel.model, Qt.Key.Key_Down)
    assert evaluation_of(wait()).accuracy == run.last.test_accuracy
    assert tab.heading == f"{last} on built-in digits test (first 100)"
    tab.sources.choose_second_model(str(run.folder / BEST))
    assert tab.heading.startswith(last)
    assert wait().second_model == best


def test_pixels_up_to_255_are_evaluated_and_explained(
    tab: MistakesTab, wait: Callable[[], Samples], softmax: Samples
) -> None:
    panel, model = tab.overview.sources, load_model(find_model("softmax")).model
    assert panel.note == ""
    QTest.keyClick(panel.pixels, Qt.Key.Key_Down)
    raw = wait()
    expected = evaluate(model, replace(softmax.digits, peak=1))
    np.testing.assert_array_equal(evaluation_of(raw).logits, expected.logits)
    assert tab.heading == "Softmax on built-in digits test, pixels 0–255"
    assert tab.overview.summary.startswith(f"{expected.accuracy:.2%}"[:-1])
    assert panel.note.startswith(
        "The model was trained on pixels from 0 to 1. Larger pixels make the sums of its first layer"
    )
    assert tab.overview.matrix.isEnabled()
    tab.sources.choose_dataset("digits-8x8")
    assert panel.pixels.isHidden()
    assert panel.note == ""
    tab.sources.choose_dataset("digits")
    QTest.keyClick(panel.pixels, Qt.Key.Key_Up)
    np.testing.assert_array_equal(evaluation_of(wait()).logits, evaluation_of(softmax).logits)


def test_the_matrix_the_summary_and_the_grid_agree(tab: MistakesTab, softmax: Samples) -> None:
    answers = evaluation_of(softmax)
    confusion = answers.metrics().confusion
    wrong = int((~answers.is_right).sum())
    assert len(rows(tab)) == wrong > 20
    assert f"{wrong} of {TEST_IMAGES} wrong" in tab.overview.summary
    off = confusion * (1 - np.eye(10, dtype=int))
    label, predicted = map(int, np.unravel_index(off.argmax(), off.shape))
    click_cell(tab, label, predicted)
    assert len(rows(tab)) == confusion[label, predicted]
    assert tab.gallery.count == f"label {label}, predicted {predicted}: {confusion[label, predicted]} samples"
    assert (tab.gallery.filters.label.digit, tab.gallery.filters.predicted.digit) == (label, predicted)
    others = off.copy()
    others[label, predicted] = 0
    second, second_predicted = map(int, np.unravel_index(others.argmax(), off.shape))
    click_cell(tab, second, second_predicted, CTRL)
    assert len(rows(tab)) == confusion[label, predicted] + confusion[second, second_predicted]


def test_a_matrix_row_shows_the_mistakes_of_a_digit_and_the_diagonal_its_right_answers(
    tab: MistakesTab, softmax: Samples
) -> None:
    confusion = evaluation_of(softmax).metrics().confusion
    click_header(tab.overview.matrix.table.verticalHeader(), 8)
    assert len(rows(tab)) == confusion[8].sum() - confusion[8, 8]
    assert tab.overview.matrix.cells == frozenset((8, p) for p in range(10)) - DIAGONAL
    assert (tab.gallery.filters.label.digit, tab.gallery.filters.predicted.digit) == (8, None)
    click_cell(tab, 8, 8)
    assert tab.browser.query.show is Show.ALL
    assert tab.gallery.filters.shown.currentText() == "All"
    assert len(rows(tab)) == confusion[8, 8]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([Show.WRONG, Show.RIGHT, Show.ALL]),
    st.frozensets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6),
)
def test_the_grid_shows_the_counted_samples_for_any_selected_cells(
    tab: MistakesTab, softmax: Samples, show: Show, cells: frozenset[tuple[int, int]]
) -> None:
    tab.browser.choose_show(show)
    tab.browser.choose_cells(cells)
    metrics = tab.browser.metrics
    assert metrics is not None
    chosen = tab.overview.matrix.cells or allowed_cells(tab.browser.query.show)
    assert len(rows(tab)) == sum(metrics.confusion[cell] for cell in chosen)
    assert tab.overview.matrix.cells == tab.browser.query.cells
    shown = tab.browser.query.show
    assert tab.gallery.filters.shown.currentData() == shown.value


def test_the_button_of_an_empty_search_shows_what_the_other_filters_hide(tab: MistakesTab, softmax: Samples) -> None:
    right = int(np.flatnonzero(evaluation_of(softmax).is_right)[0])
    tab.browser.search(f"#{right}")
    assert tab.gallery.shows_message
    tab.gallery.page.action.click()
    assert tab.browser.query.text == f"#{right}"
    assert tab.browser.indices.tolist() == [right]
    tab.browser.search("nothing of the kind")
    tab.gallery.page.action.click()
    assert tab.browser.query.text == ""


def test_a_screen_reader_is_told_how_many_samples_there_are_when_that_changes(
    tab: MistakesTab, softmax: Samples, heard: Heard, wait: Callable[[], Samples]
) -> None:
    wrong = int((~evaluation_of(softmax).is_right).sum())
    heard.clear()
    tab.browser.choose_show(Show.ALL)
    tab.browser.choose_sort(SortKey.LOSS)  # the same samples
    tab.browser.search("labl 3")
    tab.browser.clear_filters()
    assert heard[0] == f"{TEST_IMAGES} samples"
    assert "“labl 3”" in heard[1]
    assert heard[2:] == [f"{TEST_IMAGES} samples"]
    tab.browser.choose_show(Show.WRONG)
    tab.sources.choose_model(str(find_model("cnn")))
    model = wait()
    again = int((~evaluation_of(model).is_right).sum())
    assert heard[3:] == [f"{wrong} wrong", f"{tab.gallery.title}: {again} wrong"]


def test_samples_are_filtered_by_digit_text_and_random_choice(tab: MistakesTab, softmax: Samples, qtbot: QtBot) -> None:
    answers, controls = evaluation_of(softmax), tab.gallery.filters
    controls.shown.setCurrentIndex(controls.shown.findData(Show.ALL.value))
    controls.shown.activated.emit(controls.shown.currentIndex())
    assert len(rows(tab)) == TEST_IMAGES
    QTest.keyClicks(controls.search, "label 3")
    qtbot.waitUntil(lambda: len(rows(tab)) == (answers.labels == 3).sum())
    assert (answers.labels[rows(tab)] == 3).all()
    controls.search.clear()
    QTest.keyClicks(controls.search, "#17")
    QTest.keyClick(controls.search, Qt.Key.Key_Return)
    assert rows(tab) == [17]
    controls.search.clear()
    QTest.keyClicks(controls.search, "nothing of the kind")
    QTest.keyClick(controls.search, Qt.Key.Key_Return)
    assert tab.heading == "No sample found"
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    assert len(rows(tab)) == TEST_IMAGES
    assert controls.search.text() == ""
    controls.predicted.setFocus()
    QTest.keyClick(controls.predicted, Qt.Key.Key_4)  # no item begins with 4
    controls.predicted.setCurrentIndex(5)
    controls.predicted.activated.emit(5)
    assert (answers.predicted[rows(tab)] == 4).all()
    assert len(rows(tab)) == (answers.predicted == 4).sum()


def test_samples_are_sorted(tab: MistakesTab, softmax: Samples) -> None:
    answers, controls = evaluation_of(softmax), tab.gallery.filters
    confidences = answers.confidences[rows(tab)]
    assert (np.diff(confidences) <= 0).all()
    QTest.mouseClick(controls.reverse, LEFT)
    assert (np.diff(answers.confidences[rows(tab)]) >= 0).all()
    tab.browser.choose_sort(SortKey.LOSS)
    assert (np.diff(answers.losses[rows(tab)]) >= 0).all()
    assert controls.sort.currentText() == "Highest loss"


def test_arrow_keys_visit_every_sample_and_the_inspector_follows(
    tab: MistakesTab, softmax: Samples, qtbot: QtBot
) -> None:
    tab.gallery.grid.setFocus()
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Home)
    seen = []
    for _ in rows(tab):
        assert tab.inspector.sample is not None
        seen.append(tab.inspector.sample.index)
        QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right)
    assert seen == rows(tab)
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Home)
    assert tab.inspector.sample is not None
    assert tab.inspector.sample.index == rows(tab)[0]
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_End)
    assert tab.inspector.sample.index == rows(tab)[-1]
    qtbot.waitUntil(lambda: tab.inspection.is_settled, timeout=60_000)


def test_enter_and_a_double_click_put_a_sample_on_the_pad(
    window: MainWindow, tab: MistakesTab, softmax: Samples, session: Session, settled: Callable[[], None]
) -> None:
    tab.gallery.grid.setFocus()
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Home)
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Return)
    assert window.tabs.current_page is window.draw_tab
    assert session.pad.drawing.picture is not None
    assert session.pad.undo_stack.undoText() == f"test image {rows(tab)[0]:,}"
    settled()
    before = session.pad.drawing
    window.show_tab(2)
    place = tab.gallery.grid.visualRect(tab.gallery.model.index(1)).center()
    QTest.mouseClick(tab.gallery.grid.viewport(), LEFT, PLAIN, place)
    QTest.mouseDClick(tab.gallery.grid.viewport(), LEFT, PLAIN, place)
    assert window.tabs.current_page is window.draw_tab
    assert session.pad.drawing is not before


def test_two_models_are_compared(tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples]) -> None:
    second_model = tab.overview.sources.second_model
    at = second_model.findData(str(find_model("cnn")))
    second_model.setCurrentIndex(at)
    second_model.activated.emit(at)
    samples = wait()
    assert tab.heading == "Softmax compared with CNN on built-in digits test"
    assert tab.overview.sources.comparison.isVisible()
    first, second = evaluation_of(samples).is_right, samples.second_evaluation
    assert second is not None
    comparison = tab.overview.sources.comparison
    item_texts = [comparison.itemText(number) for number in range(comparison.count())]
    assert "Only Softmax wrong" in item_texts
    for kind, mask in (
        (Comparison.ONLY_FIRST_WRONG, ~first & second.is_right),
        (Comparison.BOTH_WRONG, ~first & ~second.is_right),
        (Comparison.ONLY_SECOND_WRONG, first & ~second.is_right),
        (Comparison.BOTH_RIGHT, first & second.is_right),
    ):
        comparison.setCurrentIndex(comparison.findData(kind.value))
        comparison.activated.emit(comparison.currentIndex())
        assert sorted(rows(tab)) == np.flatnonzero(mask).tolist()
        assert tab.browser.metrics is not None
        assert tab.browser.metrics.count == mask.sum()
    assert tab.overview.summary.splitlines()[1].startswith("CNN: ")
    tab.browser.choose_show(Show.WRONG)
    tab.browser.choose_comparison(Comparison.DISAGREE)
    assert len(rows(tab)) == (evaluation_of(samples).predicted != second.predicted).sum()
    tab.browser.choose_comparison(Comparison.ALL)
    assert tab.browser.query.show is Show.WRONG
    tab.sources.choose_second_model("")
    wait()
    assert not comparison.isVisible()
    assert tab.browser.metrics is not None
    assert tab.browser.metrics.count == TEST_IMAGES


def test_marks_are_saved_shown_and_excluded(tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples]) -> None:
    before = len(rows(tab))
    tab.gallery.grid.setFocus()
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Home)
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert len(tab.gallery.grid.selected_ids()) == 2
    tab.gallery.menu.mark.trigger()
    marks = read_marks()
    assert {mark.index for mark in marks} == set(rows(tab)[:2])
    assert tab.overview.sources.suspects.text() == "Leave out suspect labels (2)"
    QTest.mouseClick(tab.overview.sources.suspects, LEFT, pos=QPoint(12, tab.overview.sources.suspects.height() // 2))
    assert len(rows(tab)) == before - 2
    assert tab.browser.metrics is not None
    assert tab.browser.metrics.count == TEST_IMAGES - 2
    tab.sources.evaluate()
    wait()
    assert len(rows(tab)) == before - 2
    tab.browser.leave_out_suspects(False)
    tab.browser.unmark_all([mark.index for mark in marks])
    assert read_marks() == ()
    assert len(rows(tab)) == before


def test_m_marks_the_unmarked_samples_and_unmarks_if_all_are_marked(
    tab: MistakesTab, softmax: Samples, qtbot: QtBot
) -> None:
    first, second, third = rows(tab)[:3]
    tab.browser.mark_all([first], corrected=3, note="열린 4")
    tab.gallery.grid.setFocus()
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Home)
    for _ in range(2):
        QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_M)
    marks = {mark.index: mark for mark in read_marks()}
    assert set(marks) == {first, second, third}
    assert (marks[first].corrected, marks[first].note) == (3, "열린 4")
    assert tab.messages.text == "2 labels marked as wrong."
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_M)
    assert read_marks() == ()
    QTest.mouseClick(tab.messages.action, LEFT)
    marks = {mark.index: mark for mark in read_marks()}
    assert (marks[first].corrected, marks[first].note) == (3, "열린 4")
    assert set(marks) == {first, second, third}


def test_marking_can_be_undone(tab: MistakesTab, softmax: Samples) -> None:
    tab.browser.toggle_marks(tab.browser.indices[:4])
    assert len(read_marks()) == 4
    QTest.mouseClick(tab.messages.action, LEFT)
    assert read_marks() == ()
    assert not tab.browser.samples.marks  # type: ignore[union-attr]


def test_more_than_a_thousand_labels_cannot_be_marked_together(tab: MistakesTab, softmax: Samples) -> None:
    tab.browser.toggle_marks(np.arange(1001))
    assert read_marks() == ()
    assert tab.messages.text == "At most 1,000 labels can be marked at a time: select fewer."


def test_marks_of_another_window_appear_when_the_tab_is_shown(
    window: MainWindow, tab: MistakesTab, softmax: Samples, qtbot: QtBot
) -> None:
    window.show_tab(0)
    put_marks([new_mark(softmax.digits, "digits", "test", 7)])
    window.show_tab(2)
    suspects = tab.overview.sources.suspects
    qtbot.waitUntil(lambda: suspects.text() == "Leave out suspect labels (1)", timeout=10_000)


def test_a_failure_to_save_marks_is_reported(tab: MistakesTab, softmax: Samples, user_folder: Path) -> None:
    tab.browser.mark_all([0])
    (path,) = user_folder.rglob("label-marks.json")
    path.write_text("not JSON", encoding="utf-8")
    tab.browser.mark_all([1])
    assert "label-marks.json" in tab.messages.text
    assert path.read_text(encoding="utf-8") == "not JSON"


def test_a_model_without_mistakes_is_reported_and_all_samples_can_be_shown(tab: MistakesTab, softmax: Samples) -> None:
    labels = softmax.digits.labels
    perfect = Evaluation.of(labels, 9 * np.eye(10, dtype=np.float32)[labels])
    tab.browser.show(replace(softmax, evaluation=perfect))
    assert tab.heading == "No mistakes"
    assert f"all {TEST_IMAGES} right" in tab.gallery.page.sentence
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    assert len(rows(tab)) == TEST_IMAGES
    assert tab.gallery.grid.isVisible()


def test_a_damaged_model_is_reported_and_can_be_retried(
    tab: MistakesTab, wait: Callable[[], Samples], qtbot: QtBot
) -> None:
    run = trained("some")
    best = run.folder / BEST
    kept = best.read_bytes()
    tab.show_run(run)
    wait()
    best.write_bytes(kept[: len(kept) // 2])
    tab.sources.evaluate()
    qtbot.waitUntil(lambda: tab.heading == "The evaluation failed", timeout=60_000)
    assert "truncated" in tab.gallery.page.sentence
    best.write_bytes(kept)
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    wait()
    assert tab.gallery.grid.isVisible()


def test_a_changed_model_file_is_evaluated_again_when_the_tab_is_shown(
    window: MainWindow, tab: MistakesTab, wait: Callable[[], Samples], tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "mine.safetensors"
    shutil.copy(find_model("softmax"), path)
    tab.sources.choose_dataset("digits")
    tab.sources.open_file(path)
    before = evaluation_of(wait())
    window.show_tab(0)
    shutil.copy(find_model("mlp"), path)
    window.show_tab(2)
    after = wait()
    assert evaluation_of(after).accuracy > before.accuracy
    qtbot.waitUntil(lambda: tab.inspection.is_settled, timeout=60_000)
    assert after.loaded_model is not None
    assert after.loaded_model.model.spec.kind == "mlp"


def test_deleting_the_compared_run_ends_the_comparison(
    tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples], session: Session, qtbot: QtBot
) -> None:
    run = trained("some")
    session.runs.refresh()
    qtbot.waitUntil(lambda: session.runs.is_settled, timeout=10_000)
    tab.sources.choose_second_model(str(run.folder / BEST))
    assert wait().second_model == "some"
    session.runs.delete([run])
    assert wait().second_model == ""
    assert not tab.overview.sources.comparison.isVisible()
    assert tab.overview.sources.second_model.currentText() == "No comparison"


def test_newly_installed_data_is_found_when_the_tab_is_shown(
    window: MainWindow, tab: MistakesTab, wait: Callable[[], Samples], user_folder: Path
) -> None:
    assert tab.heading == "MNIST is not installed"
    window.show_tab(0)
    write_files(data_folder() / "mnist", set_files(parts=("test",)))
    window.show_tab(2)
    assert wait().digits.name == "MNIST test"
    tab.sources.choose_part("train")
    assert tab.heading == "MNIST is not complete"


@pytest.mark.parametrize("key", [MY_DIGITS, "gone.ndjson"])
def test_data_without_a_download_says_what_is_so(key: str, tab: MistakesTab) -> None:
    tab.sources.choose_dataset(key)
    state = state_of(key, data_folder())
    assert not state.is_ready
    assert state.sentence[1:] in tab.gallery.page.sentence  # its first letter is a capital there
    assert "ownload" not in tab.heading + tab.gallery.page.sentence
    assert "not installed" not in tab.heading


def test_the_model_of_the_pad_replaces_a_deleted_run(
    tab: MistakesTab, wait: Callable[[], Samples], session: Session
) -> None:
    run = trained("some")
    tab.show_run(run)
    wait()
    session.runs.delete([run])
    wait()
    assert tab.heading == "CNN on built-in digits test"
    session.runs.undo_delete()
    shutil.rmtree(run.folder)


def test_a_stopped_evaluation_can_be_restarted(tab: MistakesTab, wait: Callable[[], Samples], qtbot: QtBot) -> None:
    tab.sources.choose_dataset("digits")
    assert tab.heading == "CNN on Built-in digits · Test images"
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    qtbot.waitUntil(lambda: tab.heading == "Stopped", timeout=60_000)
    assert tab.browser.samples is None
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    wait()
    assert tab.gallery.grid.isVisible()


def test_only_the_last_of_several_chosen_models_is_shown(tab: MistakesTab, wait: Callable[[], Samples]) -> None:
    shown = []
    tab.samples_shown.connect(shown.append)
    tab.sources.choose_dataset("digits")
    for name in ("softmax", "mlp", "cnn", "mlp"):
        tab.sources.choose_model(str(find_model(name)))
    wait()
    assert [samples.model for samples in shown] == ["MLP"]


def test_training_images_can_be_browsed_without_a_model(
    tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples]
) -> None:
    tab.sources.choose_model("")
    samples = wait()
    assert samples.evaluation is None
    assert len(rows(tab)) == TEST_IMAGES
    assert tab.heading == "built-in digits test"
    assert not tab.overview.per_digit.isVisible()
    tab.sources.choose_part("train")
    samples = wait()
    assert len(rows(tab)) == len(samples) == 1437
    tab.browser.choose_random_count(16)
    assert len(rows(tab)) == 16
    assert tab.gallery.grid.columns == 4
    assert tab.gallery.count == "1,437 samples, 16 at random (draw 1)"
    index = rows(tab)[3]
    assert tab.gallery.model.index(3).data() == f"Label {samples.digits.labels[index]}"
    tab.browser.choose_random_count(0)
    tab.browser.choose_digit(6)
    assert (samples.digits.labels[rows(tab)] == 6).all()


def test_the_model_in_training_is_shown_after_each_epoch_and_then_the_run(
    tab: MistakesTab, wait: Callable[[], Samples], session: Session, qtbot: QtBot
) -> None:
    tab.sources.choose_dataset("digits")
    wait()
    shown: list[Samples] = []
    tab.samples_shown.connect(shown.append)
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=400", "train_first=60"])
    session.training.start(TrainingJob(recipe, "softmax", "slow"))
    qtbot.waitUntil(lambda: tab.overview.sources.model.findData("live") >= 0, timeout=60_000)
    tab.overview.sources.model.setCurrentIndex(tab.overview.sources.model.findData("live"))
    tab.overview.sources.model.activated.emit(tab.overview.sources.model.currentIndex())
    qtbot.waitUntil(lambda: len([s for s in shown if "in training" in s.model]) >= 2, timeout=60_000)
    epochs = {s.model for s in shown if "in training" in s.model}
    assert len(epochs) >= 2
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy, timeout=60_000)
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].model == "slow", timeout=60_000)


def test_in_a_narrow_window_the_inspector_shares_a_column_with_the_overview(
    window: MainWindow, tab: MistakesTab, softmax: Samples
) -> None:
    assert tab.columns.is_wide
    assert tab.inspector.isVisible()
    window.resize(760, 560)
    QApplication.processEvents()
    assert not tab.columns.is_wide
    assert tab.overview.matrix.isVisible()
    assert not tab.inspector.isVisible()
    tab.columns.show_right()
    assert tab.inspector.isVisible()
    assert tab.gallery.grid.width() > 300
    window.resize(1280, 800)
    assert tab.inspector.isVisible()
    assert tab.overview.matrix.isVisible()


def test_a_neighbour_is_shown_among_the_training_images(
    tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples]
) -> None:
    tab.inspector.neighbour_requested.emit(3)
    assert "training image 3" in tab.messages.text
    tab.sources.choose_part("all")
    wait()
    tab.inspector.neighbour_requested.emit(3)
    assert tab.inspector.sample is not None
    assert (tab.inspector.sample.part, tab.inspector.sample.number) == ("train", 3)


def test_samples_are_shown_even_if_the_marks_are_damaged(
    tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples], user_folder: Path
) -> None:
    tab.browser.mark_all([5])
    (path,) = user_folder.rglob("label-marks.json")
    path.write_text("{", encoding="utf-8")
    tab.sources.evaluate()
    wait()
    assert "label-marks.json" in tab.messages.text
    assert not tab.overview.sources.suspects.isEnabled()
    path.unlink()
    put_marks([])


def test_a_model_file_can_be_opened_and_an_invalid_one_is_reported(
    tab: MistakesTab, wait: Callable[[], Samples], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.sources.choose_dataset("digits")
    wait()
    path = tmp_path / "mine.safetensors"
    shutil.copy(find_model("mlp"), path)
    monkeypatch.setattr("digitpad.gui.session.file_dialogs.QFileDialog.getOpenFileName", lambda *_: (str(path), ""))
    model = tab.overview.sources.model
    last = model.count() - 1
    assert model.itemText(last) == "Open a model file…"
    model.setCurrentIndex(last)
    model.activated.emit(last)
    assert wait().model == "mine"
    assert model.currentText() == "mine"
    path.write_bytes(b"no model at all")
    tab.sources.evaluate()
    qtbot.waitUntil(lambda: tab.heading == "The evaluation failed", timeout=60_000)
    assert "mine.safetensors" in tab.gallery.page.sentence


def test_excluding_every_sample_offers_to_include_them_again(
    tab: MistakesTab, wait: Callable[[], Samples], tmp_path: Path
) -> None:
    write_files(tmp_path, set_files(count=12))
    tab.sources.choose_dataset(str(tmp_path))
    samples = wait()
    tab.browser.mark_all(range(len(samples)))
    tab.browser.leave_out_suspects(True)
    assert tab.heading == "All samples are left out"
    QTest.mouseClick(tab.gallery.page.action, LEFT)
    assert len(rows(tab)) == 12
    assert not tab.overview.sources.suspects.isChecked()


def test_an_excluded_neighbour_is_reported_and_the_filters_stay(
    tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples]
) -> None:
    tab.sources.choose_part("all")
    wait()
    tab.browser.mark_all([3])
    tab.browser.leave_out_suspects(True)
    before = tab.browser.query
    tab.inspector.neighbour_requested.emit(3)
    assert tab.messages.text == "Training image 3 is left out: its label is marked as wrong."
    assert tab.browser.query == before


def test_the_pad_gets_exactly_the_pixels_of_the_sample(
    tab: MistakesTab, softmax: Samples, session: Session, settled: Callable[[], None]
) -> None:
    for index in rows(tab)[:5]:
        tab.gallery.grid.select_index(index)
        tab.gallery.menu.put_on_pad.trigger()
        pixels = digit_image(session.pad.drawing).pixels
        np.testing.assert_array_equal(to_bytes(pixels), softmax.digits.images[index])
        assert session.pad.drawing.label == softmax.digits.labels[index]
    settled()


def test_the_menu_of_the_export_button_only_exports(tab: MistakesTab, softmax: Samples) -> None:
    assert softmax is tab.browser.samples
    menu = tab.gallery.menu
    assert not {menu.put_on_pad, menu.mark, menu.draw} & set(menu.exports.actions())
    assert menu.exports.menuAction() in menu.actions()


def test_exports_are_named_after_the_title(tab: MistakesTab, softmax: Samples) -> None:
    assert tab.gallery.chosen_title == "Wrong, most confident first"
    tab.browser.choose_cells({(4, 9)})
    assert tab.gallery.chosen_title == "Wrong, label 4, predicted 9, most confident first"


def test_the_drawings_of_an_ink_file_are_shown(
    tab: MistakesTab, qtbot: QtBot, wait: Callable[[], Samples], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.jsonl"
    strokes = [[[80, 60], [200, 60], [130, 230]]]
    path.write_text("".join(f'{{"id": "{n}", "label": {n}, "strokes": {strokes}}}\n' for n in (7, 1)), encoding="utf-8")
    monkeypatch.setattr("digitpad.gui.session.file_dialogs.QFileDialog.getOpenFileName", lambda *_: (str(path), ""))
    field = tab.overview.sources.dataset
    last = field.count() - 1
    assert field.itemText(last) == "Choose a file…"
    field.setCurrentIndex(last)
    field.activated.emit(last)
    own = tab.dataset_actions.own_data
    qtbot.waitUntil(lambda: own.dialog is not None and not own.dialog.is_reading)
    assert own.dialog is not None
    qtbot.mouseClick(own.dialog.use, Qt.MouseButton.LeftButton)
    samples = wait()
    assert samples.digits.labels.tolist() == [7, 1]
    assert field.currentText() == "mine.jsonl"
    assert tab.overview.sources.part.currentText() == "All images"
    assert rows(tab) == [1]


def test_the_search_is_entered_and_left_with_keys(window: MainWindow, tab: MistakesTab, softmax: Samples) -> None:
    window.activateWindow()
    tab.focus_samples()
    assert tab.gallery.grid.hasFocus()
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_F, CTRL)
    search = tab.gallery.filters.search
    assert search.hasFocus()
    QTest.keyClicks(search, "label 8")
    QTest.keyClick(search, Qt.Key.Key_Down)
    assert tab.gallery.grid.hasFocus()
    assert (softmax.digits.labels[rows(tab)] == 8).all()
    window.show_tab(0)
    window.show_tab(2)
    assert tab.gallery.grid.hasFocus()


def test_the_grid_gets_the_focus_when_the_samples_arrive(
    window: MainWindow, tab: MistakesTab, wait: Callable[[], Samples]
) -> None:
    window.activateWindow()
    tab.sources.choose_dataset("digits")
    tab.focus_samples()
    assert not tab.overview.sources.model.hasFocus()  # a key would choose another model
    wait()
    assert tab.gallery.grid.hasFocus()


def test_the_four_points_of_a_gate_are_samples(tab: MistakesTab, softmax: Samples, wait: Callable[[], Samples]) -> None:
    recipe = with_settings(
        load_recipe("xor-mlp"), ["optimizer=adam", "learning_rate=0.05", "epochs=300", "report_every=100"]
    )
    closed = list(run_job(TrainingJob(recipe, "xor-mlp", "my xor")))[-1]
    assert isinstance(closed, RunClosed)
    tab.show_run(closed.run)
    samples = wait()
    assert tab.heading == "my xor on XOR"
    assert rows(tab) == [0, 1, 2, 3]
    evaluation = evaluation_of(samples)
    assert evaluation.predicted.tolist() == samples.digits.labels.tolist() == [0, 1, 1, 0]
    assert tab.overview.summary.startswith("100.00 % right · 0 of 4 wrong · binary cross-entropy 0.0003")
    QTest.keyClick(tab.gallery.grid, Qt.Key.Key_Right)
    assert tab.inspector.heading.title == "Point 0, 1"
    assert tab.inspector.image.caption == "2 inputs, each 0 or 1"
    assert tab.inspector.copy_button.text() == "Copy inputs"
    assert tab.inspector.sections.loss_code_section.text() == "Two ways to write it in PyTorch"
    assert tab.inspector.heading.answer.startswith("✓ Predicted 1, label 1 · 99.9 %")
    worked = tab.inspector.sections.table.worked
    assert worked is not None
    assert len(worked.logits) == 1
    assert worked.outputs[0] == pytest.approx(1 / (1 + np.exp(-worked.logits[0])))
    assert worked.total == pytest.approx(-np.log(worked.outputs[0])) == pytest.approx(evaluation.losses[1])
    hidden = (tab.inspector.bars, tab.inspector.pad_button, tab.overview.matrix, tab.overview.per_digit)
    assert not any(widget.isVisible() for widget in hidden)
    tab.browser.search("#2")
    assert rows(tab) == [2]
    tab.gallery.menu.put_on_pad.trigger()
    assert tab.messages.text == "The points of a gate are no pictures: choose a digit to put on the pad."
    tab.messages.hide()
    # Models of digits bring digits, and the model of a gate its gate.
    tab.sources.choose_model(str(find_model("softmax")))
    assert wait().digits.name == softmax.digits.name
    assert tab.browser.query.show is Show.WRONG
    assert all(widget.isVisible() for widget in hidden)
    tab.sources.choose_dataset("and")
    assert wait().model == "my xor"
    assert evaluation_of(wait()).accuracy == 0.25
    recipe = with_settings(recipe, ["dataset=or"])
    other = list(run_job(TrainingJob(recipe, "xor-mlp", "my or")))[-1]
    assert isinstance(other, RunClosed)
    tab.show_run(other.run)
    assert wait().digits.name == "OR"
    tab.sources.choose_model(key_of_run(closed.run))
    assert wait().digits.name == "XOR"
    assert evaluation_of(wait()).accuracy == 1
    tab.sources.choose_dataset("digits")
    assert wait().model == "CNN"

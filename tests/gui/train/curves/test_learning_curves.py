"""The learning curves: drawing, reading with mouse and keyboard, and saving."""

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.ticks import accuracy_range, grown_axis, linear_ticks, log_ticks, loss_range
from digitpad.core.training.recipes import PublishedResults
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.lines import LineOwner, PlotLine
from digitpad.gui.train.curves.reduction import band, clip_band, clip_line, decimate, smooth, smoothed, smoothed_line
from digitpad.gui.train.curves.series import (
    METRICS,
    QUANTITIES,
    Measure,
    Metric,
    Panel,
    Place,
    RunCurve,
    published_curve,
)
from digitpad.gui.train.curves.store import Columns
from tests.helpers.mouse import point_at

CROSS_ENTROPY = Measure("cross-entropy", 10, ("mnist", 0))
PUBLISHED = published_curve(
    PublishedResults(epochs=(1, 2, 3, 4, 5, 6, 7), test_accuracy=(0.8, 0.85, 0.9, 0.92, 0.93, 0.94, 0.95)),
    "published",
    CROSS_ENTROPY,
)
SOME_PUBLISHED = published_curve(
    PublishedResults(epochs=(1, 5), train_loss=(0.9, 0.2), test_loss=(1.0, 0.3)), "published", CROSS_ENTROPY
)


@pytest.fixture
def curves(themes: Themes, qtbot: QtBot) -> LearningCurves:
    themes.set_appearance(Appearance.LIGHT)
    widget = LearningCurves()
    widget.show_invitation("Press Start.")
    qtbot.addWidget(widget)
    widget.resize(800, 520)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def begin(
    curves: LearningCurves,
    name: str,
    epochs: int,
    published: RunCurve | None = None,
    *,
    measure: Measure = CROSS_ENTROPY,
) -> None:
    """Show a training of this many epochs."""
    curves.start(RunCurve(name, measure=measure), epochs, published)


def add_epoch(curves: LearningCurves, *metrics: float) -> None:
    """Add the epoch, training loss and accuracy, test loss and accuracy."""
    curves.add_epochs([metrics])


def line(curves: LearningCurves, metric: Metric, owner: LineOwner = "live") -> PlotLine | None:
    """Return a line as it is drawn, in the units of the axes."""
    return curves.chart.plots.line(owner, metric)


def place(curves: LearningCurves, metric: Metric, owner: LineOwner = "live") -> Place:
    found = line(curves, metric, owner)
    assert found is not None
    return found.place


def crosshair_text(curves: LearningCurves) -> str:
    return curves.chart.accessibleDescription()


def crosshair_pixels(curves: LearningCurves) -> np.ndarray:
    """Return (h, w) uint32: the crosshair as it is painted."""
    image = curves.chart.crosshair.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def settle(curves: LearningCurves, qtbot: QtBot) -> None:
    """Wait until the curves are drawn, and placed in the room that the legend leaves."""
    qtbot.waitUntil(lambda: curves.is_idle)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: curves.is_idle)


def train(curves: LearningCurves, epochs: int, *, of: int = 10) -> None:
    begin(curves, "a run", of)
    for epoch in range(1, epochs + 1):
        add_epoch(curves, epoch, 1 / epoch, 1 - 0.2 / epoch, 1.5 / epoch, 1 - 0.3 / epoch)


def run(name: str = "softmax", epochs: int = 3, *, measure: Measure = CROSS_ENTROPY) -> RunCurve:
    values = np.linspace(0.9, 0.5, epochs)
    return RunCurve(name, np.arange(1.0, epochs + 1), values, 1 - values, values + 0.1, 0.9 - values, measure=measure)


def batches(count: int, *, epochs: float = 2.0, seed: int = 0) -> np.ndarray:
    """Return (n, 3) steps over some epochs: a falling loss and a rising accuracy with noise."""
    x = np.linspace(epochs / count, epochs, count)
    noise = np.random.default_rng(seed).normal(0, 0.05, count)
    return np.stack([x, 2.3 * np.exp(-3 * x) + 0.2 + noise, 0.95 - 0.85 * np.exp(-3 * x) + noise / 5], axis=1)


def drawn(curves: LearningCurves, metric: Metric, owner: LineOwner = "live") -> np.ndarray:
    found = line(curves, metric, owner)
    assert found is not None
    return found.y


def legend(curves: LearningCurves) -> list[str]:
    """Return the texts of the legend, without the name of the run in front."""
    return [entry.text for entry in curves.chart.legend.entries if not entry.is_title]


def over(curves: LearningCurves, epoch: float, part: Panel = "loss") -> QPoint:
    plots = curves.chart.plots
    x = plots.to_pixel(part, epoch, 0).x()
    return QPointF(x, plots.panel_rect(part).center().y()).toPoint()


def y_range(curves: LearningCurves, part: Panel) -> tuple[float, float]:
    """Return the values at the lower and the upper edge of a plot, from the positions of 0 and 1."""
    plots = curves.chart.plots
    zero, one = (plots.to_pixel(part, 0, value).y() for value in (0, 1))
    rect = plots.panel_rect(part)
    return (rect.bottom() - zero) / (one - zero), (rect.top() - zero) / (one - zero)


def scroll(curves: LearningCurves, position: QPoint, clicks: int) -> None:
    viewport = curves.chart.plots.viewport()
    event = QWheelEvent(
        QPointF(position),
        viewport.mapToGlobal(QPointF(position)),
        QPoint(),
        QPoint(0, 120 * clicks),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)


def test_an_empty_widget_explains_what_to_do(curves: LearningCurves) -> None:
    assert curves.is_empty
    texts = [label.text() for label in curves.findChildren(QLabel) if label.isVisible()]
    assert any("Press Start" in text for text in texts)
    begin(curves, "a run", 5)
    assert not curves.is_empty


def test_the_legend_names_only_what_is_drawn_once_a_training_has_ended(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 5)
    curves.add_steps([(0.5, 0.9, 0.5)])
    settle(curves, qtbot)
    assert legend(curves) == ["training", "test"]  # does not move when the first test comes
    curves.finish()
    settle(curves, qtbot)
    assert legend(curves) == ["training"]
    one, nothing = np.array([0.5]), np.array([np.nan])
    curves.show_run(RunCurve("no test", np.array([1.0]), one, one, nothing, nothing))
    settle(curves, qtbot)
    assert legend(curves) == ["training"]
    curves.show_run(RunCurve("tests only", np.array([1.0]), test_loss=one, test_accuracy=one))
    settle(curves, qtbot)
    assert legend(curves) == ["test"]


def test_the_epochs_of_a_run_are_drawn(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "train_loss"), [1, 1 / 2, 1 / 3, 1 / 4])
    np.testing.assert_allclose(drawn(curves, "test_accuracy"), [70, 85, 90, 92.5])
    assert legend(curves) == ["training", "test"]


def test_the_axis_grows_with_the_training_and_ends_with_it(curves: LearningCurves) -> None:
    begin(curves, "a run", 24)
    ends = []
    for position in (0.002, 0.3, 0.99, 1.5, 7.0, 23.5):
        curves.add_steps([(position, 1.0, 0.5)])
        ends.append(curves.x_range[1])
        assert position < ends[-1] < max(2 * position, 0.1)
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(24, rel=0.02)
    # A training that was stopped early leaves no empty part.
    begin(curves, "a run", 24)
    add_epoch(curves, 5, 0.1, 0.9, 0.1, 0.9)
    curves.finish()
    assert curves.x_range[1] == pytest.approx(5, rel=0.02)


def test_published_results_out_of_view_do_not_set_the_axes(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "mine", 10, PUBLISHED)
    assert curves.x_range[1] < PUBLISHED.epochs[0]
    view = curves.chart.plots._view(Place("accuracy"))
    qtbot.waitUntil(lambda: curves.is_idle)
    assert tuple(view.viewRange()[1]) == (0, 100)
    add_epoch(curves, 1, 0.5, 0.81, 0.4, 0.82)
    qtbot.waitUntil(lambda: curves.is_idle)
    assert view.viewRange()[1][0] > 60


def test_published_results_after_the_end_of_a_run_are_reached_by_zooming_out(curves: LearningCurves) -> None:
    curves.show_run(run("short", 2), PUBLISHED)
    assert curves.x_range[1] == pytest.approx(2, rel=0.02)
    curves.chart.setFocus()
    for _ in range(8):
        QTest.keyClick(curves.chart, Qt.Key.Key_Minus)
    assert curves.x_range[1] == pytest.approx(7, rel=0.02)
    QTest.keyClick(curves.chart, Qt.Key.Key_R)
    assert curves.x_range[1] == pytest.approx(2, rel=0.02)


def test_the_axis_grows_in_few_steps() -> None:
    ends = {grown_axis(position, 10_001) for position in np.linspace(0.001, 10_001, 100_000)}
    assert 10_001 in ends
    assert len(ends) < 60
    assert grown_axis(1e-9, 5) < 0.1


def test_a_new_run_replaces_the_last_one_and_other_runs_stay(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    curves.show_runs([run()])
    begin(curves, "another", 3, PUBLISHED)
    settle(curves, qtbot)
    assert line(curves, "train_loss") is None
    assert legend(curves) == ["training", "test", "published, test", "softmax", "solid: training, dashed: test"]
    curves.show_runs([])
    settle(curves, qtbot)
    assert legend(curves) == ["training", "test", "published, test"]


def test_a_smoothed_line_is_drawn_from_the_second_step_on_above_a_light_band(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    begin(curves, "a run", 24)
    curves.add_steps(batches(2, epochs=0.01))
    settle(curves, qtbot)
    for metric in ("train_loss", "train_accuracy"):
        training, area = line(curves, metric), line(curves, metric, "batches")
        assert training is not None
        assert area is not None
        assert len(training.x) == 2
        assert training.stroke.width == 2
        assert training.stroke.colour.alpha() == 255
        assert area.stroke.is_area
        assert area.stroke.colour.alphaF() < 0.3
        assert area.z_value < training.z_value
    assert legend(curves) == ["training, smoothed", "batches", "test"]


def test_lines_are_wider_on_a_projector(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 3)
    curves.resize(1500, 700)
    settle(curves, qtbot)
    test = line(curves, "test_loss")
    assert test is not None
    assert test.stroke.width == 3


def test_many_batches_are_drawn_with_few_points_that_keep_the_extremes(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 10)
    loss = np.random.default_rng(0).random(60_000)
    loss[24_321:24_821] = 7.0
    curves.add_steps(np.stack([np.linspace(0, 10, len(loss)), loss, loss], axis=1))
    settle(curves, qtbot)
    area, training = line(curves, "train_loss", "batches"), line(curves, "train_loss")
    assert area is not None
    assert area.lower is not None
    assert training is not None
    assert max(len(area.x), len(training.x)) < 2 * curves.width()
    assert area.y.max() > 6
    assert area.lower.min() < 0.01
    # The average of numbers between 0 and 1.
    assert np.median(training.y) == pytest.approx(0.5, abs=0.05)


def test_the_band_can_be_hidden_and_the_line_smoothed_more_or_less(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 2)
    curves.add_steps([(0.1 * step, step % 2, 0.5) for step in range(1, 21)])
    settle(curves, qtbot)
    ranges = []
    for amount in (0, 80, 95):
        curves.controls.smoothing.setValue(amount)
        settle(curves, qtbot)
        ranges.append(np.ptp(drawn(curves, "train_loss")[8:]))
    assert ranges[0] == 1
    assert ranges[0] > 2 * ranges[1] > 2 * ranges[2]
    QTest.mouseClick(curves.controls.per_batch, Qt.MouseButton.LeftButton, pos=QPoint(10, 12))
    settle(curves, qtbot)
    assert line(curves, "train_loss", "batches") is None
    assert len(drawn(curves, "train_loss")) == 20
    assert legend(curves) == ["training, smoothed", "test"]


def test_a_training_with_one_step_per_epoch_is_not_smoothed(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "xor", 10_001)
    loss = np.where(np.arange(1, 301) < 200, 0.69, 0.01)
    curves.add_steps(np.stack([np.arange(1.0, 301), loss, loss], axis=1))
    settle(curves, qtbot)
    assert set(drawn(curves, "train_loss")) == {0.69, 0.01}
    assert line(curves, "train_loss", "batches") is None
    assert legend(curves) == ["training", "test"]


def test_training_metrics_after_the_epoch_have_marks_beside_the_line_of_the_batches(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    curves.start(RunCurve("a run", measure=CROSS_ENTROPY, is_after=True), 2)
    curves.add_steps(batches(50, epochs=1))
    add_epoch(curves, 1, 0.31, 0.9, 0.4, 0.88)
    settle(curves, qtbot)
    marks = line(curves, "train_loss", "after")
    assert marks is not None
    assert marks.y.tolist() == [0.31]
    assert marks.stroke.width == 0
    assert "training set, after the epoch" in legend(curves)


def test_tests_on_a_sample_are_smaller_and_lighter_marks_that_say_so(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 2)
    curves.add_steps(batches(300, epochs=1))
    curves.add_samples([(0.2, 0.9, 0.7), (0.4, 0.6, 0.8)], 1000)
    add_epoch(curves, 1, 0.5, 0.9, 0.45, 0.88)
    settle(curves, qtbot)
    sample, test = line(curves, "test_accuracy", "samples"), line(curves, "test_accuracy")
    assert sample is not None
    assert test is not None
    assert sample.x.tolist() == [0.2, 0.4]
    assert sample.y.tolist() == pytest.approx([70, 80])
    assert test.x.tolist() == [1]
    assert sample.stroke.mark_size < test.stroke.mark_size
    assert sample.stroke.colour.alpha() < test.stroke.colour.alpha()
    assert "test, sample of 1,000" in legend(curves)
    point_at(curves.chart.plots.viewport(), over(curves, 0.41, "accuracy"))
    text = crosshair_text(curves)
    assert text.startswith("epoch 0.4, smoothed\n")
    assert "test accuracy, sample of 1,000 80.00 %" in text
    assert "training accuracy" in text
    point_at(curves.chart.plots.viewport(), over(curves, 1, "accuracy"))
    assert "test accuracy 88.00 %" in crosshair_text(curves)
    assert "sample" not in crosshair_text(curves)


def test_the_mouse_reads_the_smoothed_line_before_the_first_test(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 24)
    curves.add_steps(batches(100, epochs=0.1))
    settle(curves, qtbot)
    point_at(curves.chart.plots.viewport(), over(curves, 0.05))
    assert crosshair_text(curves).startswith("epoch 0.05")
    shown = line(curves, "train_loss")
    assert shown is not None
    value = float(crosshair_text(curves).partition("training loss ")[2].partition(",")[0])
    assert value == pytest.approx(np.interp(0.05, shown.x, shown.y), abs=0.01)


def test_the_batches_kept_with_another_run_are_a_thin_line_in_its_colour(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 3)
    steps = batches(400, epochs=3).T[[0, 1, 1, 1, 2, 2, 2]]
    other = run("cnn")
    curves.show_runs([replace(other, steps=steps)])
    settle(curves, qtbot)
    shown = line(curves, "train_loss", 0)
    assert shown is not None
    assert len(shown.x) > 40  # more than its epochs
    assert shown.stroke.width < 2
    assert line(curves, "test_loss", 0) is not None


def test_a_second_loss_has_the_right_axis_and_further_ones_are_left_out_with_a_word(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    train(curves, 3)
    squared, summed = Measure("mse", 10, ("mnist", 0)), Measure("sse", 10, ("mnist", 0))
    others = [run("mse run", measure=squared), run("other"), run("sse run", measure=summed)]
    curves.show_runs(others)
    settle(curves, qtbot)
    assert place(curves, "train_loss", 0) == Place("loss", "right")
    assert place(curves, "test_loss", 1) == Place("loss", "left")
    assert line(curves, "train_loss", 2) is None
    assert [place(curves, "test_accuracy", role) for role in ("live", 0, 1, 2)] == [Place("accuracy", "left")] * 4
    assert "mse run (right axis: mean squared error)" in legend(curves)
    assert "sse run (loss not comparable: sum of squared errors)" in legend(curves)
    assert curves.chart.plots.headings.first == ("Loss: cross-entropy", "Loss: mean squared error")
    # The left axis is that of the run in front, also when another is shown.
    begin(curves, "mse", 3, measure=squared)
    settle(curves, qtbot)
    assert curves.chart.plots.headings.first == ("Loss: mean squared error", "Loss: cross-entropy")
    assert place(curves, "train_loss", 0) == Place("loss", "left")
    assert "other (right axis: cross-entropy)" in legend(curves)
    curves.show_runs(others[:1])
    settle(curves, qtbot)
    assert curves.chart.plots.headings.first == ("Loss: mean squared error", "")


def test_each_loss_fills_its_axis_and_is_read_on_it(curves: LearningCurves, qtbot: QtBot) -> None:
    squared = Measure("mse", 10, ("mnist", 0))
    begin(curves, "mse", 2, measure=squared)
    for epoch, loss in ((1, 0.026), (2, 0.018)):
        add_epoch(curves, epoch, loss, 0.8, loss, 0.8)
    entropy = Measure("binary-cross-entropy", 10, ("mnist", 0))
    epochs, losses, accuracies = np.array([1.0, 2.0]), np.array([1.28, 0.92]), np.array([0.78, 0.85])
    curves.show_runs([RunCurve("ce", epochs, losses, accuracies, losses, accuracies, measure=entropy)])
    settle(curves, qtbot)
    plots = curves.chart.plots
    heights = [
        plots.to_pixel(Place("loss", "left"), 1, 0.026).y() - plots.to_pixel(Place("loss", "left"), 1, 0.018).y(),
        plots.to_pixel(Place("loss", "right"), 1, 1.28).y() - plots.to_pixel(Place("loss", "right"), 1, 0.92).y(),
    ]
    assert all(-height > plots.panel_rect("loss").height() / 4 for height in heights)
    for epoch in (1, 2):
        left, right = (plots.to_pixel(Place("loss", side), epoch, 1).x() for side in ("left", "right"))
        assert left == pytest.approx(right, abs=0.5)
    # One below the other, the charts stay aligned, although only one has a right axis.
    assert plots.to_pixel("loss", 2, 0).x() == plots.to_pixel("accuracy", 2, 0).x()
    point_at(curves.chart.plots.viewport(), over(curves, 2))
    assert "this run: training loss 0.018000" in crosshair_text(curves)
    assert "ce: training loss 0.920000" in crosshair_text(curves)
    assert plots.line_value(0, "train_loss", 1.5) == pytest.approx(1.1)
    scroll(curves, over(curves, 1.5), 2)
    settle(curves, qtbot)
    left, right = (plots.to_pixel(Place("loss", side), 1.5, 1).x() for side in ("left", "right"))
    assert left == pytest.approx(right, abs=0.5)


def test_the_curves_of_training_and_test_have_a_chart_each_with_an_axis_for_loss_and_for_accuracy(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    train(curves, 3)
    curves.show_runs([run("other"), run("mse run", measure=Measure("mse", 10, ("mnist", 0)))])
    curves.controls.grouping.setFocus()
    QTest.keyClick(curves.controls.grouping, Qt.Key.Key_Down)
    settle(curves, qtbot)
    assert curves.chart.plots.panels == ("training", "test")
    for role in ("live", 0):
        assert place(curves, "train_loss", role) == Place("training", "left")
        assert place(curves, "train_accuracy", role) == Place("training", "right")
        assert place(curves, "test_loss", role) == Place("test", "left")
        assert place(curves, "test_accuracy", role) == Place("test", "right")
    assert line(curves, "train_loss", 1) is None
    assert "mse run (loss not comparable: mean squared error)" in legend(curves)
    assert legend(curves)[-1] == "solid: accuracy, dashed: loss"
    assert curves.chart.plots.headings.first == ("Training · Loss: cross-entropy", "Accuracy, %")
    np.testing.assert_allclose(drawn(curves, "train_accuracy"), [80, 90, 100 - 20 / 3])
    # Not by colour alone: the lines of a run in one chart differ in their dashes.
    dashes = [found.stroke.dash for metric in METRICS if (found := line(curves, metric)) is not None]
    assert dashes == ["dashed", "", "dashed", ""]
    point_at(curves.chart.plots.viewport(), over(curves, 3, "test"))
    qtbot.waitUntil(lambda: crosshair_text(curves).startswith("epoch"))
    assert "this run: training loss 0.333333, test loss 0.500000" in crosshair_text(curves)
    before = drawn(curves, "train_loss").tolist()
    QTest.keyClick(curves.controls.grouping, Qt.Key.Key_Up)
    settle(curves, qtbot)
    assert curves.chart.plots.panels == ("loss", "accuracy")
    assert drawn(curves, "train_loss").tolist() == before
    assert place(curves, "test_loss") == Place("loss", "left")


def test_the_batches_are_no_band_where_loss_and_accuracy_share_a_chart(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 2)
    curves.add_steps(batches(50, epochs=1))
    curves.controls.grouping.setCurrentIndex(1)
    settle(curves, qtbot)
    assert line(curves, "train_loss", "batches") is None
    assert legend(curves)[:2] == ["training, smoothed", "test"]
    assert not curves.controls.per_batch.isEnabled()


@pytest.mark.parametrize("by_part", [False, True])
def test_a_saved_figure_has_both_axes(curves: LearningCurves, qtbot: QtBot, *, by_part: bool) -> None:
    train(curves, 4)
    curves.show_runs([run("mse run", 4, measure=Measure("mse", 10, ("mnist", 0)))])
    curves.controls.grouping.setCurrentIndex(int(by_part))
    settle(curves, qtbot)
    text, headings = svg_text(curves), curves.chart.plots.headings
    assert all(name in text for name in (*headings.first, *headings.second))
    image = QImage.fromData(curves.png(QSize(600, 500), scale=1.0))
    # The numbers of the right axis are right of the plots.
    edge = [image.pixelColor(x, y).lightness() < 200 for x in range(532, 570) for y in range(120, 300)]
    assert sum(edge) > 10


def test_the_loss_of_another_number_of_outputs_is_on_another_scale(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "gate", 3, measure=Measure("sse", 1, ("xor", 0)))
    curves.show_runs([run("digits", measure=Measure("sse", 10, ("xor", 0)))])
    settle(curves, qtbot)
    assert place(curves, "test_loss", 0) == Place("loss", "right")
    assert "digits (right axis: sum of squared errors, 10 outputs)" in legend(curves)


def test_a_run_on_other_images_says_so(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 3)
    others = [("fashion", "fashion-mnist", 0), ("few", "mnist", 1000), ("gone", "/no/such/folder/x", 0)]
    curves.show_runs([run(name, measure=Measure("cross-entropy", 10, (key, first))) for name, key, first in others])
    settle(curves, qtbot)
    assert len(drawn(curves, "test_loss", 0)) == 3
    assert "fashion (Fashion-MNIST)" in legend(curves)
    assert "few (MNIST, first 1,000 test images)" in legend(curves)
    assert any(text.startswith("gone (") for text in legend(curves))


def test_published_results_of_another_loss_are_left_out(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 5, SOME_PUBLISHED, measure=Measure("mse", 10, ("mnist", 0)))
    settle(curves, qtbot)
    assert line(curves, "train_loss", "published") is None
    assert "published (loss not comparable: cross-entropy)" in legend(curves)


def test_no_timer_runs_when_everything_is_drawn(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 2)
    assert not curves.is_idle
    settle(curves, qtbot)
    curves.close()
    add_epoch(curves, 3, 0.1, 0.9, 0.1, 0.9)
    assert curves.is_idle
    curves.show()
    settle(curves, qtbot)
    assert len(drawn(curves, "train_loss")) == 3


def test_closing_stops_the_timer(curves: LearningCurves) -> None:
    train(curves, 2)
    assert not curves.is_idle
    curves.close()
    assert curves.is_idle


def test_values_without_a_logarithm_are_left_out_on_the_log_scale(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 6)
    for epoch, loss in enumerate((1.0, 0.0, np.nan, np.inf, -1.0, 0.01), start=1):
        add_epoch(curves, epoch, loss, 0.5, loss, np.nan)
    curves.add_steps([(0.5, 0.0, np.nan), (0.6, np.inf, 0.5)])
    settle(curves, qtbot)
    np.testing.assert_array_equal(drawn(curves, "test_loss"), [1, 0, np.nan, np.nan, -1, 0.01])
    curves.controls.log_scale.click()
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "test_loss"), [0, np.nan, np.nan, np.nan, np.nan, -2])
    low, high = y_range(curves, "loss")
    assert -2.5 < low < -2
    assert 0 < high < 0.5


def test_a_run_without_drawable_values_raises_no_error(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 3)
    add_epoch(curves, 1, np.nan, np.nan, np.nan, np.nan)
    curves.add_steps([(0.5, np.nan, np.nan)])
    for _ in range(2):
        curves.controls.log_scale.click()
        settle(curves, qtbot)
        assert curves.png(QSize(300, 200))


def test_accuracies_above_90_percent_fill_the_plot(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 3)
    for epoch in (1, 2, 3):
        add_epoch(curves, epoch, 0.1, 0.95 + epoch / 100, 0.1, 0.96)
    settle(curves, qtbot)
    low, high = y_range(curves, "accuracy")
    assert low >= 90
    assert high <= 101


def test_published_results_are_a_line_or_a_few_points_in_plot_and_legend(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "a run", 7, PUBLISHED)
    add_epoch(curves, 7, 0.1, 0.9, 0.2, 0.9)
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "test_accuracy", "published")[-1], 95)
    assert "published, test" in legend(curves)
    begin(curves, "a run", 5, SOME_PUBLISHED)
    add_epoch(curves, 5, 0.1, 0.9, 0.2, 0.9)
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "train_loss", "published"), [0.9, 0.2])
    assert line(curves, "test_accuracy", "published") is None
    entries = {entry.name: entry.strokes for entry in curves.chart.legend.entries}
    names: dict[Metric, str] = {"train_loss": "published, training", "test_loss": "published, test"}
    for metric, name in names.items():
        shown = line(curves, metric, "published")
        assert shown is not None
        assert entries[name] == (shown.stroke,)
        assert shown.stroke.width == 0
    assert entries["published, training"] != entries["published, test"]


def test_other_runs_have_different_names_and_colours(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 3)
    curves.finish()
    curves.show_runs([run("softmax"), run("cnn", 12)])
    settle(curves, qtbot)
    entries = curves.chart.legend.entries
    assert [entry.name for entry in entries if entry.strokes] == ["training", "test", "softmax", "cnn"]
    colours = [entry.strokes[0].colour.name() for entry in entries if entry.strokes]
    assert len(set(colours)) == 4
    # Not by colour alone: training and test of a run differ in their dashes.
    assert len({stroke.dash for stroke in entries[-2].strokes}) == 2
    assert len(drawn(curves, "test_loss", 1)) == 12
    assert curves.x_range[1] == pytest.approx(12, abs=0.3)


def test_the_mouse_reads_all_runs_at_the_nearest_epoch(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4, of=7)
    begin(curves, "a run", 4, PUBLISHED)
    add_epoch(curves, 1, 1.0, 0.7, 1.2, 0.6)
    add_epoch(curves, 2, 0.5, 0.8, 0.6, 0.75)
    curves.show_runs([run()])
    settle(curves, qtbot)
    point_at(curves.chart.plots.viewport(), over(curves, 2.2))
    text = crosshair_text(curves)
    assert text.startswith("epoch 2\n")
    assert "this run: training loss 0.500000, test loss 0.600000" in text
    assert "published: test accuracy 85.00 %" in text
    assert "softmax: " in text
    QApplication.sendEvent(curves.chart.plots, QEvent(QEvent.Type.Leave))
    assert crosshair_text(curves).startswith("test accuracy 75.0 %, rising")


@pytest.mark.parametrize("epoch", [1, 10])
def test_the_crosshairs_tables_stay_in_their_plots(curves: LearningCurves, qtbot: QtBot, epoch: int) -> None:
    train(curves, 10)
    curves.show_runs([run("a run with a very long name indeed, longer than there is room for", 10)])
    curves.resize(420, 340)
    settle(curves, qtbot)
    point_at(curves.chart.plots.viewport(), over(curves, epoch))
    qtbot.waitUntil(lambda: crosshair_text(curves).startswith(f"epoch {epoch}\n"))
    visible = crosshair_pixels(curves)
    QApplication.sendEvent(curves.chart.plots, QEvent(QEvent.Type.Leave))
    painted = [QPointF(column, row) for row, column in np.argwhere(crosshair_pixels(curves) != visible).tolist()]
    panels = [curves.chart.plots.panel_rect(part).adjusted(-5, -5, 5, 5) for part in QUANTITIES]  # half a dot
    counts = [sum(panel.contains(pixel) for pixel in painted) for panel in panels]
    assert sum(counts) == len(painted)
    assert min(counts) > 3000  # the line and the dots alone have a few hundred


def test_arrow_keys_step_the_crosshair(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    settle(curves, qtbot)
    for key, epoch in (
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Right, 3),
        (Qt.Key.Key_Left, 2),
        (Qt.Key.Key_End, 4),
        (Qt.Key.Key_Right, 4),
        (Qt.Key.Key_Home, 1),
    ):
        QTest.keyClick(curves.chart, key)
        assert crosshair_text(curves).startswith(f"epoch {epoch}\n")
    assert curves.chart.accessibleDescription() == crosshair_text(curves)
    QTest.keyClick(curves.chart, Qt.Key.Key_Escape)
    assert crosshair_text(curves).startswith("test accuracy 92.5 %, rising")


def test_the_crosshair_is_updated_when_a_run_is_added(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 1)
    settle(curves, qtbot)
    QTest.keyClick(curves.chart, Qt.Key.Key_Right)
    curves.show_runs([run("softmax")])
    settle(curves, qtbot)
    assert "softmax" in crosshair_text(curves)


def test_the_wheel_zooms_the_epochs_of_both_plots_and_a_double_click_resets(
    curves: LearningCurves, qtbot: QtBot
) -> None:
    train(curves, 10)
    settle(curves, qtbot)
    whole, middle = curves.x_range, over(curves, 5)
    scroll(curves, middle, 3)
    low, high = curves.x_range
    assert whole[0] < low < 5 < high < whole[1]
    assert curves.controls.reset.isEnabled()
    assert curves.chart.plots.to_pixel("loss", 5, 0).x() == curves.chart.plots.to_pixel("accuracy", 5, 0).x()
    QTest.mouseDClick(curves.chart.plots.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert curves.x_range == whole
    assert not curves.controls.reset.isEnabled()


def test_a_zoomed_range_stays_while_the_run_continues(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 5)
    settle(curves, qtbot)
    QTest.keyClick(curves.chart, Qt.Key.Key_Plus)
    zoomed = curves.x_range
    add_epoch(curves, 12, 0.1, 0.9, 0.1, 0.9)
    settle(curves, qtbot)
    assert curves.x_range == zoomed
    QTest.keyClick(curves.chart, Qt.Key.Key_R)
    assert curves.x_range[1] > 12


def test_a_theme_change_recolours_everything(curves: LearningCurves, themes: Themes, qtbot: QtBot) -> None:
    train(curves, 3)
    settle(curves, qtbot)
    assert curves.chart.legend.entries[1].strokes[0].colour == QColor("#0072B2")
    light = _colours_of(curves.grab().toImage())
    themes.set_appearance(Appearance.DARK)
    settle(curves, qtbot)
    assert curves.chart.legend.entries[1].strokes[0].colour == QColor("#56B4E9")
    dark = _colours_of(curves.grab().toImage())
    assert "#0072b2" in light
    assert "#0072b2" not in dark
    assert "#56b4e9" in dark


def _colours_of(image: QImage) -> set[str]:
    return {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}


def test_a_png_is_white_in_both_themes(curves: LearningCurves, themes: Themes) -> None:
    themes.set_appearance(Appearance.DARK)
    train(curves, 3)
    image = QImage.fromData(curves.png())
    assert (image.width(), image.height()) == (1920, 1280)
    assert image.pixelColor(3, 3) == QColor("white")
    colours = _colours_of(image)
    assert {"#0072b2", "#d55e00"} <= colours
    assert "#56b4e9" not in colours


def test_an_svg_has_paths_title_and_legend(curves: LearningCurves) -> None:
    train(curves, 10)
    begin(curves, "MLP <512>", 3, PUBLISHED)
    curves.add_steps([(0.1 * step, 0.5 + step % 2, 0.5) for step in range(1, 30)])
    for epoch in (1, 2, 3):
        add_epoch(curves, epoch, 1 / epoch, 0.9, 0.5, 0.9)
    root = ET.fromstring(curves.svg())  # noqa: S314 - our own file
    space = "{http://www.w3.org/2000/svg}"
    text = " ".join("".join(element.itertext()) for element in root.iter(f"{space}text"))
    assert len(list(root.iter(f"{space}path"))) >= 4
    for expected in ("MLP <512>", "training", "test", "published", "Loss: cross-entropy", "Accuracy, %", "epoch"):
        assert expected in text


def test_an_export_is_what_is_seen(curves: LearningCurves, qtbot: QtBot) -> None:
    begin(curves, "mlp-fast · lr 0.01", 10)
    curves.add_steps(batches(300, epochs=3))
    for epoch in (1, 2, 3):
        add_epoch(curves, epoch, 1 / epoch, 0.9, 0.5, 0.9)
    curves.show_runs([run("softmax"), run("squared", measure=Measure("mse", 10, ("mnist", 0)))])
    curves.finish()
    QTest.mouseClick(curves.controls.log_scale, Qt.MouseButton.LeftButton, pos=QPoint(10, 12))
    settle(curves, qtbot)
    text = svg_text(curves)
    shown = ("mlp-fast · lr 0.01", "softmax", "squared", "right axis: mean squared erro", "batches")
    for expected in (*shown, "Loss: cross-entropy"):
        assert expected in text
    assert "0.1" in svg_texts(curves)  # the axis is logarithmic
    assert "0.0" not in svg_texts(curves)
    QTest.mouseClick(curves.controls.per_batch, Qt.MouseButton.LeftButton, pos=QPoint(10, 12))
    assert "batches" not in svg_text(curves)
    # Zoomed in, the axis is that of the screen.
    assert "3" in svg_texts(curves)
    curves.chart.plots.set_x_range(0.0, 1.2)
    settle(curves, qtbot)
    assert "3" not in svg_texts(curves)
    assert "1.0" in svg_texts(curves)


def svg_text(curves: LearningCurves) -> str:
    return " ".join(svg_texts(curves))


def svg_texts(curves: LearningCurves) -> list[str]:
    root = ET.fromstring(curves.svg())  # noqa: S314 - our own file
    return ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]


def test_a_plot_without_values_leaves_its_space_to_the_other(curves: LearningCurves, qtbot: QtBot) -> None:
    accuracy_only = RunCurve("old", np.array([1.0, 2.0]), test_accuracy=np.array([0.8, 0.9]), measure=CROSS_ENTROPY)
    curves.show_run(accuracy_only)
    settle(curves, qtbot)
    assert curves.chart.plots.panels == ("accuracy",)
    assert curves.chart.plots.panel_rect("accuracy").height() > 0.6 * curves.chart.plots.height()
    assert "Accuracy, %" in svg_text(curves)
    assert "Loss" not in svg_text(curves)
    curves.show_run(run())
    settle(curves, qtbot)
    assert curves.chart.plots.panels == ("loss", "accuracy")


def test_the_plots_are_side_by_side_where_there_is_more_width_than_height(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    for size, is_wide in ((QSize(900, 420), True), (QSize(500, 640), False)):
        curves.resize(size)
        settle(curves, qtbot)
        loss, accuracy = (curves.chart.plots.panel_rect(panel) for panel in QUANTITIES)
        assert (accuracy.left() > loss.right()) is is_wide
        assert (accuracy.top() > loss.bottom()) is not is_wide
        assert not loss.intersects(accuracy)
        point_at(curves.chart.plots.viewport(), over(curves, 2, "accuracy"))
        assert crosshair_text(curves).startswith("epoch 2\n")


def test_a_table_has_the_values_of_all_runs(curves: LearningCurves) -> None:
    begin(curves, "live", 3, PUBLISHED)
    curves.add_steps([(0.5, 1.5, 0.4), (1.0, 1.2, 0.5)])
    curves.add_samples([(0.2, 1.4, 0.45)], 1000)
    add_epoch(curves, 1, 1.3, 0.45, np.inf, np.nan)
    curves.show_runs([run("softmax", measure=Measure("mse", 10, ("kmnist", 500)))])
    rows = list(csv.DictReader(io.StringIO(curves.csv().decode())))
    assert {row["run"] for row in rows} == {"live", "published", "softmax"}
    steps = [row for row in rows if row["values"] == "steps"]
    assert [(row["epoch"], row["train_loss"], row["train_loss_lowest"]) for row in steps] == [
        ("0.5", "1.5", "1.5"),
        ("1", "1.2", "1.2"),
    ]
    (sample,) = [row for row in rows if row["values"] == "test sample"]
    assert (sample["test_accuracy"], sample["test_images"], sample["train_loss"]) == ("0.45", "1000", "")
    (epoch,) = [row for row in rows if (row["run"], row["values"]) == ("live", "epoch")]
    assert (epoch["train_loss"], epoch["test_loss"], epoch["test_accuracy"]) == ("1.3", "inf", "")
    other = next(row for row in rows if row["run"] == "softmax")
    assert (other["loss"], other["dataset"]) == ("mse", "kmnist, first 500 test images")


def test_an_epoch_is_marked_in_both_plots(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    settle(curves, qtbot)
    before = crosshair_pixels(curves)
    curves.chart.mark_epoch(3, "epoch 3: 97.9 % test")
    changed = crosshair_pixels(curves) != before
    for panel in QUANTITIES:
        x = curves.chart.plots.to_pixel(panel, 3, 0).x()
        rect = curves.chart.plots.panel_rect(panel)
        column = changed[int(rect.top()) + 2 : int(rect.bottom()) - 2, round(x) - 1 : round(x) + 2]
        assert column.any(axis=1).all()
    curves.chart.remove_mark()
    assert (crosshair_pixels(curves) == before).all()


def test_clearing_shows_the_inviting_text_again(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 2)
    curves.show_runs([run()])
    curves.clear()
    settle(curves, qtbot)
    assert line(curves, "train_loss") is None
    assert len(drawn(curves, "train_loss", 0)) == 3
    curves.show_runs([])
    assert curves.is_empty
    assert any("Press Start" in label.text() for label in curves.findChildren(QLabel) if label.isVisible())


def test_earlier_steps_come_before_those_of_a_resumed_training(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.controls.smoothing.setValue(0)
    curves.start(run("resumed", 1), 3)
    curves.add_steps([(1.5, 0.5, 0.8), (2.0, 0.4, 0.9)])
    for _ in range(2):  # reading them again changes nothing
        curves.begin_with(
            np.array([[0.5, 1.0], *[[1.0, 0.7]] * 3, *[[0.5, 0.7]] * 3]), np.array([[0.2], [1], [0.5]]), 1000
        )
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "train_loss"), [1.0, 0.7, 0.5, 0.4])
    assert "test, sample of 1,000" in legend(curves)


def test_the_smoothed_line_begins_at_the_first_value_and_does_not_lag() -> None:
    x = np.linspace(0.01, 10, 1000)
    for loss in (2.3 * np.exp(-x), 2.3 - 0.2 * x):
        for weight in (0.5, 0.8, 0.97):
            shown_x, shown = smoothed_line(x, loss, weight, (0, 10), 2000)
            np.testing.assert_array_equal(shown_x, x)
            assert shown[0] == pytest.approx(loss[0], abs=0.05)
            np.testing.assert_allclose(shown[100:-100], loss[100:-100], atol=0.1)


def test_smoothed_values_are_averages() -> None:
    values = np.random.default_rng(3).random(500)
    values[[10, 20]] = np.nan, np.inf
    shown = smoothed(values, 0.8)
    assert np.isnan(shown[[10, 20]]).all()
    finite = np.isfinite(shown)
    assert finite.sum() == 498
    assert 0 <= shown[finite].min() <= shown[finite].max() <= 1
    assert shown[finite][50:].std() < 0.5 * values[finite].std()
    np.testing.assert_allclose(smoothed(np.full(300, 0.7), 0.99), 0.7)
    np.testing.assert_array_equal(smoothed(values[:3], 0.0), values[:3])
    assert len(smoothed(np.empty(0), 0.8)) == 0


def test_more_steps_in_view_are_smoothed_alike() -> None:
    """A run with ten times as many steps looks equally smooth."""
    rng = np.random.default_rng(4)
    spreads = []
    for count in (400, 4000, 40_000):
        x = np.linspace(0, 1, count)
        lines = [smoothed_line(x, rng.normal(0, np.sqrt(count / 400), count), 0.8, (0, 1), 2000)[1] for _ in range(20)]
        spreads.append(np.mean([line[len(line) // 4 :].std() for line in lines]))
    assert max(spreads) < 1.2 * min(spreads)


def test_the_band_has_the_batches_within_it() -> None:
    x, loss = np.arange(3000.0), np.random.default_rng(5).random(3000)
    shown_x, low, high = band(x, loss, loss, (0, 3000), 400)
    assert len(shown_x) <= 800
    assert (low <= high).all()
    within = (np.interp(x, shown_x, low) <= loss) & (loss <= np.interp(x, shown_x, high))
    assert within.mean() > 0.8
    empty = band(x, np.full(3000, np.nan), np.full(3000, np.nan), (0, 3000), 400)
    assert [len(part) for part in empty] == [0, 0, 0]


def test_a_band_is_clipped_to_the_plot() -> None:
    x, low, high = clip_band(np.arange(5.0), np.zeros(5), np.full(5, 9.0), (0.5, 3.5), (1.0, 2.0))
    assert x.tolist() == [0.5, 1, 2, 3, 3.5]
    assert low.tolist() == [1] * 5
    assert high.tolist() == [2] * 5


@pytest.mark.parametrize("weight", [0.0, 0.5, 0.9, 0.99])
def test_smoothing_is_the_bias_corrected_moving_average_and_skips_values_that_are_not_finite(weight: float) -> None:
    values = np.random.default_rng(1).random(1000)
    values[[0, 17]] = np.nan, np.inf
    average, count, expected = 0.0, 0, []
    for value in values:
        if np.isfinite(value):
            average, count = weight * average + (1 - weight) * value, count + 1
        expected.append(average / (1 - weight**count) if np.isfinite(value) else np.nan)
    np.testing.assert_allclose(smooth(values, weight), expected)


def test_drawn_points_of_a_growing_line_do_not_move() -> None:
    x, y = np.arange(5000.0), np.random.default_rng(2).random(5000)
    before, after = decimate(x[:4000], y[:4000], (0, 5000), 300), decimate(x[:4700], y[:4700], (0, 5000), 300)
    settled = 2 * (4000 // 16)
    for earlier, later in zip(before, after, strict=True):
        np.testing.assert_array_equal(earlier[:settled], later[:settled])


def test_lines_are_clipped_where_they_leave_a_span() -> None:
    x, y = clip_line(np.array([0.0, 1.0, 2.0]), np.array([0.5, 2.5, 0.5]), 0.0, 1.0)
    kept = ~np.isnan(y)
    np.testing.assert_allclose(x[kept], [0, 0.25, 1.75, 2])
    np.testing.assert_allclose(y[kept], [0.5, 1, 1, 0.5])


def test_columns_grow() -> None:
    columns = Columns(2)
    for start in range(0, 1000, 100):
        columns.append(np.stack([np.arange(start, start + 100), np.zeros(100)], axis=1))
    columns.append([])
    np.testing.assert_array_equal(columns.values[0], np.arange(1000))


@pytest.mark.parametrize("values", [(0.0, 0.0), (0.3, 0.3), (1e-9, 2e-9), (1e6, 2e6), (-3.0, 5.0)])
def test_the_loss_range_contains_the_losses_and_has_ticks(values: tuple[float, float]) -> None:
    low, high = loss_range(values)
    assert low <= values[0] <= values[1] <= high
    ticks = linear_ticks(low, high, 200)
    assert 2 <= len(ticks) <= 9
    assert len({tick.text for tick in ticks}) == len(ticks)


def test_ticks_of_a_log_axis_are_written_as_plain_numbers_or_powers() -> None:
    assert [tick.text for tick in log_ticks(-1.2, 0.4, 150)] == ["0.1", "0.2", "0.5", "1", "2"]
    assert [tick.text for tick in log_ticks(-8.0, 0.0, 100)] == ["10⁻⁸", "10⁻⁶", "0.0001", "0.01", "1"]


def test_accuracies_near_guessing_show_the_full_range() -> None:
    low, high = accuracy_range((8.0, 99.0))
    assert low == 0
    assert high == pytest.approx(100, abs=3)


def test_a_second_row_of_the_legend_moves_nothing_below_the_curves(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.resize(480, 520)
    train(curves, 3)
    settle(curves, qtbot)
    one_row, least = curves.chart.legend.height(), curves.minimumSizeHint().height()
    curves.show_runs([run("another run with a name that is long")])
    settle(curves, qtbot)
    assert curves.chart.legend.height() == 2 * one_row
    assert curves.minimumSizeHint().height() == least

"""The learning curves: drawing, reading with mouse and keyboard, and saving."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from digitpad.core.training.recipes import PublishedResults
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.lines import PANELS, LineOwner, Panel
from digitpad.gui.train.curves.series import Columns, Metric, RunCurve, clip_line, decimate, smooth
from digitpad.gui.train.curves.ticks import accuracy_range, linear_ticks, log_ticks, loss_range

PUBLISHED = PublishedResults(epochs=(1, 2, 3, 4, 5, 6, 7), test_accuracy=(0.8, 0.85, 0.9, 0.92, 0.93, 0.94, 0.95))
SOME_PUBLISHED = PublishedResults(epochs=(1, 5), train_loss=(0.9, 0.2))


@pytest.fixture
def curves(themes: Themes, qtbot: QtBot) -> LearningCurves:
    themes.set_appearance(Appearance.LIGHT)
    widget = LearningCurves()
    qtbot.addWidget(widget)
    widget.resize(800, 520)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def add_epoch(curves: LearningCurves, *metrics: float) -> None:
    """Add the epoch, training loss and accuracy, test loss and accuracy."""
    curves.add_epochs([metrics])


def series(curves: LearningCurves, metric: Metric, owner: LineOwner = "live") -> tuple[np.ndarray, np.ndarray] | None:
    """Return the points of a line as they are drawn, in the units of the axes."""
    return curves.chart.plots.points(owner, metric)


def crosshair_text(curves: LearningCurves) -> str:
    return curves.chart.accessibleDescription()


def crosshair_pixels(curves: LearningCurves) -> np.ndarray:
    """Return (h, w) uint32: the crosshair as it is painted."""
    image = curves.chart.crosshair.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()).copy()


def settle(curves: LearningCurves, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: curves.is_idle)


def train(curves: LearningCurves, epochs: int, *, of: int = 10) -> None:
    curves.start("a run", of)
    for epoch in range(1, epochs + 1):
        add_epoch(curves, epoch, 1 / epoch, 1 - 0.2 / epoch, 1.5 / epoch, 1 - 0.3 / epoch)


def run(name: str = "softmax", epochs: int = 3) -> RunCurve:
    values = np.linspace(0.9, 0.5, epochs)
    return RunCurve(name, np.arange(1.0, epochs + 1), values, 1 - values, values + 0.1, 0.9 - values)


def drawn(curves: LearningCurves, metric: Metric, owner: LineOwner = "live") -> np.ndarray:
    found = series(curves, metric, owner)
    assert found is not None
    return found[1]


def legend(curves: LearningCurves) -> list[str]:
    return [entry.name for entry in curves.chart.legend.entries]


def over(curves: LearningCurves, epoch: float, part: Panel = "loss") -> QPoint:
    plots = curves.chart.plots
    x = plots.to_pixel("loss", epoch, 0).x()
    return QPointF(x, plots.panel_rect(part).center().y()).toPoint()


def y_range(curves: LearningCurves, part: Panel) -> tuple[float, float]:
    """Return the values at the lower and the upper edge of a plot, from the positions of 0 and 1."""
    plots = curves.chart.plots
    zero, one = (plots.to_pixel(part, 0, value).y() for value in (0, 1))
    rect = plots.panel_rect(part)
    return (rect.bottom() - zero) / (one - zero), (rect.top() - zero) / (one - zero)


def point_at(curves: LearningCurves, position: QPoint) -> None:
    QTest.mouseMove(curves.chart.plots.viewport(), position)


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
    assert "The learning curves appear here when you press Start." in texts
    curves.start("a run", 5)
    assert not curves.is_empty


def test_the_epochs_of_a_run_are_drawn(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "train_loss"), [1, 1 / 2, 1 / 3, 1 / 4])
    np.testing.assert_allclose(drawn(curves, "test_accuracy"), [70, 85, 90, 92.5])
    assert legend(curves) == ["training", "test"]


def test_the_axis_has_the_planned_epochs_and_grows_where_there_are_more(curves: LearningCurves) -> None:
    train(curves, 2, of=5)
    low, high = curves.x_range
    assert (low, high) == (pytest.approx(0, abs=0.1), pytest.approx(5, abs=0.1))
    add_epoch(curves, 9, 0.1, 0.99, 0.1, 0.99)
    assert curves.x_range[1] == pytest.approx(9, abs=0.2)


def test_a_new_run_replaces_the_last_one_and_other_runs_stay(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4)
    curves.show_runs([run()])
    curves.start("another", 3, PUBLISHED)
    settle(curves, qtbot)
    assert series(curves, "train_loss") is None
    assert legend(curves) == ["training", "test", "published", "softmax", "solid: training, dashed: test"]
    curves.show_runs([])
    settle(curves, qtbot)
    assert legend(curves) == ["training", "test", "published"]


def test_many_batches_are_drawn_with_few_points_that_keep_the_extremes(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start("a run", 10)
    loss = np.random.default_rng(0).random(100_000)
    loss[54_321] = 7.0
    curves.add_steps(np.stack([np.linspace(0, 10, len(loss)), loss, loss], axis=1))
    settle(curves, qtbot)
    shown = drawn(curves, "train_loss", "batches")
    assert len(shown) < 2 * curves.width()
    assert shown.max() == 7
    assert shown.min() == loss.min()


def test_batches_can_be_hidden_and_smoothed(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start("a run", 2)
    curves.add_steps([(0.1 * step, step % 2, 0.5) for step in range(20)])
    settle(curves, qtbot)
    assert "batches" in legend(curves)
    assert series(curves, "train_loss", "average") is None
    curves.controls.smoothing.setValue(90)
    settle(curves, qtbot)
    assert np.ptp(drawn(curves, "train_loss", "average")[10:]) < 0.2
    curves.controls.per_batch.click()
    settle(curves, qtbot)
    assert series(curves, "train_loss", "batches") is None
    assert legend(curves) == ["training", "test"]


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
    curves.start("a run", 6)
    for epoch, loss in enumerate((1.0, 0.0, np.nan, np.inf, -1.0, 0.01), start=1):
        add_epoch(curves, epoch, loss, 0.5, loss, np.nan)
    curves.add_steps([(0.5, 0.0, np.nan), (0.6, np.inf, 0.5)])
    settle(curves, qtbot)
    np.testing.assert_array_equal(drawn(curves, "train_loss"), [1, 0, np.nan, np.nan, -1, 0.01])
    curves.controls.log_scale.click()
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "train_loss"), [0, np.nan, np.nan, np.nan, np.nan, -2])
    low, high = y_range(curves, "loss")
    assert -2.5 < low < -2
    assert 0 < high < 0.5


def test_a_run_without_drawable_values_raises_no_error(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start("a run", 3)
    add_epoch(curves, 1, np.nan, np.nan, np.nan, np.nan)
    curves.add_steps([(0.5, np.nan, np.nan)])
    for _ in range(2):
        curves.controls.log_scale.click()
        settle(curves, qtbot)
        assert curves.png(QSize(300, 200))


def test_accuracies_above_90_percent_fill_the_plot(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start("a run", 3)
    for epoch in (1, 2, 3):
        add_epoch(curves, epoch, 0.1, 0.95 + epoch / 100, 0.1, 0.96)
    settle(curves, qtbot)
    low, high = y_range(curves, "accuracy")
    assert low >= 90
    assert high <= 101


def test_published_results_are_a_line_or_a_few_points(curves: LearningCurves, qtbot: QtBot) -> None:
    curves.start("a run", 7, PUBLISHED)
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "test_accuracy", "published")[-1], 95)
    assert "published" in legend(curves)
    curves.start("a run", 5, SOME_PUBLISHED)
    settle(curves, qtbot)
    np.testing.assert_allclose(drawn(curves, "train_loss", "published"), [0.9, 0.2])
    assert series(curves, "test_accuracy", "published") is None


def test_other_runs_have_different_names_and_colours(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 3)
    curves.show_runs([run("softmax"), run("cnn", 12)])
    settle(curves, qtbot)
    entries = curves.chart.legend.entries
    assert [entry.name for entry in entries if entry.strokes] == ["training", "test", "softmax", "cnn"]
    colours = [entry.strokes[0].colour.name() for entry in entries if entry.strokes]
    assert len(set(colours)) == 4
    # Not by colour alone: training and test of a run differ in their dashes.
    assert len({stroke.dash for stroke in entries[2].strokes}) == 2
    assert len(drawn(curves, "test_loss", 1)) == 12
    assert curves.x_range[1] == pytest.approx(12, abs=0.3)


def test_the_mouse_reads_all_runs_at_the_nearest_epoch(curves: LearningCurves, qtbot: QtBot) -> None:
    train(curves, 4, of=7)
    curves.start("a run", 7, PUBLISHED)
    add_epoch(curves, 1, 1.0, 0.7, 1.2, 0.6)
    add_epoch(curves, 2, 0.5, 0.8, 0.6, 0.75)
    curves.show_runs([run()])
    settle(curves, qtbot)
    point_at(curves, over(curves, 2.2))
    text = crosshair_text(curves)
    assert text.startswith("epoch 2\n")
    assert "this run: training loss 0.5000, test loss 0.6000" in text
    assert "published: test accuracy 85.00 %" in text
    assert "softmax: " in text
    QApplication.sendEvent(curves.chart.plots, QEvent(QEvent.Type.Leave))
    assert crosshair_text(curves) == ""


@pytest.mark.parametrize("epoch", [1, 10])
def test_the_crosshairs_tables_stay_in_their_plots(curves: LearningCurves, qtbot: QtBot, epoch: int) -> None:
    train(curves, 10)
    curves.show_runs([run("a run with a very long name indeed, longer than there is room for", 10)])
    curves.resize(420, 340)
    settle(curves, qtbot)
    point_at(curves, over(curves, epoch))
    assert crosshair_text(curves).startswith(f"epoch {epoch}\n")
    visible = crosshair_pixels(curves)
    QApplication.sendEvent(curves.chart.plots, QEvent(QEvent.Type.Leave))
    painted = [QPointF(column, row) for row, column in np.argwhere(crosshair_pixels(curves) != visible).tolist()]
    panels = [curves.chart.plots.panel_rect(part).adjusted(-5, -5, 5, 5) for part in PANELS]  # half a dot
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
    assert crosshair_text(curves) == ""


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
    assert curves.chart.legend.entries[0].strokes[0].colour == QColor("#0072B2")
    light = _colours_of(curves.grab().toImage())
    themes.set_appearance(Appearance.DARK)
    settle(curves, qtbot)
    assert curves.chart.legend.entries[0].strokes[0].colour == QColor("#56B4E9")
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
    curves.start("MLP <512>", 3, PUBLISHED)
    curves.set_loss_name("cross-entropy")
    curves.add_steps([(0.1 * step, 0.5 + step % 2, 0.5) for step in range(1, 30)])
    for epoch in (1, 2, 3):
        add_epoch(curves, epoch, 1 / epoch, 0.9, 0.5, 0.9)
    root = ET.fromstring(curves.svg())  # noqa: S314 - our own file
    space = "{http://www.w3.org/2000/svg}"
    text = " ".join("".join(element.itertext()) for element in root.iter(f"{space}text"))
    assert len(list(root.iter(f"{space}path"))) >= 4
    for expected in ("MLP <512>", "training", "test", "published", "Loss: cross-entropy", "Accuracy, %", "epoch"):
        assert expected in text


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


def test_the_focus_ring_is_shown_after_keyboard_navigation(curves: LearningCurves) -> None:
    train(curves, 2)
    for reason, shown in ((Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)):
        QApplication.sendEvent(curves.chart, QFocusEvent(QEvent.Type.FocusIn, reason))
        assert curves.chart.crosshair.has_ring is shown

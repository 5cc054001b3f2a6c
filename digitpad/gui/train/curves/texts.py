"""The texts of the learning curves: headings, legend and crosshair."""

from dataclasses import replace
from math import isnan

import numpy as np
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from digitpad.core.datasets.catalogue import display_title
from digitpad.core.training.config import LOSS_TITLES
from digitpad.core.translation import tr
from digitpad.gui.train.curves.crosshair import TableRow
from digitpad.gui.train.curves.legend import LegendEntry
from digitpad.gui.train.curves.lines import draws_steps, is_sparse
from digitpad.gui.train.curves.readout import Reading, ReadingRow
from digitpad.gui.train.curves.series import (
    LIVE,
    PUBLISHED,
    QUANTITIES,
    CurveContent,
    CurveOptions,
    Headings,
    Measure,
    Metric,
    Panel,
    RunCurve,
    quantity_of,
)
from digitpad.gui.train.curves.style import CurveStyle

_FEWEST = 2  # values that have a trend


class CurveTexts(QObject):
    """Texts for the plots; they contain the names of losses and data sets."""

    def headings(self, content: CurveContent) -> Headings:
        """Return the names of the axes."""
        loss, accuracy = self._loss_heading(content.measure), self.tr("Accuracy, %")
        if not content.is_by_part:
            second = content.second_measure
            return Headings((loss, self._loss_heading(second) if second else ""), (accuracy, ""), self.tr("epoch"))
        training, test = self.tr("Training · {}"), self.tr("Test · {}")
        return Headings((training.format(loss), accuracy), (test.format(loss), accuracy), self.tr("epoch"))

    def _loss_heading(self, measure: Measure | None) -> str:
        loss = _loss_name(measure.loss) if measure is not None else ""
        return self.tr("Loss: {}").format(loss) if loss else self.tr("Loss")

    def this_run(self) -> str:
        """Return the name of the run in front."""
        return self.tr("this run")

    def legend(self, content: CurveContent, options: CurveOptions, style: CurveStyle) -> tuple[LegendEntry, ...]:
        """Return the entries of the legend."""
        entries = [*self._live_entries(content, options, style), *self._published_entries(content, style)]
        for role, curve in content.curves():
            if role not in (LIVE, PUBLISHED):
                strokes = tuple(
                    style.stroke(role, metric, is_by_part=content.is_by_part) for metric in _pair(content, curve)
                )
                note = self._note(content, content.runs[int(role)])
                entries.append(LegendEntry(curve.name, strokes, note))
        if content.is_by_part:
            entries.append(LegendEntry(self.tr("solid: accuracy, dashed: loss")))
        elif content.runs:
            entries.append(LegendEntry(self.tr("solid: training, dashed: test")))
        return tuple(entries)

    def rows(
        self, reading: Reading, panel: Panel, content: CurveContent, style: CurveStyle
    ) -> tuple[tuple[str, ...], tuple[TableRow, ...]]:
        """Return headings and rows of the crosshair's table in one plot, without columns that have no value."""
        rows = [row for row in reading.rows if row.has_any(_METRICS[panel])]
        metrics: list[Metric] = [metric for metric in _METRICS[panel] if any(row.has_any([metric]) for row in rows)]
        names = tuple(self._column(metric, panel, reading) for metric in metrics)
        return names, tuple(
            TableRow(
                _colours(row, metrics, content, style),
                self._row_name(row),
                tuple(row.text(metric) for metric in metrics),
            )
            for row in rows
        )

    def caption(self, reading: Reading) -> str:
        """Return the name of the position."""
        epoch = self.tr("epoch {}").format(self._epoch(reading.position))
        return self.tr("{}, smoothed").format(epoch) if reading.is_within_epoch else epoch

    def description(self, reading: Reading) -> str:
        """Return all values for a screen reader, one line per run."""
        names: dict[Metric, str] = {
            "train_loss": self.tr("training loss"),
            "test_loss": self.tr("test loss"),
            "train_accuracy": self.tr("training accuracy"),
            "test_accuracy": self.tr("test accuracy"),
        }
        if reading.is_within_epoch:
            names["test_loss"] = self.tr("test loss, sample of {:,}").format(reading.sample_size)
            names["test_accuracy"] = self.tr("test accuracy, sample of {:,}").format(reading.sample_size)
        lines = [self.caption(reading)]
        for row in reading.rows:
            values = [f"{name} {row.text(metric)}" for metric, name in names.items() if not isnan(row.value(metric))]
            lines.append(f"{self._row_name(row)}: {', '.join(values)}")
        return "\n".join(lines)

    def summary(self, content: CurveContent) -> str:
        """Return the newest results of the run in front and their trend: "test accuracy 98.2 %, rising"."""
        curve = content.live or next(iter(content.runs), None)
        if curve is None:
            return ""
        accuracy, loss = self.tr("{name} {value:.1f} %, {trend}"), self.tr("{name} {value:.4f}, {trend}")
        parts = []
        metrics: tuple[tuple[Metric, str, str, int, float], ...] = (
            ("test_accuracy", self.tr("test accuracy"), accuracy, 100, 0.1),
            ("train_accuracy", self.tr("training accuracy"), accuracy, 100, 0.1),
            ("test_loss", self.tr("test loss"), loss, 1, 0.001),
        )
        for metric, name, form, scale, least in metrics:
            values = scale * curve.values(metric)
            values = values[np.isfinite(values)]
            if len(values):
                parts.append(form.format(name=name, value=values[-1], trend=self._trend(values, least)))
        return "; ".join(parts)

    def _trend(self, values: np.ndarray, least: float) -> str:
        """Compare the newest of (n,) values with the mean of up to three before; less than `least` is no change."""
        if len(values) < _FEWEST:
            return self.tr("the first epoch")
        change = float(values[-1] - values[-4:-1].mean())
        if abs(change) < least:
            return self.tr("steady")
        return self.tr("rising") if change > 0 else self.tr("falling")

    def sample(self, size: int) -> str:
        """Return the name of tests on a sample of the test images."""
        return self.tr("test, sample of {:,}").format(size)

    def _live_entries(self, content: CurveContent, options: CurveOptions, style: CurveStyle) -> list[LegendEntry]:
        curve = content.live
        if curve is None:
            return []
        training, test = (
            style.stroke(LIVE, metric, is_by_part=content.is_by_part) for metric in ("train_accuracy", "test_accuracy")
        )
        has_steps = any(draws_steps(curve, quantity) for quantity in QUANTITIES)
        is_smoothed = curve.has_batches and options.smoothing > 0
        entries: list[LegendEntry] = []
        # During a training also what is still to come: otherwise the legend would move.
        if content.is_training or has_steps or _has(curve, "train_loss", "train_accuracy"):
            name = self.tr("training, smoothed") if is_smoothed else self.tr("training")
            entries.append(LegendEntry(name, (training,)))
        if curve.has_batches and options.shows_band:
            entries.append(LegendEntry(self.tr("batches"), (style.band(),)))
        if has_steps and curve.is_after and _has(curve, "train_loss", "train_accuracy"):
            entries.append(LegendEntry(self.tr("training set, after the epoch"), (style.after_epoch(),)))
        if content.is_training or _has(curve, "test_loss", "test_accuracy"):
            entries.append(LegendEntry(self.tr("test"), (test,)))
        if curve.samples.size:
            entries.append(LegendEntry(self.sample(curve.sample_size), (style.samples(),)))
        return entries

    def _published_entries(self, content: CurveContent, style: CurveStyle) -> list[LegendEntry]:
        if content.published is None:
            return []
        note = self._note(content, content.published)
        shown = next(curve for role, curve in content.curves() if role == PUBLISHED)
        sparse = is_sparse(PUBLISHED, shown)
        names: dict[Metric, str] = {
            "train_accuracy": self.tr("published, training"),
            "test_accuracy": self.tr("published, test"),
        }
        if content.is_by_part:
            names = {"test_accuracy": self.tr("published, accuracy"), "test_loss": self.tr("published, loss")}
        pair = _pair(content, shown)
        entries = [
            LegendEntry(name, (style.stroke(PUBLISHED, metric, is_by_part=content.is_by_part, is_sparse=sparse),))
            for metric, name in names.items()
            if metric in pair
        ]
        first = entries[0] if entries else LegendEntry(self.tr("published"))
        return [replace(first, note=note), *entries[1:]] if entries or note else []

    def _note(self, content: CurveContent, curve: RunCurve) -> str:
        """Return what is different about a run's figures: its data, and a loss that is left out."""
        notes = []
        if content.measure is not None and curve.measure.dataset != content.measure.dataset:
            notes.append(self._dataset(curve.measure))
        side = content.loss_side(curve)
        if side != "left":
            other = self.tr("right axis: {}") if side else self.tr("loss not comparable: {}")
            notes.append(other.format(self._loss(curve.measure, content.measure)))
        if side and _trains_by_epochs(content, curve):
            notes.append(self.tr("training set, after the epoch") if curve.is_after else self.tr("mean of the epoch"))
        return ", ".join(notes)

    def _loss(self, measure: Measure, shown: Measure | None) -> str:
        name = _loss_name(measure.loss)
        if shown is None or measure.loss != shown.loss:
            return name
        return (self.tr("{}, {} outputs") if measure.outputs != 1 else self.tr("{}, {} output")).format(
            name, measure.outputs
        )

    def _dataset(self, measure: Measure) -> str:
        name, first = measure.dataset
        title = display_title(name)
        return self.tr("{}, first {:,} test images").format(title, first) if first else title

    def _epoch(self, position: float) -> str:
        return f"{position:.0f}" if position >= 100 or position == int(position) else f"{position:.3g}"

    def _row_name(self, row: ReadingRow) -> str:
        names = {LIVE: self.this_run(), PUBLISHED: self.tr("published")}
        return names.get(str(row.role), row.name)

    def _column(self, metric: Metric, panel: Panel, reading: Reading) -> str:
        if panel in ("training", "test"):
            name = self.tr("loss") if metric.endswith("loss") else self.tr("accuracy")
            is_sample = panel == "test" and reading.is_within_epoch
            return f"{name} ({self.sample(reading.sample_size)})" if is_sample else name
        if metric.startswith("train"):
            return self.tr("training")
        return self.sample(reading.sample_size) if reading.is_within_epoch else self.tr("test")


_METRICS: dict[Panel, tuple[Metric, Metric]] = {
    "loss": ("train_loss", "test_loss"),
    "accuracy": ("train_accuracy", "test_accuracy"),
    "training": ("train_loss", "train_accuracy"),
    "test": ("test_loss", "test_accuracy"),
}


def _loss_name(loss: str) -> str:
    title = tr(LOSS_TITLES.get(loss, ""))
    return title[:1].lower() + title[1:]


def _has(curve: RunCurve, *metrics: Metric) -> bool:
    """Return whether a run has one of these metrics."""
    return any(
        np.isfinite(curve.values(metric)).any()
        or (metric.startswith("train") and draws_steps(curve, quantity_of(metric)))
        for metric in metrics
    )


def _trains_by_epochs(content: CurveContent, curve: RunCurve) -> bool:
    """Return whether a run's training line is of its epochs, and that of the first run is of something else."""
    first = content.live or (content.runs[0] if content.runs else None)
    if (
        first is None
        or curve is first
        or not _has(curve, "train_loss", "train_accuracy")
        or draws_steps(curve, "accuracy")
    ):
        return False
    return first.has_batches or curve.is_after != first.is_after


def _pair(content: CurveContent, curve: RunCurve) -> list[Metric]:
    """Return one metric for each kind of line that a run has: training and test, or by part accuracy and loss."""
    kinds: dict[Metric, tuple[Metric, ...]] = {
        "train_accuracy": ("train_loss", "train_accuracy"),
        "test_accuracy": ("test_loss", "test_accuracy"),
    }
    if content.is_by_part:
        kinds = {
            "test_accuracy": ("train_accuracy", "test_accuracy"),
            "test_loss": ("train_loss", "test_loss"),
        }
    return [metric for metric, same in kinds.items() if _has(curve, *same)]


def _colours(row: ReadingRow, metrics: list[Metric], content: CurveContent, style: CurveStyle) -> tuple[QColor, ...]:
    colours = [style.stroke(row.role, metric, is_by_part=content.is_by_part).colour for metric in metrics]
    return tuple(colours) if row.role == LIVE and not content.is_by_part else tuple(colours[:1])

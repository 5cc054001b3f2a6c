"""The texts of the learning curves: headings, legend and crosshair."""

from math import isnan

from PySide6.QtCore import QObject
from PySide6.QtGui import QColor

from digitpad.gui.train.curves.crosshair import TableRow
from digitpad.gui.train.curves.legend import LegendEntry
from digitpad.gui.train.curves.lines import Panel
from digitpad.gui.train.curves.readout import Reading, ReadingRow
from digitpad.gui.train.curves.series import LIVE, PUBLISHED, CurveContent, CurveOptions, Metric, Role, RunCurve
from digitpad.gui.train.curves.style import CurveStyle, Stroke


class CurveTexts(QObject):
    """Texts for the plots; they contain the name of the loss."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loss_name = ""

    def headings(self) -> tuple[str, str, str]:
        """Return the headings of the loss, the accuracy and the epoch axis."""
        loss = self.tr("Loss: {}").format(self.loss_name) if self.loss_name else self.tr("Loss")
        return loss, self.tr("Accuracy, %"), self.tr("epoch")

    def this_run(self) -> str:
        """Return the name of the run that is shown live."""
        return self.tr("this run")

    def published(self) -> str:
        """Return the name of the published results."""
        return self.tr("published")

    def legend(self, content: CurveContent, options: CurveOptions, style: CurveStyle) -> tuple[LegendEntry, ...]:
        """Return the entries of the legend."""
        entries = []
        if content.live is not None:
            training, test = (style.stroke(LIVE, is_test=is_test) for is_test in (False, True))
            entries += [LegendEntry(self.tr("training"), (training,)), LegendEntry(self.tr("test"), (test,))]
        if content.steps.size and options.per_batch:
            entries.append(self._batches(options, style))
        others: list[tuple[Role, RunCurve]] = [(role, curve) for role, curve in content.curves() if role != LIVE]
        pairs = [LegendEntry(curve.name, _strokes(role, curve, style)) for role, curve in others]
        if any(role != PUBLISHED for role, _ in others):
            pairs.append(LegendEntry(self.tr("solid: training, dashed: test")))
        return (*entries, *pairs)

    def rows(self, reading: Reading, panel: Panel, style: CurveStyle) -> tuple[tuple[str, ...], tuple[TableRow, ...]]:
        """Return headings and rows of the crosshair's table in one plot, without columns that have no value."""
        rows = [row for row in reading.rows if row.has(panel)]
        metrics: list[Metric] = [
            metric for metric in _METRICS[panel] if any(not isnan(row.value(metric)) for row in rows)
        ]
        names = tuple(self._column(metric) for metric in metrics)
        return names, tuple(
            TableRow(_colours(row, metrics, style), row.name, tuple(row.text(metric) for metric in metrics))
            for row in rows
        )

    def caption(self, reading: Reading) -> str:
        """Return the name of the epoch."""
        return self.tr("epoch {}").format(f"{reading.epoch:g}" if reading.epoch < 1e5 else f"{reading.epoch:.0f}")

    def description(self, reading: Reading) -> str:
        """Return all values for a screen reader, one line per run."""
        names: dict[Metric, str] = {
            "train_loss": self.tr("training loss"),
            "test_loss": self.tr("test loss"),
            "train_accuracy": self.tr("training accuracy"),
            "test_accuracy": self.tr("test accuracy"),
        }
        lines = [self.caption(reading)]
        for row in reading.rows:
            values = [f"{name} {row.text(metric)}" for metric, name in names.items() if not isnan(row.value(metric))]
            lines.append(f"{row.name}: {', '.join(values)}")
        return "\n".join(lines)

    def _batches(self, options: CurveOptions, style: CurveStyle) -> LegendEntry:
        if options.smoothing:
            strokes = (style.batches(behind=True), style.average())
            return LegendEntry(self.tr("batches, smoothed"), strokes)
        return LegendEntry(self.tr("batches"), (style.batches(behind=False),))

    def _column(self, metric: Metric) -> str:
        return self.tr("training") if metric.startswith("train") else self.tr("test")


_METRICS: dict[Panel, tuple[Metric, Metric]] = {
    "loss": ("train_loss", "test_loss"),
    "accuracy": ("train_accuracy", "test_accuracy"),
}


def _strokes(role: Role, curve: RunCurve, style: CurveStyle) -> tuple[Stroke, ...]:
    """Return the lines of a run: training first, then test."""
    counts = {
        False: len(curve.train_loss) + len(curve.train_accuracy),
        True: len(curve.test_loss) + len(curve.test_accuracy),
    }
    return tuple(style.stroke(role, is_test=is_test) for is_test, count in counts.items() if count)


def _colours(row: ReadingRow, metrics: list[Metric], style: CurveStyle) -> tuple[QColor, ...]:
    colours = [style.stroke(row.role, is_test=metric.startswith("test")).colour for metric in metrics]
    return tuple(colours) if row.role == LIVE else tuple(colours[:1])

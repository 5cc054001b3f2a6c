"""What the learning curves say in words: headings, legend, and what the crosshair reads."""

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
    """Knows the loss's name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.loss_name = ""

    def headings(self) -> tuple[str, str, str]:
        """Return what stands at the axes of loss, accuracy and epochs."""
        loss = self.tr("Loss: {}").format(self.loss_name) if self.loss_name else self.tr("Loss")
        return loss, self.tr("Accuracy, %"), self.tr("epoch")

    def this_run(self) -> str:
        """Return the name of the run that is shown live."""
        return self.tr("this run")

    def published(self) -> str:
        """Return the name of the published figures."""
        return self.tr("published")

    def legend(self, content: CurveContent, options: CurveOptions, style: CurveStyle) -> tuple[LegendEntry, ...]:
        """Explain the lines of a content."""
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
        """Return the headings and rows of the crosshair's table in one plot; a column without any value is left out."""
        rows = [row for row in reading.rows if row.has(panel)]
        figures: list[Metric] = [
            figure for figure in _METRICS[panel] if any(not isnan(row.value(figure)) for row in rows)
        ]
        names = tuple(self._column(figure) for figure in figures)
        return names, tuple(
            TableRow(_colours(row, figures, style), row.name, tuple(row.text(figure) for figure in figures))
            for row in rows
        )

    def caption(self, reading: Reading) -> str:
        """Name a reading's epoch."""
        return self.tr("epoch {}").format(f"{reading.epoch:g}" if reading.epoch < 1e5 else f"{reading.epoch:.0f}")

    def description(self, reading: Reading) -> str:
        """Say all that is read, in one line for each run."""
        names: dict[Metric, str] = {
            "train_loss": self.tr("training loss"),
            "test_loss": self.tr("test loss"),
            "train_accuracy": self.tr("training accuracy"),
            "test_accuracy": self.tr("test accuracy"),
        }
        lines = [self.caption(reading)]
        for row in reading.rows:
            told = [f"{name} {row.text(figure)}" for figure, name in names.items() if not isnan(row.value(figure))]
            lines.append(f"{row.name}: {', '.join(told)}")
        return "\n".join(lines)

    def _batches(self, options: CurveOptions, style: CurveStyle) -> LegendEntry:
        if options.smoothing:
            strokes = (style.batches(behind=True), style.average())
            return LegendEntry(self.tr("each batch, and smoothed"), strokes)
        return LegendEntry(self.tr("each batch"), (style.batches(behind=False),))

    def _column(self, metric: Metric) -> str:
        return self.tr("training") if metric.startswith("train") else self.tr("test")


_METRICS: dict[Panel, tuple[Metric, Metric]] = {
    "loss": ("train_loss", "test_loss"),
    "accuracy": ("train_accuracy", "test_accuracy"),
}


def _strokes(role: Role, curve: RunCurve, style: CurveStyle) -> tuple[Stroke, ...]:
    """Return the lines that a run has: training above test."""
    there_are = {
        False: len(curve.train_loss) + len(curve.train_accuracy),
        True: len(curve.test_loss) + len(curve.test_accuracy),
    }
    return tuple(style.stroke(role, is_test=is_test) for is_test, count in there_are.items() if count)


def _colours(row: ReadingRow, figures: list[Metric], style: CurveStyle) -> tuple[QColor, ...]:
    found = [style.stroke(row.role, is_test=figure.startswith("test")).colour for figure in figures]
    return tuple(found) if row.role == LIVE else tuple(found[:1])

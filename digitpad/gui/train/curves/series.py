"""The data of the learning curves as arrays; without Qt."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from digitpad.core.runs.run_folder import Run
from digitpad.core.training.recipes import PublishedResults, Recipe
from digitpad.gui.train.curves.figures import FigureFormat, format_of

Metric = Literal["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
METRICS: tuple[Metric, ...] = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
Panel = Literal["loss", "accuracy"]
PANELS: tuple[Panel, ...] = ("loss", "accuracy")
LIVE, PUBLISHED = "live", "published"
# The run that is shown in front, the published results, or the number of another run.
Role = Literal["live", "published"] | int
# Rows of `RunCurve.steps`: the position, then mean, lowest and highest loss, and the same of the accuracy.
STEP_ROWS = 7
# Steps this far apart, in epochs, are whole epochs.
_WHOLE_EPOCH = 0.99
_MEAN_ROWS: dict[Panel, int] = {"loss": 1, "accuracy": 4}


def _no_values() -> np.ndarray:
    return np.empty(0)


def _no_steps() -> np.ndarray:
    return np.empty((STEP_ROWS, 0))


def _no_samples() -> np.ndarray:
    return np.empty((3, 0))


@dataclass(frozen=True, slots=True)
class Measure:
    """What the figures of a run measure.

    Attributes
    ----------
    loss
        The loss as a recipe names it, such as "mse".
    outputs
        Number of outputs. All losses but cross-entropy are sums or means over them.
    dataset
        The test images: the name of the data set, and the number of its first images that are used, 0 for all.

    """

    loss: str = ""
    outputs: int = 10
    dataset: tuple[str, int] = ("", 0)

    def shares_loss(self, other: "Measure") -> bool:
        """Return whether the losses of two runs are on one scale."""
        return self.loss == other.loss and (self.outputs == other.outputs or self.loss == "cross-entropy")


def measure_of(recipe: Recipe) -> Measure:
    """Return what the figures of a recipe's runs measure."""
    outputs = getattr(recipe.model, "outputs", 10)
    return Measure(recipe.training.loss, outputs, (recipe.dataset, recipe.test_first or 0))


@dataclass(frozen=True, slots=True, eq=False)
class RunCurve:
    """The metrics of one run.

    Attributes
    ----------
    name
        The name in the legend.
    epochs
        (n,) ascending: the measured epochs.
    train_loss, train_accuracy, test_loss, test_accuracy
        (n,), accuracies 0 to 1; empty if the run does not have the metric. NaN is a gap.
    steps
        (7, m): for each training step, or a few of them, the position on the epoch axis; mean, lowest and highest
        loss; mean, lowest and highest accuracy.
    samples
        (3, k): position, loss and accuracy of each test within an epoch on a sample of the test images.
    sample_size
        Number of test images in the sample.
    measure
        What the figures measure.
    is_after
        Whether the training metrics are those of all training images after the epoch, and not means over the epoch.
    figures
        How they are written.

    """

    name: str
    epochs: np.ndarray = field(default_factory=_no_values)
    train_loss: np.ndarray = field(default_factory=_no_values)
    train_accuracy: np.ndarray = field(default_factory=_no_values)
    test_loss: np.ndarray = field(default_factory=_no_values)
    test_accuracy: np.ndarray = field(default_factory=_no_values)
    steps: np.ndarray = field(default_factory=_no_steps)
    samples: np.ndarray = field(default_factory=_no_samples)
    sample_size: int = 0
    measure: Measure = Measure()
    is_after: bool = False
    figures: FigureFormat = FigureFormat()

    @property
    def end(self) -> float:
        """The last position on the epoch axis, 0 if there is none."""
        ends = [positions[-1] for positions in (self.epochs, self.steps[0], self.samples[0]) if len(positions)]
        return float(max(ends, default=0.0))

    @property
    def has_batches(self) -> bool:
        """Whether an epoch has several steps: their values differ by chance, and an average says more."""
        count = self.steps.shape[1]
        return count > 1 and (self.steps[0, -1] - self.steps[0, 0]) / (count - 1) < _WHOLE_EPOCH

    def values(self, name: Metric) -> np.ndarray:
        """Return the values of a metric."""
        return getattr(self, name)

    def at(self, epoch: float, name: Metric) -> float:
        """Return the value of a metric at an epoch; NaN if there is none."""
        values = self.values(name)
        index = int(np.searchsorted(self.epochs, epoch))
        exists = index < len(values) and self.epochs[index] == epoch
        return float(values[index]) if exists else float("nan")

    def sample_at(self, position: float, panel: Panel) -> float:
        """Return the test loss or accuracy on the sample at a position; NaN if there is none."""
        found = np.flatnonzero(self.samples[0] == position)
        return float(self.samples[1 + PANELS.index(panel), found[0]]) if len(found) else float("nan")

    def step_means(self, panel: Panel) -> np.ndarray:
        """Return the mean loss or accuracy of the steps."""
        return self.steps[_MEAN_ROWS[panel]]

    def step_ends(self, panel: Panel) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and the highest loss or accuracy of the steps."""
        row = _MEAN_ROWS[panel]
        return self.steps[row + 1], self.steps[row + 2]

    def without_loss(self) -> "RunCurve":
        """Return the curve with its accuracies only."""
        nothing = _no_values()
        steps, samples = self.steps.copy(), self.samples.copy()
        steps[1:4], samples[1] = np.nan, np.nan
        return replace(self, train_loss=nothing, test_loss=nothing, steps=steps, samples=samples)


def panel_of(metric: Metric) -> Panel:
    """Return the plot that a metric belongs to."""
    return "loss" if metric.endswith("loss") else "accuracy"


def published_curve(published: PublishedResults, name: str, measure: Measure) -> RunCurve:
    """Return the curve of a recipe's published results."""
    train_loss, train_accuracy, test_loss, test_accuracy = (
        np.asarray(getattr(published, metric), float) for metric in METRICS
    )
    epochs = np.asarray(published.epochs, float)
    return RunCurve(
        name,
        epochs,
        train_loss,
        train_accuracy,
        test_loss,
        test_accuracy,
        measure=measure,
        figures=format_of(published),
    )


def metrics_of(run: Run) -> np.ndarray:
    """Return (n, 5): for each measured epoch its number, training loss and accuracy, test loss and accuracy."""
    rows = [(r.epoch, r.train_loss, r.train_accuracy, r.test_loss, r.test_accuracy) for r in run.rows]
    return np.array(rows, float).reshape(-1, 5)


def run_curve(run: Run) -> RunCurve:
    """Return the curves of a run, without its steps."""
    epochs, train_loss, train_accuracy, test_loss, test_accuracy = np.ascontiguousarray(metrics_of(run).T)
    return RunCurve(
        run.name,
        epochs,
        train_loss,
        train_accuracy,
        test_loss,
        test_accuracy,
        measure=measure_of(run.recipe),
        is_after=run.recipe.training.train_figures == "after",
        figures=format_of(run.recipe.published),
    )


@dataclass(frozen=True, slots=True, eq=False)
class CurveContent:
    """All curves to show. A loss that is not on the scale of the first run's is left out."""

    live: RunCurve | None = None
    published: RunCurve | None = None
    runs: tuple[RunCurve, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is no run."""
        return self.live is None and not self.runs

    @property
    def measure(self) -> Measure | None:
        """What the figures of the run in front measure, or of the first run; None if there is no run."""
        return next((curve.measure for curve in (self.live, *self.runs) if curve is not None), None)

    def curves(self) -> list[tuple[Role, RunCurve]]:
        """Return all runs with their roles; the live run is first."""
        found: list[tuple[Role, RunCurve]] = []
        if self.live is not None:
            found.append((LIVE, self.live))
        if self.published is not None:
            found.append((PUBLISHED, self.published))
        return [(role, self._comparable(curve)) for role, curve in (*found, *enumerate(self.runs))]

    def shares_loss(self, curve: RunCurve) -> bool:
        """Return whether the loss of a run is on the scale of the loss axis."""
        return self.measure is None or curve.measure.shares_loss(self.measure)

    def positions(self) -> np.ndarray:
        """Return all positions at which a run was tested, ascending."""
        tested = [curve.epochs for _, curve in self.curves()]
        samples = _no_values() if self.live is None else self.live.samples[0]
        return np.unique(np.concatenate([_no_values(), *tested, samples]))

    def _comparable(self, curve: RunCurve) -> RunCurve:
        return curve if self.shares_loss(curve) else curve.without_loss()


@dataclass(frozen=True, slots=True)
class CurveOptions:
    """How the curves are shown; `smoothing` is the weight of a neighbour in the average, 0 to 0.99."""

    log_loss: bool = False
    smoothing: float = 0.8
    per_batch: bool = True

"""The data of the learning curves as arrays; without Qt."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from digitpad.core.runs.run_folder import Run
from digitpad.core.training.recipes import PublishedResults, Recipe
from digitpad.gui.train.curves.figures import FigureFormat, format_of

Metric = Literal["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
METRICS: tuple[Metric, ...] = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
Quantity = Literal["loss", "accuracy"]
QUANTITIES: tuple[Quantity, ...] = ("loss", "accuracy")
# A plot: by quantity there are those of the loss and the accuracy, by part those of the training and the test images.
Panel = Literal["loss", "accuracy", "training", "test"]
Side = Literal["left", "right"]
LIVE, PUBLISHED = "live", "published"
# The run that is shown in front, the published results, or the number of another run.
Role = Literal["live", "published"] | int
# Rows of `RunCurve.steps`: the position, then mean, lowest and highest loss, and the same of the accuracy.
STEP_ROWS = 7
# Steps this far apart, in epochs, are whole epochs.
_WHOLE_EPOCH = 0.99
_MEAN_ROWS: dict[Quantity, int] = {"loss": 1, "accuracy": 4}


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

    def sample_at(self, position: float, quantity: Quantity) -> float:
        """Return the test loss or accuracy on the sample at a position; NaN if there is none."""
        found = np.flatnonzero(self.samples[0] == position)
        return float(self.samples[1 + QUANTITIES.index(quantity), found[0]]) if len(found) else float("nan")

    def step_means(self, quantity: Quantity) -> np.ndarray:
        """Return the mean loss or accuracy of the steps."""
        return self.steps[_MEAN_ROWS[quantity]]

    def step_ends(self, quantity: Quantity) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and the highest loss or accuracy of the steps."""
        row = _MEAN_ROWS[quantity]
        return self.steps[row + 1], self.steps[row + 2]

    def without_loss(self) -> "RunCurve":
        """Return the curve with its accuracies only."""
        nothing = _no_values()
        steps, samples = self.steps.copy(), self.samples.copy()
        steps[1:4], samples[1] = np.nan, np.nan
        return replace(self, train_loss=nothing, test_loss=nothing, steps=steps, samples=samples)


def quantity_of(metric: Metric) -> Quantity:
    """Return the quantity that a metric is."""
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


@dataclass(frozen=True, slots=True)
class Place:
    """An axis of a plot: a line belongs to one."""

    panel: Panel
    side: Side = "left"


@dataclass(frozen=True, slots=True, eq=False)
class CurveContent:
    """All curves to show, and how they are distributed over the plots.

    By quantity, losses on the scale of the first run's are on the left axis, those on one other scale on the right one.
    By part, the right axis is that of the accuracies. A loss without an axis is left out.
    """

    live: RunCurve | None = None
    published: RunCurve | None = None
    runs: tuple[RunCurve, ...] = ()
    is_by_part: bool = False
    is_training: bool = False  # lines may still come

    @property
    def is_empty(self) -> bool:
        """Whether there is no run."""
        return self.live is None and not self.runs

    @property
    def panels(self) -> tuple[Panel, Panel]:
        """The plots, the upper one first."""
        return ("training", "test") if self.is_by_part else ("loss", "accuracy")

    @property
    def measure(self) -> Measure | None:
        """What the figures of the run in front measure, or of the first run; None if there is no run."""
        return next((curve.measure for curve in (self.live, *self.runs) if curve is not None), None)

    @property
    def second_measure(self) -> Measure | None:
        """What the losses on the right axis measure; None if there are none."""
        first = self.measure
        if first is None or self.is_by_part:
            return None
        return next((curve.measure for curve in self.runs if not curve.measure.shares_loss(first)), None)

    def place(self, curve: RunCurve, metric: Metric) -> Place:
        """Return the axis of a metric of a run."""
        quantity = quantity_of(metric)
        if self.is_by_part:
            return Place(
                "training" if metric.startswith("train") else "test", "left" if quantity == "loss" else "right"
            )
        return Place(quantity, "left" if quantity == "accuracy" else self.loss_side(curve) or "left")

    def quantity(self, place: Place) -> Quantity:
        """Return what an axis shows."""
        if self.is_by_part:
            return "loss" if place.side == "left" else "accuracy"
        return "accuracy" if place.panel == "accuracy" else "loss"

    def curves(self) -> list[tuple[Role, RunCurve]]:
        """Return all runs with their roles; the live run is first."""
        found: list[tuple[Role, RunCurve]] = []
        if self.live is not None:
            found.append((LIVE, self.live))
        if self.published is not None:
            found.append((PUBLISHED, self.published))
        every = (*found, *enumerate(self.runs))
        return [(role, curve if self.loss_side(curve) else curve.without_loss()) for role, curve in every]

    def loss_side(self, curve: RunCurve) -> Side | None:
        """Return the side of the axis with the loss of a run; None if no axis has its scale."""
        if self.measure is None or curve.measure.shares_loss(self.measure):
            return "left"
        second = self.second_measure
        return "right" if second is not None and curve.measure.shares_loss(second) else None

    def positions(self) -> np.ndarray:
        """Return all positions at which a run was tested, ascending."""
        tested = [curve.epochs for _, curve in self.curves()]
        samples = _no_values() if self.live is None else self.live.samples[0]
        return np.unique(np.concatenate([_no_values(), *tested, samples]))


@dataclass(frozen=True, slots=True)
class Headings:
    """The names of the left and the right axis of both plots, empty if it is not shown, and of the epochs."""

    first: tuple[str, str]
    second: tuple[str, str]
    epoch: str


@dataclass(frozen=True, slots=True)
class CurveOptions:
    """How the curves are shown.

    `smoothing` is the weight of a neighbour in the average, 0 to 0.99. The plots are those of loss and accuracy, or by
    part those of training and test.
    """

    log_loss: bool = False
    smoothing: float = 0.8
    per_batch: bool = True
    by_part: bool = False

    @property
    def shows_band(self) -> bool:
        """Whether the batches are a band; those of the loss and the accuracy in one plot would hide each other."""
        return self.per_batch and not self.by_part

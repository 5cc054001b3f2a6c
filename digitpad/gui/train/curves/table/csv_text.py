"""The values of all curves as a table; without Qt."""

import csv
import io
from collections.abc import Iterator, Sequence
from math import isnan

import numpy as np

from digitpad.gui.train.curves.series import METRICS, CurveContent, RunCurve

_ENDS = ("train_loss_lowest", "train_loss_highest", "train_accuracy_lowest", "train_accuracy_highest")
_HEADINGS = ("run", "dataset", "loss", "values", "epoch", *METRICS, *_ENDS, "test_images")
_Row = Sequence[str | float]


def curves_csv(content: CurveContent) -> bytes:
    """Return all curves as a CSV file, one line for each epoch, step and test on a sample of each run.

    Accuracies are fractions. `values` is "epoch", "steps" or "test sample". Losses of runs whose `loss` differs cannot
    be compared.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADINGS)
    for curve in filter(None, (content.live, content.published, *content.runs)):
        dataset, first = curve.measure.dataset
        name = "published" if curve is content.published else curve.name
        about = (name, f"{dataset}, first {first} test images" if first else dataset, curve.measure.loss)
        for values in _lines(curve):
            writer.writerow([*about, *map(_cell, values)])
    return text.getvalue().encode()


def _lines(curve: RunCurve) -> Iterator[_Row]:
    nothing = [""] * len(_ENDS)
    columns = [curve.values(metric) for metric in METRICS]
    for number, epoch in enumerate(curve.epochs):
        yield ["epoch", epoch, *(values[number] if len(values) else "" for values in columns), *nothing, ""]
    for position, loss, lowest, highest, accuracy, least, most in curve.steps.T.tolist():
        yield ["steps", position, loss, accuracy, "", "", lowest, highest, least, most, ""]
    for position, loss, accuracy in curve.samples.T.tolist():
        yield ["test sample", position, "", "", loss, accuracy, *nothing, curve.sample_size]


def _cell(value: str | float | np.floating) -> str | float:
    """Write a number with the digits that matter; a gap is empty."""
    if isinstance(value, str):
        return value
    return "" if isnan(value) else f"{value:.8g}"

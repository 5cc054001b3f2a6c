"""The test images of a run, predicted by its model, as its training measured them."""

from pathlib import Path

import numpy as np

from digitpad.core.datasets.loading import GATES
from digitpad.core.evaluation.evaluator import check_fits
from digitpad.core.evaluation.metrics import Metrics
from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
from digitpad.core.files.paths import data_folder
from digitpad.core.models.model_files import Epoch, load_model
from digitpad.core.models.specs import output_of
from digitpad.core.runs.run_folder import Run


def evaluate_run(run: Run, epoch: Epoch | None = None, data: Path | None = None) -> tuple[Samples, np.ndarray]:
    """Return the test images with predictions, and the indices of those that the training counted.

    Raise DigitpadError if the data or the model is missing, or does not fit the other.
    """
    from digitpad.core.evaluation.model_loss import ModelLoss
    from digitpad.core.evaluation.result import evaluate

    loaded = load_model(run.kept_model(epoch).path, of_digits=False)
    folder = data or run.data_folder or data_folder()
    seen = load_set(SampleSet(run.recipe.dataset, "test", folder, run.recipe.test_first))
    check_fits(run.name, loaded.model.spec, seen)
    loss = ModelLoss.of(output_of(loaded.model.spec), loaded.card.training)
    samples = Samples(seen, run.name, evaluate(loaded.model, seen.inputs, loss), loaded_model=loaded)
    return samples, np.setdiff1d(np.arange(len(samples)), run.info.left_out.get("test", []))


def confusion_of(run: Run, metrics: Metrics) -> np.ndarray:
    """Return the confusion matrix of a run's classes: (10, 10), or (2, 2) for a gate."""
    classes = 2 if run.recipe.dataset in GATES else len(metrics.confusion)
    return metrics.confusion[:classes, :classes]

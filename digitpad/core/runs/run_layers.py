"""The statistics of each layer of a run that has ended."""

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.layer_statistics import SAMPLE, NetworkStatistics, network_statistics
from digitpad.core.files.paths import data_folder
from digitpad.core.models.model_files import load_model
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_data import load_training_data
from digitpad.core.training.epochs import sample_of


def layers_of_run(run: Run) -> NetworkStatistics | None:
    """Measure the model of a run that is used, on the sample of its training images that its training was measured on.

    Return None if it has no model that can be read, or its data is missing or no longer the same.
    """
    try:
        model = load_model(run.kept_model().path, of_digits=False).model
        data = load_training_data(run.recipe, data_folder(run.data_folder), run)
    except DigitpadError:
        return None
    return network_statistics(model, sample_of(data.training, SAMPLE), run.recipe.training.loss)

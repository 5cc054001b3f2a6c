"""How long trainings will take, from the measured speed of earlier runs."""

from collections.abc import Collection, Sequence
from statistics import median

from digitpad.core.models.specs import parameter_count
from digitpad.core.runs.run_folder import Run
from digitpad.core.training.recipes import Recipe


def estimated_seconds(recipes: Sequence[Recipe], runs: Collection[Run]) -> float | None:
    """Return the time of all trainings, one after the other, without measuring; None if it is not known.

    The speed is that of runs with the same data, engine and kind of model. Their time for an epoch is scaled by the
    number of parameters and, weakly, by the number of steps, if no run has the same model and batches.
    """
    known = [run for run in runs if run.rows and run.seconds > 0]
    seconds = [_seconds(recipe, known) for recipe in recipes]
    return None if None in seconds else sum(filter(None, seconds))


def _seconds(recipe: Recipe, runs: Sequence[Run]) -> float | None:
    alike = [run for run in runs if _kind(run.recipe) == _kind(recipe)]
    same = [run for run in alike if _cost(run.recipe) == _cost(recipe)]
    times = [_per_epoch(run) for run in same]
    if not times:
        times = [_per_epoch(run) * _ratio(recipe, run.recipe) for run in alike]
    return recipe.training.epochs * median(times) if times else None


def _per_epoch(run: Run) -> float:
    return run.seconds / run.rows[-1].epoch


def _ratio(recipe: Recipe, known: Recipe) -> float:
    """Return how much longer an epoch takes than a known one, roughly: half of it is work on each weight."""
    weights = parameter_count(recipe.model) / parameter_count(known.model)
    return 0.5 + 0.5 * weights


def _kind(recipe: Recipe) -> tuple[object, ...]:
    return recipe.engine, recipe.dataset, recipe.train_first, recipe.model.kind


def _cost(recipe: Recipe) -> tuple[object, ...]:
    training = recipe.training
    return recipe.model, training.batch_size, training.optimizer, bool(training.augmentation), training.precision

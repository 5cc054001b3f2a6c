"""How a training ended, in a sentence: what was reached and how long it took; and a hint where something went wrong."""

from dataclasses import dataclass

from digitpad.core.datasets.loading import GATES, RAW_BUILT_IN
from digitpad.core.models.specs import SoftmaxSpec
from digitpad.core.runs.diagnosis import Finding, best_test_epoch, diagnose, suggested_rate
from digitpad.core.runs.run_folder import Run
from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr
from digitpad.gui.session.training_service import TrainingEnded
from digitpad.gui.train.form.values import number_text
from digitpad.gui.widgets.sentences import duration

_RATE, _EPOCHS, _LAYERS = "training.learning_rate", "training.epochs", "model.hidden"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a training.

    Attributes
    ----------
    sentence
        What was reached, and how long it took.
    hint
        What may be changed; empty if nothing went wrong.
    field
        The field of the form that the hint is about.

    """

    sentence: str
    hint: str = ""
    field: str = ""


def outcome_of(ended: TrainingEnded, job: TrainingJob | None) -> Outcome:
    """Describe the end of a training, of which `job` is known since its start."""
    run = ended.run
    recipe = run.recipe if run else job.recipe if job else None
    hint, field = "", ""
    if ended.has_diverged and recipe:
        hint, field = _hint(Finding.NOT_A_NUMBER, recipe, run)
    elif run and not ended.problem:
        finding = diagnose(run.rows, run.recipe)
        if not (ended.was_stopped and finding is Finding.TOO_SLOW):
            hint, field = _hint(finding, run.recipe, run)
    return Outcome(_sentence(ended, job), hint, field)


def _sentence(ended: TrainingEnded, job: TrainingJob | None) -> str:
    run = ended.run
    if run is None and job is not None and job.resumed is not None:
        return tr("No epoch was completed. “{}” is unchanged.").format(job.name)
    if run is None or run.used is None or run.last is None:
        if ended.has_diverged:
            return tr("The loss was not a number in the first epoch, so nothing was saved.")
        return tr("No epoch was completed, so nothing was saved.")
    result = _result(run)
    if run.used is run.best and _ended_early(ended):
        result = (tr("At best {}") if ended.has_diverged else tr("at best {}")).format(result)
    return _template(ended, is_complete=run.last.epoch >= run.recipe.training.epochs).format(
        result=result,
        used=run.used.epoch,
        last=run.last.epoch,
        epochs=run.recipe.training.epochs,
        time=tr("{} (tests not counted)").format(duration(run.seconds)),
    )


def _ended_early(ended: TrainingEnded) -> bool:
    return ended.was_stopped or ended.has_diverged or bool(ended.problem)


def _template(ended: TrainingEnded, *, is_complete: bool) -> str:
    if ended.was_stopped:
        return tr("Stopped after epoch {last:,} of {epochs:,}: {result} right, trained for {time}; you can resume.")
    if ended.has_diverged:
        return tr(
            "Ended after epoch {last:,} of {epochs:,}: the loss is not a number. {result} right, trained for {time}."
        )
    if ended.problem:
        return tr("Ended after epoch {last:,} of {epochs:,}: {result} right, trained for {time}; you can resume.")
    if not is_complete:
        return tr(
            "Done: {result} right at epoch {used:,}, trained for {time}. It ended early: the test loss no longer fell."
        )
    return tr("Done: {result} right at epoch {used:,} of {last:,}, trained for {time}.")


def _result(run: Run) -> str:
    """Return the result of the model that is used: "98.10 % of the test images"."""
    accuracy = run.used.test_accuracy if run.used else 0.0
    if points := GATES.get(run.recipe.dataset):
        return tr("{} of {} points").format(round(accuracy * len(points)), len(points))
    if run.recipe.dataset == RAW_BUILT_IN:  # it has no others
        return tr("{:.2f} % of the training images").format(100 * accuracy)
    return tr("{:.2f} % of the test images").format(100 * accuracy)


def _hint(finding: Finding, recipe: Recipe, run: Run | None) -> tuple[str, str]:
    """Return what may be changed, and the field for it."""
    if finding is Finding.NONE:
        return "", ""
    if finding is Finding.NOT_SEPARABLE:
        return tr("No line separates the points of XOR. The model needs a hidden layer, for example 4."), _LAYERS
    if finding is Finding.BY_HEART and run is not None:
        return _by_heart(recipe, best_test_epoch(run.rows)), _EPOCHS
    found = {
        Finding.NOT_A_NUMBER: tr("The loss is no longer a number."),
        Finding.LOSS_GREW: tr("The loss grew."),
        Finding.WORSE_THAN_GUESSING: tr("The loss is higher than that of guessing."),
        Finding.NOTHING_LEARNED: tr("Nothing was learned."),
        Finding.TOO_SLOW: tr("It has hardly begun to learn."),
    }[finding]
    advice, field = _advice(finding, recipe)
    return f"{found} {advice}", field


def _advice(finding: Finding, recipe: Recipe) -> tuple[str, str]:
    rate, suggested = recipe.training.learning_rate, suggested_rate(finding, recipe)
    if suggested < rate:
        return tr("The learning rate may be too high: try {}.").format(number_text(suggested)), _RATE
    if suggested == rate:
        return tr("Train for more epochs, or with another seed."), _EPOCHS
    if finding is Finding.TOO_SLOW:
        return tr("Train for more epochs, or try the learning rate {}.").format(number_text(suggested)), _RATE
    return tr("The learning rate may be too low: try {}.").format(number_text(suggested)), _RATE


def _by_heart(recipe: Recipe, best: int) -> str:
    if isinstance(recipe.model, SoftmaxSpec):
        text = tr("It learned the training images by heart: the test loss rose after epoch {:,}. Fewer epochs help.")
    else:
        text = tr(
            "It learned the training images by heart: the test loss rose after epoch {:,}. Try fewer epochs or dropout."
        )
    return text.format(best)

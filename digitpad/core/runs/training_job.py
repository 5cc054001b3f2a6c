"""A training from recipe to run, as a generator for the command line and the window."""

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from digitpad.core.errors import DigitpadError, printable
from digitpad.core.evaluation import layer_statistics
from digitpad.core.files.atomic import check_writable
from digitpad.core.files.endings import check_ending
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import Digits
from digitpad.core.models.model_files import SUFFIX, ModelCard, save_model
from digitpad.core.models.specs import parameter_count
from digitpad.core.runs.cleanup import drop_old_histories
from digitpad.core.runs.differences import name_of_longer, run_name, unused_name
from digitpad.core.runs.run_folder import STATE, Run
from digitpad.core.runs.run_library import names_in_use
from digitpad.core.runs.training_data import TrainingData, load_training_data, with_full_path
from digitpad.core.runs.writer import RunWriter
from digitpad.core.runtime.libraries import library_versions
from digitpad.core.runtime.memory import check_memory
from digitpad.core.training.epochs import sample_of
from digitpad.core.training.events import EpochDone, Event, TrainerState
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.core.translation import tr

OUT_ENDINGS = (SUFFIX, ".pt")  # written after each epoch, so only what is quick


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What to train. Nothing is loaded or written before `run_job` starts."""

    recipe: Recipe
    recipe_name: str
    name: str = ""  # of the run; empty for the recipe's with what differs from it, see `differences.run_name`
    data: Path | None = None
    out: Path | None = None  # an additional file with the weights of the last epoch, see `OUT_ENDINGS`
    resumed: Run | None = None  # the run to resume
    parent: Run | None = None  # the run that a new one continues
    sweep: str = ""  # the id of the sweep that a new run is part of
    runs: Path | None = None  # the folder of a new run; None for the user's runs


@dataclass(frozen=True, slots=True, eq=False)
class RunOpened:
    """The first event of a job.

    The run, with the epochs it already has; a sentence for the user, or none; and some of the training images, for
    `digitpad.core.evaluation.layer_statistics`.
    """

    run: Run
    note: str = ""
    sample: Digits | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RunClosed:
    """The last event of a job that finished."""

    run: Run


JobEvent = Event | RunOpened | RunClosed


def resume_job(run: Run, *, data: Path | None = None, out: Path | None = None, device: str = "") -> TrainingJob:
    """Return the job that resumes a run, by default with its data folder and its device."""
    job = TrainingJob(run.recipe, run.info.recipe_name, run.name, data or run.data_folder, out, resumed=run)
    return with_device(job, device) if device else job


def train_longer_job(
    run: Run, epochs: int, *, data: Path | None = None, out: Path | None = None, device: str = ""
) -> TrainingJob:
    """Return the job that trains a finished or stopped run for more epochs, as a new run that names it.

    The new run has the epochs of the old one, and its learning rate goes on as in a training of `epochs` epochs: with
    a constant schedule the result is that of a training of `epochs` epochs from the start, with a one-cycle schedule
    the rate rises again. Early stopping starts to wait anew if it ended the old run.

    Parameters
    ----------
    run
        The run to continue; it is not changed.
    epochs
        The number of epochs in all, more than the run has.
    data, out, device
        See `resume_job`.

    Raises
    ------
    DigitpadError
        If `epochs` is not more than the run has or too many, the run is being trained, or it has no saved state.

    """
    done = run.rows[-1].epoch if run.rows else 0
    if run.is_running:
        raise DigitpadError("“{run}” is being trained: stop it first", run=run.name)
    if not done or not (run.folder / STATE).is_file():
        raise DigitpadError("“{run}” has no saved state, so it cannot be trained longer: start a new run", run=run.name)
    if epochs <= done:
        raise DigitpadError(
            "“{run}” has already trained {done:,} epochs: choose a larger number of epochs", run=run.name, done=done
        )
    recipe = with_settings(run.recipe, [f"epochs={epochs}"])
    name = name_of_longer(run, recipe)
    job = TrainingJob(recipe, run.info.recipe_name, name, data or run.data_folder, out, parent=run)
    return with_device(job, device) if device else job


def with_device(job: TrainingJob, device: str = "auto") -> TrainingJob:
    """Return the same job for another device."""
    training = replace(job.recipe.training, device=device)
    return replace(job, recipe=replace(job.recipe, training=training))


def run_job(job: TrainingJob, data: TrainingData | None = None) -> Generator[JobEvent, None, None]:
    """Train and yield what happens; each measured epoch is saved before its event is yielded.

    Closing the generator stops the training; the run keeps its best weights. `data` is what `load_training_data`
    returned for the job's recipe; by default it is loaded here.

    Raise DigitpadError if the data is missing, the result cannot be saved, or the training fails. Saved epochs stay.
    """
    if job.out is not None:
        check_ending(job.out, OUT_ENDINGS, tr("'digitpad export RUN FILE' writes other formats"))
        check_writable(job.out)
    folder = data_folder(job.data)
    recipe = with_full_path(job.recipe, folder)
    data = data or load_training_data(recipe, folder, job.resumed or job.parent)
    # Before the run is opened, so that an error leaves it unchanged.
    _check_device(recipe)
    check_memory(memory_needed(recipe), tr("choose smaller layers"))
    drop_old_histories()  # a window that stays open for months, or the command line alone, would keep all of them
    writer = _writer(job, recipe, folder, data)
    try:
        yield RunOpened(writer.run, data.note, sample_of(data.training, layer_statistics.SAMPLE))
        for event in _engine(recipe, data.training, data.test, writer.state):
            if isinstance(event, EpochDone):
                card = model_card(writer.run.name, recipe, data.test.name, event)
                writer.save_epoch(event, card)
                if job.out is not None:
                    _save_out(job.out, event, card)
                yield replace(event, state=None)
            else:
                writer.watch(event)
                yield event
    except (GeneratorExit, KeyboardInterrupt):
        writer.close("stopped")
        raise
    except BaseException as error:
        # If the disk is the reason, this fails too, but the run can still be resumed.
        with contextlib.suppress(DigitpadError):
            writer.close("failed", printable(str(error)))
        raise
    yield RunClosed(writer.close("finished"))


def _save_out(path: Path, epoch: EpochDone, card: ModelCard) -> None:
    if path.suffix.lower() == SUFFIX:
        save_model(path, epoch.model, card)
    else:
        from digitpad.core.models.exchange.state_dicts import write_state_dict

        write_state_dict(path, epoch.model)


def model_card(name: str, recipe: Recipe, test_name: str, epoch: EpochDone) -> ModelCard:
    """Return the model card of an epoch."""
    return ModelCard(
        name=name,
        title=recipe.title,
        dataset=test_name,
        test_accuracy=epoch.test_accuracy,
        test_loss=max(epoch.test_loss, 0.0),
        epochs=epoch.epoch,
        training={**asdict(recipe.training), "engine": recipe.engine},
        versions=library_versions(),
    )


def _writer(job: TrainingJob, recipe: Recipe, folder: Path, data: TrainingData) -> RunWriter:
    if job.resumed is not None:
        return RunWriter.resume(job.resumed, data=folder, digests=data.digests)
    return RunWriter.create(
        recipe,
        job.recipe_name,
        name=_name(job, recipe),
        data=folder,
        versions=library_versions(),
        left_out=data.left_out,
        digests=data.digests,
        parent=job.parent,
        sweep=job.sweep,
        runs=job.runs,
    )


def _name(job: TrainingJob, recipe: Recipe) -> str:
    """Return the name of a new run; one that nobody chose gets a number if it is in use."""
    if job.name and job.parent is None:
        return job.name
    return unused_name(job.name or run_name(recipe, job.recipe_name), names_in_use())


def _engine(recipe: Recipe, training: Digits, test: Digits, state: TrainerState | None) -> Iterator[Event]:
    if recipe.engine == "numpy":
        from digitpad.core.models.specs import CNNSpec
        from digitpad.core.numpy_engine.loop import train_numpy

        if isinstance(recipe.model, CNNSpec):  # `Recipe` refuses it too
            raise DigitpadError("the NumPy engine has no convolutions: choose PyTorch for a CNN")
        return train_numpy(recipe.model, recipe.training, training, test, state=state)
    from digitpad.core.training.loop import train

    return train(recipe.model, recipe.training, training, test, state=state)


def memory_needed(recipe: Recipe) -> float:
    """Return how many bytes a training takes at most, without images and libraries.

    Measured with two layers of 4096 units, at the end of an epoch, when its state and weights are written: 60 bytes for
    each parameter with Adam, 27 with plain SGD, 76 with Adam and averaged weights, 39 in the NumPy engine.
    """
    config = recipe.training
    if recipe.engine == "numpy":
        per_parameter = 40.0
    else:
        moments = {"adam": 8, "adamw": 8}.get(config.optimizer, 4 if config.momentum else 0)
        per_parameter = 27 + 4.5 * moments + (16 if config.average else 0)
    return per_parameter * parameter_count(recipe.model)


def _check_device(recipe: Recipe) -> None:
    if recipe.engine == "torch":
        from digitpad.core.training.train_step import find_device

        find_device(recipe.training.device)

"""A training from recipe to run, as a generator for the command line and the window."""

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from digitpad.core.datasets.loading import MY_DIGITS, load_digits
from digitpad.core.datasets.suspect_labels import marks_of_samples, read_marks, without_samples
from digitpad.core.errors import DigitpadError, printable
from digitpad.core.files.atomic import check_writable
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import Part
from digitpad.core.models.model_files import ModelCard, save_model
from digitpad.core.runs.run_folder import LeftOut, Run
from digitpad.core.runs.writer import RunWriter
from digitpad.core.runtime.libraries import library_versions
from digitpad.core.training.events import EpochDone, Event, TrainerState
from digitpad.core.training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """What to train. Nothing is loaded or written before `run_job` starts."""

    recipe: Recipe
    recipe_name: str
    name: str = ""  # of the run; empty for the recipe's
    data: Path | None = None
    out: Path | None = None  # an additional model file of the last epoch
    resumed: Run | None = None  # the run to resume


@dataclass(frozen=True, slots=True, eq=False)
class RunOpened:
    """The first event of a job: the run, with the epochs it already has."""

    run: Run


@dataclass(frozen=True, slots=True, eq=False)
class RunClosed:
    """The last event of a job that finished."""

    run: Run


JobEvent = Event | RunOpened | RunClosed


def resume_job(run: Run, *, data: Path | None = None, out: Path | None = None, device: str = "") -> TrainingJob:
    """Return the job that resumes a run, by default with its data folder and its device."""
    job = TrainingJob(run.recipe, run.info.recipe_name, run.name, data or run.data_folder, out, resumed=run)
    return with_device(job, device) if device else job


def with_device(job: TrainingJob, device: str = "auto") -> TrainingJob:
    """Return the same job for another device."""
    training = replace(job.recipe.training, device=device)
    return replace(job, recipe=replace(job.recipe, training=training))


def run_job(job: TrainingJob) -> Generator[JobEvent, None, None]:
    """Train and yield what happens; each measured epoch is saved before its event is yielded.

    Closing the generator stops the training; the run keeps its best weights.

    Raise DigitpadError if the data is missing, the result cannot be saved, or the training fails. Saved epochs stay.
    """
    if job.out is not None:
        check_writable(job.out)
    folder = data_folder(job.data)
    recipe = job.recipe
    training, test, left_out = _samples(job, folder)
    _check_sizes(recipe, training, test)
    _check_device(recipe)  # before the run is opened, so that an error leaves it unchanged
    writer = _writer(job, folder, left_out)
    try:
        yield RunOpened(writer.run)
        for event in _engine(recipe, training, test, writer.state):
            if isinstance(event, EpochDone):
                card = model_card(writer.run.name, recipe, test.name, event)
                writer.save_epoch(event, card)
                if job.out is not None:
                    save_model(job.out, event.model, card)
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


def model_card(name: str, recipe: Recipe, test_name: str, epoch: EpochDone) -> ModelCard:
    """Return the model card of an epoch."""
    return ModelCard(
        name=name,
        title=recipe.title,
        dataset=test_name,
        test_accuracy=epoch.test_accuracy,
        test_loss=max(epoch.test_loss, 0.0),
        epochs=epoch.epoch,
        training=asdict(recipe.training),
        versions=library_versions(),
    )


def _samples(job: TrainingJob, folder: Path) -> tuple[Digits, Digits, LeftOut]:
    """Load both parts, and leave out suspect labels if the recipe asks for it."""
    training = load_digits(job.recipe.dataset, "train", folder).first(job.recipe.train_first)
    test = load_digits(job.recipe.dataset, "test", folder).first(job.recipe.test_first)
    left_out = _left_out(job, {"train": training, "test": test})
    return (
        without_samples(training, left_out.get("train", ())),
        without_samples(test, left_out.get("test", ())),
        left_out,
    )


def _left_out(job: TrainingJob, parts: dict[Part, Digits]) -> LeftOut:
    """Return the samples with suspect labels; a resumed run keeps those it started with.

    Except for my digits, whose indices change when digits are added or removed.
    """
    if job.resumed is not None and job.recipe.dataset != MY_DIGITS:
        return job.resumed.info.left_out
    if not job.recipe.leave_out_suspects:
        return {}
    marks, left_out = read_marks(), LeftOut()
    for part, digits in parts.items():
        if indices := sorted(marks_of_samples(digits, job.recipe.dataset, part, marks)):
            left_out[part] = indices
    return left_out


def _writer(job: TrainingJob, data: Path, left_out: LeftOut) -> RunWriter:
    if job.resumed is not None:
        return RunWriter.resume(job.resumed)
    name = job.name or job.recipe_name
    return RunWriter.create(
        job.recipe, job.recipe_name, name=name, data=data, versions=library_versions(), left_out=left_out
    )


def _engine(recipe: Recipe, training: Digits, test: Digits, state: TrainerState | None) -> Iterator[Event]:
    if recipe.engine == "numpy":
        from digitpad.core.models.specs import CNNSpec
        from digitpad.core.numpy_engine.loop import train_numpy

        if isinstance(recipe.model, CNNSpec):  # `Recipe` refuses it too
            raise DigitpadError("the NumPy engine has no convolutions: choose PyTorch for a CNN")
        return train_numpy(recipe.model, recipe.training, training, test, state=state)
    from digitpad.core.training.loop import train

    return train(recipe.model, recipe.training, training, test, state=state)


def _check_device(recipe: Recipe) -> None:
    if recipe.engine == "torch":
        from digitpad.core.training.train_step import find_device

        find_device(recipe.training.device)


def _check_sizes(recipe: Recipe, training: Digits, test: Digits) -> None:
    from digitpad.core.models.specs import inputs_of

    for digits in (training, test):
        if digits.size != inputs_of(recipe.model):
            height, width = digits.size
            raise DigitpadError(
                "{dataset} has images of {height} x {width} px, which this model cannot read: choose other data",
                dataset=digits.name,
                height=height,
                width=width,
            )

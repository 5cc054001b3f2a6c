"""A run as a log for TensorBoard: curves, settings, weights and confusion matrix."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from digitpad.core.errors import DigitpadError, write_error
from digitpad.core.files.atomic_folder import hidden_folder
from digitpad.core.files.paths import make_folder
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.model_files import load_model
from digitpad.core.runs.batch_curve import read_batch_curve, step_numbers
from digitpad.core.runs.exports.run_evaluation import confusion_of, evaluate_run
from digitpad.core.runs.run_folder import Run
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

_PARTS = ("training", "test")
_METRICS = {"loss": ("train_loss", "test_loss"), "accuracy": ("train_accuracy", "test_accuracy")}
_EVENTS = "events.out.tfevents."


def export_tensorboard(run: Run, folder: Path) -> str:
    """Write a run to a folder in `folder` that is named like the run; an earlier export is replaced.

    "training" and "test" have loss and accuracy by epoch, "training" also "batch/loss" and "batch/accuracy" by step.
    The folder itself has the settings as hparams, histograms of the kept weights and the confusion matrix as a picture.

    Return a sentence on what is left out, or an empty text. Raise DigitpadError if the package tensorboard is missing,
    the folder has other files, or it cannot be written.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise DigitpadError(
            "export for TensorBoard needs the package tensorboard: install digitpad[tensorboard]",
            hint="pip install 'digitpad[tensorboard]'",
        ) from error
    target = folder / run.id
    _check_target(target)
    try:
        make_folder(folder)
    except OSError as error:
        raise write_error(target, error) from error
    with hidden_folder(folder, run.id) as hidden:
        for part in _PARTS:
            with SummaryWriter(hidden / part) as writer:
                _write_curves(writer, run, is_test=part == "test")
        with SummaryWriter(hidden) as writer:
            _write_settings(writer, run)
            _write_weights(writer, run)
            note = _write_confusion(writer, run)
        _replace(target, hidden)
    return note


def _check_target(target: Path) -> None:
    """Raise DigitpadError if replacing a folder would follow a link, or delete what digitpad did not write."""
    if any(place.is_symlink() for place in (target, *(target / part for part in _PARTS))):
        raise DigitpadError("{folder} is a link, or contains one: choose another folder", folder=target)
    if not target.exists():
        return
    known = {target / part for part in _PARTS}
    try:
        others = [path for path in target.rglob("*") if path not in known and not path.name.startswith(_EVENTS)]
    except OSError as error:
        raise write_error(target, error) from error
    if others or not target.is_dir():
        raise DigitpadError("{folder} has other files than a log: choose another folder", folder=target)


def _replace(target: Path, hidden: Path) -> None:
    if not target.exists():
        hidden.rename(target)
        return
    with hidden_folder(target.parent, target.name) as old:  # is deleted at the end
        target.rename(old / target.name)
        hidden.rename(target)


def _write_curves(writer: "SummaryWriter", run: Run, *, is_test: bool) -> None:
    start, elapsed, times = run.info.created.timestamp(), 0.0, []
    for row in run.rows:
        elapsed += row.seconds
        times.append((row.epoch, elapsed))
        for metric, names in _METRICS.items():
            writer.add_scalar(metric, getattr(row, names[is_test]), row.epoch, walltime=start + elapsed)
    if is_test:
        return
    curve = read_batch_curve(run.folder)
    epochs, seconds = zip((0, 0.0), *times, strict=True)
    for number, group in zip(step_numbers(run.folder).tolist(), curve.steps.tolist(), strict=True):
        moment = start + float(np.interp(group[0], epochs, seconds))
        writer.add_scalar("batch/loss", group[1], number, walltime=moment)
        writer.add_scalar("batch/accuracy", group[4], number, walltime=moment)


def _write_settings(writer: "SummaryWriter", run: Run) -> None:
    from torch.utils.tensorboard.summary import hparams

    recipe = asdict(run.recipe)
    settings = {"dataset": recipe["dataset"], "engine": recipe["engine"]}
    settings |= _flat("model", recipe["model"]) | _flat("training", recipe["training"])
    used = run.used
    metrics = {} if used is None else {f"hparam/{name}": getattr(used, name) for name in ("test_accuracy", "test_loss")}
    for summary in hparams(settings, metrics):
        writer._get_file_writer().add_summary(summary)  # noqa: SLF001 - add_hparams would write another run
    for name, value in metrics.items():
        writer.add_scalar(name, value, used.epoch if used else 0)


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, bool | int | float | str]:
    found: dict[str, bool | int | float | str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= _flat(f"{prefix}.{name}", value)
        else:
            found[f"{prefix}.{name}"] = value if isinstance(value, bool | int | float | str) else str(value)
    return found


def _write_weights(writer: "SummaryWriter", run: Run) -> None:
    for kept in run.kept_models if run.has_model and not run.model_problem else ():
        model = load_model(kept.path, of_digits=False).model
        for name, tensor in model.named_parameters():
            writer.add_histogram(name.replace(".", "/"), tensor, kept.row.epoch if kept.row else 0)


def _write_confusion(writer: "SummaryWriter", run: Run) -> str:
    from digitpad.core.evaluation.confusion_figure import confusion_figure
    from digitpad.core.evaluation.figures import picture_of

    try:
        samples, counted = evaluate_run(run)
    except DigitpadError as error:
        return tr("without the confusion matrix: {reason}").format(reason=error)
    assert samples.evaluation is not None  # noqa: S101 - a model was given
    confusion = confusion_of(run, samples.evaluation.metrics(counted))
    picture = np.asarray(picture_of(confusion_figure(confusion, display_part_name(samples.digits.name))))
    writer.add_image("confusion matrix", picture, run.used.epoch if run.used else 0, dataformats="HWC")
    return ""

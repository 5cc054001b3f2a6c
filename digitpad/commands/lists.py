"""The commands that list what there is: recipes, runs, models and marked labels."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digitpad.commands.common import AsJson, json_figure, padded
from digitpad.core.translation import percent, tr, tr_noop, tr_plural
from digitpad.error_output import print_error, print_line

# How a run ended, and its text.
_OUTCOMES = {
    "finished": tr_noop("finished"),
    "stopped": tr_noop("stopped"),
    "failed": tr_noop("failed"),
    "interrupted": tr_noop("interrupted"),
}

if TYPE_CHECKING:
    from digitpad.core.datasets.suspect_labels import SuspectLabel
    from digitpad.core.runs.run_folder import Run


def recipes() -> None:
    """List the recipes."""
    from digitpad.core.datasets.catalogue import display_title
    from digitpad.core.models.specs import summary
    from digitpad.core.training.recipe_files import list_recipes

    entries = list_recipes()
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        if recipe := entry.recipe:
            epochs = recipe.training.epochs
            settings = f"{display_title(recipe.dataset)}, {summary(recipe.model)}, {_epochs_text(epochs)}"
            print_line(f"{entry.name:{width}}  {tr(recipe.title)}: {settings}")
        else:
            print_error(entry.problem, 1)


def _epochs_text(epochs: int) -> str:
    return tr_plural("{count:,} epoch", "{count:,} epochs", epochs).format(count=epochs)


def runs(as_json: AsJson = False) -> None:
    """List the runs, newest first, then those that cannot be read."""
    from digitpad.core.runs.run_library import list_runs, list_unreadable_runs

    found, unreadable = list_runs(), list_unreadable_runs()
    for run in found:
        if as_json:
            print(json.dumps(_run_record(run), allow_nan=False))
        else:
            print_line(_run_line(run))
    for broken in unreadable:
        if as_json:
            print(json.dumps({"id": broken.id, "problem": broken.problem}))
        else:
            problem = tr("cannot be read: {problem}").format(problem=broken.problem)
            print_line(f"{broken.id:36} {'–':>8}  {problem}")
    if not found and not unreadable:
        print_line(tr("there are no runs yet: 'digitpad train RECIPE' starts one"), to_error=True)


def _run_line(run: "Run") -> str:
    from digitpad.core.runs.differences import changed_settings, changes_text

    accuracy = percent(run.used.test_accuracy, 2) if run.used else "–"
    changes = changes_text(changed_settings(run.recipe, run.info.recipe_name))
    notes = [
        changes if changes and changes not in run.name else "",
        tr("continues {run}").format(run=run.info.parent) if run.info.parent else "",
        tr("its loss is not a number") if run.model_problem else "",
    ]
    remarks = f" ({'; '.join(filter(None, notes))})" if any(notes) else ""
    seconds = padded(tr("{:.1f} s").format(run.seconds), 9, right=True)
    return f"{run.id:36} {accuracy:>8}  {padded(_state(run), 34)} {seconds}  {run.name}{remarks}"


def _run_record(run: "Run") -> dict[str, object]:
    from digitpad.core.runs.differences import changed_settings

    best = run.best
    return {
        "id": run.id,
        "name": run.name,
        "recipe": run.info.recipe_name,
        "changed": {change.key: change.after for change in changed_settings(run.recipe, run.info.recipe_name)},
        "parent": run.info.parent or None,
        "created": run.info.created.isoformat(),
        "state": "in training" if run.is_running else _outcome(run),
        "epoch": run.rows[-1].epoch if run.rows else 0,
        "epochs": run.recipe.training.epochs,
        "best_epoch": best.epoch if best else None,
        "test_accuracy": json_figure(best.test_accuracy) if best else None,
        "test_loss": json_figure(best.test_loss) if best else None,
        "seconds": json_figure(run.seconds),
        "problem": run.info.problem or run.model_problem or None,
    }


def _state(run: "Run") -> str:
    done, epochs = run.rows[-1].epoch if run.rows else 0, run.recipe.training.epochs
    if run.is_running:
        return tr("in training, epoch {epoch}/{epochs}").format(epoch=done, epochs=epochs)
    text = tr("{outcome}, epoch {epoch}/{epochs}")
    return text.format(outcome=tr(_OUTCOMES[_outcome(run)]), epoch=done, epochs=epochs)


def _outcome(run: "Run") -> str:
    """Return how a run ended, a key of `_OUTCOMES`."""
    return "interrupted" if run.info.outcome == "unfinished" else run.info.outcome


def models() -> None:
    """List the models."""
    from digitpad.core.images.idx_sets import display_part_name
    from digitpad.core.models.model_files import list_models, list_run_models

    for entry in [*list_models(), *list_run_models()]:
        accuracy = "–" if entry.card.test_accuracy is None else percent(entry.card.test_accuracy, 2)
        place = tr("shipped") if entry.is_shipped else str(entry.path)
        data = display_part_name(entry.card.dataset) or tr("unknown data")
        text = tr("{accuracy} on {data}, {place}").format(accuracy=f"{accuracy:>8}", data=data, place=place)
        print_line(f"{entry.name:36} {text}")


def marks(
    export_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE.csv", help="Save them to a CSV file instead.")
    ] = None,
) -> None:
    """List the samples whose label you marked as wrong."""
    from digitpad.core.datasets.suspect_labels import export_marks, read_marks
    from digitpad.core.files.endings import check_ending

    found = read_marks()
    if export_to is not None:
        check_ending(export_to, (".csv",))
        export_marks(export_to, found)
        print_line(tr("saved to {path}").format(path=export_to), to_error=True)
        return
    width = max((len(mark.dataset) for mark in found), default=0)
    for mark in found:
        print_line(_mark_line(mark, width))
    if not found:
        print_line(tr("no labels are marked yet: mark them in the Mistakes tab"), to_error=True)


def _mark_line(mark: "SuspectLabel", width: int) -> str:
    corrected = "?" if mark.corrected is None else mark.corrected
    note = " ".join(mark.note.split())
    return f"{mark.dataset:{width}}  {mark.part:5}  {mark.index:>6}  {mark.label} → {corrected}  {note}".rstrip()

"""The models that can be evaluated: the one in training, shipped ones, runs, and files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.evaluation.samples import ModelUnderTest
from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.core.runs.run_folder import Run
from digitpad.core.translation import percent
from digitpad.gui.session.model_choice import run_entries
from digitpad.gui.session.session import Session

LIVE = "live"


@dataclass(frozen=True, slots=True)
class ModelOption:
    """A model that can be chosen.

    Attributes
    ----------
    key
        Identifies it while the window is open; "live" is the one in training, in whatever epoch.
    group
        The heading that it is listed under.
    title
        Its name, and its test accuracy if known.
    model
        The model itself.

    """

    key: str
    group: str
    title: str
    model: ModelUnderTest


def key_of_run(run: Run) -> str:
    """Return the key of the model that a run shows unless the user chooses another, see `Run.kept_models`."""
    return str(run.kept_model().path)


def file_option(path: Path, tr: Callable[[str], str]) -> ModelOption:
    """Return the option for a model file that the user opened."""
    return ModelOption(str(path), tr("Files"), path.stem, ModelUnderTest(path.stem, path))


def model_options(session: Session, tr: Callable[[str], str]) -> list[ModelOption]:
    """List the models, group by group."""
    live = [session.models.live] if session.models.live else []
    folders = {run.folder for run in session.runs.runs}
    entries = [entry for entry in session.models.entries if entry.live is None]
    saved = [entry for entry in entries if not (entry.belongs_to_run and entry.path.parent in folders)]
    shipped = [entry for entry in saved if entry.is_shipped]
    files = [entry for entry in saved if not entry.is_shipped]
    runs = [run for run in session.runs.runs if run.has_model]
    in_training = tr("In training")
    return [
        *(ModelOption(LIVE, in_training, e.card.name, ModelUnderTest(e.card.name, e.source)) for e in live),
        *(_of_entry(entry, tr("Shipped")) for entry in shipped),
        *(_of_entry(entry, tr("Your runs")) for run in runs for entry in run_entries(run)),
        *(_of_entry(entry, tr("Files")) for entry in files),
    ]


def _of_entry(entry: ModelEntry, group: str) -> ModelOption:
    name = display_name(entry)
    title = _titled(name, entry.card.test_accuracy)
    return ModelOption(str(entry.path), group, title, ModelUnderTest(name, entry.source))


def _titled(name: str, accuracy: float | None) -> str:
    return name if accuracy is None else f"{name} · {percent(accuracy, 2)}".replace(" %", "\N{NO-BREAK SPACE}%")

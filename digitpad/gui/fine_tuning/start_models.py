"""The models that fine-tuning can start from: 28x28 inputs, ten digits as outputs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digitpad.core.detection.digit_detector import recognises_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, SIDE
from digitpad.core.models.model_files import ModelEntry, display_name, read_spec
from digitpad.core.models.specs import Spec, inputs_of
from digitpad.gui.session.model_choice import run_entries
from digitpad.gui.session.session import Session


@dataclass(frozen=True, slots=True)
class StartModel:
    """A model to start from; `key` is its file's path."""

    key: str
    group: str
    title: str
    entry: ModelEntry


def start_models(session: Session, tr: Callable[[str], str]) -> list[StartModel]:
    """List the models that can be fine-tuned, group by group; each file once."""
    folders = {run.folder for run in session.runs.runs}
    others = (
        e for e in session.models.entries if e.live is None and not (e.belongs_to_run and e.path.parent in folders)
    )
    entries = [entry for entry in others if _can_start(entry)]
    runs = [run for run in session.runs.runs if run.has_model and _has_digit_shape(run.recipe.model)]
    of_runs = [entry for run in runs for entry in run_entries(run) if recognises_digits(entry.card)]
    return [
        *_listed([entry for entry in entries if entry.is_shipped], tr("Shipped")),
        *_listed([entry for entry in entries if not entry.is_shipped], tr("Your models")),
        *_listed(of_runs, tr("Your runs")),
    ]


def _listed(entries: list[ModelEntry], group: str) -> Iterator[StartModel]:
    for entry in entries:
        yield StartModel(str(entry.path), group, display_name(entry), entry)


def _can_start(entry: ModelEntry) -> bool:
    if not recognises_digits(entry.card):
        return False
    try:
        return _has_digit_shape(read_spec(entry.path))
    except DigitpadError:
        return False


def _has_digit_shape(spec: Spec) -> bool:
    return inputs_of(spec) == (SIDE, SIDE) and getattr(spec, "outputs", CLASSES) == CLASSES

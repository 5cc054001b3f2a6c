"""The models that fine-tuning can start from: 28x28 inputs, ten digits as outputs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, SIDE
from digitpad.core.models.model_files import BEST, ModelCard, ModelEntry, display_name, read_spec
from digitpad.core.models.specs import Spec, inputs_of
from digitpad.core.recognition.digit_detector import recognises_digits
from digitpad.core.runs.run_folder import Run
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
    entries = [entry for entry in session.models.entries if entry.live is None and _can_start(entry)]
    runs = [run for run in session.runs.runs if run.has_model and _has_digit_shape(run.recipe.model)]
    of_runs = [entry for entry in map(_entry_of, runs) if recognises_digits(entry.card)]
    folders = {run.folder for run in session.runs.runs}
    files = [e for e in entries if not e.is_shipped and not (e.path.name == BEST and e.path.parent in folders)]
    return [
        *_listed([entry for entry in entries if entry.is_shipped], tr("Shipped")),
        *_listed(files, tr("Your models")),
        *_listed(of_runs, tr("Your runs")),
    ]


def _listed(entries: list[ModelEntry], group: str) -> Iterator[StartModel]:
    for entry in entries:
        yield StartModel(str(entry.path), group, display_name(entry), entry)


def _entry_of(run: Run) -> ModelEntry:
    # The file is read only when needed.
    recipe = run.recipe
    card = ModelCard(name=run.name, title=recipe.title[:200], dataset=recipe.dataset[:200])
    return ModelEntry(run.folder / BEST, card, is_shipped=False)


def _can_start(entry: ModelEntry) -> bool:
    if not recognises_digits(entry.card):
        return False
    try:
        return _has_digit_shape(read_spec(entry.path))
    except DigitpadError:
        return False


def _has_digit_shape(spec: Spec) -> bool:
    return inputs_of(spec) == (SIDE, SIDE) and getattr(spec, "outputs", CLASSES) == CLASSES

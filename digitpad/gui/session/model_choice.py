"""The models: which can be chosen, which one recognises drawings, and the one in training."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.loading import name_of_part
from digitpad.core.detection.digit_detector import recognises_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES, name_of_first
from digitpad.core.models.model_files import (
    BEST,
    FOREIGN,
    LAST,
    SUFFIX,
    LoadedModel,
    ModelCard,
    ModelEntry,
    list_models,
    read_card,
)
from digitpad.core.runs.run_folder import EpochRow, KeptModel, Run, RunInfo
from digitpad.core.runs.run_library import UnreadableRun
from digitpad.core.runs.training_job import TrainingJob
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipes import Recipe
from digitpad.gui.session.settings import DEFAULT_MODEL, Settings


class ModelChoice(QObject):
    """Owns the list of models and the choice; setters emit only on change."""

    entries_changed = Signal()
    chosen_changed = Signal(object)  # ModelEntry
    chosen_updated = Signal(object)  # ModelEntry: the chosen model is in training, and has finished an epoch
    live_changed = Signal(object)  # ModelEntry: the model in training after an epoch; None when the training ends
    following_changed = Signal(bool)
    comparing_changed = Signal(bool)
    problem_found = Signal(str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._entries = list_models()
        self._of_runs: list[ModelEntry] = []
        # Of runs, by their folders.
        self._known: dict[Path, tuple[RunInfo, tuple[EpochRow, ...], list[ModelEntry]]] = {}
        self._opened: set[Path] = set()  # the files that were opened in this session
        self._lost: Path | None = None  # the chosen model, if its run was deleted
        self._chosen = self._initial_choice()
        self._is_comparing = settings.is_comparing
        self._live: ModelEntry | None = None
        self._before_following: ModelEntry | None = None  # the chosen model before the pad followed the training

    @property
    def entries(self) -> list[ModelEntry]:
        """The models that can be chosen: shipped ones, the user's, files opened in this session, and of runs."""
        return [*self._entries, *self._of_runs]

    @property
    def chosen(self) -> ModelEntry:
        """The model that recognises drawings."""
        return self._chosen

    @property
    def compared(self) -> list[ModelEntry]:
        """The models whose answers are shown: the chosen one, or when comparing also the shipped ones."""
        if not self._is_comparing:
            return [self._chosen]
        shipped = [entry for entry in self._entries if entry.is_shipped]
        return shipped if self._chosen.is_shipped else [*shipped, self._chosen]

    @property
    def is_comparing(self) -> bool:
        """Whether several models answer side by side."""
        return self._is_comparing

    @property
    def live(self) -> ModelEntry | None:
        """The model in training, as it was after its last epoch."""
        return self._live

    @property
    def is_following(self) -> bool:
        """Whether the pad uses the model in training, epoch by epoch."""
        return self._before_following is not None

    @Slot(object)
    def add(self, entry: ModelEntry) -> None:
        """Add a model to the list; a model of the same file is replaced."""
        self._add(entry)
        self.entries_changed.emit()

    def show_runs(self, runs: Iterable[Run]) -> None:
        """List the models of the runs that read digits, in this order and under their present names, see `run_entries`.

        A run of clothes or letters is listed only if its model was opened.
        """
        usable = (run for run in runs if run.best is not None and _has_digit_outputs(run))
        entries = [entry for run in usable for entry in self._entries_of(run)]
        listed = [entry for entry in entries if recognises_digits(entry.card) or entry.path in self._opened]
        paths = {entry.path for entry in listed}
        others = [entry for entry in self._entries if entry.path not in paths]
        if listed == self._of_runs and len(others) == len(self._entries):
            return
        self._entries, self._of_runs = others, listed
        wanted = self._lost or self._chosen.path
        # The last epoch may have become the best one.
        of_its_run = [e for e in listed if e.path.parent == wanted.parent and wanted.name in (BEST, LAST)]
        chosen = next((entry for entry in of_its_run if entry.path == wanted), next(iter(of_its_run), self._chosen))
        if chosen == self._chosen:
            self.entries_changed.emit()
        else:  # renamed, trained further, or restored
            self._choose(chosen)
            self.entries_changed.emit()

    @Slot(object)
    def choose(self, entry: ModelEntry) -> None:
        """Choose the model that recognises drawings."""
        if entry != self._chosen:
            self._choose(entry)

    def choose_opened(self, entry: ModelEntry) -> None:
        """Add and choose the model of a file that was just read: its weights may have changed."""
        self._choose(self._add(entry))
        self.entries_changed.emit()

    @Slot(bool)
    def set_comparing(self, enabled: bool) -> None:
        """Let several models answer, or one."""
        if enabled != self._is_comparing:
            self._is_comparing = self._settings.is_comparing = enabled
            self.comparing_changed.emit(enabled)

    @Slot(bool)
    def set_following(self, enabled: bool) -> None:
        """Use the model in training after its next epoch, or the model chosen before."""
        if enabled == self.is_following:
            return
        before = self._before_following
        self._before_following = self._chosen if enabled else None
        if enabled and self._live:
            self._choose_live(self._live)
        elif before is not None and self._chosen.live:
            self._leave_live(before)
        self.following_changed.emit(enabled)

    def set_live(self, entry: ModelEntry | None) -> None:
        """Set the model in training after an epoch, or None when there is no training."""
        if entry is None and self._live is None:
            return
        self._live = entry
        if entry and self.is_following:
            self._choose_live(entry)
        self.live_changed.emit(entry)

    def end_training(self) -> bool:
        """Forget the model in training, and return whether it was chosen; if so, choose the model before it."""
        self.set_live(None)
        before, was_chosen = self._before_following, self._chosen.live is not None
        if before is None:
            return False
        self._before_following = None
        self.following_changed.emit(False)
        if was_chosen:
            self._leave_live(before)
        return was_chosen

    def remove_missing(self) -> bool:
        """If the file of the chosen model was deleted, choose the default model and return True."""
        missing = self._chosen
        if missing.is_shipped or missing.live is not None or not _is_missing(missing.path):
            return False
        self._entries, self._of_runs = (
            [known for known in entries if known.path != missing.path] for entries in (self._entries, self._of_runs)
        )
        self._choose(self._default())
        self.entries_changed.emit()
        text = self.tr("{} does not exist any more: {} is used instead")
        self.problem_found.emit(text.format(missing.path, self._chosen.name))
        return True

    @Slot(list)
    def remove_runs(self, runs: Sequence[Run | UnreadableRun]) -> None:
        """Remove the models of deleted runs. If one was chosen, it is chosen again when its run is restored."""
        folders = {run.folder for run in runs}
        count = len(self.entries)
        self._entries, self._of_runs = (
            [entry for entry in entries if folders.isdisjoint((entry.path, *entry.path.parents))]
            for entries in (self._entries, self._of_runs)
        )
        if not folders.isdisjoint(self._chosen.path.parents):
            lost = self._chosen.path
            self._choose(self._default())
            self._lost = lost
        elif len(self.entries) < count:
            self.entries_changed.emit()

    def _entries_of(self, run: Run) -> list[ModelEntry]:
        """Return the entries of a run; the list of runs is often read again, and most of them are as before."""
        info, rows, entries = self._known.get(run.folder, (None, None, []))
        if not entries or rows is not run.rows or info != run.info:
            entries = run_entries(run)
            self._known[run.folder] = (run.info, run.rows, entries)
        return entries

    def _add(self, entry: ModelEntry) -> ModelEntry:
        """Add a model, and return it as it is listed: a shipped one and one of a run keep their names."""
        known = next((known for known in self.entries if _is_same_file(known, entry)), None)
        if known is not None and (known.is_shipped or known in self._of_runs):
            return known
        self._opened.add(entry.path)
        self._entries = [known for known in self._entries if known.path != entry.path] + [entry]
        return entry

    def _choose(self, entry: ModelEntry) -> None:
        if entry.live is None and self.is_following:
            # The user chooses another model than the one in training.
            self._before_following = None
            self.following_changed.emit(False)
            self._entries = [known for known in self._entries if known.live is None]
        self._chosen, self._lost = entry, None
        self._settings.model = entry.name if entry.is_shipped else str(entry.path)
        self.chosen_changed.emit(entry)

    def _choose_live(self, entry: ModelEntry) -> None:
        """Choose the newest copy of the model in training; only the first copy changes the choice."""
        is_first = self._chosen.live is None
        self._entries = [known for known in self._entries if known.live is None] + [entry]
        self._chosen = entry
        if is_first:
            self.chosen_changed.emit(entry)
        self.chosen_updated.emit(entry)

    def _leave_live(self, before: ModelEntry) -> None:
        self._entries = [known for known in self._entries if known.live is None]
        # It may have been renamed since.
        self._choose(next((known for known in self.entries if known.path == before.path), before))

    def _initial_choice(self) -> ModelEntry:
        name = self._settings.model
        entry = next((entry for entry in self._entries if str(entry.path) == name), None)
        entry = entry or self._shipped(name) or self._read_earlier(name)
        if entry is None and not self._entries:
            raise DigitpadError("the shipped models are missing from the installation: install digitpad again")
        return entry or self._default()

    def _default(self) -> ModelEntry:
        return self._shipped(DEFAULT_MODEL) or self._entries[0]

    def _shipped(self, name: str) -> ModelEntry | None:
        return next((entry for entry in self._entries if entry.is_shipped and entry.name == name), None)

    def _read_earlier(self, path: str) -> ModelEntry | None:
        """Read a model file that was opened in an earlier session."""
        if not path.lower().endswith((SUFFIX, *FOREIGN)):
            return None
        try:
            entry = ModelEntry(path=Path(path), card=read_card(Path(path)), is_shipped=False)
        except DigitpadError:
            return None
        self._add(entry)
        return entry


def run_entries(run: Run) -> list[ModelEntry]:
    """Return the models of `Run.kept_models`, under the run's present name. Nothing is read from its files."""
    models = run.kept_models
    return [_run_entry(run, kept, is_one_of_two=len(models) > 1) for kept in models]


def _run_entry(run: Run, kept: KeptModel, *, is_one_of_two: bool) -> ModelEntry:
    recipe, row = run.recipe, kept.row
    loss = row.test_loss if row and isfinite(row.test_loss) else None
    card = ModelCard(
        name=run.name,
        title=recipe.title[:200],
        dataset=_test_name(recipe),
        test_accuracy=row.test_accuracy if row and 0 <= row.test_accuracy <= 1 else None,
        test_loss=loss,
        epochs=row.epoch if row else None,
        training={**asdict(recipe.training), "engine": recipe.engine},
        versions=run.info.versions,
    )
    return ModelEntry(kept.path, card, is_shipped=False, is_one_of_two=is_one_of_two)


def live_entry(run: Run, job: TrainingJob, event: EpochDone, name: str) -> ModelEntry | None:
    """Return the model in training as an entry; None if its outputs are not the ten digits."""
    if not _has_digit_outputs(run):
        return None
    card = ModelCard(
        name=name[:200],
        title=job.recipe.title,
        dataset=_test_name(job.recipe),
        test_accuracy=event.test_accuracy,
        test_loss=event.test_loss,
        epochs=event.epoch,
    )
    return ModelEntry(run.folder, card, is_shipped=False, live=LoadedModel(event.model, card))


def _test_name(recipe: Recipe) -> str:
    """Return the name of what a recipe tests on, as its model's card has it: "MNIST test (first 1,000)"."""
    name = name_of_part(recipe.dataset, "test")
    return (name_of_first(name, recipe.test_first) if recipe.test_first else name)[:200]


def _has_digit_outputs(run: Run) -> bool:
    return getattr(run.recipe.model, "outputs", CLASSES) == CLASSES


def _is_same_file(one: ModelEntry, other: ModelEntry) -> bool:
    """Return whether two entries have the same file, also if one path leads through links."""
    if one.path == other.path:
        return True
    return one.path.name == other.path.name and one.path.resolve() == other.path.resolve()


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # the file may exist
        return False
    return False

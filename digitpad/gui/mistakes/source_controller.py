"""Chooses which models are evaluated on which samples, and starts the evaluation."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.catalogue import DatasetState, catalogue, entry_of, state_of
from digitpad.core.datasets.loading import GATES, MY_DIGITS
from digitpad.core.datasets.preview import is_known_split
from digitpad.core.evaluation.evaluator import EvaluationRequest
from digitpad.core.evaluation.samples import ModelUnderTest, PartChoice, SampleSet, has_raw_pixels, part_choices
from digitpad.core.files.paths import data_folder
from digitpad.core.images.idx_sets import PARTS, Part
from digitpad.core.models.model_files import ModelEntry
from digitpad.core.my_digits.dataset import content_stamp
from digitpad.core.runs.run_folder import Run
from digitpad.gui.mistakes.model_choices import LIVE, ModelOption, file_option, key_of_run, model_options
from digitpad.gui.mistakes.source_picker import AS_TRAINED, SourcePicker
from digitpad.gui.session.session import Session


@dataclass(frozen=True, slots=True)
class SourceChoice:
    """The chosen models and data; the runs that the models belong to, and the model files that were opened."""

    models: tuple[str, str]
    runs: tuple[Run, ...]
    files: tuple[Path, ...]
    dataset: str
    folder: Path
    part: PartChoice
    as_trained: bool
    raw_pixels: bool


class SourceController(QObject):
    """Keeps the choice of models and data; starts an evaluation whenever it changes."""

    evaluation_started = Signal(str)  # its title; "" for a newer epoch of the same model
    data_missing = Signal(str)  # the data set

    def __init__(self, session: Session, panel: SourcePicker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._panel = session, panel
        self._model = self._first_model = str(session.models.chosen.path)
        self._second_model = ""
        self._dataset, self._folder = "mnist", data_folder()
        self._digits = self._dataset  # the last data set that is no gate
        self._part: PartChoice = "test"
        self._as_trained = True  # only the images of the part that the training of the model had, if it had fewer
        self._raw_pixels = False
        self._has_evaluated = self._is_active = False
        self._options: list[ModelOption] = []
        self._files: list[Path] = []
        self._request: EvaluationRequest | None = None
        self._signature: tuple[object, ...] = ()  # of the last request, including the model files

        panel.model_chosen.connect(self.choose_model)
        panel.second_model_chosen.connect(self.choose_second_model)
        panel.dataset_chosen.connect(self.choose_dataset)
        panel.part_chosen.connect(self._on_part_chosen)
        panel.pixels_chosen.connect(self.choose_pixels)
        session.models.entries_changed.connect(self.refresh)
        session.runs.changed.connect(self.refresh)
        session.models.live_changed.connect(self._on_live_changed)

    @property
    def model(self) -> str:
        """The key of the chosen model; "" for none."""
        return self._model

    @property
    def dataset(self) -> str:
        """The chosen data set."""
        return self._dataset

    @property
    def state(self) -> DatasetState:
        """Whether the chosen part of the data set is installed."""
        return state_of(self._dataset, self._folder, self.parts)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The chosen parts of the data set."""
        return PARTS if self._part == "all" else (self._part,)

    @property
    def others(self) -> list[ModelUnderTest]:
        """The other models that predict a single sample: all shipped ones, and the second of a comparison."""
        wanted = [m for m in self._options if m.model.source != self._source(self._model)]
        shipped = {str(entry.path) for entry in self._session.models.entries if entry.is_shipped}
        return [m.model for m in wanted if m.key in shipped or m.key == self._second_model]

    @property
    def is_live(self) -> bool:
        """Whether the model in training is evaluated."""
        return LIVE in (self._model, self._second_model)

    def set_active(self, *, active: bool) -> None:
        """Evaluate when the tab is first shown; evaluate the model in training only while the tab is visible."""
        self._is_active = active
        if active:
            before = self._request
            if not self._has_evaluated and self._model == self._first_model:
                self._model = str(self._session.models.chosen.path)  # the pad may have another one by now
            self.refresh()
            self._session.runs.refresh()  # this lists everything again
            if not self._has_evaluated or (self.is_live and self._request is before):
                self.evaluate()

    @Slot()
    def refresh(self) -> None:
        """List models and data again; keep the choice unless it is gone, and evaluate again if it has changed."""
        if not self._is_active:
            return
        self._options = model_options(self._session, self.tr)
        known = {model.key for model in self._options}
        self._options += [file_option(path, self.tr) for path in self._files if str(path) not in known]
        keys = {model.key for model in self._options} | {""}
        if self._model not in keys:
            self._model = self._replacement()
        if self._second_model not in keys or self._second_model == self._model:
            self._second_model = ""
        if self._has_evaluated and self._signature != self._current_signature():
            self.evaluate()
        else:
            self._show()

    @Slot(str)
    def choose_model(self, key: str) -> None:
        """Choose another model; "" for none."""
        is_other_run = self._run_of(key) != self._run_of(self._model)
        self._as_trained = self._as_trained or is_other_run
        self._model = key
        if key == self._second_model or not key:
            self._second_model = ""
        self._fit_data(is_other_run=is_other_run)
        self.evaluate()

    def open_file(self, path: Path) -> None:
        """Choose a model file; if it is damaged, the evaluation reports it."""
        path = path.absolute()
        self.refresh()
        listed = (option.key for option in self._options if _is_same_file(option.key, path))
        key = next(listed, "")
        if not key and path not in self._files:
            self._files.append(path)
            self.refresh()
        self.choose_model(key or str(path))

    @Slot(str)
    def choose_second_model(self, key: str) -> None:
        """Compare with another model; "" for none."""
        self._second_model = key
        self.evaluate()

    @Slot(str)
    def choose_dataset(self, key: str) -> None:
        """Choose another data set."""
        self._dataset, self._folder = key, data_folder()
        self._fit_model()
        run = self._run_of(self._model)
        is_own = run is not None and run.recipe.dataset == key
        if is_known_split(key, self._folder) and not is_own:
            self._part = "all"  # the files have no parts, and the model was trained on none of them
        elif self._part not in part_choices(self._dataset):
            self._part = "test"
        self.evaluate()

    @property
    def choice(self) -> SourceChoice:
        """What is chosen, to choose it in another window."""
        models = (self._model, self._second_model)
        runs = tuple(run for key in models if (run := self._run_of(key)) is not None)
        data = (self._dataset, self._folder, self._part, self._as_trained, self._raw_pixels)
        return SourceChoice(models, runs, tuple(self._files), *data)

    def restore(self, choice: SourceChoice) -> None:
        """Choose the models and the data of another window."""
        for run in choice.runs:  # list it before the folders are read
            self._session.runs.add(run)
        self._model, self._second_model = choice.models
        self._files = list(choice.files)
        self._dataset, self._folder, self._part = choice.dataset, choice.folder, choice.part
        self._as_trained, self._raw_pixels = choice.as_trained, choice.raw_pixels
        self.refresh()

    def choose_part(self, part: PartChoice, *, as_trained: bool = False) -> None:
        """Choose another part of the data set, or only those of its images that the training of the model had."""
        self._part, self._as_trained = part, as_trained
        self.evaluate()

    @Slot(bool)
    def choose_pixels(self, raw: bool) -> None:
        """Choose whether the model gets pixels from 0 to 255, instead of 0 to 1."""
        self._raw_pixels = raw
        self.evaluate()

    def show_run(self, run: Run) -> None:
        """Choose a run's model, see `Run.kept_models`, and the test images that it was evaluated on."""
        self._model, self._second_model = key_of_run(run), ""
        self._dataset, self._part = run.recipe.dataset, "test"
        self._as_trained, self._raw_pixels = True, False
        self._folder = data_folder(run.data_folder)
        if not self.state.is_ready:
            self._folder = data_folder()  # it is no longer in the folder of the run
        self._session.runs.add(run)  # list it before the folders are read
        self.refresh()
        self.evaluate()
        self._session.runs.refresh()

    @Slot()
    def evaluate(self) -> None:
        """Evaluate the chosen model on the chosen samples."""
        self._has_evaluated, self._signature = True, self._current_signature()
        self._show()
        if not self.state.is_ready:
            self._signature = ()  # look for it again as soon as anything changes
            self._session.evaluation.cancel()
            self.data_missing.emit(self._dataset)
            return
        which = self._sample_set
        models = (self._model_under_test(key) for key in (self._model, self._second_model))
        request = EvaluationRequest(which, *models)
        before = self._request
        has_same_models = before is not None and _without_epochs(before) == _without_epochs(request)
        is_fresher = self.is_live and has_same_models
        is_renamed = not self.is_live and has_same_models and before != request
        self._request = request
        # The old result stays until the new one is there.
        self.evaluation_started.emit("" if is_fresher or is_renamed else self._request_title(request))
        self._session.evaluation.evaluate(request, after=is_fresher)

    def _request_title(self, request: EvaluationRequest) -> str:
        title = entry_of(self._dataset).title
        data = self.tr("{} · {}").format(title, self._panel.part.currentText())
        return self.tr("{} on {}").format(request.model.name, data) if request.model else data

    def _show(self) -> None:
        self._panel.show_models(self._options, self._model, self._second_model)
        keys = {entry.key for entry in catalogue()} | {self._dataset}
        states: dict[str, DatasetState] = {key: state_of(key, data_folder(), self.parts) for key in keys}
        self._panel.show_data(self._dataset, states)
        self._panel.show_part(self._dataset, self._part, self._training_counts, as_trained=self._as_trained)
        self._panel.show_pixels(self._dataset, raw=self._raw_pixels, has_model=bool(self._model))
        self._panel.show_note(self._note())

    @property
    def _sample_set(self) -> SampleSet:
        first = self._training_counts.get(self._part) if self._as_trained and self._part != "all" else None
        raw = self._raw_pixels and bool(self._model) and has_raw_pixels(self._dataset)
        return SampleSet(self._dataset, self._part, self._folder, first, raw)

    @property
    def _training_counts(self) -> dict[Part, int]:
        """The number of images of each part that the training of the model had, if it was limited."""
        run = self._run_of(self._model)
        if run is None or run.recipe.dataset != self._dataset:
            return {}
        counts: dict[Part, int | None] = {"test": run.recipe.test_first, "train": run.recipe.train_first}
        return {part: count for part, count in counts.items() if count is not None}

    def _run_of(self, key: str) -> Run | None:
        """Return the run that a model belongs to."""
        if key == LIVE:
            return self._session.training.run
        return next((run for run in self._session.runs.runs if run.folder == Path(key).parent), None)

    def _note(self) -> str:
        """Return what to know about the chosen images, a sentence for each fact."""
        notes, which = [], self._sample_set
        count = self._training_counts.get(self._part) if self._part != "all" else None
        if count is not None:
            training, test = (
                (
                    self.tr("All figures are about the {:,} images that the model was trained on."),
                    self.tr("All figures are about the {:,} images that the training measured."),
                )
                if which.first
                else (
                    self.tr("The model was trained on only the first {:,} of these images."),
                    self.tr("The training measured only the first {:,} of these images: its figures are different."),
                )
            )
            notes.append((training if self._part == "train" else test).format(count))
        if which.raw_pixels:
            text = self.tr(
                "The model was trained on pixels from 0 to 1. Larger pixels make the sums of its first layer "
                "about 255 times as large, but not its biases: some answers change, and most models become far too "
                "sure. Sigmoid and tanh units only reach their limits: models with them may stay about as sure."
            )
            notes.append(text)
        return "\n".join(notes)

    def _fit_data(self, *, is_other_run: bool) -> None:
        """For the model of a gate, choose the gate as data; for other models choose digits.

        For another epoch of the same run, the gate that the user chose stays.
        """
        gate = self._gate_of(self._model)
        is_unfit = bool(gate) != (self._dataset in GATES)
        if self._model and (is_unfit or (gate and is_other_run)):
            self._dataset, self._folder, self._part = gate or self._digits, data_folder(), "test"

    def _fit_model(self) -> None:
        """For the data of a gate, choose the newest model of it, or else of another gate; for digits, one of digits."""
        if self._dataset not in GATES:
            self._digits = self._dataset
        if self._model and bool(self._gate_of(self._model)) != (self._dataset in GATES):
            gates = {key: gate for option in self._options if (gate := self._gate_of(key := option.key))}
            ours = [key for key, gate in gates.items() if gate == self._dataset] or list(gates)
            chosen = str(self._session.models.chosen.path)
            self._model = (ours[0] if ours else self._model) if self._dataset in GATES else chosen
            self._second_model = ""

    def _gate_of(self, key: str) -> str:
        """Return the gate that a model was trained on, or "" for none."""
        run = self._run_of(key)
        return run.recipe.dataset if run is not None and run.recipe.dataset in GATES else ""

    def _model_under_test(self, key: str) -> ModelUnderTest | None:
        return next((model.model for model in self._options if model.key == key), None)

    def _current_signature(self) -> tuple[object, ...]:
        """Return a value that changes when the result of an evaluation would change."""
        models = (self._model_under_test(key) for key in (self._model, self._second_model))
        mine = content_stamp() if self._dataset == MY_DIGITS else ""
        return (self._sample_set, mine, *map(_stamp, models))

    def _source(self, key: str) -> object:
        model = self._model_under_test(key)
        return model.source if model else None

    def _replacement(self) -> str:
        """Return a model in place of one that is gone: the run it became, or the model of the pad."""
        run = self._session.training.run
        if self._model == LIVE and run is not None and any(m.key == key_of_run(run) for m in self._options):
            return key_of_run(run)
        chosen = str(self._session.models.chosen.path)
        keys = [model.key for model in self._options if model.key != LIVE]
        return chosen if chosen in keys else next(iter(reversed(keys)), "")

    @Slot(str)
    def _on_part_chosen(self, key: str) -> None:
        part = key.removesuffix(AS_TRAINED)
        self.choose_part(cast("PartChoice", part), as_trained=part != key)

    @Slot(object)
    def _on_live_changed(self, _entry: ModelEntry | None) -> None:
        was_live = self.is_live
        self.refresh()
        if was_live and self.is_live and self._is_active:
            self.evaluate()


def _is_same_file(key: str, path: Path) -> bool:
    """Return whether the key of a model is its file, also if one path leads through links."""
    return key == str(path) or (Path(key).name == path.name and Path(key).resolve() == path.resolve())


def _stamp(model: ModelUnderTest | None) -> tuple[object, ...]:
    if model is None or not isinstance(model.source, Path):
        return (model and LIVE,)
    try:
        status = model.source.stat()
    except OSError:
        return (model.name, model.source)
    return (model.name, model.source, status.st_mtime_ns, status.st_size)


def _without_epochs(request: EvaluationRequest) -> tuple[object, ...]:
    """Return the part of a request that is the same in every epoch of the model in training."""
    sources = (model.source if model else None for model in (request.model, request.second_model))
    return (request.sample_set, *(source if source is None or isinstance(source, Path) else LIVE for source in sources))

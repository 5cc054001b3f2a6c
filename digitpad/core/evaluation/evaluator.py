"""Evaluations of models on data sets, with a cache of results."""

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digitpad.core.datasets.loading import GATES, load_digits
from digitpad.core.datasets.suspect_labels import read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import LoadedSet, ModelUnderTest, Samples, SampleSet, load_set
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.specs import Spec, accepts_size, inputs_of, output_of, outputs_of_model
from digitpad.core.runtime.malloc import trim_heap

if TYPE_CHECKING:
    from digitpad.core.evaluation.result import Evaluation
    from digitpad.core.models.model_files import LoadedModel

_MAX_RESULTS = 12  # an evaluation of 60,000 samples needs 4 MB


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """A set of samples, the model to evaluate, and a second model to compare it with."""

    sample_set: SampleSet
    model: ModelUnderTest | None = None
    second_model: ModelUnderTest | None = None


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """The number of samples that a model has predicted."""

    model: str
    done: int
    total: int


class Evaluator:
    """Loads sets and evaluates models; keeps the latest results. Use it from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache(of_digits=False)
        # The models are kept too, so that no new model gets the id() of an old one.
        self._results: OrderedDict[tuple[int, str, int], tuple[LoadedModel, Evaluation]] = OrderedDict()
        self._loaded: LoadedSet | None = None

    def evaluate(self, request: EvaluationRequest) -> Generator[ModelProgress | Samples, None, None]:
        """Yield progress, then the samples. Closing the generator cancels; finished evaluations are kept.

        Raise DigitpadError if data or a model is missing or damaged, or the model cannot read these images. If the
        user's marks cannot be read, `Samples.marks_problem` gives the reason.
        """
        loaded = self._load(request.sample_set)
        try:
            marks, problem = loaded.marks_by_index(read_marks()), ""
        except DigitpadError as error:
            marks, problem = {}, str(error)
        samples = Samples(loaded, marks=marks, marks_problem=problem)
        if request.model:
            model, result = yield from self._evaluate_model(request.model, loaded)
            samples = replace(samples, model=request.model.name, evaluation=result, loaded_model=model)
        if request.second_model:
            _, result = yield from self._evaluate_model(request.second_model, loaded)
            samples = replace(samples, second_model=request.second_model.name, second_evaluation=result)
        trim_heap()
        yield samples

    def _load(self, sample_set: SampleSet) -> LoadedSet:
        if self._loaded is None or self._loaded.sample_set != sample_set or not _is_current(self._loaded):
            self._loaded = None  # free the old set before the new one is read
            self._loaded = load_set(sample_set)
        return self._loaded

    def _evaluate_model(
        self, model: ModelUnderTest, samples: LoadedSet
    ) -> "Generator[ModelProgress, None, tuple[LoadedModel, Evaluation]]":
        from digitpad.core.evaluation.model_loss import ModelLoss
        from digitpad.core.evaluation.result import Evaluation, evaluate_with_progress

        loaded, digits = self._models.get(model.source), samples.inputs
        check_fits(model.name, loaded.model.spec, samples)
        key = (id(loaded), digits.digest, digits.peak)
        if key not in self._results:
            loss = ModelLoss.of(output_of(loaded.model.spec), loaded.card.training)
            for state in evaluate_with_progress(loaded.model, digits, loss):
                if isinstance(state, Evaluation):
                    self._results[key] = (loaded, state)
                else:
                    yield ModelProgress(model.name, state.done, state.total)
        self._results.move_to_end(key)
        while len(self._results) > _MAX_RESULTS:
            self._results.popitem(last=False)
        return self._results[key]


def check_fits(name: str, spec: Spec, samples: LoadedSet) -> None:
    """Raise DigitpadError if a model cannot predict these samples; `name` is the model's."""
    digits, is_gate = samples.digits, samples.sample_set.dataset in GATES
    if is_gate and outputs_of_model(spec) > 1:
        raise DigitpadError(
            "{name} recognises the ten digits, not the two classes of {dataset}: choose a model that was trained on it",
            name=name,
            dataset=display_part_name(digits.name),
        )
    if not is_gate and outputs_of_model(spec) == 1:
        raise DigitpadError(
            "{name} recognises two classes, not the ten digits: choose XOR or another gate",
            name=name,
            hint="--dataset xor",
        )
    if not accepts_size(inputs_of(spec), digits.size):
        height, width = digits.size
        raise DigitpadError(
            "{name} cannot read images of {width}x{height} px, as in {dataset}: choose another model or data set",
            name=name,
            width=width,
            height=height,
            dataset=display_part_name(digits.name),
        )


def _is_current(loaded: LoadedSet) -> bool:
    """Return whether the files of both parts are unchanged: `load_digits` then returns the same objects again."""
    wanted = loaded.sample_set
    return bool(loaded.parts) and all(
        load_digits(wanted.dataset, part, wanted.folder) is digits for part, digits in loaded.parts.items()
    )

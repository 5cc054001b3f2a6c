"""Evaluations of models on data sets, each done once."""

import zlib
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import SuspectLabel, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.samples import LoadedSet, ModelUnderTest, Samples, SampleSet, load_set
from digitpad.core.images.digits import Digits
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.specs import accepts_size, inputs_of
from digitpad.core.runtime.malloc import trim_heap

if TYPE_CHECKING:
    from digitpad.core.evaluation.result import Evaluation
    from digitpad.core.models.model_files import LoadedModel

# Of 60,000 samples an evaluation takes 4 MB.
_MOST_KEPT = 12


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """A set of samples, the model whose answers are looked at, and the one that it is compared with."""

    sample_set: SampleSet
    model: ModelUnderTest | None = None
    rival: ModelUnderTest | None = None


@dataclass(frozen=True, slots=True)
class ModelProgress:
    """How far the answers of a model are."""

    model: str
    done: int
    total: int


class Evaluator:
    """Loads sets and asks models; what was asked before is known. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._known: OrderedDict[tuple[int, int], tuple[LoadedModel, Evaluation]] = OrderedDict()
        self._loaded: LoadedSet | None = None
        self._digest: tuple[Digits, int] | None = None

    def evaluate(self, request: EvaluationRequest) -> Generator[ModelProgress | Samples, None, None]:
        """Yield how far it is, then the samples. Closing the generator cancels; what was finished is kept.

        Raises
        ------
        DigitpadError
            Where data or a model is not there, is damaged, or one does not fit the other. Of marks that cannot be read
            the samples tell.

        """
        loaded = self._set(request.sample_set)
        marks, problem = _marks(loaded)
        samples = Samples(loaded, marks=marks, marks_problem=problem)
        if request.model:
            asked, said = yield from self._evaluation(request.model, loaded.digits)
            samples = replace(samples, model=request.model.name, evaluation=said, loaded_model=asked)
        if request.rival:
            _, said = yield from self._evaluation(request.rival, loaded.digits)
            samples = replace(samples, rival=request.rival.name, rival_evaluation=said)
        trim_heap()
        yield samples

    def _set(self, which: SampleSet) -> LoadedSet:
        kept = self._loaded
        if kept and kept.sample_set == which and _is_unchanged(kept):
            return kept
        self._loaded = self._digest = None  # what it took is free before more is read
        self._loaded = load_set(which)
        return self._loaded

    def _evaluation(
        self, asked: ModelUnderTest, digits: Digits
    ) -> "Generator[ModelProgress, None, tuple[LoadedModel, Evaluation]]":
        from digitpad.core.evaluation.result import Evaluation, evaluate_with_progress

        loaded = self._models.get(asked.source)
        if not accepts_size(inputs_of(loaded.model.spec), digits.size):
            height, width = digits.size
            raise DigitpadError(
                "{name} cannot read images of {height} x {width} px, which {dataset} has: choose another "
                "model or data set",
                name=asked.name,
                height=height,
                width=width,
                dataset=digits.name,
            )
        key = (id(loaded), self._digest_of(digits))
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        result = None
        for state in evaluate_with_progress(loaded.model, digits):
            if isinstance(state, Evaluation):
                result = state
            else:
                yield ModelProgress(asked.name, state.done, state.total)
        assert result is not None  # noqa: S101 - it is the last that comes
        self._known[key] = (loaded, result)  # the model is kept as well, so that no other has its identity
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return loaded, result

    def _digest_of(self, digits: Digits) -> int:
        if self._digest is None or self._digest[0] is not digits:
            images, labels = np.ascontiguousarray(digits.images), np.ascontiguousarray(digits.labels)
            self._digest = (digits, zlib.crc32(images.data, zlib.crc32(labels.data)))
        return self._digest[1]


def _is_unchanged(kept: LoadedSet) -> bool:
    """Tell whether both parts' files are as they were: as long as they are, the parts are the same objects."""
    which = kept.sample_set
    return bool(kept.parts) and all(
        load_digits(which.dataset, part, which.folder) is digits for part, digits in kept.parts.items()
    )


def _marks(loaded: LoadedSet) -> tuple[dict[int, SuspectLabel], str]:
    try:
        return loaded.marks_by_index(read_marks()), ""
    except DigitpadError as error:
        return {}, str(error)

"""Evaluations of models on data sets, each done once."""

import zlib
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.data import Digits
from digitpad.core.errors import DigitpadError
from digitpad.core.label_marks import read_marks
from digitpad.core.model_cache import ModelCache
from digitpad.core.samples import LoadedSet, Samples, SampleSet, load_set
from digitpad.core.specs import inputs_of

if TYPE_CHECKING:
    from digitpad.core.evaluation import Evaluation
    from digitpad.core.storage import LoadedModel

# Of 60,000 samples an evaluation takes 4 MB.
_MOST_KEPT = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A model that is asked: what people call it, and its file, or itself where it is in memory."""

    name: str
    source: "Path | LoadedModel"


@dataclass(frozen=True, slots=True)
class Request:
    """A set of samples, the model whose answers are looked at, and the one that it is compared with."""

    which: SampleSet
    model: Asked | None = None
    rival: Asked | None = None


@dataclass(frozen=True, slots=True)
class Looking:
    """How far the answers of a model are."""

    model: str
    done: int
    total: int


class Evaluator:
    """Loads sets and asks models; what was asked before is known. To be used from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._known: OrderedDict[tuple[object, ...], tuple[object, Evaluation]] = OrderedDict()
        self._loaded: LoadedSet | None = None
        self._digest: tuple[object, int] = (None, 0)

    def gather(self, request: Request) -> Generator[Looking | Samples, None, None]:
        """Yield how far it is, then the samples. Closing the generator cancels; what was finished is kept.

        Raises
        ------
        DigitpadError
            Where data or a model is not there, is damaged, or one does not fit the other. Marks that cannot be read
            are another matter, and left out.

        """
        loaded = self._set(request.which)
        samples = Samples(loaded, marks=_marks(loaded))
        if request.model:
            said = yield from self._evaluation(request.model, loaded.digits)
            samples = replace(samples, model=request.model.name, evaluation=said)
        if request.rival:
            said = yield from self._evaluation(request.rival, loaded.digits)
            samples = replace(samples, rival=request.rival.name, rival_evaluation=said)
        if samples.evaluation:
            samples.evaluation.measured()  # scikit-learn takes most of a second to load: better here than in the window
        yield samples

    def _set(self, which: SampleSet) -> LoadedSet:
        loaded = load_set(which)
        kept = self._loaded
        if which.part == "all" and kept and kept.which == which and _is_same(kept.digits, loaded.digits):
            return kept
        self._loaded = loaded
        return loaded

    def _evaluation(self, asked: Asked, digits: Digits) -> "Generator[Looking, None, Evaluation]":
        from digitpad.core.evaluation import Evaluation, evaluating

        model = self._models.get(asked.source).model
        if not fits(inputs_of(model.spec), digits.size):
            height, width = digits.size
            raise DigitpadError(
                f"{asked.name} cannot read images of {height} x {width} px, which {digits.name} has: "
                "choose another model or data set"
            )
        key = (_identity(asked.source), self._digest_of(digits))
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key][1]
        result = None
        for state in evaluating(model, digits):
            if isinstance(state, Evaluation):
                result = state
            else:
                yield Looking(asked.name, state.done, state.total)
        assert result is not None  # noqa: S101 - it is the last that comes
        self._known[key] = (asked.source, result)  # a model in memory stays, so that no other has its identity
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return result

    def _digest_of(self, digits: Digits) -> int:
        if self._digest[0] is not digits:
            self._digest = (digits, zlib.crc32(digits.images.tobytes(), zlib.crc32(digits.labels.tobytes())))
        return self._digest[1]


def fits(inputs: tuple[int, int], size: tuple[int, int]) -> bool:
    """Tell whether a model that reads images of one size, height and width in px, can make sense of others.

    Larger ones are averaged down; smaller ones would have to be made up.
    """
    return inputs == size or (size == (28, 28) and inputs[0] <= 28 and inputs[1] <= 28)


def _is_same(a: Digits, b: Digits) -> bool:
    return a.name == b.name and len(a) == len(b) and bool((a.labels == b.labels).all())


def _identity(source: "Path | LoadedModel") -> tuple[object, ...]:
    if not isinstance(source, Path):
        return ("in memory", id(source))
    stat = source.stat()
    return (source.resolve(), stat.st_mtime_ns, stat.st_size)


def _marks(loaded: LoadedSet) -> dict:
    try:
        return loaded.marked(read_marks())
    except DigitpadError:
        return {}

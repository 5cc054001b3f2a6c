"""Recognise a drawing with one or more models, as a digit and, if requested, as a number."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from digitpad.core.detection.digit_detector import THRESHOLD, digit_scores
from digitpad.core.errors import DigitpadError
from digitpad.core.ink import drawing as drawing_module
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.models.activations import Activations
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.switched_off import Unit, without_units
from digitpad.core.recognition.number import read_number, read_several
from digitpad.core.recognition.prediction import Prediction, predict
from digitpad.core.recognition.reading import Reading

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel
    from digitpad.core.models.single_image import SingleImageModel


@dataclass(frozen=True, slots=True)
class Failure:
    """The reason why a model gives no answer, as a sentence."""

    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A drawing and the models to recognise it: files, or models in memory.

    A drawing with a digit score below `threshold`, in [0, 1], is refused. With `as_number` it is read as a whole number
    too; see `digitpad.core.recognition.number`. With `seeks_several` it is read as a number if that fits better than
    one digit; this takes several times as long. In the model `chosen`, one of `models`, some units are `switched_off`;
    with `looks_inside` the answer has the values of its layers.
    """

    drawing: Drawing
    models: "tuple[Path | LoadedModel, ...]"
    threshold: float = THRESHOLD
    as_number: bool = False
    seeks_several: bool = False
    chosen: "Path | LoadedModel | None" = None
    switched_off: frozenset[Unit] = frozenset()
    looks_inside: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The result for a question: a prediction per model, or a failure if the model cannot be used.

    With `as_number` also a reading per model, None if the model cannot be used. With `seeks_several` a reading per
    model, None unless the drawing probably shows several digits. `activations` are those of the chosen model, None if
    they are not asked for.
    """

    question: Question
    image: DigitImage
    predictions: tuple[Prediction | Failure, ...]
    milliseconds: float  # computing time, without waiting
    readings: tuple[Reading | None, ...] = ()
    activations: Activations | None = None


class _Prepared(NamedTuple):
    """A model as drawings need it."""

    loaded: "LoadedModel"
    single: "SingleImageModel"


class Recogniser:
    """Answer questions; load a model when it is first needed, and again when its file has changed."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._prepared: dict[tuple[LoadedModel, frozenset[Unit]], _Prepared] = {}

    def answer(self, question: Question) -> Answer:
        """Answer one question; call it from one thread at a time. A broken model does not affect the others."""
        import torch

        # One drawing is too little work for several threads: a second OpenMP thread would wait for the window's.
        torch.set_num_threads(1)
        models = self._prepared_models(question)
        started = time.perf_counter()
        image = drawing_module.digit_image(question.drawing)
        activations = self._activations(question, models, image) if question.looks_inside else None
        predictions = self._predictions(question, models, image, activations)
        is_read = question.as_number or question.seeks_several
        readings = _readings(question, models, predictions) if is_read else ()
        milliseconds = (time.perf_counter() - started) * 1000
        return Answer(question, image, predictions, milliseconds, readings, activations)

    def _prepared_models(self, question: Question) -> "list[_Prepared | Failure]":
        """Prepare the question's models; others are forgotten, because a training brings a new model every epoch."""
        known, self._prepared = self._prepared, {}
        return [self._prepare(source, question, known) for source in question.models]

    def _prepare(
        self,
        source: "Path | LoadedModel",
        question: Question,
        known: "Mapping[tuple[LoadedModel, frozenset[Unit]], _Prepared]",
    ) -> "_Prepared | Failure":
        units = question.switched_off if source == question.chosen else frozenset()
        try:
            key = self._models.get(source), units
            self._prepared[key] = known.get(key) or _prepared(*key)
        except DigitpadError as error:
            return Failure(str(error))
        return self._prepared[key]

    def _activations(
        self, question: Question, models: "Sequence[_Prepared | Failure]", image: DigitImage
    ) -> Activations | None:
        """Look inside the chosen model. Its prediction uses the same logits, so this takes no second pass."""
        for source, model in zip(question.models, models, strict=True):
            if source == question.chosen and not isinstance(model, Failure):
                return model.single.activations(image.pixels)
        return None

    def _predictions(
        self,
        question: Question,
        models: "Sequence[_Prepared | Failure]",
        image: DigitImage,
        activations: Activations | None,
    ) -> tuple[Prediction | Failure, ...]:
        try:
            scores = digit_scores(image.pixels[None])
        except DigitpadError as error:
            return (Failure(str(error)),) * len(models)
        known = {question.chosen: activations.logits} if activations else {}
        return tuple(
            model if isinstance(model, Failure) else self._predict(model, image, scores, question, known.get(source))
            for source, model in zip(question.models, models, strict=True)
        )

    def _predict(
        self,
        model: _Prepared,
        image: DigitImage,
        scores: np.ndarray,
        question: Question,
        logits: np.ndarray | None,
    ) -> Prediction:
        if logits is None:
            logits = model.single.logits(image.pixels)
        (prediction,) = predict([image], model.loaded, scores=scores, threshold=question.threshold, logits=logits[None])
        return prediction


def quickened(loaded: "LoadedModel") -> "LoadedModel":
    """Return a model with a copy of its network that answers a single image faster; see `networks.quick_copy`."""
    from digitpad.core.models.networks import quick_copy

    return replace(loaded, model=quick_copy(loaded.model))


def _prepared(loaded: "LoadedModel", switched_off: frozenset[Unit]) -> _Prepared:
    from digitpad.core.models.single_image import SingleImageModel

    if switched_off:
        loaded = replace(loaded, model=without_units(loaded.model, switched_off))
    quick = quickened(loaded)
    return _Prepared(quick, SingleImageModel(quick.model))


def _readings(
    question: Question,
    models: "Sequence[_Prepared | Failure]",
    predictions: Sequence[Prediction | Failure],
) -> tuple[Reading | None, ...]:
    return tuple(
        None
        if isinstance(model, Failure) or isinstance(prediction, Failure)
        else read_number(question.drawing, model.loaded).with_threshold(question.threshold)
        if question.as_number
        else read_several(question.drawing, model.loaded, prediction)
        for model, prediction in zip(models, predictions, strict=True)
    )

"""The answer to a drawing: its digit image, what each chosen model says of it, and the number if that is asked."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from digitpad.core.errors import DigitpadError
from digitpad.core.ink import drawing as drawing_module
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.models.cache import ModelCache
from digitpad.core.recognition.digit_detector import THRESHOLD, digit_scores
from digitpad.core.recognition.number import Reading, read_number
from digitpad.core.recognition.prediction import Prediction, predict

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# More than are ever compared; what is trained gives another with every epoch.
_MOST_MODELS = 8


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model has no answer, as a sentence."""

    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A drawing, and the models that are asked about it: files, or models in memory.

    What has a lower digit score than `threshold`, in [0, 1], is refused. With `as_number` it is read as a whole number
    too, with a threshold of its own; see `digitpad.core.recognition.number`.
    """

    drawing: Drawing
    models: "tuple[Path | LoadedModel, ...]"
    threshold: float = THRESHOLD
    as_number: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of a question; predictions in the order of its models, a failure where one cannot be used.

    So are the readings, where a number was asked for: None where a model cannot be used.
    """

    question: Question
    image: DigitImage
    predictions: tuple[Prediction | Failure, ...]
    milliseconds: float  # from question to answer, waiting not counted
    readings: tuple[Reading | None, ...] = ()


class Recogniser:
    """Answers questions. Models are loaded when first asked for, and again when their file has changed."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._quick = lru_cache(_MOST_MODELS)(_quick_copy)

    def answer(self, question: Question) -> Answer:
        """Answer one question; to be called from one thread at a time. A broken model fails alone."""
        import torch

        # One drawing is too little work to share. A second OpenMP thread would only wait for the window's.
        torch.set_num_threads(1)
        models = [self._model(source) for source in question.models]
        started = time.perf_counter()
        image = drawing_module.digit_image(question.drawing)
        predictions = _predictions(image, models, question.threshold)
        readings = _readings(question, models, predictions) if question.as_number else ()
        milliseconds = (time.perf_counter() - started) * 1000
        return Answer(question, image, predictions, milliseconds, readings)

    def _model(self, source: "Path | LoadedModel") -> "LoadedModel | Failure":
        try:
            return self._quick(self._models.get(source))
        except DigitpadError as error:
            return Failure(str(error))


def _quick_copy(loaded: "LoadedModel") -> "LoadedModel":
    from digitpad.core.models.networks import quick_copy

    return replace(loaded, model=quick_copy(loaded.model))


def _predictions(
    image: DigitImage, models: "Sequence[LoadedModel | Failure]", threshold: float
) -> tuple[Prediction | Failure, ...]:
    try:
        scores = digit_scores(image.pixels[None])
    except DigitpadError as error:
        return (Failure(str(error)),) * len(models)
    return tuple(
        model if isinstance(model, Failure) else predict([image], model, scores=scores, threshold=threshold)[0]
        for model in models
    )


def _readings(
    question: Question,
    models: "Sequence[LoadedModel | Failure]",
    predictions: Sequence[Prediction | Failure],
) -> tuple[Reading | None, ...]:
    return tuple(
        None
        if isinstance(model, Failure) or isinstance(prediction, Failure)
        else read_number(question.drawing, model).with_threshold(question.threshold)
        for model, prediction in zip(models, predictions, strict=True)
    )

"""The answer to a drawing: its digit image, and what each chosen model says of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core import drawing as drawing_module
from digitpad.core.drawing import Drawing
from digitpad.core.errors import DigitpadError
from digitpad.core.geometry import DigitImage
from digitpad.core.model_cache import ModelCache

if TYPE_CHECKING:
    from digitpad.core.storage import LoadedModel

# Below this probability for the best digit, no digit is claimed: others together are as likely.
SURE_ENOUGH = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What one model says of one digit image.

    Attributes
    ----------
    logits, probabilities
        (10,) float64; the probabilities sum to 1. For a blank image all digits are alike.
    is_blank
        Whether there was anything to say something about.

    """

    logits: np.ndarray
    probabilities: np.ndarray
    is_blank: bool = False

    @property
    def best(self) -> int:
        """The most probable digit."""
        return int(self.probabilities.argmax())

    @property
    def digit(self) -> int | None:
        """The answer; None for a blank image or where the model is not sure enough."""
        return self.best if not self.is_blank and self.confidence >= SURE_ENOUGH else None

    @property
    def confidence(self) -> float:
        """The best digit's probability; 0 for a blank image."""
        return 0.0 if self.is_blank else float(self.probabilities[self.best])


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a model has no answer, as a sentence."""

    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A drawing, and the models that are asked about it: files, or models in memory."""

    drawing: Drawing
    models: "tuple[Path | LoadedModel, ...]"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of a question; predictions in the order of its models, a failure where one cannot be used."""

    question: Question
    image: DigitImage
    predictions: tuple[Prediction | Failure, ...]
    milliseconds: float  # from question to answer, waiting not counted


class Recogniser:
    """Answers questions. Models are loaded when first asked for, and again when their file has changed."""

    def __init__(self) -> None:
        self._models = ModelCache()

    def answer(self, question: Question) -> Answer:
        """Answer one question; to be called from one thread at a time. A broken model fails alone."""
        import torch

        # One drawing is too little work to share. A second OpenMP thread would only wait for the window's.
        torch.set_num_threads(1)
        models = [self._model(source) for source in question.models]
        started = time.perf_counter()
        image = drawing_module.digit_image(question.drawing)
        predictions = tuple(model if isinstance(model, Failure) else predict([image], model)[0] for model in models)
        milliseconds = (time.perf_counter() - started) * 1000
        return Answer(question=question, image=image, predictions=predictions, milliseconds=milliseconds)

    def _model(self, source: "Path | LoadedModel") -> "LoadedModel | Failure":
        try:
            return self._models.get(source)
        except DigitpadError as error:
            return Failure(str(error))


def predict(images: Sequence[DigitImage], model: "LoadedModel") -> list[Prediction]:
    """Let a model predict digit images; blank ones get no answer."""
    from digitpad.core.evaluation import predict_logits, probabilities, softmax

    logits = predict_logits(model.model, np.stack([image.pixels for image in images])).astype(np.float64)
    none = np.zeros(10)
    return [
        Prediction(logits=none, probabilities=softmax(none), is_blank=True)
        if image.is_blank
        else Prediction(logits=row, probabilities=probabilities(row, model.model.spec))
        for image, row in zip(images, logits, strict=True)
    ]

"""All that can be said of one sample: what other models make of it, what it is like, and why the model answered so."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.datasets.loading import has_parts, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.neighbours import Neighbours, find_same_image, nearest_neighbours
from digitpad.core.evaluation.saliency import Explanation, explain
from digitpad.core.images.digits import CLASSES, Digits, to_floats
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.specs import accepts_size, inputs_of
from digitpad.core.recognition.prediction import Prediction

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

Explanations = dict[str, Explanation]


@dataclass(frozen=True, slots=True, eq=False)
class InspectionRequest:
    """A sample, and what it is to be held against.

    Attributes
    ----------
    image
        (h, w) uint8, 0 background, `peak` ink.
    peak
        The value that stands for 1.0.
    label, predicted
        What it is, and what `model` takes it for, 0–9; None where nothing was predicted.
    model
        The model whose answer is explained: a file or a model in memory; None for none.
    others
        Names and models whose opinions are asked for.
    dataset, folder
        The set that it is from and the data folder, as for `digitpad.core.datasets.loading.load_digits`.
    training_index
        Which sample of the training part it is; None for one of the test part.

    """

    image: np.ndarray
    peak: int
    label: int
    predicted: int | None
    model: "Path | LoadedModel | None"
    others: "tuple[tuple[str, Path | LoadedModel], ...]"
    dataset: str
    folder: Path
    training_index: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Opinion:
    """What one model says of the sample; no prediction and a sentence why where it cannot say anything."""

    name: str
    prediction: Prediction | None
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """What came of a question.

    Attributes
    ----------
    opinions
        Of the question's `others`, in their order.
    neighbours
        The training samples most like this one: those of the predicted digit, then those of the true one; only the
        latter where both are the same or nothing was predicted, and none where there is no training part.
    training
        Where the neighbours are from; None where it cannot be had.
    explanations
        "predicted", "label", and "difference" (the predicted digit rather than the true one), as far as there are a
        model, a prediction and a difference.
    problem
        Why there are no neighbours, as a sentence; "" where there are.
    model_problem
        Why there are no explanations though there is a model, as a sentence; else "".

    """

    opinions: tuple[Opinion, ...]
    neighbours: tuple[Neighbours, ...]
    training: Digits | None
    explanations: Explanations
    problem: str = ""
    model_problem: str = ""


class Inspector:
    """Answers questions; to be called from one thread at a time. The last training part and the models are kept."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._training: tuple[tuple[str, Path], Digits] | None = None

    def inspect(self, question: InspectionRequest) -> Inspection:
        """Say all that can be said of a sample; what cannot be said does not keep the rest from it."""
        import torch

        # One image is too little work to share; see `digitpad.core.recognition.prediction`.
        torch.set_num_threads(1)
        opinions = tuple(self._opinion(question, name, source) for name, source in question.others)
        explanations, model_problem = self._explained(question)
        try:
            training, problem = self._training_part(question.dataset, question.folder), ""
        except DigitpadError as error:
            training, problem = None, str(error)
        neighbours = () if training is None else _neighbours(question, training)
        return Inspection(opinions, neighbours, training, explanations, problem, model_problem)

    def _opinion(self, question: InspectionRequest, name: str, source: "Path | LoadedModel") -> Opinion:
        from digitpad.core.models.inference import predict_logits, probabilities

        try:
            model = self._model(source, question.image, name).model
        except DigitpadError as error:
            return Opinion(name, None, str(error))
        logits = predict_logits(model, question.image[None], question.peak)[0].astype(np.float64)
        if not np.isfinite(logits).all():
            return Opinion(name, None, f"{name} gives no numbers: its training has diverged, choose another model")
        return Opinion(name, Prediction(logits=logits, probabilities=probabilities(logits, model.spec)))

    def _explained(self, question: InspectionRequest) -> tuple[Explanations, str]:
        if question.model is None:
            return {}, ""
        try:
            loaded = self._model(question.model, question.image)
        except DigitpadError as error:
            return {}, str(error)
        pixels = to_floats(question.image, question.peak)
        explanations = {"label": explain(loaded.model, pixels, question.label)}
        if question.predicted == question.label:
            explanations["predicted"] = explanations["label"]
        elif question.predicted is not None:
            explanations["predicted"] = explain(loaded.model, pixels, question.predicted)
            explanations["difference"] = explain(loaded.model, pixels, question.predicted, question.label)
        return explanations, ""

    def _model(self, source: "Path | LoadedModel", image: np.ndarray, name: str = "") -> "LoadedModel":
        """Return a model that can read the image."""
        loaded = self._models.get(source)
        spec, name = loaded.model.spec, name or loaded.card.name
        if getattr(spec, "outputs", CLASSES) != CLASSES:
            raise DigitpadError("{name} tells two classes apart, not ten digits: choose a model of digits", name=name)
        (height, width), (rows, columns) = inputs_of(spec), image.shape
        if not accepts_size((height, width), (rows, columns)):
            raise DigitpadError(
                "{name} reads images of {width} x {height} px and this one has {columns} x {rows}: "
                "choose a model trained on such images",
                name=name,
                width=width,
                height=height,
                columns=columns,
                rows=rows,
            )
        return loaded

    def _training_part(self, dataset: str, folder: Path) -> Digits:
        key = dataset, folder
        if self._training is None or self._training[0] != key:
            self._training = None  # let go of the old one before the new one is read
        # A set of files that is in use is shared, and may meanwhile be a view of a larger one.
        if self._training is None or has_parts(dataset):
            self._training = key, load_digits(dataset, "train", folder)
        return self._training[1]


def _neighbours(question: InspectionRequest, training: Digits) -> tuple[Neighbours, ...]:
    itself = question.training_index
    if itself is None and not has_parts(question.dataset):
        itself = find_same_image(question.image, training, question.label, peak=question.peak)
    labels = dict.fromkeys(label for label in (question.predicted, question.label) if label is not None)
    return tuple(
        nearest_neighbours(question.image, training, label, peak=question.peak, leave_out=itself) for label in labels
    )

"""Details of one sample: predictions of other models, similar training samples, and saliency maps."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.datasets.loading import GATES, has_parts, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.neighbours import Neighbours, find_same_image, nearest_neighbours
from digitpad.core.evaluation.saliency import saliency_map
from digitpad.core.images.digits import CLASSES, Digits, to_floats
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.specs import Spec, accepts_size, inputs_of
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel


@dataclass(frozen=True, slots=True, eq=False)
class InspectionRequest:
    """A sample, and what to compare it with.

    Attributes
    ----------
    image
        (h, w) uint8, 0 background, `peak` ink.
    peak
        The pixel value that means 1.0.
    raw_pixels
        Whether the models get the pixels as they are, not divided by `peak`.
    label, predicted
        0–9: the label, and the prediction of `model`; None without a prediction.
    model
        The model to explain: a file or a model in memory; None for none.
    others
        Names and models, whose predictions are computed too.
    dataset, folder
        The data set of the sample and the data folder, as for `digitpad.core.datasets.loading.load_digits`.
    training_index
        The number of the sample in the training part; None for a test sample.

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
    raw_pixels: bool = False

    @property
    def input_peak(self) -> int:
        """The pixel value that the models get as 1.0."""
        return 1 if self.raw_pixels else self.peak


@dataclass(frozen=True, slots=True, eq=False)
class ModelPrediction:
    """The prediction of one model; if there is none, `problem` is a sentence with the reason."""

    name: str
    prediction: Prediction | None
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """The details of a sample; of a gate's point there are none.

    Attributes
    ----------
    predictions
        Of the request's `others`, in their order.
    neighbours
        The most similar training samples: those of the predicted digit, then those of the label. One entry if both are
        the same or there is no prediction, none without a training part.
    training
        The training part, to which the neighbours belong; None if it cannot be loaded.
    saliency_maps
        "label"; with a prediction also "predicted"; if it is wrong also "difference" (why the predicted digit and not
        the label). Empty without a model. See `digitpad.core.evaluation.saliency.saliency_map`.
    problem
        The reason why there are no neighbours, as a sentence, or "".
    model_problem
        The reason why the model cannot be explained, as a sentence, or "".

    """

    predictions: tuple[ModelPrediction, ...]
    neighbours: tuple[Neighbours, ...]
    training: Digits | None
    saliency_maps: dict[str, np.ndarray]
    problem: str = ""
    model_problem: str = ""


class Inspector:
    """Inspects samples; keeps the last training part and the models. Use it from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache()
        self._training: tuple[tuple[str, Path], Digits] | None = None

    def inspect(self, request: InspectionRequest) -> Inspection:
        """Compute the details of a sample; a problem with one part does not affect the others."""
        import torch

        if request.dataset in GATES:
            return Inspection((), (), None, {})
        # One image is too little work for several threads; see `digitpad.core.recognition.prediction`.
        torch.set_num_threads(1)
        predictions = tuple(self._predict(request, name, source) for name, source in request.others)
        saliency_maps, model_problem = self._explain(request)
        try:
            training, problem = self._training_part(request.dataset, request.folder), ""
        except DigitpadError as error:
            training, problem = None, str(error)
        neighbours = () if training is None else _neighbours(request, training)
        return Inspection(predictions, neighbours, training, saliency_maps, problem, model_problem)

    def _predict(self, request: InspectionRequest, name: str, source: "Path | LoadedModel") -> ModelPrediction:
        from digitpad.core.models.inference import predict_logits, probabilities

        try:
            model = self._model(source, request.image, name).model
        except DigitpadError as error:
            return ModelPrediction(name, None, str(error))
        logits = predict_logits(model, request.image[None], request.input_peak)[0].astype(np.float64)
        if not np.isfinite(logits).all():
            problem = tr("{} gives outputs that are not numbers: its training diverged, choose another model")
            return ModelPrediction(name, None, problem.format(name))
        return ModelPrediction(name, Prediction(logits=logits, probabilities=probabilities(logits, model.spec)))

    def _explain(self, request: InspectionRequest) -> tuple[dict[str, np.ndarray], str]:
        if request.model is None:
            return {}, ""
        try:
            model = self._model(request.model, request.image).model
        except DigitpadError as error:
            return {}, str(error)
        pixels = to_floats(request.image, request.input_peak)
        maps = {"label": saliency_map(model, pixels, request.label)}
        if request.predicted == request.label:
            maps["predicted"] = maps["label"]
        elif request.predicted is not None:
            maps["predicted"] = saliency_map(model, pixels, request.predicted)
            maps["difference"] = saliency_map(model, pixels, request.predicted, request.label)
        return maps, ""

    def _model(self, source: "Path | LoadedModel", image: np.ndarray, name: str = "") -> "LoadedModel":
        """Load a model; raise if it cannot read the image."""
        loaded = self._models.get(source)
        spec, name = loaded.model.spec, name or loaded.card.name
        if getattr(spec, "outputs", CLASSES) != CLASSES:
            raise DigitpadError("{name} recognises two classes, not ten digits: choose a model of digits", name=name)
        check_size(spec, name, image.shape)
        return loaded

    def _training_part(self, dataset: str, folder: Path) -> Digits:
        key = dataset, folder
        if self._training is None or self._training[0] != key:
            self._training = None  # free the old part before the new one is read
        # Loaded files are shared: their arrays may have become views of a larger array in the meantime.
        if self._training is None or has_parts(dataset):
            self._training = key, load_digits(dataset, "train", folder)
        return self._training[1]


def check_size(spec: Spec, name: str, size: tuple[int, ...]) -> None:
    """Raise DigitpadError if the model `name` cannot read images of this size, (height, width) px."""
    (height, width), (rows, columns) = inputs_of(spec), size
    if not accepts_size((height, width), (rows, columns)):
        raise DigitpadError(
            "{name} reads images of {width}x{height} px, and this one has {columns}x{rows} px: "
            "choose a model for images of this size",
            name=name,
            width=width,
            height=height,
            columns=columns,
            rows=rows,
        )


def _neighbours(request: InspectionRequest, training: Digits) -> tuple[Neighbours, ...]:
    itself = request.training_index
    if itself is None and not has_parts(request.dataset):
        itself = find_same_image(request.image, training, request.label, peak=request.peak)
    labels = dict.fromkeys(label for label in (request.predicted, request.label) if label is not None)
    return tuple(
        nearest_neighbours(request.image, training, label, peak=request.peak, leave_out=itself) for label in labels
    )

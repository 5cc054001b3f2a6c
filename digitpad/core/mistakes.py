"""The test images that a run's best model gets wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitpad.core.data import Digits, load_digits
from digitpad.core.folders import data_folder
from digitpad.core.runs import Run
from digitpad.core.storage import BEST, load_model


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """An image that the model gets wrong.

    Attributes
    ----------
    image
        (height, width) uint8, 0 background, 255 ink.
    label, predicted
        What it is, and what the model takes it for, in 0–9.
    confidence
        The probability, in [0, 1], that the model gives its wrong answer.
    index
        Which image of the test part it is, counted from 0.

    """

    image: np.ndarray
    label: int
    predicted: int
    confidence: float
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class MistakesOfRun:
    """All k mistakes on a run's test part, the surest first; of equally sure ones the earlier image.

    Attributes
    ----------
    run
        Whose best model was asked.
    dataset
        What the test part is called, for people: "MNIST test".
    total
        How many images were asked about, the right ones included.
    images
        (k, height, width) uint8, 0 background, 255 ink.
    labels, predicted
        (k,) uint8 in 0–9: what they are, and what the model takes them for.
    confidences
        (k,) float64 in [0, 1]: the probability that the model gives its wrong answer.
    indices
        (k,) int64: which images of the test part they are, counted from 0.

    """

    run: Run
    dataset: str
    total: int
    images: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    confidences: np.ndarray
    indices: np.ndarray

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, number: int) -> Mistake:
        return Mistake(
            image=self.images[number],
            label=int(self.labels[number]),
            predicted=int(self.predicted[number]),
            confidence=float(self.confidences[number]),
            index=int(self.indices[number]),
        )

    def __iter__(self) -> Iterator[Mistake]:
        return (self[number] for number in range(len(self)))

    @property
    def accuracy(self) -> float:
        """The share of images that are right, in [0, 1]."""
        return 1 - len(self) / self.total


def find_mistakes(run: Run) -> MistakesOfRun:
    """Have a run's best model predict the test part that the run was measured on.

    Raises
    ------
    DigitpadError
        Where the model or the data set is not there, is damaged, or the model does not tell ten digits apart.

    """
    from digitpad.core.evaluation import predict_logits, probabilities

    model = load_model(run.folder / BEST).model
    folder = data_folder(Path(run.info.data) if run.info.data else None)
    digits = load_digits(run.recipe.dataset, "test", folder).first(run.recipe.test_first)
    logits = predict_logits(model, digits.images, digits.peak)
    predicted = logits.argmax(axis=1)
    wrong = np.flatnonzero(predicted != digits.labels)
    confidences = probabilities(logits[wrong], model.spec)[np.arange(len(wrong)), predicted[wrong]]
    order = np.argsort(-confidences, kind="stable")
    indices = wrong[order]
    return MistakesOfRun(
        run=run,
        dataset=digits.name,
        total=len(digits),
        images=_full_scale(digits, indices),
        labels=digits.labels[indices].astype(np.uint8),
        predicted=predicted[indices].astype(np.uint8),
        confidences=confidences[order],
        indices=indices.astype(np.int64),
    )


def _full_scale(digits: Digits, indices: np.ndarray) -> np.ndarray:
    """Copy some of the images, their peak brought to 255."""
    images = digits.images[indices]
    return images if digits.peak == 255 else np.round(images * (255 / digits.peak)).astype(np.uint8)

"""A model's predictions for digit images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.detection.digit_detector import THRESHOLD, recognises_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# If the best digit is less probable, there is no answer: the others together are as likely.
MIN_CONFIDENCE = 0.5
WIDEST_PROBABILITY = ">99.9 %"  # of what `probability_text` returns


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """One model's prediction for one digit image.

    Attributes
    ----------
    logits, probabilities
        (10,) float64; the probabilities sum to 1. For a blank image all are equal.
    is_blank
        Whether the image is blank.
    digit_score
        How much the image looks like a digit, in [0, 1]; None if not measured. See
        `digitpad.core.detection.digit_detector`.
    threshold
        The image is refused if its score is below this, in [0, 1]; 0 refuses nothing.

    """

    logits: np.ndarray
    probabilities: np.ndarray
    is_blank: bool = False
    digit_score: float | None = None
    threshold: float = THRESHOLD

    @property
    def best(self) -> int:
        """The most probable digit."""
        return int(self.probabilities.argmax())

    @property
    def digit(self) -> int | None:
        """The answer; None for a blank image, for a non-digit, and if the model is not sure."""
        is_sure = not self.is_blank and not self.is_refused and self.confidence >= MIN_CONFIDENCE
        return self.best if is_sure else None

    @property
    def is_refused(self) -> bool:
        """Whether the image is not blank and does not look like a digit."""
        return not self.is_blank and self.digit_score is not None and self.digit_score < self.threshold

    @property
    def likelihood(self) -> float:
        """How likely the image is a digit, in [0, 1]: the digit score if measured, else the confidence."""
        return self.confidence if self.is_blank or self.digit_score is None else self.digit_score

    @property
    def confidence(self) -> float:
        """The best digit's probability; 0 for a blank image."""
        return 0.0 if self.is_blank else float(self.probabilities[self.best])

    @property
    def listed(self) -> str:
        """All probabilities as a text: "0: 0.1 %, 1: 98.6 %, …"."""
        return ", ".join(f"{digit}: {probability_text(share)}" for digit, share in enumerate(self.probabilities))


def probability_text(probability: float, decimals: int = 1) -> str:
    """Return a probability as a percentage, such as "99.8 %"."""
    return tr("{} %").format(probability_figure(probability, decimals))


def probability_figure(probability: float, decimals: int = 1) -> str:
    """Return a probability in percent, without the sign; only 1 itself is "100.0", what is almost 1 is ">99.9"."""
    figure = f"{100 * probability:.{decimals}f}"
    is_rounded_up = probability < 1 and figure.startswith("100")
    return f">{100 - 10**-decimals:.{decimals}f}" if is_rounded_up else figure


def predict(
    images: Sequence[DigitImage],
    model: "LoadedModel",
    *,
    scores: np.ndarray | None = None,
    threshold: float = THRESHOLD,
    logits: np.ndarray | None = None,
) -> list[Prediction]:
    """Predict digit images with a model; a blank image gets no answer.

    Parameters
    ----------
    images
        One or more.
    model
        The model.
    scores
        (n,) float64 digit scores of `digit_detector`; with None, or for a model that was not trained on digits,
        nothing is refused.
    threshold
        Images with a lower score are refused.
    logits
        (n, 10) of the model for the images, if they are known already.

    Raises
    ------
    DigitpadError
        If the model's outputs are not finite.

    """
    from digitpad.core.models.inference import predict_logits, probabilities, softmax

    if logits is None:
        logits = predict_logits(model.model, np.stack([image.pixels for image in images])).astype(np.float64)
    if not np.isfinite(logits).all():  # very large weights overflow for some images only
        raise DigitpadError(
            "the outputs of {name} are not finite numbers: train it again, or choose another model",
            name=model.title,
        )
    is_scored, zeros = scores is not None and recognises_digits(model.card), np.zeros(10)
    return [
        Prediction(logits=zeros, probabilities=softmax(zeros), is_blank=True)
        if image.is_blank
        else Prediction(
            logits=row,
            probabilities=probabilities(row, model.model.spec),
            digit_score=score if is_scored else None,
            threshold=threshold,
        )
        for image, row, score in zip(
            images, logits, [None] * len(images) if scores is None else scores.tolist(), strict=True
        )
    ]

"""What a model says of digit images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.mnist_geometry import DigitImage
from digitpad.core.recognition.digit_detector import THRESHOLD, recognises_digits

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel

# Below this probability for the best digit, no digit is claimed: others together are as likely.
MIN_CONFIDENCE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What one model says of one digit image.

    Attributes
    ----------
    logits, probabilities
        (10,) float64; the probabilities sum to 1. For a blank image all digits are alike.
    is_blank
        Whether there was nothing to say something about.
    digit_score
        How much the image looks like a digit at all, in [0, 1]; None where that was not asked. See
        `digitpad.core.recognition.digit_detector`.
    threshold
        The least score that is not refused, in [0, 1]; 0 refuses nothing.

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
        """The answer; None for a blank image, for what is no digit, and where the model is not sure enough."""
        is_claimed = not self.is_blank and not self.is_refused and self.confidence >= MIN_CONFIDENCE
        return self.best if is_claimed else None

    @property
    def is_refused(self) -> bool:
        """Whether something is there that does not look like a digit."""
        return not self.is_blank and self.digit_score is not None and self.digit_score < self.threshold

    @property
    def shares(self) -> np.ndarray:
        """What there is to show of each digit, (10,) in [0, 1]: of what is refused, its probability times the score."""
        score = self.digit_score if self.is_refused and self.digit_score is not None else 1.0
        return self.probabilities * score

    @property
    def likelihood(self) -> float:
        """How surely it is a digit at all, in [0, 1]: the digit score where there is one, else the confidence."""
        return self.confidence if self.is_blank or self.digit_score is None else self.digit_score

    @property
    def confidence(self) -> float:
        """The best digit's probability; 0 for a blank image."""
        return 0.0 if self.is_blank else float(self.probabilities[self.best])


def predict(
    images: Sequence[DigitImage],
    model: "LoadedModel",
    *,
    scores: np.ndarray | None = None,
    threshold: float = THRESHOLD,
) -> list[Prediction]:
    """Let a model predict digit images; blank ones get no answer.

    Parameters
    ----------
    images
        One or more.
    model
        Who is asked.
    scores
        (n,) float64 digit scores of `digit_detector`; None refuses nothing, nor is anything refused by a
        model that was trained on other things than digits.
    threshold
        The least score that is not refused.

    Raises
    ------
    DigitpadError
        Where the model's answers are no numbers.

    """
    from digitpad.core.models.inference import predict_logits, probabilities, softmax

    logits = predict_logits(model.model, np.stack([image.pixels for image in images])).astype(np.float64)
    if not np.isfinite(logits).all():  # weights so large that only some images are too much for them
        raise DigitpadError(
            "the answers of {name} are no numbers: train it again, or choose another model", name=model.card.name
        )
    is_scored, none = scores is not None and recognises_digits(model.card), np.zeros(10)
    return [
        Prediction(logits=none, probabilities=softmax(none), is_blank=True)
        if image.is_blank
        else Prediction(
            logits=row,
            probabilities=probabilities(row, model.model.spec),
            digit_score=score if is_scored else None,
            threshold=threshold,
        )
        for image, row, score in zip(images, logits, _listed(scores, len(images)), strict=True)
    ]


def _listed(scores: np.ndarray | None, count: int) -> list[float] | list[None]:
    return [None] * count if scores is None else scores.tolist()

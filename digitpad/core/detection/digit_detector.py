"""Detect whether a drawing is a digit at all; a model of ten digits cannot do this.

A separate network has one sigmoid output per digit; if all are low, the drawing is not a digit. It is used with every
model. Its logits are scaled so that the score 0.5 is the threshold chosen on writers outside its training data; see
assets/detector and scripts/training/train_detector.py.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.idx_sets import SETS

if TYPE_CHECKING:
    from digitpad.core.models.model_files import ModelCard
    from digitpad.core.models.networks import DigitModel
    from digitpad.core.models.single_image import SingleImageModel

DETECTOR = ASSETS / "detector" / "detector.safetensors"
# Drawings with a lower score are refused, unless the user chooses another threshold.
THRESHOLD = 0.5
# Models trained on these sets do not recognise digits, so nothing is refused for them.
_NOT_DIGITS = ("fashion-mnist", "kmnist")
_NOT_DIGITS_TITLES = tuple(SETS[key].title for key in _NOT_DIGITS)


def digit_scores(images: np.ndarray) -> np.ndarray:
    """Return how much images, (n, 28, 28) float32 in [0, 1], white on black, in MNIST's geometry, look like a digit.

    The scores are (n,) float64 in [0, 1]: the largest of the detector's ten sigmoid outputs. They are not
    probabilities, because the share of non-digits depends on the user.

    Raise DigitpadError if the detector's file is missing or damaged.
    """
    if len(images) == 1:
        return _sigmoid(_single_image_detector().logits(images[0]).max(keepdims=True))
    return scores_of_detector(_detector(), images)


def scores_by_digit(images: np.ndarray) -> np.ndarray:
    """Return how much images look like each digit, (n, 10) float64 in [0, 1]; see `digit_scores`."""
    return _sigmoid(_detector_logits(_detector(), images))


def scores_of_detector(detector: "DigitModel", images: np.ndarray) -> np.ndarray:
    """Return the scores of a given detector; see `digit_scores`."""
    return _sigmoid(_detector_logits(detector, images).max(axis=1))


def _detector_logits(detector: "DigitModel", images: np.ndarray) -> np.ndarray:
    from digitpad.core.models.inference import predict_logits

    return predict_logits(detector, images).astype(np.float64)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return (1 + np.tanh(logits / 2)) / 2  # does not overflow


def recognises_digits(card: "ModelCard") -> bool:
    """Return whether a model was trained on digits, judged by the data set in its card, a key or a title."""
    return card.dataset not in _NOT_DIGITS and not card.dataset.startswith(_NOT_DIGITS_TITLES)


@cache
def _single_image_detector() -> "SingleImageModel":
    from digitpad.core.models.single_image import SingleImageModel

    return SingleImageModel(_detector())


@cache
def _detector() -> "DigitModel":
    from digitpad.core.models.model_files import load_model
    from digitpad.core.models.networks import quick_copy

    try:
        return quick_copy(load_model(DETECTOR).model)
    except DigitpadError as error:
        raise DigitpadError(
            "{path}, a part of digitpad, is missing or damaged: install digitpad again", path=DETECTOR
        ) from error

"""Digit or not: a network of its own says what no model of ten digits can, that a drawing is none of them.

It has an output for each digit, which says whether the image is that one or not; where all say no it is none. It serves
every model, the user's too. Its logits are scaled so that a score of one half is the threshold that was chosen on
writers who were not learned from; see assets/detector and scripts/training/train_detector.py.
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

DETECTOR = ASSETS / "detector" / "detector.safetensors"
# Drawings with a lower score are refused, unless the user wants more or fewer refused.
THRESHOLD = 0.5
# What a model of these tells apart is no digit, and none of it is to be refused.
_OTHER_THINGS = ("fashion-mnist", "kmnist")
_THEIR_TITLES = tuple(SETS[key].title for key in _OTHER_THINGS)


def digit_scores(images: np.ndarray) -> np.ndarray:
    """Say how much digit images look like a digit at all.

    Parameters
    ----------
    images
        (n, 28, 28) float32 in [0, 1], white on black, in MNIST's geometry.

    Returns
    -------
    np.ndarray
        (n,) float64 in [0, 1]: the largest of the detector's ten sigmoid outputs. 0.5 is the threshold; it is no
        probability, because how common non-digits are is up to who draws.

    Raises
    ------
    DigitpadError
        Where the detector's file is missing or damaged.

    """
    return scores_of_detector(_detector(), images)


def scores_of_detector(detector: "DigitModel", images: np.ndarray) -> np.ndarray:
    """Ask another detector than the one that is shipped; see `digit_scores`."""
    from digitpad.core.models.inference import predict_logits

    # The sigmoid, in a form that does not overflow.
    return (1 + np.tanh(predict_logits(detector, images).max(axis=1).astype(np.float64) / 2)) / 2


def recognises_digits(card: "ModelCard") -> bool:
    """Tell whether a model was trained on digits, as far as its card knows: by a set's key, or by its title."""
    return card.dataset not in _OTHER_THINGS and not card.dataset.startswith(_THEIR_TITLES)


@cache
def _detector() -> "DigitModel":
    from digitpad.core.models.model_files import load_model
    from digitpad.core.models.networks import quick_copy

    try:
        return quick_copy(load_model(DETECTOR).model)
    except DigitpadError as error:
        raise DigitpadError(
            "{error}; the detector of non-digits is part of digitpad: install it again", error=error
        ) from error

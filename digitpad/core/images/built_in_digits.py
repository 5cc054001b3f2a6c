"""The built-in digits: UCI's Optical Recognition of Handwritten Digits, 1,797 images, as scikit-learn has them.

They are shipped, see scripts/training/built_in_digits.py, so that the first training needs no download.
"""

from functools import cache

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import ASSETS

FILE = ASSETS / "digits" / "digits.npz"
# The last fifth is the test part; their order does not matter.
TRAINING = 1437


def built_in_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits in MNIST's geometry, (1797, 28, 28) uint8 in 0–255, and their labels, (1797,) uint8.

    Raise DigitpadError if the file is missing or damaged, as the other functions here do.
    """
    return _arrays()["images"], _arrays()["labels"]


def original_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the digits as they were published, (1797, 8, 8) uint8 in 0–16, and their labels, (1797,) uint8."""
    return _arrays()["originals"], _arrays()["labels"]


@cache
def _arrays() -> dict[str, np.ndarray]:
    try:
        with FILE.open("rb") as file, np.load(file) as arrays:
            return {name: arrays[name] for name in ("images", "originals", "labels")}
    except Exception as error:  # a damaged archive raises errors of several libraries
        raise DigitpadError(
            "{path}, a part of digitpad, is missing or damaged: install digitpad again", path=FILE
        ) from error

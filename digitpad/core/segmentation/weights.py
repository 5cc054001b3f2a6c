"""The weights of the features in `features.py`, fitted by `scripts/training/fit_numbers.py`."""

import numpy as np

# Training digits drawn with one, two, and three or more strokes; one row per digit.
STROKES = np.array(
    [
        [1433, 214, 0],
        [1648, 87, 38],
        [1725, 9, 0],
        [1654, 7, 1],
        [257, 1413, 9],
        [305, 1276, 5],
        [1552, 10, 0],
        [652, 926, 63],
        [1352, 251, 3],
        [1544, 56, 0],
    ]
)
_HABITS = np.log((STROKES + 1) / (STROKES + 1).sum(axis=1, keepdims=True))

# In nats, by the names in `features.FEATURES`: for strokes, and for parts of pictures.
INK: dict[str, float] = {
    "digit": 1.08,
    "log_p": 2.52,
    "unsure": 2.5,
    "more": -1.59,
    "many": -0.94,
    "apart": -1.66,
    "gap": -0.98,
    "late": -3.87,
    "small": -0.48,
    "flat": -0.63,
    "low": -6.42,
    "low_near": -3.25,
    "large": 3.41,
    "wide": -2.72,
    "shared": -2.6,
    "within": -1.32,
    "near": -0.75,
    "habit": 0.39,
    "one": -1.91,
    "one_near": -0.17,
    "one_within": -0.07,
    "crossed": 0.84,
    "beside": -0.44,
    "tall": -6.56,
    "cuts": 0.0,
    "noise": 0.5,
    "noise_size": -1.28,
    "noise_near": -2.53,
}
PICTURE: dict[str, float] = {
    "digit": 1.22,
    "log_p": 1.74,
    "unsure": 0.99,
    "more": 0.43,
    "many": 0.05,
    "apart": -11.01,
    "gap": 1.04,
    "late": -1.78,
    "small": -6.28,
    "flat": -1.99,
    "low": 0.0,
    "low_near": 0.0,
    "large": -0.0,
    "wide": -6.46,
    "shared": -4.49,
    "within": 0.29,
    "near": 0.63,
    "habit": 0.0,
    "one": -0.28,
    "one_near": 1.13,
    "one_within": -0.62,
    "crossed": -4.07,
    "beside": 0.96,
    "tall": -3.42,
    "cuts": -1.09,
    "noise": -1.64,
    "noise_size": -2.06,
    "noise_near": 1.96,
}


def habit(digit: int, strokes: int) -> float:
    """Return the log-probability that a digit is drawn with this number of strokes."""
    return float(_HABITS[digit, min(strokes, 3) - 1])

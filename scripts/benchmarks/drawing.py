"""From strokes to an answer, without a window."""

from collections.abc import Iterator

import numpy as np

from benchmarks.figures import Figure, median_ms
from digitpad.core.ink.strokes import Ink, digit_image

_ROUNDS = 400


def digit_of_300_points() -> Ink:
    """Return an eight of 300 points, as people draw it."""
    angle = np.linspace(0, 2 * np.pi, 300)
    return Ink.of([np.stack([140 + 50 * np.sin(2 * angle), 140 + 90 * np.cos(angle)], axis=1)])


def ink_to_image() -> Iterator[Figure]:
    """From strokes to digit image, without a model."""
    ink = digit_of_300_points()
    milliseconds = median_ms(lambda: digit_image(ink), _ROUNDS, warm_up=_ROUNDS)
    yield Figure("ink of 300 points → digit image, median", milliseconds, 0.5, "ms")


def inference() -> Iterator[Figure]:
    """Measure one drawing through the CNN and the digit detector, and a row of digits, on one core as in the pad."""
    import torch

    from digitpad.core.detection.digit_detector import digit_scores
    from digitpad.core.models.model_files import find_model, load_model
    from digitpad.core.models.networks import quick_copy
    from digitpad.core.models.single_image import SingleImageModel
    from digitpad.core.recognition.number import read_ink_number

    torch.set_num_threads(1)
    loaded = load_model(find_model("cnn"))
    model = SingleImageModel(quick_copy(loaded.model))
    pixels = digit_image(digit_of_300_points()).pixels
    milliseconds = median_ms(lambda: model.logits(pixels), _ROUNDS, warm_up=_ROUNDS)
    yield Figure("one digit image through the CNN, median", milliseconds, 2.0, "ms")
    milliseconds = median_ms(lambda: digit_scores(pixels[None]), _ROUNDS, warm_up=_ROUNDS)
    yield Figure("  through the detector of non-digits, median", milliseconds, None, "ms")
    digit = np.concatenate(digit_of_300_points().strokes)
    row = Ink.of([np.add(digit, (150.0 * place, 0)) for place in range(6)])
    milliseconds = median_ms(lambda: read_ink_number(row, loaded), _ROUNDS // 4, warm_up=_ROUNDS // 4)
    yield Figure("a number of six digits through both, median", milliseconds, 60, "ms")

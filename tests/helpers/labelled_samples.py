"""Artificial samples with answers, for tests of the views that show them."""

from pathlib import Path

import numpy as np

from digitpad.core.datasets.suspect_labels import SuspectLabel
from digitpad.core.evaluation.result import Evaluation
from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.images.digits import Digits
from digitpad.core.models.specs import Output

FOLDER = Path("nowhere")


def digits_of(count: int = 20, *, side: int = 28, peak: int = 255) -> Digits:
    rng = np.random.default_rng(5)
    images = rng.integers(0, peak + 1, (count, side, side), np.uint8)
    return Digits("MNIST test", images, np.arange(count, dtype=np.uint8) % 10, peak)


def samples_of(
    digits: Digits, *, output: Output | None = "softmax", marks: dict[int, SuspectLabel] | None = None
) -> Samples:
    """Return samples with answers: even ones right, odd ones as the next digit; without `output`, no answers."""
    loaded = LoadedSet(SampleSet("mnist", "test", FOLDER), digits, 0)
    if output is None:
        return Samples(loaded, marks=marks or {})
    rng = np.random.default_rng(6)
    logits = rng.normal(0, 1, (len(digits), 10)).astype(np.float32)
    rows = np.arange(len(digits))
    logits[rows, (digits.labels + rows % 2) % 10] += 6
    return Samples(loaded, "some", Evaluation.of(digits.labels, logits, output), marks=marks or {})

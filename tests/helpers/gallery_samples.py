"""Artificial samples for tests of the gallery."""

from pathlib import Path

import numpy as np

from digitpad.core.datasets.suspect_labels import SuspectLabel
from digitpad.core.evaluation.result import Evaluation
from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.images.digits import Digits


def evaluation(labels: np.ndarray, seed: int) -> Evaluation:
    """Return random answers, about half of them right."""
    logits = np.random.default_rng(seed).normal(0, 1, (len(labels), 10)).astype(np.float32)
    logits[np.arange(len(labels)), labels] += 1.5
    return Evaluation.of(labels, logits)


def gallery_samples(
    count: int,
    *,
    second_model: str = "",
    model: str = "mlp",
    marks: dict[int, SuspectLabel] | None = None,
    training: int = 0,
    name: str = "made-up",
    size: tuple[int, int] = (28, 28),
) -> Samples:
    """Return samples whose labels cycle through the ten digits."""
    labels = (np.arange(count) % 10).astype(np.uint8)
    # Seven images, repeated: 70,000 different ones would take 55 MB.
    seven = np.random.default_rng(0).integers(0, 256, (7, *size), dtype=np.uint8)
    images = seven[np.arange(count) % 7] if count < 1000 else np.broadcast_to(seven[0], (count, *size))
    digits = Digits(name, images, labels)
    loaded = LoadedSet(SampleSet(name, "all" if training else "test", Path()), digits, training)
    answers = evaluation(labels, 1) if model else None
    return Samples(loaded, model, answers, second_model, evaluation(labels, 2) if second_model else None, marks or {})

"""Artificial samples: noise with labels, random answers of models, and marks."""

from pathlib import Path

import numpy as np

from digitpad.core.datasets.suspect_labels import new_mark
from digitpad.core.evaluation.result import Evaluation
from digitpad.core.evaluation.samples import LoadedSet, PartChoice, Samples, SampleSet
from digitpad.core.images.digits import Digits


def noise_samples(
    count: int = 60, *, size: tuple[int, int] = (28, 28), peak: int = 255, part: PartChoice = "all", models: int = 2
) -> Samples:
    """Return samples; of "all", the first third is for training."""
    chance = np.random.default_rng(777)
    images = chance.integers(0, peak + 1, (count, *size), np.uint8)
    labels = chance.integers(0, 10, count, np.uint8)
    digits = Digits("noise", images, labels, peak)
    evaluations = [Evaluation.of(labels, chance.normal(0, 3, (count, 10)).astype(np.float32)) for _ in range(models)]
    training = {"all": count // 3, "train": count, "test": 0}[part]
    loaded = LoadedSet(SampleSet("noise", part, Path()), digits, training)
    names = ("first", "second")[:models]
    first, second = (*evaluations, None, None)[:2]
    return Samples(loaded, *("".join(names[:1]), first, "".join(names[1:]), second))


def with_notes(samples: Samples, notes: list[str]) -> Samples:
    """Mark the first samples, one with each note; the first is corrected to 0."""
    marks = {
        index: new_mark(samples.digits, "noise", "test", index, corrected=None if index else 0, note=note)
        for index, note in enumerate(notes)
    }
    return Samples(
        samples.loaded, samples.model, samples.evaluation, samples.second_model, samples.second_evaluation, marks=marks
    )

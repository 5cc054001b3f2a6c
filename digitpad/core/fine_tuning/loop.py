"""Fine-tuning on the user's digits without forgetting the others.

Three methods limit forgetting. Each step rehearses old images beside the user's, with the old model's outputs as
targets beside the labels (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015). Without
MNIST the built-in digits are rehearsed, and the weights are drawn back to the old ones (L2-SP: Li, Grandvalet and
Davoine, "Explicit inductive bias for transfer learning with convolutional networks", ICML 2018). At the end the weights
are interpolated from the old to the new ones as far as a bound on forgetting allows (WiSE-FT: Wortsman et al., "Robust
fine-tuning of zero-shot models", CVPR 2022). Batch norms keep their statistics, and dropout is off.
"""

from collections.abc import Generator, Iterator

import numpy as np
import torch

from digitpad.core.datasets.loading import BUILT_IN, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.result import evaluate
from digitpad.core.files.paths import data_folder
from digitpad.core.fine_tuning.batches import Pool, my_digits_pool
from digitpad.core.fine_tuning.events import (
    MAX_FORGOTTEN,
    DigitReading,
    FineTuneBase,
    FineTuned,
    FineTuneDigits,
    FineTuneEvent,
    FineTuneScores,
    FineTuneSettings,
    FineTuneStarted,
    FineTuneStep,
)
from digitpad.core.fine_tuning.forgetting_bound import limit_forgetting, measure_score
from digitpad.core.fine_tuning.train_step import FineTuner
from digitpad.core.images.digits import CLASSES, SIDE, Digits
from digitpad.core.images.idx_sets import display_part_name
from digitpad.core.models.networks import DigitModel, frozen_copy
from digitpad.core.models.specs import CNNSpec, inputs_of
from digitpad.core.translation import tr

# Old images that measure forgetting instead of being rehearsed.
_VALIDATION = 3000
# Built-in digits that are rehearsed; the others measure forgetting.
_REHEARSED_BUILT_IN = 1000
# The largest share of the new weights without MNIST to measure forgetting.
_MAX_BLEND_WITHOUT_MNIST = 0.6


def fine_tune(
    model: DigitModel,
    my_digits: FineTuneDigits,
    base: FineTuneBase | None,
    settings: FineTuneSettings | None = None,
    seed: int = 0,
) -> Generator[FineTuneEvent, None, None]:
    """Train a copy of a model on the user's digits, and yield what happens.

    The same arguments give the same results on the same machine. Closing the generator stops it; `model` is never
    changed.

    Parameters
    ----------
    model
        A model of 28x28 images with ten outputs.
    my_digits
        The user's digits.
    base
        MNIST, or None without it. Its test images are used for the final scores only.
    settings
        None for the defaults.
    seed
        Seed of all random numbers.

    Yields
    ------
    FineTuneEvent
        First `FineTuneStarted`, last `FineTuned`, the others in between.

    Raises
    ------
    DigitpadError
        If there are no digits, the model is not of ten digits, or the loss is not a number.

    """
    settings = settings or FineTuneSettings()
    _check(model, my_digits)
    notes = _notes(my_digits, base)
    steps = settings.step_count(my_digits.count, is_heavy=isinstance(model.spec, CNNSpec))
    yield FineTuneStarted(my_digits.count, steps, notes)
    old = frozen_copy(model)
    before = yield from _scores(old, my_digits, base, is_after=False)
    my_pool = yield from my_digits_pool(my_digits, np.random.default_rng(seed))
    rehearsed, validation = _old_images(base)
    tuner = FineTuner.of(old, my_pool, rehearsed, settings, steps, seed, is_anchored=base is None)
    # Measuring uses all processors, but a second thread slows down small steps while other programs are busy.
    torch.set_num_threads(1)
    for step in range(1, steps + 1):
        yield FineTuneStep(step, steps, tuner.step(step))
    trained = tuner.trained()
    max_blend = 1.0 if base else _MAX_BLEND_WITHOUT_MNIST
    new, blend = yield from limit_forgetting(old, trained, validation, settings.max_forgotten, max_blend)
    after = yield from _scores(new, my_digits, base, is_after=True)
    notes = (*notes, *_later_notes(blend, before, after))
    yield FineTuned(new, before, after, blend, my_digits.count, steps, notes, tuple(_readings(old, new, my_digits)))


def _readings(old: DigitModel, new: DigitModel, my_digits: FineTuneDigits) -> Iterator[DigitReading]:
    """Yield the user's digits that one of the models reads wrongly, those held out first."""
    for digits, is_held_out in ((my_digits.test, True), (my_digits.training, False)):
        if digits is None:
            continue
        before, after = (evaluate(model, digits).predicted for model in (old, new))
        for place in np.flatnonzero((before != digits.labels) | (after != digits.labels)).tolist():
            label, answers = int(digits.labels[place]), (int(before[place]), int(after[place]))
            yield DigitReading(digits.images[place], label, *answers, is_held_out)


def _check(model: DigitModel, my_digits: FineTuneDigits) -> None:
    if inputs_of(model.spec) != (SIDE, SIDE) or getattr(model.spec, "outputs", CLASSES) != CLASSES:
        raise DigitpadError("this model does not read ten digits of 28x28 px: choose another model")
    for digits in (my_digits.training, my_digits.test):
        if digits is not None and digits.size != (SIDE, SIDE):
            height, width = digits.size
            raise DigitpadError(
                "{dataset} has images of {height}x{width} px: choose images of 28x28 px",
                dataset=display_part_name(digits.name),
                height=height,
                width=width,
            )
    if not my_digits.count:
        raise DigitpadError("My digits has no digits to train on yet: draw some and label them")


def _notes(my_digits: FineTuneDigits, base: FineTuneBase | None) -> tuple[str, ...]:
    notes = []
    if my_digits.test is None:
        note = tr("{count} digits are too few to hold some out and measure the improvement on yours: draw more")
        notes.append(note.format(count=my_digits.count))
    if base is None:
        notes.append(tr("MNIST is not installed, so forgetting cannot be measured: the weights stay near the old ones"))
    return tuple(notes)


def _later_notes(blend: float, before: FineTuneScores, after: FineTuneScores) -> tuple[str, ...]:
    if not blend:
        return (tr("The model is unchanged: with your digits it would forget too much. Draw more digits"),)
    if before.mnist and after.mnist and before.mnist.accuracy - after.mnist.accuracy > MAX_FORGOTTEN:
        note = tr("Accuracy on MNIST fell by more than {points} percentage points: discard this model")
        return (note.format(points=f"{100 * MAX_FORGOTTEN:.1f}"),)
    return ()


def _old_images(base: FineTuneBase | None) -> tuple[Pool, Digits]:
    """Return the images to rehearse and those to measure forgetting, which are disjoint and have no test images."""
    if base is None:
        digits = load_digits(BUILT_IN, "train", data_folder())
        count = _REHEARSED_BUILT_IN
    else:
        digits = base.training
        count = len(digits) - min(_VALIDATION, len(digits) // 4)
    validation = Digits(digits.name, digits.images[count:], digits.labels[count:], digits.peak)
    return Pool.of(digits.first(count)), validation


def _scores(
    model: DigitModel, my_digits: FineTuneDigits, base: FineTuneBase | None, *, is_after: bool
) -> Generator[FineTuneEvent, None, FineTuneScores]:
    mine = mnist = None
    if my_digits.test is not None:
        mine = yield from measure_score(model, my_digits.test, is_after=is_after)
    if base is not None and base.test is not None:
        mnist = yield from measure_score(model, base.test, is_after=is_after)
    return FineTuneScores(mine, mnist)

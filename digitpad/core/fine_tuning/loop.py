"""Fine-tuning on the user's own digits, without forgetting the others.

Three things keep what the model knew. Each step rehearses old images beside the user's, and on them the old model's
answers count beside the labels (Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015).
Without MNIST the built-in digits are rehearsed, and the weights are drawn back to the old ones (L2-SP: Li, Grandvalet
and Davoine, "Explicit inductive bias for transfer learning with convolutional networks", ICML 2018). And in the end the
weights go only as far from the old to the new as a bound on forgetting allows (WiSE-FT: Wortsman et al., "Robust
fine-tuning of zero-shot models", CVPR 2022). Batch norms keep their statistics, and dropout is off.
"""

from collections.abc import Generator

import numpy as np
import torch

from digitpad.core.datasets.loading import BUILT_IN, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.fine_tuning.batches import Pool, my_digits_pool
from digitpad.core.fine_tuning.events import (
    MAX_FORGOTTEN,
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
from digitpad.core.models.networks import DigitModel, frozen_copy
from digitpad.core.models.specs import CNNSpec, inputs_of

# Of the old images so many are not rehearsed but watched, to see what is forgotten.
_WATCHED = 3000
# Of the built-in digits so many are rehearsed, and the others watched.
_REHEARSED_BUILT_IN = 1000
# As far towards the new weights as it goes where MNIST is not there to be watched.
_FARTHEST_UNSEEN = 0.6


def fine_tune(
    model: DigitModel,
    my_digits: FineTuneDigits,
    base: FineTuneBase | None,
    settings: FineTuneSettings | None = None,
    seed: int = 0,
) -> Generator[FineTuneEvent, None, None]:
    """Teach a copy of a model the user's digits, and yield what happens.

    The same arguments give the same figures on the same machine. Closing the generator stops it; the model that was
    given is never changed.

    Parameters
    ----------
    model
        Reads 28x28 images and tells ten digits apart.
    own
        The user's digits.
    base
        MNIST; None where it is not at hand. No test image is ever learned from, or asked for a decision.
    settings
        How; None for the usual.
    seed
        Of all chance.

    Yields
    ------
    FineTuneEvent
        One `FineTuneStarted`, some of the others in between, and one `FineTuned`.

    Raises
    ------
    DigitpadError
        Where there is nothing to learn from, the model is not of digits, or the loss is no longer a number.

    """
    settings = settings or FineTuneSettings()
    _check(model, my_digits)
    notes = _notes(my_digits, base)
    steps = settings.step_count(my_digits.count, is_heavy=isinstance(model.spec, CNNSpec))
    yield FineTuneStarted(my_digits.count, steps, notes)
    old = frozen_copy(model)
    before = yield from _figures(old, my_digits, base, is_after=False)
    pool = yield from my_digits_pool(my_digits, np.random.default_rng(seed))
    rehearsed, watched = _old_images(base)
    tuner = FineTuner.of(old, pool, rehearsed, settings, steps, seed, is_anchored=base is None)
    # Measuring takes all processors; in steps as small as these a second thread is a brake where others are at work.
    torch.set_num_threads(1)
    for step in range(1, steps + 1):
        yield FineTuneStep(step, steps, tuner.step(step))
    trained = frozen_copy(tuner.model)
    farthest = 1.0 if base else _FARTHEST_UNSEEN
    new, blend = yield from limit_forgetting(old, trained, watched, settings.max_forgotten, farthest)
    after = yield from _figures(new, my_digits, base, is_after=True)
    yield FineTuned(new, before, after, blend, my_digits.count, steps, (*notes, *_later_notes(blend, before, after)))


def _check(model: DigitModel, own: FineTuneDigits) -> None:
    if inputs_of(model.spec) != (SIDE, SIDE) or getattr(model.spec, "outputs", CLASSES) != CLASSES:
        raise DigitpadError("this model does not read ten digits of 28 x 28 px: choose another to fine-tune")
    for digits in (own.training, own.test):
        if digits is not None and digits.size != (SIDE, SIDE):
            height, width = digits.size
            raise DigitpadError(
                "{name} has images of {height} x {width} px: 28 x 28 is needed",
                name=digits.name,
                height=height,
                width=width,
            )
    if not own.count:
        raise DigitpadError("there are no digits of yours to learn from: draw some and say what they are")


def _notes(own: FineTuneDigits, base: FineTuneBase | None) -> tuple[str, ...]:
    notes = []
    if own.test is None:
        notes.append(
            f"With so few digits ({own.count}) none is held out, so nothing tells what it brings for yours: draw more"
        )
    if base is None:
        notes.append(
            "MNIST is not here, so what is forgotten cannot be measured: the weights are held near the old ones"
        )
    return tuple(notes)


def _later_notes(blend: float, before: FineTuneScores, after: FineTuneScores) -> tuple[str, ...]:
    if not blend:
        return ("Whatever was learned, too much else was forgotten, so the model stayed as it was: draw more digits",)
    if before.mnist and after.mnist and before.mnist.accuracy - after.mnist.accuracy > MAX_FORGOTTEN:
        return (f"On MNIST it lost more than {100 * MAX_FORGOTTEN:.1f} points: better throw it away, and draw more",)
    return ()


def _old_images(base: FineTuneBase | None) -> tuple[Pool, Digits]:
    """Return what is rehearsed, and what tells how much is forgotten; no image is in both, and none is of a test."""
    if base is None:
        digits = load_digits(BUILT_IN, "train", data_folder())
        count = _REHEARSED_BUILT_IN
    else:
        digits = base.training
        count = len(digits) - min(_WATCHED, len(digits) // 4)
    watched = Digits(digits.name, digits.images[count:], digits.labels[count:], digits.peak)
    return Pool.of(digits.first(count)), watched


def _figures(
    model: DigitModel, own: FineTuneDigits, base: FineTuneBase | None, *, is_after: bool
) -> Generator[FineTuneEvent, None, FineTuneScores]:
    mine = mnist = None
    if own.test is not None:
        mine = yield from measure_score(model, own.test, is_after=is_after)
    if base is not None and base.test is not None:
        mnist = yield from measure_score(model, base.test, is_after=is_after)
    return FineTuneScores(mine, mnist)

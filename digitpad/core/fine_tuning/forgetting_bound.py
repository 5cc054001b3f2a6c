"""What a model gets right, and how far its weights may go from the old ones so that little is forgotten."""

from collections.abc import Generator

from digitpad.core.evaluation.result import Evaluation, evaluate_with_progress
from digitpad.core.fine_tuning.events import FineTuneMeasuring, Score
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, model_of

# How far towards the new weights is tried, one after the other, until little enough is forgotten.
_BLENDS = (1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1, 0.05)


def limit_forgetting(
    old: DigitModel, trained: DigitModel, watched: Digits, most_forgotten: float, farthest: float
) -> Generator[FineTuneMeasuring, None, tuple[DigitModel, float]]:
    """Go from the old weights towards the trained ones, as far as little is forgotten.

    Parameters
    ----------
    old, trained
        Models of one spec.
    watched
        Images that were not trained on now.
    most_forgotten
        By how much the accuracy on them may fall, a fraction.
    farthest
        The largest share of the way, in [0, 1].

    Returns
    -------
    tuple
        The model, and how far its weights went; the old model and 0 where any step would be too far.

    """
    least = yield from measure_score(old, watched, is_after=True)
    for blend in (blend for blend in _BLENDS if blend <= farthest):
        between = _between(old, trained, blend)
        found = yield from measure_score(between, watched, is_after=True)
        if found.accuracy >= least.accuracy - most_forgotten:
            return between, blend
    return old, 0.0


def _between(old: DigitModel, new: DigitModel, blend: float) -> DigitModel:
    """Return a model with the weights old + blend (new − old)."""
    there = new.state_dict()
    weights = {
        name: tensor.lerp(there[name], blend) if tensor.is_floating_point() else tensor.clone()
        for name, tensor in old.state_dict().items()
    }
    return model_of(old.spec, weights)


def measure_score(model: DigitModel, digits: Digits, *, is_after: bool) -> Generator[FineTuneMeasuring, None, Score]:
    """Yield progress and return how much of a set is right."""
    for state in evaluate_with_progress(model, digits):
        if isinstance(state, Evaluation):
            return Score(int(state.is_right.sum()), len(digits))
        yield FineTuneMeasuring(is_after, state.done, state.total)
    raise AssertionError  # the evaluation is the last that comes

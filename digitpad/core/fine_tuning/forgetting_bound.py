"""Scores of a model, and how far its weights may move from the old ones without forgetting too much."""

from collections.abc import Generator

from digitpad.core.evaluation.result import Evaluation, evaluate_with_progress
from digitpad.core.fine_tuning.events import FineTuneMeasuring, Score
from digitpad.core.images.digits import Digits
from digitpad.core.models.networks import DigitModel, model_of

# The shares of the new weights that are tried in turn.
_BLENDS = (1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1, 0.05)


def limit_forgetting(
    old: DigitModel, trained: DigitModel, validation: Digits, max_forgotten: float, max_blend: float
) -> Generator[FineTuneMeasuring, None, tuple[DigitModel, float]]:
    """Interpolate from the old weights towards the trained ones, as far as the bound on forgetting allows.

    Parameters
    ----------
    old, trained
        Models with the same spec.
    validation
        Images that fine-tuning did not train on.
    max_forgotten
        The largest loss of accuracy on them, a fraction.
    max_blend
        The largest share of the trained weights, in [0, 1].

    Returns
    -------
    tuple
        The model, and the share of the trained weights; the old model and 0 if every share forgets too much.

    """
    baseline = yield from measure_score(old, validation, is_after=True)
    for blend in (blend for blend in _BLENDS if blend <= max_blend):
        blended = _blend(old, trained, blend)
        score = yield from measure_score(blended, validation, is_after=True)
        if score.accuracy >= baseline.accuracy - max_forgotten:
            return blended, blend
    return old, 0.0


def _blend(old: DigitModel, new: DigitModel, blend: float) -> DigitModel:
    """Return a model with the weights old + blend (new − old)."""
    new_weights = new.state_dict()
    weights = {
        name: tensor.lerp(new_weights[name], blend) if tensor.is_floating_point() else tensor.clone()
        for name, tensor in old.state_dict().items()
    }
    return model_of(old.spec, weights)


def measure_score(model: DigitModel, digits: Digits, *, is_after: bool) -> Generator[FineTuneMeasuring, None, Score]:
    """Yield progress and return the model's score on a data set."""
    for state in evaluate_with_progress(model, digits):
        if isinstance(state, Evaluation):
            return Score(int(state.is_right.sum()), len(digits))
        yield FineTuneMeasuring(is_after, state.done, state.total)
    raise AssertionError  # the evaluation comes last

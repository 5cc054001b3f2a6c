"""What the metrics of a training say about it: whether anything was learned, and what to change if not."""

import math
from collections.abc import Sequence
from enum import Enum, auto

from digitpad.core.datasets.loading import GATES, has_parts
from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import MLPSpec
from digitpad.core.runs.run_folder import EpochRow
from digitpad.core.training.recipes import Recipe

# Rates that usually work; those of plain SGD depend on the loss, so the limits around them are wide.
_USUAL_RATES = {"sgd": 0.1, "adam": 0.001, "adamw": 0.001}
_HIGH, _LOW = 3.0, 0.1  # times the usual rate
# Accuracy above guessing that is not yet learning: twelve standard deviations of guessing 1,000 digits.
_NEAR_CHANCE = 0.05
# The loss grew: by half, and by more than this share of what had been gained.
_GROWTH, _LOST_SHARE = 1.5, 0.25
# The loss moved by less than this share, or by more: then it has begun to learn.
_MOVED = 0.01
# Learning by heart: the test loss rose by a fifth above its best, and by this share of its first value, while the
# training loss fell to half of what it was at that best.
_TEST_RISE, _TEST_RISE_SHARE, _TRAIN_FALL, _LEAST_EPOCHS = 1.2, 0.05, 0.5, 5
# The cross-entropy of equal probabilities is ln 10; more than half above it is worse than guessing.
_GUESSING = 1.5 * math.log(CLASSES)


class Finding(Enum):
    """What went wrong in a training."""

    NONE = auto()
    NOT_A_NUMBER = auto()  # a loss is infinite or not a number
    LOSS_GREW = auto()
    WORSE_THAN_GUESSING = auto()  # the cross-entropy is higher than with equal probabilities
    NOTHING_LEARNED = auto()
    NOT_SEPARABLE = auto()  # exclusive or, without a hidden layer
    TOO_SLOW = auto()  # nothing was learned yet, but the loss falls
    BY_HEART = auto()  # the training images are learned, the test images get worse


def diagnose(rows: Sequence[EpochRow], recipe: Recipe) -> Finding:
    """Return what went wrong in a training with these measured epochs, oldest first.

    It is meant to be silent about every healthy training, and so says nothing where it is not sure.
    """
    if not rows:
        return Finding.NONE
    if not all(math.isfinite(row.train_loss) and math.isfinite(row.test_loss) for row in rows):
        return Finding.NOT_A_NUMBER
    has_grown = _has_grown([row.train_loss for row in rows])
    if not has_grown and not has_learned(rows, recipe):
        return _reason(rows, recipe)
    last = max(rows[-1].train_loss, rows[-1].test_loss)
    checks = {
        Finding.LOSS_GREW: has_grown,
        Finding.WORSE_THAN_GUESSING: _is_entropy(recipe) and last > _GUESSING,
        Finding.BY_HEART: has_parts(recipe.dataset) and _is_learned_by_heart(rows),
    }
    return next((finding for finding, is_so in checks.items() if is_so), Finding.NONE)


def has_learned(rows: Sequence[EpochRow], recipe: Recipe) -> bool:
    """Return whether an epoch was better than guessing, on the training or the test images."""
    best = max((max(row.train_accuracy, row.test_accuracy) for row in rows), default=0.0)
    if recipe.dataset in GATES:
        return best == 1.0  # two or three of the four points are right by chance
    return best > 1 / CLASSES + _NEAR_CHANCE


def best_test_epoch(rows: Sequence[EpochRow]) -> int:
    """Return the epoch with the lowest test loss."""
    return min(rows, key=lambda row: row.test_loss).epoch


def suggested_rate(finding: Finding, recipe: Recipe) -> float:
    """Return a learning rate to try instead, of one significant digit; the same one if it is not the cause."""
    rate, usual = recipe.training.learning_rate, _USUAL_RATES[recipe.training.optimizer]
    if finding is Finding.TOO_SLOW:
        wanted = rate if recipe.dataset in GATES else min(10 * rate, max(usual, rate))
    elif finding is Finding.NOTHING_LEARNED and rate < usual:
        wanted = usual
    else:
        wanted = min(rate / 10, usual)
    if wanted in (rate, 0.0):  # 0: a tenth of the smallest positive number
        return rate
    return round(wanted, -math.floor(math.log10(wanted)))


def _has_grown(losses: Sequence[float]) -> bool:
    start, best, end = losses[0], min(losses), losses[-1]
    return end > _GROWTH * best and end - best > _LOST_SHARE * (start - best)


def _is_entropy(recipe: Recipe) -> bool:
    return recipe.training.loss == "cross-entropy" and recipe.dataset not in GATES


def _reason(rows: Sequence[EpochRow], recipe: Recipe) -> Finding:
    if recipe.dataset == "xor" and isinstance(recipe.model, MLPSpec) and not recipe.model.hidden:
        return Finding.NOT_SEPARABLE
    first, last = rows[0].train_loss, rows[-1].train_loss
    share = recipe.training.learning_rate / _USUAL_RATES[recipe.training.optimizer]
    if recipe.dataset in GATES:
        return Finding.TOO_SLOW  # with a long plateau before it learns
    if share >= _HIGH or (_is_entropy(recipe) and first > _GUESSING):
        return Finding.NOTHING_LEARNED
    is_slow = last < (1 - _MOVED) * first or share < _LOW or len(rows) == 1
    return Finding.TOO_SLOW if is_slow else Finding.NOTHING_LEARNED


def _is_learned_by_heart(rows: Sequence[EpochRow]) -> bool:
    if len(rows) < _LEAST_EPOCHS:
        return False
    best = min(range(len(rows)), key=lambda number: rows[number].test_loss)
    recent = rows[-max(1, len(rows) // 10) :]
    test = sum(row.test_loss for row in recent) / len(recent)
    train = sum(row.train_loss for row in recent) / len(recent)
    rise = test - rows[best].test_loss
    has_risen = rise > (_TEST_RISE - 1) * rows[best].test_loss and rise > _TEST_RISE_SHARE * rows[0].test_loss
    return has_risen and train < _TRAIN_FALL * rows[best].train_loss

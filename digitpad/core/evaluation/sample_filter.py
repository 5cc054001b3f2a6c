"""Which samples are shown, and in what order: the rules behind matrix, filters and grid, which so always agree."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from digitpad.core.evaluation.samples import Samples
from digitpad.core.images.digits import CLASSES
from digitpad.core.translation import tr

# A cell of the confusion matrix: label and prediction.
Cell = tuple[int, int]
CELLS: frozenset[Cell] = frozenset((label, said) for label in range(CLASSES) for said in range(CLASSES))
DIAGONAL: frozenset[Cell] = frozenset((digit, digit) for digit in range(CLASSES))


class Show(StrEnum):
    """Which samples of the matrix' cells are shown."""

    WRONG = "wrong"
    RIGHT = "right"
    ALL = "all"
    SOME_WRONG = "some-wrong"  # a few at random, of the wrong ones
    SOME = "some"  # a few at random, of all
    FIRST_LOOK = "first-look"  # fewer still, with their labels alone


class Comparison(StrEnum):
    """Which samples count at all, where two models are compared."""

    ANYWHERE = "anywhere"
    ONLY_FIRST_WRONG = "only-first-wrong"
    ONLY_SECOND_WRONG = "only-second-wrong"
    BOTH_WRONG = "both-wrong"
    BOTH_RIGHT = "both-right"
    DISAGREE = "disagree"


class SortKey(StrEnum):
    """What samples are ranked by."""

    CONFIDENCE = "confidence"  # the surest answer first
    LOSS = "loss"  # the worst miss first
    MARGIN = "margin"  # the closest call first
    INDEX = "index"


# Tutorials write "Pred: 9".
_PRED = re.compile(r"\bpred\b")
RANDOM_COUNTS = {Show.SOME: 25, Show.SOME_WRONG: 25, Show.FIRST_LOOK: 16}


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """What the user wants to see.

    Attributes
    ----------
    show, where, sort
        See there.
    is_reversed
        Whether the ranking is turned round.
    cells
        The chosen cells of the confusion matrix; none means all.
    text
        What to search for: words in "Predicted 9, label 4", a sample's number, or words of its note.
    seed
        Which samples come where they are drawn at random.
    leaves_out_suspects
        Whether samples whose label the user marked do not count.

    """

    show: Show = Show.WRONG
    comparison: Comparison = Comparison.ANYWHERE
    sort: SortKey = SortKey.CONFIDENCE
    is_reversed: bool = False
    cells: frozenset[Cell] = frozenset()
    text: str = ""
    seed: int = 0
    excludes_suspects: bool = False


def sample_title(label: int, predicted: int | None) -> str:
    """Return the title of a sample: "Predicted 9, label 4", or "Label 4" without a prediction."""
    if predicted is None:
        return tr("Label {}").format(label)
    return tr("Predicted {}, label {}").format(predicted, label)


def allowed_cells(show: Show) -> frozenset[Cell]:
    """Return the cells of which samples can be shown."""
    if show in (Show.WRONG, Show.SOME_WRONG):
        return CELLS - DIAGONAL
    return DIAGONAL if show is Show.RIGHT else CELLS


def with_show(view: SampleQuery, show: Show) -> SampleQuery:
    """Show others; cells of which there is nothing to see any more are not chosen any longer."""
    return replace(view, show=show, cells=view.cells & allowed_cells(show))


def with_cells(view: SampleQuery, cells: Iterable[Cell]) -> SampleQuery:
    """Choose cells, so that exactly their samples are shown.

    Of a whole row or column, what `show` leaves out is not chosen. Where only such cells are new, all are shown: who
    clicks on the diagonal wants to see it.
    """
    wanted = frozenset(cells)
    added = wanted - view.cells
    if added and not added & allowed_cells(view.show):
        return replace(view, show=Show.ALL, cells=wanted)
    return replace(view, cells=wanted & allowed_cells(view.show))


def counted_samples(samples: Samples, view: SampleQuery) -> np.ndarray:
    """Return which samples count, (n,) bool: the matrix is of these, and the grid shows some of them."""
    counts: np.ndarray = np.ones(len(samples), bool)
    first, second = samples.evaluation, samples.rival_evaluation
    if first and second:
        right, other = first.is_right, second.is_right
        counts &= {
            Comparison.ANYWHERE: counts,
            Comparison.ONLY_FIRST_WRONG: ~right & other,
            Comparison.ONLY_SECOND_WRONG: right & ~other,
            Comparison.BOTH_WRONG: ~right & ~other,
            Comparison.BOTH_RIGHT: right & other,
            Comparison.DISAGREE: first.predicted != second.predicted,
        }[view.comparison]
    return counts & ~samples.is_suspect if view.excludes_suspects else counts


def select_samples(samples: Samples, view: SampleQuery) -> np.ndarray:
    """Return the samples to show, (k,) int64 indices in the order to show them in."""
    labels, said = samples.digits.labels, samples.evaluation
    shown: np.ndarray = counted_samples(samples, view)
    cells = np.zeros((CLASSES, CLASSES), bool)
    for cell in view.cells or allowed_cells(view.show):
        cells[cell] = True
    # Where no model was asked, a row of the matrix stands for its label.
    shown &= cells[labels, said.predicted] if said else np.any(cells, axis=1)[labels]
    if view.text.strip():
        shown &= _found(samples, view.text)
    indices = np.flatnonzero(shown)
    if (most := RANDOM_COUNTS.get(view.show)) is not None and len(indices) > most:
        return np.random.default_rng(view.seed).permutation(indices)[:most]
    return _sorted(samples, view, indices)


def _sorted(samples: Samples, view: SampleQuery, indices: np.ndarray) -> np.ndarray:
    said = samples.evaluation
    if said is None or view.sort is SortKey.INDEX:
        return indices[::-1] if view.is_reversed else indices
    key = {SortKey.CONFIDENCE: -said.confidences, SortKey.LOSS: -said.losses, SortKey.MARGIN: said.margins}[view.sort][
        indices
    ]
    # Of equal ones the first in the set comes first, either way round.
    return indices[np.argsort(-key if view.is_reversed else key, kind="stable")]


def _found(samples: Samples, text: str) -> np.ndarray:
    """Return which samples (n,) a text finds; every phrase between commas must be found."""
    labels, said = samples.digits.labels, samples.evaluation
    found = np.ones(len(samples), bool)
    for phrase in filter(None, (_PRED.sub("predicted", part.strip().casefold()) for part in text.split(","))):
        titles = np.array(
            [[_matches(phrase, sample_title(t, p if said else None)) for p in range(10)] for t in range(10)]
        )
        hits = titles[labels, said.predicted] if said else titles[labels, 0]
        number = phrase.removeprefix("#").replace(" ", "")
        if number.isdecimal() and int(number) < len(samples):
            hits[int(number)] = True
        noted = [index for index, mark in samples.marks.items() if phrase in f"suspect {mark.note}".casefold()]
        hits[noted] = True
        found &= hits
    return found


def _matches(phrase: str, title: str) -> bool:
    return _letters(phrase) != "" and _letters(phrase) in _letters(title)


def _letters(text: str) -> str:
    """Leave out spaces and punctuation, so that "label 4" finds "Label: 4"."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())

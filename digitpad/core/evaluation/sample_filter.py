"""Which samples are shown, and in what order. Confusion matrix, filters and grid share these rules, so they agree."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from digitpad.core.datasets.loading import has_parts
from digitpad.core.evaluation.samples import Sample, Samples
from digitpad.core.images.digits import CLASSES
from digitpad.core.translation import tr

# A cell of the confusion matrix: label and prediction.
Cell = tuple[int, int]
CELLS: frozenset[Cell] = frozenset((label, predicted) for label in range(CLASSES) for predicted in range(CLASSES))
DIAGONAL: frozenset[Cell] = frozenset((digit, digit) for digit in range(CLASSES))

_PRED = re.compile(r"\bpred(?!i)")  # a search may use the tutorials' short form, "pred 9"
_AFTER_NUMBER = re.compile(r"(?<=\d)[\W_]+(?=[^\W\d_])")  # between "label 3" and "pred 5"
_WORD = re.compile(r"\d+|[^\W\d_]+")
# A number as the window shows it, "#12,345": its commas do not separate phrases.
_GROUPED = re.compile(r"#\s*\d{1,3}(?:,\d{3})+(?!\d)")


class Show(StrEnum):
    """Which of the counted samples are shown."""

    WRONG = "wrong"
    RIGHT = "right"
    ALL = "all"


class Comparison(StrEnum):
    """Which samples are counted if two models are compared."""

    ALL = "all"
    ONLY_FIRST_WRONG = "only-first-wrong"
    ONLY_SECOND_WRONG = "only-second-wrong"
    BOTH_WRONG = "both-wrong"
    BOTH_RIGHT = "both-right"
    DISAGREE = "disagree"


class SortKey(StrEnum):
    """The order of samples."""

    CONFIDENCE = "confidence"  # most confident first
    LOSS = "loss"  # highest loss first
    MARGIN = "margin"  # smallest margin first
    INDEX = "index"


# How many samples can be drawn at random, and in how many columns they are shown, as in the tutorials' plots.
RANDOM_COLUMNS = {1: 1, 5: 5, 16: 4, 25: 5}


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """Which samples the user wants to see.

    Attributes
    ----------
    show, comparison, sort
        See the enumerations.
    is_reversed
        Whether the order is reversed.
    cells
        The chosen cells of the confusion matrix; empty means all.
    text
        The search, phrases separated by commas: words of "Predicted 9, label 4", the number of a sample, or part of its
        note. "#4" finds only sample 4. After a number the comma may be left out.
    random_count
        How many of them are shown, drawn at random; 0 for all, in order.
    seed
        Of the random choice: the same samples and seed give the same choice again.
    excludes_suspects
        Whether samples with a label that the user marked as wrong are left out.

    """

    show: Show = Show.WRONG
    comparison: Comparison = Comparison.ALL
    sort: SortKey = SortKey.CONFIDENCE
    is_reversed: bool = False
    cells: frozenset[Cell] = frozenset()
    text: str = ""
    random_count: int = 0
    seed: int = 0
    excludes_suspects: bool = False


def sample_title(label: int, predicted: int | None) -> str:
    """Return the title of a sample: "Predicted 9, label 4", or "Label 4" without a prediction."""
    if predicted is None:
        return tr("Label {}").format(label)
    return tr("Predicted {}, label {}").format(predicted, label)


def sample_name(samples: Samples, sample: Sample) -> str:
    """Return which sample it is: "Test image 12", or "Point 0, 1" of a gate."""
    if samples.are_points:
        return tr("Point {}").format(point_title(sample.image))
    if not has_parts(samples.loaded.sample_set.dataset):
        return tr("Image {}").format(sample.number)
    title = tr("Training image {}") if sample.part == "train" else tr("Test image {}")
    return title.format(sample.number)


def plot_title(label: int, predicted: int | None) -> str:
    """Return the title of a sample in a plot, in the tutorials' words: "Pred: 9, Label: 4", or "Label: 4"."""
    if predicted is None:
        return tr("Label: {}").format(label)
    return tr("Pred: {}, Label: {}").format(predicted, label)


def point_title(image: np.ndarray) -> str:
    """Return the inputs of a gate's point, of its image (1, 2): "0, 1"."""
    return ", ".join(map(str, image.ravel().tolist()))


def allowed_cells(show: Show) -> frozenset[Cell]:
    """Return the cells whose samples can be shown."""
    return {Show.WRONG: CELLS - DIAGONAL, Show.RIGHT: DIAGONAL, Show.ALL: CELLS}[show]


def with_show(query: SampleQuery, show: Show) -> SampleQuery:
    """Change which samples are shown; chosen cells without such samples are deselected."""
    return replace(query, show=show, cells=query.cells & allowed_cells(show))


def with_cells(query: SampleQuery, cells: Iterable[Cell]) -> SampleQuery:
    """Choose cells, so that exactly their samples are shown.

    Cells that `show` excludes are left out, as those on the diagonal of a chosen row. If all new cells are such ones
    (the user clicked on the diagonal), all samples are shown instead.
    """
    wanted = frozenset(cells)
    added = wanted - query.cells
    if added and not added & allowed_cells(query.show):
        return replace(query, show=Show.ALL, cells=wanted)
    return replace(query, cells=wanted & allowed_cells(query.show))


def counted_samples(samples: Samples, query: SampleQuery) -> np.ndarray:
    """Return the samples that the confusion matrix counts, (n,) bool; the grid shows a selection of them."""
    counted: np.ndarray = np.ones(len(samples), bool)
    first, second = samples.evaluation, samples.second_evaluation
    if first and second:
        counted = {
            Comparison.ALL: counted,
            Comparison.ONLY_FIRST_WRONG: ~first.is_right & second.is_right,
            Comparison.ONLY_SECOND_WRONG: first.is_right & ~second.is_right,
            Comparison.BOTH_WRONG: ~first.is_right & ~second.is_right,
            Comparison.BOTH_RIGHT: first.is_right & second.is_right,
            Comparison.DISAGREE: first.predicted != second.predicted,
        }[query.comparison]
    return counted & ~samples.is_suspect if query.excludes_suspects else counted


def matching_samples(samples: Samples, query: SampleQuery) -> np.ndarray:
    """Return all samples that a query is about, (k,) int64 indices in the order of the set."""
    labels, evaluation = samples.digits.labels, samples.evaluation
    shown: np.ndarray = counted_samples(samples, query)
    cells = np.zeros((CLASSES, CLASSES), bool)
    for cell in query.cells or allowed_cells(query.show):
        cells[cell] = True
    # Without a model, a cell selects the label of its row.
    shown = shown & (cells[labels, evaluation.predicted] if evaluation else np.any(cells, axis=1)[labels])
    if query.text.strip():
        shown &= _found(samples, query.text)
    return np.flatnonzero(shown)


def select_samples(samples: Samples, query: SampleQuery) -> np.ndarray:
    """Return the samples to show, (k,) int64 indices in their order: all that match, or some drawn at random."""
    indices, evaluation = matching_samples(samples, query), samples.evaluation
    if query.random_count:
        return np.random.default_rng(query.seed).permutation(indices)[: query.random_count]
    if evaluation is None or query.sort is SortKey.INDEX:
        return indices[::-1] if query.is_reversed else indices
    keys = {
        SortKey.CONFIDENCE: -evaluation.confidences,
        SortKey.LOSS: -evaluation.losses,
        SortKey.MARGIN: evaluation.margins,
    }[query.sort][indices]
    # Ties keep the order of the set, also in reverse.
    return indices[np.argsort(-keys if query.is_reversed else keys, kind="stable")]


def without_filters(query: SampleQuery) -> SampleQuery:
    """Return a query for the same search in all samples, except suspects that are left out."""
    return replace(query, show=Show.ALL, cells=frozenset(), random_count=0, comparison=Comparison.ALL)


def unknown_phrase(samples: Samples, text: str) -> str:
    """Return the first phrase of a search that is neither a number nor in any title or note, "" if there is none."""

    def is_known(phrase: str) -> bool:
        in_title = bool(_cells_named(phrase, has_model=samples.evaluation is not None).any())
        return _number(phrase).isdecimal() or in_title or any(_noted(samples, phrase))

    return next((phrase for phrase in _phrases(text) if not all(map(is_known, _terms(phrase)))), "")


def _found(samples: Samples, text: str) -> np.ndarray:
    """Return which samples match a search, (n,) bool; each phrase between commas must match, or each term of it."""
    found = np.ones(len(samples), bool)
    for phrase in _phrases(text):
        hits = _hits(samples, phrase)
        if len(terms := _terms(phrase)) > 1:
            hits |= np.logical_and.reduce([_hits(samples, term) for term in terms])
        found &= hits
    return found


def _phrases(text: str) -> list[str]:
    text = _GROUPED.sub(lambda number: number.group().replace(",", ""), text.casefold())
    return list(filter(None, (" ".join(part.split()) for part in text.split(","))))


def _terms(phrase: str) -> list[str]:
    """Return the parts of a phrase that end with a number: "label 3" and "pred 5" of "label 3 pred 5"."""
    return _AFTER_NUMBER.split(phrase)


def _number(phrase: str) -> str:
    return phrase.removeprefix("#").replace(" ", "")


def _hits(samples: Samples, phrase: str) -> np.ndarray:
    """Return the samples with a phrase as their number, in their title or in their note, (n,) bool."""
    number = _number(phrase)
    is_number = number.isdecimal()
    hits = np.zeros(len(samples), bool) if is_number and phrase[0] == "#" else _described(samples, phrase)
    if is_number and int(number) < len(samples):
        hits[int(number)] = True
    return hits


def _described(samples: Samples, phrase: str) -> np.ndarray:
    """Return the samples with a phrase in their title or their note, (n,) bool."""
    labels, evaluation = samples.digits.labels, samples.evaluation
    is_match = _cells_named(phrase, has_model=evaluation is not None)
    hits = is_match[labels, evaluation.predicted] if evaluation else is_match[labels, 0]
    for index in _noted(samples, phrase):
        hits[index] = True
    return hits


def _cells_named(phrase: str, *, has_model: bool) -> np.ndarray:
    """Return the cells whose samples have a phrase in their title, (10, 10) bool.

    The words may be English too: a search is kept when the language is changed.
    """
    is_match = np.zeros((CLASSES, CLASSES), bool)
    for label, predicted in CELLS:
        english = f"predicted {predicted}, label {label}" if has_model else f"label {label}"
        titles = sample_title(label, predicted if has_model else None), english
        is_match[label, predicted] = any(_has_words(title, phrase) for title in titles)
    return is_match


def _noted(samples: Samples, phrase: str) -> Iterator[int]:
    """Yield the samples whose note has a phrase."""
    for index, mark in samples.marks.items():
        note = " ".join(mark.note.casefold().split())
        if phrase in note or f"suspect {note}".startswith(phrase):
            yield index


def _has_words(title: str, phrase: str) -> bool:
    """Return whether a title has the words of a phrase in their order; the last may be the beginning of a word.

    Spaces and punctuation do not matter, so that "label: 4" finds "Label 4".
    """
    words, wanted = _WORD.findall(title.casefold()), _WORD.findall(_PRED.sub("predicted", phrase))
    if not wanted:
        return False
    *whole, last = wanted
    return any(
        words[start : start + len(whole)] == whole and words[start + len(whole)].startswith(last)
        for start in range(len(words) - len(whole))
    )

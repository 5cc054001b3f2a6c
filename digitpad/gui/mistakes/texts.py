"""Texts that describe what the Mistakes tab shows."""

from collections.abc import Callable

from digitpad.core.evaluation.sample_filter import (
    Comparison,
    SampleQuery,
    Show,
    SortKey,
    allowed_cells,
    matching_samples,
    unknown_phrase,
    without_filters,
)
from digitpad.core.evaluation.samples import Samples
from digitpad.core.images.digits import CLASSES
from digitpad.core.images.idx_sets import display_part_name

Translate = Callable[[str], str]

_LONGEST_SEARCH = 24  # letters, in a title


def samples_title(samples: Samples, tr: Translate) -> str:
    """Return the models and the data: "Softmax on MNIST test"."""
    name = display_part_name(samples.digits.name)
    if not samples.model:
        return name
    if samples.second_model:
        return tr("{} compared with {} on {}").format(samples.model, samples.second_model, name)
    return tr("{} on {}").format(samples.model, name)


def count_text(query: SampleQuery, found: int, shown: int, selected: int, tr: Translate) -> str:
    """Return how many samples match, are shown and selected: "743 wrong, 25 at random (draw 1), 2 selected"."""
    text = _counted(query, found, tr)
    if query.random_count:
        text = tr("{}, {} at random (draw {:,})").format(text, shown, query.seed + 1)
    return tr("{}, {:,} selected").format(text, selected) if selected > 1 else text


def _counted(query: SampleQuery, shown: int, tr: Translate) -> str:
    if query.text.strip():
        return tr("{:,} found").format(shown)
    cells = query.cells
    if len(cells) == 1:
        ((label, predicted),) = cells
        return tr("label {}, predicted {}: {}").format(label, predicted, samples_text(shown, tr))
    if cells and cells != allowed_cells(query.show):
        return tr("{:,} in the selected cells").format(shown)
    texts = {
        Show.WRONG: tr("{:,} wrong"),
        Show.RIGHT: tr("{:,} right"),
        Show.ALL: samples_text(shown, tr),
    }
    return texts[query.show].format(shown)


def query_title(query: SampleQuery, tr: Translate, *, has_model: bool, is_selection: bool = False) -> str:
    """Describe a query, for titles and file names: "Wrong, label 4, predicted 9, most confident first".

    `has_model`: whether there are predictions; `is_selection`: whether only the selected samples are meant.
    """
    text = query.text.strip()
    parts = (
        _show_title(query, tr, has_model=has_model),
        _cells_title(query, tr) if has_model else _labels_title(query, tr),
        _comparison_title(query.comparison, tr) if has_model else "",
        tr("without suspect labels") if query.excludes_suspects else "",
        tr("search “{}”").format(_shortened(text)) if text else "",
        tr("selection") if is_selection else "",
        _order_title(query, tr, has_model=has_model),
    )
    return ", ".join(filter(None, parts))


def _show_title(query: SampleQuery, tr: Translate, *, has_model: bool) -> str:
    titles = {Show.WRONG: tr("Wrong"), Show.RIGHT: tr("Right")} if has_model else {}
    return titles.get(query.show, tr("All"))


def _cells_title(query: SampleQuery, tr: Translate) -> str:
    cells, possible = query.cells, allowed_cells(query.show)
    if not cells or cells == possible:
        return ""
    labels, predictions = {label for label, _ in cells}, {predicted for _, predicted in cells}
    if len(cells) == 1:
        return tr("label {}, predicted {}").format(*labels, *predictions)
    if cells == {cell for cell in possible if cell[0] in labels} and len(labels) == 1:
        return tr("label {}").format(*labels)
    if cells == {cell for cell in possible if cell[1] in predictions} and len(predictions) == 1:
        return tr("predicted {}").format(*predictions)
    return tr("{} cells").format(len(cells))


def _labels_title(query: SampleQuery, tr: Translate) -> str:
    """Return the labels: without a model, a row of the matrix chooses a label."""
    labels = sorted({label for label, _ in query.cells})
    if len(labels) in (0, CLASSES):
        return ""
    return tr("label {}").format(labels[0]) if len(labels) == 1 else tr("{} labels").format(len(labels))


def _comparison_title(comparison: Comparison, tr: Translate) -> str:
    return {
        Comparison.ALL: "",
        Comparison.ONLY_FIRST_WRONG: tr("only the first model wrong"),
        Comparison.ONLY_SECOND_WRONG: tr("only the second model wrong"),
        Comparison.BOTH_WRONG: tr("both models wrong"),
        Comparison.BOTH_RIGHT: tr("both models right"),
        Comparison.DISAGREE: tr("the models disagree"),
    }[comparison]


def _order_title(query: SampleQuery, tr: Translate, *, has_model: bool) -> str:
    if query.random_count:
        return tr("{} at random, draw {:,}").format(query.random_count, query.seed + 1)
    usual, reverse = {
        SortKey.CONFIDENCE: (tr("most confident first"), tr("least confident first")),
        SortKey.LOSS: (tr("highest loss first"), tr("lowest loss first")),
        SortKey.MARGIN: (tr("smallest margin first"), tr("largest margin first")),
        SortKey.INDEX: ("", tr("last first")),
    }[query.sort if has_model else SortKey.INDEX]
    return reverse if query.is_reversed else usual


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_SEARCH else f"{text[: _LONGEST_SEARCH - 1].rstrip()}…"


def samples_text(count: int, tr: Translate) -> str:
    """Return a count of samples: "1 sample", "12 samples"."""
    return tr("1 sample") if count == 1 else tr("{:,} samples").format(count)


def empty_text(samples: Samples, query: SampleQuery, tr: Translate) -> tuple[str, str, str]:
    """Return why nothing is shown: a title, a sentence, and the text of the button."""
    if query.text.strip():
        sentence, phrase = tr("No sample matches “{}”."), " ".join(query.text.split())
        if unknown := unknown_phrase(samples, query.text):
            sentence = tr(
                "No title, number or note has “{}”: try “label 4”, the number of a sample, or words of a note."
            )
            phrase = unknown
        elif len(matching_samples(samples, without_filters(query))):
            return (
                tr("No sample found"),
                tr("The other filters hide what matches “{}”.").format(phrase),
                tr("Show what matches"),
            )
        return tr("No sample found"), sentence.format(phrase), tr("Clear the search and show all")
    if query.excludes_suspects and samples.is_suspect.all():
        return (
            tr("All samples are left out"),
            tr("All {:,} labels are marked as wrong. Include them again, or remove marks.").format(len(samples)),
            tr("Include them"),
        )
    if query.show is Show.WRONG and not query.cells and samples.evaluation is not None:
        if samples.evaluation.is_right.all():
            return (
                tr("No mistakes"),
                tr("“{}” gets all {:,} right. Look at its least confident answers, or choose other data.").format(
                    samples.model, len(samples)
                ),
                tr("Show all"),
            )
        return (
            tr("No mistakes among these"),
            tr("All samples that are counted are right. Choose another filter, or show all."),
            tr("Show all"),
        )
    return tr("Nothing to show"), tr("No sample matches the choices on the left and above."), tr("Show all")


def labels_text(count: int, tr: Translate) -> str:
    """Return a count of labels: "1 label", "12 labels"."""
    return tr("1 label") if count == 1 else tr("{:,} labels").format(count)

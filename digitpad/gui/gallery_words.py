"""Sentences about what the Mistakes tab shows."""

from collections.abc import Callable

from digitpad.core.browsing import AT_RANDOM, Show, View, allowed
from digitpad.core.samples import Samples

Translate = Callable[[str], str]


def title_of_samples(samples: Samples, tr: Translate) -> str:
    """Say whose answers are shown on what: "Softmax on MNIST test"."""
    name = samples.digits.name
    if not samples.model:
        return name
    if samples.rival:
        return tr("{} against {} on {}").format(samples.model, samples.rival, name)
    return tr("{} on {}").format(samples.model, name)


def shown_words(view: View, shown: int, selected: int, tr: Translate) -> str:
    """Say what is shown, and how much of it is selected: "4 → 9: 12 samples, 2 selected"."""
    words = _counted(view, shown, tr)
    return tr("{}, {:,} selected").format(words, selected) if selected > 1 else words


def _counted(view: View, shown: int, tr: Translate) -> str:
    if view.text.strip():
        return tr("{:,} found").format(shown)
    cells = view.cells
    if len(cells) == 1:
        ((label, predicted),) = cells
        return tr("label {}, predicted {}: {}").format(label, predicted, samples_words(shown, tr))
    if cells and cells != allowed(view.show):
        return tr("{:,} in the chosen cells").format(shown)
    words = {
        Show.WRONG: tr("{:,} wrong"),
        Show.RIGHT: tr("{:,} right"),
        Show.SOME_WRONG: tr("{:,} wrong ones at random"),
    }
    if view.show in AT_RANDOM and view.show not in words:
        return tr("{:,} at random").format(shown)
    return words.get(view.show, samples_words(shown, tr)).format(shown)


def samples_words(count: int, tr: Translate) -> str:
    """Count samples: "1 sample", "12 samples"."""
    return tr("1 sample") if count == 1 else tr("{:,} samples").format(count)


def nothing_words(samples: Samples, view: View, tr: Translate) -> tuple[str, str, str]:
    """Say why nothing is shown: a title, what to do, and the button's words."""
    if view.text.strip():
        return (
            tr("Nothing is found"),
            tr("No sample fits “{}” among those that are shown.").format(view.text.strip()),
            tr("Clear the search and show all"),
        )
    if view.show in (Show.WRONG, Show.SOME_WRONG) and not view.cells and samples.evaluation is not None:
        if samples.evaluation.is_right.all():
            return (
                tr("No mistakes at all"),
                tr("“{}” gets all {:,} right. Look at what it was least sure of, or try other data.").format(
                    samples.model, len(samples)
                ),
                tr("Show all"),
            )
        return (
            tr("No mistakes among these"),
            tr("The samples that count are all right. Compare otherwise, or show all."),
            tr("Show all"),
        )
    return tr("Nothing to show"), tr("No sample is as chosen on the left and above."), tr("Show all")

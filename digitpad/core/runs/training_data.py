"""The data of a training: both parts without suspect labels, and whether they are what a run was trained on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from digitpad.core.datasets.catalogue import display_title
from digitpad.core.datasets.loading import KEYS, MY_DIGITS, full_name, load_digits
from digitpad.core.datasets.suspect_labels import marks_of_samples, read_marks, without_samples
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import SETS, Part, display_part_name
from digitpad.core.models.specs import inputs_of
from digitpad.core.runs.run_folder import LeftOut, Run
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr, tr_noop

_CHANGED: Mapping[Part, str] = {
    "train": tr_noop(
        "the training images of {dataset} are not those that “{run}” was trained on: choose the folder it was trained "
        "from, or start a new run"
    ),
    "test": tr_noop(
        "the test images of {dataset} are not those that “{run}” was tested on: choose the folder it was trained from, "
        "or start a new run"
    ),
}
# Sets that are in no folder.
_CHANGED_BUILT_IN: Mapping[Part, str] = {
    "train": tr_noop("the training images of {dataset} are not those that “{run}” was trained on: start a new run"),
    "test": tr_noop("the test images of {dataset} are not those that “{run}” was tested on: start a new run"),
}


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """Both parts of a training's data.

    Attributes
    ----------
    training, test
        The samples, without those left out.
    left_out
        The samples with suspect labels that are left out.
    digests
        For each part a digest of its first samples that the recipe asks for, before any is left out.
    note
        What the user should know about it, a sentence or empty.

    """

    training: Digits
    test: Digits
    left_out: LeftOut
    digests: dict[Part, str]
    note: str = ""


def load_training_data(recipe: Recipe, folder: Path, earlier: Run | None = None) -> TrainingData:
    """Load the data of a recipe from a data folder, for a new run or to go on with an earlier one.

    My digits may have changed since the earlier run: then it goes on with those of now.

    Raise DigitpadError if the data is missing, does not fit the model, or is not that of the earlier run.
    """
    training = load_digits(recipe.dataset, "train", folder).first(recipe.train_first)
    test = load_digits(recipe.dataset, "test", folder).first(recipe.test_first)
    _check_sizes(recipe, training, test)
    digests: dict[Part, str] = {"train": training.digest, "test": test.digest}
    note = _compared(recipe, digests, earlier) if earlier else ""
    left_out = _left_out(recipe, {"train": training, "test": test}, earlier)
    return TrainingData(
        without_samples(training, left_out.get("train", ())),
        without_samples(test, left_out.get("test", ())),
        left_out,
        digests,
        note,
    )


def with_full_path(recipe: Recipe, folder: Path | None = None) -> Recipe:
    """Return a recipe with the `full_name` of its data set; `folder` is the data folder."""
    dataset = full_name(recipe.dataset, data_folder(folder))
    try:
        return recipe if dataset == recipe.dataset else replace(recipe, dataset=dataset)
    except ValidationError:  # the working directory is not Unicode, or very deep
        return recipe


def _compared(recipe: Recipe, digests: Mapping[Part, str], earlier: Run) -> str:
    """Raise DigitpadError if the data is not that of an earlier run; return a note if that may be so."""
    known = earlier.info.digests
    changed: list[Part] = [part for part, digest in digests.items() if known.get(part) and known[part] != digest]
    if not changed:
        return ""
    if recipe.dataset == MY_DIGITS:
        return tr("My digits have changed since “{run}” was started: it goes on with those of now").format(
            run=earlier.name
        )
    is_built_in = recipe.dataset in KEYS and recipe.dataset not in SETS
    raise DigitpadError(
        (_CHANGED_BUILT_IN if is_built_in else _CHANGED)[changed[0]],
        hint="" if is_built_in else "--data FOLDER",
        dataset=display_title(recipe.dataset),
        run=earlier.name,
    )


def _left_out(recipe: Recipe, parts: Mapping[Part, Digits], earlier: Run | None) -> LeftOut:
    """Return the samples with suspect labels; to go on with a run, those it started with.

    Except for my digits, whose indices change when digits are added or removed.
    """
    if earlier is not None and recipe.dataset != MY_DIGITS:
        return earlier.info.left_out
    if not recipe.leave_out_suspects:
        return {}
    marks, left_out = read_marks(), LeftOut()
    for part, digits in parts.items():
        if indices := sorted(marks_of_samples(digits, recipe.dataset, part, marks)):
            left_out[part] = indices
    return left_out


def _check_sizes(recipe: Recipe, training: Digits, test: Digits) -> None:
    for digits in (training, test):
        if digits.size != inputs_of(recipe.model):
            height, width = digits.size
            raise DigitpadError(
                "{dataset} has images of {height}x{width} px, which this model cannot read: choose other data",
                dataset=display_part_name(digits.name),
                height=height,
                width=width,
            )

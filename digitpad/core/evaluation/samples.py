"""Samples to inspect: images and labels of a data set, the predictions of one or two models, and the user's marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from digitpad.core.datasets.catalogue import display_title
from digitpad.core.datasets.loading import GATES, has_parts, load_digits, replace_shared, size_of
from digitpad.core.datasets.suspect_labels import SuspectLabel, dataset_key, marks_of_samples
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import SIDE, Digits
from digitpad.core.images.idx_sets import PARTS, Part
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.evaluation.result import Evaluation
    from digitpad.core.models.model_files import LoadedModel

PartChoice = Literal["test", "train", "all"]
PART_CHOICES: tuple[PartChoice, ...] = get_args(PartChoice)
_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class SampleSet:
    """Names a set of samples, and how a model reads their pixels.

    Attributes
    ----------
    dataset
        A key of `digitpad.core.datasets.catalogue.catalogue`, or the path of a folder or of an ink file.
    part
        With "all", the training part comes first.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.
    first
        Only so many samples of the part, from its first; None for all. Not for both parts.
    raw_pixels
        Whether a model gets the pixels as they are stored, 0–255, instead of 0–1.

    """

    dataset: str
    part: PartChoice
    folder: Path
    first: int | None = None
    raw_pixels: bool = False


@dataclass(frozen=True, slots=True)
class ModelUnderTest:
    """A model to evaluate: its name for the user, and its file or the loaded model."""

    name: str
    source: "Path | LoadedModel"


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSet:
    """The samples of a set, the training part first. `parts` has views of both parts if both are loaded."""

    sample_set: SampleSet
    digits: Digits
    training_count: int
    parts: Mapping[Part, Digits] = field(default_factory=dict)

    @property
    def inputs(self) -> Digits:
        """The samples as a model reads them: their `peak` is the pixel value that it gets as 1.0."""
        return replace(self.digits, peak=1) if self.sample_set.raw_pixels else self.digits

    def part_and_number(self, index: int) -> tuple[Part, int]:
        """Return the part that a sample belongs to, and its number in that part."""
        return ("train", index) if index < self.training_count else ("test", index - self.training_count)

    def part(self, part: Part) -> Digits:
        """Return the samples of one part."""
        if part in self.parts:
            return self.parts[part]
        place = slice(0, self.training_count) if part == "train" else slice(self.training_count, None)
        digits = self.digits
        return Digits(digits.name, digits.images[place], digits.labels[place], digits.peak)

    def marks_by_index(self, marks: tuple[SuspectLabel, ...]) -> dict[int, SuspectLabel]:
        """Return the marks of these samples, by index."""
        dataset = dataset_key(self.sample_set.dataset)
        training = marks_of_samples(self.part("train"), dataset, "train", marks) if self.training_count else {}
        test = marks_of_samples(self.part("test"), dataset, "test", marks)
        return training | {index + self.training_count: mark for index, mark in test.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One sample.

    Attributes
    ----------
    index
        Its place in the whole set, from 0.
    part, number
        The part of the data set, and the place in that part, from 0.
    image
        (height, width) uint8, 0 background, `peak` ink.
    label, predicted
        0–9; `predicted` is None without a model.
    confidence, loss, margin
        As in `digitpad.core.evaluation.result.Evaluation`; NaN without a model.
    second_predicted, second_confidence
        The same of the second model.
    mark
        The user's mark on the label.

    """

    index: int
    part: Part
    number: int
    image: np.ndarray = field(repr=False)
    peak: int
    label: int
    predicted: int | None = None
    confidence: float = _NAN
    loss: float = _NAN
    margin: float = _NAN
    second_predicted: int | None = None
    second_confidence: float = _NAN
    mark: SuspectLabel | None = None

    @property
    def is_right(self) -> bool:
        """Whether the prediction is the label; True without a prediction."""
        return self.predicted is None or self.predicted == self.label

    @property
    def full_scale(self) -> np.ndarray:
        """(height, width) uint8, 0 background, 255 ink."""
        return self.image if self.peak == 255 else np.round(self.image * (255 / self.peak)).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of a set, with the predictions of models.

    Attributes
    ----------
    loaded
        The set.
    model, second_model
        The names of the evaluated model and of the model that it is compared with; "" for none.
    evaluation, second_evaluation
        Their evaluations.
    loaded_model
        The evaluated model, with the weights that it had then.
    marks
        The user's marks on labels, by index.
    marks_problem
        The reason why the marks cannot be read, as a sentence, or "".

    """

    loaded: LoadedSet
    model: str = ""
    evaluation: "Evaluation | None" = None
    second_model: str = ""
    second_evaluation: "Evaluation | None" = None
    marks: Mapping[int, SuspectLabel] = field(default_factory=dict)
    loaded_model: "LoadedModel | None" = None
    marks_problem: str = ""

    @property
    def digits(self) -> Digits:
        """Images and labels."""
        return self.loaded.digits

    @property
    def are_points(self) -> bool:
        """Whether they are the four points of a logic gate, with two classes."""
        return self.loaded.sample_set.dataset in GATES

    def __len__(self) -> int:
        return len(self.loaded.digits)

    def __getitem__(self, index: int) -> Sample:
        index = int(index)
        digits, first, second = self.digits, self.evaluation, self.second_evaluation
        part, number = self.loaded.part_and_number(index)
        return Sample(
            index=index,
            part=part,
            number=number,
            image=digits.images[index],
            peak=digits.peak,
            label=int(digits.labels[index]),
            predicted=int(first.predicted[index]) if first else None,
            confidence=float(first.confidences[index]) if first else _NAN,
            loss=float(first.losses[index]) if first else _NAN,
            margin=float(first.margins[index]) if first else _NAN,
            second_predicted=int(second.predicted[index]) if second else None,
            second_confidence=float(second.confidences[index]) if second else _NAN,
            mark=self.marks.get(index),
        )

    @property
    def is_suspect(self) -> np.ndarray:
        """(n,) bool: whether the user marked the label as wrong."""
        suspect = np.zeros(len(self), bool)
        suspect[list(self.marks)] = True
        return suspect


def part_choices(dataset: str) -> tuple[PartChoice, ...]:
    """Return the parts of a data set that the user can choose; only "test" if both parts are the same samples."""
    return PART_CHOICES if has_parts(dataset) else ("test",)


def has_raw_pixels(dataset: str) -> bool:
    """Return whether the pixels of a data set are stored as 0–255."""
    return size_of(dataset) == (SIDE, SIDE)


def load_set(wanted: SampleSet) -> LoadedSet:
    """Load the samples of a set.

    Raise DigitpadError if a part is missing or invalid, or its pixels are not 0–255 and are wanted so.
    """
    if wanted.raw_pixels and not has_raw_pixels(wanted.dataset):
        raise DigitpadError(
            "{dataset} has no pixels from 0 to 255: choose pixels from 0 to 1", dataset=display_title(wanted.dataset)
        )
    loaded = _load(wanted)
    if not wanted.raw_pixels:
        return loaded
    name = f"{loaded.digits.name}, pixels 0–255"  # `display_part_name` translates it
    return replace(loaded, digits=replace(loaded.digits, name=name))


def _load(wanted: SampleSet) -> LoadedSet:
    if wanted.part != "all":
        digits = load_digits(wanted.dataset, wanted.part, wanted.folder).first(wanted.first)
        return LoadedSet(wanted, digits, len(digits) if wanted.part == "train" else 0)
    training, test = (load_digits(wanted.dataset, part, wanted.folder) for part in PARTS)
    digits = Digits(
        tr("{} training and test").format(training.name.removesuffix(" train")),
        np.concatenate([training.images, test.images]),
        np.concatenate([training.labels, test.labels]),
        training.peak,
    )
    count = len(training)
    parts: dict[Part, Digits] = {
        "train": Digits(training.name, digits.images[:count], digits.labels[:count], digits.peak),
        "test": Digits(test.name, digits.images[count:], digits.labels[count:], digits.peak),
    }
    # Later calls of load_digits get these views, so that the original arrays (47 MB for MNIST) are freed.
    replace_shared(training, parts["train"])
    replace_shared(test, parts["test"])
    return LoadedSet(wanted, digits, count, parts)

"""Samples to look at: a data set's images and labels, what one or two models said of them, and the user's marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from digitpad.core.datasets.loading import has_parts, load_digits, replace_shared
from digitpad.core.datasets.suspect_labels import SuspectLabel, dataset_key, marks_of_samples
from digitpad.core.images.digits import Digits
from digitpad.core.images.idx_sets import PARTS, Part

if TYPE_CHECKING:
    from digitpad.core.evaluation.result import Evaluation
    from digitpad.core.models.model_files import LoadedModel

PartChoice = Literal["test", "train", "all"]
PART_CHOICES: tuple[PartChoice, ...] = get_args(PartChoice)


@dataclass(frozen=True, slots=True)
class SampleSet:
    """Which samples are looked at.

    Attributes
    ----------
    dataset
        A key of `digitpad.core.datasets.catalogue.catalogue`, or the path of a folder or of an ink file.
    part
        Of "all", the training part comes first.
    folder
        The data folder, see `digitpad.core.files.paths.data_folder`.

    """

    dataset: str
    part: PartChoice
    folder: Path


@dataclass(frozen=True, slots=True)
class ModelUnderTest:
    """A model that is asked: what people call it, and its file, or itself where it is in memory."""

    name: str
    source: "Path | LoadedModel"


@dataclass(frozen=True, slots=True, eq=False)
class LoadedSet:
    """The samples of a set; those of the training part come first. `parts` are views of them, where there are two."""

    sample_set: SampleSet
    digits: Digits
    training_count: int
    parts: Mapping[Part, Digits] = field(default_factory=dict)

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
        """Return the marks that belong to these samples, by index."""
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
        Its place in the set that is looked at, from 0.
    part, number
        The data set's part it belongs to, and its place there.
    image
        (height, width) uint8, 0 background, `peak` ink.
    label, predicted
        What it is, and what the model takes it for, in 0–9; None where no model was asked.
    confidence, loss, margin
        As in `digitpad.core.evaluation.result.Evaluation`; NaN where no model was asked.
    rival_predicted, rival_confidence
        The same of the model it is compared with.
    mark
        What the user says of its label.

    """

    index: int
    part: Part
    number: int
    image: np.ndarray = field(repr=False)
    peak: int
    label: int
    predicted: int | None = None
    confidence: float = float("nan")
    loss: float = float("nan")
    margin: float = float("nan")
    rival_predicted: int | None = None
    rival_confidence: float = float("nan")
    mark: SuspectLabel | None = None

    @property
    def is_right(self) -> bool:
        """Whether the prediction is the label; so it counts where no model was asked."""
        return self.predicted is None or self.predicted == self.label

    @property
    def full_scale(self) -> np.ndarray:
        """(height, width) uint8, 0 background, 255 ink."""
        return self.image if self.peak == 255 else np.round(self.image * (255 / self.peak)).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """The samples of a set, with what was said of them.

    Attributes
    ----------
    loaded
        The set.
    model, rival
        What the model that was asked, and the one it is compared with, are called; "" for none.
    evaluation, rival_evaluation
        What they said.
    asked
        The model itself, with the very weights that were asked.
    marks
        The user's marks on labels, by index.
    marks_problem
        Why they cannot be read, as a sentence; "" where they can.

    """

    loaded: LoadedSet
    model: str = ""
    evaluation: "Evaluation | None" = None
    rival: str = ""
    rival_evaluation: "Evaluation | None" = None
    marks: Mapping[int, SuspectLabel] = field(default_factory=dict)
    loaded_model: "LoadedModel | None" = None
    marks_problem: str = ""

    @property
    def digits(self) -> Digits:
        """Images and labels."""
        return self.loaded.digits

    def __len__(self) -> int:
        return len(self.loaded.digits)

    def __getitem__(self, index: int) -> Sample:
        index = int(index)
        digits, said, other = self.digits, self.evaluation, self.rival_evaluation
        part, number = self.loaded.part_and_number(index)
        return Sample(
            index=index,
            part=part,
            number=number,
            image=digits.images[index],
            peak=digits.peak,
            label=int(digits.labels[index]),
            predicted=int(said.predicted[index]) if said else None,
            confidence=float(said.confidences[index]) if said else float("nan"),
            loss=float(said.losses[index]) if said else float("nan"),
            margin=float(said.margins[index]) if said else float("nan"),
            rival_predicted=int(other.predicted[index]) if other else None,
            rival_confidence=float(other.confidences[index]) if other else float("nan"),
            mark=self.marks.get(index),
        )

    @property
    def is_suspect(self) -> np.ndarray:
        """(n,) bool: whether the user marked the label as wrong."""
        suspect = np.zeros(len(self), bool)
        suspect[list(self.marks)] = True
        return suspect


def part_choices(dataset: str) -> tuple[PartChoice, ...]:
    """Return the parts of a data set that can be looked at; one whose parts are the same samples has only "test"."""
    return PART_CHOICES if has_parts(dataset) else ("test",)


def load_set(which: SampleSet) -> LoadedSet:
    """Load the samples of a set.

    Raises
    ------
    DigitpadError
        Where a part is not there, or not what it should be.

    """
    if which.part != "all":
        digits = load_digits(which.dataset, which.part, which.folder)
        return LoadedSet(which, digits, len(digits) if which.part == "train" else 0)
    training, test = (load_digits(which.dataset, part, which.folder) for part in PARTS)
    digits = Digits(
        f"{training.name.removesuffix(' train')} training and test",
        np.concatenate([training.images, test.images]),
        np.concatenate([training.labels, test.labels]),
        training.peak,
    )
    count = len(training)
    parts: dict[Part, Digits] = {
        "train": Digits(training.name, digits.images[:count], digits.labels[:count], digits.peak),
        "test": Digits(test.name, digits.images[count:], digits.labels[count:], digits.peak),
    }
    # Who asks for a part from now on gets a view, and the 47 MB that it came in are free.
    replace_shared(training, parts["train"])
    replace_shared(test, parts["test"])
    return LoadedSet(which, digits, count, parts)

"""What counts as done in a step of a lesson, as data. The window watches for it."""

from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

from digitpad.core.datasets.loading import KEYS
from digitpad.core.training.config import LOSS_NAMES, Loss, RuleError
from digitpad.core.translation import tr, tr_noop, tr_plural

Tab = Literal["draw", "train", "mistakes", "my-digits"]
View = Literal["inside", "break-it", "compare", "steps", "gates", "layers"]
# The fields of `core.ink.distortion.Distortion`.
# fmt: off
Distorted = Literal[
    "rotation", "shift_x", "shift_y", "scale", "pen", "normalisation",
    "off_centre", "off_centre_y", "blur", "contrast", "inverted", "noise",
]
# fmt: on
Digit = Annotated[int, Field(ge=0, le=9, strict=True)]  # else true would be 1
Share = Annotated[float, Field(ge=0, le=1, strict=True)]
Count = Annotated[int, Field(ge=1, le=1000, strict=True)]
_STRICT = ConfigDict(extra="forbid")


def _known(key: str) -> str:
    if key not in KEYS:
        text = tr_noop("there is no data set “{name}”: choose one of {choices}")
        raise RuleError("", text, name=key, choices=", ".join(KEYS))
    return key


DataKey = Annotated[str, AfterValidator(_known)]

TAB_TITLES: dict[Tab, str] = {
    "draw": tr_noop("Draw"),
    "train": tr_noop("Train"),
    "mistakes": tr_noop("Mistakes"),
    "my-digits": tr_noop("My digits"),
}
_VIEW_TITLES: dict[View, str] = {
    "inside": tr_noop("Inside"),
    "break-it": tr_noop("Break it"),
    "compare": tr_noop("Compare"),
    "steps": tr_noop("Show steps"),
    "gates": tr_noop("Logic gates"),
    "layers": tr_noop("Layer by layer"),
}
_DISTORTED_TITLES: dict[Distorted, str] = {
    "rotation": tr_noop("Rotate"),
    "shift_x": tr_noop("Shift sideways"),
    "shift_y": tr_noop("Shift down"),
    "scale": tr_noop("Scale"),
    "pen": tr_noop("Pen width"),
    "normalisation": tr_noop("Normalisation"),
    "off_centre": tr_noop("Off-centre x"),
    "off_centre_y": tr_noop("Off-centre y"),
    "blur": tr_noop("Blur"),
    "contrast": tr_noop("Contrast"),
    "inverted": tr_noop("Inverted"),
    "noise": tr_noop("Noise"),
}
_KINDS = {"softmax": tr_noop("softmax regression"), "mlp": tr_noop("an MLP"), "cnn": tr_noop("a CNN")}


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Drew:
    """The chosen model reads a drawing as a digit: this one, or any."""

    when: Literal["drew"]
    digit: Digit | None = None

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        return tr("Draw a digit.") if self.digit is None else tr("Draw a {}.").format(self.digit)

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("you drew a digit") if self.digit is None else tr("you drew a {}").format(self.digit)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Trained:
    """A training ended, or an epoch reached an accuracy.

    Attributes
    ----------
    accuracy
        The test accuracy to reach. As soon as an epoch does, the step is done.
    at_most
        The test accuracy that a finished training must not exceed: for a training that is meant to fail.
    model, loss, dataset
        Count only trainings of this kind of model, with this loss, on this data.

    """

    when: Literal["trained"]
    accuracy: Share | None = None
    at_most: Share | None = None
    model: Literal["softmax", "mlp", "cnn"] | None = None
    loss: Loss | None = None
    dataset: DataKey | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.accuracy is not None and self.at_most is not None:
            raise RuleError("at_most", tr_noop("cannot be combined with accuracy: leave one of them out"))
        return self

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        what = tr(_KINDS[self.model]) if self.model else tr("a model")
        if self.loss:
            what = tr("{} with {}").format(what, tr(LOSS_NAMES[self.loss]))
        if self.dataset:
            what = tr("{model} on {data}").format(model=what, data=self.dataset.upper())
        if self.accuracy is not None:
            return tr("Train {} to {}.").format(what, _percent(self.accuracy))
        if self.at_most is not None:
            return tr("Train {} that stays at or below {}.").format(what, _percent(self.at_most))
        return tr("Train {}.").format(what)

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        if self.accuracy is not None:
            return tr("the test accuracy reached {}").format(_percent(self.accuracy))
        if self.at_most is not None:
            return tr("the test accuracy stayed at or below {}").format(_percent(self.at_most))
        return tr("your model is trained")


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class FoundMistake:
    """A sample that the model gets wrong is selected in Mistakes: of this label, predicted as this digit, or any."""

    when: Literal["found-mistake"]
    label: Digit | None = None
    predicted: Digit | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.label is not None and self.label == self.predicted:
            raise RuleError("predicted", tr_noop("must not be the label: that would be no mistake"))
        return self

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        if self.label is not None and self.predicted is not None:
            return tr("Find a {} that the model reads as a {}.").format(self.label, self.predicted)
        if self.label is not None:
            return tr("Find a {} that the model gets wrong.").format(self.label)
        if self.predicted is not None:
            return tr("Find a digit that the model wrongly reads as a {}.").format(self.predicted)
        return tr("Find a digit that the model gets wrong.")

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("you found a mistake") if self.label is None else tr("you found a wrong {}").format(self.label)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Looked:
    """A view was opened; a view of the drawing counts when it shows one."""

    when: Literal["looked"]
    view: View

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        is_of_drawing = self.view not in ("gates", "layers")
        text = tr("Draw a digit and look at “{}”.") if is_of_drawing else tr("Look at “{}”.")
        return text.format(tr(_VIEW_TITLES[self.view]))

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("you looked at “{}”").format(tr(_VIEW_TITLES[self.view]))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class OpenedTab:
    """A page was opened."""

    when: Literal["opened-tab"]
    tab: Tab

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        return tr("Open the tab “{}”.").format(tr(TAB_TITLES[self.tab]))

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("you opened “{}”").format(tr(TAB_TITLES[self.tab]))


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class OpenedUnit:
    """A unit or a feature map was opened in the view Inside."""

    when: Literal["opened-unit"]

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        return tr("Click a tile in the view Inside.")

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("you opened a unit")


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class SwitchedOff:
    """Units were switched off in the view Inside."""

    when: Literal["switched-off"]
    count: Count = 1

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        return tr_plural("Switch {} unit off.", "Switch {} units off.", self.count).format(self.count)

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr_plural("{} unit is switched off", "{} units are switched off", self.count).format(self.count)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Broke:
    """A model misreads the drawing that was distorted in "Break it": with this distortion, or with any."""

    when: Literal["broke"]
    by: Distorted | None = None

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        if self.by is None:
            return tr("Distort the drawing until a model is wrong.")
        return tr("Make a model wrong with “{}”.").format(tr(_DISTORTED_TITLES[self.by]))

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("a model is wrong")


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class MadeGate:
    """The weights set in "Logic gates" give a gate: so many of its four points are right."""

    when: Literal["made-gate"]
    gate: Literal["and", "or", "nand", "xor"]
    right: Annotated[int, Field(ge=1, le=4, strict=True)] = 4

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.gate == "xor" and self.right == 4:
            raise RuleError(
                "right", tr_noop("must be 3 or less for XOR: one perceptron gets no more of its points right")
            )
        return self

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        if self.right == 4:
            return tr("Set the weights so that all four points of {} are right.").format(self.gate.upper())
        return tr("Set the weights so that {} points of {} are right.").format(self.right, self.gate.upper())

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("{} of 4 points of {} are right").format(self.right, self.gate.upper())


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class KeptDigits:
    """Drawings were labelled, so that they are in My digits; counted from the beginning of the step."""

    when: Literal["kept-digits"]
    count: Count = 1

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        text = tr_plural("Draw {} digit and choose its label.", "Draw {} digits and choose their labels.", self.count)
        return text.format(self.count)

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr_plural("{} digit is saved", "{} digits are saved", self.count).format(self.count)


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class LearnedMyDigits:
    """A model was trained on My digits."""

    when: Literal["learned-my-digits"]

    @property
    def goal(self) -> str:
        """What to do, a sentence."""
        return tr("Train a model on your digits.")

    @property
    def outcome(self) -> str:
        """What was done, to follow "Done:"."""
        return tr("a model learned from your digits")


Condition = (
    Drew
    | Trained
    | FoundMistake
    | Looked
    | OpenedTab
    | OpenedUnit
    | SwitchedOff
    | Broke
    | MadeGate
    | KeptDigits
    | LearnedMyDigits
)
Done = Annotated[Condition, Field(discriminator="when")]
# By the name in a file.
CONDITIONS: dict[str, type[Condition]] = {
    get_args(kind.__annotations__["when"])[0]: kind for kind in get_args(Condition)
}


def _percent(share: float) -> str:
    return tr("{} %").format(f"{share * 100:.4g}").replace(" ", "\N{NO-BREAK SPACE}")

"""What a data set is for the chosen settings: shapes, types and batches, in a line each. Without Qt."""

from math import isclose

from digitpad.core.datasets.loading import GATES, RAW_BUILT_IN, has_parts, outputs_of, size_of
from digitpad.core.models.specs import CNNSpec
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr, tr_plural
from digitpad.gui.train.form.values import number_text

# The number of training and of test images; None where it is not known before the set is loaded.
Sizes = tuple[int, int] | None
_UNKNOWN = "n"


def set_text(recipe: Recipe, sizes: Sizes) -> str:
    """Return the shapes and types of both parts, and what is made of pixels and labels.

    For example "train (60000, 784) uint8 → float32 in [0, 1], labels (60000,) int64; test (10000, 784)".
    """
    train, test = (
        _UNKNOWN if size is None else str(min(size, first or size))
        for size, first in zip(sizes or (None, None), (recipe.train_first, recipe.test_first), strict=True)
    )
    text = tr("train {shape} {pixels}, labels {labels}; test {test}").format(
        shape=_shape(recipe, train),
        pixels=_pixels(recipe),
        labels=_labels(recipe, train),
        test=_test(recipe, train, test),
    )
    return text + (tr("; without suspect labels") if recipe.leave_out_suspects else "")


def batches_text(recipe: Recipe, sizes: Sizes) -> str:
    """Return how many batches an epoch has: "469 batches an epoch, the last of 96"; empty if it is not known."""
    if not sizes or not sizes[0] or recipe.leave_out_suspects:
        return ""
    training, count = recipe.training, min(sizes[0], recipe.train_first or sizes[0])
    size, batches = training.full_batch_size(count), training.steps_per_epoch(count)
    if size == count:
        return tr("1 batch an epoch: all images")
    text = tr_plural("{batches:,} batch an epoch", "{batches:,} batches an epoch", batches).format(batches=batches)
    rest = count % size
    if not rest:
        return text
    if not training.drop_last:
        return tr("{batches}, the last of {rest:,}").format(batches=text, rest=rest)
    dropped = tr_plural("the last image dropped", "the last {rest:,} images dropped", rest).format(rest=rest)
    return f"{text}, {dropped}"


def _shape(recipe: Recipe, count: str) -> str:
    height, width = size_of(recipe.dataset)
    sides = (1, height, width) if isinstance(recipe.model, CNNSpec) else (height * width,)
    return _tuple(count, *sides)


def _pixels(recipe: Recipe) -> str:
    """Return the type of the pixels, and of the first layer's input with its range."""
    peak = 1 if recipe.dataset in GATES else 16 if recipe.dataset == RAW_BUILT_IN else 255
    source = {1: tr("of 0 and 1"), 16: tr("float64 in [0, 16]"), 255: "uint8"}[peak]
    text = f"{source} → {_type(recipe)} {_range(recipe, peak)}".rstrip()
    return tr("{pixels}, computed in float64").format(pixels=text) if recipe.engine == "numpy" else text


def _type(recipe: Recipe) -> str:
    if recipe.engine == "numpy":
        return "float32"  # as the published programs divide; the engine computes in float64
    return tr("float32 or bfloat16") if recipe.training.precision == "auto" else recipe.training.precision


def _range(recipe: Recipe, peak: int) -> str:
    mean, std = recipe.model.normalisation.mean, recipe.model.normalisation.std
    if not mean and isclose(std * peak, 1):
        return "" if peak == 1 else tr("(unscaled)")
    if not mean and std == 1:
        return tr("in [0, 1]")
    share = "x" if peak == 1 else f"x / {peak}"
    return f"({share} − {number_text(mean)}) / {number_text(std)}".replace(" ", "\N{NO-BREAK SPACE}")


def _labels(recipe: Recipe, count: str) -> str:
    outputs = outputs_of(recipe.dataset)
    if outputs == 1:
        return f"{_tuple(count)} → {_tuple(count, 1)}"
    if recipe.engine == "torch" and recipe.training.loss == "cross-entropy":
        return f"{_tuple(count)} int64"
    return tr("{labels} → one-hot {targets}").format(labels=_tuple(count), targets=_tuple(count, outputs))


def _test(recipe: Recipe, train: str, test: str) -> str:
    if has_parts(recipe.dataset) or train != test:
        return _shape(recipe, test)
    return tr("is the same")


def _tuple(*sides: object) -> str:
    """Return a shape as NumPy prints it, in one piece."""
    return "(" + ",\N{NO-BREAK SPACE}".join(map(str, sides)) + ("," if len(sides) == 1 else "") + ")"

"""Changing one field of the training form, and the fields that depend on it. Without Qt."""

from collections.abc import Callable, Mapping

from digitpad.core.datasets.loading import GATES, size_of
from digitpad.core.models.specs import MLPSpec, Size
from digitpad.core.training.recipes import Recipe
from digitpad.gui.train.form.rules import DIGIT_SIZE, disabled_reason
from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, FIELDS, Values, parse_value, values_of

Draft = dict[str, str | bool]

_NORMALISATION = ("model.normalisation.mean", "model.normalisation.std")
_OUTPUTS = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid", "mse": "sigmoid", "sse": "linear"}
_DEFAULT_RATES = {"sgd": "0.1", "adam": "0.001", "adamw": "0.001"}
_DEFAULT_DISTORTIONS = dict(zip(DISTORTIONS, ("10", "0.2", "0.12", "1", "0.5"), strict=True))
_DEFAULTS = values_of(Recipe(title="defaults", model=MLPSpec()))


def initial_values(recipe: Recipe) -> Draft:
    """Return the values that the form shows for a recipe."""
    values = values_of(recipe)
    return _reset_unused(values, values, values)


def with_change(values: Values, key: str, value: str | bool, base: Recipe) -> Draft:
    """Change one field and its dependent fields; fields that are enabled again get the recipe's value."""
    after, shown = {**values, key: value}, values_of(base)
    if after[key] == values[key]:
        return after
    if follow := _FOLLOWERS.get(key):
        follow(values, after, shown)
    return _reset_unused(values, after, shown)


def _reset_unused(before: Values, after: Values, base: Values) -> Draft:
    result = dict(after)
    for key in FIELDS:
        if disabled_reason(key, after):
            result[key] = _DEFAULTS[key]
        elif disabled_reason(key, before):
            result[key] = base[key]
    return result


def _follow_loss(_before: Values, after: Draft, _base: Values) -> None:
    if after["model.kind"] != "softmax":
        after["model.output"] = _OUTPUTS[str(after["training.loss"])]


def _follow_kind(before: Values, after: Draft, base: Values) -> None:
    if after["model.kind"] == "softmax":
        after.update({"training.loss": "cross-entropy", "model.output": "softmax"})
    elif before["model.kind"] == "softmax" and base["model.kind"] == after["model.kind"]:
        _copy(after, base, "training.loss", "model.output")


def _follow_optimizer(before: Values, after: Draft, base: Values) -> None:
    """Use a learning rate of the right magnitude: that of SGD is a hundred times that of Adam."""
    chosen, former = str(after["training.optimizer"]), str(before["training.optimizer"])
    if _DEFAULT_RATES[chosen] == _DEFAULT_RATES[former]:
        return
    after["training.learning_rate"] = _DEFAULT_RATES[chosen]
    if _DEFAULT_RATES[str(base["training.optimizer"])] == _DEFAULT_RATES[chosen]:
        _copy(after, base, "training.learning_rate")


def _follow_engine(before: Values, after: Draft, base: Values) -> None:
    after["training.stream"] = str(base["training.stream"] if base["engine"] == after["engine"] else "seeded")
    if after["engine"] != "numpy":
        if base["engine"] == after["engine"]:
            _copy(after, base, "training.optimizer", "training.learning_rate")
        return
    after["training.optimizer"] = "sgd"
    _follow_optimizer(before, after, base)
    if after["model.activation"] == "tanh":
        after["model.activation"] = "sigmoid"


def _follow_dataset(before: Values, after: Draft, base: Values) -> None:
    size, base_size = size_of(str(after["dataset"])), size_of(str(base["dataset"]))
    if size == size_of(str(before["dataset"])):
        return
    if after["model.kind"] == "cnn" or after["dataset"] in GATES:
        after["model.kind"] = "mlp"
    if size == base_size:
        _copy(after, base, *_NORMALISATION)
        if before["dataset"] in GATES or base["model.kind"] == "cnn":
            _copy(after, base, "model.kind", "training.loss", "model.output")
        if after["dataset"] not in GATES:
            _avoid_numpy_cnn(after)
    else:
        after.update(zip(_NORMALISATION, _default_normalisation(size, str(after["engine"])), strict=True))
    if after["dataset"] in GATES:
        after.update({"training.loss": "binary-cross-entropy", "model.output": "sigmoid"})
    elif before["dataset"] in GATES and size != base_size:
        after.update({"training.loss": "cross-entropy", "model.output": "softmax"})


def _avoid_numpy_cnn(after: Draft) -> None:
    if after["model.kind"] == "cnn" and after["engine"] == "numpy":
        after["model.kind"] = "mlp"


def _default_normalisation(size: Size, engine: str) -> tuple[str, str]:
    if size == (8, 8):
        return "0", "0.0625"  # pixels of the 8x8 digits are 0 to 16
    return ("0.1307", "0.3081") if size == DIGIT_SIZE and engine == "torch" else ("0", "1")


def _follow_augmentation(_before: Values, after: Draft, base: Values) -> None:
    if after[AUGMENTATION] and not any(_is_positive(key, after[key]) for key in DISTORTIONS):
        after.update({key: base[key] for key in DISTORTIONS} if base[AUGMENTATION] else _DEFAULT_DISTORTIONS)


def _is_positive(key: str, value: str | bool) -> bool:
    try:
        return bool(parse_value(key, value))
    except ValueError:
        return False


def _copy(after: Draft, base: Values, *keys: str) -> None:
    after.update({key: base[key] for key in keys})


_FOLLOWERS: Mapping[str, Callable[[Values, Draft, Values], None]] = {
    "dataset": _follow_dataset,
    "engine": _follow_engine,
    "model.kind": _follow_kind,
    "training.loss": _follow_loss,
    "training.optimizer": _follow_optimizer,
    AUGMENTATION: _follow_augmentation,
}

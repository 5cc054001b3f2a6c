"""What one change in the training form brings with it. Nothing here needs Qt."""

from collections.abc import Callable, Mapping

from digitpad.core.datasets.loading import XOR, size_of
from digitpad.core.models.specs import MLPSpec, Size
from digitpad.core.training.recipes import Recipe
from digitpad.gui.train.form.rules import ORDINARY, reason_against
from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, FIELDS, Values, meaning_of, values_of

Draft = dict[str, str | bool]

_NORMALISATION = ("model.normalisation.mean", "model.normalisation.std")
_OUTPUTS = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid", "mse": "sigmoid", "sse": "linear"}
_RATES = {"sgd": "0.1", "adam": "0.001", "adamw": "0.001"}
_DISTORTED = dict(zip(DISTORTIONS, ("10", "0.2", "0.12", "1", "0.5"), strict=True))
_DEFAULTS = values_of(Recipe(title="defaults", model=MLPSpec()))


def opened(recipe: Recipe) -> Draft:
    """Return the values a recipe is shown with."""
    values = values_of(recipe)
    return _settled(values, values, values)


def changed(values: Values, key: str, value: str | bool, base: Recipe) -> Draft:
    """Change one field, and what depends on it; what comes back into use has the recipe's value again."""
    after, shown = {**values, key: value}, values_of(base)
    if after[key] == values[key]:
        return after
    if follow := _FOLLOWERS.get(key):
        follow(values, after, shown)
    return _settled(values, after, shown)


def _settled(before: Values, after: Values, base: Values) -> Draft:
    settled = dict(after)
    for key in FIELDS:
        if reason_against(key, after):
            settled[key] = _DEFAULTS[key]
        elif reason_against(key, before):
            settled[key] = base[key]
    return settled


def _follow_loss(_before: Values, after: Draft, _base: Values) -> None:
    if after["model.kind"] != "softmax":
        after["model.output"] = _OUTPUTS[str(after["training.loss"])]


def _follow_kind(before: Values, after: Draft, base: Values) -> None:
    if after["model.kind"] == "softmax":
        after.update({"training.loss": "cross-entropy", "model.output": "softmax"})
    elif before["model.kind"] == "softmax" and base["model.kind"] == after["model.kind"]:
        _take(after, base, "training.loss", "model.output")


def _follow_optimizer(before: Values, after: Draft, base: Values) -> None:
    """Take a rate of the right order: SGD's is a hundred times Adam's."""
    chosen, former = str(after["training.optimizer"]), str(before["training.optimizer"])
    if _RATES[chosen] == _RATES[former]:
        return
    after["training.learning_rate"] = _RATES[chosen]
    if _RATES[str(base["training.optimizer"])] == _RATES[chosen]:
        _take(after, base, "training.learning_rate")


def _follow_engine(before: Values, after: Draft, base: Values) -> None:
    if after["engine"] != "numpy":
        if base["engine"] == after["engine"]:
            _take(after, base, "training.optimizer", "training.learning_rate")
        return
    after["training.optimizer"] = "sgd"
    _follow_optimizer(before, after, base)
    if after["model.activation"] == "tanh":
        after["model.activation"] = "sigmoid"


def _follow_dataset(before: Values, after: Draft, base: Values) -> None:
    size, base_size = size_of(str(after["dataset"])), size_of(str(base["dataset"]))
    if size == size_of(str(before["dataset"])):
        return
    if after["model.kind"] == "cnn" or after["dataset"] == XOR:
        after["model.kind"] = "mlp"
    if size == base_size:
        _take(after, base, *_NORMALISATION)
        if before["dataset"] == XOR or base["model.kind"] == "cnn":
            _take(after, base, "model.kind", "training.loss", "model.output")
        if after["dataset"] != XOR:
            _mend_kind(after)
    else:
        after.update(zip(_NORMALISATION, _usual_normalisation(size, str(after["engine"])), strict=True))
    if after["dataset"] == XOR:
        after.update({"training.loss": "binary-cross-entropy", "model.output": "sigmoid"})
    elif before["dataset"] == XOR and size != base_size:
        after.update({"training.loss": "cross-entropy", "model.output": "softmax"})


def _mend_kind(after: Draft) -> None:
    if after["model.kind"] == "cnn" and after["engine"] == "numpy":
        after["model.kind"] = "mlp"


def _usual_normalisation(size: Size, engine: str) -> tuple[str, str]:
    if size == (8, 8):
        return "0", "0.0625"  # its values are 0 to 16
    return ("0.1307", "0.3081") if size == ORDINARY and engine == "torch" else ("0", "1")


def _follow_augmentation(_before: Values, after: Draft, base: Values) -> None:
    if after[AUGMENTATION] and not any(_is_above_0(key, after[key]) for key in DISTORTIONS):
        after.update({key: base[key] for key in DISTORTIONS} if base[AUGMENTATION] else _DISTORTED)


def _is_above_0(key: str, value: str | bool) -> bool:
    try:
        return bool(meaning_of(key, value))
    except ValueError:
        return False


def _take(after: Draft, base: Values, *keys: str) -> None:
    after.update({key: base[key] for key in keys})


_FOLLOWERS: Mapping[str, Callable[[Values, Draft, Values], None]] = {
    "dataset": _follow_dataset,
    "engine": _follow_engine,
    "model.kind": _follow_kind,
    "training.loss": _follow_loss,
    "training.optimizer": _follow_optimizer,
    AUGMENTATION: _follow_augmentation,
}

"""Which settings go together: what applies, and what can be chosen. Nothing here needs Qt."""

from collections.abc import Callable, Mapping

from digitpad.core.datasets.loading import XOR, size_of
from digitpad.core.images.digits import SIDE
from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, SLIP_KEYS, Values

DIGIT_SIZE = (SIDE, SIDE)
_MLP_FIELDS = frozenset({"model.hidden", "model.activation", "model.initial", "model.bias"})
_CNN_FIELDS = frozenset({"model.channels", "model.dense"})
_NOT_IN_NUMPY = {
    "training.schedule": "the NumPy engine keeps one learning rate",
    "training.weight_decay": "the NumPy engine has plain SGD alone",
    "training.label_smoothing": "the NumPy engine has no label smoothing",
    "training.precision": "NumPy computes in its own precision",
    "training.device": "NumPy computes on the processor",
    "training.momentum": "the NumPy engine has plain SGD alone",
    "training.nesterov": "the NumPy engine has plain SGD alone",
    AUGMENTATION: "the NumPy engine takes the images as they are",
}


def is_shown(key: str, values: Values) -> bool:
    """Tell whether a field has a meaning for the chosen kind of model and engine."""
    kind = values["model.kind"]
    if key in _MLP_FIELDS:
        return kind == "mlp"
    if key in _CNN_FIELDS:
        return kind == "cnn"
    if key in ("model.dropout", "model.output"):
        return kind != "softmax"
    if key in DISTORTIONS:
        return bool(values[AUGMENTATION])
    return values["engine"] == "numpy" if key in SLIP_KEYS or key == "training.stream" else True


def is_used(key: str, values: Values) -> bool:
    """Tell whether a field's value goes into the recipe."""
    return is_shown(key, values) and not disabled_reason(key, values)


def disabled_reason(key: str, values: Values) -> str:
    """Say why a field that is shown cannot be edited; empty where it can."""
    if values["engine"] == "numpy" and key in _NOT_IN_NUMPY:
        return _NOT_IN_NUMPY[key]
    if key in SLIP_KEYS:
        return _slip_problem(key, values)
    if key in ("training.momentum", "training.nesterov") and values["training.optimizer"] != "sgd":
        return "only SGD has it; Adam keeps averages of its own"
    if key == "training.label_smoothing" and values["training.loss"] != "cross-entropy":
        return "it belongs to cross-entropy"
    if key == AUGMENTATION and size_of(str(values["dataset"])) != DIGIT_SIZE:
        return f"it is made for images of {SIDE} x {SIDE} px"
    return ""


def _slip_problem(key: str, values: Values) -> str:
    if values["model.kind"] != "mlp":
        return "softmax regression has no hidden units"
    is_moot = key == "slips.relu-derivative" and values["model.activation"] != "relu"
    return "the hidden units are not ReLU" if is_moot else ""


def choice_problem(key: str, choice: str, values: Values) -> str:
    """Say why one of a field's choices cannot be taken; empty where it can."""
    if values["engine"] == "numpy" and (key, choice) in _NO_CHOICE_IN_NUMPY:
        return _NO_CHOICE_IN_NUMPY[key, choice]
    rule = _CHOICE_RULES.get(key)
    return rule(choice, values) if rule else ""


_NO_CHOICE_IN_NUMPY = {
    ("model.kind", "cnn"): "the NumPy engine has no convolutions: choose PyTorch first",
    ("model.activation", "tanh"): "the NumPy engine has ReLU and sigmoid",
    ("training.optimizer", "adam"): "the NumPy engine has plain SGD alone",
    ("training.optimizer", "adamw"): "the NumPy engine has plain SGD alone",
}


def _engine_problem(choice: str, values: Values) -> str:
    is_cnn = choice == "numpy" and values["model.kind"] == "cnn"
    return "the NumPy engine has no convolutions: choose softmax or MLP first" if is_cnn else ""


def _kind_problem(choice: str, values: Values) -> str:
    if choice == "cnn" and size_of(str(values["dataset"])) != DIGIT_SIZE:
        return f"a CNN needs images of {SIDE} x {SIDE} px"
    if choice == "softmax" and values["dataset"] == XOR:
        return "no straight line divides XOR: it needs a hidden layer"
    return ""


def _loss_problem(choice: str, values: Values) -> str:
    if choice == "binary-cross-entropy" and values["model.kind"] == "softmax":
        return "softmax regression has softmax outputs, this needs sigmoid"
    return _ONE_OUTPUT if choice == "cross-entropy" and values["dataset"] == XOR else ""


def _output_problem(choice: str, values: Values) -> str:
    if choice == "softmax" and values["dataset"] == XOR:
        return _ONE_OUTPUT
    loss = str(values["training.loss"])
    wanted = {"cross-entropy": "softmax", "binary-cross-entropy": "sigmoid"}.get(loss, choice)
    return "" if choice == wanted else f"{loss.replace('-', ' ', 1)} needs {wanted} outputs: choose another loss first"


_ONE_OUTPUT = "softmax of a single output is always 1"
_CHOICE_RULES: Mapping[str, Callable[[str, Values], str]] = {
    "engine": _engine_problem,
    "model.kind": _kind_problem,
    "model.output": _output_problem,
    "training.loss": _loss_problem,
}

"""Which settings of the training form depend on each other: visible fields, and possible choices. Without Qt."""

from collections.abc import Callable, Mapping

from digitpad.core.datasets.loading import GATES, size_of
from digitpad.core.images.digits import SIDE
from digitpad.core.translation import tr, tr_noop
from digitpad.gui.train.form.values import AUGMENTATION, DISTORTIONS, SLIP_KEYS, Values

DIGIT_SIZE = (SIDE, SIDE)
_MLP_FIELDS = frozenset({"model.hidden", "model.activation", "model.initial", "model.bias"})
_CNN_FIELDS = frozenset({"model.channels", "model.convolutions", "model.dense"})
_SGD_ONLY = tr_noop("the NumPy engine only has plain SGD")
_NOT_IN_NUMPY = {
    "training.schedule": tr_noop("the NumPy engine only has a constant learning rate"),
    "training.weight_decay": _SGD_ONLY,
    "training.label_smoothing": tr_noop("the NumPy engine has no label smoothing"),
    "training.average": tr_noop("the NumPy engine does not average weights"),
    "training.precision": tr_noop("the NumPy engine has a fixed precision"),
    "training.device": tr_noop("the NumPy engine runs on the CPU"),
    "training.momentum": _SGD_ONLY,
    "training.nesterov": _SGD_ONLY,
    AUGMENTATION: tr_noop("the NumPy engine has no augmentation"),
}
_NOTEBOOK_ONLY = tr_noop("only the NumPy engine has the notebook's random numbers")
_CHOICES_NOT_IN: Mapping[str, Mapping[tuple[str, str], str]] = {
    "torch": {("training.stream", "tutorial-mse"): _NOTEBOOK_ONLY, ("training.stream", "tutorial-ce"): _NOTEBOOK_ONLY},
    "numpy": {
        ("training.stream", "torch-loader"): tr_noop("the NumPy engine has no DataLoader"),
        ("model.kind", "cnn"): tr_noop("the NumPy engine has no convolutions: choose PyTorch first"),
        ("model.activation", "tanh"): tr_noop("the NumPy engine has ReLU and sigmoid"),
        ("training.optimizer", "adam"): _SGD_ONLY,
        ("training.optimizer", "adamw"): _SGD_ONLY,
    },
}
_NEEDED_OUTPUTS = {
    "cross-entropy": ("softmax", tr_noop("cross-entropy needs softmax outputs: choose another loss first")),
    "binary-cross-entropy": (
        "sigmoid",
        tr_noop("binary cross-entropy needs sigmoid outputs: choose another loss first"),
    ),
}
_ONE_OUTPUT = tr_noop("softmax of a single output is always 1")


def is_shown(key: str, values: Values) -> bool:
    """Return whether a field applies to the chosen model and engine."""
    kind = values["model.kind"]
    if key in _MLP_FIELDS:
        return kind == "mlp"
    if key in _CNN_FIELDS:
        return kind == "cnn"
    if key in ("model.dropout", "model.output"):
        return kind != "softmax"
    if key in DISTORTIONS:
        return bool(values[AUGMENTATION])
    return values["engine"] == "numpy" if key in SLIP_KEYS else True


def is_used(key: str, values: Values) -> bool:
    """Return whether the value of a field is part of the recipe."""
    return is_shown(key, values) and not disabled_reason(key, values)


def disabled_reason(key: str, values: Values) -> str:
    """Return why a visible field cannot be edited; empty if it can."""
    if values["engine"] == "numpy" and key in _NOT_IN_NUMPY:
        return tr(_NOT_IN_NUMPY[key])
    if key in SLIP_KEYS:
        return _slip_problem(key, values)
    if key in ("training.momentum", "training.nesterov") and values["training.optimizer"] != "sgd":
        return tr("only SGD has it; Adam has its own moving averages")
    if key == "training.label_smoothing" and values["training.loss"] != "cross-entropy":
        return tr("only cross-entropy has it")
    if key == AUGMENTATION and size_of(str(values["dataset"])) != DIGIT_SIZE:
        return tr("augmentation needs images of {side}x{side} pixels").format(side=SIDE)
    return ""


def choice_problem(key: str, choice: str, values: Values) -> str:
    """Return why a choice of a field is not possible; empty if it is."""
    if reason := _CHOICES_NOT_IN[str(values["engine"])].get((key, choice)):
        return tr(reason)
    rule = _CHOICE_RULES.get(key)
    return rule(choice, values) if rule else ""


def _slip_problem(key: str, values: Values) -> str:
    if values["model.kind"] != "mlp":
        return tr("softmax regression has no hidden units")
    has_no_relu = key == "slips.relu-derivative" and values["model.activation"] != "relu"
    return tr("the activation is not ReLU") if has_no_relu else ""


def _engine_problem(choice: str, values: Values) -> str:
    is_cnn = choice == "numpy" and values["model.kind"] == "cnn"
    return tr("the NumPy engine has no convolutions: choose softmax or MLP first") if is_cnn else ""


def _kind_problem(choice: str, values: Values) -> str:
    if choice == "cnn" and size_of(str(values["dataset"])) != DIGIT_SIZE:
        return tr("a CNN needs images of {side}x{side} pixels").format(side=SIDE)
    if choice == "softmax" and values["dataset"] in GATES:
        return tr("a gate has one output, but softmax regression has ten: choose an MLP without hidden layers")
    return ""


def _loss_problem(choice: str, values: Values) -> str:
    if choice == "binary-cross-entropy" and values["model.kind"] == "softmax":
        return tr("softmax regression has softmax outputs; binary cross-entropy needs sigmoid")
    return tr(_ONE_OUTPUT) if choice == "cross-entropy" and values["dataset"] in GATES else ""


def _output_problem(choice: str, values: Values) -> str:
    if choice == "softmax" and values["dataset"] in GATES:
        return tr(_ONE_OUTPUT)
    needed, problem = _NEEDED_OUTPUTS.get(str(values["training.loss"]), (choice, ""))
    return tr(problem) if choice != needed else ""


_CHOICE_RULES: Mapping[str, Callable[[str, Values], str]] = {
    "engine": _engine_problem,
    "model.kind": _kind_problem,
    "model.output": _output_problem,
    "training.loss": _loss_problem,
}

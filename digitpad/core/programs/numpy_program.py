"""A recipe of the NumPy engine as a program, with the forward and the backward pass written out."""

from itertools import pairwise

from digitpad.core.errors import DigitpadError
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, output_of, widths
from digitpad.core.numpy_engine import random_streams
from digitpad.core.programs.data_text import data_imports, data_text
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.recipes import Recipe

_SIGMOID = """def sigmoid(x):
    return 1 / (1 + np.exp(-np.maximum(x, -700)))"""
_SOFTMAX = """def softmax(x):
    powers = np.exp(x - x.max(axis=1, keepdims=True))  # subtracting the largest keeps exp from overflowing
    return powers / powers.sum(axis=1, keepdims=True)"""
# The loss of some images, a mean over them, from outputs y (logits for cross-entropy) and targets t.
_LOSSES = {
    "cross-entropy": "-(t * np.log(softmax(y))).sum() / len(t)",
    "mse": "np.mean((y - t) ** 2)",
    "binary-cross-entropy": "-(t * np.log(y + 1e-7) + (1 - t) * np.log(1 - y + 1e-7)).sum() / len(t)",
    "sse": "((t - y) ** 2).sum() / len(t)",
}
# The gradient with respect to the outputs.
_GRADIENTS = {
    "cross-entropy": "(softmax(y) - t) / len(t)",
    "mse": "2 * (y - t) / len(t)",
    "binary-cross-entropy": "(y - t) / (len(t) * (1 - y) * y + 1e-7)",
    "sse": "(y - t) / len(t)",
}
_MlpSpec = SoftmaxSpec | MLPSpec


def numpy_text(recipe: Recipe) -> str:
    """Return the program's code, from its imports on. Raise DigitpadError if the engine has no such model."""
    spec = recipe.model
    if isinstance(spec, CNNSpec):
        raise DigitpadError("the NumPy engine has no convolutions: choose PyTorch for a CNN")
    parts = (_imports(recipe), data_text(recipe), _settings(recipe, spec), _weights(recipe, spec))
    texts = [*parts, *_functions(recipe, spec), _loop(recipe, spec)]
    return "\n\n".join(text.strip("\n") for text in texts if text) + "\n"


def _imports(recipe: Recipe) -> str:
    modules = data_imports(recipe)
    standard = [line for line in modules if "sklearn" not in line]
    others = [line for line in modules if "sklearn" in line]
    return "\n".join([*standard, *([""] if standard else []), "import numpy as np", *others])


def _settings(recipe: Recipe, spec: _MlpSpec) -> str:
    config, normalisation = recipe.training, spec.normalisation
    size = "len(x_train)" if config.batch_size == "full" else f"min({config.batch_size}, len(x_train))"
    lines = [f"EPOCHS, BATCH, RATE = {config.epochs}, {size}, {config.learning_rate}", ""]
    for part in ("train", "test"):
        line = f"x_{part} = x_{part}.reshape(len(x_{part}), -1).astype(np.float64)"
        if normalisation.mean or normalisation.std != 1:
            line = f"x_{part} = (x_{part}.reshape(len(x_{part}), -1).astype(np.float64)"
            line += f" - {normalisation.mean}) / {normalisation.std}"
        lines.append(line)
        single = isinstance(spec, MLPSpec) and spec.outputs == 1
        one_hot = f"y_{part}[:, None].astype(np.float64)" if single else f"np.eye(10)[y_{part}]"
        lines.append(f"t_{part} = {one_hot}{'' if single else '  # one-hot'}")
    return "\n".join(lines)


def _weights(recipe: Recipe, spec: _MlpSpec) -> str:
    """Draw the weights in the order of the engine, and what a published notebook has drawn before and after."""
    config = recipe.training
    lines = [f"rng = np.random.default_rng({config.seed})"]
    if config.stream != "seeded":
        lines = [
            "rng = np.random.RandomState(0)",
            "# What the published notebook draws before its training.",
            "rng.randint(0, 60000, 16)",
            f"for shape in {random_streams.EARLIER_SHAPES}:",
            "    rng.standard_normal(shape)",
        ]
        if config.stream == "tutorial-ce":
            lines += _notebook_weights("the weights of its first model")
    for number, sizes in enumerate(pairwise(widths(spec)), 1):
        lines += _layer_weights(spec, number, *sizes)
    if config.stream == "tutorial-mse":
        lines += _notebook_weights("the weights of its second model")
    elif config.stream == "tutorial-ce":
        lines += [
            "# The shuffles of the first model's training.",
            f"for _ in range({random_streams.NOTEBOOK_EPOCHS}):",
            f"    rng.permutation({random_streams.NOTEBOOK_IMAGES})",
        ]
    return "\n".join(lines)


def _notebook_weights(text: str) -> list[str]:
    sizes = list(pairwise(random_streams.NOTEBOOK_WIDTHS))
    return [
        f"for inputs, outputs in {sizes}:  # {text}",
        "    rng.standard_normal((inputs, outputs))",
        "    rng.standard_normal(outputs)",
    ]


def _layer_weights(spec: _MlpSpec, number: int, inputs: int, outputs: int) -> list[str]:
    initial = spec.initial if isinstance(spec, MLPSpec) else "torch"
    draw = {
        "normal": "rng.standard_normal({shape})",
        "uniform": "0.2 * rng.random({shape}) - 0.1",
        "torch": f"rng.uniform(-{inputs}**-0.5, {inputs}**-0.5, {{shape}})",
    }[initial]
    lines = [f"w{number} = " + draw.format(shape=f"({inputs}, {outputs})")]
    if isinstance(spec, SoftmaxSpec) or spec.bias:
        lines.append(f"b{number} = " + draw.format(shape=f"({outputs},)"))
    return lines


def _functions(recipe: Recipe, spec: _MlpSpec) -> list[str]:
    uses_sigmoid = isinstance(spec, MLPSpec) and ("sigmoid" in (spec.activation if spec.hidden else "", spec.output))
    uses_softmax = recipe.training.loss == "cross-entropy" or output_of(spec) == "softmax"
    helpers = [*([_SIGMOID] if uses_sigmoid else []), *([_SOFTMAX] if uses_softmax else [])]
    parts = [*helpers, _predict(recipe, spec), _loss(recipe), _measure(recipe, spec)]
    return ["\n\n\n".join(["", *parts]).strip("\n")]


def _activation(spec: _MlpSpec, value: str) -> str:
    assert isinstance(spec, MLPSpec)  # noqa: S101 - a softmax regression has no hidden layer
    return f"sigmoid({value})" if spec.activation == "sigmoid" else f"np.maximum({value}, 0)"


def _output(recipe: Recipe, spec: _MlpSpec, value: str) -> str:
    """Return the outputs that the loss compares: for cross-entropy the logits."""
    if recipe.training.loss == "cross-entropy" or output_of(spec) == "linear":
        return value
    return f"{output_of(spec)}({value})"


def _product(spec: _MlpSpec, number: int, value: str) -> str:
    has_bias = isinstance(spec, SoftmaxSpec) or spec.bias
    return f"{value} @ w{number}" + (f" + b{number}" if has_bias else "")


def _depth(spec: _MlpSpec) -> int:
    return len(widths(spec)) - 1


def _predict(recipe: Recipe, spec: _MlpSpec) -> str:
    last = _depth(spec)
    hidden = [f"    x = {_activation(spec, _product(spec, number, 'x'))}" for number in range(1, last)]
    return "\n".join(["def predict(x):", *hidden, f"    return {_output(recipe, spec, _product(spec, last, 'x'))}"])


def _loss(recipe: Recipe) -> str:
    return f"def loss_of(y, t):\n    return {_LOSSES[recipe.training.loss]}"


def _measure(recipe: Recipe, spec: _MlpSpec) -> str:
    return f'''def count_right(y, labels):
    return int(({_classes(recipe, spec)} == labels).sum())


def measure(x, t, labels):
    """Return the mean loss and the accuracy of all images."""
    y = predict(x)
    return loss_of(y, t), count_right(y, labels) / len(labels)'''


def _classes(recipe: Recipe, spec: _MlpSpec) -> str:
    if isinstance(spec, MLPSpec) and spec.outputs == 1:
        return "(y[:, 0] > 0.5)"
    return "y.argmax(axis=1)"


def _loop(recipe: Recipe, spec: _MlpSpec) -> str:
    config = recipe.training
    lines = ["", ""]
    if config.patience:
        lines.append('lowest, waited = float("inf"), 0')
    lines += ["order = np.arange(len(x_train))", "for epoch in range(1, EPOCHS + 1):"]
    body = ["order = order[rng.permutation(len(order))]"] if config.shuffle else []
    count = "len(order) // BATCH * BATCH" if config.drop_last else "len(order)"
    body += [
        "total = right = count = 0",
        f"for start in range(0, {count}, BATCH):",
        *(f"    {line}" if line else "" for line in _step(recipe, spec)),
        *_report(config),
    ]
    return "\n".join([*lines, *(f"    {line}" if line else "" for line in body)])


def _step(recipe: Recipe, spec: _MlpSpec) -> list[str]:
    last, dropout = _depth(spec), spec.dropout if isinstance(spec, MLPSpec) else 0.0
    lines = ["batch = order[start : start + BATCH]", "a0, t = x_train[batch], t_train[batch]", "# Forwards."]
    for number in range(1, last):
        lines.append(f"a{number} = {_activation(spec, _product(spec, number, f'a{number - 1}'))}")
        if dropout:
            lines += _dropout(number, dropout)
    lines += [
        f"y = {_output(recipe, spec, _product(spec, last, f'{_name(last - 1, dropout)}'))}",
        "total += loss_of(y, t) * len(batch)",
        "right += count_right(y, y_train[batch])",
        "count += len(batch)",
        "# Backwards: the gradient of the loss with respect to each layer's input, by the chain rule.",
        *_output_gradient(recipe, spec),
    ]
    updates = []
    for number in range(last, 0, -1):
        inputs = _name(number - 1, dropout)
        lines.append(f"gw{number} = {inputs}.T @ g")
        updates.append(f"w{number} -= RATE * gw{number}")
        if isinstance(spec, SoftmaxSpec) or spec.bias:
            lines.append(f"gb{number} = g.sum(axis=0)")
            updates.append(f"b{number} -= RATE * gb{number}")
        if number > 1:
            lines += _hidden_gradient(recipe, number)
    return [*lines, *reversed(updates)]


def _name(number: int, dropout: float) -> str:
    return f"d{number}" if dropout and number else f"a{number}"


def _dropout(number: int, dropout: float) -> list[str]:
    shape = f"a{number}.shape"
    mask = f"rng.integers(0, 2, size={shape})" if dropout == 0.5 else f"(rng.random({shape}) >= {dropout})"
    return [f"m{number} = {mask}", f"d{number} = a{number} * (m{number} * {1 / (1 - dropout)!r})"]


def _output_gradient(recipe: Recipe, spec: _MlpSpec) -> list[str]:
    lines = [f"g = {_GRADIENTS[recipe.training.loss]}"]
    if recipe.training.loss != "cross-entropy":
        match output_of(spec):
            case "sigmoid":
                lines.append("g = g * y * (1 - y)")
            case "softmax":
                lines.append("g = y * (g - (g * y).sum(axis=1, keepdims=True))")
            case "linear":
                pass
    return lines


def _hidden_gradient(recipe: Recipe, number: int) -> list[str]:
    """Pass the gradient through the weights of a layer, and through dropout and activation before it."""
    spec, slips, before = recipe.model, recipe.training.slips, number - 1
    assert isinstance(spec, MLPSpec)  # noqa: S101 - it has a hidden layer
    lines = [f"g = g @ w{number}.T"]
    if spec.dropout:
        scale = f"(m{before} * {1 / (1 - spec.dropout)!r})"
        lines.append(f"g = g * {f'm{before}' if 'dropout-backward' in slips else scale}")
    if spec.activation == "sigmoid":
        return [*lines, f"g = g * a{before} * (1 - a{before})"]
    if "relu-derivative" in slips:
        return [*lines, f"g = g * (a{before} >= 0)  # the published program's error: this is true everywhere"]
    return [*lines, f"g = g * (a{before} > 0)"]


def _report(config: TrainConfig) -> list[str]:
    lines = []
    if config.report_every > 1:
        lines += [f"if (epoch - 1) % {config.report_every} and epoch < EPOCHS:", "    continue"]
    if config.train_figures == "running":
        lines.append("train_loss, train_accuracy = total / count, right / count")
    else:
        lines.append("train_loss, train_accuracy = measure(x_train, t_train, y_train)")
    lines += [
        "test_loss, test_accuracy = measure(x_test, t_test, y_test)",
        "print(",
        '    f"epoch {epoch}: training loss {train_loss:.6f}, accuracy {train_accuracy:.4f};"',
        '    f" test loss {test_loss:.6f}, accuracy {test_accuracy:.4f}"',
        ")",
    ]
    if config.patience:
        lines += [
            "waited = 0 if test_loss < lowest else waited + 1",
            "lowest = min(lowest, test_loss)",
            f"if waited >= {config.patience}:",
            "    break",
        ]
    return lines

"""A recipe of the PyTorch engine as a program."""

import re
from importlib.resources import files
from itertools import pairwise

from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec, output_of, single_threshold, widths
from digitpad.core.programs.data_text import data_imports, data_text
from digitpad.core.training.config import TrainConfig
from digitpad.core.training.recipes import Recipe

_ACTIVATIONS = {"relu": "nn.ReLU()", "sigmoid": "nn.Sigmoid()", "tanh": "nn.Tanh()"}
# The objective of a batch, summed over its images.
_OBJECTIVES = {
    "cross-entropy": 'F.cross_entropy(logits, labels, reduction="sum"{smoothing})',
    "binary-cross-entropy": 'F.binary_cross_entropy_with_logits(logits, targets(labels), reduction="sum")',
    "mse": 'F.mse_loss({outputs}, targets(labels), reduction="sum")',
    "sse": 'F.mse_loss({outputs}, targets(labels), reduction="sum") / 2',
}
OUTPUTS = {"softmax": "logits.softmax(dim=1)", "sigmoid": "logits.sigmoid()", "linear": "logits"}
_INITIAL = {"normal": "nn.init.normal_(weights)", "uniform": "nn.init.uniform_(weights, -0.1, 0.1)"}


def torch_text(recipe: Recipe) -> str:
    """Return the program's code, from its imports on."""
    parts = (_imports(recipe), data_text(recipe), _settings(recipe), _augmentation(recipe), _model(recipe))
    return "\n\n".join(part.strip("\n") for part in (*parts, _functions(recipe), _loop(recipe)) if part) + "\n"


def _imports(recipe: Recipe) -> str:
    modules = data_imports(recipe)
    copying = ["import copy"] if recipe.training.average else []
    plain = [*copying, *(line for line in modules if line.startswith("import"))]
    froms = [line for line in modules if line.startswith("from") and "sklearn" not in line]
    others = [line for line in modules if "sklearn" in line]
    numbers = ["import numpy as np", "import torch", "import torch.nn.functional as F", *others, "from torch import nn"]
    standard = [*plain, *froms]
    return "\n".join([*standard, *([""] if standard else []), *numbers])


def _settings(recipe: Recipe) -> str:
    config = recipe.training
    size = f"min({config.batch_size}, len(x_train))" if config.batch_size != "full" else "len(x_train)"
    device = {
        "auto": '"cuda" if torch.cuda.is_available() else "cpu"',
    }.get(config.device, f'"{config.device}"')
    lines = [
        f"EPOCHS, BATCH, SEED = {config.epochs}, {size}, {config.seed}",
        f"DEVICE = {device}",
    ]
    if config.precision == "auto":
        lines += [
            "# bfloat16 if the processor has instructions for it: faster, and exact enough here.",
            'BFLOAT16 = torch.cuda.is_bf16_supported() if DEVICE == "cuda" else torch.cpu._is_avx512_bf16_supported()',
        ]
    elif config.precision == "bfloat16":
        lines.append("BFLOAT16 = True")
    lines += [
        "x_train, y_train = torch.from_numpy(x_train).to(DEVICE), torch.from_numpy(y_train).to(DEVICE)",
        "x_test, y_test = torch.from_numpy(x_test).to(DEVICE), torch.from_numpy(y_test).to(DEVICE)",
    ]
    return "\n".join(lines)


def _augmentation(recipe: Recipe) -> str:
    """Copy the functions of the package: a distortion must draw the same random numbers."""
    settings = recipe.training.augmentation
    if not settings:
        return ""
    # Not imported: that would import torch.
    source = (files("digitpad.core.training") / "image_augmentation.py").read_text(encoding="utf-8")
    code = source[source.index("def augment") :].replace("functional.", "F.").replace(": Tensor", ": torch.Tensor")
    code = (
        code.replace("-> Tensor", "-> torch.Tensor")
        .replace(", settings: Augmentation", "")
        .replace(", settings, rng", ", rng")
    )
    code = code.replace("settings.rotation or settings.shear or settings.scale or settings.shift", "True")
    code = code.replace("    if settings.thickness:", "    if settings.thickness > 0:")
    for name in ("rotation", "shear", "scale", "shift", "thickness"):
        code = re.sub(rf"\bsettings\.{name}\b", repr(getattr(settings, name)), code)
    code = re.sub(r"    settings\n        The largest amount of each distortion\.\n", "", code)
    return code.replace("    Tensor\n", "    torch.Tensor\n")


def _model(recipe: Recipe) -> str:
    spec, lines = recipe.model, ["torch.manual_seed(SEED)"]
    if isinstance(spec, MLPSpec) and spec.initial != "torch":
        lines = [_linear_function(spec), "", "", *lines]
    lines += ["model = nn.Sequential(", *(f"    {layer}," for layer in layer_lines(spec)), ").to(DEVICE)"]
    if isinstance(spec, CNNSpec):
        lines.append("model = model.to(memory_format=torch.channels_last)  # faster")
    lines.append(f"optimizer = {_optimizer(recipe.training)}")
    if recipe.training.schedule == "one-cycle":
        lines += _schedule(recipe.training)
    if recipe.training.average:
        lines += ["average, updates = copy.deepcopy(model), 0  # an average of the weights over the steps"]
    return "\n".join(lines)


def _linear_function(spec: MLPSpec) -> str:
    return "\n".join(
        [
            "def linear(inputs, outputs):",
            f'    """Return a linear layer with weights drawn from the {_initial_name(spec)} distribution."""',
            f"    layer = nn.Linear(inputs, outputs, bias={spec.bias})",
            "    for weights in layer.parameters():",
            f"        {_INITIAL[spec.initial]}",
            "    return layer",
        ]
    )


def _initial_name(spec: MLPSpec) -> str:
    return "standard normal" if spec.initial == "normal" else "uniform"


def layer_lines(spec: Spec) -> list[str]:
    """Return the code of a model's layers, in the order of `digitpad.core.models.networks.build`."""
    match spec:
        case SoftmaxSpec():
            inputs, outputs = widths(spec)
            return ["nn.Flatten()", f"nn.Linear({inputs}, {outputs})"]
        case MLPSpec():
            *hidden, last = pairwise(widths(spec))
            layers = ["nn.Flatten()"]
            for sizes in hidden:
                layers += [_linear(spec, *sizes), _ACTIVATIONS[spec.activation]]
                layers += [f"nn.Dropout({spec.dropout})"] if spec.dropout else []
            return [*layers, _linear(spec, *last)]
        case CNNSpec():
            return _cnn_layers(spec)


def _linear(spec: MLPSpec, inputs: int, outputs: int) -> str:
    if spec.initial != "torch":
        return f"linear({inputs}, {outputs})"
    return f"nn.Linear({inputs}, {outputs}{'' if spec.bias else ', bias=False'})"


def _cnn_layers(spec: CNNSpec) -> list[str]:
    layers, depth, side = [], 1, 28
    for channels in spec.channels:
        convolutions = [f"nn.Conv2d({inputs}, {channels}, 3, padding=1, bias=False)" for inputs in (depth, channels)]
        norm = [f"nn.BatchNorm2d({channels})", "nn.ReLU()"]
        if spec.convolutions == "pairs":
            # ReLU after pooling: the same values, for less work.
            layers += [convolutions[0], *norm, convolutions[1], norm[0], "nn.MaxPool2d(2)", norm[1]]
        elif not layers:
            layers += [f"nn.Conv2d(1, {channels}, 5, stride=2, padding=2, bias=False)", *norm]
        else:
            layers += [convolutions[0], "nn.MaxPool2d(2)", *norm]
        depth, side = channels, side // 2
    dropout = [f"nn.Dropout({spec.dropout})"]
    dense = [f"nn.Linear({depth * side * side}, {spec.dense})", "nn.ReLU()", *dropout, f"nn.Linear({spec.dense}, 10)"]
    return [*layers, "nn.Flatten()", *dropout, *dense]


def _optimizer(config: TrainConfig) -> str:
    decay = f", weight_decay={config.weight_decay}" if config.weight_decay else ""
    start = f"model.parameters(), lr={config.learning_rate}"
    match config.optimizer:
        case "sgd":
            momentum = f", momentum={config.momentum}" if config.momentum else ""
            nesterov = ", nesterov=True" if config.nesterov else ""
            return f"torch.optim.SGD({start}{momentum}{nesterov}{decay})"
        case "adam":
            return f"torch.optim.Adam({start}{decay})"
        case "adamw":
            return f"torch.optim.AdamW({start}, weight_decay={config.weight_decay})"


def _schedule(config: TrainConfig) -> list[str]:
    has_momentum = config.optimizer != "sgd" or bool(config.momentum)
    momentum = "" if has_momentum else ", cycle_momentum=False"
    return [
        f"steps = {_steps(config)}",
        "scheduler = torch.optim.lr_scheduler.OneCycleLR(",
        f"    optimizer, max_lr={config.learning_rate}, total_steps=EPOCHS * steps{momentum}",
        ")",
    ]


def _steps(config: TrainConfig) -> str:
    return "max(1, len(x_train) // BATCH)" if config.drop_last else "-(-len(x_train) // BATCH)"


def _functions(recipe: Recipe) -> str:
    spec, config = recipe.model, recipe.training
    normalisation = spec.normalisation
    images = "images.unsqueeze(1)"
    if normalisation.mean or normalisation.std != 1:
        images = f"((images - {normalisation.mean}) / {normalisation.std}).unsqueeze(1)"
    if isinstance(spec, CNNSpec):
        images += ".contiguous(memory_format=torch.channels_last)"
    outputs = OUTPUTS[output_of(spec)]
    objective = _OBJECTIVES[config.loss].format(outputs=outputs, smoothing=", label_smoothing=smoothing")
    smoothing = ", smoothing=0.0" if config.label_smoothing else ""
    if not smoothing:
        objective = objective.replace(", label_smoothing=smoothing", "")
    parts = [
        f'''def predict(network, images):
    """Return the logits of images with pixels in [0, 1]."""
    return network({images})'''
    ]
    if "targets(" in objective:
        parts.append(_targets(recipe))
    single = isinstance(spec, MLPSpec) and spec.outputs == 1
    threshold = f"{single_threshold(output_of(spec)):g}"
    classes = f"(logits[:, 0] > {threshold}).long()" if single else "logits.argmax(dim=1)"
    parts += [
        f'''def loss_of(logits, labels{smoothing}):
    """Return the loss that training minimises, summed over the images."""
    return {objective}''',
        f"""def count_right(logits, labels):
    return int(({classes} == labels).sum())""",
        f'''def measure(images, labels):
    """Return the mean loss and the accuracy of all images."""
    network = {"average" if config.average else "model"}.eval()
    total = right = 0
    with torch.inference_mode():
        for part, answers in zip(images.split(1000), labels.split(1000)):
            logits = predict(network, part).float()
            total += loss_of(logits, answers).item()
            right += count_right(logits, answers)
    return total{_scale(recipe)} / len(images), right / len(images)''',
    ]
    return "\n\n\n".join(["", *parts])


def _targets(recipe: Recipe) -> str:
    single = isinstance(recipe.model, MLPSpec) and recipe.model.outputs == 1
    value = "labels[:, None].float()" if single else "F.one_hot(labels, 10).float()"
    return f'''def targets(labels):
    """Return the outputs that the model should have."""
    return {value}'''


def _scale(recipe: Recipe) -> str:
    """Return what turns the objective into the loss that is printed."""
    outputs = getattr(recipe.model, "outputs", 10)
    return {"mse": f" / {outputs}", "sse": " * 2"}.get(recipe.training.loss, "")


def _loop(recipe: Recipe) -> str:
    config = recipe.training
    lines = ["", "", *_before_the_loop(config), "for epoch in range(1, EPOCHS + 1):"]
    body = _order(recipe)
    body += ["model.train()", "total = right = count = 0"]
    batches = f"order.split(BATCH)[: {_steps(config)}]" if config.drop_last else "order.split(BATCH)"
    body += [f"for batch in {batches}:", *(f"    {line}" for line in _step(recipe))]
    body += _report(recipe)
    return "\n".join([*lines, *(f"    {line}" if line else "" for line in body)])


def _before_the_loop(config: TrainConfig) -> list[str]:
    lines = ["loader = torch.Generator()", "loader.set_state(torch.get_rng_state())"] if _has_loader(config) else []
    return [*lines, 'lowest, waited = float("inf"), 0'] if config.patience else lines


def _has_loader(config: TrainConfig) -> bool:
    return config.stream == "torch-loader" and config.shuffle


def _order(recipe: Recipe) -> list[str]:
    config = recipe.training
    lines, order = [], "torch.arange(len(x_train))"
    if config.augmentation or (config.shuffle and not _has_loader(config)):
        lines.append("rng = torch.Generator().manual_seed(SEED * 1_000_003 + epoch)")
    if getattr(recipe.model, "dropout", 0):
        lines.append("torch.manual_seed(SEED * 1_000_003 + epoch)  # for dropout")
    if _has_loader(config):
        lines += [
            "# As torch's DataLoader: it draws a seed for its workers, and then the seed of the shuffle.",
            "torch.empty((), dtype=torch.int64).random_(generator=loader)",
            "shuffle_seed = int(torch.empty((), dtype=torch.int64).random_(generator=loader).item())",
            "shuffle = torch.Generator().manual_seed(shuffle_seed)",
        ]
        order = "torch.randperm(len(x_train), generator=shuffle)"
    elif config.shuffle:
        order = "torch.randperm(len(x_train), generator=rng)"
    return [*lines, f"order = {order}.to(DEVICE)"]


def _step(recipe: Recipe) -> list[str]:
    config = recipe.training
    images = "augment(x_train[batch], rng)" if config.augmentation else "x_train[batch]"
    lines = [f"images, labels = {images}, y_train[batch]", "optimizer.zero_grad()"]
    if config.precision == "float32":
        lines.append("logits = predict(model, images)")
    else:
        lines += [
            "with torch.autocast(DEVICE, dtype=torch.bfloat16, enabled=BFLOAT16):",
            "    logits = predict(model, images)",
            "logits = logits.float()",
        ]
    if config.label_smoothing:
        lines += [
            f"(loss_of(logits, labels, smoothing={config.label_smoothing}) / len(labels)).backward()",
            "loss = loss_of(logits.detach(), labels)  # without smoothing, to be comparable with the test images",
        ]
    else:
        lines += ["loss = loss_of(logits, labels)", "(loss / len(labels)).backward()"]
    lines.append("optimizer.step()")
    lines += _average_step(config)
    if config.schedule == "one-cycle":
        lines.append("scheduler.step()")
    return [
        *lines,
        "total += loss.item()",
        "right += count_right(logits, labels)",
        "count += len(labels)",
    ]


def _average_step(config: TrainConfig) -> list[str]:
    if not config.average:
        return []
    return [
        "# The moving average; in the first steps it moves faster, to forget the random weights of the start.",
        f"decay = min({config.average}, (1 + updates) / (10 + updates))",
        "updates += 1",
        "for averaged, latest in zip(average.state_dict().values(), model.state_dict().values()):",
        "    if averaged.is_floating_point():",
        "        averaged.lerp_(latest, 1 - decay)",
    ]


def _report(recipe: Recipe) -> list[str]:
    config = recipe.training
    lines = []
    if config.report_every > 1:
        lines += [f"if (epoch - 1) % {config.report_every} and epoch < EPOCHS:", "    continue"]
    if config.train_figures == "running":
        lines.append(f"train_loss, train_accuracy = total{_scale(recipe)} / count, right / count")
    else:
        lines.append("train_loss, train_accuracy = measure(x_train, y_train)")
    lines += [
        "test_loss, test_accuracy = measure(x_test, y_test)",
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

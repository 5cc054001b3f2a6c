"""The models: softmax regression, multilayer perceptron, convolutional network.

Each takes digit images (n, 28, 28) float32 in [0, 1] and gives logits (n, 10). What is done to the pixels first,
the normalisation, is part of the model, so that nobody can forget it.
"""

from typing import Annotated, Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

PIXELS = 28 * 28
CLASSES = 10

_STRICT = ConfigDict(extra="forbid")
Width = Annotated[int, Field(ge=1, le=8192)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Activation = Literal["relu", "sigmoid", "tanh"]
_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Normalisation:
    """What is done to pixels in [0, 1] before the first layer: ``(pixels - mean) / std``."""

    mean: Annotated[float, Field(ge=-10, le=10)] = 0.0
    std: Annotated[float, Field(gt=1e-3, le=10)] = 1.0


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class SoftmaxSpec:
    """Softmax regression: one linear layer."""

    kind: Literal["softmax"] = "softmax"
    normalisation: Normalisation = Normalisation()


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class MLPSpec:
    """Multilayer perceptron; dropout after each hidden layer."""

    kind: Literal["mlp"] = "mlp"
    hidden: Annotated[tuple[Width, ...], Field(max_length=8)] = (512, 256)
    activation: Activation = "relu"
    dropout: Share = 0.0
    normalisation: Normalisation = Normalisation()


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class CNNSpec:
    """Convolutional network: for each of `channels` two 3x3 convolutions with batch norm, then 2x2 pooling.

    One hidden layer of `dense` units follows, with dropout before it and before the logits.
    """

    kind: Literal["cnn"] = "cnn"
    channels: Annotated[tuple[Annotated[int, Field(ge=1, le=512)], ...], Field(min_length=1, max_length=3)] = (32, 64)
    dense: Width = 128
    dropout: Share = 0.0
    normalisation: Normalisation = Normalisation()


ModelSpec = Annotated[SoftmaxSpec | MLPSpec | CNNSpec, Field(discriminator="kind")]


class DigitModel(nn.Module):
    """A network with its normalisation; made by `build`."""

    def __init__(self, spec: SoftmaxSpec | MLPSpec | CNNSpec, layers: nn.Sequential) -> None:
        super().__init__()
        self.spec = spec
        self.layers = layers

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, 10) of images (n, 28, 28) float in [0, 1]."""
        normalisation = self.spec.normalisation
        return self.layers((images.unsqueeze(1) - normalisation.mean) / normalisation.std)

    def parameter_count(self) -> int:
        """Count the trainable parameters."""
        return sum(parameter.numel() for parameter in self.parameters())


def build(spec: SoftmaxSpec | MLPSpec | CNNSpec) -> DigitModel:
    """Build a model with fresh weights, drawn from torch's global generator."""
    match spec:
        case SoftmaxSpec():
            layers = [nn.Flatten(), nn.Linear(PIXELS, CLASSES)]
        case MLPSpec():
            layers = _mlp_layers(spec)
        case CNNSpec():
            layers = _cnn_layers(spec)
    return DigitModel(spec, nn.Sequential(*layers))


def _mlp_layers(spec: MLPSpec) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Flatten()]
    width = PIXELS
    for hidden in spec.hidden:
        layers += [nn.Linear(width, hidden), _ACTIVATIONS[spec.activation]()]
        if spec.dropout:
            layers.append(nn.Dropout(spec.dropout))
        width = hidden
    return [*layers, nn.Linear(width, CLASSES)]


def _cnn_layers(spec: CNNSpec) -> list[nn.Module]:
    layers: list[nn.Module] = []
    depth, side = 1, 28
    for channels in spec.channels:
        for inputs in (depth, channels):
            # The batch norm that follows has the bias.
            layers += [
                nn.Conv2d(inputs, channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            ]
        layers.append(nn.MaxPool2d(2))
        depth, side = channels, side // 2
    dense = [
        nn.Dropout(spec.dropout),
        nn.Linear(depth * side * side, spec.dense),
        nn.ReLU(),
        nn.Dropout(spec.dropout),
    ]
    return [*layers, nn.Flatten(), *dense, nn.Linear(spec.dense, CLASSES)]


def frozen_copy(model: DigitModel) -> DigitModel:
    """Return a detached copy on the CPU, in evaluation mode, that further training cannot change."""
    copy = build(model.spec)
    copy.load_state_dict({name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()})
    return copy.eval().requires_grad_(requires_grad=False)


def summary(spec: SoftmaxSpec | MLPSpec | CNNSpec) -> str:
    """Name a model's layers in a few characters: ``784-512-256-10``."""
    match spec:
        case SoftmaxSpec():
            return f"{PIXELS}-{CLASSES}"
        case MLPSpec():
            return "-".join(map(str, (PIXELS, *spec.hidden, CLASSES)))
        case CNNSpec():
            return f"conv {'-'.join(map(str, spec.channels))}, dense {spec.dense}-{CLASSES}"


def on_device(name: str) -> torch.device:
    """Choose the device: "auto" takes CUDA, then Apple's MPS, then the CPU."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")

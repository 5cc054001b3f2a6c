"""The models: softmax regression, multilayer perceptron, convolutional network.

Each takes digit images (n, 28, 28) float32 in [0, 1] and gives logits (n, 10). What is done to the pixels first,
the normalisation, is part of the model, so that nobody can forget it.
"""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec, inputs_of, output_of, widths
from digitpad.core.runtime.libraries import check_version

check_version("torch", torch.__version__)
check_version("numpy", np.__version__)
_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
# MNIST's digits lie in a box of this side in the middle of the image.
_BOX = 20


class DigitModel(nn.Module):
    """A network with its normalisation; made by `build`."""

    def __init__(self, spec: Spec, layers: nn.Sequential) -> None:
        super().__init__()
        self.spec = spec
        self.layers = layers

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, outputs) of images (n, height, width) float in [0, 1].

        A model that reads other images than 28x28 gets such ones averaged down to its own size.
        """
        return self.layers(self._normalised(images).unsqueeze(1))

    def prepared(self, images: Tensor, peak: float = 1.0) -> Tensor:
        """Return what the first linear layer gets, (n, height x width), of images with values in [0, peak]."""
        return self._normalised(images, peak).flatten(1)

    def _normalised(self, images: Tensor, peak: float = 1.0) -> Tensor:
        mean, std = self.spec.normalisation.mean * peak, self.spec.normalisation.std * peak
        size = inputs_of(self.spec)
        if images.shape[1:] != size:
            images = _reduced(images, size)
        if mean:
            return images.sub(mean).div_(std)
        return images.div(std) if std != 1 else images

    @property
    def linear_layers(self) -> list[nn.Linear]:
        """The linear layers, from the first to the one that gives the logits."""
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    def outputs(self, logits: Tensor) -> Tensor:
        """Turn logits into what the model is trained to put out: probabilities, or plain numbers where it is linear."""
        match output_of(self.spec):
            case "softmax":
                return logits.softmax(dim=1)
            case "sigmoid":
                return logits.sigmoid()
            case "linear":
                return logits

    def parameter_count(self) -> int:
        """Count the trainable parameters."""
        return sum(parameter.numel() for parameter in self.parameters())


def predicted_classes(logits: Tensor) -> Tensor:
    """Return the classes (n,) that logits (n, outputs) stand for; a single output tells 1 from 0."""
    return logits.argmax(dim=1) if logits.shape[1] > 1 else (logits[:, 0] > 0).long()


def _reduced(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Average the box that digits lie in down to a smaller image."""
    edge = (images.shape[1] - _BOX) // 2
    box = images[:, edge:-edge, edge:-edge] if edge > 0 else images
    return functional.interpolate(box.unsqueeze(1), size, mode="area").squeeze(1)


def build(spec: Spec) -> DigitModel:
    """Build a model with fresh weights, drawn from torch's global generator."""
    match spec:
        case SoftmaxSpec():
            inputs, outputs = widths(spec)
            layers = [nn.Flatten(), nn.Linear(inputs, outputs)]
        case MLPSpec():
            layers = _mlp_layers(spec)
        case CNNSpec():
            layers = _cnn_layers(spec)
    return DigitModel(spec, nn.Sequential(*layers))


def _mlp_layers(spec: MLPSpec) -> list[nn.Module]:
    layers: list[nn.Module] = [nn.Flatten()]
    *hidden, last = pairwise(widths(spec))
    for sizes in hidden:
        layers += [_linear(*sizes, spec), _ACTIVATIONS[spec.activation]()]
        if spec.dropout:
            layers.append(nn.Dropout(spec.dropout))
    return [*layers, _linear(*last, spec)]


def _linear(inputs: int, outputs: int, spec: MLPSpec) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, bias=spec.bias)
    for weights in layer.parameters() if spec.initial != "torch" else ():
        if spec.initial == "normal":
            nn.init.normal_(weights)
        else:
            nn.init.uniform_(weights, -0.1, 0.1)
    return layer


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
    return model_of(
        model.spec, {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}
    )


def model_of(spec: Spec, weights: Mapping[str, Tensor]) -> DigitModel:
    """Return a model with these very weights, in evaluation mode.

    No random number is drawn: torch's generator is every thread's, and one may be in the middle of a training.
    """
    with torch.device("meta"):
        model = build(spec)
    model.load_state_dict(weights, assign=True)
    return model.eval().requires_grad_(requires_grad=False)


def quick_copy(model: DigitModel) -> DigitModel:
    """Return a model that gives the same logits sooner, up to rounding, or the model itself where there is no such.

    A CNN's batch norms are worked into its convolutions, and its channels lie together in memory: a quarter less time.
    """
    if not isinstance(model.spec, CNNSpec):
        return model
    layers: list[nn.Module] = []
    for layer in model.layers:
        before = layers[-1] if layers else None
        if isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
            layers[-1] = fuse_conv_bn_eval(before, layer)
        elif not isinstance(layer, nn.Dropout):
            layers.append(nn.ReLU(inplace=True) if isinstance(layer, nn.ReLU) else layer)
    quick = DigitModel(model.spec, nn.Sequential(*layers)).eval().requires_grad_(requires_grad=False)
    return quick.to(memory_format=torch.channels_last)


def select_device(name: str) -> torch.device:
    """Choose the device: "auto" takes CUDA, then Apple's MPS, then the CPU."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")

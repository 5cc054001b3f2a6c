"""The models: softmax regression, multilayer perceptron, convolutional network.

Each takes digit images (n, 28, 28) float32 in [0, 1] and returns logits (n, 10). The normalisation of the pixels is
part of the model, so that it cannot be forgotten.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import (
    CNNSpec,
    MLPSpec,
    Output,
    SoftmaxSpec,
    Spec,
    inputs_of,
    output_of,
    single_threshold,
    widths,
)
from digitpad.core.runtime.libraries import check_version

check_version("torch", torch.__version__)
check_version("numpy", np.__version__)
_ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
# MNIST's digits are inside a centred box of this side, px.
_BOX = 20


class DigitModel(nn.Module):
    """A network with its normalisation; `build` creates it."""

    def __init__(self, spec: Spec, layers: nn.Sequential) -> None:
        super().__init__()
        self.spec = spec
        self.layers = layers

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, outputs) of images (n, height, width) float in [0, 1].

        Images larger than the model's input are averaged down to its size.
        """
        return self.layers(self._normalise(images).unsqueeze(1))

    def prepared(self, images: Tensor, peak: float = 1.0) -> Tensor:
        """Return the input of the first linear layer, (n, height x width), for images with values in [0, peak]."""
        return self._normalise(images, peak).flatten(1)

    def _normalise(self, images: Tensor, peak: float = 1.0) -> Tensor:
        mean, std = self.spec.normalisation.mean * peak, self.spec.normalisation.std * peak
        size = inputs_of(self.spec)
        if images.shape[1:] != size:
            images = _reduce(images, size)
        if mean:
            return images.sub(mean).div_(std)
        return images.div(std) if std != 1 else images

    @property
    def linear_layers(self) -> list[nn.Linear]:
        """The linear layers, from the first to the one that computes the logits."""
        return [layer for layer in self.layers if isinstance(layer, nn.Linear)]

    def outputs(self, logits: Tensor) -> Tensor:
        """Convert logits to the outputs that the loss uses: softmax or sigmoid probabilities, or the logits."""
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


def predicted_classes(logits: Tensor, output: Output) -> Tensor:
    """Return the predicted classes (n,) of logits (n, outputs); a single output above 0.5 is class 1."""
    return logits.argmax(dim=1) if logits.shape[1] > 1 else (logits[:, 0] > single_threshold(output)).long()


def _reduce(images: Tensor, size: tuple[int, int]) -> Tensor:
    """Average MNIST's box down to a smaller image."""
    edge = (images.shape[1] - _BOX) // 2
    box = images[:, edge:-edge, edge:-edge] if edge > 0 else images
    return functional.interpolate(box.unsqueeze(1), size, mode="area").squeeze(1)


def build(spec: Spec) -> DigitModel:
    """Build a model with random weights from torch's global generator."""
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
    if spec.initial == "torch" or layer.weight.is_meta:  # random numbers without storage import much of torch
        return layer
    for weights in layer.parameters():
        if spec.initial == "normal":
            nn.init.normal_(weights)
        else:
            nn.init.uniform_(weights, -0.1, 0.1)
    return layer


def _cnn_layers(spec: CNNSpec) -> list[nn.Module]:
    layers: list[nn.Module] = []
    depth, side = 1, 28
    for channels in spec.channels:
        is_pair = spec.convolutions == "pairs"
        layers += _pair(depth, channels) if is_pair else _single(depth, channels, is_first=not layers)
        depth, side = channels, side // 2
    dense = [
        nn.Dropout(spec.dropout),
        nn.Linear(depth * side * side, spec.dense),
        nn.ReLU(),
        nn.Dropout(spec.dropout),
    ]
    return [*layers, nn.Flatten(), *dense, nn.Linear(spec.dense, CLASSES)]


def _pair(inputs: int, channels: int) -> list[nn.Module]:
    """Return two convolutions, without bias, because batch norm has one.

    Pooling before ReLU gives the same values as after it, and leaves a quarter of the work to ReLU.
    """
    first, second = (nn.Conv2d(depth, channels, 3, padding=1, bias=False) for depth in (inputs, channels))
    norms = [nn.BatchNorm2d(channels) for _ in range(2)]
    return [first, norms[0], nn.ReLU(), second, norms[1], nn.MaxPool2d(2), nn.ReLU()]


def _single(inputs: int, channels: int, *, is_first: bool) -> list[nn.Module]:
    """Return one convolution; its stride or a pooling halves the side before batch norm, for less work."""
    norm = [nn.BatchNorm2d(channels), nn.ReLU()]
    if is_first:
        return [nn.Conv2d(inputs, channels, 5, stride=2, padding=2, bias=False), *norm]
    return [nn.Conv2d(inputs, channels, 3, padding=1, bias=False), nn.MaxPool2d(2), *norm]


def frozen_copy(model: DigitModel) -> DigitModel:
    """Return a copy on the CPU in evaluation mode, independent of further training."""
    return model_of(
        model.spec, {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.state_dict().items()}
    )


def model_of(spec: Spec, weights: Mapping[str, Tensor]) -> DigitModel:
    """Return a model with these weights, not copies, in evaluation mode.

    Draws no random numbers: torch's generator is global, and another thread may be training.
    """
    with torch.device("meta"):
        model = build(spec)
    model.load_state_dict(weights, assign=True)
    return model.eval().requires_grad_(requires_grad=False)


def quick_copy(model: DigitModel) -> DigitModel:
    """Return a faster model with the same logits, up to rounding; for other models than CNNs the model itself.

    The model is in evaluation mode. Batch norms are fused into the convolutions, channels are last in memory, and
    torch's functions are called without the modules.
    """
    if not isinstance(model.spec, CNNSpec):
        return model
    layers: list[nn.Module] = []
    for layer in model.layers:
        before = layers[-1] if layers else None
        if isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
            layers[-1] = fuse_conv_bn_eval(before, layer)
        elif not isinstance(layer, nn.Dropout):
            layers.append(nn.ReLU(inplace=True) if isinstance(layer, nn.ReLU) else deepcopy(layer))
    quick = _QuickModel(model.spec, nn.Sequential(*layers)).eval().requires_grad_(requires_grad=False)
    return quick.to(memory_format=torch.channels_last)


class _QuickModel(DigitModel):
    """A model that cannot be trained; for one image the calls of its modules would take much of the time."""

    def __init__(self, spec: Spec, layers: nn.Sequential) -> None:
        super().__init__(spec, layers)
        self._functions = [_function_of(layer) for layer in layers]

    def forward(self, images: Tensor) -> Tensor:
        values = self._normalise(images).unsqueeze(1)
        for function in self._functions:
            values = function(values)
        return values


def _function_of(layer: nn.Module) -> Callable[[Tensor], Tensor]:
    """Return what a layer of a CNN does, without hooks and modes."""
    match layer:
        case nn.Conv2d():
            settings = {"stride": layer.stride, "padding": layer.padding}
            return partial(torch.conv2d, weight=layer.weight, bias=layer.bias, **settings)
        case nn.MaxPool2d():
            return partial(torch.max_pool2d, kernel_size=layer.kernel_size, stride=layer.stride)
        case nn.Linear():
            return partial(functional.linear, weight=layer.weight, bias=layer.bias)
        case nn.ReLU():
            return torch.relu_
        case _:
            return layer.forward


def select_device(name: str) -> torch.device:
    """Return the device of a name; "auto" is CUDA if available, else Apple's MPS, else the CPU."""
    if name != "auto":
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")

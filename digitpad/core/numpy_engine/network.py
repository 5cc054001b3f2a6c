"""A network in NumPy: linear layers with activations and dropout between them, a loss, plain SGD.

There is no automatic differentiation. `layers` has the forward and backward pass of each layer, `losses` each loss and
its gradient. Images pass forwards through the layers and the gradient passes backwards (backpropagation, Rumelhart,
Hinton and Williams 1986).
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import Initial, MLPSpec, Output, SoftmaxSpec, output_of, single_threshold, widths
from digitpad.core.numpy_engine.layers import Array, Dropout, Layer, Linear, ReLU, Sigmoid, Softmax
from digitpad.core.numpy_engine.losses import LOSSES
from digitpad.core.numpy_engine.random_streams import RandomStream
from digitpad.core.training.config import Loss, Slip


@dataclass(frozen=True, slots=True, eq=False)
class Net:
    """A chain of layers.

    Attributes
    ----------
    layers
        From pixels to logits; the first is linear.
    output
        Turns logits into the outputs that the loss compares; None if it compares the logits.
    loss
        The loss's name.

    """

    layers: tuple[Layer, ...]
    output: Layer | None
    loss: Loss

    @property
    def linear_layers(self) -> list[Linear]:
        """The layers with weights, first to last."""
        return [layer for layer in self.layers if isinstance(layer, Linear)]

    def forward(self, pixels: Array, rng: RandomStream | None = None) -> Array:
        """Return the logits (n, outputs) of normalised pixels (n, inputs); `rng` draws dropout, in training only."""
        for layer in self.layers:
            pixels = layer.forward(pixels, rng)
        return pixels

    def loss_of(self, logits: Array, targets: Array) -> float:
        """Return the loss of logits and targets, both (n, outputs), a mean over the images."""
        return LOSSES[self.loss].value(self._outputs(logits), targets)

    def backward(self, logits: Array, targets: Array, batch: int) -> None:
        """Add the gradients of the images last passed to `forward`, as a part of a batch of `batch`."""
        gradient = self.logits_gradient(logits, targets, batch)
        for layer in reversed(self.layers[1:]):
            gradient = layer.backward(gradient)
        # The gradient with respect to the pixels is not needed, and costs as much as that of the first weights.
        self.linear_layers[0].add_gradients(gradient)

    def logits_gradient(self, logits: Array, targets: Array, batch: int) -> Array:
        """Return the gradient of the objective with respect to the logits, (n, outputs), in a batch of `batch`."""
        gradient = LOSSES[self.loss].gradient(self._outputs(logits), targets, batch)
        return gradient if self.output is None else self.output.backward(gradient)

    def step(self, rate: float) -> None:
        """Take one step of gradient descent, and clear the gradients."""
        for layer in self.linear_layers:
            layer.step(rate)

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all weights by name: ``weights.0`` (inputs, outputs), ``bias.0`` (outputs,), and so on."""
        return {name: array.copy() for name, array in self._named()}

    def load_state_dict(self, weights: Mapping[str, np.ndarray]) -> None:
        """Copy weights from `state_dict`; KeyError or ValueError if they do not fit this network."""
        for name, array in self._named():
            if weights[name].shape != array.shape:
                raise ValueError(f"{name} has another shape")
            array[...] = weights[name]

    def _named(self) -> Iterator[tuple[str, Array]]:
        for number, layer in enumerate(self.linear_layers):
            yield f"weights.{number}", layer.weights
            if layer.bias is not None:
                yield f"bias.{number}", layer.bias

    def _outputs(self, logits: Array) -> Array:
        return logits if self.output is None else self.output.forward(logits)


def predicted_classes(logits: Array, output: Output) -> np.ndarray:
    """Return the predicted classes (n,) of logits (n, outputs); a single output above 0.5 is class 1."""
    return logits.argmax(axis=1) if logits.shape[1] > 1 else (logits[:, 0] > single_threshold(output)).astype(np.int64)


def target_outputs(labels: np.ndarray, outputs: int) -> Array:
    """Return the target outputs (n, outputs): one-hot, or the label itself for a single output."""
    return np.eye(CLASSES)[labels] if outputs > 1 else labels[:, None].astype(np.float64)


def build_net(spec: SoftmaxSpec | MLPSpec, loss: Loss, slips: Collection[Slip], rng: RandomStream) -> Net:
    """Build a network with new weights, drawn layer by layer: weights, then bias."""
    *hidden, last = pairwise(widths(spec))
    layers: list[Layer] = []
    for sizes in hidden:
        layers.append(_linear(spec, *sizes, rng))
        layers += _activation(spec, slips)
    layers.append(_linear(spec, *last, rng))
    return Net(tuple(layers), _output(spec, loss), loss)


def _activation(spec: SoftmaxSpec | MLPSpec, slips: Collection[Slip]) -> list[Layer]:
    """Return the layers after a hidden linear layer: activation and dropout."""
    if isinstance(spec, SoftmaxSpec):
        return []
    match spec.activation:
        case "relu":
            activation: Layer = ReLU("relu-derivative" in slips)
        case "sigmoid":
            activation = Sigmoid()
        case "tanh":
            raise DigitpadError("the NumPy engine has no tanh: choose ReLU, sigmoid or the PyTorch engine")
    return [activation, Dropout(spec.dropout, "dropout-backward" in slips)] if spec.dropout else [activation]


def _output(spec: SoftmaxSpec | MLPSpec, loss: Loss) -> Layer | None:
    # Softmax and cross-entropy are computed together: simpler, and safe from log 0.
    if loss == "cross-entropy":
        return None
    match output_of(spec):
        case "softmax":
            return Softmax()
        case "sigmoid":
            return Sigmoid()
        case "linear":
            return None


def _linear(spec: SoftmaxSpec | MLPSpec, inputs: int, outputs: int, rng: RandomStream) -> Linear:
    initial: Initial = spec.initial if isinstance(spec, MLPSpec) else "torch"

    def draw(*shape: int) -> Array:
        match initial:
            case "normal":
                return rng.standard_normal(shape)
            case "uniform":
                return 0.2 * rng.random(shape) - 0.1
            case "torch":  # as torch.nn.Linear: He et al. 2015 with a = sqrt(5)
                bound = 1 / math.sqrt(inputs)
                return rng.uniform(-bound, bound, shape)

    weights = draw(inputs, outputs)
    return Linear(weights, draw(outputs) if isinstance(spec, SoftmaxSpec) or spec.bias else None)

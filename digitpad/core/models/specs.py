"""Specifications of models, without torch; `digitpad.core.models.networks` builds the models."""

import dataclasses
from itertools import pairwise
from math import prod
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from digitpad.core.images.digits import CLASSES, SIDE

_STRICT = ConfigDict(extra="forbid")
Width = Annotated[int, Field(ge=1, le=8192)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Side = Annotated[int, Field(ge=1, le=SIDE)]
Size = tuple[Side, Side]
Activation = Literal["relu", "sigmoid", "tanh"]
# The function from logits to outputs; "linear" is the identity.
Output = Literal["softmax", "sigmoid", "linear"]
# The convolutions of a CNN, see `CNNSpec`.
Convolutions = Literal["pairs", "single"]
# Initial weights and biases. "torch": torch's default; "normal": standard normal; "uniform": from -0.1 to 0.1.
Initial = Literal["torch", "normal", "uniform"]


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class Normalisation:
    """Normalisation of pixels in [0, 1] before the first layer: ``(pixels - mean) / std``."""

    mean: Annotated[float, Field(ge=-10, le=10)] = 0.0
    std: Annotated[float, Field(gt=1e-3, le=10)] = 1.0


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class SoftmaxSpec:
    """Softmax regression: one linear layer."""

    kind: Literal["softmax"] = "softmax"
    inputs: Size = (SIDE, SIDE)  # height and width, px
    normalisation: Normalisation = Normalisation()


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class MLPSpec:
    """Multilayer perceptron; dropout after each hidden layer."""

    kind: Literal["mlp"] = "mlp"
    inputs: Size = (SIDE, SIDE)  # height and width, px
    hidden: Annotated[tuple[Width, ...], Field(max_length=8)] = (512, 256)
    outputs: Literal[1, 10] = 10  # one output separates two classes
    activation: Activation = "relu"
    output: Output = "softmax"
    bias: bool = True
    dropout: Share = 0.0
    initial: Initial = "torch"
    normalisation: Normalisation = Normalisation()


@dataclass(frozen=True, kw_only=True, config=_STRICT)
class CNNSpec:
    """Convolutional network, with batch norm and ReLU after each convolution.

    "pairs": for each of `channels` two 3x3 convolutions, then 2x2 pooling. "single": one convolution for each of
    `channels`, which takes a third of the time: the first is 5x5 with stride 2, the others are 3x3 with 2x2 pooling.
    A hidden layer of `dense` units follows, with dropout before it and before the logits.
    """

    kind: Literal["cnn"] = "cnn"
    channels: Annotated[tuple[Annotated[int, Field(ge=1, le=512)], ...], Field(min_length=1, max_length=3)] = (32, 64)
    convolutions: Convolutions = "pairs"
    dense: Width = 128
    output: Output = "softmax"
    dropout: Share = 0.0
    normalisation: Normalisation = Normalisation()


Spec = SoftmaxSpec | MLPSpec | CNNSpec
ModelSpec = Annotated[Spec, Field(discriminator="kind")]
SPECS: dict[str, type[Spec]] = {"softmax": SoftmaxSpec, "mlp": MLPSpec, "cnn": CNNSpec}


def inputs_of(spec: Spec) -> Size:
    """Return the height and width, in px, of a model's input images."""
    return (SIDE, SIDE) if isinstance(spec, CNNSpec) else spec.inputs


def accepts_size(inputs: tuple[int, int], size: tuple[int, int]) -> bool:
    """Return whether a model with input size `inputs` accepts images of `size`; both are height and width in px.

    Images of 28x28 px are averaged down to smaller inputs; smaller images are never enlarged.
    """
    return inputs == size or (size == (SIDE, SIDE) and max(inputs) <= SIDE)


def is_rectified(spec: Spec) -> bool:
    """Return whether a model has only linear layers with ReLU between them, and several outputs."""
    if isinstance(spec, MLPSpec):
        return spec.outputs > 1 and (spec.activation == "relu" or not spec.hidden)
    return isinstance(spec, SoftmaxSpec)


def output_of(spec: Spec) -> Output:
    """Return the function from the model's logits to its outputs."""
    return "softmax" if isinstance(spec, SoftmaxSpec) else spec.output


def single_threshold(output: Output) -> float:
    """Return the logit for which a single output is 0.5: above it the model predicts class 1."""
    return 0.5 if output == "linear" else 0.0


def outputs_of_model(spec: Spec) -> int:
    """Return the number of outputs: ten, or one for two classes."""
    return spec.outputs if isinstance(spec, MLPSpec) else CLASSES


def widths(spec: SoftmaxSpec | MLPSpec) -> tuple[int, ...]:
    """Return the widths of all layers, inputs and outputs included: (784, 512, 256, 10)."""
    if isinstance(spec, SoftmaxSpec):
        return (prod(spec.inputs), CLASSES)
    return (prod(spec.inputs), *spec.hidden, spec.outputs)


@dataclasses.dataclass(frozen=True, slots=True)
class LayerShape:
    """A layer of a network that is drawn: its inputs, a convolution block, a layer of units, or its outputs.

    Attributes
    ----------
    shape
        Of its values: (maps, height, width) of a block, (height, width) of the inputs, or (units,).
    parameters
        How many trainable ones it has; a block with its batch norms.

    """

    kind: Literal["inputs", "block", "hidden", "outputs"]
    shape: tuple[int, ...]
    parameters: int = 0

    @property
    def units(self) -> int:
        """The number of inputs, maps or units."""
        return prod(self.shape) if self.kind == "inputs" else self.shape[0]


def layer_shapes(spec: Spec) -> tuple[LayerShape, ...]:
    """Return the layers from the inputs to the outputs."""
    inputs = LayerShape("inputs", inputs_of(spec))
    if isinstance(spec, CNNSpec):
        blocks = _blocks(spec)
        dense = LayerShape("hidden", (spec.dense,), (prod(blocks[-1].shape) + 1) * spec.dense)
        return (inputs, *blocks, dense, LayerShape("outputs", (CLASSES,), (spec.dense + 1) * CLASSES))
    biases = isinstance(spec, SoftmaxSpec) or spec.bias
    layers = [LayerShape("hidden", (after,), (before + biases) * after) for before, after in pairwise(widths(spec))]
    return (inputs, *layers[:-1], dataclasses.replace(layers[-1], kind="outputs"))


def _blocks(spec: CNNSpec) -> list[LayerShape]:
    blocks: list[LayerShape] = []
    depth, side = 1, SIDE
    for channels in spec.channels:
        # Convolutions without bias, each with a batch norm of two parameters per channel.
        if spec.convolutions == "pairs":
            count = 9 * depth * channels + 9 * channels * channels + 4 * channels
        else:
            count = (25 if side == SIDE else 9) * depth * channels + 2 * channels
        depth, side = channels, side // 2
        blocks.append(LayerShape("block", (channels, side, side), count))
    return blocks


def parameter_count(spec: Spec) -> int:
    """Count the trainable parameters."""
    return sum(layer.parameters for layer in layer_shapes(spec))


def summary(spec: Spec) -> str:
    """Return a short text of a model's layers: ``784-512-256-10``."""
    if isinstance(spec, CNNSpec):
        return f"conv {'-'.join(map(str, spec.channels))}, dense {spec.dense}-{CLASSES}"
    return "-".join(map(str, widths(spec)))

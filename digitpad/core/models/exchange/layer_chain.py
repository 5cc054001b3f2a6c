"""A model of another program as a chain of layers, and the spec and weights of digitpad that compute the same."""

from dataclasses import dataclass, field
from itertools import groupby
from math import isqrt
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import (
    Activation,
    CNNSpec,
    MLPSpec,
    Normalisation,
    Output,
    Size,
    SoftmaxSpec,
    Spec,
)
from digitpad.core.translation import tr, tr_noop

if TYPE_CHECKING:
    from torch import Tensor

_EPSILON = 1e-5  # of torch's batch norms


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """A linear layer: weight (outputs, inputs) and bias (outputs,), float32."""

    weight: "Tensor"
    bias: "Tensor | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Convolution:
    """A convolution: weight (outputs, inputs, side, side) and bias (outputs,), float32."""

    weight: "Tensor"
    bias: "Tensor | None"
    stride: int
    padding: int


@dataclass(frozen=True, slots=True, eq=False)
class Norm:
    """A batch norm: four tensors (channels,) float32."""

    weight: "Tensor"
    bias: "Tensor"
    mean: "Tensor"
    variance: "Tensor"
    epsilon: float = _EPSILON


@dataclass(frozen=True, slots=True)
class Function:
    """An activation, or a 2x2 max pooling."""

    name: Literal["relu", "sigmoid", "tanh", "softmax", "pool"]


Layer = Linear | Convolution | Norm | Function
_ACTIVATIONS: tuple[Activation, ...] = ("relu", "sigmoid", "tanh")


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Layers from the normalised pixels to the outputs; flattening is not among them.

    Attributes
    ----------
    layers
        The layers, in order.
    size
        Height and width of the images; None if only their product is known.
    normalisation
        The first step, from pixels in [0, 1].
    output
        The function from the last layer's values to outputs, if it is known.

    """

    layers: list[Layer]
    size: Size | None = None
    normalisation: Normalisation = field(default_factory=Normalisation)
    output: Output | None = None


class UnknownLayersError(Exception):
    """The layers are none that a spec of digitpad describes.

    The text names what is not known: `template`, marked by `tr_noop` unless it is the name of a layer, with `values`.
    """

    def __init__(self, template: str | bytes, /, **values: object) -> None:
        """Take the name of a layer also as bytes, as protobuf returns one that is not UTF-8."""
        text = template if isinstance(template, str) else template.decode(errors="replace")
        super().__init__(text)
        self.template, self.values = text, values

    def __str__(self) -> str:
        """Return what is not known, in the language of the program."""
        text = tr(self.template)
        return text.format(**self.values) if self.values else text


def spec_of(chain: Chain) -> "tuple[Spec, dict[str, Tensor]]":
    """Return the spec of a chain, and the weights of the model that `networks.build` makes of it.

    Raise UnknownLayersError if there is none.
    """
    try:
        is_cnn = any(isinstance(layer, Convolution) for layer in chain.layers)
        spec, weights = _cnn(chain) if is_cnn else _mlp(chain)
    except ValidationError as error:
        raise UnknownLayersError(tr_noop("a size out of range")) from error
    if {name: tuple(tensor.shape) for name, tensor in weights.items()} != _weight_shapes(spec):
        raise UnknownLayersError(tr_noop("layers whose sizes do not fit"))
    return spec, weights


def _weight_shapes(spec: Spec) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the weights and buffers of a spec's model, by their names in its state dict."""
    import torch

    from digitpad.core.models.networks import build

    with torch.device("meta"):
        return {name: tuple(tensor.shape) for name, tensor in build(spec).state_dict().items()}


def _mlp(chain: Chain) -> "tuple[Spec, dict[str, Tensor]]":
    layers, output = _without_output(chain)
    linears, functions = layers[::2], layers[1::2]
    names = {layer.name if isinstance(layer, Function) else type(layer).__name__ for layer in functions}
    if not linears or not all(isinstance(layer, Linear) for layer in linears) or len(linears) != len(functions) + 1:
        raise UnknownLayersError(tr_noop("layers that do not alternate with activations"))
    if len(names) > 1 or not names <= set(_ACTIVATIONS):
        raise UnknownLayersError(tr_noop("the activations {names}"), names=", ".join(sorted(names)))
    found = [layer for layer in linears if isinstance(layer, Linear)]
    widths = [found[0].weight.shape[1], *(layer.weight.shape[0] for layer in found)]
    if any(layer.weight.shape[1] != width for layer, width in zip(found, widths, strict=False)):
        raise UnknownLayersError(tr_noop("layers whose sizes do not fit"))
    size, outputs = _size(chain, widths[0]), widths[-1]
    if outputs not in (1, CLASSES) or (outputs == 1) != (widths[0] == 2):
        raise UnknownLayersError(tr_noop("{inputs} inputs and {outputs} outputs"), inputs=widths[0], outputs=outputs)
    if outputs == 1 and output == "softmax":
        output = "sigmoid"
    activation: Activation = "sigmoid" if "sigmoid" in names else "tanh" if "tanh" in names else "relu"
    spec: Spec
    if len(found) == 1 and outputs == CLASSES and output == "softmax":
        spec = SoftmaxSpec(inputs=size, normalisation=chain.normalisation)
    else:
        spec = MLPSpec(
            inputs=size,
            hidden=tuple(widths[1:-1]),
            outputs=1 if outputs == 1 else CLASSES,
            activation=activation,
            output=output,
            normalisation=chain.normalisation,
        )
    return spec, _numbered(found, 1)


def _numbered(linears: list[Linear], first: int) -> "dict[str, Tensor]":
    """Return the weights of linear layers that alternate with activations."""
    weights = {}
    for number, layer in zip(range(first, first + 2 * len(linears), 2), linears, strict=True):
        bias = layer.weight.new_zeros(len(layer.weight)) if layer.bias is None else layer.bias
        weights |= {f"layers.{number}.weight": layer.weight, f"layers.{number}.bias": bias}
    return weights


def _without_output(chain: Chain) -> tuple[list[Layer], Output]:
    """Return the layers up to the logits, and the function after them."""
    last = chain.layers[-1] if chain.layers else None
    if last == Function("softmax"):
        return chain.layers[:-1], "softmax"
    if last == Function("sigmoid"):
        return chain.layers[:-1], "sigmoid"
    return chain.layers, chain.output or "softmax"


def _size(chain: Chain, inputs: int) -> Size:
    if chain.size is not None and chain.size[0] * chain.size[1] == inputs:
        return chain.size
    if inputs == 2:
        return 1, 2
    if isqrt(inputs) ** 2 != inputs:
        raise UnknownLayersError(tr_noop("{inputs} inputs"), inputs=inputs)
    return isqrt(inputs), isqrt(inputs)


def _cnn(chain: Chain) -> "tuple[Spec, dict[str, Tensor]]":
    """Match the layers of `CNNSpec`, with batch norms that may be part of the convolutions."""
    layers, output = _without_output(chain)
    start = next((n for n, layer in enumerate(layers) if isinstance(layer, Linear)), len(layers))
    match layers[start:]:
        case [Linear() as dense, Function("relu"), Linear() as last]:
            pass
        case _:
            raise UnknownLayersError(tr_noop("other layers after the convolutions than two linear ones with ReLU"))
    stages = _stages(layers[:start])
    kernels = [stage.convolution.weight.shape[-1] for stage in stages]
    is_pair = kernels[0] == 3
    channels = tuple(len(stage.convolution.weight) for stage in (stages[1::2] if is_pair else stages))
    spec = CNNSpec(
        channels=channels,
        convolutions="pairs" if is_pair else "single",
        dense=len(dense.weight),
        output=output,
        normalisation=chain.normalisation,
    )
    _check_shapes(spec, stages)
    weights, number = {}, 0
    for position, stage in enumerate(stages):
        pools_first = not is_pair and position > 0  # the place of the pooling, before the batch norm
        weights |= stage.weights(number, number + 1 + pools_first)
        number += 3 + (position % 2 if is_pair else pools_first)
    # After the convolutions: flatten, dropout, linear, ReLU, dropout, linear.
    weights |= _numbered([dense], number + 2) | _numbered([last], number + 5)
    return spec, weights


@dataclass(frozen=True, slots=True, eq=False)
class _Stage:
    """A convolution with its batch norm; without one, `norm` adds the bias alone."""

    convolution: Convolution
    norm: Norm
    has_pool: bool
    norms_after_pool: bool

    def weights(self, number: int, norm: int) -> "dict[str, Tensor]":
        import torch

        names = {"weight": self.norm.weight, "bias": self.norm.bias, "running_mean": self.norm.mean}
        # torch adds its own epsilon again.
        variance = self.norm.variance.double() + (self.norm.epsilon - _EPSILON)
        return {
            f"layers.{number}.weight": self.convolution.weight,
            **{f"layers.{norm}.{name}": tensor for name, tensor in names.items()},
            f"layers.{norm}.running_var": variance.float(),
            f"layers.{norm}.num_batches_tracked": torch.tensor(0),
        }


def _stages(layers: list[Layer]) -> list[_Stage]:
    groups, stages = [list(group) for _, group in groupby(layers, lambda layer: isinstance(layer, Convolution))], []
    if not groups or not isinstance(groups[0][0], Convolution) or len(groups) % 2:
        raise UnknownLayersError(tr_noop("convolutions without ReLU"))
    for (convolution, *others), rest in zip(groups[::2], groups[1::2], strict=True):
        names = [layer.name if isinstance(layer, Function) else "norm" for layer in rest]
        norms = [layer for layer in rest if isinstance(layer, Norm)]
        is_known = len(names) == len(set(names)) and "relu" in names and set(names) <= {"relu", "pool", "norm"}
        # ReLU and pooling may change places, and neither may change places with a batch norm.
        if others or not isinstance(convolution, Convolution) or not is_known or names.index("relu") < _at(names):
            raise UnknownLayersError(
                tr_noop("other layers between convolutions than batch norm, ReLU and 2x2 max pooling")
            )
        norm = _shifted(norms[0] if norms else None, convolution)
        after_pool = "norm" in names and "pool" in names and names.index("pool") < names.index("norm")
        stages.append(_Stage(convolution, norm, "pool" in names, after_pool))
    return stages


def _at(names: list[str]) -> int:
    return names.index("norm") if "norm" in names else -1


def _shifted(norm: Norm | None, convolution: Convolution) -> Norm:
    """Return a batch norm that adds the bias of the convolution before it, too."""
    import torch

    count, bias = len(convolution.weight), convolution.bias
    if norm is None:
        ones, zeros = torch.ones(count), torch.zeros(count)
        return Norm(ones, zeros if bias is None else bias, zeros, ones, epsilon=0.0)
    if bias is None:
        return norm
    return Norm(norm.weight, norm.bias, norm.mean - bias, norm.variance, norm.epsilon)


def _check_shapes(spec: CNNSpec, stages: list[_Stage]) -> None:
    """Check what the shapes of the weights do not show: strides, paddings, poolings, and the places of batch norms."""
    is_pair = spec.convolutions == "pairs"
    for position, stage in enumerate(stages):
        is_first = not is_pair and position == 0
        side, stride, padding = (5, 2, 2) if is_first else (3, 1, 1)
        convolution = stage.convolution
        has_pool = position % 2 == 1 if is_pair else position > 0
        has_norm_before_pool = stage.has_pool and not stage.norms_after_pool
        if (
            (convolution.weight.shape[-1], convolution.stride, convolution.padding) != (side, stride, padding)
            or stage.has_pool != has_pool
            or (is_pair and stage.norms_after_pool)
            or (not is_pair and has_norm_before_pool and bool((stage.norm.weight < 0).any()))
        ):
            raise UnknownLayersError(tr_noop("convolutions with other sizes, strides or poolings"))

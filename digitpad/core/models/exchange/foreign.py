"""Models of other programs, as models of digitpad: weights alone, nothing in the files is executed."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from digitpad.core.errors import DigitpadError
from digitpad.core.images.built_in_digits import built_in_digits, original_digits
from digitpad.core.images.digits import to_floats
from digitpad.core.models.exchange.layer_chain import (
    Chain,
    Convolution,
    Function,
    Layer,
    Linear,
    Norm,
    UnknownLayersError,
    spec_of,
)
from digitpad.core.models.exchange.onnx_graph import ENDING as ONNX
from digitpad.core.models.exchange.onnx_graph import read_onnx
from digitpad.core.models.exchange.state_dicts import read_state_dict
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.networks import model_of
from digitpad.core.models.specs import MLPSpec, ModelSpec, Normalisation, Spec, inputs_of, outputs_of_model
from digitpad.core.translation import tr, tr_noop

if TYPE_CHECKING:
    from torch import Tensor

_SPEC: TypeAdapter[Spec] = TypeAdapter(ModelSpec)
_NORM_PARTS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
# What a state dict does not say; the usual ones first. Raw pixels are 0-255, or 0-16 for scikit-learn's digits.
_ACTIVATIONS = (Function("relu"), Function("sigmoid"), Function("tanh"))
_NORMALISATIONS = (Normalisation(), Normalisation(mean=0.1307, std=0.3081), Normalisation(mean=0.5, std=0.5))
_TRIED = 300  # digits
_CLEARLY_BETTER = 0.02  # accuracy


@dataclass(frozen=True, slots=True, eq=False)
class ForeignModel:
    """The spec and weights of a model, as `networks.model_of` takes them, and a sentence on what was assumed."""

    spec: Spec
    weights: "dict[str, Tensor]"
    note: str = ""


def read_foreign(path: Path) -> ForeignModel:
    """Read an ONNX model or a state dict.

    Raise DigitpadError if the file is missing or damaged, or its layers are none that digitpad has.
    """
    try:
        if path.suffix.lower() == ONNX:
            return ForeignModel(*spec_of(read_onnx(path)))
        tensors, told = read_state_dict(path)
        return _with_spec(tensors, told) or _guessed(path, tensors)
    except UnknownLayersError as error:
        raise DigitpadError(
            "{path} has {what}: digitpad opens models of linear layers with ReLU, sigmoid or tanh between them, from "
            "28x28 or 8x8 pixels to ten outputs, the tutorials' models of XOR, and its own CNNs",
            path=path,
            what=error,
        ) from error


def _with_spec(tensors: "dict[str, Tensor]", told: dict[str, Any] | None) -> ForeignModel | None:
    """Return the model that digitpad itself wrote; None if the weights do not fit that spec, or there is none."""
    import torch

    from digitpad.core.models.networks import build

    if told is None:
        return None
    try:
        spec = _SPEC.validate_python(told)
    except ValidationError:
        return None
    with torch.device("meta"):
        expected = build(spec).state_dict()
    weights = {f"layers.{name}": tensor for name, tensor in tensors.items()}
    shapes = {name: (tensor.shape, tensor.dtype) for name, tensor in weights.items()}
    if shapes != {name: (tensor.shape, tensor.dtype) for name, tensor in expected.items()}:
        return None
    return ForeignModel(spec, {name: tensor.contiguous() for name, tensor in weights.items()})


def _guessed(path: Path, tensors: "dict[str, Tensor]") -> ForeignModel:
    """Return the model of a plain state dict; what it does not say is tried on scikit-learn's digits."""
    layers = _layers(tensors)
    if any(isinstance(layer, Convolution) for layer in layers):
        return ForeignModel(*spec_of(Chain(_with_functions(layers))))
    if outputs_of_model((found := spec_of(_chain(layers, _ACTIVATIONS[0])))[0]) == 1:
        # The tutorials' models of XOR.
        return _described(path, *spec_of(_chain(layers, _ACTIVATIONS[1])))
    spec, weights = found
    if inputs_of(spec) not in ((8, 8), (28, 28)):
        return _described(path, spec, weights)
    best, best_accuracy = spec, -math.inf
    for candidate in _candidates(spec):
        accuracy = _accuracy(candidate, weights)
        if accuracy > best_accuracy + (_CLEARLY_BETTER if best_accuracy >= 0 else 0):
            best, best_accuracy = candidate, accuracy
    return _described(path, best, weights)


def _candidates(spec: Spec) -> Iterator[Spec]:
    raw = Normalisation(std=1 / 16 if inputs_of(spec) == (8, 8) else 1 / 255)
    activations = [function.name for function in _ACTIVATIONS] if isinstance(spec, MLPSpec) and spec.hidden else [""]
    for normalisation in (*_NORMALISATIONS, raw):
        for activation in activations:
            changes = {"activation": activation} if activation else {}
            yield replace(spec, normalisation=normalisation, **changes)


def _described(path: Path, spec: Spec, weights: "dict[str, Tensor]") -> ForeignModel:
    mean, std = spec.normalisation.mean, spec.normalisation.std
    pixels = f"({tr('pixels')} - {mean:g}) / {std:g}" if mean or std > 1 else f"0-{1 / std:g}"
    if isinstance(spec, MLPSpec) and spec.hidden:
        text = tr("{name} does not say its activation and its pixels: digitpad took {activation} and pixels {pixels}")
        return ForeignModel(
            spec, weights, text.format(name=path.name, activation=_NAMES[spec.activation], pixels=pixels)
        )
    text = tr("{name} does not say its pixels: digitpad took pixels {pixels}")
    return ForeignModel(spec, weights, text.format(name=path.name, pixels=pixels))


_NAMES = {"relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh"}


def _layers(tensors: "dict[str, Tensor]") -> list[Layer]:
    """Return the layers with weights, in the order of the state dict."""
    groups: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        prefix, _, part = re.sub(r"^(module|_orig_mod)\.", "", name).rpartition(".")
        groups.setdefault(prefix, {})[part] = tensor
    return [_layer(prefix, parts) for prefix, parts in groups.items()]


def _layer(name: str, parts: "dict[str, Tensor]") -> Layer:
    floats = {part: tensor.float().contiguous() for part, tensor in parts.items()}
    weight, bias = floats.get("weight"), floats.get("bias")
    is_known = weight is not None and weight.nelement() and (bias is None or bias.shape == weight.shape[:1])
    if is_known and weight is not None:
        if weight.dim() == 1 and bias is not None and {*parts, "num_batches_tracked"} == set(_NORM_PARTS):
            mean, variance = floats["running_mean"], floats["running_var"]
            if mean.shape == variance.shape == weight.shape:
                return Norm(weight, bias, mean, variance)
        if weight.dim() == 2 and set(parts) <= {"weight", "bias"}:
            return Linear(weight, bias)
        if weight.dim() == 4 and set(parts) <= {"weight", "bias"} and weight.shape[2] == weight.shape[3]:
            side = weight.shape[2]
            return Convolution(weight, bias, 2 if side == 5 else 1, side // 2)
    raise UnknownLayersError(tr_noop("the layer “{name}”"), name=name or "weight")


def _chain(layers: list[Layer], function: Function) -> Chain:
    """Put an activation between linear layers."""
    between = [item for layer in layers for item in (layer, function)][:-1]
    return Chain(between)


def _with_functions(layers: list[Layer]) -> list[Layer]:
    """Put the activations and poolings of `CNNSpec` between the layers of a CNN."""
    count = sum(isinstance(layer, Convolution) for layer in layers)
    first = layers[0]
    if not isinstance(first, Convolution) or len(layers) != 2 * count + 2:
        raise UnknownLayersError(tr_noop("other layers than those of digitpad's CNNs"))
    is_pair, chain = first.weight.shape[-1] == 3, []
    for position in range(count):
        convolution, norm = layers[2 * position : 2 * position + 2]
        if not isinstance(convolution, Convolution) or not isinstance(norm, Norm):
            raise UnknownLayersError(tr_noop("convolutions without batch norms"))
        has_pool = position % 2 == 1 if is_pair else position > 0
        pool = [Function("pool")] if has_pool else []
        chain += (
            [convolution, norm, *pool, Function("relu")] if is_pair else [convolution, *pool, norm, Function("relu")]
        )
    dense, last = layers[-2:]
    return [*chain, dense, Function("relu"), last]


def _accuracy(spec: Spec, weights: "dict[str, Tensor]") -> float:
    images, labels = _digits(inputs_of(spec)[0])
    return float((predict_logits(model_of(spec, weights), images).argmax(axis=1) == labels).mean())


def _digits(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return some of the built-in digits, (n, side, side) float32 in [0, 1], and labels (n,)."""
    images, labels = original_digits() if side == 8 else built_in_digits()
    return to_floats(images[:_TRIED], 16 if side == 8 else 255), labels[:_TRIED]

"""Which field of the form a layer belongs to, and how the fields change with + and −. Without Qt."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec, layer_shapes

# By field: its new text.
Edits = Mapping[str, str]
# From this many units on, a press changes ten, or a hundred.
_STEPS = ((200, 100), (20, 10), (0, 1))
# Units of the first hidden layer: for a gate, and for images.
_GATE_UNITS, _IMAGE_UNITS = 2, 100


def field_of(spec: Spec, number: int) -> str:
    """Return the field of the settings of a layer, counted from 0 for the inputs."""
    match layer_shapes(spec)[number].kind:
        case "inputs":
            return "dataset"
        case "block":
            return "model.channels"
        case "hidden":
            return "model.dense" if isinstance(spec, CNNSpec) else "model.hidden"
        case "outputs":
            return "model.kind" if isinstance(spec, SoftmaxSpec) else "model.output"


def units_step(units: int, way: int) -> int:
    """Return by how many units a press of + (`way` 1) or − (-1) changes a layer."""
    start = units if way > 0 else units - 1
    return next(step for least, step in _STEPS if start >= least)


def with_units(spec: Spec, number: int, way: int) -> Edits | None:
    """Return what changes if a layer gets more units or maps (`way` 1) or fewer (-1); None if it cannot."""
    layer = layer_shapes(spec)[number]
    if layer.kind not in ("block", "hidden") or layer.units + way < 1:
        return None
    units = layer.units + way * units_step(layer.units, way)
    if isinstance(spec, CNNSpec) and layer.kind == "hidden":
        return _checked(spec, "dense", units)
    return _checked(spec, _list_of(spec), tuple(units if at == number else old for at, old in _numbered(spec)))


def with_layers(spec: Spec, way: int) -> Edits | None:
    """Return what changes with one more layer or block at the end (`way` 1), or one fewer (-1); None if it cannot.

    A softmax regression becomes an MLP.
    """
    if isinstance(spec, SoftmaxSpec):
        hidden = {"model.kind": "mlp", "model.hidden": str(_first_units(spec))}
        return hidden if way > 0 else None
    sizes = [size for _, size in _numbered(spec)]
    if way < 0:
        return _checked(spec, _list_of(spec), tuple(sizes[:-1])) if sizes else None
    # The maps are smaller in each block, and usually twice as many.
    added = min(2 * sizes[-1], 512) if isinstance(spec, CNNSpec) else sizes[-1] if sizes else _first_units(spec)
    return _checked(spec, _list_of(spec), (*sizes, added))


def _first_units(spec: SoftmaxSpec | MLPSpec) -> int:
    return _GATE_UNITS if prod(spec.inputs) == 2 else _IMAGE_UNITS


def _list_of(spec: Spec) -> str:
    return "channels" if isinstance(spec, CNNSpec) else "hidden"


def _numbered(spec: Spec) -> list[tuple[int, int]]:
    """Return the sizes of the blocks or hidden layers, with their numbers; the inputs are 0."""
    return list(enumerate(getattr(spec, _list_of(spec), ()), start=1))


def _checked(spec: Spec, name: str, value: int | tuple[int, ...]) -> Edits | None:
    try:
        replace(spec, **{name: value})
    except ValueError:  # too many, too few, too large
        return None
    return {f"model.{name}": ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)}

"""One image layer by layer, as rows to show: each array forwards, and its gradient backwards.

torch is imported inside functions, so that the window can import this module without it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from digitpad.core.evaluation.inspection import check_size
from digitpad.core.evaluation.layer_trace import LayerTrace, LayerValues, trace, trace_numpy
from digitpad.core.evaluation.model_loss import ModelLoss, was_trained_with_numpy
from digitpad.core.images.digits import CLASSES, to_floats
from digitpad.core.models.cache import ModelCache
from digitpad.core.models.specs import CNNSpec, MLPSpec, Spec, inputs_of, output_of
from digitpad.core.training.config import LOSS_TITLES, Loss, Slip
from digitpad.core.translation import tr

if TYPE_CHECKING:
    from digitpad.core.models.model_files import LoadedModel
    from digitpad.core.models.networks import DigitModel

Engine = Literal["torch", "numpy"]
# Of the layers without weights that are not an activation, so that each array has a symbol of its own.
_SYMBOLS = {"BatchNorm2d": "n", "Dropout": "d", "MaxPool2d": "p", "Flatten": "f"}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True, eq=False)
class ValueTable:
    """Numbers to look up and to copy.

    Attributes
    ----------
    title
        What they are, and their shape: "W₁ (100, 784)".
    values
        (rows, columns), integer or float.
    shape
        The dimensions that the rows stand for, the first ones of the array: (32, 28) for feature maps (32, 28, 28).
    headings
        Of the columns; empty if they are numbered.

    """

    title: str
    values: np.ndarray
    shape: tuple[int, ...]
    headings: tuple[str, ...] = ()

    def row_name(self, row: int) -> str:
        """Return the index of a row, from 0: "5", or "3, 12" if the rows have several dimensions."""
        return ", ".join(str(place) for place in np.unravel_index(row, self.shape))

    def as_text(self, rows: slice = slice(None), columns: slice = slice(None)) -> str:
        """Return numbers separated by tabs, as spreadsheets read them."""
        is_integer = self.values.dtype.kind in "iu"
        lines = self.values[rows, columns].tolist()
        return "".join("\t".join(str(v) if is_integer else f"{v:.10g}" for v in line) + "\n" for line in lines)


@dataclass(frozen=True, slots=True, eq=False)
class LayerRow:
    """One array of a layer.

    Attributes
    ----------
    title
        The layer, such as "Linear 784 → 100", or for its parameters "weights" and "biases".
    symbol
        Such as "z₁"; the gradient is that of the loss with respect to it.
    values, gradient
        Of the same shape; the gradient is None where there is none.
    tables
        Their numbers.
    tiles
        (height, width) of the images that the last dimension of `values` holds flat; None if it holds none.
    is_parameter
        Whether it belongs to the layer of the row above.
    note
        A sentence that replaces the picture of the values.
    is_turned
        Whether its numbers are those of the transposed arrays: weights (inputs, units), as programs with NumPy have.

    """

    title: str
    symbol: str
    values: np.ndarray
    gradient: np.ndarray | None = None
    tables: tuple[ValueTable, ...] = ()
    tiles: tuple[int, int] | None = None
    is_parameter: bool = False
    note: str = ""
    is_turned: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the arrays as their numbers are shown."""
        return self.values.shape[::-1] if self.is_turned else self.values.shape


@dataclass(frozen=True, slots=True, eq=False)
class LayerRequest:
    """An image to follow.

    Attributes
    ----------
    pixels
        (height, width) uint8 in 0–`peak`.
    model
        A file, or a model in memory; None follows the image to the input only.
    label
        0–9, or 0 or 1 for a single output. None: with a model, the class that it predicts.
    engine
        None: the one that trained the model. PyTorch if the NumPy engine has not all layers of the model.
    dropout_seed
        Draws the units that dropout drops, as in training; None drops none.
    raw_pixels
        Whether the model gets the pixels as they are, not divided by `peak`.

    """

    pixels: np.ndarray
    peak: int
    model: "Path | LoadedModel | None" = None
    label: int | None = None
    engine: Engine | None = None
    dropout_seed: int | None = None
    raw_pixels: bool = False

    @property
    def inputs(self) -> np.ndarray:
        """The pixels as the model gets them, (height, width) float32."""
        return to_floats(self.pixels, 1 if self.raw_pixels else self.peak)


@dataclass(frozen=True, slots=True, eq=False)
class FollowedImage:
    """The rows of an image.

    Attributes
    ----------
    rows
        From the input to the loss.
    label, predicted
        The class that the loss is for, and the predicted one; None without.
    engine
        The one that computed it.
    numpy_problem
        Why the NumPy engine cannot, as a sentence; "" if it can.
    slips
        The slips of the model's training, which the NumPy engine's gradients have too.
    has_dropout
        Whether the model has any.

    """

    request: LayerRequest
    rows: tuple[LayerRow, ...]
    label: int | None
    predicted: int | None = None
    engine: Engine = "torch"
    numpy_problem: str = ""
    slips: tuple[Slip, ...] = ()
    has_dropout: bool = False


class LayerFollower:
    """Follows images; keeps the models that were loaded. Use it from one thread at a time."""

    def __init__(self) -> None:
        self._models = ModelCache()

    def follow(self, request: LayerRequest) -> FollowedImage:
        """Compute the rows of an image.

        Raise DigitpadError if the model cannot be loaded, or reads images of another size.
        """
        if request.model is None:
            label_rows = () if request.label is None else (_label_row(_target(request)),)
            inputs = LayerValues("Input", request.inputs.ravel(), None)
            return FollowedImage(request, (_input_row(request, inputs), *label_rows), request.label)
        import torch

        from digitpad.core.models.networks import predicted_classes

        torch.set_num_threads(1)  # one image is too little work for several
        loaded = self._models.get(request.model)
        model, spec = loaded.model, loaded.model.spec
        check_size(spec, loaded.card.name, request.pixels.shape)
        pixels = request.inputs
        with torch.inference_mode():
            predicted = int(predicted_classes(model(torch.from_numpy(pixels)[None]), output_of(spec))[0])
        label = predicted if request.label is None else request.label
        record, problem = loaded.card.training, _numpy_problem(spec)
        loss, slips = ModelLoss.of(output_of(spec), record).name, own_slips(record)
        trained: Engine = "numpy" if was_trained_with_numpy(record) else "torch"
        engine = "torch" if problem else request.engine or trained
        seed = request.dropout_seed
        if engine == "numpy":
            traced = trace_numpy(model, pixels, label, loss, slips=slips, dropout_seed=seed)
        else:
            traced = trace(model, pixels, label, loss, dropout_seed=seed)
        rows = tuple(_rows(request, model, traced, loss, is_numpy=engine == "numpy"))
        has_dropout = getattr(spec, "dropout", 0) > 0
        return FollowedImage(request, rows, label, predicted, engine, problem, slips, has_dropout)


def _target(request: LayerRequest) -> np.ndarray:
    """Return the label without a model: one-hot, or for the two inputs of a gate the label itself."""
    return np.array([request.label], np.float64) if request.pixels.size == 2 else np.eye(CLASSES)[request.label]


def own_slips(training: Mapping[str, object]) -> tuple[Slip, ...]:
    """Return the slips of a model's training, from its card."""
    named = training.get("slips")
    return tuple(slip for slip in get_args(Slip) if isinstance(named, list | tuple) and slip in named)


def _numpy_problem(spec: Spec) -> str:
    if isinstance(spec, CNNSpec):
        return tr("The NumPy engine has no convolutions.")
    is_tanh = isinstance(spec, MLPSpec) and spec.hidden and spec.activation == "tanh"
    return tr("The NumPy engine has no tanh.") if is_tanh else ""


def _rows(
    request: LayerRequest, model: "DigitModel", traced: LayerTrace, loss: Loss, *, is_numpy: bool
) -> Iterator[LayerRow]:
    # The pictures of the weights are of units for both engines.
    inputs, *layers = traced.layers
    size = inputs_of(model.spec)
    yield _input_row(request, inputs, size)
    number, symbol = 0, "x"
    for layer in layers:
        is_last = layer is layers[-1]
        has_weights = layer.name in ("Linear", "Conv2d")
        number += has_weights
        sub = str(number).translate(_SUBSCRIPTS)
        symbol = f"z{sub}" if has_weights else f"{_SYMBOLS.get(layer.name, 'a')}{sub}"
        if is_last:
            symbol = f"{symbol} = y" if has_weights else "y"
        if layer.mask is not None:
            yield _row(tr("Dropout mask"), f"m{sub}", layer.mask)
        yield _row(_title(layer), symbol, layer.output, layer.gradient)
        is_norm = layer.name == "BatchNorm2d"
        names = (f"γ{sub}", f"β{sub}") if is_norm else (f"W{sub}", f"b{sub}")
        titles = (tr("scale"), tr("shift")) if is_norm else (tr("weights"), tr("biases"))
        for key, name, title in zip(("weight", "bias"), names, titles, strict=True):
            if key in layer.parameters:
                values, gradient = layer.parameters[key], layer.gradients.get(key)
                is_first = key == "weight" and layer.name == "Linear" and number == 1
                tiles = size if is_first and min(size) > 1 else None  # the inputs of a gate are no image
                yield _row(
                    title,
                    name,
                    values,
                    gradient,
                    tiles=tiles,
                    is_parameter=True,
                    is_turned=is_numpy and values.ndim == 2,
                )
    yield _label_row(traced.target)
    yield _loss_row(traced, loss)


def _title(layer: LayerValues) -> str:
    weight = layer.parameters.get("weight")
    if weight is None or weight.ndim < 2:
        return layer.name
    units, inputs, *sides = weight.shape
    return f"{layer.name} {inputs} → {units}" + (f", {'x'.join(map(str, sides))}" if sides else "")


def _row(
    title: str,
    symbol: str,
    values: np.ndarray,
    gradient: np.ndarray | None = None,
    *,
    tiles: tuple[int, int] | None = None,
    is_parameter: bool = False,
    is_turned: bool = False,
) -> LayerRow:
    plain = symbol.partition(" ")[0]
    if values.ndim == 1:
        columns = {symbol: values} if gradient is None else {symbol: values, f"∂L/∂{plain}": gradient}
        tables = (_columns(columns),)
    else:
        arrays = {symbol: values} if gradient is None else {symbol: values, f"∂L/∂{plain}": gradient}
        if is_turned:
            arrays = {name: array.T for name, array in arrays.items()}
        tables = tuple(
            ValueTable(f"{name} {array.shape}", array.reshape(-1, array.shape[-1]), array.shape[:-1])
            for name, array in arrays.items()
        )
    return LayerRow(title, symbol, values, gradient, tables, tiles, is_parameter, is_turned=is_turned)


def _columns(arrays: Mapping[str, np.ndarray], title: str = "") -> ValueTable:
    """Return vectors of the same length as the columns of a table."""
    shape = next(iter(arrays.values())).shape
    return ValueTable(
        f"{title or ', '.join(arrays)} {shape}", np.column_stack([*arrays.values()]), shape, tuple(arrays)
    )


def _input_row(request: LayerRequest, inputs: LayerValues, size: tuple[int, int] | None = None) -> LayerRow:
    pixels, peak = request.pixels, request.peak
    row = _row(tr("Input"), "x", inputs.output, inputs.gradient, tiles=size or (pixels.shape[0], pixels.shape[1]))
    shares = to_floats(pixels, peak)
    names = tr("pixels, 0 to {}").format(peak), tr("pixels ÷ {}").format(peak)
    matrices = [
        ValueTable(f"{name} {pixels.shape}", array, pixels.shape[:1])
        for name, array in zip(names, (pixels, shares), strict=True)
    ]
    flat = tr("flat: {}")
    vectors = [
        _columns({name: array.ravel()}, flat.format(name)) for name, array in zip(names, (pixels, shares), strict=True)
    ]
    return LayerRow(row.title, row.symbol, row.values, row.gradient, (*matrices, *vectors, *row.tables), row.tiles)


def _label_row(target: np.ndarray) -> LayerRow:
    return _row(tr("Label, one-hot") if len(target) > 1 else tr("Label"), "t", target)


def _loss_row(traced: LayerTrace, loss: Loss) -> LayerRow:
    from digitpad.core.training.losses import loss_scale

    value = traced.objective * loss_scale(loss, len(traced.target))
    texts = {
        "mse": tr("{title}: {value}. The gradients are those of the sum over the outputs, {objective}"),
        "sse": tr("{title}: {value}. The gradients are those of half of it, {objective}"),
    }
    text = texts.get(loss, tr("{title}: {value} nats"))
    note = text.format(title=tr(LOSS_TITLES[loss]), value=f"{value:.6g}", objective=f"{traced.objective:.6g}")
    return LayerRow(tr("Loss"), "L", np.array([value]), None, (_columns({"L": np.array([value])}),), note=note)

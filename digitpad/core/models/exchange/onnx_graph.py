"""ONNX models as chains of layers, read by the onnx package's protobuf alone: nothing in the file is executed."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from pydantic import ValidationError

from digitpad.core.errors import DigitpadError, read_error
from digitpad.core.files.size_check import regular_file_size
from digitpad.core.models.exchange.layer_chain import (
    Chain,
    Convolution,
    Function,
    Layer,
    Linear,
    Norm,
    UnknownLayersError,
)
from digitpad.core.models.exchange.onnx_export import OUTPUT_KEY
from digitpad.core.models.specs import Normalisation, Output, Size
from digitpad.core.runtime.memory import check_memory
from digitpad.core.translation import tr, tr_noop

if TYPE_CHECKING:
    import onnx
    from torch import Tensor

ENDING = ".onnx"
MAX_FILE_SIZE = 2 << 30
_MAX_NODES, _MAX_CONSTANTS = 300, 1000
_KINDS = "fiu"  # of numpy's types: floats and integers
_SKIPPED = ("Identity", "Dropout", "Cast", "Unsqueeze", "Squeeze")
_FUNCTIONS: dict[str, Function] = {
    "Relu": Function("relu"),
    "Sigmoid": Function("sigmoid"),
    "Tanh": Function("tanh"),
    "Softmax": Function("softmax"),
    "LogSoftmax": Function("softmax"),  # the same probabilities
}
_SHAPES = ("Shape", "Gather", "Concat", "Unsqueeze", "Slice", "Cast")  # older exporters compute the shape of a view


def read_onnx(path: Path) -> Chain:
    """Return the layers of an ONNX model with one input and one output.

    Raise DigitpadError if the file is missing or damaged, UnknownLayersError if a layer is not known.
    """
    import onnx

    try:
        check_memory(4 * regular_file_size(path), tr("close other programs, or choose a smaller model"))
        content = path.read_bytes() if regular_file_size(path) <= MAX_FILE_SIZE else b""
    except OSError as error:
        raise read_error(path, error) from error
    try:
        model = onnx.ModelProto.FromString(content)
    except Exception as error:  # protobuf's errors have no common class
        raise _damaged(path) from error
    if not model.graph.node or len(model.graph.node) > _MAX_NODES or len(model.graph.initializer) > _MAX_CONSTANTS:
        raise _damaged(path)
    try:
        return _Walk(model, path.parent).chain()
    except (TypeError, ValueError, IndexError) as error:  # an attribute, or a shape, of another type than ONNX says
        raise UnknownLayersError(tr_noop("attributes of other types")) from error


def _damaged(path: Path) -> DigitpadError:
    return DigitpadError("{path} is not an ONNX model, or it is damaged: export it again", path=path)


class _Walk:
    """Follows the values from the input to the output of a graph."""

    def __init__(self, model: "onnx.ModelProto", folder: Path) -> None:
        self._graph, self._metadata = model.graph, {entry.key: entry.value for entry in model.metadata_props}
        self._folder = folder
        self._constants = {tensor.name: _array(tensor, folder) for tensor in self._graph.initializer}
        self._layers: list[Layer] = []
        self._scale, self._shift = 1.0, 0.0  # of the pixels

    def chain(self) -> Chain:
        inputs = [value for value in self._graph.input if value.name not in self._constants]
        if len(inputs) != 1 or len(self._graph.output) != 1:
            raise UnknownLayersError(tr_noop("several inputs or outputs"))
        self._fold_constants()
        current, end = inputs[0].name, self._graph.output[0].name
        for _ in range(_MAX_NODES):
            if current == end:
                break
            current = self._follow(self._next(current), current)
        else:
            raise UnknownLayersError(tr_noop("a circle"))
        try:
            normalisation = Normalisation(mean=-self._shift / self._scale, std=1 / self._scale)
        except (ValidationError, ZeroDivisionError, OverflowError) as error:
            raise UnknownLayersError(tr_noop("a normalisation out of range")) from error
        told = self._metadata.get(OUTPUT_KEY)
        output: Output | None = next((name for name in get_args(Output) if name == told), None)
        return Chain(self._layers, _image_size(inputs[0]), normalisation, output)

    def _fold_constants(self) -> None:
        """Compute the constants that depend on others: transposed weights."""
        for node in self._graph.node:
            if node.op_type == "Constant" and node.attribute and node.attribute[0].HasField("t"):
                self._constants[node.output[0]] = _array(node.attribute[0].t, self._folder)
            elif node.op_type in ("Transpose", "Identity") and all(name in self._constants for name in node.input):
                array = self._constants[node.input[0]]
                axes = _attributes(node).get("perm")
                if node.op_type == "Transpose":
                    if axes is not None and sorted(axes) != list(range(array.ndim)):
                        raise UnknownLayersError("Transpose")
                    array = array.transpose(axes)
                self._constants[node.output[0]] = array

    def _next(self, current: str) -> "onnx.NodeProto":
        users = [node for node in self._graph.node if current in node.input]
        if len(users) > 1:  # a view computes its shape from the images
            users = [node for node in users if node.op_type not in _SHAPES]
        if len(users) != 1 or not users[0].output:
            raise UnknownLayersError(tr_noop("branches"))
        return users[0]

    def _follow(self, node: "onnx.NodeProto", current: str) -> str:
        """Add what a node computes to the layers, and return the name of its result."""
        kind = node.op_type
        if node.domain not in ("", "ai.onnx"):
            raise UnknownLayersError(kind)
        handlers: dict[str, Callable[[onnx.NodeProto, str], None]] = {
            "Gemm": self._gemm,
            "MatMul": self._matmul,
            "Conv": self._convolution,
            "BatchNormalization": self._norm,
            "MaxPool": self._pool,
            "Reshape": self._reshape,
            "Flatten": self._flatten,
        }
        if kind in ("Add", "Sub", "Mul", "Div"):
            self._arithmetic(node, current)
        elif kind in handlers:
            if node.input[0] != current:
                raise UnknownLayersError(kind)
            handlers[kind](node, current)
        elif kind in _FUNCTIONS:
            self._layers.append(_FUNCTIONS[kind])
        elif kind not in _SKIPPED or node.input[0] != current:
            raise UnknownLayersError(kind)
        return node.output[0]

    def _constant(self, node: "onnx.NodeProto", place: int) -> np.ndarray | None:
        """Return an input of a node, None if it has none there; raise if it is not a constant."""
        if place >= len(node.input) or not node.input[place]:
            return None
        if node.input[place] not in self._constants:
            raise UnknownLayersError(node.op_type)
        return self._constants[node.input[place]]

    def _needed(self, node: "onnx.NodeProto", place: int, dimensions: int) -> np.ndarray:
        array = self._constant(node, place)
        if array is None or array.ndim != dimensions or not array.size:
            raise UnknownLayersError(node.op_type)
        return array

    def _gemm(self, node: "onnx.NodeProto", _: str) -> None:
        told = _attributes(node)
        if told.get("alpha", 1.0) != 1 or told.get("beta", 1.0) != 1 or told.get("transA", 0):
            raise UnknownLayersError("Gemm")
        weight = self._needed(node, 1, 2)
        weight, bias = weight if told.get("transB", 0) else weight.T, self._constant(node, 2)
        if bias is not None and bias.size != len(weight):
            raise UnknownLayersError("Gemm")
        self._layers.append(Linear(_tensor(weight), None if bias is None else _tensor(bias.reshape(-1))))

    def _matmul(self, node: "onnx.NodeProto", _: str) -> None:
        self._layers.append(Linear(_tensor(self._needed(node, 1, 2).T)))

    def _convolution(self, node: "onnx.NodeProto", _: str) -> None:
        told, weight, bias = _attributes(node), self._needed(node, 1, 4), self._constant(node, 2)
        stride, padding = set(told.get("strides", [1, 1])), set(told.get("pads", [0, 0, 0, 0]))
        is_plain = (
            told.get("group", 1) == 1
            and set(told.get("dilations", [1])) == {1}
            and told.get("auto_pad", b"NOTSET") in (b"NOTSET", b"")
            and len(stride) == len(padding) == 1
            and weight.shape[2] == weight.shape[3]
            and (bias is None or bias.shape == (len(weight),))
        )
        if not is_plain:
            raise UnknownLayersError("Conv")
        tensors = _tensor(weight), None if bias is None else _tensor(bias)
        self._layers.append(Convolution(*tensors, stride.pop(), padding.pop()))

    def _norm(self, node: "onnx.NodeProto", _: str) -> None:
        told = _attributes(node)
        if told.get("training_mode", 0):
            raise UnknownLayersError("BatchNormalization")
        weight, bias, mean, variance = (_tensor(self._needed(node, place, 1)) for place in range(1, 5))
        if len({len(tensor) for tensor in (weight, bias, mean, variance)}) != 1:
            raise UnknownLayersError("BatchNormalization")
        self._layers.append(Norm(weight, bias, mean, variance, float(told.get("epsilon", 1e-5))))

    def _pool(self, node: "onnx.NodeProto", _: str) -> None:
        told = _attributes(node)
        is_plain = told.get("kernel_shape") == [2, 2] == told.get("strides") and not any(told.get("pads", [0]))
        if not is_plain or told.get("ceil_mode", 0) or set(told.get("dilations", [1])) != {1}:
            raise UnknownLayersError("MaxPool")
        self._layers.append(Function("pool"))

    def _reshape(self, node: "onnx.NodeProto", _: str) -> None:
        """Accept flattening, and before the first layer any new shape of the images."""
        shape = self._constants.get(node.input[1]) if len(node.input) > 1 else None
        if shape is not None and shape.size != 2 and self._layers:
            raise UnknownLayersError("Reshape")

    def _flatten(self, node: "onnx.NodeProto", _: str) -> None:
        if _attributes(node).get("axis", 1) != 1:
            raise UnknownLayersError("Flatten")

    def _arithmetic(self, node: "onnx.NodeProto", current: str) -> None:
        """Add a bias to the last layer, or before the first layer change the pixels by a number."""
        kind, place = node.op_type, 1 if node.input[0] == current else 0
        value = self._constant(node, place)
        if value is None or (place == 0 and kind in ("Sub", "Div")):
            raise UnknownLayersError(kind)
        last = self._layers[-1] if self._layers else None
        if last is None and value.size == 1:
            number = float(value.reshape(-1)[0])
            if kind in ("Mul", "Div"):
                factor = number if kind == "Mul" else 1 / number if number else float("nan")
                self._scale, self._shift = self._scale * factor, self._shift * factor
            else:
                self._shift += number if kind == "Add" else -number
        elif kind == "Add" and isinstance(last, Linear) and last.bias is None and value.size == len(last.weight):
            self._layers[-1] = Linear(last.weight, _tensor(value.reshape(-1)))
        else:
            raise UnknownLayersError(kind)


def _attributes(node: "onnx.NodeProto") -> dict[str, Any]:
    import onnx

    kinds = onnx.AttributeProto
    found: dict[str, Any] = {}
    for attribute in node.attribute:
        match attribute.type:
            case kinds.INT:
                found[attribute.name] = attribute.i
            case kinds.FLOAT:
                found[attribute.name] = attribute.f
            case kinds.INTS:
                found[attribute.name] = list(attribute.ints)
            case kinds.STRING:
                found[attribute.name] = attribute.s
    return found


def _array(tensor: "onnx.TensorProto", folder: Path) -> np.ndarray:
    """Return a constant as an array; one that has no numbers is empty."""
    import onnx

    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        tensor = _with_own_data(tensor, folder)
    if tensor.data_type == onnx.TensorProto.STRING:
        return np.empty(0)
    try:
        array = onnx.numpy_helper.to_array(tensor)
    except Exception as error:  # shapes and types that do not fit the bytes raise many kinds
        raise UnknownLayersError(tr_noop("damaged weights")) from error
    return array if array.dtype.kind in _KINDS else np.empty(0)


def _with_own_data(tensor: "onnx.TensorProto", folder: Path) -> "onnx.TensorProto":
    """Read the numbers of a constant from the file beside the model, where torch's exporter puts them."""
    import onnx

    told = {entry.key: entry.value for entry in tensor.external_data}
    name = told.get("location", "")
    path = folder / name
    try:
        start, length = int(told.get("offset", "0")), int(told.get("length", "-1"))
        is_beside = Path(name).name == name and name not in ("", "..") and not path.is_symlink()
        if not is_beside or start < 0 or length < 0 or start + length > regular_file_size(path):
            raise UnknownLayersError(tr_noop("weights in another file, “{name}”, which is not whole"), name=name)
        with path.open("rb") as file:
            file.seek(start)
            content = file.read(length)
    except (OSError, ValueError, DigitpadError) as error:
        raise UnknownLayersError(
            tr_noop("weights in another file, “{name}”, which cannot be read"), name=name
        ) from error
    return onnx.TensorProto(dims=tensor.dims, data_type=tensor.data_type, raw_data=content)


def _tensor(array: np.ndarray) -> "Tensor":
    import torch

    return torch.from_numpy(np.array(array, np.float32, order="C"))


def _image_size(value: "onnx.ValueInfoProto") -> Size | None:
    sides = [dimension.dim_value for dimension in value.type.tensor_type.shape.dim][1:]
    return (sides[-2], sides[-1]) if len(sides) >= 2 and min(sides[-2:]) > 0 else None

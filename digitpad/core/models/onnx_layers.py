"""A model's layers as an ONNX graph, from the normalisation to the logits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import helper, numpy_helper
from torch import Tensor, nn

from digitpad.core.errors import DigitpadError
from digitpad.core.models.specs import CNNSpec, inputs_of, outputs_of_model

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

OPSET = 18
IMAGES, LOGITS = "images", "logits"  # the names of the input and of the output
_IR_VERSION = 8  # of the file format: the one that came with this opset
_LARGEST = 2**31 - 1  # bytes: of a protobuf message
_LEAST_EXTERNAL = 1024  # bytes; smaller arrays are always in the ONNX itself
_FUNCTIONS: dict[type[nn.Module], str] = {nn.ReLU: "Relu", nn.Sigmoid: "Sigmoid", nn.Tanh: "Tanh"}


def onnx_model(
    model: "DigitModel", *, has_stages: bool = False, external: dict[str, np.ndarray] | None = None
) -> onnx.ModelProto:
    """Return a model as ONNX.

    Parameters
    ----------
    model
        In evaluation mode, on the CPU; also a `networks.quick_copy`. Its input becomes ``images``, (n, height, width)
        float32 in [0, 1], its output ``logits``, (n, outputs); n is any number.
    has_stages
        Whether the values of each stage, see `activations.Stage`, are outputs too, in their order before the logits.
    external
        If given, the weights are added here by their names, and the ONNX only says that they are elsewhere.

    Raises
    ------
    DigitpadError
        If the weights need more than 2 GB, the most that the format holds.

    """
    if 4 * sum(tensor.numel() for tensor in model.state_dict().values()) > _LARGEST:
        raise DigitpadError("the model needs more than 2 GB, the most that ONNX holds: choose smaller layers")
    graph = _Graph(external)
    graph.add_normalisation(model)
    for name, layer in model.layers.named_children():
        graph.add_layer(f"layers.{name}", layer)
    return helper.make_model(
        graph.finished(model, has_stages=has_stages),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
    )


class _Graph:
    """Nodes in a chain."""

    def __init__(self, external: dict[str, np.ndarray] | None) -> None:
        self._external = external
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._stages: list[str] = []  # the results of the layers before those with weights

    def add_normalisation(self, model: "DigitModel") -> None:
        normalisation = model.spec.normalisation
        if normalisation.mean:
            self._add("Sub", "normalisation", {"mean": np.array(normalisation.mean, np.float32)})
        if normalisation.std != 1:
            self._add("Div", "normalisation", {"std": np.array(normalisation.std, np.float32)})
        if isinstance(model.spec, CNNSpec):
            self._add("Unsqueeze", "channel", {"axes": np.array([1])})

    def add_layer(self, name: str, layer: nn.Module) -> None:
        match layer:
            case nn.Conv2d():
                self._begin_stage()
                places = {"strides": [*layer.stride], "pads": [int(padding) for padding in layer.padding] * 2}
                self._add("Conv", name, _arrays(weight=layer.weight, bias=layer.bias), places)
            case nn.Linear():
                self._begin_stage()
                self._add("Gemm", name, _arrays(weight=layer.weight, bias=layer.bias), {"transB": 1})
            case nn.BatchNorm2d():
                moments = {"mean": layer.running_mean, "variance": layer.running_var}
                arrays = _arrays(weight=layer.weight, bias=layer.bias, **moments)
                self._add("BatchNormalization", name, arrays, {"epsilon": layer.eps})
            case nn.MaxPool2d():
                self._add("MaxPool", name, {}, {"kernel_shape": [2, 2], "strides": [2, 2]})
            case nn.Flatten():
                self._add("Flatten", name)
            case nn.Dropout():
                pass  # does nothing in evaluation mode
            case _:
                self._add(_FUNCTIONS[type(layer)], name)

    def finished(self, model: "DigitModel", *, has_stages: bool) -> onnx.GraphProto:
        self._nodes[-1].output[0] = LOGITS
        inputs = _value_info(IMAGES, ["n", *inputs_of(model.spec)])
        outputs = [_value_info(LOGITS, ["n", outputs_of_model(model.spec)])]
        if has_stages:
            outputs = [*(_value_info(name, None) for name in self._stages[1:]), *outputs]
        return helper.make_graph(self._nodes, "digitpad", [inputs], outputs, self._constants)

    @property
    def _last(self) -> str:
        """The result of the newest node."""
        return self._nodes[-1].output[0] if self._nodes else IMAGES

    def _begin_stage(self) -> None:
        nodes = [node for node in self._nodes if node.op_type != "Flatten"]
        self._stages.append(nodes[-1].output[0] if nodes else IMAGES)

    def _add(
        self,
        kind: str,
        name: str,
        constants: Mapping[str, np.ndarray] | None = None,
        attributes: Mapping[str, int | float | list[int]] | None = None,
    ) -> None:
        named = {f"{name}.{of}": array for of, array in (constants or {}).items()}
        self._constants += [self._constant(key, array) for key, array in named.items()]
        node = helper.make_node(kind, [self._last, *named], [f"{name}.{kind}"])
        node.attribute.extend(helper.make_attribute(key, value) for key, value in (attributes or {}).items())
        self._nodes.append(node)

    def _constant(self, name: str, array: np.ndarray) -> onnx.TensorProto:
        if self._external is None or array.nbytes < _LEAST_EXTERNAL:
            return numpy_helper.from_array(array, name)
        self._external[name] = array
        tensor = onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=array.shape)
        tensor.data_location = onnx.TensorProto.EXTERNAL
        place = {"location": "memory", "offset": "0", "length": str(array.nbytes)}
        tensor.external_data.extend(onnx.StringStringEntryProto(key=key, value=value) for key, value in place.items())
        return tensor


def _value_info(name: str, shape: list[str | int] | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


def _arrays(**tensors: Tensor | None) -> dict[str, np.ndarray]:
    return {name: tensor.detach().contiguous().numpy() for name, tensor in tensors.items() if tensor is not None}

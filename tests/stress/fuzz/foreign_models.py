"""Broken state dicts and ONNX models, for stored_files.py."""

import io
import pickle
import tempfile
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.errors import DigitpadError
from tests.stress.fuzz.model_files import Evil
from tests.stress.fuzz.mutation import JSON, mutated, nasty_text
from tests.stress.fuzz.sandbox import Target

if TYPE_CHECKING:
    import onnx

_NUMBERS = (0, 1, -1, 2, 28, 784, 1 << 31, -(1 << 40), 1 << 62)
_OPERATORS = ("Gemm", "MatMul", "Add", "Conv", "Relu", "MaxPool", "Reshape", "Loop", "If", "Constant", "", "\ud7ff")


def _use(path: Path) -> None:
    from digitpad.core.models.inference import predict_logits
    from digitpad.core.models.model_files import load_model, read_card
    from digitpad.core.models.specs import inputs_of, parameter_count, summary

    read_card(path)
    loaded = load_model(path, of_digits=False)
    spec = loaded.model.spec
    _ = summary(spec), parameter_count(spec)
    images = np.random.default_rng(7).random((1, *inputs_of(spec)), np.float32)
    predict_logits(loaded.model, images)


@lru_cache
def _state_dicts() -> tuple[bytes, ...]:
    import torch
    from torch import nn

    from digitpad.core.models.exchange.state_dicts import write_state_dict
    from digitpad.core.models.networks import build
    from digitpad.core.models.specs import CNNSpec, MLPSpec

    plain, found = io.BytesIO(), []
    torch.save(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 10)).state_dict(), plain)
    with tempfile.TemporaryDirectory() as place:
        for spec in (MLPSpec(inputs=(2, 2), hidden=(3,)), CNNSpec(channels=(1,), dense=1)):
            write_state_dict(Path(place) / "a.pt", build(spec))
            found.append((Path(place) / "a.pt").read_bytes())
    return plain.getvalue(), *found


@lru_cache
def _graphs() -> tuple[bytes, ...]:
    """Return small ONNX models, as torch's exporters write them but without running these, which takes seconds."""
    from onnx import TensorProto, helper, numpy_helper

    draw = np.random.default_rng(1)

    def numbers(name: str, *shape: int) -> TensorProto:
        return numpy_helper.from_array(draw.random(shape, np.float32), name)

    def graph(nodes: list, constants: list, shape: list) -> bytes:
        inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", *shape])]
        outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 10])]
        made = helper.make_graph(nodes, "a", inputs, outputs, constants)
        return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)]).SerializeToString()

    linear = [
        helper.make_node("Sub", ["images", "mean"], ["s"]),
        helper.make_node("Flatten", ["s"], ["f"]),
        helper.make_node("MatMul", ["f", "w"], ["m"]),
        helper.make_node("Add", ["m", "b"], ["a"]),
        helper.make_node("Relu", ["a"], ["r"]),
        helper.make_node("Gemm", ["r", "v", "c"], ["logits"], transB=1),
    ]
    convolution = [
        helper.make_node("Conv", ["images", "w"], ["x"], kernel_shape=[5, 5], strides=[2, 2], pads=[2, 2, 2, 2]),
        helper.make_node("BatchNormalization", ["x", "g", "g", "g", "g"], ["y"], epsilon=1e-5),
        helper.make_node("Relu", ["y"], ["r"]),
        helper.make_node("Flatten", ["r"], ["f"]),
        helper.make_node("Gemm", ["f", "v", "b"], ["d"], transB=1),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("Gemm", ["e", "u", "c"], ["logits"], transB=1),
    ]
    return (
        graph(
            linear,
            [numbers("mean"), numbers("w", 4, 3), numbers("b", 3), numbers("v", 10, 3), numbers("c", 10)],
            [2, 2],
        ),
        graph(
            convolution,
            [
                *(numbers("w", 1, 1, 5, 5), numbers("g", 1), numbers("v", 2, 196)),
                *(numbers("b", 2), numbers("u", 10, 2), numbers("c", 10)),
            ],
            [1, 28, 28],
        ),
    )


def _prepare_state_dict(draw: Random, folder: Path) -> Path:
    path = folder / f"model{draw.choice(('.pt', '.pth'))}"
    kinds = (_bytes_changed, _member_changed, _member_changed, _member_changed, _other_content)
    path.write_bytes(draw.choice(kinds)(draw))
    return path


def _bytes_changed(draw: Random) -> bytes:
    return mutated(_state_dicts(), draw)


def _member_changed(draw: Random) -> bytes:
    """Change one of the files in the archive, with its checksum."""
    with zipfile.ZipFile(io.BytesIO(draw.choice(_state_dicts()))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw.choice([each for each in members if each.endswith((".pkl", ".json"))] + list(members))
    members[name] = mutated([members[name]], draw, *([JSON] if name.endswith(".json") else []))
    if draw.random() < 0.1:
        members[nasty_text(draw).encode("ascii", "ignore").decode() or "x"] = b"x"
    return _archive(members, zipfile.ZIP_DEFLATED if draw.random() < 0.1 else zipfile.ZIP_STORED)


def _archive(members: dict[str, bytes], compression: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, kept in members.items():
            archive.writestr(name.split("\0")[0] or "x", kept)  # as zipfile cuts it
    return content.getvalue()


def _other_content(draw: Random) -> bytes:
    """Save something else than a state dict."""
    import torch

    content, shape = io.BytesIO(), [draw.choice((0, 1, 4, 28)) for _ in range(draw.randint(0, 5))]
    others: tuple[object, ...] = (
        {nasty_text(draw): torch.zeros(shape), "weight": torch.zeros(10, draw.choice((2, 4, 64, 784)))},
        {"weight": torch.zeros(1).expand(1 << draw.randint(10, 50))},
        {"weight": torch.zeros(10, 4).to_sparse()},
        {"weight": torch.zeros(10, 4, dtype=draw.choice((torch.float16, torch.complex64, torch.int8, torch.bool)))},
        {"state_dict": {"weight": torch.full((10, 4), draw.choice((float("nan"), float("inf"), 1e38)))}},
        {"weight": Evil()},
        [torch.zeros(3)],
        torch.nn.Linear(4, 10),
    )
    torch.save(draw.choice(others), content, _use_new_zipfile_serialization=draw.random() < 0.9)
    return content.getvalue() if draw.random() < 0.9 else pickle.dumps(Evil())


def _prepare_onnx(draw: Random, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(mutated(_graphs(), draw) if draw.random() < 0.4 else _graph_changed(draw))
    return path


def _graph_changed(draw: Random) -> bytes:
    """Change the graph: operators, names, attributes, shapes and types of weights."""
    import onnx

    model = onnx.ModelProto.FromString(draw.choice(_graphs()))
    for _ in range(draw.randint(1, 3)):
        draw.choice((_change_node, _change_weights))(draw, model.graph)
    if draw.random() < 0.2:
        del model.graph.node[draw.randrange(len(model.graph.node))]
    return model.SerializeToString()


def _change_node(draw: Random, graph: "onnx.GraphProto") -> None:
    import onnx

    node = draw.choice(graph.node)
    names = [name for each in graph.node for name in (*each.input, *each.output)]
    match draw.randrange(4):
        case 0:
            node.op_type = draw.choice(_OPERATORS)
        case 1:
            node.input[draw.randrange(len(node.input))] = draw.choice([*names, ""])
        case 2:
            node.output[0] = draw.choice(names)
        case _:
            attribute = draw.choice(node.attribute) if node.attribute else node.attribute.add(name="transB")
            kinds = onnx.AttributeProto
            attribute.type = draw.choice((kinds.FLOAT, kinds.INT, kinds.STRING, kinds.INTS))
            attribute.i = draw.choice(_NUMBERS)
            attribute.ints.append(draw.choice(_NUMBERS))


def _change_weights(draw: Random, graph: "onnx.GraphProto") -> None:
    import onnx

    tensor = draw.choice(graph.initializer)
    match draw.randrange(3):
        case 0:
            tensor.dims[:] = [draw.choice(_NUMBERS) for _ in range(draw.randint(0, 5))]
        case 1:
            tensor.data_type = draw.randint(0, 30)
        case _:
            tensor.data_location = onnx.TensorProto.EXTERNAL
            for key in ("location", "offset", "length"):
                tensor.external_data.add(key=key, value=draw.choice(("model.onnx", "..", "0", "40", nasty_text(draw))))


def _warm() -> None:
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        for number, content in enumerate((*_state_dicts(), *_graphs())):
            path = Path(place) / f"{number}{'.pt' if content[:2] == b'PK' else '.onnx'}"
            path.write_bytes(content)
            with suppress(DigitpadError):
                _use(path)


STATE_DICTS = Target("state dicts", _prepare_state_dict, _use, warm=_warm)
ONNX_MODELS = Target("ONNX models", _prepare_onnx, _use, warm=_warm)

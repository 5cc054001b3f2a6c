"""Model files to be refused or used, for stored_files.py."""

import io
import json
import math
import pickle
import struct
import tempfile
import zipfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from random import Random

import numpy as np

from digitpad.core.errors import DigitpadError
from tests.stress.fuzz.mutation import JSON, mutated, nasty_text
from tests.stress.fuzz.sandbox import Target

_NAME = "model.safetensors"
_EXTREMES = (math.nan, math.inf, -math.inf, 3.4e38, -3.4e38, 1e30, -1e30, 1e-45, -1.0, 0.0)
_NUMBERS = (0, 1, -1, 3, 7, 28, 784, 8192, 8193, 10**9, 1 << 31, 1 << 62, 1 << 64, 1.5, "10", None, [4], True)
_TYPES = (
    *("F32", "F16", "BF16", "F64", "I64", "I32", "I8", "U8", "BOOL", "F4", "F8_E4M3", "F8_E5M2", "F8_E8M0", "C64"),
    *("U16", "U64", "F6_E2M3", "", "f32", None, 32),
)
_MOST_MADE = 4_000_000  # bytes that are really written of the promised ones


def _prepare(draw: Random, folder: Path) -> Path:
    path = folder / _NAME
    path.write_bytes(draw.choice(_KINDS)(draw))
    return path


def _use(path: Path) -> None:
    from digitpad.core.fine_tuning.fine_tuned_models import fine_tune_record
    from digitpad.core.ink.mnist_geometry import from_pixels
    from digitpad.core.models.inference import predict_logits
    from digitpad.core.models.model_files import load_model, read_card, read_spec
    from digitpad.core.models.specs import inputs_of, parameter_count, summary
    from digitpad.core.recognition.prediction import predict

    fine_tune_record(read_card(path))
    spec = read_spec(path)
    _ = summary(spec), parameter_count(spec), inputs_of(spec)
    loaded = load_model(path)
    (said,) = predict([from_pixels(_image(), 1.0)], loaded)
    if not np.isfinite(said.logits).all() or abs(said.probabilities.sum() - 1) > 1e-6:
        raise AssertionError("the answer is no number")
    predict_logits(loaded.model, _image()[None])


def _warm() -> None:
    import torch

    torch.set_num_threads(1)  # a second thread on a busy processor causes delays
    with tempfile.TemporaryDirectory() as place:
        for content in _seeds():
            (Path(place) / _NAME).write_bytes(content)
            with suppress(DigitpadError):
                _use(Path(place) / _NAME)


@lru_cache
def _image() -> np.ndarray:
    """Return an image with ink in some places."""
    return np.round(np.clip(np.random.default_rng(7).normal(size=(28, 28)), 0, 1) * 255).astype(np.float32) / 255


@lru_cache
def _seeds() -> tuple[bytes, ...]:
    """Return small model files of each kind."""
    import torch

    from digitpad.core.models.model_files import ModelCard, save_model
    from digitpad.core.models.networks import build
    from digitpad.core.models.specs import CNNSpec, MLPSpec, Normalisation, SoftmaxSpec

    torch.manual_seed(7)
    specs = (
        SoftmaxSpec(),
        SoftmaxSpec(inputs=(4, 4)),
        MLPSpec(inputs=(6, 6), hidden=(5, 4), dropout=0.1, normalisation=Normalisation(mean=0.1, std=0.3)),
        MLPSpec(inputs=(2, 2), hidden=(3,), outputs=1, output="sigmoid", activation="tanh", bias=False),
        CNNSpec(channels=(2, 3), dense=4),
    )
    card = ModelCard(name="a model", title="of soak", test_accuracy=0.9, training={"notes": ["a"]}, versions={"a": "1"})
    found = []
    with tempfile.TemporaryDirectory() as place:
        for spec in specs:
            save_model(Path(place) / "a", build(spec), card)
            found.append((Path(place) / "a").read_bytes())
    return tuple(found)


def _taken_apart(content: bytes) -> tuple[dict[str, object], dict[str, object], bytes]:
    """Return the header, what digitpad wrote into it, and the weights."""
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    return header, json.loads(header["__metadata__"]["digitpad"]), content[8 + length :]


def _together(header: dict[str, object], weights: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + weights


def _plain(draw: Random) -> bytes:
    return mutated(_seeds(), draw)


def _with_other_header(draw: Random) -> bytes:
    """Change the header's text and correct its length."""
    content = draw.choice(_seeds())
    length = struct.unpack("<Q", content[:8])[0]
    text = mutated([content[8 : 8 + length]], draw, JSON)
    said = len(text) if draw.random() < 0.9 else draw.choice((0, 1, 1 << 20, 1 << 31, 1 << 40, 1 << 63, (1 << 64) - 1))
    return struct.pack("<Q", said) + text + content[8 + length :]


def _with_other_words(draw: Random) -> bytes:
    """Change digitpad's part of the header."""
    header, own, weights = _taken_apart(draw.choice(_seeds()))
    text = mutated([json.dumps(own).encode()], draw, JSON).decode(errors="replace")
    return _together({**header, "__metadata__": {"digitpad": text}}, weights)


def _with_other_spec(draw: Random) -> bytes:
    """Declare another shape, sometimes with matching weights."""
    header, own, weights = _taken_apart(draw.choice(_seeds()))
    spec = own["spec"]
    assert isinstance(spec, dict)
    for _ in range(draw.randint(1, 2)):
        key = draw.choice([*spec, "hidden", "channels", "dense", "inputs", "outputs", "kind"])
        number = draw.choice(_NUMBERS)
        spec[key] = draw.choice((number, [number], [number, number], [number] * draw.choice((8, 9, 1000)), "mlp", {}))
    if draw.random() < 0.3:
        own["card"] = {"name": nasty_text(draw), "title": nasty_text(draw), "training": {nasty_text(draw): [1e308]}}
    return _together({**header, "__metadata__": {"digitpad": json.dumps(own)}}, weights)


def _with_other_tensors(draw: Random) -> bytes:
    """Declare other types, shapes and offsets of the weights."""
    header, _, weights = _taken_apart(draw.choice(_seeds()))
    for _ in range(draw.choice((1, 1, 2, 4))):
        name = draw.choice([name for name in header if name != "__metadata__"] or ["layers.1.weight"])
        former = header.get(name)
        told: dict[str, object] = {**former} if isinstance(former, dict) else {}
        what = draw.randrange(6)
        if what == 0:
            told["dtype"] = draw.choice(_TYPES)
        elif what == 1:
            told["shape"] = [draw.choice(_NUMBERS) for _ in range(draw.choice((0, 1, 2, 3, 70)))]
        elif what == 2:
            told["data_offsets"] = [draw.choice((*_NUMBERS, len(weights))) for _ in range(2)]
        elif what == 3:
            shape, kind = draw.choice((([0, 1 << 60], "F32"), ([0, 1 << 62, 4], "F32"), ([1, 0], "C64"), ([], "F32")))
            told = {"dtype": kind, "shape": shape, "data_offsets": [0, 0]}
        elif what == 4:
            header[nasty_text(draw)] = told
            continue
        else:
            told.pop(draw.choice([*told, "x"]), None)
        header[name] = told
    return _together(header, weights)


def _with_other_weights(draw: Random) -> bytes:
    """Replace some or all weights by extreme numbers."""
    header, own, weights = _taken_apart(draw.choice(_seeds()))
    numbers = np.frombuffer(weights[: len(weights) // 4 * 4], "<f4").copy()
    chosen = np.random.default_rng(draw.getrandbits(32)).random(len(numbers)) < draw.choice((0.001, 0.1, 0.5, 1.0))
    numbers[chosen] = draw.choice(_EXTREMES)
    if draw.random() < 0.5:
        numbers[:: draw.randint(1, 5)] = draw.choice(_EXTREMES)
    return _together(header, numbers.tobytes()) if own else b""


def _of_another_kind(draw: Random) -> bytes:
    """Write something else into a model file."""
    return draw.choice(_others()) if draw.random() < 0.2 else mutated(_others(), draw)


@lru_cache
def _others() -> tuple[bytes, ...]:
    import torch

    archive, saved, legacy = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("../../escaped", b"x")
    torch.save({"layers.1.weight": torch.zeros(10, 784)}, saved)
    torch.save(Evil(), legacy, _use_new_zipfile_serialization=False)
    deep = b'{"__metadata__":' + b'{"a":' * 100_000
    return (
        *(b"", b"\x00", b"\x00" * 8, b"\xff" * 8, b"\x00" * 4096, b"{}", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "),
        *(pickle.dumps(Evil()), archive.getvalue(), saved.getvalue(), legacy.getvalue()),
        *(struct.pack("<Q", len(deep)) + deep, struct.pack("<Q", 1 << 63) + b"{}", b"GIF89a" + b"\x00" * 100),
        struct.pack("<Q", 1 << 20) + b'{"__metadata__":{"digitpad":"' + b"[" * ((1 << 20) - 40),
    )


class Evil:
    """An object that runs a program when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        import os

        return os.system, ("true",)


def _promised(draw: Random) -> bytes:
    """Describe a large model, with the promised number of bytes, up to some MB."""
    hidden = [draw.choice((1, 100, 1000)) for _ in range(draw.randint(0, 3))]
    widths = [784, *hidden, 10]
    own = {"format": "digitpad-model-1", "spec": {"kind": "mlp", "hidden": hidden}, "card": {"name": "a"}}
    header: dict[str, object] = {"__metadata__": {"digitpad": json.dumps(own)}}
    at = 0
    for number in range(len(widths) - 1):
        for part, shape in (("weight", [widths[number + 1], widths[number]]), ("bias", [widths[number + 1]])):
            size = 4 * math.prod(shape)
            header[f"layers.{1 + 2 * number}.{part}"] = {
                "dtype": "F32",
                "shape": shape,
                "data_offsets": [at, at + size],
            }
            at += size
    return _together(header, draw.choice((b"\x00", b"\x3c", b"\x7f", b"\xff")) * min(at, _MOST_MADE))


_KINDS = (
    *(_plain, _with_other_header, _with_other_header, _with_other_words, _with_other_words, _with_other_spec),
    *(_with_other_tensors, _with_other_tensors, _with_other_weights, _with_other_weights, _of_another_kind),
)
MODELS = Target("model files", _prepare, _use, warm=_warm)


def _prepare_large(draw: Random, folder: Path) -> Path:
    path = folder / _NAME
    path.write_bytes(_promised(draw))
    return path


LARGE_MODELS = Target("model files of megabytes", _prepare_large, _use, warm=_warm)

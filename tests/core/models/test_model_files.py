"""Model files: a saved model is loaded, an invalid file is refused with a sentence."""

import json
import pickle
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_models, user_runs
from digitpad.core.models.model_files import (
    BEST,
    ModelCard,
    find_model,
    list_models,
    load_model,
    read_card,
    save_model,
)
from digitpad.core.models.networks import build
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec

CARD = ModelCard(name="mine", title="Mine", dataset="MNIST", test_accuracy=0.9, test_loss=0.3, epochs=2)


@pytest.mark.parametrize("spec", [SoftmaxSpec(), MLPSpec(hidden=(7,), dropout=0.1), CNNSpec(channels=(2,), dense=4)])
def test_a_saved_model_is_loaded(tmp_path: Path, spec: SoftmaxSpec | MLPSpec | CNNSpec) -> None:
    path = tmp_path / "deep" / "mine.safetensors"
    model = build(spec).eval()
    save_model(path, model, CARD)
    loaded = load_model(path)
    image = torch.rand(2, 28, 28)
    torch.testing.assert_close(loaded.model(image), model(image))
    assert loaded.model.spec == spec
    assert loaded.card == CARD == read_card(path)
    assert not loaded.model.training
    assert [p.name for p in path.parent.iterdir()] == ["mine.safetensors"]


def test_loading_draws_no_random_numbers(tmp_path: Path) -> None:
    save_model(tmp_path / "a.safetensors", build(SoftmaxSpec()), CARD)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    load_model(tmp_path / "a.safetensors")
    torch.testing.assert_close(torch.rand(1), expected)


class Trap:
    """Would make a file if it were ever unpickled."""

    def __reduce__(self) -> tuple:
        return Path.touch, (Path("/tmp/digitpad-was-tricked"),)  # noqa: S108


def header(spec: dict, tensors: dict[str, torch.Tensor], fmt: str = "digitpad-model-1") -> bytes:
    text = json.dumps({"format": fmt, "spec": spec, "card": {"name": "x"}})
    return save(tensors, metadata={"digitpad": text})


def softmax_tensors(**changes: torch.Tensor) -> dict[str, torch.Tensor]:
    return {"layers.1.weight": torch.zeros(10, 784), "layers.1.bias": torch.zeros(10), **changes}


HOSTILE = {
    "empty": b"",
    "text": b"hello, this is no model at all",
    "pickle": pickle.dumps(Trap()),
    "no header": struct.pack("<Q", 0),
    "huge header": struct.pack("<Q", 2**62) + b"{}",
    "header cut": struct.pack("<Q", 100) + b"{",
    "foreign safetensors": save({"a": torch.zeros(3)}),
    "another format": header({"kind": "softmax"}, softmax_tensors(), fmt="digitpad-model-9"),
    "unknown kind": header({"kind": "transformer"}, softmax_tensors()),
    "absurd width": header({"kind": "mlp", "hidden": [10**9]}, softmax_tensors()),
    "no such key": header({"kind": "softmax", "run": "rm -rf"}, softmax_tensors()),
    "wrong shape": header({"kind": "softmax"}, softmax_tensors(**{"layers.1.bias": torch.zeros(11)})),
    "wrong type": header({"kind": "softmax"}, softmax_tensors(**{"layers.1.bias": torch.zeros(10, dtype=torch.int32)})),
    "missing weights": header({"kind": "mlp", "hidden": [4]}, softmax_tensors()),
    "nan": header({"kind": "softmax"}, softmax_tensors(**{"layers.1.bias": torch.full((10,), float("nan"))})),
    "overflow": header(
        {"kind": "softmax"}, {"layers.1.weight": torch.full((10, 784), 3e38), "layers.1.bias": torch.zeros(10)}
    ),
    "truncated": header({"kind": "softmax"}, softmax_tensors())[:-100],
    "metadata no dict": struct.pack("<Q", 24) + b'{"__metadata__": "text"}',
    "deep nesting": struct.pack("<Q", 100_000) + b"[" * 100_000,
}


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_wrong_or_hostile_file_is_refused_with_a_sentence(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(HOSTILE[fault])
    with pytest.raises(DigitpadError, match=r"bad\.safetensors"):
        load_model(path)
    assert not Path("/tmp/digitpad-was-tricked").exists()  # noqa: S108


def test_models_are_found_by_name_and_by_file(tmp_path: Path) -> None:
    save_model(user_models() / "mine.safetensors", build(SoftmaxSpec()), CARD)
    (user_models() / "broken.safetensors").write_bytes(b"x")
    entries = list_models()
    assert [entry.name for entry in entries] == ["softmax", "mlp", "cnn", "mine"]
    assert [entry.is_shipped for entry in entries] == [True, True, True, False]
    assert find_model("mine") == user_models() / "mine.safetensors"
    assert find_model(str(find_model("mine"))) == find_model("mine")
    with pytest.raises(DigitpadError, match="softmax, mlp, cnn, mine"):
        find_model("unheard-of")
    for folder, name in (("1", "softmax-sgd-1000 · lr 0.2"), ("2", "softmax-sgd-1000 · lr 0.3"), ("3", "other")):
        (user_runs() / folder).mkdir(parents=True)
        save_model(user_runs() / folder / BEST, build(SoftmaxSpec()), replace(CARD, name=name))
    for wrong, hint in (("softmax-sgd-1000", "its newest run is 2; see"), ("softmax-sgd", "see")):
        with pytest.raises(DigitpadError, match=r"choose one of .*mine, a run, or a file") as raised:
            find_model(wrong)
        assert raised.value.hint == f"{hint} 'digitpad runs'"
    with pytest.raises(DigitpadError, match="does not exist"):
        find_model(str(tmp_path / "none.safetensors"))

"""Models of other programs are opened with the logits that those programs compute, and nothing in them is executed."""

import io
import os
import pickle
import warnings
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx.external_data_helper import set_external_data
from torch import nn

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import to_floats
from digitpad.core.models.exchange.onnx_export import write_onnx
from digitpad.core.models.exchange.state_dicts import write_state_dict
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import LoadedModel, ModelCard, find_model, load_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import (
    CNNSpec,
    MLPSpec,
    Normalisation,
    SoftmaxSpec,
    Spec,
    inputs_of,
    output_of,
    outputs_of_model,
)

SPECS = [
    SoftmaxSpec(normalisation=Normalisation(mean=0.1307, std=0.3081)),
    MLPSpec(hidden=(9, 5), activation="tanh", output="sigmoid", dropout=0.1, bias=False),
    MLPSpec(inputs=(8, 8), hidden=(7,), activation="sigmoid", normalisation=Normalisation(std=1 / 16)),
    MLPSpec(inputs=(1, 2), hidden=(3,), outputs=1, activation="sigmoid", output="sigmoid"),
    CNNSpec(channels=(3, 5), dense=7, normalisation=Normalisation(mean=0.1307, std=0.3081)),
    CNNSpec(channels=(3, 5), dense=7, convolutions="single"),
]


def random_model(spec: Spec) -> LoadedModel:
    """Return a model whose batch norms have been trained, with scales of both signs."""
    torch.manual_seed(3)
    model = build(spec).eval()
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for tensor in (layer.weight.data, layer.bias.data, layer.running_mean):
                assert tensor is not None
                tensor.copy_(torch.randn_like(tensor))
            assert layer.running_var is not None
            layer.running_var.copy_(torch.rand_like(layer.running_var) + 0.5)
    return LoadedModel(model, ModelCard(name="random"))


def noise(spec: Spec) -> np.ndarray:
    return np.random.default_rng(5).random((6, *inputs_of(spec)), np.float32)


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("ending", [".pt", ".onnx"])
def test_a_model_that_was_exported_is_opened_with_the_same_logits(spec: Spec, ending: str, tmp_path: Path) -> None:
    loaded, path = random_model(spec), tmp_path / f"mine{ending}"
    if ending == ".pt":
        write_state_dict(path, loaded.model)
    else:
        write_onnx(path, loaded)
    opened = load_model(path, of_digits=False)
    assert opened.note == ""
    assert output_of(opened.model.spec) == output_of(spec)
    assert inputs_of(opened.model.spec) == inputs_of(spec)
    expected = predict_logits(loaded.model, noise(spec))
    np.testing.assert_allclose(predict_logits(opened.model, noise(spec)), expected, atol=2e-5, rtol=1e-4)
    if outputs_of_model(spec) == 1:
        with pytest.raises(DigitpadError, match="two classes"):
            load_model(path)
    assert find_model(str(path)) == path


def trained_on_raw_digits(activation: type[nn.Module]) -> nn.Sequential:
    """Train as the tutorials do: full batches of the 8x8 digits with values from 0 to 16."""
    torch.manual_seed(1)
    digits = load_digits("digits-8x8", "train", Path())
    images, labels = torch.from_numpy(digits.images).flatten(1).float(), torch.from_numpy(digits.labels).long()
    model = nn.Sequential(
        nn.Linear(64, 32), activation(), nn.Linear(32, 16), activation(), nn.Linear(16, 10)
    )  # fmt: skip
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(150):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    return model


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Sigmoid, nn.Tanh])
def test_what_a_state_dict_does_not_say_is_tried_on_digits_and_told(
    activation: type[nn.Module], tmp_path: Path
) -> None:
    model = trained_on_raw_digits(activation)
    torch.save(model.state_dict(), tmp_path / "mine.pt")
    loaded = load_model(tmp_path / "mine.pt")
    spec = loaded.model.spec
    assert isinstance(spec, MLPSpec)
    name = {"ReLU": "ReLU", "Sigmoid": "sigmoid", "Tanh": "tanh"}[activation.__name__]
    assert spec.activation == name.lower()
    assert f"digitpad took {name} and pixels " in loaded.note
    digits = load_digits("digits-8x8", "test", Path())
    right = (predict_logits(loaded.model, digits.images, digits.peak).argmax(axis=1) == digits.labels).mean()
    assert right > 0.95


def test_the_linear_layer_of_the_softmax_tutorials_is_opened(tmp_path: Path) -> None:
    torch.manual_seed(0)  # of some random layers another range of pixels is clearly better
    linear = nn.Linear(784, 10, bias=True)
    torch.save(linear.state_dict(), tmp_path / "linear.pth")
    loaded = load_model(tmp_path / "linear.pth")
    assert isinstance(loaded.model.spec, SoftmaxSpec)
    assert loaded.note == "linear.pth does not say its pixels: digitpad took pixels 0-1"
    images = noise(loaded.model.spec)
    expected = linear(torch.from_numpy(images).flatten(1)).detach().numpy()
    np.testing.assert_allclose(predict_logits(loaded.model, images), expected, atol=1e-5)


def test_a_checkpoint_of_the_xor_tutorial_is_opened(tmp_path: Path) -> None:
    layers = [nn.Linear(2, 10), nn.Sigmoid(), nn.Linear(10, 10), nn.Sigmoid(), nn.Linear(10, 1), nn.Sigmoid()]
    model = nn.Sequential(*layers)
    torch.save({"epoch": 3, "model_state_dict": model.state_dict(), "optimizer": {}}, tmp_path / "xor.pt")
    loaded = load_model(tmp_path / "xor.pt", of_digits=False)
    points = np.array([[[0, 0]], [[0, 1]], [[1, 0]], [[1, 1]]], np.float32)
    outputs = loaded.model.outputs(torch.from_numpy(predict_logits(loaded.model, points)))
    np.testing.assert_allclose(outputs.numpy(), model(torch.from_numpy(points[:, 0])).detach().numpy(), atol=1e-6)


def exported(model: nn.Module, shape: tuple[int, ...], path: Path, *, dynamo: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model.eval(), (torch.zeros(shape),), path, dynamo=dynamo, verbose=False)


class View(nn.Module):
    """A network as people write it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(784, 6), nn.Linear(6, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        hidden = torch.relu(self.first((images - 0.5).view(images.size(0), -1) / 0.5))
        return nn.functional.log_softmax(self.second(hidden), dim=1)


PLAIN = [
    (nn.Sequential(nn.Flatten(), nn.Linear(784, 5), nn.ReLU(), nn.Linear(5, 10)), (2, 1, 28, 28)),
    (nn.Sequential(nn.Linear(64, 5, bias=False), nn.Tanh(), nn.Linear(5, 10), nn.Softmax(1)), (2, 64)),
    (View(), (2, 28, 28)),
]


@pytest.mark.parametrize(("model", "shape"), PLAIN)
@pytest.mark.parametrize("dynamo", [False, True])
def test_a_plain_export_of_pytorch_is_opened(
    model: nn.Module, shape: tuple[int, ...], dynamo: bool, tmp_path: Path
) -> None:
    exported(model, shape, tmp_path / "mine.onnx", dynamo=dynamo)
    assert (tmp_path / "mine.onnx.data").exists() == dynamo  # the weights
    loaded = load_model(tmp_path / "mine.onnx")
    images = noise(loaded.model.spec)
    result = model(torch.from_numpy(images).reshape(-1, *shape[1:])).detach()
    expected = result.exp().numpy() if isinstance(model, View) else result.numpy()
    probabilities = loaded.model.outputs(torch.from_numpy(predict_logits(loaded.model, images))).numpy()
    if not isinstance(list(model.children())[-1], nn.Softmax) and not isinstance(model, View):
        probabilities = predict_logits(loaded.model, images)
    np.testing.assert_allclose(probabilities, expected, atol=1e-5)


class Evil:
    """Creates a folder when it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.folder),)


def test_code_in_a_pickle_is_not_executed(tmp_path: Path) -> None:
    torch.save({"1.weight": Evil(tmp_path / "ran")}, tmp_path / "a.pt")
    torch.save(Evil(tmp_path / "ran"), tmp_path / "b.pt", _use_new_zipfile_serialization=False)
    (tmp_path / "c.pt").write_bytes(pickle.dumps(Evil(tmp_path / "ran")))
    torch.save(build(SoftmaxSpec()), tmp_path / "d.pt")
    for name in "abcd":
        with pytest.raises(DigitpadError, match=r"\.pt is not a state dict.*save the weights alone"):
            load_model(tmp_path / f"{name}.pt")
    assert not (tmp_path / "ran").exists()


def saved(content: object) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


def test_a_small_file_cannot_ask_for_much_memory(tmp_path: Path) -> None:
    repeated = torch.zeros(1).expand(1 << 40)
    (tmp_path / "a.pt").write_bytes(saved({"weight": repeated}))
    with zipfile.ZipFile(tmp_path / "b.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("archive/data.pkl", saved({}))
        packed.writestr("archive/data/0", bytes(50_000_000))
    for name in ("a.pt", "b.pt"):
        with pytest.raises(DigitpadError, match="is not a state dict"):
            load_model(tmp_path / name)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2704, 10)), "other layers than those"),
        (nn.Sequential(nn.Linear(784, 11)), "784 inputs and 11 outputs"),
        (nn.Sequential(nn.Linear(700, 10)), "700 inputs"),
        (nn.LSTM(28, 10), "the layer “weight”"),
        (nn.Sequential(nn.Linear(784, 9000), nn.Linear(9000, 10)), "a size out of range"),
    ],
)
def test_other_layers_are_refused_with_what_can_be_opened(model: nn.Module, named: str, tmp_path: Path) -> None:
    torch.save(model.state_dict(), tmp_path / "a.pt")
    with pytest.raises(DigitpadError, match=rf"a\.pt has {named}.*digitpad opens models of linear layers"):
        load_model(tmp_path / "a.pt")


@pytest.mark.parametrize("place", [-1, -2])
def test_layers_that_do_not_fit_each_other_are_refused(place: int, tmp_path: Path) -> None:
    weights = build(CNNSpec(channels=(3, 4), dense=6)).state_dict()
    name = [name for name, tensor in weights.items() if tensor.ndim == 2][place]
    weights[name] = weights[name][:, :2].clone()
    torch.save(weights, tmp_path / "a.pt")
    with pytest.raises(DigitpadError, match=r"a\.pt has layers whose sizes do not fit"):
        load_model(tmp_path / "a.pt")


def test_other_graphs_are_refused_with_what_can_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    exported(nn.Sequential(nn.Flatten(), nn.Linear(784, 10), nn.GELU()), (1, 28, 28), path, dynamo=False)
    with pytest.raises(DigitpadError, match=r"a\.onnx has (Div|Erf|Gelu|branches): digitpad opens"):
        load_model(path)
    write_onnx(path, random_model(SoftmaxSpec()))
    model = onnx.load(path)
    for location in ("../outside", "/etc/passwd", "missing", ""):
        for tensor in model.graph.initializer:
            tensor.raw_data = b"1"
            set_external_data(tensor, location, 0, 40)
        path.write_bytes(model.SerializeToString())
        with pytest.raises(DigitpadError, match="weights in another file"):
            load_model(path)
    path.write_bytes(b"\x08\x07" * 100)
    with pytest.raises(DigitpadError, match="is not an ONNX model, or it is damaged"):
        load_model(path)


def test_digits_are_recognised_by_an_opened_model(tmp_path: Path) -> None:
    from digitpad.core.models.model_files import list_models

    shipped = load_model(next(entry.path for entry in list_models() if entry.name == "mlp"))
    torch.save(shipped.model.layers.state_dict(), tmp_path / "mlp.pt")  # without the spec: as another program writes it
    opened, digits = load_model(tmp_path / "mlp.pt"), load_digits("digits", "test", tmp_path)
    images = to_floats(digits.images)
    same = predict_logits(opened.model, images).argmax(axis=1) == predict_logits(shipped.model, images).argmax(axis=1)
    assert same.mean() > 0.98

"""The rows of "Layer by layer": names, shapes, numbers to copy; the values themselves are those of `trace`."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.layer_rows import FollowedImage, LayerFollower, LayerRequest, LayerRow
from digitpad.core.evaluation.layer_trace import trace, trace_numpy
from digitpad.core.images.digits import to_floats
from digitpad.core.models.model_files import LoadedModel, ModelCard
from digitpad.core.models.networks import build, frozen_copy
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec, Spec

PIXELS = np.random.default_rng(3).integers(0, 256, (28, 28), np.uint8)
DROPOUT = MLPSpec(hidden=(100,), output="linear", bias=False, dropout=0.5)


def loaded(spec: Spec, **training: object) -> LoadedModel:
    torch.manual_seed(1)
    return LoadedModel(frozen_copy(build(spec)), ModelCard(name="some", training=training))


def follow(model: LoadedModel | None, **settings: Any) -> FollowedImage:
    settings.setdefault("label", 4)
    return LayerFollower().follow(LayerRequest(PIXELS, 255, model, **settings))


def row_of(followed: FollowedImage, symbol: str) -> LayerRow:
    return next(row for row in followed.rows if row.symbol == symbol)


def test_an_mlp_has_a_row_for_each_array_with_its_shape() -> None:
    followed = follow(loaded(MLPSpec(hidden=(12,), dropout=0.5)), dropout_seed=3)
    assert [(row.title, row.symbol, row.values.shape) for row in followed.rows] == [
        ("Input", "x", (784,)),
        ("Linear 784 → 12", "z₁", (12,)),
        ("weights", "W₁", (12, 784)),
        ("biases", "b₁", (12,)),
        ("ReLU", "a₁", (12,)),
        ("Dropout mask", "m₁", (12,)),
        ("Dropout", "d₁", (12,)),
        ("Linear 12 → 10", "z₂", (10,)),
        ("weights", "W₂", (10, 12)),
        ("biases", "b₂", (10,)),
        ("Softmax", "y", (10,)),
        ("Label, one-hot", "t", (10,)),
        ("Loss", "L", (1,)),
    ]
    assert followed.has_dropout
    assert [table.title for table in row_of(followed, "W₁").tables] == ["W₁ (12, 784)", "∂L/∂W₁ (12, 784)"]
    assert [table.headings for table in row_of(followed, "z₁").tables] == [("z₁", "∂L/∂z₁")]


def test_values_and_gradients_are_those_of_autograd() -> None:
    model = loaded(MLPSpec(hidden=(12,)))
    followed, traced = follow(model), trace(model.model, to_floats(PIXELS), 4, "cross-entropy")
    linear = traced.layers[1]
    for symbol, values, gradient in (
        ("x", traced.layers[0].output, traced.layers[0].gradient),
        ("z₁", linear.output, linear.gradient),
        ("W₁", linear.parameters["weight"], linear.gradients["weight"]),
        ("b₁", linear.parameters["bias"], linear.gradients["bias"]),
    ):
        row = row_of(followed, symbol)
        np.testing.assert_array_equal(row.values, values)
        np.testing.assert_array_equal(np.asarray(row.gradient), np.asarray(gradient))
    assert row_of(followed, "L").values[0] == traced.objective


def test_the_numpy_engine_follows_with_the_slips_of_the_recipe() -> None:
    model = loaded(DROPOUT, loss="sse", slips=["relu-derivative", "dropout-backward"])
    followed = follow(model, engine="numpy", dropout_seed=5)
    slips = ("relu-derivative", "dropout-backward")
    traced = trace_numpy(model.model, to_floats(PIXELS), 4, "sse", slips=slips, dropout_seed=5)
    assert (followed.engine, followed.slips, followed.numpy_problem) == ("numpy", slips, "")
    np.testing.assert_array_equal(np.asarray(row_of(followed, "z₁").gradient), np.asarray(traced.layers[1].gradient))
    np.testing.assert_array_equal(row_of(followed, "m₁").values, np.asarray(traced.layers[3].mask))


def test_without_a_choice_it_is_the_engine_of_the_training() -> None:
    assert follow(loaded(DROPOUT, loss="sse", slips=["relu-derivative"])).engine == "numpy"
    assert follow(loaded(DROPOUT, loss="sse", engine="numpy")).engine == "numpy"
    assert follow(loaded(DROPOUT, loss="sse")).engine == "torch"


def test_raw_pixels_reach_the_model_as_they_are() -> None:
    followed = follow(loaded(SoftmaxSpec()), raw_pixels=True)
    np.testing.assert_array_equal(row_of(followed, "x").values, PIXELS.ravel())


@pytest.mark.parametrize("spec", [CNNSpec(channels=(3,), dense=5), MLPSpec(hidden=(9,), activation="tanh")])
def test_what_the_numpy_engine_does_not_have_is_computed_by_pytorch(spec: Spec) -> None:
    followed = follow(loaded(spec), engine="numpy")
    assert followed.engine == "torch"
    assert followed.numpy_problem


def test_a_cnn_has_its_feature_maps_and_kernels() -> None:
    followed = follow(loaded(CNNSpec(channels=(3,), dense=5)))
    assert row_of(followed, "z₁").values.shape == (3, 28, 28)
    assert row_of(followed, "γ₁").values.shape == (3,)
    kernels = row_of(followed, "W₁").tables[0]
    assert (kernels.title, kernels.values.shape, kernels.row_name(4)) == ("W₁ (3, 1, 3, 3)", (9, 3), "1, 0, 1")


@pytest.mark.parametrize(
    ("output", "loss", "note"),
    [
        ("linear", "sse", "Sum of squared errors: {value:.6g}. The gradients are those of half of it, {objective:.6g}"),
        (
            "sigmoid",
            "mse",
            "Mean squared error: {value:.6g}. The gradients are those of the sum over the outputs, {objective:.6g}",
        ),
        ("sigmoid", "binary-cross-entropy", "Binary cross-entropy: {value:.6g} nats"),
        ("softmax", "cross-entropy", "Cross-entropy: {value:.6g} nats"),
    ],
)
def test_the_loss_is_that_of_the_models_training(output: Any, loss: Any, note: str) -> None:
    model = loaded(MLPSpec(hidden=(9,), output=output), loss=loss)
    followed, traced = follow(model), trace(model.model, to_floats(PIXELS), 4, loss)
    errors = (traced.outputs - traced.target) ** 2
    value = {"mse": errors.mean(), "sse": errors.sum()}.get(loss, traced.objective)
    row = row_of(followed, "L")
    assert row.values[0] == pytest.approx(value)
    assert row.note == note.format(value=value, objective=traced.objective)


def test_the_numpy_engine_has_weights_of_inputs_by_units() -> None:
    model = loaded(MLPSpec(hidden=(12,)))
    (torch_values, torch_gradient), (values, gradient) = (
        row_of(follow(model, engine=engine), "W₁").tables for engine in ("torch", "numpy")
    )
    assert (values.title, gradient.title) == ("W₁ (784, 12)", "∂L/∂W₁ (784, 12)")
    np.testing.assert_allclose(values.values, torch_values.values.T)
    np.testing.assert_allclose(gradient.values, torch_gradient.values.T, atol=1e-12)
    assert gradient.row_name(783) == "783"
    row = row_of(follow(model, engine="numpy"), "W₁")
    assert row.shape == (784, 12)
    assert row.values.shape == (12, 784)  # the pictures are of units


def test_a_drawing_has_the_predicted_digit_as_its_label() -> None:
    followed = follow(loaded(SoftmaxSpec()), label=None)
    assert followed.label == followed.predicted
    assert row_of(followed, "t").values.argmax() == followed.predicted


def test_without_a_model_there_are_the_pixels_and_the_one_hot_label() -> None:
    followed = follow(None)
    assert [row.symbol for row in followed.rows] == ["x", "t"]
    np.testing.assert_array_equal(row_of(followed, "t").values, np.eye(10)[4])
    assert followed.predicted is None


def test_pixels_are_copied_as_a_matrix_or_as_a_vector() -> None:
    image = np.arange(64, dtype=np.uint8).reshape(8, 8) % 17
    row = LayerFollower().follow(LayerRequest(image, 16, None, 4)).rows[0]
    matrix, shares, vector, flat_shares, _ = row.tables
    assert matrix.title == "pixels, 0 to 16 (8, 8)"
    assert [line.split("\t") for line in matrix.as_text().splitlines()] == [[str(v) for v in r] for r in image.tolist()]
    np.testing.assert_allclose(shares.values, image / 16)
    assert vector.title == "flat: pixels, 0 to 16 (64,)"
    assert vector.as_text().split() == [str(v) for v in image.ravel().tolist()]
    assert flat_shares.values.shape == (64, 1)
    assert matrix.as_text(slice(1, 2), slice(0, 3)) == "8\t9\t10\n"


def test_one_output_has_the_label_itself_as_its_target() -> None:
    model = loaded(MLPSpec(inputs=(1, 2), hidden=(3,), outputs=1, activation="sigmoid", output="sigmoid"))
    followed = LayerFollower().follow(LayerRequest(np.array([[0, 1]], np.uint8), 1, model, 1))
    assert row_of(followed, "t").values.tolist() == [1.0]
    assert row_of(followed, "W₁").tiles is None


def test_a_point_of_a_gate_has_its_label_itself_also_without_a_model() -> None:
    followed = LayerFollower().follow(LayerRequest(np.array([[0, 1]], np.uint8), 1, None, 1))
    assert [(row.title, row.values.tolist()) for row in followed.rows] == [("Input", [0.0, 1.0]), ("Label", [1.0])]


def test_an_image_of_another_size_is_refused_in_a_sentence() -> None:
    request = LayerRequest(np.zeros((8, 8), np.uint8), 16, loaded(SoftmaxSpec()), 4)
    with pytest.raises(DigitpadError, match="some reads images of 28x28 px, and this one has 8x8 px"):
        LayerFollower().follow(request)


def test_a_missing_model_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="does not exist"):
        LayerFollower().follow(LayerRequest(PIXELS, 255, tmp_path / "missing.safetensors"))

"""The loss of each sample is what the trainings report, and what torch computes."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from digitpad.core.datasets.loading import load_digits
from digitpad.core.evaluation.exporting import write_csv
from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.core.evaluation.result import Evaluation, evaluate
from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
from digitpad.core.models.specs import Output, output_of
from digitpad.core.numpy_engine.losses import LOSSES, TINY
from digitpad.core.numpy_engine.network import target_outputs
from digitpad.core.runs.training_job import TrainingJob, run_job
from digitpad.core.training.config import Loss
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings


def test_the_loss_comes_from_the_card_or_else_from_the_output() -> None:
    assert ModelLoss.of("softmax") == ModelLoss.of("softmax", {"loss": "hinge"}) == ModelLoss("cross-entropy")
    assert ModelLoss.of("sigmoid", {"loss": ["x"]}) == ModelLoss("binary-cross-entropy")
    assert ModelLoss.of("linear", {}) == ModelLoss.of("linear", {"loss": "cross-entropy"}) == ModelLoss("sse")
    for output in get_args(Output):
        assert ModelLoss.of(output, {"loss": "mse"}).name == "mse"
    bce: dict[str, object] = {"loss": "binary-cross-entropy"}
    assert ModelLoss.of("sigmoid", bce | {"engine": "torch"}).tiny == 0
    for numpy_engine in ({"engine": "numpy"}, {"stream": "tutorial-ce"}):
        assert ModelLoss.of("sigmoid", bce | numpy_engine).tiny == TINY


@given(st.integers(0, 2**32 - 1), st.sampled_from(get_args(Output)), st.sampled_from(get_args(Loss)))
def test_the_mean_of_the_losses_is_that_of_torch_and_of_the_numpy_engine(seed: int, output: Output, loss: Loss) -> None:
    draw = np.random.default_rng(seed)
    for outputs in (10, 1):
        logits, labels = draw.normal(0, 6, (20, outputs)), draw.integers(0, outputs if outputs > 1 else 2, 20)
        exact = ModelLoss.of(output, {"loss": loss})
        if outputs == 1 and exact.name == "cross-entropy":
            continue
        z, t = torch.from_numpy(logits), torch.from_numpy(target_outputs(labels, outputs))
        y = {"softmax": z.softmax(1), "sigmoid": z.sigmoid(), "linear": z}[output]
        losses = exact.total(exact.terms(logits, labels, output))
        assert losses.shape == (20,)
        assert losses.mean() == pytest.approx(float(torch_loss(exact.name, z, y, t)), rel=1e-9)
        engine = ModelLoss.of(output, {"loss": loss, "engine": "numpy"})
        values = z.numpy() if engine.name == "cross-entropy" else y.numpy()
        expected = LOSSES[engine.name].value(values, t.numpy())
        assert engine.total(engine.terms(logits, labels, output)).mean() == pytest.approx(expected, rel=1e-9)


def torch_loss(name: Loss, z: torch.Tensor, y: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    if name == "cross-entropy":
        return functional.cross_entropy(z, t)
    if name == "binary-cross-entropy":
        return functional.binary_cross_entropy_with_logits(z, t, reduction="sum") / len(t)
    return functional.mse_loss(y, t) if name == "mse" else functional.mse_loss(y, t, reduction="sum") / len(t)


def test_a_described_loss_shows_small_values() -> None:
    loss = ModelLoss("binary-cross-entropy")
    assert loss.described(0.369006) == "binary cross-entropy 0.3690"
    assert loss.described(0.000158) == "binary cross-entropy 0.00016"
    assert ModelLoss("mse").described(0.00822) == "mean squared error 0.0082"


CASES = [
    ("relu-dropout-sgd", ["epochs=1"], "sse"),
    ("sigmoid-mlp-mse", ["epochs=1", "train_first=2000"], "mse"),
    ("sigmoid-mlp-ce", ["epochs=1", "train_first=2000"], "binary-cross-entropy"),
    ("softmax-sgd-1000", ["epochs=1", "train_first=2000"], "cross-entropy"),
    ("sigmoid-mlp-ce", ["epochs=1", "train_first=2000", "engine=torch", "stream=seeded"], "binary-cross-entropy"),
]


@pytest.mark.parametrize(("name", "settings", "loss"), CASES)
def test_the_mean_over_the_test_images_is_the_test_loss_of_the_training(
    shared_data: Path, name: str, settings: list[str], loss: str
) -> None:
    recipe = with_settings(load_recipe(name), settings)
    *_, done = (event for event in run_job(TrainingJob(recipe, name, data=shared_data)) if isinstance(event, EpochDone))
    test = load_digits("mnist", "test", shared_data).first(recipe.test_first)
    training = {"loss": recipe.training.loss, "engine": recipe.engine}
    result = evaluate(done.model, test, ModelLoss.of(output_of(done.model.spec), training))
    assert result.loss.name == loss
    assert float(result.losses.mean()) == pytest.approx(done.test_loss, rel=1e-5)
    assert result.accuracy == done.test_accuracy


@pytest.mark.parametrize("engine", ["torch", "numpy"])
def test_a_linear_output_of_a_gate_predicts_1_above_a_half(engine: str, tmp_path: Path) -> None:
    settings = ["dataset=or", "hidden=[]", "output=linear", "loss=sse", "learning_rate=0.1", "epochs=300"]
    recipe = with_settings(load_recipe("xor-mlp"), [*settings, f"engine={engine}"])
    *_, done = (event for event in run_job(TrainingJob(recipe, "xor-mlp")) if isinstance(event, EpochDone))
    result = evaluate(done.model, load_digits("or", "test", tmp_path), ModelLoss("sse"))
    assert result.logits[:, 0] == pytest.approx([0.25, 0.75, 0.75, 1.25], abs=0.02)  # the least squares
    assert done.test_accuracy == result.accuracy == 1
    assert float(result.losses.mean()) == pytest.approx(done.test_loss, rel=1e-5)
    assert result.confidences == pytest.approx([0.75, 0.75, 0.75, 1.0], abs=0.02)


def test_a_table_has_the_raw_outputs_of_models_without_softmax(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    seen = load_set(SampleSet("digits", "test", tmp_path))
    digits = seen.digits
    logits = draw.normal(0, 1, (len(digits), 10)).astype(np.float32)
    result = Evaluation.of(digits.labels, logits, "linear", ModelLoss("sse"))
    write_csv(tmp_path / "a.csv", Samples(seen, "some", result), [4, 7])
    heading, row, _ = (line.split(",") for line in (tmp_path / "a.csv").read_text("utf-8-sig").splitlines())
    record = dict(zip(heading, row, strict=True))
    assert record["loss_name"] == "sse"
    assert "p0" not in record
    outputs = [float(record[f"output{digit}"]) for digit in range(10)]
    assert outputs == logits[4].astype(float).tolist()
    assert float(record["loss"]) == pytest.approx(((logits[4] - np.eye(10)[digits.labels[4]]) ** 2).sum(), rel=1e-6)

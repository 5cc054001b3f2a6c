"""The computation of a prediction and its cost."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.core.evaluation.worked_example import compute_example, cost_formulas
from digitpad.core.models.inference import outputs_of
from digitpad.core.models.specs import Output


def rows(largest: float) -> st.SearchStrategy[np.ndarray]:
    return st.lists(st.floats(-largest, largest), min_size=10, max_size=10).map(np.array)


@given(logits=rows(1000), label=st.integers(0, 9))
def test_the_cost_of_a_softmax_is_the_cross_entropy_and_finite(logits: np.ndarray, label: int) -> None:
    worked = compute_example(logits, label, "softmax")
    expected = torch.nn.functional.cross_entropy(torch.from_numpy(logits)[None], torch.tensor([label]))
    assert worked.total == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
    assert worked.total == worked.terms[label]
    assert np.isfinite(worked.terms).all()
    assert worked.outputs.sum() == pytest.approx(1)


@given(logits=rows(1000), label=st.integers(0, 9), output=st.sampled_from(["softmax", "sigmoid", "linear"]))
def test_the_columns_fit_together(logits: np.ndarray, label: int, output: Output) -> None:
    worked = compute_example(logits, label, output)
    assert worked.targets.tolist() == [float(digit == label) for digit in range(10)]
    np.testing.assert_array_equal(worked.outputs, outputs_of(logits, output))
    assert 0 <= worked.total < math.inf
    assert worked.total == pytest.approx(worked.terms.sum(), rel=1e-12)
    assert not np.signbit(worked.terms).any()
    assert all(column.dtype == np.float64 for column in (worked.logits, worked.outputs, worked.terms))


def test_a_probability_that_rounds_to_zero_has_an_exact_cost() -> None:
    logits = np.zeros(10)
    logits[[2, 5]] = 1000, -1000
    worked = compute_example(logits, 5, "softmax")
    assert worked.outputs[5] == 0
    assert worked.total == 2000


def test_an_example_keeps_its_own_logits() -> None:
    logits = np.arange(10.0)
    worked = compute_example(logits, 3, "softmax")
    logits[:] = 0
    assert worked.logits.tolist() == list(range(10))


def test_the_text_is_a_table_with_sums() -> None:
    worked = compute_example(np.arange(10, dtype=np.float32) / 4, 7, "softmax")
    heading, *digits, last = [line.split("\t") for line in worked.as_text().splitlines()]
    assert heading == ["digit", "z", "p", "y", "-y*ln(p)"]
    assert [row[0] for row in digits] == list("0123456789")
    assert [row[3] for row in digits] == list("0000000100")
    assert {len(row) for row in (heading, *digits, last)} == {5}
    assert float(digits[7][1]) == 1.75
    assert sum(float(row[2]) for row in digits) == pytest.approx(1, abs=1e-8)
    assert last[0] == "sum"
    assert float(last[4]) == pytest.approx(worked.total, rel=1e-9)


def test_the_text_names_the_terms_of_other_losses() -> None:
    logits = np.linspace(-1, 1, 10)
    squares = compute_example(logits, 7, "linear", ModelLoss("mse"))
    heading, *rows, last = [line.split("\t") for line in squares.as_text().splitlines()]
    assert heading == ["digit", "z", "y", "t", "(y-t)^2"]
    assert [row[1] for row in rows] == [row[2] for row in rows]
    assert last == ["mean", "", "", "", f"{squares.total:.10g}"]
    heading, row, last = compute_example(logits[:1], 1, "sigmoid").as_text().splitlines()
    assert heading == "class\tz\ty\tt\t-t*ln(y)-(1-t)*ln(1-y)"
    assert row.startswith("1\t-1\t0.268941")
    assert last.startswith("sum\t")


LOSSES = [
    ("softmax", {}, 5),
    ("softmax", {"loss": "mse"}, 2),
    ("sigmoid", {"loss": "mse"}, 2),
    ("sigmoid", {"loss": "binary-cross-entropy"}, 2),
    ("sigmoid", {"loss": "binary-cross-entropy", "engine": "numpy"}, 2),
    ("linear", {"loss": "sse"}, 2),
    ("linear", {"loss": "sse", "engine": "numpy"}, 2),
    ("sigmoid", {"loss": "mse", "engine": "numpy"}, 2),
]


@given(logits=rows(15), label=st.integers(0, 9), case=st.sampled_from(LOSSES))
@settings(deadline=None)
def test_the_formulas_are_different_lines_that_agree_with_the_table(
    logits: np.ndarray, label: int, case: tuple[Output, dict[str, object], int]
) -> None:
    output, training, count = case
    worked = compute_example(logits, label, output, ModelLoss.of(output, training))
    formulas = cost_formulas(worked)
    assert len({formula.code for formula in formulas}) == count
    assert not any("\n" in formula.code for formula in formulas)
    assert [formula.value for formula in formulas] == pytest.approx([worked.total] * count, rel=1e-6, abs=1e-6)


def test_models_of_pytorch_have_its_functions_and_those_of_numpy_its_lines() -> None:
    for training, module in (({}, "F."), ({"engine": "numpy"}, "np.")):
        loss = ModelLoss.of("sigmoid", training)
        for logits in (np.array([0.7]), np.linspace(-2, 2, 10)):
            worked = compute_example(logits, 1, "sigmoid", loss)
            formulas = cost_formulas(worked)
            assert all(formula.code.startswith((module, f"-{module}")) for formula in formulas)
            assert [formula.value for formula in formulas] == pytest.approx([worked.total] * 2, rel=1e-6)
    codes = [formula.code for formula in cost_formulas(compute_example(np.array([0.7]), 1, "sigmoid"))]
    assert codes == ["F.binary_cross_entropy(torch.sigmoid(z), t)", "F.binary_cross_entropy_with_logits(z, t)"]


def test_the_first_formula_uses_the_hypothesis_that_the_tutorial_computes_before() -> None:
    first, *others = cost_formulas(compute_example(np.arange(10), 3))
    assert first.before == "hypothesis = F.softmax(z, dim=1)"
    assert "torch.log(hypothesis)" in first.code
    assert not any(other.before for other in others)


def test_the_last_three_formulas_of_a_softmax_work_for_any_logits() -> None:
    logits = np.zeros(10)
    logits[[2, 5]] = 1000, -1000
    values = [formula.value for formula in cost_formulas(compute_example(logits, 5))]
    assert not any(math.isfinite(value) for value in values[:2])
    assert values[2:] == [2000, 2000, 2000]

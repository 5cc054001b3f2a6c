"""The computation of a prediction and its cost."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from digitpad.core.evaluation.worked_example import compute_example, cost_formulas, formula_setup
from digitpad.core.models.inference import probabilities_of
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
    assert worked.probabilities.sum() == pytest.approx(1)


@given(logits=rows(1000), label=st.integers(0, 9), output=st.sampled_from(["softmax", "sigmoid", "linear"]))
def test_the_columns_fit_together(logits: np.ndarray, label: int, output: Output) -> None:
    worked = compute_example(logits, label, output)
    assert worked.one_hot.tolist() == [float(digit == label) for digit in range(10)]
    np.testing.assert_array_equal(worked.probabilities, probabilities_of(logits, output))
    assert not np.delete(worked.terms, label).any()
    assert 0 <= worked.total < math.inf
    assert not np.signbit(worked.terms).any()
    assert all(column.dtype == np.float64 for column in (worked.logits, worked.probabilities, worked.terms))
    if worked.probabilities[label] > 1e-300:
        assert worked.total == pytest.approx(-math.log(worked.probabilities[label]), rel=1e-6, abs=1e-12)


def test_a_probability_that_rounds_to_zero_has_an_exact_cost() -> None:
    logits = np.zeros(10)
    logits[[2, 5]] = 1000, -1000
    worked = compute_example(logits, 5, "softmax")
    assert worked.probabilities[5] == 0
    assert worked.total == 2000


def test_a_linear_output_of_zero_has_a_finite_cost() -> None:
    logits = np.zeros(10)
    logits[2] = 1
    assert compute_example(logits, 5, "linear").total == pytest.approx(708.396, abs=1e-3)
    assert compute_example(logits, 2, "linear").total == 0


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


@given(logits=rows(30), label=st.integers(0, 9))
@settings(deadline=None)
def test_the_five_formulas_agree_with_the_table(logits: np.ndarray, label: int) -> None:
    total = compute_example(logits, label, "softmax").total
    formulas = cost_formulas(logits, label)
    assert len({formula.code for formula in formulas}) == 5
    assert all(formula.value == pytest.approx(total, rel=0, abs=1e-6) for formula in formulas)


@given(logits=rows(30), label=st.integers(0, 9))
@settings(deadline=None)
def test_the_code_of_each_formula_runs_and_gives_its_value(logits: np.ndarray, label: int) -> None:
    names: dict[str, object] = {}
    exec(formula_setup(logits, label), names)  # noqa: S102 - our own lines, as a student would run them
    for formula in cost_formulas(logits, label):
        assert "\n" not in formula.code
        assert float(eval(formula.code, names)) == formula.value  # noqa: S307 - likewise


def test_the_last_three_formulas_work_for_any_logits() -> None:
    logits = np.zeros(10)
    logits[[2, 5]] = 1000, -1000
    values = [formula.value for formula in cost_formulas(logits, 5)]
    assert not any(math.isfinite(value) for value in values[:2])
    assert values[2:] == [2000, 2000, 2000]

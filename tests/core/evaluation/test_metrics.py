"""Metrics, compared with scikit-learn and with cases computed by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import classification_report, log_loss, precision_recall_fscore_support
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from digitpad.core.evaluation.metrics import calibration_error, compute_metrics, confusion_matrix
from digitpad.core.evaluation.result import Evaluation
from digitpad.core.models.inference import log_probabilities, probabilities_of, softmax

OUTPUTS = ("softmax", "sigmoid", "linear")


def random_evaluation(count: int, seed: int = 0) -> Evaluation:
    draw = np.random.default_rng(seed)
    return Evaluation.of(
        draw.integers(0, 10, count).astype(np.uint8), draw.normal(0, 3, (count, 10)).astype(np.float32)
    )


def test_the_metrics_of_real_samples_are_those_of_scikit_learn() -> None:
    result = random_evaluation(500)
    metrics = result.metrics()
    report = classification_report(result.labels, result.predicted, output_dict=True, digits=10)
    assert isinstance(report, dict)
    for digit in range(10):
        expected = report[str(digit)]
        assert metrics.precision[digit] == pytest.approx(expected["precision"])
        assert metrics.recall[digit] == pytest.approx(expected["recall"])
        assert metrics.f1[digit] == pytest.approx(expected["f1-score"])
    assert metrics.accuracy == pytest.approx(report["accuracy"])
    assert metrics.loss == pytest.approx(log_loss(result.labels, softmax(result.logits), labels=range(10)))
    assert metrics.wrong == (result.labels != result.predicted).sum()


def assert_same_as_scikit_learn(labels: np.ndarray, predicted: np.ndarray) -> None:
    metrics = compute_metrics(labels, predicted, np.ones(len(labels)), np.ones(len(labels)))
    expected = sklearn_confusion_matrix(labels, predicted, labels=range(10))
    np.testing.assert_array_equal(metrics.confusion, expected)
    assert metrics.confusion.dtype == np.int64
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels,
        predicted,
        labels=range(10),
        zero_division=np.nan,  # type: ignore[arg-type]
    )
    np.testing.assert_allclose(metrics.precision, precision, rtol=1e-12)
    np.testing.assert_allclose(metrics.recall, recall, rtol=1e-12)
    np.testing.assert_allclose(metrics.f1, f1, rtol=1e-12)
    assert metrics.accuracy == pytest.approx((labels == predicted).mean())


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(1, 10), st.integers(1, 10))
@settings(deadline=None)
def test_random_labels_also_with_missing_classes_give_scikit_learns_metrics(
    seed: int, count: int, label_classes: int, predicted_classes: int
) -> None:
    rng = np.random.default_rng(seed)
    present, answered = rng.permutation(10)[:label_classes], rng.permutation(10)[:predicted_classes]
    assert_same_as_scikit_learn(
        rng.choice(present, count).astype(np.uint8), rng.choice(answered, count).astype(np.uint8)
    )


@pytest.mark.parametrize(
    ("labels", "predicted"),
    [
        ([7], [7]),  # one sample, correct
        ([7], [1]),  # one sample, wrong: precision of 7, recall of 1 divide by zero
        ([3, 3, 3], [5, 5, 5]),  # nothing is correct
        ([0, 1, 2], [9, 9, 9]),  # one prediction for all
        (list(range(10)), list(range(10))),  # everything is correct
        ([2, 2, 4, 4], [2, 4, 2, 4]),  # ties
        ([9] * 300, [9] * 299 + [8]),  # more samples than uint8 can count
    ],
)
def test_edge_cases_give_scikit_learns_metrics(labels: list[int], predicted: list[int]) -> None:
    assert_same_as_scikit_learn(np.array(labels, np.uint8), np.array(predicted, np.uint8))


def test_the_confusion_matrix_of_no_samples_is_all_zeros() -> None:
    nothing = np.empty(0, np.uint8)
    np.testing.assert_array_equal(confusion_matrix(nothing, nothing), np.zeros((10, 10), np.int64))


def test_one_sample_has_its_confidence_gap_as_calibration_error() -> None:
    assert calibration_error(np.array([0.7]), np.array([True])) == pytest.approx(0.3)
    assert calibration_error(np.array([0.7]), np.array([False])) == pytest.approx(0.7)


def test_selected_samples_have_their_own_metrics() -> None:
    result = random_evaluation(300)
    mask = result.labels < 5
    some = result.metrics(mask)
    assert some.count == mask.sum()
    assert not some.confusion[5:].any()
    assert np.isnan(some.recall[7])
    np.testing.assert_array_equal(some.confusion, result.metrics(np.flatnonzero(mask)).confusion)


def test_without_samples_the_metrics_are_nan() -> None:
    nothing = random_evaluation(10).metrics(np.zeros(10, bool))
    assert nothing.count == nothing.wrong == 0
    assert np.isnan([nothing.accuracy, nothing.loss, nothing.calibration_error]).all()
    assert np.isnan(nothing.precision).all()


def test_the_calibration_error_of_a_case_computed_by_hand() -> None:
    confidences = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    is_right = np.array([True, True, True, False, True, False])
    # two bins of ten: |0.95 - 0.75| x 4/6 + |0.55 - 0.50| x 2/6
    assert calibration_error(confidences, is_right, bins=10) == pytest.approx(0.2 * 4 / 6 + 0.05 * 2 / 6)


def test_the_calibration_error_agrees_with_scikit_learns_curve() -> None:
    draw = np.random.default_rng(1)
    confidences = draw.uniform(0.1, 1.0, 4000)
    is_right = draw.random(4000) < confidences**2
    right, sure = calibration_curve(is_right, confidences, n_bins=15)
    counts, _ = np.histogram(confidences, np.linspace(0, 1, 16))
    expected = (np.abs(right - sure) * counts[counts > 0]).sum() / 4000
    assert calibration_error(confidences, is_right) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_the_calibration_error_is_in_range_and_zero_for_certain_correct_predictions(
    pairs: list[tuple[float, bool]],
) -> None:
    confidences, is_right = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    assert 0 <= calibration_error(confidences, is_right) <= 1
    assert calibration_error(np.ones(5), np.ones(5, bool)) == 0
    assert calibration_error(np.ones(5), np.zeros(5, bool)) == 1


@given(st.integers(0, 2**32 - 1), st.sampled_from(OUTPUTS))
def test_the_figures_of_a_sample_fit_together(seed: int, output: str) -> None:
    draw = np.random.default_rng(seed)
    logits = draw.normal(0, 4, (20, 10)).astype(np.float32)
    labels = draw.integers(0, 10, 20)
    result = Evaluation.of(labels, logits, output)  # type: ignore[arg-type]
    probabilities = probabilities_of(logits, output)  # type: ignore[arg-type]
    np.testing.assert_allclose(result.confidences, probabilities.max(axis=1), rtol=1e-9)
    if output == "softmax":
        np.testing.assert_allclose(np.exp(-result.losses), probabilities[np.arange(20), labels], rtol=1e-6, atol=1e-300)
    ranked = np.sort(probabilities, axis=1)
    np.testing.assert_allclose(result.margins, ranked[:, -1] - ranked[:, -2])
    assert np.isfinite(result.losses).all()


def test_the_logarithm_of_a_tiny_probability_is_exact() -> None:
    logits = np.array([[0.0, 2000.0, *[-1000.0] * 8]])
    assert log_probabilities(logits, "softmax")[0, 0] == pytest.approx(-2000.0)
    assert log_probabilities(logits, "linear")[0, 2] == pytest.approx(np.log(np.finfo(float).tiny))


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="3 labels and 2 predictions"):
        compute_metrics(np.zeros(3, int), np.zeros(2, int), np.zeros(2), np.zeros(2))

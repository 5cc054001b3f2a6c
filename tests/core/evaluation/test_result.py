"""Predictions and their confusion matrix."""

import os

import numpy as np
import pytest
import torch

from digitpad.core.evaluation.result import evaluate
from digitpad.core.images.digits import Digits
from digitpad.core.models.inference import predict_logits, softmax
from digitpad.core.models.networks import build
from digitpad.core.models.specs import SoftmaxSpec


def test_softmax_is_stable_and_sums_to_one() -> None:
    logits = np.array([[1e4, 0, -1e4], [0, 0, 0]])
    np.testing.assert_allclose(softmax(logits), [[1, 0, 0], [1 / 3, 1 / 3, 1 / 3]], atol=1e-12)
    random = np.random.default_rng(0).normal(size=(5, 10))
    np.testing.assert_allclose(softmax(random), torch.softmax(torch.from_numpy(random), dim=1).numpy())


def test_bytes_and_floats_give_the_same_logits() -> None:
    model = build(SoftmaxSpec()).eval()
    images = np.random.default_rng(0).integers(0, 256, (1203, 28, 28)).astype(np.uint8)
    logits = predict_logits(model, images)
    assert logits.shape == (1203, 10)
    np.testing.assert_allclose(logits, predict_logits(model, images.astype(np.float32) / 255), atol=1e-6)
    assert predict_logits(model, images[:0]).shape == (0, 10)


def test_the_confusion_matrix_has_labels_in_rows_and_predictions_in_columns() -> None:
    model = build(SoftmaxSpec()).eval()
    with torch.no_grad():
        model.layers[1].weight.zero_()  # type: ignore[operator]
        model.layers[1].bias.copy_(torch.nn.functional.one_hot(torch.tensor(3), 10) * 5.0)  # type: ignore[operator]
    labels = np.array([3, 3, 4, 9], np.uint8)
    result = evaluate(model, Digits("x", np.zeros((4, 28, 28), np.uint8), labels))
    assert result.accuracy == 0.5
    metrics = result.metrics()
    assert metrics.confusion[3, 3] == 2
    assert metrics.confusion[4, 3] == metrics.confusion[9, 3] == 1
    assert metrics.recall[3] == 1.0
    assert metrics.recall[4] == 0.0
    assert np.isnan(metrics.recall[0])
    assert metrics.confusion.sum() == pytest.approx(4)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux binds a process to processors")
def test_an_evaluation_uses_no_more_threads_than_the_process_has_processors() -> None:
    before, threads = os.sched_getaffinity(0), torch.get_num_threads()
    try:
        os.sched_setaffinity(0, {min(before)})
        evaluate(build(SoftmaxSpec()), Digits("x", np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.uint8)))
        assert torch.get_num_threads() == 1
    finally:
        os.sched_setaffinity(0, before)
        torch.set_num_threads(threads)

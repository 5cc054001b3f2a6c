"""MLPs joined into one."""

import numpy as np
import pytest
import torch
from joined_models import joined_mlp

from digitpad.core.models.inference import predict_logits
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec


@pytest.mark.parametrize("widths", [[(8,), (5,)], [(8, 4), (5, 3)], [(8, 4, 6), (5, 3, 2), (7, 2, 3)]])
def test_the_logits_are_the_mean_of_the_joined_models(widths: list[tuple[int, ...]]) -> None:
    torch.manual_seed(1)
    models = [build(MLPSpec(hidden=hidden)).eval() for hidden in widths]
    images = np.random.default_rng(0).random((5, 28, 28), np.float32)
    expected = np.mean([predict_logits(model, images) for model in models], axis=0)
    joined = joined_mlp(models)
    assert joined.spec == MLPSpec(hidden=tuple(map(sum, zip(*widths, strict=True))))
    np.testing.assert_allclose(predict_logits(joined, images), expected, atol=1e-6)

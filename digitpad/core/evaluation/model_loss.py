"""The loss that a model was trained with, for each sample as its training reports it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from digitpad.core.models.specs import Output
from digitpad.core.numpy_engine.losses import TINY
from digitpad.core.numpy_engine.network import target_outputs
from digitpad.core.training.config import LOSS_NAMES, Loss
from digitpad.core.translation import tr

_BY_OUTPUT: dict[Output, Loss] = {"softmax": "cross-entropy", "sigmoid": "binary-cross-entropy", "linear": "sse"}


@dataclass(frozen=True, slots=True)
class ModelLoss:
    """A loss, as one of the engines computes it.

    Attributes
    ----------
    name
        "cross-entropy": −log of the label's softmax; "binary-cross-entropy": of each output separately, −t log y −
        (1−t) log(1−y); "mse": (y−t)², a mean over the outputs; "sse": their sum. y are the outputs, t the targets.
    tiny
        What is added to y and 1−y before the logarithms of "binary-cross-entropy": 1e-7 for the NumPy engine, else 0,
        for which the terms are computed from the logits, exactly.

    is_numpy
        Whether the NumPy engine trained the model.

    """

    name: Loss
    tiny: float = 0.0
    is_numpy: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, output: Output, training: Mapping[str, object] | None = None) -> "ModelLoss":
        """Return the loss of a model with this output, from the record of its training in the model card.

        Without a loss in the record, or with one that does not belong to the output, return the usual one: for softmax
        cross-entropy, for sigmoids binary cross-entropy, for linear outputs the sum of squared errors.
        """
        record = training or {}
        recorded = record.get("loss")
        name = next((loss for loss in get_args(Loss) if loss == recorded), _BY_OUTPUT[output])
        if name not in ("mse", "sse"):
            name = _BY_OUTPUT[output]
        is_numpy = was_trained_with_numpy(record)
        return cls(name, TINY if is_numpy and name == "binary-cross-entropy" else 0.0, is_numpy)

    def described(self, value: float) -> str:
        """Return the name of the loss with a value: "mean squared error 0.0082"; a small value has more decimals."""
        figure = f"{value:.4f}" if value >= 0.001 or value <= 0 else f"{value:.2g}"
        return f"{tr(LOSS_NAMES[self.name])} {figure}"

    def terms(self, logits: np.ndarray, labels: np.ndarray, output: Output) -> np.ndarray:
        """Return the term of each output in the loss, (n, outputs) float64.

        Parameters
        ----------
        logits
            (n, outputs), any float type.
        labels
            (n,) integers in 0–9; 0 or 1 for a single output.
        output
            The activation that turns logits into outputs.

        """
        from digitpad.core.models.inference import log_probabilities, outputs_of

        wide, targets = logits.astype(np.float64), target_outputs(labels, logits.shape[1])
        if self.name == "cross-entropy":
            # 0 times an infinite logarithm would be NaN; + 0.0 turns -0.0 into 0.0.
            return np.where(targets == 1, -log_probabilities(wide, output), 0.0) + 0.0
        if self.name != "binary-cross-entropy":
            return (outputs_of(wide, output) - targets) ** 2
        if not self.tiny:
            return np.logaddexp(0.0, np.where(targets == 1, -wide, wide))
        outputs = outputs_of(wide, output)
        return -np.log(np.where(targets == 1, outputs, 1 - outputs) + self.tiny)

    def total(self, terms: np.ndarray) -> np.ndarray:
        """Return the losses (…) of terms (…, outputs): their sum, for "mse" their mean."""
        return terms.mean(axis=-1) if self.name == "mse" else terms.sum(axis=-1)


def was_trained_with_numpy(record: Mapping[str, object]) -> bool:
    """Return whether the NumPy engine trained a model, from the record of its training in the model card."""
    # Cards of earlier versions do not name the engine; only the NumPy engine has these streams and slips.
    was_numpy = str(record.get("stream")).startswith("tutorial-") or bool(record.get("slips"))
    return record.get("engine", "numpy" if was_numpy else "torch") == "numpy"

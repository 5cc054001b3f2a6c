"""How an answer and its cost are computed, step by step: logits, probabilities, one-hot label, cross-entropy.

torch is imported when there is something to compute, so that the window can import what it shows from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import Output

if TYPE_CHECKING:
    from torch import Tensor

_HEADINGS = ("digit", "z", "p", "y", "-y*ln(p)")


@dataclass(frozen=True, slots=True, eq=False)
class WorkedExample:
    """The table of one answer, a row for each digit.

    Attributes
    ----------
    label
        What the image is, 0–9.
    logits
        (10,) float64: z.
    probabilities
        (10,) float64 in [0, 1], summing to 1: p.
    one_hot
        (10,) float64: y, 1 for the label and 0 for the others.
    terms
        (10,) float64, at least 0, nats: -y ln p, which is 0 where y is 0, even where p is 0 too.
    total
        Their sum, the cross-entropy, nats.

    """

    label: int
    logits: np.ndarray
    probabilities: np.ndarray
    one_hot: np.ndarray
    terms: np.ndarray
    total: float

    def as_text(self) -> str:
        """Return the table with tabs between its columns, as spreadsheets take it; the last row is the sum."""
        columns = (self.logits, self.probabilities, self.one_hot, self.terms)
        rows = [(str(digit), *map(_text, row)) for digit, row in enumerate(zip(*columns, strict=True))]
        last = ("sum", "", _text(self.probabilities.sum()), _text(self.one_hot.sum()), _text(self.total))
        return "\n".join("\t".join(row) for row in (_HEADINGS, *rows, last)) + "\n"


@dataclass(frozen=True, slots=True)
class CostFormula:
    """One way of writing the cost in PyTorch, and what it came to, nats; the code follows `formula_setup`."""

    code: str
    value: float


def compute_example(logits: np.ndarray, label: int, output: Output) -> WorkedExample:
    """Work out an answer and its cost.

    Parameters
    ----------
    logits
        (10,), any float type.
    label
        What the image is, 0–9.
    output
        What makes probabilities of the logits. A softmax's terms are taken from ln p = z - ln(sum of exp z), which
        neither overflows nor rounds to 0, however large the logits are. Of other outputs a probability of 0 counts
        as the smallest positive normal number, 2.2e-308, and no other is touched: its term is 708.4, not infinite.

    """
    from digitpad.core.models.inference import log_probabilities, probabilities_of

    wide = np.array(logits, np.float64)
    one_hot = np.eye(CLASSES)[label]
    # 0 times an infinite logarithm would be no number; + 0.0 makes -0.0 a plain 0.
    terms = np.where(one_hot == 1, -log_probabilities(wide, output), 0.0) + 0.0
    return WorkedExample(
        label=label,
        logits=wide,
        probabilities=probabilities_of(wide, output),
        one_hot=one_hot,
        terms=terms,
        total=float(terms.sum()),
    )


def cost_formulas(logits: np.ndarray, label: int) -> tuple[CostFormula, ...]:
    """Compute the cross-entropy of a softmax, for logits (10,), as the tutorials write it, each way with torch.

    All agree as long as no probability rounds to 0; there the first two are no numbers (NaN), as they would be for
    whoever writes them so, and the first is also where exp overflows, from logits of 710.
    """
    import torch

    z = torch.from_numpy(np.array(logits, np.float64)[None])
    y = torch.tensor([label])
    y_one_hot = torch.nn.functional.one_hot(y, CLASSES)
    with torch.inference_mode():
        return tuple(CostFormula(code, float(compute(z, y, y_one_hot))) for code, compute in _ways())


def formula_setup(logits: np.ndarray, label: int) -> str:
    """Return the Python lines that make what the code of `cost_formulas` names: z, y and y_one_hot."""
    values = ", ".join(repr(float(value)) for value in logits)
    return (
        "import torch\n"
        "import torch.nn.functional as F\n"
        f"z = torch.tensor([[{values}]], dtype=torch.float64)\n"
        f"y = torch.tensor([{label}])\n"
        f"y_one_hot = F.one_hot(y, {CLASSES})\n"
    )


def _ways() -> "tuple[tuple[str, Callable[[Tensor, Tensor, Tensor], Tensor]], ...]":
    """Return the five ways, each as text and as what it says; a test holds the two together."""
    import torch
    from torch.nn import functional

    return (
        (
            "(y_one_hot * -torch.log(z.exp() / z.exp().sum(dim=1, keepdim=True))).sum(dim=1).mean()",
            lambda z, _, y_one_hot: (
                (y_one_hot * -torch.log(z.exp() / z.exp().sum(dim=1, keepdim=True))).sum(dim=1).mean()
            ),
        ),
        (
            "(y_one_hot * -torch.log(F.softmax(z, dim=1))).sum(dim=1).mean()",
            lambda z, _, y_one_hot: (y_one_hot * -torch.log(functional.softmax(z, dim=1))).sum(dim=1).mean(),
        ),
        (
            "(y_one_hot * -F.log_softmax(z, dim=1)).sum(dim=1).mean()",
            lambda z, _, y_one_hot: (y_one_hot * -functional.log_softmax(z, dim=1)).sum(dim=1).mean(),
        ),
        (
            "F.nll_loss(F.log_softmax(z, dim=1), y)",
            lambda z, y, _: functional.nll_loss(functional.log_softmax(z, dim=1), y),
        ),
        ("F.cross_entropy(z, y)", lambda z, y, _: functional.cross_entropy(z, y)),
    )


def _text(value: float) -> str:
    return f"{value:.10g}"

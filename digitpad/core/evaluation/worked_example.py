"""The cost of one prediction, step by step: logits, probabilities, one-hot label, cross-entropy.

torch is imported inside functions, so that the window can import this module without it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import Output

if TYPE_CHECKING:
    from torch import Tensor

_HEADINGS = ("digit", "z", "p", "y", "-y*ln(p)")
# As tutorials write the cost; `cost_formulas` computes the same, which a test checks.
_FORMULAS = (
    "(y_one_hot * -torch.log(z.exp() / z.exp().sum(dim=1, keepdim=True))).sum(dim=1).mean()",
    "(y_one_hot * -torch.log(F.softmax(z, dim=1))).sum(dim=1).mean()",
    "(y_one_hot * -F.log_softmax(z, dim=1)).sum(dim=1).mean()",
    "F.nll_loss(F.log_softmax(z, dim=1), y)",
    "F.cross_entropy(z, y)",
)


@dataclass(frozen=True, slots=True, eq=False)
class WorkedExample:
    """The table of one prediction, a row for each digit.

    Attributes
    ----------
    label
        0–9.
    logits
        (10,) float64: z.
    probabilities
        (10,) float64 in [0, 1], with the sum 1: p.
    one_hot
        (10,) float64: y, 1 for the label and 0 for the others.
    terms
        (10,) float64, not negative, nats: -y ln p; 0 where y is 0, even if p is 0 too.
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
        """Return the table separated by tabs, as spreadsheets read it; the last row is the sum."""
        columns = (self.logits, self.probabilities, self.one_hot, self.terms)
        rows = [(str(digit), *map(_format, row)) for digit, row in enumerate(zip(*columns, strict=True))]
        last = ("sum", "", _format(self.probabilities.sum()), _format(self.one_hot.sum()), _format(self.total))
        return "\n".join("\t".join(row) for row in (_HEADINGS, *rows, last)) + "\n"


@dataclass(frozen=True, slots=True)
class CostFormula:
    """One way to compute the cost in PyTorch, and its value, nats; the code needs the lines of `formula_setup`."""

    code: str
    value: float


def compute_example(logits: np.ndarray, label: int, output: Output) -> WorkedExample:
    """Compute the probabilities and the cost of a prediction.

    Parameters
    ----------
    logits
        (10,), any float type.
    label
        0–9.
    output
        The activation that turns logits into probabilities. For a softmax, ln p = z - ln(sum of exp z), which neither
        overflows nor rounds to 0 for large logits. For other outputs, a probability of 0 is replaced by the smallest
        positive normal number, 2.2e-308: its term is 708.4, not infinite.

    """
    from digitpad.core.models.inference import log_probabilities, probabilities_of

    wide = np.array(logits, np.float64)
    one_hot = np.eye(CLASSES)[label]
    # 0 times an infinite logarithm would be NaN; + 0.0 turns -0.0 into 0.0.
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
    """Compute the cross-entropy of a softmax, for logits (10,), with torch in each way that tutorials use.

    The values agree unless a probability rounds to 0: then the first two are NaN. The first is also NaN if exp
    overflows, for logits from 710.
    """
    import torch
    from torch.nn import functional

    z = torch.from_numpy(np.array(logits, np.float64)[None])
    y = torch.tensor([label])
    y_one_hot = functional.one_hot(y, CLASSES)

    def cost(log_p: "Tensor") -> "Tensor":
        return (y_one_hot * -log_p).sum(dim=1).mean()

    with torch.inference_mode():
        values = (
            cost(torch.log(z.exp() / z.exp().sum(dim=1, keepdim=True))),
            cost(torch.log(functional.softmax(z, dim=1))),
            cost(functional.log_softmax(z, dim=1)),
            functional.nll_loss(functional.log_softmax(z, dim=1), y),
            functional.cross_entropy(z, y),
        )
    return tuple(CostFormula(code, float(value)) for code, value in zip(_FORMULAS, values, strict=True))


def formula_setup(logits: np.ndarray, label: int) -> str:
    """Return Python code that defines the variables of `cost_formulas`: z, y and y_one_hot."""
    values = ", ".join(repr(float(value)) for value in logits)
    return (
        "import torch\n"
        "import torch.nn.functional as F\n"
        f"z = torch.tensor([[{values}]], dtype=torch.float64)\n"
        f"y = torch.tensor([{label}])\n"
        f"y_one_hot = F.one_hot(y, {CLASSES})\n"
    )


def _format(value: float) -> str:
    return f"{value:.10g}"

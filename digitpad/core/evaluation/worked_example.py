"""The loss of one prediction, step by step: logits, outputs, targets, terms; and programs that compute the same."""

from dataclasses import dataclass

import numpy as np

from digitpad.core.evaluation.model_loss import ModelLoss
from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import Output
from digitpad.core.numpy_engine.network import target_outputs

_TERMS = {
    "cross-entropy": "-y*ln(p)",
    "binary-cross-entropy": "-t*ln(y)-(1-t)*ln(1-y)",
    "mse": "(y-t)^2",
    "sse": "(y-t)^2",
}
# As tutorials write the cost of a softmax, with the line that comes before it.
_SOFTMAX_FORMULAS = (
    ("(y_one_hot * - torch.log(hypothesis)).sum(dim=1).mean()", "hypothesis = F.softmax(z, dim=1)"),
    ("(y_one_hot * -torch.log(F.softmax(z, dim=1))).sum(dim=1).mean()", ""),
    ("(y_one_hot * -F.log_softmax(z, dim=1)).sum(dim=1).mean()", ""),
    ("F.nll_loss(F.log_softmax(z, dim=1), y)", ""),
    ("F.cross_entropy(z, y)", ""),
)
_SQUARES = {
    "mse": ("np.mean((t - y) ** 2)", "((t - y) ** 2).sum() / t.size"),
    "sse": ("np.sum((t - y) ** 2)", "((t - y) ** 2).sum(axis=1).mean()"),
}
# With what the NumPy engine adds inside the logarithms.
_ENGINE_LOGARITHMS = (
    "-np.sum(t * np.log(y + 1e-7) + (1 - t) * np.log(1 - y + 1e-7)) / len(y)",
    "-np.log(np.where(t == 1, y, 1 - y) + 1e-7).sum() / len(y)",
)
# For models that PyTorch trained; its means over all elements are those of a single output.
_TORCH_FORMULAS = {
    "mse": ("F.mse_loss(y, t)", "((t - y) ** 2).mean()"),
    "sse": ('F.mse_loss(y, t, reduction="sum")', "((t - y) ** 2).sum()"),
    "binary-cross-entropy": (
        "F.binary_cross_entropy(torch.sigmoid(z), t)",
        "F.binary_cross_entropy_with_logits(z, t)",
    ),
}
_TORCH_OUTPUTS: dict[Output, str] = {
    "softmax": "F.softmax(z, dim=1)",
    "sigmoid": "torch.sigmoid(z)",
    "linear": "z",
}
_NUMPY_OUTPUTS: dict[Output, str] = {
    "softmax": "np.exp(z - z.max()) / np.exp(z - z.max()).sum()",
    "sigmoid": "1 / (1 + np.exp(-z))",
    "linear": "z",
}


@dataclass(frozen=True, slots=True, eq=False)
class WorkedExample:
    """The table of one prediction, a row for each output: ten, or one for a model of two classes.

    Attributes
    ----------
    label
        0–9; 0 or 1 for a single output.
    output
        The activation that turns logits into outputs.
    loss
        The loss of the model.
    logits
        (outputs,) float64: z.
    outputs
        (outputs,) float64: p, the probabilities of a softmax, or y, the outputs of other models as they are.
    targets
        (outputs,) float64: 1 for the label and 0 for the others; for a single output the label itself.
    terms
        (outputs,) float64: the term of each output, see `ModelLoss.terms`.
    total
        The loss: their sum, or for "mse" their mean.

    """

    label: int
    output: Output
    loss: ModelLoss
    logits: np.ndarray
    outputs: np.ndarray
    targets: np.ndarray
    terms: np.ndarray
    total: float

    @property
    def classes(self) -> range:
        """The class that each output stands for; a single output stands for class 1."""
        return range(CLASSES) if len(self.logits) > 1 else range(1, 2)

    def as_text(self) -> str:
        """Return the table separated by tabs, as spreadsheets read it; the last row is the sum, or the mean."""
        is_softmax = self.loss.name == "cross-entropy"
        headings = (
            "digit" if len(self.logits) > 1 else "class",
            "z",
            *(("p", "y") if is_softmax else ("y", "t")),
            _TERMS[self.loss.name],
        )
        columns = (self.logits, self.outputs, self.targets, self.terms)
        rows = [(str(row[0]), *map(_format, row[1:])) for row in zip(self.classes, *columns, strict=True)]
        sums = (_format(self.outputs.sum()), _format(self.targets.sum())) if is_softmax else ("", "")
        last = ("mean" if self.loss.name == "mse" else "sum", "", *sums, _format(self.total))
        return "\n".join("\t".join(row) for row in (headings, *rows, last)) + "\n"


@dataclass(frozen=True, slots=True)
class CostFormula:
    """One way to compute the loss: `code`, after the line `before` if it needs one, and after `formula_setup`."""

    code: str
    value: float
    before: str = ""


def compute_example(
    logits: np.ndarray, label: int, output: Output = "softmax", loss: ModelLoss | None = None
) -> WorkedExample:
    """Compute the outputs and the loss of a prediction.

    Parameters
    ----------
    logits
        (10,) or (1,), any float type.
    label
        0–9; 0 or 1 for a single output.
    output
        The activation that turns logits into outputs.
    loss
        The loss of the model; None for the usual one of its output.

    """
    from digitpad.core.models.inference import outputs_of

    loss, wide, labels = loss or ModelLoss.of(output), np.array(logits, np.float64), np.array([label])
    terms = loss.terms(wide[None], labels, output)[0]
    return WorkedExample(
        label=label,
        output=output,
        loss=loss,
        logits=wide,
        outputs=outputs_of(wide, output),
        targets=target_outputs(labels, len(wide))[0],
        terms=terms,
        total=float(loss.total(terms)),
    )


def cost_formulas(worked: WorkedExample) -> tuple[CostFormula, ...]:
    """Compute the loss of an example in each way that tutorials use, with torch or NumPy, see `is_in_torch`.

    The values come from the code itself. They agree with the loss, unless an output rounds to 0 or 1 and its logarithm
    is multiplied by 0: then a way is NaN.
    """
    names: dict[str, object] = {}
    with np.errstate(all="ignore"):
        exec(formula_setup(worked), names)  # noqa: S102 - our own lines and numbers
        formulas = []
        for code, before in _formulas(worked):
            exec(before, names)  # noqa: S102
            formulas.append(CostFormula(code, float(eval(code, names)), before))  # noqa: S307
    return tuple(formulas)


def formula_setup(worked: WorkedExample) -> str:
    """Return Python code that defines the variables of `cost_formulas`.

    For a softmax z, y and y_one_hot, as torch tensors; for other losses z, y and t, as tensors or NumPy arrays.
    """
    values = ", ".join(repr(float(value)) for value in worked.logits)
    if worked.loss.name == "cross-entropy":
        return (
            "import torch\n"
            "import torch.nn.functional as F\n"
            f"z = torch.tensor([[{values}]], dtype=torch.float64)\n"
            f"y = torch.tensor([{worked.label}])\n"
            f"y_one_hot = F.one_hot(y, {len(worked.logits)})\n"
        )
    if is_in_torch(worked):
        return (
            "import torch\n"
            "import torch.nn.functional as F\n"
            f"z = torch.tensor([[{values}]], dtype=torch.float64)\n"
            f"y = {_TORCH_OUTPUTS[worked.output]}\n"
            f"t = torch.tensor([{worked.targets.tolist()}], dtype=torch.float64)\n"
        )
    one_hot = f"np.eye({CLASSES})[[{worked.label}]]" if len(worked.logits) > 1 else f"np.array([[{worked.label}.0]])"
    outputs = _NUMPY_OUTPUTS[worked.output]
    return f"import numpy as np\nz = np.array([[{values}]])\ny = {outputs}\nt = {one_hot}\n"


def is_in_torch(worked: WorkedExample) -> bool:
    """Return whether the formulas are in PyTorch: for cross-entropy, and for models that PyTorch trained."""
    return worked.loss.name == "cross-entropy" or not (worked.loss.is_numpy or worked.loss.tiny)


def _formulas(worked: WorkedExample) -> tuple[tuple[str, str], ...]:
    """Return the code of each way, and the line before it."""
    loss = worked.loss
    if loss.name == "cross-entropy":
        return _SOFTMAX_FORMULAS
    if is_in_torch(worked):
        is_sum = loss.name == "binary-cross-entropy" and len(worked.logits) > 1
        codes = _TORCH_FORMULAS[loss.name]
        return tuple((f'{code[:-1]}, reduction="sum")' if is_sum else code, "") for code in codes)
    ways = _ENGINE_LOGARITHMS if loss.name == "binary-cross-entropy" else _SQUARES[loss.name]
    return tuple((code, "") for code in ways)


def _format(value: float) -> str:
    return f"{value:.10g}"

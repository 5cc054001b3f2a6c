"""The three tests with which the published notebook checks its layers, computed with the layers of the NumPy engine.

The notebook prints these arrays, from its own random numbers; so a student can compare them digit by digit.
"""

from dataclasses import dataclass

import numpy as np

from digitpad.core.numpy_engine.layers import Array, Linear, Sigmoid
from digitpad.core.numpy_engine.losses import mean_squared_error, mean_squared_error_gradient
from digitpad.core.numpy_engine.random_streams import notebook_stream


@dataclass(frozen=True, slots=True, eq=False)
class LayerCheck:
    """One test: what the notebook prints, in its order, by the expression that it prints; float64."""

    name: str
    printed: dict[str, Array | float]

    def as_text(self) -> str:
        """Return the arrays as NumPy prints them, with 8 decimals and their shapes; a number with all its digits."""
        return "\n\n".join(
            f"{title} {value.shape} =\n {_printed(value)}"
            if isinstance(value, np.ndarray)
            else f"{title} =\n {value!r}"
            for title, value in self.printed.items()
        )


def layer_checks() -> tuple[LayerCheck, ...]:
    """Compute the tests of a sigmoid (5, 2), of a linear layer 2-3, and of a network 2-10-5-1 with the MSE."""
    _, (x_sigmoid, x_linear, gradient, weights, bias, x, target, *parameters) = notebook_stream()
    sigmoid, linear = Sigmoid(), Linear(weights, bias)
    layers = [
        layer for w, b in zip(parameters[::2], parameters[1::2], strict=True) for layer in (Linear(w, b), Sigmoid())
    ]
    outputs = x
    for layer in layers:
        outputs = layer.forward(outputs)
    back = mean_squared_error_gradient(outputs, target, len(x))
    for layer in reversed(layers):
        back = layer.backward(back)
    return (
        LayerCheck(
            "Sigmoid",
            {
                "x": x_sigmoid,
                "forward(x)": sigmoid.forward(x_sigmoid),
                "backward(1)": sigmoid.backward(np.ones_like(x_sigmoid)),
            },
        ),
        LayerCheck(
            "Linear 2 → 3",
            {"x": x_linear, "forward(x)": linear.forward(x_linear), "backward(y)": linear.backward(gradient)},
        ),
        LayerCheck(
            "MLP 2-10-5-1",
            {
                "x": x,
                "predict(x)": outputs,
                "forward(x, y)": mean_squared_error(outputs, target),
                "backward()": back,
            },
        ),
    )


def _printed(array: Array) -> str:
    return np.array2string(array, precision=8)

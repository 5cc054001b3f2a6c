"""The layers of a network by hand: what each makes of its input, and what of the gradient that comes back.

Every array is float64 and has one row for each image. `forward` keeps what `backward` will need. `backward` takes the
gradient of the loss by the layer's output and returns that by its input: the chain rule, one link a layer.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitpad.core.numpy_engine.random_streams import RandomStream

Array = NDArray[np.float64]
# exp overflows beyond 709; a sigmoid there is 0 to the last digit.
_LOWEST_EXPONENT = -700.0


class Layer(Protocol):
    """One link of the chain."""

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return the output (n, units); `rng` is there in training alone."""
        ...

    def backward(self, gradient: Array) -> Array:
        """Turn the gradient by the output into that by the input, of the input's shape."""
        ...


@dataclass(slots=True, eq=False)
class Linear:
    """``y = x W + b``.

    Attributes
    ----------
    weights
        (inputs, outputs) float64.
    bias
        (outputs,) float64, or None.
    gradients
        Of the weights, and of the bias where there is one; summed over `add_gradients`, None before the first.

    """

    weights: Array
    bias: Array | None = None
    gradients: list[Array] | None = None
    _inputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def parameters(self) -> list[Array]:
        """The weights, and the bias where there is one."""
        return [self.weights] if self.bias is None else [self.weights, self.bias]

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return ``x W + b``, (n, outputs)."""
        self._inputs = inputs
        product = inputs @ self.weights
        return product if self.bias is None else product + self.bias

    def add_gradients(self, gradient: Array) -> None:
        """Add the gradients of the weights, ``x^T g``, and of the bias, the sum of g over the images."""
        found = [self._inputs.T @ gradient]
        if self.bias is not None:
            found.append(gradient.sum(axis=0))
        self.gradients = (
            found if self.gradients is None else [a + b for a, b in zip(self.gradients, found, strict=True)]
        )

    def backward(self, gradient: Array) -> Array:
        """Collect, and return ``g W^T``, (n, inputs)."""
        self.add_gradients(gradient)
        return gradient @ self.weights.T

    def step(self, rate: float) -> None:
        """Take one step of gradient descent, ``W - rate * gradient``, and forget the gradients."""
        for parameter, gradient in zip(self.parameters, self.gradients or [], strict=True):
            np.subtract(parameter, rate * gradient, out=parameter)
        self.gradients = None


@dataclass(slots=True, eq=False)
class Sigmoid:
    """``y = 1 / (1 + exp(-x))``, in (0, 1); its derivative is ``y (1 - y)``."""

    _outputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return the sigmoid of each element."""
        self._outputs = 1 / (1 + np.exp(-np.maximum(inputs, _LOWEST_EXPONENT)))
        return self._outputs

    def backward(self, gradient: Array) -> Array:
        """Return ``g y (1 - y)``."""
        return gradient * self._outputs * (1 - self._outputs)


@dataclass(slots=True, eq=False)
class ReLU:
    """``y = max(x, 0)``; its derivative is 1 where the unit is above 0, else 0.

    With the slip of a published program the derivative is taken at the unit's own output with >=. That is true
    everywhere, so units that were silent learn as if they had spoken.
    """

    has_slip: bool = False
    _outputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return the elements above 0, and 0 for the others."""
        self._outputs = np.maximum(inputs, 0)
        return self._outputs

    def backward(self, gradient: Array) -> Array:
        """Let the gradient through where the unit spoke."""
        return gradient * (self._outputs >= 0 if self.has_slip else self._outputs > 0)


@dataclass(slots=True, eq=False)
class Dropout:
    """In training each unit is silenced by chance, with probability `probability`, and the others speak up for it.

    ``y = x mask / (1 - share)``, mask 0 or 1 (Srivastava et al. 2014, in the "inverted" form that leaves nothing to do
    when a trained network is used). With the slip of a published program the gradient is masked, but not scaled.
    """

    probability: float  # in [0, 1)
    has_slip: bool = False
    _mask: Array | None = None

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Silence some units; without `rng`, none."""
        self._mask = None if rng is None else self._drawn(rng, inputs.shape)
        return inputs if self._mask is None else inputs * (self._mask * self._scale)

    def backward(self, gradient: Array) -> Array:
        """Do to the gradient what was done to the units."""
        if self._mask is None:
            return gradient
        return gradient * (self._mask if self.has_slip else self._mask * self._scale)

    @property
    def _scale(self) -> float:
        return 1 / (1 - self.probability)

    def _drawn(self, chance: RandomStream, shape: tuple[int, ...]) -> Array:
        """Draw ones and zeros; a half is tossed as coins, as the published program does it."""
        if self.probability != 0.5:
            return (chance.random(shape) >= self.probability).astype(np.float64)
        if isinstance(chance, np.random.Generator):
            return chance.integers(0, 2, size=shape).astype(np.float64)
        return chance.randint(0, 2, size=shape).astype(np.float64)


@dataclass(slots=True, eq=False)
class Softmax:
    """``y_i = exp(x_i) / sum_j exp(x_j)``: probabilities, each row sums to 1."""

    _outputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return each row's probabilities."""
        # The greatest is taken off first, which changes no ratio and keeps exp from overflowing.
        powers = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self._outputs = powers / powers.sum(axis=1, keepdims=True)
        return self._outputs

    def backward(self, gradient: Array) -> Array:
        """Return ``y (g - sum_j g_j y_j)``."""
        return self._outputs * (gradient - (gradient * self._outputs).sum(axis=1, keepdims=True))

"""The layers of a network in NumPy, each with its forward and its backward pass.

Every array is float64 and has one row per image. `forward` stores what `backward` needs. `backward` turns the gradient
of the loss with respect to the layer's output into that with respect to its input, by the chain rule.
"""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitpad.core.numpy_engine.random_streams import RandomStream

Array = NDArray[np.float64]
# exp overflows above 709; the sigmoid is 0 there to the last digit.
_LOWEST_EXPONENT = -700.0


class Layer(Protocol):
    """What a network needs of a layer."""

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return the output (n, units); `rng` is given in training only."""
        ...

    def backward(self, gradient: Array) -> Array:
        """Return the gradient with respect to the input, in the input's shape."""
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
        Of the weights, and of the bias if there is one; summed over calls of `add_gradients`, None before the first.

    """

    weights: Array
    bias: Array | None = None
    gradients: list[Array] | None = None
    _inputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def parameters(self) -> list[Array]:
        """The weights, and the bias if there is one."""
        return [self.weights] if self.bias is None else [self.weights, self.bias]

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return ``x W + b``, (n, outputs)."""
        self._inputs = inputs
        product = inputs @ self.weights
        return product if self.bias is None else product + self.bias

    def add_gradients(self, gradient: Array) -> None:
        """Add the gradients of the weights, ``x^T g``, and of the bias, the sum of g over the images."""
        # Of one image it is an outer product, which takes half the time by broadcasting.
        new = [self._inputs.T * gradient if len(gradient) == 1 else self._inputs.T @ gradient]
        if self.bias is not None:
            new.append(gradient.sum(axis=0))
        self.gradients = new if self.gradients is None else [a + b for a, b in zip(self.gradients, new, strict=True)]

    def backward(self, gradient: Array) -> Array:
        """Add the gradients of weights and bias, and return ``g W^T``, (n, inputs)."""
        self.add_gradients(gradient)
        return gradient @ self.weights.T

    def step(self, rate: float) -> None:
        """Take one step of gradient descent, ``W - rate * gradient``, and clear the gradients."""
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
    """``y = max(x, 0)``; its derivative is 1 where the output is above 0, else 0.

    With the slip of a published program the derivative tests the output with >= instead. That is true everywhere, so
    inactive units learn too.
    """

    has_slip: bool = False
    _outputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return the elements above 0, and 0 for the others."""
        self._outputs = np.maximum(inputs, 0)
        return self._outputs

    def backward(self, gradient: Array) -> Array:
        """Return the gradient where the unit was active, and 0 elsewhere."""
        return gradient * (self._outputs >= 0 if self.has_slip else self._outputs > 0)


@dataclass(slots=True, eq=False)
class Dropout:
    """In training, set each unit to 0 with a probability, and scale the others up.

    ``y = x mask / (1 - probability)``, mask 0 or 1: "inverted" dropout (Srivastava et al. 2014), which needs no change
    when a trained network is used. With the slip of a published program the gradient is masked, but not scaled.
    """

    probability: float  # in [0, 1)
    has_slip: bool = False
    mask: Array | None = None  # of the last forward pass: 1 for a unit that is kept, 0 for one that is dropped

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Drop some units; without `rng`, none."""
        self.mask = None if rng is None else self._draw_mask(rng, inputs.shape)
        return inputs if self.mask is None else inputs * (self.mask * self._scale)

    def backward(self, gradient: Array) -> Array:
        """Apply the mask of the forward pass to the gradient."""
        if self.mask is None:
            return gradient
        return gradient * (self.mask if self.has_slip else self.mask * self._scale)

    @property
    def _scale(self) -> float:
        return 1 / (1 - self.probability)

    def _draw_mask(self, rng: RandomStream, shape: tuple[int, ...]) -> Array:
        """Draw ones and zeros; for a probability of 0.5 as integers, like the published program."""
        if self.probability != 0.5:
            return (rng.random(shape) >= self.probability).astype(np.float64)
        if isinstance(rng, np.random.Generator):
            return rng.integers(0, 2, size=shape).astype(np.float64)
        return rng.randint(0, 2, size=shape).astype(np.float64)


@dataclass(slots=True, eq=False)
class Softmax:
    """``y_i = exp(x_i) / sum_j exp(x_j)``: probabilities, each row sums to 1."""

    _outputs: Array = field(default_factory=lambda: np.empty((0, 0)))

    def forward(self, inputs: Array, rng: RandomStream | None = None) -> Array:
        """Return each row's probabilities."""
        # Subtracting the largest changes no ratio and keeps exp from overflowing.
        powers = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self._outputs = powers / powers.sum(axis=1, keepdims=True)
        return self._outputs

    def backward(self, gradient: Array) -> Array:
        """Return ``y (g - sum_j g_j y_j)``."""
        return self._outputs * (gradient - (gradient * self._outputs).sum(axis=1, keepdims=True))

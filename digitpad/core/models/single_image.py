"""A model for one image at a time, as drawing on the pad needs it, by ONNX Runtime."""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from torch import linalg, nn, no_grad

from digitpad.core.models.activations import Activations, activations_of, assembled, layer_groups
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.networks import DigitModel
from digitpad.core.models.onnx_layers import IMAGES, LOGITS, onnx_model
from digitpad.core.models.specs import inputs_of

if TYPE_CHECKING:
    from types import ModuleType

    import onnxruntime

_LARGEST = float(np.finfo(np.float32).max)
_LARGEST_PIXEL = 1.0
_MOST_WEIGHTS = 1 << 24  # reading more takes longer than all that ONNX Runtime saves


class SingleImageModel:
    """Computes what a model says about one image, with the same logits up to rounding.

    ONNX Runtime takes half of torch's time for a CNN, and it computes all layers in one call, without Python's GIL:
    torch takes the GIL back after each of its functions, and each time waits until the window's thread releases it.
    """

    def __init__(self, model: DigitModel) -> None:
        """Prepare a model; it is in evaluation mode, on the CPU, best a `networks.quick_copy`."""
        self._model = model
        is_large = model.parameter_count() > _MOST_WEIGHTS
        self._arrays: dict[str, np.ndarray] = {}  # the weights that the session reads where they are
        self._session = None if is_large or _may_overflow(model) else _session(model, self._arrays)  # None: torch
        self._weights = [group[0].get_parameter("weight").detach().numpy() for group in layer_groups(model)]

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """Return the logits, (outputs,) float64, of an image: (28, 28) or the model's size, float32 in [0, 1]."""
        if self._session is None or not self._fits(pixels):
            return predict_logits(self._model, pixels[None])[0].astype(np.float64)
        (logits,) = self._session.run([LOGITS], {IMAGES: pixels[None]})
        return np.asarray(logits)[0].astype(np.float64)

    def activations(self, pixels: np.ndarray) -> Activations:
        """Return the values of each layer for an image; see `activations_of`."""
        if self._session is None or not self._fits(pixels):
            return activations_of(self._model, pixels)
        spec = self._model.spec
        prepared = (pixels[None] - np.float32(spec.normalisation.mean)) / np.float32(spec.normalisation.std)
        values = [np.asarray(value)[0] for value in self._session.run(None, {IMAGES: pixels[None]})]
        return assembled(spec, [prepared, *values], self._weights)

    def _fits(self, pixels: np.ndarray) -> bool:
        """Return whether an image need not be reduced first."""
        return pixels.shape == inputs_of(self._model.spec)


@cache
def _runtime() -> "ModuleType":
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)  # errors; it warns about processors that it does not know
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _session(model: DigitModel, arrays: dict[str, np.ndarray]) -> "onnxruntime.InferenceSession":
    """Return a session; add to `arrays` those that must exist as long as it does: it does not copy them."""
    options = _runtime().SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1  # one image is too little work for several
    content = onnx_model(model, has_stages=True, external=arrays).SerializeToString()
    values = [_runtime().OrtValue.ortvalue_from_numpy(array) for array in arrays.values()]
    options.add_external_initializers(list(arrays), values)
    return _runtime().InferenceSession(content, options, providers=["CPUExecutionProvider"])


@no_grad()
def _may_overflow(model: DigitModel) -> bool:
    """Return whether a value of a layer may be infinite or not a number, which ONNX Runtime's ReLU would hide.

    Each layer enlarges its largest input at most by the largest sum of its absolute weights.
    """
    normalisation = model.spec.normalisation
    largest = (abs(normalisation.mean) + _LARGEST_PIXEL) / normalisation.std
    for layer in (layer for group in layer_groups(model) for layer in group):
        match layer:
            case nn.Conv2d() | nn.Linear():
                weight, bias = layer.weight, layer.bias
                largest *= float(linalg.vector_norm(weight.flatten(1), ord=1, dim=1).max())
            case nn.BatchNorm2d():
                mean, variance = layer.running_mean, layer.running_var
                assert mean is not None and variance is not None  # noqa: S101, PT018 - for the types
                weight = layer.weight / (variance + layer.eps).sqrt()
                bias = layer.bias - weight * mean
                largest *= float(weight.abs().max())
            case _:
                continue
        largest += 0.0 if bias is None else float(bias.abs().max())
        if not largest < _LARGEST:  # nor if it is not a number
            return True
    return False

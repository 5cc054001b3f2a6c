"""Saliency maps: which pixels of an image support a digit, and which oppose it, according to a model.

torch is imported inside functions, so that the window can import this module without it.
"""

from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import widths

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel


def saliency_map(model: "DigitModel", image: np.ndarray, target: int, against: int | None = None) -> np.ndarray:
    """Explain the logit of a digit, or by how much it exceeds the logit of another digit.

    For a model with one linear layer the map is the gradient of the logit, which is the digit's weights, whatever the
    image (the example at the start of Simonyan et al., 2013). For other models it is gradient x input (Shrikumar et
    al., 2016): to first order, what the logit would lose if the pixel were black. The input is the pixel before the
    model's normalisation, so black pixels contribute nothing.

    Parameters
    ----------
    model
        A model of ten digits. Neither the model nor torch's settings and random numbers change. Any thread may call
        this, also inside `torch.inference_mode`.
    image
        (h, w) float32 in [0, 1], 0 background; of the model's image size, or a size that the model averages down.
    target, against
        Digits, 0–9; with `against` the difference of the two logits is explained.

    Returns
    -------
    (h, w) float32 in [-1, 1], of the image's size. Positive pixels support the digit, negative ones oppose it; the
    strongest pixel is 1 or -1. All 0 if no pixel matters.

    Raises
    ------
    ValueError
        If the model has no such output.

    References
    ----------
    K. Simonyan, A. Vedaldi, A. Zisserman: Deep Inside Convolutional Networks: Visualising Image Classification Models
    and Saliency Maps, arXiv:1312.6034, 2013, section 3.

    A. Shrikumar, P. Greenside, A. Shcherbina, A. Kundaje: Not Just a Black Box: Learning Important Features Through
    Propagating Activation Differences, arXiv:1605.01713, 2016.

    """
    values = pixel_gradient(model, image, target, against)
    if model.spec.kind == "cnn" or len(widths(model.spec)) != 2:
        values = values * image
    # The weights of a diverged training may be NaN or infinite: they are shown as 0.
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    largest = np.abs(finite).max(initial=np.float32(0))
    return np.clip(finite / largest, -1, 1) if largest > 0 else np.zeros_like(finite)


def pixel_gradient(model: "DigitModel", image: np.ndarray, target: int, against: int | None = None) -> np.ndarray:
    """Return the gradient, (h, w) float32, of a logit (minus another one) with respect to the image's pixels.

    It includes the model's preprocessing, averaging down and normalisation. See `saliency_map` for the parameters.
    """
    import torch

    wanted = {target} if against is None else {target, against}
    outputs = getattr(model.spec, "outputs", CLASSES)
    if not wanted <= set(range(outputs)):
        raise ValueError(f"the model has {outputs} outputs, none for {sorted(wanted)}")
    fixed = frozen(model)
    # Both modes are settings of the thread; tensors that are made in inference mode have no gradient.
    with torch.inference_mode(mode=False), torch.enable_grad():
        pixels = torch.tensor(np.ascontiguousarray(image, np.float32)[None], requires_grad=True)
        logits = fixed(pixels)[0]
        logit = logits[target] if against is None else logits[target] - logits[against]
        # Unlike backward(), this adds nothing to the gradients of the parameters.
        (gradient,) = torch.autograd.grad(logit, pixels)
    return gradient[0].numpy()


def frozen(model: "DigitModel") -> "DigitModel":
    """Return the model if a forward pass cannot change it; else a copy, because of dropout and batch norm."""
    import torch

    from digitpad.core.models.networks import frozen_copy

    tensors = model.state_dict().values()
    if not model.training and all(weights.device.type == "cpu" and not weights.is_inference() for weights in tensors):
        return model
    with torch.inference_mode(mode=False):
        return frozen_copy(model)

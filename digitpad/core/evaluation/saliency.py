"""Which pixels of an image speak for a digit, and which against it, as a model sees it.

torch is imported when a model is at hand, so that the window can import what it shows from here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from digitpad.core.images.digits import CLASSES
from digitpad.core.models.specs import Spec, widths

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Why a model prefers a digit, or prefers it to another one, pixel by pixel.

    Attributes
    ----------
    kind
        "template": the model is one linear layer, and these are its weights, whatever the image; "gradient": what each
        pixel of this image contributes, gradient x input.
    values
        (h, w) float32 in [-1, 1], of the image's size. Positive speaks for the digit, negative against it; the
        strongest pixel has 1 or -1. All 0 where there is nothing to say.
    note
        What is shown, in a few words.

    """

    kind: Literal["template", "gradient"]
    values: np.ndarray
    note: str


def explain(model: "DigitModel", image: np.ndarray, target: int, against: int | None = None) -> Explanation:
    """Explain the logit of a digit, or how much it is above that of another one.

    Of a model that is one linear layer it is the gradient of the logit, which is the digit's template of weights: the
    case that Simonyan et al. (2013) start from. Of other models it is gradient x input, as Shrikumar et al. (2016)
    have it: to first order what the logit would lose if the pixel were black. The input is the pixel that the user
    sees, before the model's normalisation, so black contributes nothing.

    Parameters
    ----------
    model
        A model of ten digits. It is not changed, nor is anything else of torch's: mode, gradients, random numbers and
        number of threads stay as they are. Any thread may ask, inside `torch.inference_mode` too.
    image
        (h, w) float32 in [0, 1], 0 background; of the size that the model reads, or one that it averages down.
    target, against
        Digits, 0–9; with `against` what is explained is the difference of the two logits.

    Raises
    ------
    ValueError
        Where the model has no such output.

    References
    ----------
    K. Simonyan, A. Vedaldi, A. Zisserman: Deep Inside Convolutional Networks: Visualising Image Classification Models
    and Saliency Maps, arXiv:1312.6034, 2013, section 3.

    A. Shrikumar, P. Greenside, A. Shcherbina, A. Kundaje: Not Just a Black Box: Learning Important Features Through
    Propagating Activation Differences, arXiv:1605.01713, 2016.

    """
    gradient = pixel_gradient(model, image, target, against)
    if is_linear(model.spec):
        note = f"the weights of {target}" if against is None else f"the weights of {target} less those of {against}"
        return Explanation("template", _scaled(gradient), note)
    logit = f"the logit of {target}" if against is None else f"the logit of {target} less that of {against}"
    return Explanation("gradient", _scaled(gradient * image), f"what each pixel adds to {logit}: gradient x input")


def is_linear(spec: Spec) -> bool:
    """Tell whether a model is one linear layer, so that its weights are templates of the digits."""
    return spec.kind != "cnn" and len(widths(spec)) == 2


def pixel_gradient(model: "DigitModel", image: np.ndarray, target: int, against: int | None = None) -> np.ndarray:
    """Return the gradient, (h, w) float32, of a logit (less another one) with respect to the image's pixels.

    It goes through all that the model does to the pixels first: averaging down and normalisation. See `explain`.
    """
    import torch

    wanted = {target} if against is None else {target, against}
    outputs = getattr(model.spec, "outputs", CLASSES)
    if not wanted <= set(range(outputs)):
        raise ValueError(f"the model has {outputs} outputs, none for {sorted(wanted)}")
    quiet = _quiet(model)
    # Both are the thread's own settings, and what is made in inference mode has no gradient.
    with torch.inference_mode(mode=False), torch.enable_grad():
        pixels = torch.tensor(np.ascontiguousarray(image, np.float32)[None], requires_grad=True)
        logits = quiet(pixels)[0]
        wanted_logit = logits[target] if against is None else logits[target] - logits[against]
        # Unlike backward(), this adds nothing to the parameters' own gradients.
        (gradient,) = torch.autograd.grad(wanted_logit, pixels)
    return gradient[0].numpy()


def _quiet(model: "DigitModel") -> "DigitModel":
    """Return the model itself if asking it changes nothing; else a copy, for dropout and batch norm would."""
    import torch

    from digitpad.core.models.networks import frozen_copy

    tensors = model.state_dict().values()
    if not model.training and all(weights.device.type == "cpu" and not weights.is_inference() for weights in tensors):
        return model
    with torch.inference_mode(mode=False):
        return frozen_copy(model)


def _scaled(values: np.ndarray) -> np.ndarray:
    """Divide by the largest absolute value; what a diverged training left is shown as nothing."""
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    largest = float(np.abs(finite).max(initial=0.0))
    return np.clip(finite / np.float32(largest), -1, 1) if largest > 0 else np.zeros_like(finite)

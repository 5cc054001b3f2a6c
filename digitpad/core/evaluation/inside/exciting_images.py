"""The images for which a unit or a feature map has its largest values.

torch is imported inside functions, so that the window can import this module without it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from digitpad.core.datasets.loading import BUILT_IN, load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.images.digits import Digits, to_floats
from digitpad.core.models.activations import apply_group, layer_groups
from digitpad.core.models.specs import inputs_of
from digitpad.core.models.switched_off import Unit

if TYPE_CHECKING:
    from digitpad.core.models.networks import DigitModel

MOST_IMAGES = 3000
_BATCH = 20  # the answer on the pad waits for no more


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingImages:
    """The images that excite a unit most, the strongest first.

    Attributes
    ----------
    images
        (k, height, width) uint8 in 0–`peak`.
    labels
        (k,) 0–9.
    values
        (k,) float32: of the unit, or the largest one of the map.
    searched
        The name of the data, such as "MNIST train", and how many images of it were searched.

    """

    unit: Unit
    images: np.ndarray
    labels: np.ndarray
    values: np.ndarray
    peak: int
    searched: tuple[str, int]


def training_images() -> Digits:
    """Return the first images of MNIST's training part; of the built-in digits if MNIST is not at hand."""
    try:
        digits = load_digits("mnist", "train", data_folder())
    except DigitpadError:
        digits = load_digits(BUILT_IN, "train", data_folder())
    count = min(MOST_IMAGES, len(digits))
    # Copies, so that the memory of the others can be freed.
    return Digits(digits.name, digits.images[:count].copy(), digits.labels[:count].copy(), digits.peak)


def largest_values(
    model: "DigitModel", digits: Digits, layer: int, on_batch: Callable[[], object] = lambda: None
) -> np.ndarray:
    """Return the value of each unit of a layer for each image, (images, units) float32; of a map the largest one.

    `layer` is the number of the layer with weights, from 1. `on_batch` is called before each batch.
    """
    import torch

    groups, found = layer_groups(model)[:layer], []
    with torch.inference_mode():
        for start in range(0, len(digits), _BATCH):
            on_batch()
            images = torch.from_numpy(to_floats(digits.images[start : start + _BATCH], digits.peak))
            values = model.prepared(images).unflatten(1, (1, *inputs_of(model.spec)))
            for group in groups:
                values = apply_group(group, values)
            found.append(values.flatten(2).amax(dim=2) if values.dim() > 2 else values)
        return torch.cat(found).numpy()


def exciting_images(values: np.ndarray, digits: Digits, unit: Unit, count: int = 8) -> ExcitingImages:
    """Return the images with the largest values, (images, units), of a unit; images where it is 0 are left out."""
    of_unit = np.nan_to_num(values[:, unit.number], nan=-np.inf)
    order = np.argsort(-of_unit, kind="stable")[:count]
    order = order[of_unit[order] != 0]
    searched = digits.name, len(digits)
    return ExcitingImages(unit, digits.images[order], digits.labels[order], of_unit[order], digits.peak, searched)

"""Random distortions of digit images, as by another hand, pen or box."""

import torch
from torch import Tensor
from torch.nn import functional

from digitpad.core.training.config import Augmentation


def augment(images: Tensor, settings: Augmentation, rng: torch.Generator) -> Tensor:
    """Distort each image of a batch differently.

    Parameters
    ----------
    images
        (n, 28, 28) float in [0, 1].
    settings
        The largest amount of each distortion.
    rng
        Random generator on the CPU, whatever the images' device, so that results are reproducible.

    Returns
    -------
    Tensor
        (n, 28, 28), same device and dtype, in [0, 1].

    """
    result = images
    if settings.rotation or settings.shear or settings.scale or settings.shift:
        grid = _grid(_affine(len(images), settings, rng).to(images))
        result = functional.grid_sample(result.unsqueeze(1), grid, align_corners=False).squeeze(1)
    if settings.thickness:
        result = _change_thickness(result, settings.thickness, rng)
    return result


def _affine(count: int, settings: Augmentation, rng: torch.Generator) -> Tensor:
    """Return (n, 2, 3): output to input coordinates in [-1, 1]."""
    angle, shear, x, y, wide, high = (2 * torch.rand(6, count, generator=rng) - 1).unbind()
    angle = angle * (settings.rotation * torch.pi / 180)
    cos, sin, shear = angle.cos(), angle.sin(), shear * settings.shear
    wide, high = 1 + wide * settings.scale, 1 + high * settings.scale
    rows = [
        torch.stack([cos * wide, (shear * cos - sin) * high, x * settings.shift / 14], dim=1),
        torch.stack([sin * wide, (shear * sin + cos) * high, y * settings.shift / 14], dim=1),
    ]
    return torch.stack(rows, dim=1)


def _grid(affine: Tensor) -> Tensor:
    """Return (n, 28, 28, 2): `affine_grid` of (n, 2, 3), in a tenth of its time, since x and y are independent."""
    centres = torch.linspace(-1, 1, 28).to(affine) * 27 / 28
    along_x, along_y, shift = affine.unsqueeze(3).unbind(dim=2)
    grid = (along_x * centres).unsqueeze(2) + (along_y * centres).unsqueeze(3) + shift.unsqueeze(3)
    return grid.permute(0, 2, 3, 1)


def _change_thickness(images: Tensor, share: float, rng: torch.Generator) -> Tensor:
    """Blend some images with their 3x3 dilation or erosion."""
    draw = torch.rand(len(images), 1, 1, generator=rng).to(images)
    amount = torch.rand(len(images), 1, 1, generator=rng).to(images) * (draw < share)
    sign = torch.where(draw < share / 2, 1.0, -1.0)  # an erosion is the dilation of the negative
    return images + amount * (sign * _dilated(sign * images) - images)


def _dilated(images: Tensor) -> Tensor:
    """Return the maximum of each pixel and its eight neighbours; 15 times as fast as `max_pool2d`."""
    padded = functional.pad(images, (1, 1, 1, 1), value=-torch.inf)
    rows = torch.maximum(torch.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return torch.maximum(torch.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:])

"""Pictures as numbers: grey or colour, of any depth, on any ground."""

import io

import numpy as np
import pytest
from PIL import Image

from digitpad.core.ink.picture_pixels import WORKING_SIZE, shrink, working_pixels

SHEET = np.full((60, 80), 230, np.uint8)
SHEET[10:50, 38:42] = 40


def pixels_of(picture: Image.Image) -> np.ndarray:
    return working_pixels(shrink(picture))


def as_jpeg(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return Image.open(file)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "YCbCr"])
def test_a_grey_picture_is_grey_in_any_mode(mode: str) -> None:
    grey = Image.fromarray(SHEET)
    np.testing.assert_array_equal(pixels_of(grey.convert("RGB").convert(mode)), SHEET.astype(np.float32) / 255)


def test_noise_and_a_tint_too_weak_to_see_stay_grey() -> None:
    noise = np.random.default_rng(0).integers(-4, 5, (*SHEET.shape, 3))
    tinted = Image.fromarray((SHEET[..., None] + noise + [4, 0, -4]).astype(np.uint8))
    assert pixels_of(as_jpeg(tinted)).shape == SHEET.shape


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_a_coloured_picture_keeps_its_colours(mode: str) -> None:
    colours = np.full((60, 80, 3), (40, 160, 40), np.uint8)
    colours[10:50, 38:42] = 255, 60, 60
    found = pixels_of(Image.fromarray(colours).convert(mode, palette=Image.Palette.ADAPTIVE))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, colours / 255, atol=1e-6)


def test_a_thin_coloured_pen_on_a_large_sheet_is_seen() -> None:
    sheet = np.full((3000, 4000, 3), 240, np.uint8)
    sheet[1000:2000, 2000:2020] = 60, 60, 200
    found = pixels_of(as_jpeg(Image.fromarray(sheet)))
    assert found.ndim == 3
    assert max(found.shape) == WORKING_SIZE

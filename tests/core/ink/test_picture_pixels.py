"""Pictures as numbers: grey or colour, of any depth, on any ground."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.ink import ink_mask
from digitpad.core.ink.image_files import read_picture
from digitpad.core.ink.picture_pixels import WORKING_SIZE, shrink, working_pixels
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import Ink, digit_image

# Ink of a seven in [0, 1], 300 px wide and high, and its digit image.
LINE = [[90.0, 60], [200, 60], [130, 230]]
SEVEN = draw_polylines([np.array(LINE)], pen=26.5, size=300)
DIGIT = digit_image(Ink.of([LINE])).pixels
SHEET = np.full((60, 80), 230, np.uint8)
SHEET[10:50, 38:42] = 40


def pixels_of(picture: Image.Image) -> np.ndarray:
    return working_pixels(shrink(picture))


def shows_seven(picture: Image.Image) -> bool:
    """Return whether the digit image is nearly DIGIT; the centre of mass may round to the other pixel."""
    found = ink_mask.digit_image(find_ink(pixels_of(picture))).pixels
    moved = [np.roll(found, (y, x), (0, 1)).ravel() for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return max(np.corrcoef(each, DIGIT.ravel())[0, 1] for each in moved) > 0.85


def rgba(colours: Any, alpha: np.ndarray) -> Image.Image:
    """A picture of one colour or (300, 300, 3), of 255, and alpha in [0, 1]."""
    layers = np.broadcast_to(np.asarray(colours, float), (*alpha.shape, 3))
    return Image.fromarray(np.round(np.dstack([layers, 255 * alpha])).astype(np.uint8))


def card(paper: Any, ink: Any) -> np.ndarray:
    return np.asarray(paper, float) + (np.asarray(ink, float) - paper) * SEVEN[..., None]


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


# Pictures with alpha.

Y, X = np.mgrid[0:300, 0:300]
SQUARE = ((abs(X - 150) < 120) & (abs(Y - 150) < 120)).astype(float)
WHITE, BLACK, BLUE, YELLOW = (255, 255, 255), (0, 0, 0), (40, 60, 200), (250, 230, 90)


@pytest.mark.parametrize(
    ("paper", "ink"), [(WHITE, BLACK), (BLACK, WHITE), (YELLOW, BLUE), (BLUE, YELLOW), (WHITE, (190, 190, 190))]
)
def test_a_card_on_a_transparent_ground_keeps_its_paper(paper: Any, ink: Any) -> None:
    assert shows_seven(rgba(card(paper, ink), SQUARE))
    round_card = np.clip(136 - np.hypot(X - 150, Y - 150), 0, 1)
    assert shows_seven(rgba(card(paper, ink), round_card))


def test_a_photo_that_was_turned_keeps_its_paper() -> None:
    light = (180 + 50 * X / 300)[..., None] * np.ones(3)
    photo = Image.fromarray(np.round(light * (1 - 0.7 * SEVEN[..., None])).astype(np.uint8)).convert("RGBA")
    assert shows_seven(photo.rotate(3, Image.Resampling.BICUBIC, expand=True))


@pytest.mark.parametrize("ink", [BLACK, WHITE, BLUE, YELLOW, (255, 0, 0), (128, 128, 128)])
@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_ink_without_paper_gets_a_ground_that_differs(ink: Any, strength: float) -> None:
    assert shows_seven(rgba(ink, SEVEN * strength))


def test_ink_without_paper_may_change_its_colour() -> None:
    gradient = np.dstack([X * 0.4, Y * 0.1, 120 - X * 0.4])
    assert shows_seven(rgba(gradient, SEVEN))


@pytest.mark.parametrize(("outline", "filling"), [(WHITE, BLACK), (BLACK, WHITE), (YELLOW, BLUE)])
def test_an_outlined_digit_is_read_by_its_filling(outline: Any, filling: Any) -> None:
    around = draw_polylines([np.array(LINE)], pen=42, size=300)
    assert shows_seven(rgba(card(outline, filling), around))


def test_a_tinted_see_through_ground_and_soft_edges_are_paper() -> None:
    assert shows_seven(rgba(card(WHITE, BLACK), np.maximum(SEVEN, 0.5)))
    faded = np.clip((150 - np.maximum(abs(X - 150), abs(Y - 150))) / 20, 0.6, 1)
    assert shows_seven(rgba(card(WHITE, BLACK), faded))


@pytest.mark.parametrize("mode", ["LA", "La", "RGBa"])
def test_every_mode_with_alpha_is_laid_on_its_ground(mode: str) -> None:
    picture = rgba(WHITE, SEVEN)
    assert shows_seven(picture.convert("LA").convert(mode) if mode == "La" else picture.convert(mode))


def test_a_transparent_colour_of_a_palette_is_no_ink() -> None:
    palette = Image.fromarray((SEVEN > 0.5).astype(np.uint8), "L").convert("P")
    palette.putpalette([255, 255, 255, 250, 250, 250])
    palette.info["transparency"] = 0
    assert shows_seven(palette)


def test_alpha_of_16_bits_is_read() -> None:
    values = np.dstack([np.zeros((300, 300, 3)), SEVEN * 65535]).astype(">u2")
    assert shows_seven(deep_png(values, colour_type=6))


@pytest.mark.parametrize("colour", [BLACK, WHITE, BLUE])
def test_a_transparent_picture_is_blank(colour: Any) -> None:
    assert not find_ink(pixels_of(rgba(colour, 0 * SEVEN))).any()


# Pixels of more than 8 bits.


def deep_png(values: np.ndarray, colour_type: int) -> Image.Image:
    return Image.open(io.BytesIO(deep_png_file(values, colour_type)))


def deep_png_file(values: np.ndarray, colour_type: int) -> bytes:
    """Return a 16-bit PNG of (height, width) or (height, width, channels) of type >u2; Pillow writes only grey ones."""
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    header = struct.pack(">2I5B", *values.shape[1::-1], 16, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def deep_tiff(values: np.ndarray) -> Image.Image:
    file = io.BytesIO()
    Image.fromarray(values).save(file, "TIFF")
    return Image.open(file)


def deep_pgm(values: np.ndarray, largest: int) -> Image.Image:
    header = b"P5 %d %d %d\n" % (*values.shape[::-1], largest)
    return Image.open(io.BytesIO(header + values.astype(">u2" if largest > 255 else "u1").tobytes()))


SHEET_OF_SEVEN = 0.8 - 0.6 * SEVEN
DEPTHS: dict[str, Callable[[np.ndarray, int], Image.Image]] = {
    "PNG": lambda values, _: deep_png(values.astype(">u2"), colour_type=0),
    "TIFF": lambda values, _: deep_tiff(values.astype(np.uint16)),
    "PGM": deep_pgm,
    "PGM of 16 bits": lambda values, _: deep_pgm(values, 65535),
    "TIFF of 32 bits": lambda values, _: deep_tiff(values.astype(np.int32)),
    "float TIFF": lambda values, _: deep_tiff(values.astype(np.float32)),
}


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("kind", DEPTHS)
def test_values_of_any_depth_are_stretched_to_their_white(kind: str, bits: int) -> None:
    white = 2**bits - 1
    pixels = pixels_of(DEPTHS[kind](np.round(SHEET_OF_SEVEN * white), white))
    assert np.percentile(pixels, 50) == pytest.approx(0.8, abs=0.02)
    assert pixels.min() == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize(("low", "high"), [(30_000, 31_000), (-3000, 3000), (-0.2, 0.4), (0.5, 0.52), (-1e9, 1e9)])
def test_signed_values_and_a_small_range_are_stretched_from_the_darkest_to_the_lightest(
    low: float, high: float
) -> None:
    values = (low + (high - low) * SHEET_OF_SEVEN).astype(np.float32)
    assert shows_seven(deep_tiff(values))
    if low == int(low):
        assert shows_seven(deep_tiff(values.astype(np.int32)))


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_colours_of_any_depth_keep_the_bits_that_matter(tmp_path: Path, bits: int, has_alpha: bool) -> None:
    # The shading needs more than the upper eight bits of 16.
    values = (0.6 + 0.4 * X / 300 - 0.5 * SEVEN)[..., None] * (1.0, 0.8, 0.6) * (2**bits - 1)
    layers = [values, np.full((300, 300), 65535)] if has_alpha else [values]
    path = tmp_path / "seven.png"
    path.write_bytes(deep_png_file(np.dstack(layers).astype(">u2"), colour_type=6 if has_alpha else 2))
    found = find_ink(read_picture(path))
    whole = find_ink(np.asarray(values / (2**bits - 1), np.float32))
    np.testing.assert_allclose(found, whole, atol=0.1)


def test_a_dead_pixel_does_not_darken_the_others() -> None:
    values = np.round(SHEET_OF_SEVEN * 1023).astype(np.uint16)
    values[5, 5] = 65535
    assert shows_seven(deep_tiff(values))


def test_the_noise_of_a_blank_deep_picture_is_not_stretched_to_ink() -> None:
    values = np.random.default_rng(0).normal(40_000, 300, (300, 300)).astype(np.uint16)
    assert not find_ink(pixels_of(deep_tiff(values))).any()

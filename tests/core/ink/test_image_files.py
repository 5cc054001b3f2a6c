"""Pictures of a digit in any size, mode and polarity."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digitpad.core.datasets.loading import load_digits
from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.errors import DigitpadError
from digitpad.core.images.digits import to_floats
from digitpad.core.ink import image_files, ink_mask
from digitpad.core.ink.strokes import Ink, digit_image
from digitpad.core.models.inference import predict_logits
from digitpad.core.models.model_files import find_model, load_model


def canvas_with_seven(width: int = 300, height: int = 300) -> np.ndarray:
    """(height, width) float in [0, 1], white on black, the pen as thick as in MNIST: 2.7 of 20 px."""
    from digitpad.core.ink.rasterize import draw_polylines

    drawn = draw_polylines([np.array([[90.0, 60], [200, 60], [130, 230]])], pen=26.53, size=300)
    result = np.zeros((height, width))
    result[:300, :300] = drawn[:height, :width]
    return result


def seven_strokes() -> np.ndarray:
    return digit_image(Ink.of([[[90, 60], [200, 60], [130, 230]]])).pixels


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def saved(tmp_path: Path, image: Image.Image, name: str = "seven.png", **options: Any) -> Path:
    image.save(tmp_path / name, **options)
    return tmp_path / name


def as_bytes(values: np.ndarray) -> np.ndarray:
    return np.round(np.clip(values, 0, 1) * 255).astype(np.uint8)


MODES = {
    "white on black": lambda v: Image.fromarray(as_bytes(v)),
    "black on white": lambda v: Image.fromarray(as_bytes(1 - v)),
    "grey paper": lambda v: Image.fromarray(as_bytes(0.7 - 0.4 * v)),
    "colour": lambda v: Image.fromarray(np.stack([as_bytes(1 - v), as_bytes(1 - 0.8 * v), as_bytes(1 - 0.2 * v)], -1)),
    "palette": lambda v: Image.fromarray(as_bytes(1 - v)).convert("P"),
    "16 bits": lambda v: Image.fromarray((60000 - 50000 * v).astype(np.uint16)),
    "float": lambda v: Image.fromarray((250 - 200 * v).astype(np.float32)),
    "one bit": lambda v: Image.fromarray(as_bytes(1 - v)).convert("1"),
}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_gives_the_same_digit(tmp_path: Path, mode: str) -> None:
    image = MODES[mode](canvas_with_seven())
    path = saved(tmp_path, image, "seven.tiff" if mode == "float" else "seven.png")
    assert likeness(ink_mask.digit_image(find_ink(image_files.read_picture(path))).pixels, seven_strokes()) > 0.95


@pytest.mark.parametrize("ink", [0, 255])
def test_ink_on_a_transparent_background_is_found_in_any_shade(tmp_path: Path, ink: int) -> None:
    rgba = np.full((300, 300, 4), ink, np.uint8)
    rgba[..., 3] = as_bytes(canvas_with_seven())
    path = saved(tmp_path, Image.fromarray(rgba))
    assert likeness(ink_mask.digit_image(find_ink(image_files.read_picture(path))).pixels, seven_strokes()) > 0.95


def test_a_photo_of_grey_paper_with_a_shadow_and_noise_is_levelled(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shadow = np.linspace(-0.2, 0.2, 400)[None] + np.linspace(0.1, -0.1, 400)[:, None]
    photo = 0.6 + shadow - 0.3 * canvas_with_seven(400, 400) + rng.normal(0, 0.02, (400, 400))
    path = saved(tmp_path, Image.fromarray(as_bytes(photo)), "photo.jpg", quality=80)
    assert likeness(ink_mask.digit_image(find_ink(image_files.read_picture(path))).pixels, seven_strokes()) > 0.9


def test_exif_rotation_is_applied(tmp_path: Path) -> None:
    upright = Image.fromarray(as_bytes(1 - canvas_with_seven()))
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned clockwise by 90 degrees
    path = saved(tmp_path, upright.rotate(90, expand=True), "turned.jpg", exif=exif, quality=95)
    assert likeness(ink_mask.digit_image(find_ink(image_files.read_picture(path))).pixels, seven_strokes()) > 0.95


def test_thin_and_thick_strokes_get_mnists_width(tmp_path: Path) -> None:
    from digitpad.core.ink.rasterize import draw_polylines

    for pen in (3.0, 60.0):
        drawn = draw_polylines([np.array([[90.0, 60], [200, 60], [130, 230]])], pen=pen, size=300)
        result = ink_mask.digit_image(drawn).pixels
        assert 0.5 < result.sum() / seven_strokes().sum() < 1.7


def test_mnist_images_are_not_changed(shared_data: Path) -> None:
    images = to_floats(load_digits("mnist", "test", shared_data).images[:400])
    found = np.stack([ink_mask.digit_image(find_ink(image)).pixels for image in images])
    change = np.abs(found - images).mean(axis=(1, 2))
    assert np.median(change) < 0.002
    # The rest had strokes beyond the limits, or a centre of mass so near a tie that it fell to the other pixel.
    assert (change > 0.02).mean() < 0.05


def test_a_desk_along_the_border_is_not_ink() -> None:
    photo = 0.9 - 0.8 * canvas_with_seven(400, 400)
    photo[:, 370:] = 0.2
    found = ink_mask.digit_image(find_ink(photo.astype(np.float32)))
    assert likeness(found.pixels, seven_strokes()) > 0.95


@pytest.mark.slow
def test_mnist_enlarged_and_pasted_anywhere_loses_at_most_a_point(shared_data: Path) -> None:
    digits = load_digits("mnist", "test", shared_data)
    rng = np.random.default_rng(5)
    chosen = rng.choice(len(digits), 150, replace=False)
    found = []
    for image in digits.images[chosen]:
        # Enlarged tenfold, then to a random size; somewhere on a white or a black canvas.
        side = int(rng.integers(60, 400))
        large = Image.fromarray(image).resize((280, 280), Image.Resampling.BICUBIC).resize((side, side))
        canvas = np.zeros((400, 400), np.uint8)
        x, y = rng.integers(0, 400 - side + 1, 2)
        canvas[y : y + side, x : x + side] = np.asarray(large)
        grey = (canvas if rng.random() < 0.5 else 255 - canvas).astype(np.float32) / 255
        found.append(ink_mask.digit_image(find_ink(grey)).pixels)
    model = load_model(find_model("mlp")).model
    labels = digits.labels[chosen]
    before = (predict_logits(model, digits.images[chosen]).argmax(axis=1) == labels).mean()
    after = (predict_logits(model, np.stack(found)).argmax(axis=1) == labels).mean()
    assert after >= before - 0.01


@pytest.mark.parametrize("shade", [0.0, 0.5, 1.0])
def test_a_sheet_without_ink_is_blank(shade: float) -> None:
    rng = np.random.default_rng(1)
    assert ink_mask.digit_image(find_ink(np.full((200, 300), shade, np.float32))).is_blank
    noisy = np.clip(shade + rng.normal(0, 0.01, (200, 300)), 0, 1).astype(np.float32)
    assert ink_mask.digit_image(find_ink(noisy)).is_blank


def test_a_speck_is_not_enlarged() -> None:
    sheet = np.ones((300, 300), np.float32)
    sheet[100:103, 200:202] = 0
    pixels = ink_mask.digit_image(find_ink(sheet)).pixels
    assert np.count_nonzero(pixels) <= 12


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (2, 2), (28, 28)])
def test_any_shape_has_a_defined_result(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    image = ink_mask.digit_image(find_ink(rng.random(shape).astype(np.float32)))
    assert image.pixels.shape == (28, 28)
    assert image.pixels.max() in (0.0, 1.0)


def test_a_huge_picture_is_shrunk_first(tmp_path: Path) -> None:
    large = Image.fromarray(as_bytes(1 - canvas_with_seven())).resize((4000, 4000))
    found = find_ink(image_files.read_picture(saved(tmp_path, large)))
    assert max(found.shape) <= image_files.WORKING_SIZE
    assert likeness(ink_mask.digit_image(found).pixels, seven_strokes()) > 0.95


def test_a_constant_picture_of_any_depth_is_blank(tmp_path: Path) -> None:
    for number, values in enumerate([np.full((9, 9), 70_000, np.int32), np.full((9, 9), np.nan, np.float32)]):
        path = saved(tmp_path, Image.fromarray(values), f"{number}.tiff")
        assert ink_mask.digit_image(find_ink(image_files.read_picture(path))).is_blank


def test_a_picture_with_too_many_pixels_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("1", (20_000, 20_000)))
    with pytest.raises(DigitpadError, match="too many pixels"):
        image_files.read_picture(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text.png", b"this is no picture"),
        ("empty.png", b""),
        ("cut.png", None),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_a_file_that_is_not_a_picture_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    path = tmp_path / name
    if content is None:
        Image.fromarray(as_bytes(np.random.default_rng(0).random((200, 200)))).save(path)
        content = path.read_bytes()[:2000]
    path.write_bytes(content)
    with pytest.raises(DigitpadError, match=name):
        image_files.read_picture(path)


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(DigitpadError, match=path.name):
            image_files.read_picture(path)


def heic(tmp_path: Path) -> Path:
    pillow_heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "seven.heic"
    picture = Image.fromarray(as_bytes(1 - canvas_with_seven())).convert("RGB")
    pillow_heif.from_pillow(picture).save(path)
    return path


def test_a_heic_photo_is_read(tmp_path: Path) -> None:
    path = heic(tmp_path)
    found = find_ink(image_files.read_picture(path))
    assert found.shape == (300, 300)
    assert likeness(ink_mask.digit_image(found).pixels, seven_strokes()) > 0.9
    assert image_files.count_pages(path) == 1
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DigitpadError, match=r"seven\.heic is damaged"):
        image_files.read_picture(path)


@pytest.mark.parametrize("brands", [b"heic\0\0\0\0mif1heic", b"mif1\0\0\0\0mif1heic", b"heix\0\0\0\0heix"])
def test_without_its_library_a_heic_photo_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brands: bytes
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes((8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + bytes(100))
    with pytest.raises(DigitpadError, match=r"IMG_0001\.HEIC is a HEIC photo, .*save it as JPEG") as raised:
        image_files.read_picture(path)
    assert "pip install 'digitpad[heic]'" in raised.value.with_hint
    assert "pip" not in str(raised.value)


def test_an_avif_picture_is_not_taken_for_a_heic_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = saved(tmp_path, Image.fromarray(as_bytes(1 - canvas_with_seven())), "seven.avif")
    assert likeness(ink_mask.digit_image(find_ink(image_files.read_picture(path))).pixels, seven_strokes()) > 0.95

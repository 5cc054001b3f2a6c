"""Generated pictures: they depend on the seed alone, hold what their kind says, and the ink lies where it is said."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluate_pictures import Case, Outcome, in_folder, otsu_digit_image, row_of
from photos.kinds import KINDS, SCENES, contents, make_photo
from photos.photo import Order, Photo
from photos.scenes import photo_of
from photos.surfaces import LUMA
from photos.writing import Content, write
from PIL import Image, ImageOps

from digitpad.core.ink.ink_files import InkSample
from digitpad.core.ink.strokes import Ink

_SHAPES = {
    1: [[(10, 0), (8, 40), (6, 90)]],
    4: [[(30, 0), (0, 60), (60, 60)], [(45, 30), (40, 100)]],
    7: [[(0, 0), (60, 2), (45, 40), (20, 100)]],
}
HANDS = [[InkSample(id=str(d), ink=Ink.of(shape), label=d, writer="Ada") for d, shape in _SHAPES.items()]]
# Kinds of other sizes, which take longer, are made smaller by their scene.
SMALL = [kind for kind in KINDS if kind not in SCENES and kind != "mixed"]


def photo_like(kind: str, seed: int = 0, content: Content | None = None) -> Photo:
    rng = np.random.default_rng(seed)
    content = content or contents(kind)[0]
    if kind not in SCENES:
        return make_photo(kind, content, HANDS, rng)
    scene = replace(SCENES[kind], sizes=(240, 300), enlarged=1)
    return photo_of(Order(kind, content, HANDS, rng), scene)


def shown(photo: Photo) -> np.ndarray:
    return np.asarray(ImageOps.exif_transpose(photo.image).convert("RGB"), np.float32) / 255


def ink_and_paper(photo: Photo) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean colour of the middle of the strokes, and of their surroundings."""
    near = np.asarray(Image.fromarray(photo.ink).resize((40, 40)).resize(photo.ink.shape[::-1]))
    pixels = shown(photo)
    return pixels[photo.ink >= 0.8 * photo.ink.max()].mean(axis=0), pixels[(photo.ink == 0) & (near > 0)].mean(axis=0)


@pytest.mark.parametrize("kind", ["Paint", "28 x 28", "card on transparent", "ruled paper", "webcam"])
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(kind: str) -> None:
    assert photo_like(kind, 3).data == photo_like(kind, 3).data
    assert photo_like(kind, 3).data != photo_like(kind, 4).data


@pytest.mark.parametrize("kind", [*SCENES, *SMALL])
def test_the_ink_lies_where_it_is_said(kind: str) -> None:
    for seed, content in enumerate(dict.fromkeys(contents(kind))):
        photo = photo_like(kind, seed, content)
        with Image.open(io.BytesIO(photo.data)) as picture:
            assert ImageOps.exif_transpose(picture).size == photo.ink.shape[::-1]
        assert photo.ink.max() > 60
        assert all(set(line) <= set("147-+,.:=") for line in photo.lines)
        if photo.image.mode in ("RGB", "L"):
            ink, paper = ink_and_paper(photo)
            assert np.abs(ink - paper).max() > 0.025


def test_each_kind_holds_what_its_name_says() -> None:
    assert all(len(photo_like("several lines", seed).lines) > 1 for seed in range(3))
    assert all(set(photo_like("signs between", seed).lines[0]) & set("-+,.:=") for seed in range(3))
    assert max(photo_like("28 x 28", content="digit").image.size) <= 64
    assert "I;16" in photo_like("10 to 16 bits").image.mode
    for kind in ("blackboard", "dark panel"):
        ink, paper = ink_and_paper(photo_like(kind))
        assert ink @ LUMA > paper @ LUMA + 0.1
    border = photo_like("touching the border").ink
    assert max(border[0].max(), border[-1].max(), border[:, 0].max(), border[:, -1].max()) > 0


def test_colours_of_equal_brightness_differ_in_hue_alone() -> None:
    ink, paper = ink_and_paper(photo_like("equal brightness"))
    assert abs(ink @ LUMA - paper @ LUMA) < 0.08
    assert np.abs(ink - paper).max() > 0.08


def test_a_card_is_opaque_on_a_transparent_ground() -> None:
    photo = photo_like("card on transparent")
    alpha = np.asarray(photo.image.convert("RGBA"))[..., 3]
    assert alpha[photo.ink > 0].min() == 255
    assert alpha[0, 0] == alpha[-1, -1] == 0


def test_each_digit_of_a_form_stands_in_its_box() -> None:
    writing = write("number", HANDS, np.random.default_rng(5), boxes=True)
    assert len(writing.cells) >= len(writing.lines[0])
    middles = [stroke.mean(axis=0) for stroke in writing.strokes]
    inside = [[left < x < right and top < y < bottom for left, top, right, bottom in writing.cells] for x, y in middles]
    assert all(sum(row) == 1 for row in inside)


def test_the_table_counts_right_refused_wrong_and_joined() -> None:
    def outcome(lines: str, answers: str, *, as_number: bool, best: str = "", otsu: str = "") -> Outcome:
        case = Case(Path("x.png"), tuple(lines.split()), "kind", as_number)
        return Outcome(case, best, tuple(answers.split()), otsu)

    row = row_of(
        "kind",
        [
            outcome("7", "7", as_number=False, best="7", otsu="7"),
            outcome("7", "", as_number=False, best="7", otsu="1"),
            outcome("7", "1", as_number=False, best="1", otsu="1"),
            outcome("71", "71", as_number=True),
            outcome("71", "17", as_number=True),
            outcome("71 4", "714", as_number=True),
        ],
    )
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == [
        "kind",
        "3",
        "66.7%",
        "33.3%",
        "33.3%",
        "33.3%",
        "33.3%",
        "2",
        "50.0%",
        "50.0%",
        "1",
        "0.0%",
        "100.0%",
    ]


def test_a_folder_of_pictures_is_read_with_what_is_expected(tmp_path: Path) -> None:
    (tmp_path / "expected.csv").write_text("file,option,expected\na.png,,7\nb.png,--number,71 4\n", encoding="utf-8")
    single, several = in_folder(tmp_path)
    assert (single.lines, single.as_number, single.kind) == (("7",), False, "all")
    assert (several.lines, several.as_number) == (("71", "4"), True)


def test_the_short_program_finds_dark_ink_on_light_paper(tmp_path: Path) -> None:
    photo = photo_like("plain scan")
    path = tmp_path / f"photo{photo.suffix}"
    path.write_bytes(photo.data)
    left, top, right, bottom = otsu_digit_image(path).bounds or (0, 0, 0, 0)
    rows, columns = np.nonzero(photo.ink > 128)
    assert abs(left - columns.min()) < 4
    assert abs(bottom - 1 - rows.max()) < 4
    assert right > left
    assert bottom > top

"""Picture files with several pages: scans, animations, further pictures of a photo."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.errors import DigitpadError
from digitpad.core.ink import picture_pages
from digitpad.core.ink.image_files import count_pages, read_picture

# Page n has a bar that is n * 10 px high.
PAGES = [Image.new("L", (80, 80), 255) for _ in range(3)]
for number, picture in enumerate(PAGES, start=1):
    picture.paste(0, (36, 10, 44, 10 + 10 * number))


def saved(path: Path, pages: list[Image.Image], **options: Any) -> Path:
    pages[0].save(path, save_all=True, append_images=pages[1:], **options)
    return path


def height_of_ink(path: Path, page: int) -> int:
    return int(np.count_nonzero((find_ink(read_picture(path, page)) > 0.5).any(axis=1)))


@pytest.mark.parametrize("name", ["scan.tif", "a.gif", "a.webp", "a.png", "a.avif", "photo.mpo"])
def test_every_page_can_be_read(tmp_path: Path, name: str) -> None:
    pages = [page.convert("RGB") for page in PAGES] if name.endswith("mpo") else PAGES
    path = saved(tmp_path / name, pages, **({"format": "MPO"} if name.endswith("mpo") else {}))
    assert count_pages(path) == 3
    assert [height_of_ink(path, page) for page in (1, 2, 3)] == pytest.approx([10, 20, 30], abs=2)
    assert height_of_ink(path, 1) == int(np.count_nonzero((find_ink(read_picture(path)) > 0.5).any(axis=1)))


def test_a_gif_whose_frames_add_to_those_before_is_composed(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", [page.convert("P") for page in PAGES], optimize=True)
    assert height_of_ink(path, 3) == 30


def test_pages_may_have_different_sizes_and_modes(tmp_path: Path) -> None:
    pages = [PAGES[0], PAGES[1].resize((160, 160)).convert("RGB"), PAGES[2].convert("1")]
    path = saved(tmp_path / "scan.tif", pages)
    assert [height_of_ink(path, page) for page in (1, 2, 3)] == [10, 40, 30]


def test_a_page_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path / "scan.tif", PAGES)
    with pytest.raises(DigitpadError, match=r"scan\.tif has no page 4: choose one from 1 to 3"):
        read_picture(path, 4)
    PAGES[0].save(tmp_path / "one.png")
    assert count_pages(tmp_path / "one.png") == 1
    with pytest.raises(DigitpadError, match=r"one\.png has only one page"):
        read_picture(tmp_path / "one.png", 2)


def test_a_smaller_copy_of_a_page_is_no_page(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    small = PAGES[0].resize((20, 20))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    saved(path, [PAGES[0], small, PAGES[2]])
    assert count_pages(path) == 2
    assert height_of_ink(path, 2) == 30


def test_what_is_no_picture_has_one_page(tmp_path: Path) -> None:
    (tmp_path / "text.gif").write_bytes(b"GIF89a")
    for path in (tmp_path / "text.gif", tmp_path / "none.tif", tmp_path):
        assert count_pages(path) == 1


def test_a_damaged_later_page_does_not_hide_those_before(tmp_path: Path) -> None:
    path = saved(tmp_path / "scan.tif", PAGES)
    content = path.read_bytes()
    last = struct.unpack_from("<I", content, 4)[0]
    for _ in range(2):
        entries = struct.unpack_from("<H", content, last)[0]
        last = struct.unpack_from("<I", content, last + 2 + 12 * entries)[0]
    path.write_bytes(content[:last])
    assert count_pages(path) == 2
    assert height_of_ink(path, 2) == 20


def test_a_small_file_of_very_many_pages_is_counted_up_to_a_limit(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.gif", PAGES[:2], loop=0)
    content = path.read_bytes()
    start = content.rindex(b",")
    path.write_bytes(content[:start] + content[start:-1] * 20_000 + b";")
    assert count_pages(path) == 1000
    tiff = tmp_path / "many.tif"
    PAGES[0].save(tiff)
    content = tiff.read_bytes()
    first = struct.unpack_from("<I", content, 4)[0]
    link = first + 2 + 12 * struct.unpack_from("<H", content, first)[0]
    chain = b"".join(struct.pack("<HI", 0, len(content) + 6 * (number + 1)) for number in range(100_000))
    tiff.write_bytes(content[:link] + struct.pack("<I", len(content)) + content[link + 4 :] + chain)
    assert 1 <= count_pages(tiff) <= 1000


def test_a_late_frame_of_a_large_animation_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_pages, "_MAX_PIXELS_BEFORE", 10_000)
    path = saved(tmp_path / "a.gif", PAGES)
    assert height_of_ink(path, 2) == 20
    with pytest.raises(DigitpadError, match=r"page 3 of .*a\.gif has too many pages before it"):
        read_picture(path, 3)

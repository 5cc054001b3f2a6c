"""What people open may be broken, or made to do harm: it is read, or refused in one sentence."""

import gzip
import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitpad.core.datasets import loading
from digitpad.core.datasets.loading import digits_of_ink, load_digits
from digitpad.core.detection.opened_drawing import open_drawing
from digitpad.core.errors import DigitpadError
from digitpad.core.images.idx_format import read_images
from digitpad.core.ink import image_files, ink_files
from digitpad.core.ink.drawing import digit_image
from digitpad.core.ink.ink_files import InkSample, parse_line, read_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.ink.strokes import digit_image as ink_image
from digitpad.core.my_digits.importing import import_digits
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import parse_recipe, with_settings
from tests.helpers.idx_files import images_idx, labels_idx
from tests.stress.budget import Budget
from tests.stress.fuzz import user_files
from tests.stress.fuzz.pictures import RUBBISH, whole_pictures
from tests.stress.fuzz.sandbox import run_guarded

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox measures by Linux's means"),
]


@pytest.mark.parametrize(("target", "attempts"), [("PICTURES", 200), ("INK", 300), ("IDX", 300), ("RECIPES", 300)])
def test_broken_files_are_read_or_refused_in_one_sentence(target: str, attempts: int, tmp_path: Path) -> None:
    assert target in user_files.TARGETS
    outcome = run_guarded(
        f"tests.stress.fuzz.user_files:{target}", Budget(seed=1, max_attempts=attempts), attempts, tmp_path
    )
    assert (outcome.attempts, outcome.faults) == (attempts, 0), outcome.note


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("RAISING", "KeyError in bad_targets.py"),
        ("NAMELESS", "does not name the file"),
        ("CRASHING", "crash"),
        ("SLOW", "slow"),
        ("LARGE", "memory"),
        ("WARNING", "warning UserWarning"),
        ("PRINTING", "on stderr odd"),
        ("STARTING", "did subprocess.Popen"),
        ("UNPICKLING", "did pickle.find_class"),
        ("EXECUTING", "did exec"),
        ("CONNECTING", "did socket"),
        ("WRITING", "did open"),
        ("CHANGING", "its folder was changed"),
    ],
)
def test_the_sandbox_detects_a_bad_reader(target: str, kind: str, tmp_path: Path) -> None:
    outcome = run_guarded(f"tests.stress.fuzz.bad_targets:{target}", Budget(max_attempts=1), 1, tmp_path / "kept")
    assert outcome.faults >= 1
    assert kind in outcome.note
    assert list((tmp_path / "kept").glob("0-*/input.txt"))


def test_the_sandbox_accepts_a_good_reader_and_repeats_the_same_attempts(tmp_path: Path) -> None:
    outcome = run_guarded("tests.stress.fuzz.bad_targets:GOOD", Budget(max_attempts=3), 100, tmp_path)
    assert (outcome.attempts, outcome.faults) == (3, 0)
    assert "3 refused" in outcome.note


# Pictures.


def _open(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    image_files.read_picture(path)


def _eps(mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, (28, 28), 9 if mode == "L" else (9, 9, 9)).save(file, "EPS")
    return file.getvalue()


def test_postscript_is_refused_before_a_program_is_asked_to_run_it(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="is not a picture in a supported format"):
        _open(tmp_path / "seven.png", _eps())


def test_postscript_in_a_folder_of_digits_is_refused_too(tmp_path: Path) -> None:
    # Grey and of a digit image's size, it would be taken as it is.
    (tmp_path / "samples.csv").write_text("file,label\nseven.png,7\n")
    (tmp_path / "seven.png").write_bytes(_eps("L"))
    with (
        MyDigits.open(tmp_path / "mine.sqlite") as mine,
        pytest.raises(DigitpadError, match="is not a picture in a supported format"),
    ):
        import_digits(mine, tmp_path)


@pytest.mark.parametrize("content", RUBBISH)
def test_random_bytes_in_a_picture_file_are_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match=r"seven\.png is (not a picture|damaged)"):
        _open(tmp_path / "seven.png", content)


def test_whatever_a_decoder_raises_the_file_is_called_damaged(tmp_path: Path) -> None:
    avif = next(content for content in whole_pictures() if content[4:12] == b"ftypavif")
    with pytest.raises(DigitpadError, match="is damaged"):  # libavif's RuntimeError
        _open(tmp_path / "seven.avif", avif[:-20] + b"\xff" * 20)


def _png_header(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (1, 1)).save(file, "PNG")
    from tests.stress.fuzz.pictures import with_right_checksums

    content = file.getvalue()
    return with_right_checksums(content[:16] + struct.pack(">2I", width, height) + content[24:])


@pytest.mark.parametrize("size", [(10_000, 6000), (1, 100_000_000), (13_000, 13_000)])
def test_a_picture_whose_pixels_would_fill_the_memory_is_refused_by_its_header(
    size: tuple[int, int], tmp_path: Path
) -> None:
    with pytest.raises(DigitpadError, match=rf"seven\.png is too large \({size[0]}x{size[1]} px\)"):
        _open(tmp_path / "seven.png", _png_header(*size))


def test_formats_that_take_more_memory_or_time_a_pixel_have_tighter_limits(tmp_path: Path) -> None:
    qoi = b"qoif" + struct.pack(">2I2B", 1000, 1000, 3, 0) + b"\xfd" * 99
    with pytest.raises(DigitpadError, match=r"too large \(1000x1000 px\)"):
        _open(tmp_path / "seven.qoi", qoi)
    file = io.BytesIO()
    Image.new("L", (16_383, 4000)).save(file, "WEBP", method=0)
    with pytest.raises(DigitpadError, match=r"too large \(16383x4000 px\)"):
        _open(tmp_path / "seven.webp", file.getvalue())


def test_a_picture_of_many_pixels_is_shrunk_strip_by_strip_to_the_same_ink(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sheet = np.full((2500, 3000), 250, np.uint8)
    sheet[600:1900, 1400:1650] = 20
    noisy = Image.fromarray(sheet - rng.integers(0, 9, sheet.shape).astype(np.uint8))
    noisy.save(tmp_path / "large.png")
    noisy.convert("RGBA").save(tmp_path / "alpha.png")
    noisy.resize((500, 417), Image.Resampling.BOX).save(tmp_path / "small.png")
    large, alpha, small = (open_drawing(tmp_path / f"{name}.png") for name in ("large", "alpha", "small"))
    for drawing in (large, alpha):
        assert np.abs(digit_image(drawing).pixels - digit_image(small).pixels).mean() < 0.01


def test_libtiff_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = io.BytesIO()
    Image.fromarray(np.arange(900, dtype=np.uint8).reshape(30, 30)).save(file, "TIFF", compression="tiff_lzw")
    content = bytearray(file.getvalue())
    content[8:60] = b"\xff" * 52
    with pytest.raises(DigitpadError, match="is damaged"):
        _open(tmp_path / "seven.tif", bytes(content))
    assert capfd.readouterr() == ("", "")


def test_pillow_logs_nothing(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "TIFF")
    # Tag 277, samples per pixel, one short: 3 becomes 9.
    content = file.getvalue().replace(struct.pack("<HHIHH", 277, 3, 1, 3, 0), struct.pack("<HHIHH", 277, 3, 1, 9, 0))
    (tmp_path / "seven.tif").write_bytes(content)
    script = "import sys; from pathlib import Path; from digitpad.core.ink import image_files\n"
    script += "try: image_files.read_picture(Path(sys.argv[1]))\nexcept Exception as error: print(error)"
    command = [sys.executable, "-c", script, str(tmp_path / "seven.tif")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "seven.tif is " in done.stdout
    assert not done.stderr


def test_pixels_of_extreme_values_are_read_without_a_warning(tmp_path: Path) -> None:
    values = np.full((20, 20), 3e38, np.float32)
    values[5:15, 8:12] = -3e38
    values[0, :3] = np.nan, np.inf, -np.inf
    Image.fromarray(values).save(tmp_path / "seven.tif")
    assert not digit_image(open_drawing(tmp_path / "seven.tif")).is_blank


def test_damaged_metadata_do_not_hide_a_picture(tmp_path: Path) -> None:
    sheet = np.full((40, 40), 255, np.uint8)
    sheet[8:32, 18:23] = 0
    Image.fromarray(sheet).save(tmp_path / "one.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\xff" * 40)
    assert not digit_image(open_drawing(tmp_path / "one.jpg")).is_blank


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("name", ["pipe.png", "pipe.jsonl", "pipe.toml"])
def test_a_pipe_is_refused_at_once(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(DigitpadError, match="is not a regular file"):
        load_recipe(str(tmp_path / name)) if name.endswith("toml") else open_drawing(tmp_path / name)


# Ink.


@pytest.mark.parametrize("size", [5e-324, 1e-320, 1e-300, 1e-101])
def test_an_extremely_small_drawing_is_a_dot(size: float, tmp_path: Path) -> None:
    ink = Ink.of([[[0, 0], [size, -size]]])
    assert np.array_equal(ink_image(ink).pixels, ink_image(Ink.of([[[0, 0]]])).pixels)
    path = tmp_path / "tiny.jsonl"
    path.write_text(json.dumps({"strokes": [[[0, 0], [size, -size]]]}))
    assert not digit_image(open_drawing(path)).is_blank


@pytest.mark.parametrize("count", [(10_001, 1), (1, 50_001), (2, 25_001)])
def test_a_drawing_of_too_many_strokes_or_points_is_refused(count: tuple[int, int]) -> None:
    line = json.dumps({"strokes": [[[0, 0]] * count[1]] * count[0]})
    with pytest.raises(DigitpadError, match=r"line 1: the drawing is too large"):
        parse_line(line, 1, "drawings.jsonl, line 1")


def test_a_line_too_long_for_a_drawing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text('{"id": "' + "a" * 4_000_000 + '", "strokes": [[[0, 0]]]}')
    with pytest.raises(DigitpadError, match="line 1 is too long"):
        list(read_ink(path))


@pytest.mark.parametrize("content", [b"\n" * 100_001, b" " * 90_000_000], ids=["blank lines", "spaces"])
def test_an_ink_file_that_unpacks_to_nothing_without_end_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    path.write_bytes(gzip.compress(content, 1))
    with pytest.raises(DigitpadError, match=r"far larger than its drawings|too long"):
        list(read_ink(path))


def test_only_texts_and_numbers_become_names_and_they_can_be_written() -> None:
    named = parse_line('{"id": [[1]], "writer": {"a": 1}, "strokes": []}', 7, "line 7")
    assert (named.id, named.writer) == ("7", "")
    split = parse_line('{"id": "\\ud800x", "label": "\\udfff", "strokes": []}', 7, "line 7")
    assert (split.id, split.label) == ("?x", "?")
    assert parse_line('{"id": 12, "strokes": []}', 7, "line 7").id == "12"


def test_an_ink_file_of_more_drawings_than_memory_has_room_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_MAX_DRAWINGS", 2)
    samples = [InkSample(str(n), Ink.of([[[0, 0], [0, 9]]]), label=1) for n in range(3)]
    assert len(digits_of_ink("a.jsonl", samples[:2])) == 2
    with pytest.raises(DigitpadError, match=r"a\.jsonl has more than 2 drawings"):
        digits_of_ink("a.jsonl", samples)


def test_the_limits_of_ink_are_far_above_what_hands_draw() -> None:
    assert ink_files._MAX_POINTS >= 50_000  # minutes without lifting the pen
    assert ink_files._MAX_LINE >= 60 * ink_files._MAX_POINTS


# IDX.


def test_a_small_file_that_unpacks_to_gigabytes_is_refused_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(struct.pack(">4i", 0x0803, 2_000_000, 28, 28) + bytes(4_000_000)))
    with pytest.raises(DigitpadError, match="1,568,000,000 bytes of data"):
        read_images(path)


def test_images_can_be_shared_with_torch_and_one_byte_more_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(images_idx(np.ones((3, 28, 28), np.uint8)))
    assert read_images(path).flags.writeable
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(DigitpadError, match="longer than its header says"):
        read_images(path)


def test_blank_images_in_the_number_of_mnist_are_read_however_well_they_pack(tmp_path: Path) -> None:
    for name, content in {
        "train-images-idx3-ubyte.gz": images_idx(np.zeros((60_000, 28, 28), np.uint8)),
        "train-labels-idx1-ubyte.gz": labels_idx(np.zeros(60_000, np.uint8)),
    }.items():
        (tmp_path / name).write_bytes(gzip.compress(content, 1))
    assert len(load_digits(str(tmp_path), "train", tmp_path)) == 60_000


# Recipes.


@pytest.fixture
def content() -> dict[str, object]:
    return {"title": "x", "model": {"kind": "mlp"}}


@pytest.mark.parametrize("key", ["training.", "../x", "cnn", "mlp", "", "a.b.c", "model"])
def test_a_key_of_any_name_is_called_unknown(key: str, content: dict[str, object]) -> None:
    wrong = content | {key: 1}
    with pytest.raises(DigitpadError, match=r"there is no key|its kind must be"):
        parse_recipe(wrong, "r.toml")
    inner: dict[str, object] = {"kind": "mlp", key: 1}
    with pytest.raises(DigitpadError, match=r"model: there is no key .*: the keys are kind, inputs, hidden"):
        parse_recipe(content | {"model": inner}, "r.toml")


@pytest.mark.parametrize("text", ["epochs = " + "9" * 5000, "a = " + "[" * 3000, "a = " + "{a=" * 3000])
def test_a_recipe_that_python_cannot_count_or_nest_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(DigitpadError, match=r"r\.toml is not valid TOML"):
        load_recipe(str(path))


@pytest.mark.parametrize("part", ["a.", '"a" . ', "'a.b'.", r'"\"".'])
def test_a_key_of_very_many_parts_is_refused_before_they_are_counted(part: str, tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(f"title = 'x'\nmodel = {{ {part * 4000}a = 1 }}\n")
    with pytest.raises(DigitpadError, match=r"r\.toml has a line with too many dots"):
        load_recipe(str(path))


def test_prose_and_figures_are_no_long_keys(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    words = "One. Two. Three... e.g. 1.2.3.4 or www.a.b.c.d; " * 80
    figures = ", ".join(["0.25"] * 1000)
    path.write_text(
        f"title = 'x'\nexplanation = '{words}'\nmodel = {{kind = 'mlp'}}\n"
        f"published = {{epochs = {list(range(1000))}, train_loss = [{figures}]}}\n"
    )
    assert load_recipe(str(path)).published.train_loss == (0.25,) * 1000


def test_a_setting_of_thousands_of_digits_is_refused(content: dict[str, object]) -> None:
    recipe = parse_recipe(content, "r.toml")
    for value in ("9" * 5000, "[" * 3000):
        with pytest.raises(DigitpadError, match="epochs="):
            with_settings(recipe, [f"epochs={value}"])


def test_every_valid_picture_that_the_fuzzer_starts_from_is_read_or_of_an_unsupported_format(tmp_path: Path) -> None:
    """An attack on files that are refused at once would attack nothing."""
    read = 0
    for content in whole_pictures():
        try:
            _open(tmp_path / "seven.png", content)
            read += 1
        except DigitpadError:
            assert not content.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"RIFF"))
    assert read > 60

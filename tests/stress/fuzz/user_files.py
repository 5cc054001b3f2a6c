"""Hostile and broken files that people open: pictures, ink, sets of IDX files, recipes. A part of scripts/soak.py.

Each is read in a guarded child process (`sandbox` says what is a fault), and used once if it could be read.
"""

import contextlib
import copy
import gzip
import itertools
import json
import struct
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from digitpad.core.datasets.loading import digits_of_ink, load_digits
from digitpad.core.detection.ink_finder import find_ink
from digitpad.core.detection.opened_drawing import open_drawing
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.digits import to_floats
from digitpad.core.ink import ink_mask
from digitpad.core.ink.drawing import centre_picture, digit_image
from digitpad.core.ink.image_files import read_picture
from digitpad.core.ink.ink_files import parse_line, read_ink
from digitpad.core.ink.strokes import digit_image as ink_image
from digitpad.core.models.specs import parameter_count, summary
from digitpad.core.runtime.malloc import trim_heap
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import parse_recipe, recipe_content, with_settings
from tests.stress.budget import Budget, Outcome
from tests.stress.fuzz.mutation import JSON, TOML, bomb, mutated, nasty_text, regzipped
from tests.stress.fuzz.pictures import RUBBISH, huge_picture, whole_pictures, with_right_checksums
from tests.stress.fuzz.sandbox import Target, run_guarded

FULL = 100_000
_pictures = cache(whole_pictures)


def stress_tests(budget: Budget) -> Iterator[Outcome]:
    """Fuzz all targets."""
    for number, (name, full) in enumerate(TARGETS.items()):
        yield run_guarded(f"tests.stress.fuzz.user_files:{name}", budget.share(len(TARGETS) - number), full)


# Pictures.


def _prepare_picture(draw: Random, folder: Path) -> Path:
    path = folder / f"picture.{draw.choice(('png', 'jpg', 'gif', 'tif', 'webp', 'svg', 'eps', 'txt'))}"
    rng = draw.random()
    if rng < 0.03:
        content = mutated(RUBBISH, draw) if draw.random() < 0.7 else draw.randbytes(draw.randrange(2000))
    elif rng < 0.05:
        content = draw.choice(_pictures())
    else:
        content = mutated(_pictures(), draw)
        if content.startswith(b"\x89PNG") and draw.random() < 0.7:
            content = with_right_checksums(content)
    path.write_bytes(content)
    return path


def _use_picture(path: Path) -> None:
    found = find_ink(read_picture(path))
    if path.stat().st_size % 4:
        _check_pixels(ink_mask.digit_image(found).pixels)
    else:  # the longer way, over the pad
        _check_pixels(digit_image(centre_picture(found, str(path))).pixels)


def _check_pixels(pixels: np.ndarray) -> None:
    if pixels.shape != (28, 28) or not (np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1):
        raise AssertionError("the digit image is none")


# Ink.


def _random_value(draw: Random, depth: int = 0) -> object:
    kind = draw.randrange(9 if depth < 5 else 7)
    if kind < 7:
        huge = draw.choice((10**12, 10**13, 10**400, -(10**12), 1e308, float("nan"), float("inf"), 0.0, -0.0, 5e-324))
        return (None, True, draw.randrange(-5, 99), draw.random() * 300, nasty_text(draw), huge, "7")[kind]
    values = [_random_value(draw, depth + 1) for _ in range(draw.randrange(5))]
    return values if kind == 7 else {nasty_text(draw): value for value in values}


def _random_record(draw: Random) -> object:
    """Make a drawing with some wrong parts."""
    if draw.random() < 0.05:
        return _random_value(draw)
    reach = draw.choice((0, 1e-320, 1e-9, 1, 300, 300, 300, 1e9, 1e12, 2e12))

    def stroke() -> object:
        if draw.random() < 0.1:
            return _random_value(draw)
        points: list[Any] = [
            [draw.uniform(-reach, reach), draw.random() * reach] for _ in range(draw.choice((0, 1, 2, 20)))
        ]
        if points and draw.random() < 0.1:
            points[draw.randrange(len(points))] = draw.choice(([1], [1, 2, 3], [None, 1], ["1", "2"], [[1, 2]], "ab"))
        return points

    record: dict[str, object] = {"strokes": [stroke() for _ in range(draw.choice((0, 1, 2, 9)))]}
    for key in ("id", "label", "writer", "pen"):
        if draw.random() < 0.5:
            usual = {"id": "x", "label": draw.randrange(10), "writer": "me", "pen": 12.5}[key]
            record[key] = usual if draw.random() < 0.6 else _random_value(draw)
    return record


def _random_ink(draw: Random) -> bytes:
    lines = [json.dumps(_random_record(draw), ensure_ascii=draw.random() < 0.5) for _ in range(draw.randrange(1, 5))]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _large_ink(draw: Random) -> bytes:
    """Make a drawing of very many points or strokes, or a very long line."""
    count = draw.choice((10_000, 100_000, 400_000))
    one = draw.choice((b"[[0,0]],", b"[[0,0],[9,9]],", b"[],", b'"",', b"[[[]]],", b"0,", b" "))
    long = b'{"strokes":[' + one * (count // draw.choice((1, 4))) + b"[[1,2]]]}"
    zigzag = b'{"strokes":[[' + b"[0,0],[1e12,1e12]," * (count // 4) + b"[1,2]]]}"
    return draw.choice(
        (long, zigzag, b'{"strokes":' + b"[" * count, b'{"id":"' + b"a" * count + b'","strokes":[[[0,0]]]}')
    )


@cache
def _inks() -> tuple[bytes, ...]:
    draw = Random(0)  # noqa: S311 - to be repeated, not to be secret
    good = [[[[round(draw.uniform(0, 280), 1), round(draw.uniform(0, 280), 1)] for _ in range(6)] for _ in range(2)]]
    good += [[[[0, 0], [0, 90]]], [[[5, 5]]]]
    lines = [json.dumps({"id": f"d{n}", "label": n, "writer": "w", "strokes": ink}) for n, ink in enumerate(good)]
    text = "\n".join(lines).encode()
    return (
        text,
        b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"),
        lines[0].encode(),
        b'{"strokes":[[[1,2],[3,4]]],"pen":9}\n\n',
    )


def _prepare_ink(draw: Random, folder: Path) -> Path:
    path = folder / f"drawings.jsonl{draw.choice(('', '.gz'))}"
    content = _random_ink(draw) if draw.random() < 0.4 else mutated(_inks(), draw, JSON)
    if draw.random() < 0.25:
        content = regzipped(content, draw, JSON) if draw.random() < 0.5 else gzip.compress(content, 1, mtime=0)
    path.write_bytes(content)
    return path


def _use_ink(path: Path) -> None:
    if path.stat().st_size < 10_000:
        # The messages about the clipboard and a data set are part of the promise.
        text = path.read_bytes().decode(errors="replace")
        _refused(lambda: parse_line(text, 1, f"the clipboard, not {path.name}"), path)
        _refused(lambda: _check_pixels(digit_image(open_drawing(path)).pixels), path)
    for sample in itertools.islice(read_ink(path), 50):
        _check_pixels(ink_image(sample.ink).pixels)
    if path.stat().st_size < 10_000:
        digits_of_ink(path.name, itertools.islice(read_ink(path), 50))


def _refused(attempt: Callable[[], object], path: Path) -> None:
    """Make a secondary attempt, which may be refused in one sentence."""
    try:
        attempt()
    except DigitpadError as error:
        if path.name not in str(error) or not str(error).isprintable() or len(str(error)) >= 500:
            raise


# Sets of IDX files.

_COUNTS = (0, 1, 2, 3, 4, 5, 255, 256, 59_999, 60_000, 2_000_000, 2_000_001, 2**31 - 1, -1, -(2**31))
_SIDES = (0, 1, 27, 28, 29, 56, 784, 1024, 1025, 65_536, 2**31 - 1, -1, -28)
_MAGICS = (0x0801, 0x0803, 0x0C02, 0x0C03, 0x0D03, 0x0B01, 0x0802, 0x0804, 0x08FF, 0x0800, 0, 0x1F8B0800, 0x504B0304)
_NAMES = {
    "mnist": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "qmnist": ("qmnist-train-images-idx3-ubyte", "qmnist-train-labels-idx2-int"),
    "emnist": ("emnist-digits-train-images-idx3-ubyte", "emnist-digits-train-labels-idx1-ubyte"),
}


def _whole_set(key: str, count: int) -> tuple[bytes, bytes]:
    images = np.arange(count * 784, dtype=np.uint32).astype(np.uint8).tobytes()
    labels = (np.arange(count) % 10).astype(np.uint8)
    if key == "qmnist":
        table = np.repeat(labels[:, None].astype(">i4"), 8, axis=1).tobytes()
        return struct.pack(">4i", 0x0803, count, 28, 28) + images, struct.pack(">3i", 0x0C02, count, 8) + table
    return struct.pack(">4i", 0x0803, count, 28, 28) + images, struct.pack(">2i", 0x0801, count) + labels.tobytes()


def _lying(content: bytes, draw: Random) -> bytes:
    """Replace the header, and sometimes add the content that it promises."""
    header = struct.pack(
        f">I{(dimensions := draw.choice((1, 2, 3, 3)))}i",
        draw.choice(_MAGICS[:3]) if draw.random() < 0.8 else draw.choice(_MAGICS),
        draw.choice(_COUNTS),
        *(draw.choice(_SIDES) for _ in range(dimensions - 1)),
    )
    return header + content[16:] + bytes(draw.choice((0, 0, 0, 784, 10_000)))


def _prepare_idx(draw: Random, folder: Path) -> Path:
    key = draw.choice((*_NAMES,))
    contents = list(_whole_set(key, draw.choice((1, 3, 5))))
    for number in draw.choice(((), (0,), (0,), (1,), (1,), (0, 1))):
        contents[number] = (_lying if draw.random() < 0.4 else lambda c, d: mutated([c], d))(contents[number], draw)
    for name, content in zip(_NAMES[key], contents, strict=True):
        zipped = draw.random() < 0.3
        ending = ".gz" if zipped != (draw.random() < 0.05) else ""
        (folder / f"{name}{ending}").write_bytes(_packed(content, draw) if zipped else content)
    return folder


def _packed(content: bytes, draw: Random) -> bytes:
    return regzipped(content, draw) if draw.random() < 0.3 else gzip.compress(content, 1, mtime=0)


def _use_idx(folder: Path) -> None:
    digits = load_digits(str(folder), "train", folder)
    if len(digits.labels) != len(digits) or digits.size != (28, 28) or digits.labels.max() > 9:
        raise AssertionError("the set is none")
    to_floats(digits.images[:100], digits.peak)


# Recipes.


@cache
def _recipes() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((ASSETS / "recipes").glob("*.toml")))


@cache
def _recipe_contents() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(recipe.decode()) for recipe in _recipes())


def _prepare_recipe(draw: Random, folder: Path) -> Path:
    path = folder / "recipe.toml"
    rng = draw.random()
    if rng < 0.02:
        content = draw.randbytes(draw.randrange(300))
    elif rng < 0.25:
        content = _random_recipe(draw)
    else:
        content = mutated(_recipes(), draw, TOML)
    path.write_bytes(content)
    return path


def _random_recipe(draw: Random) -> bytes:
    """Change some keys of a valid recipe, or add others, with values of any kind."""
    import tomli_w

    content = copy.deepcopy(draw.choice(_recipe_contents()))
    for _ in range(draw.choice((1, 1, 2, 5))):
        sections = [content, *(value for value in content.values() if isinstance(value, dict))]
        section = draw.choice(sections)
        key = nasty_text(draw) if draw.random() < 0.2 or not section else draw.choice((*section,))
        section[key] = _without_none(_random_value(draw))
    return tomli_w.dumps(content).encode("utf-8", "surrogatepass")


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_none(inner) for inner in value]
    return 0 if value is None else value


def _use_recipe(path: Path) -> None:
    recipe = load_recipe(str(path))
    if not 0 < parameter_count(recipe.model) < 1 << 40 or not summary(recipe.model):
        raise AssertionError("the model is none")
    recipe.training.steps_per_epoch(60_000)
    if parse_recipe(recipe_content(recipe), path.name) != recipe:
        raise AssertionError("the recipe changes where it is written and read again")
    with_settings(recipe, [f"epochs={recipe.training.epochs}"])


# Small files that unpack to large ones.


def _prepare_bomb(draw: Random, folder: Path) -> Path:
    kind = draw.randrange(5)
    path = folder / ("bomb.png", "bomb.jsonl", "bomb.jsonl.gz", "bomb.toml", "bombs")[kind]
    if kind == 4:
        path.mkdir()
        for name, content in zip(_NAMES["mnist"], _huge_set(draw), strict=True):
            (path / f"{name}.gz").write_bytes(gzip.compress(content, 6, mtime=0))
        return path
    makers = (huge_picture, _large_ink, lambda draw: bomb(draw, draw.choice(_INK_UNITS)), _long_recipe)
    path.write_bytes(makers[kind](draw))
    return path


def _use_bomb(path: Path) -> None:
    {".png": _use_picture, ".jsonl": _use_ink, ".gz": _use_ink, ".toml": _use_recipe, "": _use_idx}[path.suffix](path)


_INK_UNITS = (b" ", b"\n", b"[", b'{"strokes":[[[0,0],[9,9]]]}\n', b'{"strokes":[]}\n', b"[[0,0]],")


def _long_recipe(draw: Random) -> bytes:
    unit = draw.choice((b"a=1\n", b"[", b"[[a]]\n", b'"', b"#\n", b"a.", b"{", b"'''", b"[a]\n[b]\n", b"a=[[[[]]]]\n"))
    return unit * draw.choice((1000, 20_000, 100_000)) + draw.choice((b"", b"a=1\n"))


def _huge_set(draw: Random) -> tuple[bytes, bytes]:
    count = draw.choice((60_000, 100_000, 500_000, 2_000_000))
    held = min(count, draw.choice((1000, 60_000, 100_000)))
    return struct.pack(">4i", 0x0803, count, 28, 28) + bytes(784 * held), struct.pack(">2i", 0x0801, count) + bytes(
        count
    )


def _warm(contents: tuple[bytes, ...] | list[bytes], use: Callable[[Path], object], name: str) -> None:
    """Use valid files once: the libraries that this imports are not faults."""
    with tempfile.TemporaryDirectory() as folder:
        for content in contents:
            (path := Path(folder) / name).write_bytes(content)
            with contextlib.suppress(Exception):
                use(path)


def _warm_pictures() -> None:
    _warm(_pictures(), read_picture, "x.png")  # loads the decoders
    _warm(_pictures()[::20], _use_picture, "x.png")


def _warm_all() -> None:
    for target in (PICTURES, INK, IDX, RECIPES):
        target.warm()


PICTURES = Target("broken pictures", _prepare_picture, _use_picture, warm=_warm_pictures)
INK = Target("broken ink files", _prepare_ink, _use_ink, warm=lambda: _warm(_inks(), _use_ink, "x.jsonl"))
IDX = Target(
    "broken IDX files",
    _prepare_idx,
    _use_idx,
    names=lambda folder, message: str(folder) in message,
    warm=trim_heap,  # loads ctypes
)
RECIPES = Target("broken recipes", _prepare_recipe, _use_recipe, warm=lambda: _warm(_recipes(), _use_recipe, "x.toml"))
BOMBS = Target(
    "small files that unpack to large ones",
    _prepare_bomb,
    _use_bomb,
    warm=_warm_all,
)
# Attempts with each target in a full run.
TARGETS = {"IDX": FULL, "PICTURES": FULL, "INK": FULL, "RECIPES": FULL, "BOMBS": 500}

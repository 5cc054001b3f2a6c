"""Kill scenario: saving files and folders; a step is one save, the state is the content of all files."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from digitpad.core.files.csv_tables import write_table
from digitpad.core.files.paths import user_models
from digitpad.core.ink.drawing import PEN_WIDTH, Drawing
from digitpad.core.ink.image_files import read_picture
from digitpad.core.ink.ink_files import InkSample, read_ink, write_ink
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import ModelCard, list_models, load_model, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec
from digitpad.core.my_digits.exporting import export_idx, export_pictures
from digitpad.core.my_digits.record import MyDigit
from digitpad.core.training.recipe_files import list_recipes, load_recipe, recipe_names, save_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.draw.drawing_io import save_drawing
from tests.stress.kills.requests import Place, check

TITLE = "kill -9 while saving {}"
VARIANTS = ("models", "pictures", "ink files", "recipes", "tables", "folders of pictures", "folders of IDX files")
MAY_REPEAT_STEP = False
_STEPS = 4
_THEN = datetime(2026, 1, 1, tzinfo=UTC)


def warm() -> None:
    """Import what the children need, once."""


def steps(place: Place, start: int) -> Iterator[int | None]:
    """Overwrite the file, or save another folder beside the last."""
    save = _SAVES[place.variant]
    yield None
    for number in range(start, _STEPS):
        save(place, number)
        yield number + 1


def found(place: Place) -> object:
    """Open every file as digitpad does, and return the content."""
    seen = {}
    for folder in (place.documents, place.home / "data", place.home / "config"):
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path, folder)):
            _open(path)
            seen[str(path.relative_to(place.home))] = hashlib.sha256(path.read_bytes()).hexdigest()
    if VARIANTS[place.variant] == "recipes":
        check(not any(entry.problem for entry in list_recipes()), "a recipe cannot be read")
        check(sum(not entry.is_shipped for entry in list_recipes()) == len(seen), "a recipe is not listed")
    return seen


def check_end(place: Place) -> object:
    """Check that a model and a recipe can be used."""
    if VARIANTS[place.variant] == "recipes":
        check("mine" in recipe_names(), "the recipe cannot be chosen")
    if VARIANTS[place.variant] == "models":
        check("mine" in [entry.name for entry in list_models()], "the model cannot be chosen")
    return None


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _open(path: Path) -> None:
    match path.suffix:
        case ".safetensors":
            load_model(path)
        case ".png":
            read_picture(path)
        case ".jsonl":
            check(list(read_ink(path)), "the ink file is empty")
        case ".csv":
            check(path.read_bytes().endswith(b"\r\n"), f"{path.name} is cut off")


def _drawing(number: int) -> Drawing:
    points = np.random.default_rng(number).uniform(40, 240, (300, 2))
    return Drawing(ink=Ink.of([points[:150], points[150:]], PEN_WIDTH))


def _save_model(_: Place, number: int) -> None:
    torch.manual_seed(number)
    save_model(user_models() / "mine.safetensors", build(MLPSpec(hidden=(30 + number,))), ModelCard(name="mine"))


def _save_picture(place: Place, number: int) -> None:
    save_drawing(place.documents / "digit.png", _drawing(number))


def _save_ink(place: Place, number: int) -> None:
    samples = [InkSample(str(each), _drawing(100 * number + each).ink) for each in range(10)]
    write_ink(place.documents / "digits.jsonl", samples)


def _save_recipe(_: Place, number: int) -> None:
    save_recipe("mine", with_settings(load_recipe("mlp-fast"), [f"epochs={number + 1}"]), replace=True)


def _save_table(place: Place, number: int) -> None:
    write_table(place.documents / "digits.csv", ["a", "b"], ([number, each] for each in range(3000)))


def _digits(number: int) -> list[MyDigit]:
    """Return some stored digits."""
    images = np.random.default_rng(number).integers(1, 256, (20, 28, 28), np.uint8)
    return [
        MyDigit(id=each, label=each % 10, image=image, line="", predicted=None, model="", created=_THEN)
        for each, image in enumerate(images)
    ]


def _save_pictures(place: Place, number: int) -> None:
    check(list(export_pictures(place.documents, "digits", _digits(number))), "nothing was exported")


def _save_idx(place: Place, number: int) -> None:
    export_idx(place.documents, "digits", _digits(number))


_SAVES: tuple[Callable[[Place, int], None], ...] = (
    _save_model,
    _save_picture,
    _save_ink,
    _save_recipe,
    _save_table,
    _save_pictures,
    _save_idx,
)

"""Fuzz target: file names from outside; a file must not be written outside its folder."""

import os
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from tests.stress.fuzz.mutation import nasty_text
from tests.stress.fuzz.sandbox import Target

_PIECES = (
    *("..", ".", "/", "\\", "\x00", "\n", "a", "b ", " ", "~", "$HOME", "%s", "*", "?", ":", "|", '"', "<", "\x1b[2J"),
    *("CON", "NUL", "aux.toml", "COM1", "é", "가", "𝒜", "\u202e", "\ud800", "a" * 80, "a" * 300, "가" * 85, "𝒜" * 64),
    *("/etc/", "../../", "link", "link/x", "there", "folder", ".hidden", "-rf", ".deleted", ".lock", "run.json"),
)
_WAYS = 9


def _prepare(draw: Random, folder: Path) -> Path:
    os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = str(folder / "home")
    chosen = folder / "chosen"
    chosen.mkdir()
    (chosen / "there").write_bytes(b"there")
    (chosen / "folder").mkdir()
    (chosen / "link").symlink_to(folder.parent)
    (chosen / "a-run").symlink_to(folder.parent) if draw.random() < 0.1 else None
    name = nasty_text(draw) if draw.random() < 0.3 else "".join(draw.choices(_PIECES, k=draw.randint(1, 3)))
    _asked.update(name=name, way=draw.randrange(_WAYS))
    return chosen


_asked: dict[str, Any] = {"name": "", "way": 0}


def _use(chosen: Path) -> None:
    """Write a file in one of several ways; new files must be in the right folder."""
    name, way = str(_asked["name"]), int(_asked["way"])
    before = {path.name for path in chosen.iterdir()}
    try:
        _WRITERS[way](chosen, name)
    finally:
        new = [path for path in chosen.iterdir() if path.name not in before]
        assert len(new) <= 1, f"more than one thing is new: {new}"
        assert not any(path.name.endswith(".part") for path in new), "a part is left"
        assert (chosen / "there").read_bytes() == b"there" or name.endswith("there"), "another file is changed"


def _pictures(chosen: Path, name: str) -> None:
    from digitpad.core.my_digits.exporting import export_pictures

    *_, last = export_pictures(chosen, name, _digits())
    assert last.folder is not None and last.folder.parent == chosen  # noqa: PT018


def _idx(chosen: Path, name: str) -> None:
    from digitpad.core.my_digits.exporting import export_idx

    assert export_idx(chosen, name, _digits()).parent == chosen


def _recipe(_: Path, name: str) -> None:
    from digitpad.core.files.paths import user_recipes
    from digitpad.core.training.recipe_files import load_recipe, save_recipe

    path = save_recipe(name, _run(Path(), name).recipe)
    assert path.parent == user_recipes() and path.is_file()  # noqa: PT018
    load_recipe(name)


def _new_run(_: Path, name: str) -> None:
    from digitpad.core.files.paths import user_runs
    from digitpad.core.runs.writer import RunWriter

    writer = RunWriter.create(_run(Path(), name).recipe, name, name="a run", data=Path("data"), versions={})
    assert writer.run.folder.parent == user_runs() and writer.run.folder.is_dir()  # noqa: PT018
    writer.close("stopped")


def _renamed(chosen: Path, name: str) -> None:
    from digitpad.core.runs.run_folder import read_run, write_info
    from digitpad.core.runs.run_library import find_run, rename_run

    folder = chosen.parent / "home" / "digitpad" / "runs" / "a-run"
    folder.mkdir(parents=True)
    write_info(folder, _run(folder, "x").info)
    run = rename_run(read_run(folder), name)
    assert find_run(run.name).folder == folder


def _curves(chosen: Path, name: str) -> None:
    from digitpad.core.runs.exporting import export_csv

    path = chosen / name.replace("/", "")
    export_csv(_run(Path("a-run"), name), path)
    assert path.is_file() and not path.is_symlink()  # noqa: PT018


def _tensorboard(chosen: Path, name: str) -> None:
    """Export a run by the path of its folder, as the command line does."""
    from digitpad.core.runs.exports.tensorboard_log import export_tensorboard
    from digitpad.core.runs.run_folder import write_info
    from digitpad.core.runs.run_library import find_run

    folder = chosen.parent / "runs" / "a-run"
    folder.mkdir(parents=True)
    write_info(folder, _run(folder, "x").info)
    before = os.getcwd()  # noqa: PTH109
    try:
        os.chdir(folder)
        run = find_run(".")
    finally:
        os.chdir(before)
    assert run.id == "a-run", run.id
    tempfile.tempdir = str(chosen.parent)
    if name.startswith("."):  # it is slow
        export_tensorboard(run, chosen)


def _tuned(_: Path, name: str) -> None:
    import torch

    from digitpad.core.files.paths import user_models
    from digitpad.core.fine_tuning.events import FineTuned, FineTuneScores, Score
    from digitpad.core.fine_tuning.fine_tuned_models import save_fine_tuned
    from digitpad.core.models.networks import build
    from digitpad.core.models.specs import SoftmaxSpec

    torch.manual_seed(7)
    share = FineTuneScores(Score(1, 2), None)
    model = build(SoftmaxSpec(inputs=(2, 2)))
    tuned = FineTuned(model, before=share, after=share, blend=1.0, digit_count=3, steps=1)
    entry = save_fine_tuned(tuned, name)
    assert entry.path.parent == user_models()


def _marks(chosen: Path, name: str) -> None:
    from digitpad.core.datasets.suspect_labels import export_marks, new_mark
    from digitpad.core.images.digits import Digits

    digits = Digits("few", np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8))
    export_marks(chosen / "marks.csv", [new_mark(digits, name, "test", 0, note=name)])


_WRITERS = (_pictures, _idx, _recipe, _new_run, _renamed, _curves, _tensorboard, _tuned, _marks)


@lru_cache
def _digits() -> tuple[Any, ...]:
    from digitpad.core.my_digits.record import MyDigit

    image = np.full((28, 28), 200, np.uint8)
    return (MyDigit(id=1, label=3, image=image, created=datetime.now(UTC)),)


def _run(folder: Path, name: str) -> Any:
    from digitpad.core.models.specs import SoftmaxSpec
    from digitpad.core.runs.run_folder import EpochRow, Run, RunInfo
    from digitpad.core.training.recipes import Recipe

    recipe = Recipe(title=name[:200].encode(errors="replace").decode() or "x", model=SoftmaxSpec())
    info = RunInfo(
        name="a run", recipe_name="x", recipe={"title": "x", "model": {"kind": "softmax"}}, created=datetime.now(UTC)
    )
    row = EpochRow(epoch=1, train_loss=1, train_accuracy=0.5, test_loss=1, test_accuracy=0.5, seconds=1)
    return Run(folder, info, recipe, (row,))


def _warm() -> None:
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        for way in range(_WAYS):
            (Path(place) / f"{way}").mkdir()
            chosen = _prepare(Random(way), Path(place) / f"{way}")  # noqa: S311
            _asked.update(name=".x" if way == _WRITERS.index(_tensorboard) else "x", way=way)
            _use(chosen)
    tempfile.tempdir = None
    with suppress(ImportError):
        import torch.utils.tensorboard
    import digitpad.core.datasets.suspect_labels
    import digitpad.core.fine_tuning.fine_tuned_models
    import digitpad.core.my_digits.exporting
    import digitpad.core.runs.writer  # noqa: F401


NAMES = Target(
    "names that are written under", _prepare, _use, names=lambda _path, _said: True, warm=_warm, may_write=True
)

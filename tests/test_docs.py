"""The documents name files that exist, and the commands of docs/data.md work as they stand."""

import re
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from digitpad import program
from digitpad.core.files.paths import data_folder
from digitpad.core.runs.run_library import list_runs, rename_run
from digitpad.core.training.recipe_files import load_recipe, save_recipe
from digitpad.core.training.recipes import with_settings
from tests.conftest import ROOT
from tests.core.ink.test_ink_formats import INKML
from tests.helpers.format_files import TRAINING, WRITERS, png, write_parquet
from tests.helpers.idx_files import set_files, write_files

_DOCUMENTS = [
    "README.md",
    "README.ko.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *sorted(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md")),
]
_IN_BACKTICKS = re.compile(r"`((?:digitpad|core|gui|assets|scripts|tests|docs)/[\w./-]*)`")
_LINKS = re.compile(r"\]\((?!https?:)([^)#]+)\)")


@pytest.mark.parametrize("name", _DOCUMENTS)
def test_every_path_and_link_in_a_document_exists(name: str) -> None:
    document = ROOT / name
    text = document.read_text(encoding="utf-8")
    paths = [
        ROOT / ("digitpad/" + path if path.startswith(("core/", "gui/")) else path)
        for path in _IN_BACKTICKS.findall(text)
    ]
    paths += [document.parent / link for link in _LINKS.findall(text)]
    assert [str(path) for path in paths if not path.exists()] == []


_READ_BY_USERS = [
    *(path for part in ("assets/lessons", "assets/recipes", "assets/models", "assets/guide", "docs", "digitpad")
      for path in sorted((ROOT / part).rglob("*")) if path.suffix in (".md", ".toml", ".py")),
    *ROOT.glob("README*.md"),
]  # fmt: skip
_SPACED_SIZE = re.compile(r"\d ?× ?\d|(?:\d|\}) x (?:\d+|\{\w+\})(?= px| pixels|\b)|28 by 28 px")
# Kinds of generated pictures, whose names the random numbers depend on; and numbers that are multiplied.
_OTHER_PRODUCTS = re.compile(r"^\| 28 x 28 |2 x 256 KB|3 x 0\.1")


@pytest.mark.parametrize("path", _READ_BY_USERS, ids=str)
def test_sizes_are_written_as_28x28(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if _SPACED_SIZE.search(line) and not _OTHER_PRODUCTS.search(line.strip("# "))] == []


def small_data(folder: Path) -> None:
    """Write small data under the names that docs/data.md uses, and a run RUN of a recipe RECIPE."""
    for name in ("Kaggle's CSV", "Keras's npz", "deeplearning.net's pickle", "EMNIST's mat"):
        WRITERS[name](folder)
    for name, place in {"a folder for each class": "pictures", "IDX nested": "idx"}.items():
        (folder / place).mkdir()
        WRITERS[name](folder / place)
    write_parquet(folder)
    (folder / "mnist").rename(folder / "mnist-parquet")
    for place in ("scans", "FOLDER"):
        (folder / place).mkdir()
        for number, (image, label) in enumerate(zip(TRAINING[0][:10], TRAINING[1][:10], strict=True)):
            (folder / place / f"{label}_{number}.png").write_bytes(png(image))
    (folder / "digit.png").write_bytes(png(TRAINING[0][0]))
    (folder / "drawings.inkml").write_text(INKML, encoding="utf-8")
    write_files(data_folder() / "mnist", set_files())
    settings = ["epochs=1", "train_first=50", "test_first=20", "device=cpu"]
    save_recipe("RECIPE", with_settings(load_recipe("digits-mlp"), settings))


@pytest.mark.skipif(
    not (find_spec("pyarrow") and find_spec("onnxscript") and find_spec("tensorboard")), reason="extras"
)
def test_the_commands_about_data_work_as_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs/data.md").read_text(encoding="utf-8")
    commands = [shlex.split(command) for command in re.findall(r"`digitpad ([^`]+ [^`]+)`", text)]
    assert len(commands) >= 22
    monkeypatch.chdir(tmp_path)
    small_data(tmp_path)
    for arguments in (["train", "RECIPE"], *commands):
        monkeypatch.setattr(sys, "argv", ["digitpad", *arguments])
        with pytest.raises(SystemExit) as stop:
            program.main()
        assert not stop.value.code, arguments
        if arguments == ["train", "RECIPE"]:
            rename_run(list_runs()[0], "RUN")
    for written in (
        "curves.svg",
        "m.onnx",
        "weights.pt",
        "m.py",
        "report.html",
        "matrix.csv",
        "table.csv",
        "program.py",
    ):
        assert (tmp_path / written).stat().st_size, written

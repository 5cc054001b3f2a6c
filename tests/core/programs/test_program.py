"""A recipe as a program: it runs without digitpad, and prints the figures of the training."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.loading import load_digits
from digitpad.core.images.idx_format import write_idx
from digitpad.core.images.idx_sets import PARTS, SETS
from digitpad.core.programs.program import program_of, save_program
from digitpad.core.runs.training_job import TrainingJob, run_job
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe, recipe_names
from digitpad.core.training.recipes import Recipe, with_settings
from tests.helpers.program_runner import ProgramRunner, runner

__all__ = ["runner"]

_LINE = re.compile(r"epoch (\d+): training loss (\S+), accuracy (\S+); test loss (\S+), accuracy (\S+)")
COUNTS = {"train": 600, "test": 200}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose MNIST is the built-in digits."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "mnist").mkdir()
    for part in PARTS:
        digits = load_digits("digits", part, folder).first(COUNTS[part])
        for stem, array in zip(SETS["mnist"].stems[part], (digits.images, digits.labels), strict=True):
            write_idx(folder / "mnist" / f"{stem}.gz", array)
    return folder


def figures_of(printed: str) -> list[tuple[float, ...]]:
    return [tuple(map(float, found.groups())) for found in _LINE.finditer(printed)]


def figures_of_training(recipe: Recipe, data: Path) -> list[tuple[float, ...]]:
    done = [event for event in run_job(TrainingJob(recipe, "test", data=data)) if isinstance(event, EpochDone)]
    return [(e.epoch, e.train_loss, e.train_accuracy, e.test_loss, e.test_accuracy) for e in done]


def check(
    runner: ProgramRunner,
    recipe: Recipe,
    data: Path,
    tmp_path: Path,
    *,
    tolerance: float = 2e-6,
    accuracy: float = 6e-5,
) -> None:
    """Compare losses within `tolerance`, accuracies within `accuracy`: the program rounds them to four decimals."""
    program = tmp_path / "program.py"
    folder = save_program(recipe, "test", program, data)
    arguments = [] if folder else [str(data / "mnist")]
    printed, trained = figures_of(runner.run(program, *arguments)), figures_of_training(recipe, data)
    assert len(printed) == len(trained) > 0
    limits = np.array([0, tolerance, accuracy, tolerance, accuracy])
    assert (np.abs(np.array(printed) - np.array(trained)) <= limits).all(), (printed, trained)


def shortened(name: str, *settings: str) -> Recipe:
    recipe = load_recipe(name)
    first = [] if recipe.train_first is None else ["train_first=200", "test_first=200"]
    return with_settings(recipe, [*first, *settings])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in recipe_names() if load_recipe(name).dataset == "mnist"])
def test_the_program_of_each_recipe_prints_the_figures_of_its_training(
    name: str, runner: ProgramRunner, small: Path, tmp_path: Path
) -> None:
    settings = ["epochs=2"]
    if load_recipe(name).engine == "torch":
        settings += ["precision=float32", "device=cpu"]
    # A CNN with batch norm amplifies the rounding of sums, whose order differs between processors: some of the 200
    # images change sides. A lower rate amplifies it less.
    is_cnn = load_recipe(name).model.kind == "cnn"
    settings += ["learning_rate=0.0002"] if is_cnn else []
    limits = {"tolerance": 0.01, "accuracy": 0.05} if is_cnn else {"tolerance": 2e-4, "accuracy": 0.006}
    check(runner, shortened(name, *settings), small, tmp_path, **limits)


@pytest.mark.parametrize(("name", "settings"), [("xor-mlp", ["epochs=300"]), ("relu-dropout-sgd", ["epochs=2"])])
def test_a_program_prints_the_figures_of_its_training(
    name: str, settings: list[str], runner: ProgramRunner, small: Path, tmp_path: Path
) -> None:
    check(runner, shortened(name, *settings), small, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("xor-mlp", ["dataset=nand", "hidden=[]", "epochs=200"]),
        ("xor-mlp", ["engine=numpy", "initial=normal", "epochs=200"]),
        *(
            ("xor-mlp", ["dataset=or", "hidden=[]", "output=linear", "loss=sse", "learning_rate=0.1", *more])
            for more in (["epochs=100"], ["epochs=100", "engine=numpy"])
        ),
        ("digits-mlp-adam", ["epochs=20", "report_every=5"]),
        ("softmax", ["epochs=2", "engine=numpy", "optimizer=sgd", "schedule=constant", "weight_decay=0"]),
        ("sigmoid-mlp-mse", ["epochs=2", "output=softmax", "stream=seeded", "train_figures=running", "drop_last=true"]),
        ("relu-dropout-sgd-correct", ["epochs=2", "train_first=200", "dropout=0.3", "bias=true", "batch_size=7"]),
        ("sigmoid-mlp-mse", ["engine=torch", "stream=seeded", "epochs=2", "batch_size=32"]),
        ("softmax-sgd-100", ["epochs=3", "patience=1", "learning_rate=0.5", "shuffle=false"]),
        ("softmax-sgd-100", ["epochs=2", "average=0.9"]),
        ("mlp-fast", ["epochs=2", "activation=tanh", "precision=float32", "optimizer=sgd", "learning_rate=0.01"]),
        (
            "mlp-fast",
            ["epochs=2", "optimizer=sgd", "momentum=0.9", "nesterov=true", "precision=float32", "initial=uniform"],
        ),
    ],
)
def test_other_settings_are_in_the_program_too(
    name: str, settings: list[str], runner: ProgramRunner, small: Path, tmp_path: Path
) -> None:
    check(runner, shortened(name, *settings), small, tmp_path, tolerance=2e-4, accuracy=0.006)


@pytest.mark.slow
def test_a_program_in_bfloat16_reaches_about_the_same_figures(
    runner: ProgramRunner, small: Path, tmp_path: Path
) -> None:
    check(runner, shortened("mlp-fast", "epochs=2", "device=cpu"), small, tmp_path, tolerance=0.05, accuracy=0.05)


def test_data_that_is_not_in_files_is_saved_with_the_program(runner: ProgramRunner, tmp_path: Path) -> None:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "train_first=300", "device=cpu"])
    program = tmp_path / "my program.py"
    folder = save_program(recipe, "test", program, tmp_path)
    assert folder is not None
    assert len(list(folder.iterdir())) == 4
    printed = runner.run(program, str(folder))
    assert len(figures_of(printed)) == 2
    assert runner.run(program) == printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings", "limits"),
    [
        ("softmax-sgd-1000", [], {}),
        ("relu-dropout-sgd", ["epochs=5"], {}),
        # Adam's first steps amplify the rounding of sums, whose order differs between processors.
        ("digits-mlp-adam", [], {"tolerance": 1e-4, "accuracy": 0.003}),
    ],
)
def test_the_programs_of_the_tutorials_print_the_figures_of_the_training_on_all_their_images(
    name: str, settings: list[str], limits: dict[str, float], runner: ProgramRunner, shared_data: Path, tmp_path: Path
) -> None:
    check(runner, with_settings(load_recipe(name), settings), shared_data, tmp_path, **limits)


def test_odd_titles_and_names_do_not_break_the_program(tmp_path: Path) -> None:
    recipe = replace(load_recipe("xor-mlp"), title='quotes """ and \\N{bad}\nnew line')
    compile(program_of(recipe, 'na"""me\\'), "program", "exec")

"""The command line, as scripts and machines without a screen use it."""

import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

from digitpad import program
from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import new_mark, put_marks
from digitpad.core.files.paths import user_models
from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import ModelCard, load_model, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import SoftmaxSpec
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.run_library import list_runs, rename_run
from digitpad.core.training.recipe_files import load_recipe, recipe_names, save_recipe
from tests.helpers.drawings import new_digits
from tests.helpers.pseudo_language import NAME, without_brackets, write_catalogue


class Result(NamedTuple):
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Result]


@pytest.fixture
def digitpad(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["digitpad", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            program.main()
        captured = capsys.readouterr()
        return Result(int(stop.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def files(tmp_path: Path, seven: list[np.ndarray]) -> tuple[Path, Path, Path]:
    """A picture of a seven, an ink file with a labelled seven and an empty drawing, and a blank sheet."""
    picture, ink, blank = tmp_path / "seven.png", tmp_path / "ink.jsonl", tmp_path / "blank.png"
    drawn = draw_polylines([stroke + 60 for stroke in seven], pen=22, size=280)
    Image.fromarray((255 - 255 * drawn).astype(np.uint8)).save(picture)
    write_ink(
        ink, [InkSample("a", Ink.of(seven), label=7), InkSample("b", Ink(), label=3), InkSample("c", Ink.of(seven))]
    )
    Image.new("L", (60, 60), 255).save(blank)
    return picture, ink, blank


def test_predict_prints_one_line_per_sample_in_order(digitpad: Run, files: tuple[Path, ...]) -> None:
    result = digitpad("predict", *files)
    lines = result.out.splitlines()
    assert result.code == 0
    assert len(lines) == 5
    assert lines[0].startswith(f"{files[0]}: 7 (")
    assert lines[2] == f"{files[1]} b: blank"
    assert lines[4] == f"{files[2]}: blank"
    assert result.err.splitlines()[-1] == "accuracy: 50.00 % (1 of 2)"


@pytest.mark.parametrize("model", ["softmax", "mlp", "cnn"])
def test_predict_json_keeps_its_contract(digitpad: Run, files: tuple[Path, ...], model: str) -> None:
    picture, labelled, empty, unlabelled, blank = digitpad("predict", *files, "--json", "--model", model).records
    assert set(picture) == {"source", "id", "digit", "confidence", "probabilities"}
    assert (picture["source"], picture["id"], picture["digit"]) == (str(files[0]), "seven.png", 7)
    assert (labelled["id"], labelled["digit"]) == ("a", 7)
    assert labelled["probabilities"] == unlabelled["probabilities"]
    assert len(picture["probabilities"]) == 10
    assert sum(picture["probabilities"]) == pytest.approx(1, abs=1e-4)
    assert 0.5 < picture["confidence"] <= 1  # how surely it is a digit, whichever it is
    for nothing in (empty, blank):
        assert nothing["digit"] is None
        assert nothing["confidence"] == 0


def test_the_help_says_what_the_confidence_in_json_is(digitpad: Run) -> None:
    words = " ".join(digitpad("predict", "--help").out.split())
    assert "Its confidence is the digit score, from 0 to 1." in words


def test_predict_rejects_a_drawing_that_is_not_a_digit(digitpad: Run, tmp_path: Path) -> None:
    path = tmp_path / "zigzag.jsonl"
    zigzag = np.array([[20.0 * step, 60.0 + 120 * (step % 2)] for step in range(12)])
    write_ink(path, [InkSample("z", Ink.of([zigzag]))])
    assert "probably not a digit" in digitpad("predict", path).out
    (refused,) = digitpad("predict", path, "--json").records
    assert refused["digit"] is None
    assert refused["confidence"] < 0.5
    lines = digitpad("predict", path, "--threshold", "0").out
    assert "probably not a digit" not in lines


def test_predict_continues_after_a_bad_file_and_fails_at_the_end(digitpad: Run, files: tuple[Path, ...]) -> None:
    result = digitpad("predict", files[0].parent / "none.png", files[0])
    assert result.code == 1
    assert result.out.count("\n") == 1
    assert result.err.strip().count("\n") == 0
    assert "none.png does not exist" in result.err


def test_predict_names_an_ink_file_without_a_drawing(digitpad: Run, tmp_path: Path, files: tuple[Path, ...]) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    result = digitpad("predict", tmp_path / "empty.jsonl", files[1])
    assert result.code == 1
    assert "empty.jsonl has no drawing" in result.err
    assert len(result.out.splitlines()) == 3  # of the other file


def test_predict_reads_one_page_of_a_scan_and_says_which(
    digitpad: Run, tmp_path: Path, files: tuple[Path, ...]
) -> None:
    with Image.open(files[0]) as seven, Image.open(files[2]) as blank:
        seven.save(tmp_path / "scan.tif", save_all=True, append_images=[blank.resize(seven.size), seven.convert("RGB")])
    scan = tmp_path / "scan.tif"
    assert digitpad("predict", scan).out.startswith(f"{scan}, page 1 of 3: 7 (")
    assert digitpad("predict", scan, "--page", 2).out == f"{scan}, page 2 of 3: blank\n"
    (third,) = digitpad("predict", scan, "--page", 3, "--json").records
    assert (third["page"], third["pages"], third["digit"]) == (3, 3, 7)
    result = digitpad("predict", scan, files[0], files[1], "--page", 4)
    assert result.code == 1
    assert "scan.tif has no page 4: choose one from 1 to 3" in result.err
    assert "seven.png has only one page" in result.err
    assert "ink.jsonl has only one page" in result.err


def test_real_strokes_are_read_with_their_labels(digitpad: Run, shared_data: Path, tmp_path: Path) -> None:
    with gzip.open(shared_data / "strokes" / "pendigits-train.jsonl.gz") as lines:
        (tmp_path / "some.jsonl.gz").write_bytes(gzip.compress(b"".join(islice(lines, 1500))))
    result = digitpad("predict", tmp_path / "some.jsonl.gz", "--model", "mlp", "--json")
    assert len(result.records) == 1500
    accuracy = float(result.err.splitlines()[-1].split()[1].rstrip("%"))
    assert accuracy > 93


def test_train_works_offline_and_its_model_predicts(digitpad: Run, tmp_path: Path, files: tuple[Path, ...]) -> None:
    out = tmp_path / "mine.safetensors"
    settings = ("--set", "dataset=digits", "--set", "hidden=64", "--set", "batch_size=64")
    result = digitpad("train", "mlp", "--epochs", 6, *settings, "--out", out, "--json")
    assert result.code == 0
    assert [set(record) for record in result.records] == [
        {"epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "seconds"}
    ] * 6
    assert [record["epoch"] for record in result.records] == [1, 2, 3, 4, 5, 6]
    assert result.records[-1]["test_accuracy"] > 0.8
    card = load_model(out).card
    assert card.test_accuracy == pytest.approx(result.records[-1]["test_accuracy"], abs=1e-6)
    assert card.dataset == "built-in digits test"
    assert digitpad("predict", files[0], "--model", out).code == 0


def test_a_trained_model_is_listed_with_the_users_models(digitpad: Run) -> None:
    assert digitpad("train", "softmax", "--epochs", 1, "--set", "dataset=digits").code == 0
    listed = digitpad("models").out.splitlines()
    assert [line.split()[0] for line in listed[:3]] == ["softmax", "mlp", "cnn"]
    name = listed[3].split()[0]
    assert name.startswith("softmax-")
    assert digitpad("evaluate", "--model", name, "--dataset", "digits").code == 0


def test_evaluate_json_keeps_its_contract(digitpad: Run) -> None:
    (record,) = digitpad("evaluate", "--model", "cnn", "--dataset", "digits", "--json").records
    assert set(record) == {"model", "dataset", "accuracy", "loss", "loss_name", "per_digit", "confusion"}
    assert len(record["per_digit"]) == 10
    assert np.array(record["confusion"]).shape == (10, 10)
    assert np.trace(record["confusion"]) / 360 == pytest.approx(record["accuracy"])


def test_evaluate_measures_either_part(digitpad: Run) -> None:
    records = [
        digitpad("evaluate", "--dataset", "digits", *part, "--json").records[0]
        for part in ((), ("--part", "test"), ("--part", "train"))
    ]
    assert [np.sum(record["confusion"]) for record in records] == [360, 360, 1437]
    wrong = digitpad("evaluate", "--part", "validation")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "'train', 'test'" in wrong.err


def test_evaluate_measures_the_first_images_or_with_pixels_up_to_255(digitpad: Run) -> None:
    command = ("evaluate", "--model", "softmax", "--dataset", "digits")
    assert digitpad(*command, "--first", 100).out.startswith("softmax on built-in digits test (first 100): ")
    assert np.sum(digitpad(*command, "--first", 100, "--json").records[0]["confusion"]) == 100
    large = digitpad(*command, "--pixels", 255)
    assert large.out.startswith("softmax on built-in digits test, pixels 0–255: ")
    assert large.out != digitpad(*command, "--pixels", 1).out.replace("test", "test, pixels 0–255")
    refused = digitpad(*command[:3], "--dataset", "digits-8x8", "--pixels", 255)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "no pixels from 0 to 255" in refused.err


QUICK_XOR = ("--set", "optimizer=adam", "--set", "learning_rate=0.05", "--set", "epochs=300")


def test_evaluate_prints_the_truth_table_of_a_gate(digitpad: Run, tmp_path: Path) -> None:
    assert digitpad("train", "xor-mlp", "--out", tmp_path / "xor.safetensors", *QUICK_XOR).code == 0
    command = ("evaluate", "--model", tmp_path / "xor.safetensors", "--dataset")
    first, _, heading, *rows = digitpad(*command, "xor").out.splitlines()
    assert first.endswith(" on XOR: 100.00 % of 4 right, binary cross-entropy 0.00035")
    assert heading.split() == ["x1", "x2", "hypothesis", "predicted", "Y"]
    table = [row.split() for row in rows]
    assert [(x1, x2, predicted, y) for x1, x2, _, predicted, y in table] == [
        ("0", "0", "0", "0"), ("0", "1", "1", "1"), ("1", "0", "1", "1"), ("1", "1", "0", "0")
    ]  # fmt: skip
    assert [float(row[2]) for row in table] == pytest.approx([0, 1, 1, 0], abs=2e-3)
    assert all(len(row[2].partition(".")[2]) == 6 for row in table)
    # Without --dataset it is the gate of the training.
    assert digitpad(*command[:3]).out.splitlines()[0] == first
    (record,) = digitpad(*command, "and", "--json").records
    assert (record["accuracy"], record["confusion"]) == (0.25, [[1, 2], [1, 0]])
    for wrong, sentence in (
        (digitpad(*command, "digits"), "choose XOR or another gate (--dataset xor)"),
        (digitpad("evaluate", "--model", "cnn", "--dataset", "xor"), "not the two classes of XOR"),
    ):
        assert wrong.code == 1
        assert sentence in wrong.err
        assert wrong.err.count("\n") == 1


def test_commands_use_the_epoch_of_a_run_that_is_wanted(digitpad: Run, tmp_path: Path, files: tuple[Path, ...]) -> None:
    # A learning rate so large that the best epoch is an early one.
    changes = (
        f"--set={change}" for change in ("dataset=digits", "learning_rate=3", "train_first=200", "test_first=99")
    )
    digitpad("train", "softmax-sgd-100", "--epochs", 5, *changes)
    (run,) = list_runs()
    assert run.best is not None
    assert run.last is not None
    assert run.best is not run.last
    evaluate = ("evaluate", "--model", run.id, "--dataset", "digits")
    for epoch, row, name in (((), run.last, "last"), (("last",), run.last, "last"), (("best",), run.best, "best")):
        option = ("--epoch", *epoch) if epoch else ()
        measured = f"{100 * row.test_accuracy:.2f} % of 99"
        text = f"{run.id}, {name} epoch ({row.epoch}), on built-in digits test (first 99): {measured}"
        assert digitpad(*evaluate, *option).out.startswith(text)
        digitpad("export", run.id, tmp_path / "a.safetensors", *option)
        assert load_model(tmp_path / "a.safetensors").card.epochs == row.epoch
        answers = digitpad("predict", files[0], "--json", "--model", run.id, *option, "--threshold", 0).records
        expected = digitpad("predict", files[0], "--json", "--model", tmp_path / "a.safetensors", "--threshold", 0)
        assert answers == expected.records
    assert " of 360 right" in digitpad(*evaluate, "--first", 0).out.splitlines()[0]
    assert digitpad("evaluate", "--epoch", "last").err.startswith("digitpad: “cnn” is not a run: ")
    assert digitpad("export", run.id, tmp_path / "a.csv", "--epoch", "last").code == 2


def test_names_from_files_cannot_change_what_the_terminal_shows(digitpad: Run, tmp_path: Path) -> None:
    name = "a\x1b]0;title\x07\x1b[2J\nb\u202e"
    card = ModelCard(name=name, title=name, dataset=name, test_accuracy=0.5)
    save_model(user_models() / "own.safetensors", build(SoftmaxSpec()), card)
    digitpad("train", "softmax", "--set", "dataset=digits", "--set", "train_first=100", "--epochs", 1)
    (run,) = list_runs()
    content = json.loads((run.folder / "run.json").read_text())
    (run.folder / "run.json").write_text(json.dumps({**content, "name": name, "recipe_name": name}))
    save_recipe("own", replace(load_recipe("softmax"), title=name, explanation=name))
    broken = run.folder.with_name("x\x1b[31m")
    broken.mkdir()
    (broken / "run.json").write_text("{")
    put_marks([new_mark(load_digits("digits", "test", Path()), "digits", "test", 5, note=name)])
    for command in (["runs"], ["models"], ["recipes"], ["marks"], ["export", run.id, tmp_path / "a.csv"]):
        result = digitpad(*command)
        lines = (result.out + result.err).splitlines()
        assert result.code == 0
        assert all(line.isprintable() for line in lines), command
        assert len(lines) == len((result.out + result.err).split("\n")) - 1
    assert "a?]0;title??[2J b?" in digitpad("runs").out


def test_modules_in_the_current_folder_replace_none_of_python(tmp_path: Path) -> None:
    for name in ("random", "typing", "torch", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')")
    command = [sys.executable, "-m", "digitpad", "evaluate", "--model", "softmax", "--dataset", "digits"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("softmax on built-in digits test: ")


def marked_digits() -> None:
    digits = load_digits("digits", "test", Path())
    put_marks([new_mark(digits, "digits", "test", 5, corrected=9, note="  closed\nloop\x1b[31m")])
    put_marks([new_mark(digits, "digits", "test", 40), new_mark(digits, "kmnist", "test", 0)])


def test_evaluate_leaves_suspect_labels_out_when_asked(digitpad: Run) -> None:
    marked_digits()
    command = ("evaluate", "--dataset", "digits", "--model", "softmax")
    (record,) = digitpad(*command, "--leave-out-suspects", "--json").records
    (whole,) = digitpad(*command, "--json").records
    assert set(record) == set(whole) == {"model", "dataset", "accuracy", "loss", "loss_name", "per_digit", "confusion"}
    assert (np.sum(record["confusion"]), np.sum(whole["confusion"])) == (358, 360)
    first = digitpad(*command, "--leave-out-suspects").out.splitlines()[0]
    assert first.startswith("softmax on built-in digits test without 2 suspect labels: ")
    assert " of 358 right, cross-entropy " in first


def test_evaluate_saves_the_predictions_of_all_samples(digitpad: Run, tmp_path: Path) -> None:
    marked_digits()
    command = ("evaluate", "--dataset", "digits", "--model", "softmax", "--export", tmp_path / "a.csv")
    result = digitpad(*command, "--json")
    assert result.err == f"saved to {tmp_path / 'a.csv'}\n"
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    matrix = np.zeros((10, 10), int)
    for row in rows:
        matrix[int(row["label"]), int(row["predicted"])] += 1
    assert matrix.tolist() == result.records[0]["confusion"]
    assert [row["number"] for row in rows if row["suspect"] == "1"] == ["5", "40"]
    digitpad(*command, "--leave-out-suspects", "--part", "test")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8-sig") as file:
        kept = list(csv.DictReader(file))
    assert kept == [row for row in rows if row["number"] not in ("5", "40")]
    folder = digitpad("evaluate", "--dataset", "digits", "--export", tmp_path)
    assert (folder.code, folder.out) == (1, "")
    assert "is a folder" in folder.err


def test_marks_are_listed_one_per_line_and_saved_as_a_table(digitpad: Run, tmp_path: Path) -> None:
    empty = digitpad("marks")
    assert (empty.code, empty.out) == (0, "")
    assert "Mistakes tab" in empty.err
    marked_digits()
    labels = load_digits("digits", "test", Path()).labels
    assert digitpad("marks").out.splitlines() == [
        f"digits  test        5  {labels[5]} → 9  closed loop?[31m",
        f"digits  test       40  {labels[40]} → ?",
        f"kmnist  test        0  {labels[0]} → ?",
    ]
    saved = digitpad("marks", "--export", tmp_path / "marks.csv")
    assert (saved.code, saved.out, saved.err) == (0, "", f"saved to {tmp_path / 'marks.csv'}\n")
    assert (tmp_path / "marks.csv").read_text().startswith("dataset,part,index,label,corrected,note,digest,marked\n")
    assert "is a folder" in digitpad("marks", "--export", tmp_path).err


def test_evaluate_on_mnist_prints_the_matrix(digitpad: Run, shared_data: Path) -> None:
    result = digitpad("evaluate", "--model", "mlp", "--data", shared_data)
    assert result.code == 0
    assert "mlp on MNIST test: 99." in result.out
    assert len(result.out.splitlines()) == 13


def test_the_data_folder_can_be_set_in_the_environment(
    digitpad: Run, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITPAD_DATA", str(shared_data))
    assert digitpad("evaluate", "--model", "softmax", "--json").records[0]["accuracy"] > 0.9


def test_recipes_and_models_are_listed(digitpad: Run) -> None:
    lines = digitpad("recipes").out.splitlines()
    assert [line.split()[0] for line in lines] == recipe_names()
    assert next(line for line in lines if line.startswith("cnn-fast ")).endswith(", 1 epoch")
    assert "shipped" in digitpad("models").out


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (["evaluate", "--model", "cnn"], 1, "digitpad download"),
        (["train", "mlp"], 1, "digitpad download"),
        (["predict", "x.png", "--model", "gpt"], 1, "softmax, mlp, cnn"),
        (["train", "resnet"], 1, "softmax, mlp-fast"),
        (["train", "mlp", "--set", "epochs=0"], 1, "epochs=0: must be 1 or more"),
        (
            ["train", "softmax", "--set", "dataset=digits", "--set", "device=cuda:99999999999999"],
            1,
            "choose “auto”",
        ),
        (["train", "mlp", "--out", "/dev/null"], 1, "null must end in .safetensors or .pt"),
        (["train", "mlp", "--out", "m.onnx"], 1, "m.onnx must end in .safetensors or .pt"),
        (["program", "mlp-fast", "--out", "m.txt"], 1, "m.txt must end in .py"),
        (["marks", "--export", "m.png"], 1, "m.png must end in .csv"),
        (["evaluate", "--dataset", "digits", "--export", "m.xlsx"], 1, "m.xlsx must end in .csv"),
        (["train", "mlp", "--out", "/proc/no/mine.safetensors"], 1, "cannot be written"),
        (["unheard-of"], 1, "neither a file nor a command"),
        (["pedict", "x.png", "--json"], 1, "'digitpad predict'"),
        (["Model"], 1, "'digitpad models'"),
        (["train", "mlp", "--epochs", "0"], 2, "'--epochs'"),
        (["train", "mlp", "--epochs", "x"], 2, "'--epochs': it must be a valid integer: see"),
        (["train", "--resume", "mine", "--epochs", "-1"], 2, "'--epochs'"),
        (["predict", "x.png", "--threshold", "nan"], 2, "'--threshold'"),
        (["predict", "x.png", "--page", "0"], 2, "'--page'"),
        (["evaluate", "--first", "-1"], 2, "'--first'"),
        (["predict"], 2, "Missing argument"),
        (["evaluate", "--wrong"], 2, "No such option"),
        (["train", "mlp", "--epochs", "many"], 2, "valid integer"),
    ],
)
def test_every_error_is_one_line_with_the_next_step(
    digitpad: Run, arguments: list[str], code: int, reason: str
) -> None:
    result = digitpad(*arguments)
    assert result.code == code
    assert result.out == ""
    assert result.err.startswith("digitpad: ")
    assert result.err.count("\n") == 1
    assert reason in result.err


def test_a_user_recipe_that_a_shipped_one_hides_is_named(digitpad: Run) -> None:
    taken = save_recipe("mine", load_recipe("cnn-fast"))
    taken = taken.rename(taken.with_name("digits-mlp.toml"))
    trained = digitpad("train", "digits-mlp", "--epochs", 1, "--json")
    assert trained.code == 0
    assert str(taken) in trained.err
    assert "rename the file" in trained.err
    assert str(taken) in digitpad("recipes").err
    assert str(taken) in digitpad("program", "digits-mlp").err
    assert str(taken) in digitpad("sweep", "digits-mlp").err
    assert str(taken) not in digitpad("program", "xor-mlp").err


def test_an_unexpected_error_prints_no_traceback(digitpad: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list:
        raise RuntimeError("boom")

    monkeypatch.setattr("digitpad.core.models.model_files.list_models", broken)
    result = digitpad("models")
    assert result.code == 1
    assert result.err.count("\n") == 1
    assert "(RuntimeError), which is not your fault: see " in result.err


def test_without_a_display_the_error_suggests_predict(digitpad: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    result = digitpad()
    assert result.code == 1
    assert "digitpad predict" in result.err
    assert result.err.count("\n") == 1


def test_help_and_version(digitpad: Run) -> None:
    assert digitpad("--version").out.startswith("digitpad 0.")
    assert "predict" in digitpad("--help").out
    assert digitpad("predict", "--help").code == 0


def test_predict_number_keeps_its_contract(digitpad: Run, tmp_path: Path, seven: list[np.ndarray]) -> None:
    two = [*seven, *[stroke + np.array([150, 0]) for stroke in seven]]
    path = tmp_path / "number.jsonl"
    write_ink(path, [InkSample("a", Ink.of(two), label="77"), InkSample("b", Ink())])
    result = digitpad("predict", "--number", "--json", path)
    number, nothing = result.records
    assert number["number"] == "77"
    assert [set(digit) for digit in number["digits"]] == [{"digit", "confidence", "probabilities", "box"}] * 2
    assert number["digits"][1]["box"] == [150, 0, 250, 160]
    assert set(number) == {"source", "id", "digit", "confidence", "probabilities", "number", "numbers", "digits"}
    assert nothing["number"] is None
    assert nothing["digits"] == []
    assert result.err == "accuracy: 100.00 % (1 of 1)\n"
    assert digitpad("predict", "--number", path).out.startswith(f"{path} a: 77 (lowest confidence ")


def test_predict_number_prints_each_line_of_numbers_on_a_line(
    digitpad: Run, tmp_path: Path, seven: list[np.ndarray]
) -> None:
    path = tmp_path / "lines.jsonl"
    write_ink(path, [InkSample("a", Ink.of([*seven, *[stroke + np.array([0, 600]) for stroke in seven]]))])
    first, second = digitpad("predict", "--number", path).out.splitlines()
    assert first.startswith(f"{path} a line 1: 7 (")
    assert second.startswith(f"{path} a line 2: 7 (")


def test_predict_number_rejects_a_drawing_without_a_number(digitpad: Run, tmp_path: Path) -> None:
    path = tmp_path / "zigzag.jsonl"
    zigzag = np.array([[20.0 * step, 60.0 + 120 * (step % 2)] for step in range(12)])
    write_ink(path, [InkSample("z", Ink.of([zigzag]))])
    assert "probably not a number" in digitpad("predict", "--number", path).out
    (refused,) = digitpad("predict", "--number", "--json", path).records
    assert refused["number"] is None
    assert "probably not a number" not in digitpad("predict", "--number", "--threshold", "0", path).out


def test_a_training_that_is_stopped_keeps_its_last_epoch(
    digitpad: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digitpad.core.training import loop
    from digitpad.core.training.events import EpochDone

    train = loop.train

    def interrupted(*arguments: Any, **options: Any) -> Iterator[Any]:
        for event in train(*arguments, **options):
            yield event
            if isinstance(event, EpochDone) and event.epoch == 2:
                raise KeyboardInterrupt

    monkeypatch.setattr(loop, "train", interrupted)
    out = tmp_path / "mine.safetensors"
    result = digitpad("train", "softmax", "--set", "dataset=digits", "--out", out, "--json")
    assert result.code == 130
    assert len(result.records) == 2
    run = list_runs()[0]
    assert f"epoch 2 is saved, resume with 'digitpad train --resume {run.id}'" in result.err
    assert run.info.outcome == "stopped"
    assert load_model(out).card.epochs == 2
    assert "stopped, epoch 2/40" in digitpad("runs").out

    monkeypatch.setattr(loop, "train", train)
    resumed = digitpad("train", "--resume", run.id, "--json")
    assert [record["epoch"] for record in resumed.records] == list(range(3, 41))
    whole = digitpad("train", "softmax", "--set", "dataset=digits", "--json").records
    for before, after in zip(whole[2:], resumed.records, strict=True):
        assert {**before, "seconds": 0} == {**after, "seconds": 0}


def test_a_run_is_exported_by_its_name(digitpad: Run, tmp_path: Path) -> None:
    digitpad("train", "softmax", "--epochs", 1, "--set", "dataset=digits")
    run = list_runs()[0]
    assert digitpad("export", run.id, tmp_path / "curves.csv").err == f"saved to {tmp_path / 'curves.csv'}\n"
    assert (tmp_path / "curves.csv").read_text().startswith("epoch,")
    assert digitpad("export", run.name, tmp_path / "logs").code == 0
    assert (tmp_path / "logs" / run.id / "test").is_dir()
    assert "must end in" in digitpad("export", run.id, tmp_path / "x.pkl").err
    assert "no run" in digitpad("export", "none", tmp_path / "x.csv").err


def test_a_resumed_run_keeps_its_settings(digitpad: Run) -> None:
    assert digitpad("train", "softmax", "--resume", "x").code == 2
    assert digitpad("train", "--resume", "x", "--set", "epochs=3").code == 2
    assert "no run “x”" in digitpad("train", "--resume", "x", "--epochs", 3).err
    assert digitpad("train").code == 2
    assert "no run “x” (see 'digitpad runs')" in digitpad("train", "--resume", "x").err
    assert digitpad("train", "softmax", "--epochs", 1, "--set", "dataset=digits").code == 0
    assert "has finished all its epochs" in digitpad("train", "--resume", list_runs()[0].id).err


def test_a_training_whose_test_loss_is_not_a_number_is_kept_and_listed(digitpad: Run) -> None:
    settings = ("learning_rate=100", "momentum=0.99", "weight_decay=0", "optimizer=sgd", "schedule=constant")
    settings = (*settings, "batch_size=512", "dataset=digits")
    options = [part for setting in settings for part in ("--set", setting)]
    result = digitpad("train", "cnn-fast", "--epochs", 1, "--json", *options)
    run = list_runs()[0]
    assert result.code == 0
    assert result.records[0]["test_loss"] is None  # JSON has no NaN
    assert "NaN" not in result.out
    assert "its loss is not a number: lower the learning rate" in result.err
    assert run.id in digitpad("runs").out
    used = digitpad("evaluate", "--dataset", "digits", "--model", run.id)
    assert (used.code, used.err.count("\n")) == (1, 1)
    assert "lower learning rate" in used.err


def test_a_run_is_trained_longer_as_a_new_run(digitpad: Run) -> None:
    settings = ("--set", "dataset=digits", "--json")
    assert digitpad("train", "softmax", "--epochs", 2, *settings).code == 0
    parent = list_runs()[0]
    assert "train it longer, or start a new run (--epochs N)" in digitpad("train", "--resume", parent.id).err
    result = digitpad("train", "--resume", parent.id, "--epochs", 4, "--json")
    assert (result.code, [record["epoch"] for record in result.records]) == (0, [3, 4])
    (longer,) = (run for run in list_runs() if run.id != parent.id)
    assert longer.info.parent == parent.id
    assert [row.epoch for row in longer.rows] == [1, 2, 3, 4]
    refused = digitpad("train", "--resume", longer.id, "--epochs", 4)
    assert (refused.code, refused.out) == (1, "")
    assert "has already trained 4 epochs: choose a larger number of epochs" in refused.err
    assert digitpad("train", "--resume", longer.id, "--epochs", 5, "--set", "device=cpu").code == 0
    assert digitpad("train", "--resume", longer.id, "--epochs", 5, "--set", "learning_rate=1").code == 2


def test_runs_show_what_differs_their_parent_and_those_that_cannot_be_read(digitpad: Run) -> None:
    command = ("train", "softmax", "--epochs", 1, "--set", "dataset=digits")
    assert digitpad(*command).code == 0
    parent = list_runs()[0]
    digitpad("train", "--resume", parent.id, "--epochs", 2)
    digitpad(*command)
    damaged = parent.folder.with_name("damaged")
    shutil.copytree(parent.folder, damaged)
    (damaged / "run.json").write_text('{"format": "digitpad-run-2"}')
    rename_run(parent, "first")
    shown = digitpad("runs")
    assert shown.code == 0
    lines = {line.split()[0]: line for line in shown.out.splitlines()}
    assert len(lines) == 4
    assert lines[parent.id].endswith("  first (data digits, epochs 1)")
    assert lines["damaged"].endswith("run.json is from a newer version of digitpad: update digitpad")
    (longer,) = (line for line in lines.values() if "epoch 2/2" in line)
    assert longer.endswith(f"  softmax · data digits, epochs 2 (continues {parent.id})")
    assert any(line.endswith("  softmax · data digits, epochs 1 2") for line in lines.values())

    records = {record["id"]: record for record in digitpad("runs", "--json").records}
    assert records.keys() == lines.keys()
    assert records[parent.id] | {"seconds": 0, "created": ""} == {
        "id": parent.id,
        "name": "first",
        "recipe": "softmax",
        "changed": {"dataset": "digits", "training.epochs": "1"},
        "parent": None,
        "created": "",
        "state": "finished",
        "epoch": 1,
        "epochs": 1,
        "best_epoch": 1,
        "test_accuracy": round(parent.rows[0].test_accuracy, 6),
        "test_loss": round(parent.rows[0].test_loss, 6),
        "seconds": 0,
        "problem": None,
    }
    assert [record["parent"] for record in records.values() if record.get("epoch") == 2] == [parent.id]
    assert set(records["damaged"]) == {"id", "problem"}
    assert "update digitpad" in digitpad("train", "--resume", "damaged").err


def test_a_recipe_file_names_its_runs_by_its_own_settings(digitpad: Run, tmp_path: Path) -> None:
    from digitpad.core.training.recipe_files import find_recipe_file

    shipped = find_recipe_file("softmax")
    assert shipped is not None
    path = tmp_path / "mine.toml"
    path.write_text(
        shipped.read_text().replace('title = "', 'dataset = "digits"\ntitle = "', 1).replace('dataset = "mnist"', "")
    )
    for expected in ("mine · epochs 1", "mine · epochs 1 2"):
        assert digitpad("train", path, "--epochs", 1).code == 0
        assert list_runs()[0].name == expected


def process(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the real command, for what only a process has: pipes, encodings, devices."""
    command = [sys.executable, "-m", "digitpad", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


def test_a_closed_output_pipe_is_not_an_error(files: tuple[Path, ...]) -> None:
    command = f"set -o pipefail; {sys.executable} -m digitpad models | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_output_that_cannot_be_written_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "digitpad", "models"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_terminal_without_the_character_gets_an_escape() -> None:
    done = process("evaluate", "--dataset", "digits", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "\\u2193" in done.stdout


def test_good_lines_before_a_bad_one_are_predicted(digitpad: Run, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    good = '{"strokes": [[[0, 0], [0, 9]]]}\n'
    for bad in ('{"strokes": 1}', '{"strokes": [[[%s, 0]]]}' % ("9" * 400), '{"strokes": [], "pen": %s}' % ("9" * 400)):
        path.write_text(good + good + bad + "\n" + good, encoding="utf-8")
        result = digitpad("predict", path)
        assert result.out.count("\n") == 2
        assert "line 3" in result.err
        assert result.err.count("\n") == 1


def test_unusual_ids_stay_on_one_line(digitpad: Run, tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a\\nb\\ud800", "label": 1.0, "strokes": [[[0, 0], [0, 9]]]}\n')
    result = digitpad("predict", path)
    assert result.out.startswith(f"{path} a b?: 1 (")
    assert result.err == "accuracy: 100.00 % (1 of 1)\n"


def test_json_on_a_redirected_error_stream_prints_errors_alone(digitpad: Run, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    result = digitpad("train", "softmax", "--epochs", 2, "--set", "dataset=digits", "--out", out, "--json")
    assert result.err == f"saved to {out}; saved as run {list_runs()[0].id}\n"
    assert digitpad("evaluate", "--model", out, "--dataset", "digits").code == 0


def test_my_digits_are_evaluated_and_trained_on(digitpad: Run) -> None:
    result = digitpad("evaluate", "--dataset", "my-digits", "--model", "softmax")
    assert result.code == 1
    assert result.err == "digitpad: My digits is empty: draw some digits and label them\n"
    with MyDigits.open() as mine:
        mine.add_all(new_digits(40))
        held_out = len(mine.digits("test"))
    result = digitpad("evaluate", "--dataset", "my-digits", "--model", "softmax", "--json")
    assert (result.code, np.sum(result.records[0]["confusion"])) == (0, held_out)
    result = digitpad("train", "mlp-fast", "--set", "dataset=my-digits", "--set", "hidden=8", "--epochs", 1, "--json")
    assert (result.code, [record["epoch"] for record in result.records]) == (0, [1])
    assert list_runs()[0].recipe.dataset == "my-digits"


def test_the_lines_of_the_commands_are_in_the_users_language(
    digitpad: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_catalogue(tmp_path / "languages")
    capsys.readouterr()  # what the collection of texts remarks
    monkeypatch.setattr(program, "TRANSLATIONS", tmp_path / "languages")
    monkeypatch.setenv("DIGITPAD_LANG", NAME)
    quick = ("--dataset", "digits", "--set", "hidden=[8]", "--set", "train_first=200", "--epochs", "2")
    commands = (
        ("runs",),
        ("train", "mlp-fast", *quick, "--out", tmp_path / "m.safetensors"),
        ("train",),
        ("train", "--resume", "a", "--set", "hidden=[8]"),
        ("runs",),
        ("models",),
        ("recipes",),
        ("marks",),
        ("marks", "--export", tmp_path / "marks.csv"),
        ("evaluate", "--model", tmp_path / "m.safetensors", "--dataset", "digits", "--export", tmp_path / "t.csv"),
        ("sweep",),
        ("sweep", "mlp-fast", "--grid", "dropout=0,0.5", *quick[:-1], "1"),
        ("predict", "--threshold", "nan", tmp_path / "m.png"),
        ("program", "mlp-fast", "--out", tmp_path / "p.py"),
    )
    for command in commands:
        result = digitpad(*command)
        for line in (*result.out.splitlines(), *result.err.splitlines()):
            rest = _NAMES_AND_PATHS.sub("", without_brackets(line))
            assert not re.search("[A-Za-z]{4,}", rest), (command, line)
    record = digitpad("runs", "--json").records[-1]
    assert record["state"] == "finished"


# What stays as it is: ids, names and keys, paths, and the labels of the program's own name and of typer's messages.
_NAMES_AND_PATHS = re.compile(
    r"^[a-z0-9-]+(?= )|digitpad|Invalid value( for '--threshold')?|/\S+|\d{8}\S*|MNIST|hidden|dropout|softmax|mlp-\S+"
    r"|cnn-\S+|MLP|Adam|digits|conv|dense"
)

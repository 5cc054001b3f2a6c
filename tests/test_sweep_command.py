"""The command line compares settings."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digitpad.core.runs.run_library import list_runs
from tests.e2e.conftest import wait_until
from tests.helpers.format_files import some_digits, write_csv
from tests.test_cli import Result, digitpad  # noqa: F401 - a fixture

Run = Callable[..., Result]
SAMPLES = ("--set", "train_first=200", "--set", "test_first=100")
SMALL = ("--epochs", 1, *SAMPLES)
QUICK_FIRST = [sys.executable, "-m", "digitpad", "sweep", "digits-mlp", *SAMPLES, "--grid"]


def test_sweep_trains_all_combinations_and_prints_the_best_first(digitpad: Run) -> None:  # noqa: F811
    grid = ("--grid", "learning_rate=0.01,0.0001", "--grid", "hidden=8;16")
    result = digitpad("sweep", "digits-mlp", *grid, "--seeds", 2, *SMALL)
    lines = result.out.splitlines()
    assert result.code == 0
    assert result.err.startswith("8 trainings: 4 settings, 2 seeds each (sweep digits-mlp-")
    assert lines[0].split() == ["hidden", "lr", "accuracy", "loss", "epochs", "time", "runs"]
    assert len(lines) == 5
    assert all(line.endswith("2/2") and line.count("±") == 2 for line in lines[1:])
    assert len(list_runs()) == 8

    again = digitpad("sweep", "digits-mlp", *grid, "--seeds", 2, *SMALL, "--json")
    assert "0 are missing" in again.err
    accuracies = [record["test_accuracy"] for record in again.records]
    assert accuracies == sorted(accuracies, reverse=True)
    assert {len(record["runs"]) for record in again.records} == {2}
    assert set(again.records[0]["settings"]) == {"hidden", "learning_rate"}

    name = again.records[0]["sweep"]
    assert digitpad("sweep", "--show", name).out == result.out
    assert digitpad("sweep", "--show", name, "--json").records == again.records


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "give a RECIPE"),
        (("digits-mlp",), "at least one setting to compare (--grid learning_rate=0.1,0.01)"),
        (("digits-mlp", "--grid", "hidden=64,512"), "separate values by semicolons"),
        (("digits-mlp", "--grid", "x=1,2"), "there is no setting “x”"),
        (("digits-mlp", "--grid", "learning_rate=1,2", "--jobs", 0), "--jobs"),
        (("digits-mlp", "--grid", "learning_rate=1,2", "--epochs", 0), "--epochs"),
        (("--show", "nothing"), "there is no sweep yet"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(digitpad: Run, arguments: tuple, problem: str) -> None:  # noqa: F811
    result = digitpad("sweep", *arguments)
    assert result.code in (1, 2)
    assert problem in result.err
    assert len(result.err.splitlines()) == 1
    assert list_runs() == []


def test_a_training_that_fails_is_named_and_the_others_are_shown(digitpad: Run) -> None:  # noqa: F811
    result = digitpad("sweep", "digits-mlp", "--grid", "learning_rate=50,0.01", "--epochs", 1)
    assert result.code == 1
    assert "lr 50: the loss is not a number" in result.err
    assert result.out.splitlines()[1].startswith("0.01")
    assert result.out.splitlines()[2].endswith("0/1")


def test_sweep_says_what_own_data_holds(digitpad: Run, tmp_path: Path) -> None:  # noqa: F811
    images, labels = some_digits(40)
    path = write_csv(tmp_path / "mine.csv", (255 - images, labels))
    result = digitpad("sweep", "digits-mlp", "--grid", "hidden=8;16", "--epochs", 1, "--set", f"dataset={path}")
    assert result.code == 0
    assert result.err.count("the pictures look inverted") == 1
    assert f"to read it so: {path}#invert" in result.err


def test_the_epochs_of_a_setting_and_those_that_were_trained_have_two_names(digitpad: Run) -> None:  # noqa: F811
    result = digitpad("sweep", "digits-mlp", "--grid", "epochs=1,2", *SAMPLES)
    assert result.out.splitlines()[0].split("  ")[:1] == ["epochs"]
    assert "epochs trained" in result.out.splitlines()[0]


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(jobs: str) -> None:
    command = [*QUICK_FIRST, "epochs=1,40,41", "--jobs", jobs]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("3 trainings")
    assert "%" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to the trainings too
    out, err = process.communicate(timeout=200)
    assert process.returncode == 130, err
    assert "stopped: what is done is kept" in err
    assert "Traceback" not in err
    assert any(line.endswith("1/1") for line in out.splitlines())

    again = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in again.stdout.splitlines()]
    assert [len(record["runs"]) for record in records] == [1, 1, 1]
    assert len(list_runs()) == 3


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.3, 2])
@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
def test_ctrl_c_twice_while_the_processes_start_or_train_prints_one_sentence(seconds: float) -> None:
    command = [*QUICK_FIRST, "epochs=149,150", "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, process_group=0)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("2 trainings")
    for pause in (seconds, 0.5):
        time.sleep(pause)
        os.killpg(process.pid, signal.SIGINT)
    assert (
        process.communicate(timeout=60)[1]
        == "digitpad: stopped: what is done is kept, the same command goes on with the rest\n"
    )
    assert process.returncode == 130


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL")
def test_the_trainings_of_a_killed_sweep_end_with_it_and_can_be_resumed() -> None:
    command = [*QUICK_FIRST, "epochs=1,100000,99999", "--jobs", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("3 trainings")
    assert "%" in process.stderr.readline()  # that of one epoch is done
    wait_until(lambda: len(list_runs()) > 1, "another training")
    process.kill()
    process.communicate(timeout=60)  # until the last process that could write here has ended
    runs = list_runs()
    assert sorted(run.info.outcome for run in runs) == ["finished", *["stopped"] * (len(runs) - 1)]
    assert all(run.can_resume for run in runs if not run.is_done)

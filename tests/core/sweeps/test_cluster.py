"""A sweep on a Dask scheduler with two workers, each a process of this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import NamedTuple

import psutil
import pytest

pytest.importorskip("distributed")

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_runs
from digitpad.core.models.model_files import BEST, load_model
from digitpad.core.runs.run_folder import read_run
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.sweeps.grid import make_sweep
from digitpad.core.sweeps.table import sweep_table
from digitpad.core.sweeps.trainings import TrainingDone, run_sweep
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

pytestmark = pytest.mark.slow

BASE = with_settings(load_recipe("digits-mlp"), ["epochs=3", "device=cpu"])


class Cluster(NamedTuple):
    """The scheduler's address, and the processes of the workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a scheduler and two workers, which have no data and folders of their own; starting takes longest."""
    folder = tmp_path_factory.mktemp("cluster")
    homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
    place = folder / "scheduler.json"
    scheduler = ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", place]
    worker = ["dask_worker", "--scheduler-file", place, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    commands = [scheduler, *([*worker, "--local-directory", folder / name] for name in ("first", "second"))]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{name}", *map(str, arguments)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | homes,
        )
        for name, *arguments in commands
    ]
    try:
        from distributed import Client

        with Client(scheduler_file=str(place), timeout=120, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
        yield Cluster(json.loads(place.read_text())["address"], processes[1:])
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_runs_come_home_whole_and_with_the_figures_of_single_runs(cluster: Cluster) -> None:
    sweep = make_sweep(BASE, "digits-mlp", {"learning_rate": ("0.01", "0.003")}, seeds=2)

    done = [event for event in run_sweep(sweep, cluster=cluster.address) if isinstance(event, TrainingDone)]

    assert [event.problem for event in done] == [""] * 4
    assert {run.name for run in list_runs()} == {event.job.name for event in done}
    for event in done:
        assert event.run is not None
        assert event.run.folder.parent == user_runs()
        assert event.run.info.sweep == sweep.id
        closed = list(run_job(TrainingJob(event.job.recipe, "digits-mlp")))[-1]
        assert isinstance(closed, RunClosed)
        single = read_run(closed.run.folder)
        for home, alone in zip(event.run.rows, single.rows, strict=True):
            assert (home.train_loss, home.test_loss, home.test_accuracy) == (
                alone.train_loss,
                alone.test_loss,
                alone.test_accuracy,
            )
        weights = [load_model(folder / BEST).model.state_dict() for folder in (event.run.folder, single.folder)]
        assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


def test_stopping_keeps_what_is_done_and_the_next_sweep_goes_on(cluster: Cluster) -> None:
    sweep = make_sweep(BASE, "digits-mlp", {"learning_rate": ("0.01", "0.003", "0.001")})
    events = run_sweep(sweep, cluster=cluster.address)
    first = next(events)
    events.close()
    assert isinstance(first, TrainingDone)
    kept = [run.id for run in list_runs()]
    assert len(kept) == 1

    assert len(list(run_sweep(sweep, cluster=cluster.address))) == 2

    assert len(list_runs()) == 3
    assert kept[0] in {run.id for run in list_runs()}


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitpad.core.sweeps.cluster._CONNECT_SECONDS", 1)
    sweep = make_sweep(BASE, "digits-mlp", {"learning_rate": ("0.01", "0.003")})
    with pytest.raises(DigitpadError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(run_sweep(sweep, cluster="tcp://127.0.0.1:9"))


def test_a_killed_workers_training_is_done_again(cluster: Cluster) -> None:  # the last: one worker is left
    sweep = make_sweep(BASE, "digits-mlp", {"learning_rate": ("0.01", "0.003", "0.001")}, seeds=2)
    done = 0
    for event in run_sweep(sweep, cluster=cluster.address):
        assert isinstance(event, TrainingDone)
        assert not event.problem
        done += 1
        if done == 1:
            psutil.Process(cluster.workers[0].pid).kill()
    assert done == 6
    table = sweep_table(sweep.recipes, list_runs())
    assert [len(row.runs) for row in table.rows] == [2, 2, 2]
    assert len(list_runs()) == 6

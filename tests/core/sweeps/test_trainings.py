"""Training a sweep on this machine, and its table."""

import json
import sys
from dataclasses import replace

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_runs
from digitpad.core.models.model_files import BEST, load_model
from digitpad.core.runs.run_folder import INFO, METRICS, Run, read_run, update_info
from digitpad.core.runs.run_library import delete_run, list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job, train_longer_job
from digitpad.core.sweeps import trainings
from digitpad.core.sweeps.estimate import estimated_seconds
from digitpad.core.sweeps.grid import Sweep, make_sweep
from digitpad.core.sweeps.table import Mean, find_sweep, sweep_runs, sweep_table
from digitpad.core.sweeps.trainings import TrainingDone, missing_jobs, run_sweep
from digitpad.core.sweeps.transfer import pack_run, unpack_run
from digitpad.core.training.events import EpochDone
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings

BASE = with_settings(load_recipe("digits-mlp"), ["epochs=2", "train_first=200", "test_first=100", "device=cpu"])
GRID = {"hidden": ("8", "16")}


def trained(sweep: Sweep, jobs: int = 1) -> list[TrainingDone]:
    return [event for event in run_sweep(sweep, jobs=jobs) if isinstance(event, TrainingDone)]


def single(job: TrainingJob) -> Run:
    closed = list(run_job(replace(job, sweep="", name="")))[-1]
    assert isinstance(closed, RunClosed)
    return read_run(closed.run.folder)


def figures(run: Run) -> list[dict]:
    lines = (run.folder / METRICS).read_text().splitlines()
    return [{key: value for key, value in json.loads(line).items() if key != "seconds"} for line in lines]


def assert_equal(run: Run | None, other: Run) -> None:
    assert run is not None
    assert figures(run) == figures(other)
    weights = [load_model(found.folder / BEST).model.state_dict() for found in (run, other)]
    assert all((weights[0][name] == weights[1][name]).all() for name in weights[0])


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_figures_are_those_of_single_runs_bit_for_bit(jobs: int) -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID, seeds=2)
    done = trained(sweep, jobs=jobs)
    assert [event.problem for event in done] == [""] * 4
    assert {run.name for run in list_runs()} == {event.job.name for event in done}
    for event in done:
        assert_equal(event.run, single(event.job))


def test_the_table_has_mean_and_spread_and_the_best_first() -> None:
    sweep = make_sweep(BASE, "digits-mlp", {"hidden": ("8", "16"), "learning_rate": ("0.01", "0.001")}, seeds=2)
    runs = [event.run for event in trained(sweep) if event.run]
    table = sweep_table(sweep.recipes, runs)

    assert [setting.name for setting in table.settings] == ["hidden", "lr"]
    accuracies = [row.accuracy.value for row in table.rows]
    assert accuracies == sorted(accuracies, reverse=True)
    for row in table.rows:
        first, second = (run.used.test_accuracy for run in row.runs if run.used)
        assert row.accuracy.value == pytest.approx((first + second) / 2)
        assert row.accuracy.spread == pytest.approx(abs(first - second) / 2**0.5)
    assert [text for _, text in table.axis(0)] == ["8", "16"]
    assert [text for _, text in table.axis(1)] == ["0.001", "0.01"]
    again = sweep_table([run.recipe for run in runs], runs)
    assert [(row.texts, row.accuracy) for row in again.rows] == [(row.texts, row.accuracy) for row in table.rows]


def test_the_same_sweep_again_trains_only_what_is_missing() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    first = trained(sweep)
    assert trained(sweep) == []
    assert first[0].run is not None
    delete_run(first[0].run)
    assert [event.job.name for event in trained(sweep)] == [first[0].job.name]
    more = make_sweep(BASE, "digits-mlp", {"hidden": ("8", "16", "24")})
    assert [event.job.name for event in trained(more)] == ["digits-mlp · hidden 24"]
    assert len(sweep_runs(sweep.id, list_runs())) == 3


def test_an_interrupted_training_is_resumed_with_the_same_figures() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    events = run_sweep(sweep)
    for event in events:
        if isinstance(event, EpochDone):
            break
    events.close()
    (begun,) = list_runs()
    assert begun.info.outcome == "stopped"

    done = trained(sweep)

    assert len(list_runs()) == 2
    assert done[0].run is not None
    assert done[0].run.folder == begun.folder
    for event in done:
        assert_equal(event.run, single(TrainingJob(event.job.recipe, "digits-mlp")))


def test_a_training_that_fails_does_not_end_the_others() -> None:
    base = with_settings(load_recipe("digits-mlp"), ["epochs=1", "device=cpu"])
    sweep = make_sweep(base, "digits-mlp", {"learning_rate": ("50", "0.01")})
    done = trained(sweep)
    assert "not a number" in done[0].problem
    assert not done[1].problem
    rows = sweep_table(sweep.recipes, list_runs()).rows
    assert [len(row.runs) for row in rows] == [1, 0]
    assert rows[0].texts == ("0.01",)


def test_missing_data_is_reported_before_anything_is_trained() -> None:
    base = with_settings(load_recipe("softmax"), ["epochs=1"])
    with pytest.raises(DigitpadError, match="MNIST"):
        list(run_sweep(make_sweep(base, "softmax", {"learning_rate": ("0.1", "0.01")})))
    assert list_runs() == []


def test_two_processes_do_not_train_the_same_sweep() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    events = run_sweep(sweep)
    next(events)
    with pytest.raises(DigitpadError, match="being trained already"):
        list(run_sweep(sweep))
    events.close()


def test_a_lost_process_is_replaced_and_its_training_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID, seeds=2)
    lock = user_runs().parent / "killed"
    monkeypatch.setattr(trainings, "_train_here", _KilledOnce(str(lock)))
    assert len(trained(sweep, jobs=2)) == 4
    assert lock.exists()
    assert len(list_runs()) == 4
    assert all(run.info.outcome == "finished" for run in list_runs())


class _KilledOnce:
    """Trains, but the first process that does is killed by the system."""

    __name__ = "killed_once"

    def __init__(self, place: str) -> None:
        self.place = place

    def __call__(self, key: int, job: TrainingJob, *_: object) -> object:
        import os
        import signal
        from contextlib import suppress

        from digitpad.core.sweeps.trainings import train_quietly

        with suppress(FileExistsError):
            os.close(os.open(self.place, os.O_CREAT | os.O_EXCL))
            os.kill(os.getpid(), signal.SIGKILL)
        return key, train_quietly(job)


def test_old_versions_of_run_json_have_no_sweep_and_a_longer_run_is_none_of_it() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    run = trained(sweep)[0].run
    assert run is not None
    content = json.loads((run.folder / INFO).read_text())
    assert content["format"] == "digitpad-run-1"
    assert content.pop("sweep") == sweep.id
    longer = list(run_job(train_longer_job(run, 3)))[-1]
    assert isinstance(longer, RunClosed)
    assert longer.run.info.sweep == ""
    (run.folder / INFO).write_text(json.dumps(content))
    assert read_run(run.folder).info.sweep == ""


def test_a_sweep_is_found_by_the_beginning_of_its_name() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    with pytest.raises(DigitpadError, match="no sweep yet"):
        find_sweep("digits", list_runs())
    run = trained(sweep)[0].run
    assert run is not None
    assert find_sweep("digits", list_runs()) == sweep.id
    with pytest.raises(DigitpadError, match=f"choose one of {sweep.id}"):
        find_sweep("mlp", list_runs())
    update_info(run.folder, sweep="digits-other")
    with pytest.raises(DigitpadError, match="several sweeps"):
        find_sweep("digits", list_runs())


def test_a_run_comes_home_whole_or_not_at_all() -> None:
    job = missing_jobs(make_sweep(BASE, "digits-mlp", GRID), [])[0]
    away = user_runs().parent / "away"
    list(run_job(replace(job, runs=away)))
    (folder,) = away.iterdir()
    packed = pack_run(folder)
    assert list_runs() == []
    for damaged in (
        replace(packed, files={**packed.files, BEST: packed.files[BEST][:-1]}),
        replace(packed, files={name: part for name, part in packed.files.items() if name != METRICS}),
        replace(packed, files={**packed.files, "../../evil": b""}, sizes={**packed.sizes, "../../evil": 0}),
    ):
        with pytest.raises(DigitpadError, match="came home damaged"):
            unpack_run(damaged, job, user_runs().parent)
    assert list_runs() == []
    run = unpack_run(packed, job, user_runs().parent)
    assert [found.folder for found in list_runs()] == [run.folder]
    assert_equal(run, read_run(folder))
    assert (run.name, run.data_folder) == (job.name, user_runs().parent)


def test_the_time_is_estimated_from_runs_of_the_same_kind() -> None:
    sweep = make_sweep(BASE, "digits-mlp", GRID)
    assert estimated_seconds(sweep.recipes, []) is None
    runs = [event.run for event in trained(sweep) if event.run]
    twice = make_sweep(with_settings(BASE, ["epochs=4"]), "digits-mlp", GRID).recipes
    assert estimated_seconds(twice, runs) == pytest.approx(2 * sum(run.seconds for run in runs))
    larger = make_sweep(BASE, "digits-mlp", {"hidden": ("512",)}).recipes
    assert (estimated_seconds(larger, runs) or 0) > min(run.seconds for run in runs)
    assert estimated_seconds([load_recipe("cnn-fast")], runs) is None


def test_a_mean_of_infinite_or_missing_figures_has_no_spread() -> None:
    assert Mean.of([0.5]) == Mean(0.5)
    assert Mean.of([1.0, float("inf")]).spread is None
    assert str(Mean.of([]).value) == "nan"


def test_without_dask_the_package_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "digitpad.core.sweeps.cluster", raising=False)
    with pytest.raises(DigitpadError, match="needs the package distributed") as found:
        list(run_sweep(make_sweep(BASE, "digits-mlp", GRID), cluster="tcp://127.0.0.1:8786"))
    assert "digitpad[cluster]" in found.value.with_hint

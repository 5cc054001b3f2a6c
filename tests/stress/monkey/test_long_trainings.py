"""A training of many hours needs little more memory and time per epoch than one of a few minutes."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpad.core.runs import run_folder
from digitpad.core.runs.run_folder import EpochRow, Run, read_run
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import recipe_content
from digitpad.gui.train.curves.series import metrics_of, run_curve
from digitpad.gui.train.curves.store import MAX_POINTS, StepColumns


def row(epoch: int) -> EpochRow:
    return EpochRow(
        epoch=epoch, train_loss=1 / epoch, train_accuracy=0.9, test_loss=0.2, test_accuracy=0.8, seconds=0.5
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of three epochs, on disk."""
    content = recipe_content(load_recipe("softmax"))
    created = "2026-01-02T03:04:05+00:00"
    info = {"name": "long", "recipe_name": "softmax", "recipe": content, "created": created}
    (tmp_path / "run.json").write_text(json.dumps(info))
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(asdict(row(epoch))) + "\n" for epoch in (1, 2, 3)))
    return read_run(tmp_path)


def test_a_run_of_few_steps_shows_each_of_them() -> None:
    steps = StepColumns()
    steps.append([(0.1, 2.0, 0.5), (0.2, 1.0, 0.6)])
    assert steps.values.tolist() == [[0.1, 0.2], *[[2.0, 1.0]] * 3, *[[0.5, 0.6]] * 3]


def test_the_steps_of_eight_hours_need_bounded_memory() -> None:
    steps = StepColumns()
    for _ in range(40):
        steps.append(np.ones((60_000, 3)))
    assert MAX_POINTS / 2 <= len(steps) <= MAX_POINTS


@given(st.lists(st.integers(1, 9), max_size=40))
def test_very_many_steps_are_kept_as_means_of_a_few(batches: list[int]) -> None:
    steps = StepColumns(max_points=8)
    given_steps = np.arange(3 * sum(batches), dtype=float).reshape(-1, 3)
    for part in np.split(given_steps, np.cumsum(batches)[:-1] if batches else []):
        steps.append(part)
    assert len(steps) <= 8
    each = 1
    while sum(batches) // each > 8:
        each *= 2
    whole = sum(batches) // each
    groups = given_steps[: whole * each].reshape(whole, each, 3)
    np.testing.assert_allclose(steps.values[[0, 1, 4]].T, groups.mean(axis=1))
    np.testing.assert_allclose(steps.values[[2, 5]].T, groups.min(axis=1)[:, 1:])
    np.testing.assert_allclose(steps.values[[3, 6]].T, groups.max(axis=1)[:, 1:])


def test_an_unchanged_run_is_not_parsed_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(_lines: object) -> tuple[EpochRow, ...]:
        raise AssertionError("it was read again")

    monkeypatch.setattr(run_folder, "_rows_of", read)
    assert read_run(run.folder).rows == run.rows


def test_a_run_that_has_grown_is_read_again(run: Run) -> None:
    with (run.folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps(asdict(row(4))) + "\n")
    assert [one.epoch for one in read_run(run.folder).rows] == [1, 2, 3, 4]


def test_a_changed_run_has_a_new_best_epoch(run: Run) -> None:
    assert run.best == run.rows[0]
    better = replace(row(4), test_accuracy=0.99)
    assert replace(run, rows=(*run.rows, better)).best == better
    assert replace(run, rows=()).best is None
    assert replace(run, rows=()).seconds == 0


def test_the_best_epoch_is_computed_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (run.best, run.seconds) == (run.rows[0], 1.5)

    def judge(_row: EpochRow) -> tuple[float, float]:
        raise AssertionError("it was looked for again")

    monkeypatch.setattr(run_folder, "ranking_key", judge)
    assert (run.best, run.seconds) == (run.rows[0], 1.5)


def test_a_runs_figures_are_the_curves(run: Run) -> None:
    curve = run_curve(run)
    assert metrics_of(run)[:, 0].tolist() == curve.epochs.tolist() == [1, 2, 3]
    assert curve.train_loss.tolist() == [1, 1 / 2, 1 / 3]

"""My digits as a data set: always up to date, with a clear sentence if it is empty."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.datasets.catalogue import DatasetState, entry_of, sizes_of, state_of
from digitpad.core.datasets.loading import MY_DIGITS, load_digits
from digitpad.core.datasets.suspect_labels import new_mark, put_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.evaluator import EvaluationRequest, Evaluator
from digitpad.core.evaluation.samples import Samples, SampleSet, load_set
from digitpad.core.files.paths import user_folder
from digitpad.core.images.idx_sets import Part
from digitpad.core.my_digits.dataset import FILE, content_stamp
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.runs.run_library import list_runs
from digitpad.core.runs.training_job import RunClosed, TrainingJob, resume_job, run_job
from digitpad.core.training.events import EpochDone, TrainingStarted
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from tests.helpers.drawings import new_digits, stroke_drawing

HERE = Path("nowhere")
EMPTY = "My digits is empty: draw some digits and label them"


@pytest.fixture
def mine() -> Iterator[MyDigits]:
    with MyDigits.open() as opened:
        yield opened


@pytest.fixture
def filled(mine: MyDigits) -> MyDigits:
    mine.add_all(new_digits(40))
    return mine


def test_it_is_in_the_catalogue_without_counts() -> None:
    entry = entry_of(MY_DIGITS)
    assert (entry.title, entry.training, entry.test, entry.download) == ("My digits", 0, 0, 0)


def test_without_a_file_it_is_empty_and_no_file_is_created() -> None:
    assert state_of(MY_DIGITS, HERE) == DatasetState(is_ready=False, sentence=EMPTY)
    with pytest.raises(DigitpadError, match="My digits is empty"):
        load_digits(MY_DIGITS, "train", HERE)
    assert content_stamp() == ""
    assert not user_folder().exists()


def test_an_empty_file_is_reported_as_empty(mine: MyDigits) -> None:
    assert state_of(MY_DIGITS, HERE).sentence == EMPTY
    mine.add(stroke_drawing(1), 1)
    mine.delete([1])
    assert not state_of(MY_DIGITS, HERE).is_ready
    with pytest.raises(DigitpadError, match="My digits is empty"):
        load_digits(MY_DIGITS, "test", HERE)


def test_with_few_digits_one_part_may_be_ready_and_the_other_empty(mine: MyDigits) -> None:
    mine.add(stroke_drawing(1), 1)
    assert state_of(MY_DIGITS, HERE, ("train",)) == DatasetState(is_ready=True, sentence="ready, 1 digit")
    state = state_of(MY_DIGITS, HERE)
    assert not state.is_ready
    assert state.sentence.startswith(
        "My digits has no digits for testing yet (one in five is held out): draw and label"
    )
    with pytest.raises(DigitpadError, match="no digits for testing yet") as caught:
        load_digits(MY_DIGITS, "test", HERE)
    assert caught.value.with_hint.endswith("(--part train)")


def test_its_parts_are_those_of_my_digits(filled: MyDigits) -> None:
    assert state_of(MY_DIGITS, HERE) == DatasetState(is_ready=True, sentence="ready, 40 digits")
    parts: tuple[Part, ...] = ("train", "test")
    for part in parts:
        loaded, kept = load_digits(MY_DIGITS, part, HERE), filled.digits(part)
        assert loaded.name == kept.name
        np.testing.assert_array_equal(loaded.images, kept.images)
        np.testing.assert_array_equal(loaded.labels, kept.labels)
    assert sizes_of(MY_DIGITS, HERE) == (len(filled.digits("train")), len(filled.digits("test")))


def test_it_is_shared_until_it_changes(filled: MyDigits) -> None:
    before = load_digits(MY_DIGITS, "train", HERE)
    stamps = [content_stamp()]
    assert load_digits(MY_DIGITS, "train", HERE) is before
    learned = [digit for digit in filled.all(newest_first=False) if digit.part == "train"]
    changes = (
        lambda: filled.relabel(learned[0].id, (learned[0].label + 1) % 10),
        lambda: filled.delete([learned[1].id]),
        lambda: filled.add_all(new_digits(60)),
        lambda: filled.restore([learned[1].id]),
    )
    for change in changes:
        change()
        after = load_digits(MY_DIGITS, "train", HERE)
        assert after is not before
        np.testing.assert_array_equal(after.labels, filled.digits("train").labels)
        before = after
        stamps.append(content_stamp())
    assert len(set(stamps)) == len(stamps)


def test_a_damaged_or_newer_file_is_reported_and_not_changed(filled: MyDigits) -> None:
    path = filled.path
    filled.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA user_version = 99")
    assert "is from a newer version of digitpad" in state_of(MY_DIGITS, HERE).sentence
    path.write_bytes(b"no database at all, but long enough to be one" * 100)
    content = path.read_bytes()
    assert "is damaged" in state_of(MY_DIGITS, HERE).sentence
    with pytest.raises(DigitpadError, match="is damaged"):
        load_digits(MY_DIGITS, "train", HERE)
    assert path.read_bytes() == content
    assert path == user_folder() / FILE


def test_reading_rolls_back_the_change_of_a_killed_writer(filled: MyDigits) -> None:
    before = content_stamp()
    filled.close()
    killed = (
        "import os, sys, sqlite3; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN'); c.execute('UPDATE drawings SET label = 5')\n"
        "c.execute('UPDATE drawings SET image = zeroblob(784)'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(filled.path)], check=False)
    assert filled.path.with_name(f"{FILE}-journal").exists()
    assert content_stamp() == before
    assert not filled.path.with_name(f"{FILE}-journal").exists()


def test_a_write_protected_file_can_be_read(filled: MyDigits) -> None:
    before = content_stamp()
    filled.close()
    filled.path.chmod(0o400)
    assert content_stamp() == before
    assert state_of(MY_DIGITS, HERE).is_ready


def test_both_parts_are_evaluated_together_and_again_after_a_new_digit(filled: MyDigits) -> None:
    which, evaluator = SampleSet(MY_DIGITS, "all", HERE), Evaluator()

    def gathered() -> Samples:
        *_, samples = evaluator.evaluate(EvaluationRequest(which))
        assert isinstance(samples, Samples)
        return samples

    first = gathered()
    assert len(first) == 40
    assert gathered().loaded is first.loaded
    filled.add(stroke_drawing(99), 9)
    second = gathered()
    assert len(second) == 41
    assert second.loaded.training_count == len(filled.digits("train"))


def test_marks_hold_only_while_the_sample_is_the_same(filled: MyDigits) -> None:
    digits = load_digits(MY_DIGITS, "train", HERE)
    marks = put_marks([new_mark(digits, MY_DIGITS, "train", 5)])
    assert set(load_set(SampleSet(MY_DIGITS, "train", HERE)).marks_by_index(marks)) == {5}
    filled.add(stroke_drawing(99), 9)
    assert set(load_set(SampleSet(MY_DIGITS, "train", HERE)).marks_by_index(marks)) == {5}
    first = next(digit for digit in filled.all(newest_first=False) if digit.part == "train")
    filled.delete([first.id])
    assert load_set(SampleSet(MY_DIGITS, "train", HERE)).marks_by_index(marks) == {}


def test_a_run_leaves_out_marked_samples_and_resumes_after_changes(filled: MyDigits) -> None:
    put_marks([new_mark(load_digits(MY_DIGITS, "train", HERE), MY_DIGITS, "train", 5)])
    changes = ["dataset=my-digits", "epochs=2", "hidden=8", "leave_out_suspects=true", "batch_size=8"]
    recipe = with_settings(load_recipe("mlp-fast"), changes)
    with closing(run_job(TrainingJob(recipe, "mlp-fast"))) as events:
        assert any(isinstance(event, EpochDone) for event in events)
    (run,) = list_runs()
    assert (run.recipe.dataset, run.info.left_out) == (MY_DIGITS, {"train": [5]})
    first = next(digit for digit in filled.all(newest_first=False) if digit.part == "train")
    filled.delete([first.id])
    resumed = list(run_job(resume_job(run)))
    (started,) = (event for event in resumed if isinstance(event, TrainingStarted))
    # The mark's place is another digit's now, which is not left out for it.
    assert started.samples_per_epoch == len(filled.digits("train"))
    assert isinstance(resumed[-1], RunClosed)

"""Marks on labels: safe against crashes and two windows, and only for the same data."""

import csv
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digitpad.core.datasets.catalogue import catalogue
from digitpad.core.datasets.suspect_labels import (
    MarkKey,
    SuspectLabel,
    dataset_key,
    export_marks,
    marks_of_samples,
    new_mark,
    put_marks,
    read_marks,
    remove_marks,
    without_samples,
)
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_folder
from digitpad.core.images.digits import Digits

WRITER = """
import sys
from digitpad.core.datasets.suspect_labels import new_mark, put_marks
from tests.core.datasets.test_suspect_labels import some_digits
for index in range(int(sys.argv[1]), int(sys.argv[2])):
    put_marks([new_mark(some_digits(), "mnist", "test", index)])
"""


def some_digits(count: int = 60) -> Digits:
    """Noise with labels, the same each time."""
    chance = np.random.default_rng(777)
    images = chance.integers(0, 256, (count, 28, 28), np.uint8)
    return Digits("MNIST test", images, chance.integers(0, 10, count, np.uint8))


def the_file() -> Path:
    return user_folder() / "label-marks.json"


def test_without_a_file_there_are_no_marks_and_no_file_is_created() -> None:
    assert read_marks() == ()
    assert remove_marks([("mnist", "test", 3)]) == ()
    assert not the_file().exists()


def test_a_mark_identifies_its_sample_and_is_read_back() -> None:
    digits = some_digits()
    mark = new_mark(digits, "mnist", "test", 7, corrected=4, note="a nine?\n네 ✓")
    assert (mark.key, mark.label, mark.corrected) == (("mnist", "test", 7), int(digits.labels[7]), 4)
    assert mark.marked.tzinfo is not None
    assert put_marks([mark]) == (mark,)
    assert read_marks() == (mark,)


def test_marks_are_sorted_and_each_sample_has_one() -> None:
    digits = some_digits()
    put_marks([new_mark(digits, "mnist", "train", 2), new_mark(digits, "mnist", "test", 30)])
    put_marks([new_mark(digits, "kmnist", "test", 1), new_mark(digits, "mnist", "test", 4, note="first")])
    now = put_marks([new_mark(digits, "mnist", "test", 4, note="second")])
    keys: list[MarkKey] = [("kmnist", "test", 1), ("mnist", "test", 4), ("mnist", "test", 30), ("mnist", "train", 2)]
    assert [mark.key for mark in now] == keys
    assert now[1].note == "second"
    assert remove_marks([keys[0], keys[2], ("mnist", "test", 59)]) == (now[1], now[3])
    assert [mark.key for mark in read_marks()] == [keys[1], keys[3]]


def test_two_processes_that_write_at_once_lose_nothing() -> None:
    spans = ((0, 20), (20, 40), (40, 60))
    root = Path(__file__).resolve().parents[3]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, *map(str, span)], cwd=root, stderr=subprocess.PIPE)
        for span in spans
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=120)
        assert writer.returncode == 0, said.decode()
    assert [mark.index for mark in read_marks()] == list(range(60))


def test_a_lock_that_is_never_released_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    put_marks([new_mark(some_digits(), "mnist", "test", 1)])
    monkeypatch.setattr("digitpad.core.files.locks._WAIT", 0.05)
    with FileLock(user_folder() / ".label-marks.json.lock"), pytest.raises(DigitpadError, match="another window"):
        put_marks([new_mark(some_digits(), "mnist", "test", 2)])
    assert len(put_marks([new_mark(some_digits(), "mnist", "test", 2)])) == 2


DAMAGED = {
    "no bytes": b"",
    "cut off": b'{"format": "digitpad-label-marks-1", "marks": [{"datas',
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "no format": b'{"marks": []}',
    "deep": b"[" * 100_000,
    "a wrong mark": b'{"format": "digitpad-label-marks-1", "marks": [{"dataset": "mnist", "index": -1}]}',
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_reported_and_not_changed(damage: str) -> None:
    the_file().parent.mkdir(parents=True)
    the_file().write_bytes(DAMAGED[damage])
    mark = new_mark(some_digits(), "mnist", "test", 1)
    for attempt in (read_marks, lambda: put_marks([mark]), lambda: remove_marks([mark.key])):
        with pytest.raises(DigitpadError, match=r"label-marks\.json is damaged: repair it"):
            attempt()
    assert the_file().read_bytes() == DAMAGED[damage]


def test_a_file_of_a_newer_digitpad_is_reported_and_not_changed() -> None:
    the_file().parent.mkdir(parents=True)
    the_file().write_text('{"format": "digitpad-label-marks-2", "marks": {"by set": []}}')
    before = the_file().read_bytes()
    with pytest.raises(DigitpadError, match="another version of digitpad: update"):
        put_marks([new_mark(some_digits(), "mnist", "test", 1)])
    assert the_file().read_bytes() == before


def test_an_unwritable_folder_is_reported() -> None:
    user_folder().parent.mkdir(parents=True, exist_ok=True)
    user_folder().write_text("a file where the folder should be")
    with pytest.raises(DigitpadError, match=r"label-marks\.json cannot be written .*: choose another folder"):
        put_marks([new_mark(some_digits(), "mnist", "test", 1)])


def test_a_full_disk_keeps_the_previous_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = put_marks([new_mark(some_digits(), "mnist", "test", 1)])

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(DigitpadError, match="the disk is full"):
            put_marks([new_mark(some_digits(), "mnist", "test", 2)])
    assert read_marks() == kept


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"corrected": 10}, "corrected"),
        ({"corrected": -1}, "corrected"),
        ({"note": "x" * 1001}, "note"),
        ({"note": "\ud800"}, "note"),
        ({"index": 60}, "no sample 60: choose one from 0 to 59"),
        ({"index": -1}, "no sample -1"),
    ],
)
def test_an_invalid_mark_is_refused_with_a_sentence(change: dict, reason: str) -> None:
    with pytest.raises(DigitpadError, match=reason):
        new_mark(some_digits(), "mnist", "test", **{"index": 1, **change})


def test_marks_hold_only_for_their_set_and_part() -> None:
    digits = some_digits()
    places: list[MarkKey] = [("mnist", "test", 5), ("mnist", "train", 6), ("kmnist", "test", 7)]
    marks = [new_mark(digits, *place) for place in places]
    assert marks_of_samples(digits, "mnist", "test", marks) == {5: marks[0]}
    assert marks_of_samples(digits.first(5), "mnist", "test", marks) == {}
    assert list(marks_of_samples(digits.first(6), "mnist", "test", marks)) == [5]


def test_marks_do_not_hold_for_other_data_of_the_same_name() -> None:
    digits = some_digits()
    marks = [new_mark(digits, "mnist", "test", index) for index in (5, 6, 7)]
    digits.images[5, 27, 27] ^= 1
    digits.labels[6] = (digits.labels[6] + 1) % 10
    assert list(marks_of_samples(digits, "mnist", "test", marks)) == [7]


@pytest.mark.parametrize("dataset", ["digits-8x8", "xor", "drawings.jsonl", "/somewhere/drawings.jsonl.gz"])
def test_a_set_with_the_same_samples_in_both_parts_has_one_mark_for_both(dataset: str) -> None:
    digits = some_digits()
    put_marks([new_mark(digits, dataset, "test", 2), new_mark(digits, dataset, "test", 3)])
    now = put_marks([new_mark(digits, dataset, "train", 3)])
    assert [(mark.part, mark.index) for mark in now] == [("test", 2), ("train", 3)]
    for part in ("train", "test"):
        assert sorted(marks_of_samples(digits, dataset, part, now)) == [2, 3]
    assert remove_marks([(dataset_key(dataset), "test", 3)]) == (now[0],)


def test_a_folder_has_the_same_key_in_every_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("./mine", "mine/", "mine/../mine", str(tmp_path / "mine")):
        assert dataset_key(name) == str(tmp_path / "mine")
    assert dataset_key("ink.jsonl") == str(tmp_path / "ink.jsonl")
    assert [dataset_key(entry.key) for entry in catalogue()] == [entry.key for entry in catalogue()]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=30))
def test_a_key_is_its_own_key(dataset: str) -> None:
    assert dataset_key(dataset_key(dataset)) == dataset_key(dataset)


@given(st.sets(st.integers(-3, 70)))
def test_leaving_samples_out_keeps_the_order_of_the_others(indices: set[int]) -> None:
    digits = some_digits()
    gone = indices & set(range(60))
    if len(gone) == 60:
        return
    rest = without_samples(digits, indices)
    kept = [index for index in range(60) if index not in gone]
    assert np.array_equal(rest.images, digits.images[kept])
    assert np.array_equal(rest.labels, digits.labels[kept])
    assert (rest is digits) == (not gone)


def test_the_name_says_how_many_samples_are_left_out_and_never_all() -> None:
    digits = some_digits()
    assert without_samples(digits, [3, 3]).name == "MNIST test without 1 suspect label"
    assert without_samples(digits, [3, 4, 5]).name == "MNIST test without 3 suspect labels"
    assert without_samples(replace(digits, peak=16), [1]).peak == 16
    with pytest.raises(DigitpadError, match="every label of MNIST test is marked as suspect"):
        without_samples(digits, range(60))


def test_the_table_has_a_line_per_mark_and_no_formulas(tmp_path: Path) -> None:
    digits = some_digits()
    notes = ["=1+1", "@x", "-", "+9", "\tx", 'says "4",\nperhaps', ""]
    marks = [new_mark(digits, "mnist", "test", index, note=note) for index, note in enumerate(notes)]
    marks[0] = replace(marks[0], corrected=0)
    export_marks(tmp_path / "marks.csv", marks)
    with (tmp_path / "marks.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["dataset", "part", "index", "label", "corrected", "note", "digest", "marked"]
    assert [row["note"] for row in rows] == ["'=1+1", "'@x", "'-", "'+9", "'\tx", notes[5], ""]
    assert [row["corrected"] for row in rows] == ["0", *[""] * 6]
    assert [row["digest"] for row in rows] == [mark.digest for mark in marks]
    assert all(datetime.fromisoformat(row["marked"]).tzinfo for row in rows)
    with pytest.raises(DigitpadError, match="is a folder"):
        export_marks(tmp_path, marks)


MARKS = st.builds(
    SuspectLabel,
    dataset=st.sampled_from(["mnist", "kmnist", "/a/folder", "/ink.jsonl"]),
    part=st.sampled_from(["train", "test"]),
    index=st.integers(0, 3),
    label=st.integers(0, 9),
    digest=st.text("0123456789abcdef", min_size=16, max_size=16),
    corrected=st.none() | st.integers(0, 9),
    note=st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
    marked=st.datetimes(timezones=st.just(UTC)),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MARKS, max_size=8))
def test_any_marks_are_read_back_unchanged(marks: list[SuspectLabel]) -> None:
    the_file().unlink(missing_ok=True)
    now = put_marks(marks)
    assert read_marks() == now
    assert set(now) <= set(marks)
    assert not marks or marks[-1] in now
    assert remove_marks([mark.key for mark in now]) == ()
    assert read_marks() == ()

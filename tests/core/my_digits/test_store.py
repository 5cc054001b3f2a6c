"""My digits: finished changes survive kills, damage and newer versions."""

import os
import random
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_folder
from digitpad.core.images.digits import to_bytes
from digitpad.core.ink.drawing import EMPTY, Drawing, digit_image
from digitpad.core.ink.strokes import Ink
from digitpad.core.my_digits.database import MIGRATIONS, open_database
from digitpad.core.my_digits.record import part_of
from digitpad.core.my_digits.store import ModelAccuracy, MyDigits
from tests.helpers.drawings import new_digits, noise, pixel_drawing, stroke_drawing

ROOT = Path(__file__).resolve().parents[3]
# Prints a line for each drawing after it was saved.
WRITER = """
import sys
from pathlib import Path
from digitpad.core.my_digits.store import MyDigits
from tests.helpers.drawings import stroke_drawing
with MyDigits.open(Path(sys.argv[1])) as mine:
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        kept = mine.add(stroke_drawing(number), number % 10)
        print(kept.id, kept.digest, flush=True)
"""
# The first released version: files like this are on people's disks, so this text is never changed.
VERSION_1 = """
CREATE TABLE drawings ( id INTEGER PRIMARY KEY AUTOINCREMENT, deleted TEXT,
    label INTEGER NOT NULL CHECK (label BETWEEN 0 AND 9), predicted INTEGER CHECK (predicted BETWEEN 0 AND 9),
    model TEXT NOT NULL DEFAULT '', created TEXT NOT NULL, digest TEXT NOT NULL,
    image BLOB NOT NULL CHECK (length(image) = 784), strokes TEXT );
CREATE INDEX drawings_by_label ON drawings (label) WHERE deleted IS NULL;
CREATE INDEX drawings_by_digest ON drawings (digest, label) WHERE deleted IS NULL;
CREATE INDEX drawings_by_model ON drawings (model, predicted, label) WHERE deleted IS NULL;
INSERT INTO drawings (id, label, predicted, model, created, digest, image) VALUES
    (7, 4, 9, 'mlp', '2026-11-21T12:00:00.000000+00:00', 'd', zeroblob(784));
PRAGMA user_version = 1;
"""


@pytest.fixture
def mine() -> Iterator[MyDigits]:
    with MyDigits.open() as opened:
        yield opened


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "own" / "my-digits.sqlite3"


def writer(place: Path, start: int, end: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(place), str(start), str(end)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def is_whole(place: Path) -> bool:
    with closing(sqlite3.connect(place)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def ids(mine: MyDigits) -> list[int]:
    return [digit.id for digit in mine.all(newest_first=False)]


def test_a_stored_drawing_has_its_strokes_and_the_models_input(mine: MyDigits) -> None:
    drawing = stroke_drawing(1)
    before = datetime.now(UTC)
    mine.add(drawing, np.uint8(4), predicted=np.int64(9), model="cnn")  # type: ignore[arg-type]
    (kept,) = mine.all()
    assert (kept.label, kept.predicted, kept.model) == (4, 9, "cnn")
    assert before <= kept.created <= datetime.now(UTC)
    assert kept.ink is not None
    for stroke, drawn in zip(kept.ink.strokes, drawing.ink.strokes, strict=True):
        assert np.abs(stroke - drawn).max() <= 0.0005
    assert np.abs(kept.image.astype(int) - to_bytes(digit_image(drawing).pixels)).max() <= 2
    assert np.array_equal(to_bytes(digit_image(kept.drawing).pixels), kept.image)


def test_a_picture_is_stored_as_its_digit_image(mine: MyDigits) -> None:
    drawing = pixel_drawing(3)
    over = replace(drawing, ink=stroke_drawing(1).ink, digit=None)
    kept, mixed = mine.add(drawing, 3), mine.add(over, 8)
    assert (kept.ink, mixed.ink) == (None, None)
    assert np.array_equal(kept.image, noise(3))
    assert np.array_equal(mixed.image, to_bytes(digit_image(over).pixels))
    assert np.array_equal(to_bytes(digit_image(kept.drawing).pixels), noise(3))


def test_ink_of_any_unit_is_stored_as_on_the_pad(mine: MyDigits) -> None:
    tiny = Ink.of([np.array([[0, 0], [1e-5, 0], [4e-6, 1.6e-5]])])
    kept = mine.add(Drawing(ink=tiny), 7)
    assert np.abs(kept.image.astype(int) - to_bytes(digit_image(Drawing(ink=tiny)).pixels)).max() <= 2
    assert kept.ink is not None
    assert min(kept.ink.bounds) > 40


def test_invalid_labels_and_blank_drawings_are_refused(mine: MyDigits) -> None:
    for label in (-1, 10, 255):
        with pytest.raises(DigitpadError, match=f"{label} is not a digit: choose one from 0 to 9"):
            mine.add(stroke_drawing(1), label)
        with pytest.raises(DigitpadError, match="is not a digit"):
            mine.add(stroke_drawing(1), 1, predicted=label)
    with pytest.raises(DigitpadError, match="the drawing is blank: draw a digit first"):
        mine.add(EMPTY, 1)
    with pytest.raises(DigitpadError, match="is blank"):
        mine.add(Drawing(picture=np.zeros((280, 280), np.uint8)), 1)
    assert mine.count() == 0


def test_relabelling_several_does_not_count_deleted_ones(mine: MyDigits) -> None:
    first, second, third = (mine.add(stroke_drawing(1), label) for label in (1, 2, 3))
    mine.delete([third.id])
    assert mine.relabel_all([first.id, second.id, third.id, 99], 7) == 2
    assert [digit.label for digit in mine.all()] == [7, 7]
    with pytest.raises(DigitpadError, match="12 is not a digit"):
        mine.relabel_all([first.id], 12)


def test_relabelling_returns_the_previous_label(mine: MyDigits) -> None:
    kept = mine.add(stroke_drawing(1), 4)
    assert [mine.relabel(kept.id, label)[1] for label in (9, 2)] == [4, 9]
    assert mine.all()[0].label == 2
    with pytest.raises(DigitpadError, match="12 is not a digit"):
        mine.relabel(kept.id, 12)


def test_a_digit_is_relabelled_and_a_deleted_one_is_reported(mine: MyDigits) -> None:
    kept = mine.add(stroke_drawing(1), 4, predicted=9, model="cnn")
    assert mine.relabel(kept.id, 9)[0].label == 9
    assert mine.accuracies() == (ModelAccuracy("cnn", 1, 1),)
    with pytest.raises(DigitpadError, match="12 is not a digit"):
        mine.relabel(kept.id, 12)
    mine.delete([kept.id])
    for number in (kept.id, 99):
        with pytest.raises(DigitpadError, match=f"drawing {number} was deleted"):
            mine.relabel(number, 1)
    mine.restore([kept.id])
    assert [digit.label for digit in mine.all()] == [9]


def test_deleted_digits_can_be_restored_until_purged_and_ids_are_never_reused(mine: MyDigits) -> None:
    kept = [mine.add(stroke_drawing(number), number).id for number in range(4)]
    assert mine.delete([kept[1], kept[3], kept[3], 99]) == 2
    assert ids(mine) == [kept[0], kept[2]]
    assert mine.restore([kept[1], kept[0]]) == 1
    assert mine.purge(before=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert mine.purge() == 1
    assert mine.restore(kept) == 0
    assert mine.add(stroke_drawing(9), 9).id > max(kept)


def test_pages_are_sorted_both_ways_and_by_label(mine: MyDigits) -> None:
    mine.add_all(new_digits(25))
    everything = ids(mine)
    assert [digit.id for digit in mine.all()] == everything[::-1]
    pages = [mine.all(limit=10, offset=start) for start in (0, 10, 20, 30)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [digit.id for page in pages for digit in page] == everything[::-1]
    threes = mine.all(3, newest_first=False)
    assert [digit.label for digit in threes] == [3, 3, 3]
    assert [digit.id for digit in mine.all(3, limit=2)] == [threes[2].id, threes[1].id]
    assert mine.counts().tolist() == [3] * 5 + [2] * 5


def test_each_model_has_its_accuracy_on_its_predictions(mine: MyDigits) -> None:
    for number, (label, said, model) in enumerate([(1, 1, "a"), (2, 7, "a"), (3, 3, "a"), (4, 9, "b"), (5, None, "")]):
        mine.add(stroke_drawing(number), label, predicted=said, model=model)
    assert mine.accuracies() == (ModelAccuracy("a", 2, 3), ModelAccuracy("b", 0, 1))
    assert mine.accuracies()[0].share == pytest.approx(2 / 3)
    assert np.isnan(ModelAccuracy("c", 0, 0).share)
    mine.delete([2])
    assert mine.accuracies()[0] == ModelAccuracy("a", 2, 2)


def test_a_model_name_that_is_not_text_is_stored(mine: MyDigits) -> None:
    mine.add(stroke_drawing(1), 1, predicted=1, model="mod\udcffel")
    assert [(found.model, found.right) for found in mine.accuracies()] == [("mod?el", 1)]


def test_they_are_a_data_set_and_one_in_five_is_held_out(mine: MyDigits) -> None:
    with pytest.raises(DigitpadError, match="My digits is empty"):
        mine.digits()
    mine.add_all(new_digits(100))
    gone = mine.all(limit=2)
    mine.delete([digit.id for digit in gone])
    kept, digits = mine.all(newest_first=False), mine.digits()
    assert (digits.name, digits.images.dtype, digits.labels.dtype) == ("my digits", np.uint8, np.uint8)
    assert np.array_equal(digits.images, np.stack([digit.image for digit in kept]))
    assert digits.labels.tolist() == [digit.label for digit in kept]
    for part in ("train", "test"):
        assert mine.digits(part).labels.tolist() == [digit.label for digit in kept if digit.part == part]
    assert len(mine.digits("train")) + len(mine.digits("test")) == 98


def test_a_held_out_digit_stays_held_out() -> None:
    held = [number for number in range(1, 10_001) if part_of(number) == "test"]
    assert held[:5] == [11, 13, 14, 20, 33]
    assert len(held) / 10_000 == pytest.approx(0.2, abs=0.02)


def test_finished_changes_survive_a_kill_during_a_write(place: Path) -> None:
    chance, acknowledged = random.Random(5), {}  # noqa: S311
    for kill in range(10):
        with writer(place, 1000 * kill, 1000 * kill + 1000) as process:
            assert process.stdout is not None
            wanted = chance.choice([1, 1, 2, 3, 8, 20, 40])
            lines = [process.stdout.readline() for _ in range(wanted)]
            process.kill()
            # What came through the pipe before the end was acknowledged too, but for half a line.
            # Not `communicate`, which leaves out what `readline` has already buffered.
            lines += [line for line in process.stdout if line.endswith("\n")]
        assert process.returncode < 0
        acknowledged |= {int(number): digest for number, digest in map(str.split, lines)}
        with MyDigits.open(place) as mine:
            assert mine.problem == ""
            kept = {digit.id: digit.digest for digit in mine.all()}
        assert acknowledged.items() <= kept.items()
        assert len(kept) - len(acknowledged) <= kill + 1  # at most the one that was being written, each time
        assert is_whole(place)
    assert len(acknowledged) >= 10
    assert [path.name for path in place.parent.iterdir() if "damaged" in path.name] == []


def test_a_kill_during_creation_is_repaired_by_the_next_start(place: Path) -> None:
    place.parent.mkdir()
    killed = (
        "import os, sys, sqlite3; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1'); c.execute('BEGIN'); c.execute('CREATE TABLE drawings (x)')\n"
        "[c.execute('INSERT INTO drawings VALUES (zeroblob(9000))') for _ in range(20)]\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed, str(place)], check=False)
    assert Path(f"{place}-journal").exists()
    with MyDigits.open(place) as mine:
        assert mine.problem == ""
        mine.add(stroke_drawing(1), 1)
        assert mine.count() == 1


def test_two_processes_that_write_at_once_lose_nothing(place: Path) -> None:
    writers = [writer(place, start, start + 40) for start in (0, 40, 80)]
    said = [process.communicate(timeout=120) for process in writers]
    assert [process.returncode for process in writers] == [0, 0, 0], said
    acknowledged = {line.split()[0] for out, _ in said for line in out.splitlines()}
    with MyDigits.open(place) as mine:
        assert {str(number) for number in ids(mine)} == acknowledged
        assert len(acknowledged) == 120
        assert len({digit.digest for digit in mine.all()}) == 120


def test_another_window_sees_what_this_one_wrote(mine: MyDigits) -> None:
    with MyDigits.open() as other:
        kept = mine.add(stroke_drawing(1), 1)
        assert ids(other) == [kept.id]
        other.delete([kept.id])
        assert mine.count() == 0


def filled(place: Path, count: int = 30) -> bytes:
    with MyDigits.open(place) as mine:
        mine.add_all(new_digits(count))
    assert files_in(place.parent).keys() == {place.name}
    return place.read_bytes()


DAMAGES = {
    "no database": lambda _: b"these are my digits" * 50,
    "a short text": lambda _: b"x",
    "cut off": lambda whole: whole[: len(whole) // 2],
    "pages of zeros": lambda whole: whole[:8192] + bytes(16384) + whole[24576:],
    "a wrong page": lambda whole: whole[:4096] + bytes(range(256)) * 16 + whole[8192:],
    "a wrong header": lambda whole: b"SQLite format 9\0" + whole[16:],
}


def looks_of(mine: MyDigits) -> list[tuple[int, str]]:
    return [(digit.label, digit.digest) for digit in mine.all()]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_renamed_unchanged_and_a_new_one_created(place: Path, damage: str) -> None:
    broken = DAMAGES[damage](filled(place))
    place.write_bytes(broken)
    with MyDigits.open(place) as mine:
        kept = [name for name in files_in(place.parent) if "damaged" in name and name.endswith(".sqlite3")]
        assert len(kept) == 1
        assert f"{place} was damaged: it is now called {kept[0]}" in mine.problem
        assert (place.parent / kept[0]).read_bytes() == broken
        assert mine.count() == 0
        mine.add(stroke_drawing(1), 1)
    with MyDigits.open(place) as mine:
        assert (mine.problem, mine.count()) == ("", 1)


def test_companions_of_a_damaged_file_are_renamed_too_and_names_are_unique(place: Path) -> None:
    place.parent.mkdir()
    for time in (1, 2, 3):
        place.write_bytes(b"no database %d" % time * 100)
        Path(f"{place}-wal").write_bytes(b"its log %d" % time)
        MyDigits.open(place).close()
    aside = {name: content for name, content in files_in(place.parent).items() if "damaged" in name}
    assert sorted(content[:13] for name, content in aside.items() if name.endswith("3")) == [
        b"no database 1", b"no database 2", b"no database 3"
    ]  # fmt: skip
    logs = {name: content for name, content in aside.items() if name.endswith("-wal")}
    assert sorted(logs.values()) == [b"its log 1", b"its log 2", b"its log 3"]
    assert all(aside[name.removesuffix("-wal")][12:13] == content[-1:] for name, content in logs.items())


def test_two_windows_rename_the_same_damaged_file_once(place: Path) -> None:
    place.parent.mkdir()
    place.write_bytes(b"no database" * 1000)
    writers = [writer(place, start, start + 5) for start in (0, 5, 10, 15)]
    said = [process.communicate(timeout=120) for process in writers]
    assert [process.returncode for process in writers] == [0] * 4, said
    aside = [name for name in files_in(place.parent) if "damaged" in name and name.endswith(".sqlite3")]
    assert len(aside) == 1
    with MyDigits.open(place) as mine:
        assert mine.count() == 20


def test_another_programs_database_is_renamed_and_not_changed(place: Path) -> None:
    place.parent.mkdir()
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript("CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')")
    before = place.read_bytes()
    with MyDigits.open(place) as mine:
        assert "was damaged: it is now called" in mine.problem
    assert before in files_in(place.parent).values()


def test_an_empty_file_is_not_damaged(place: Path) -> None:
    place.parent.mkdir()
    place.touch()
    with MyDigits.open(place) as mine:
        assert (mine.problem, mine.count()) == ("", 0)


@pytest.mark.parametrize("has_log", [False, True])
def test_a_file_of_a_newer_digitpad_is_refused_and_not_changed(place: Path, has_log: bool) -> None:
    filled(place)
    newer = "import os, sys, sqlite3; c = sqlite3.connect(sys.argv[1]); "
    newer += "c.execute('PRAGMA journal_mode = WAL'); " if has_log else ""
    newer += "c.execute('PRAGMA user_version = 9'); "
    newer += "os.kill(os.getpid(), 9)" if has_log else "c.close()"
    subprocess.run([sys.executable, "-c", newer, str(place)], check=False)
    before = files_in(place.parent)
    assert (f"{place.name}-wal" in before) == has_log
    for _ in range(2):
        with pytest.raises(DigitpadError, match="from a newer version of digitpad: update digitpad"):
            MyDigits.open(place)
    after = files_in(place.parent)
    for name in (place.name, f"{place.name}-wal"):
        assert after.get(name, b"") == before.get(name, b"")
    assert not [name for name in after if "damaged" in name]


def test_files_of_the_first_version_can_be_read(place: Path) -> None:
    place.parent.mkdir()
    with closing(sqlite3.connect(place)) as connection:
        connection.executescript(VERSION_1)
    with MyDigits.open(place) as mine:
        assert mine.problem == ""
        (kept,) = mine.all()
        assert (kept.id, kept.label, kept.predicted, kept.model) == (7, 4, 9, "mlp")
        assert (kept.image.shape, kept.ink) == ((28, 28), None)
        assert kept.created == datetime(2026, 11, 21, 12, tzinfo=UTC)
        assert mine.add(stroke_drawing(1), 1).id == 8


def test_an_older_file_is_migrated_step_by_step(place: Path) -> None:
    filled(place, 5)
    later = (
        *MIGRATIONS,
        ("ALTER TABLE drawings ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",),
        ("CREATE TABLE sessions (id INTEGER PRIMARY KEY)", "UPDATE drawings SET note = 'old'"),
    )
    connection, problem = open_database(place, later)
    with closing(connection):
        assert problem == ""
        assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)
        assert connection.execute("SELECT note, count(*) FROM drawings GROUP BY note").fetchall() == [("old", 5)]
    with pytest.raises(DigitpadError, match="newer version"):
        MyDigits.open(place)


def test_a_failed_migration_leaves_the_file_at_the_previous_version(place: Path) -> None:
    filled(place, 5)
    broken = (*MIGRATIONS, ("ALTER TABLE drawings ADD COLUMN note TEXT", "UPDATE nowhere SET note = 1"))
    with pytest.raises(DigitpadError):
        open_database(place, broken)
    with MyDigits.open(place) as mine:
        assert (mine.problem, mine.count()) == ("", 5)


def test_a_full_disk_is_reported_and_keeps_existing_digits(mine: MyDigits) -> None:
    kept = mine.add(stroke_drawing(99), 1)
    pages = mine._connection.execute("PRAGMA page_count").fetchone()[0]
    mine._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DigitpadError, match=r"cannot be written \(the disk is full\): free some disk space"):
        mine.add_all(new_digits(50))
    assert ids(mine) == [kept.id]
    mine._connection.execute("PRAGMA max_page_count = 100000")
    assert mine.add_all(new_digits(50)) == 50


def test_a_read_only_file_is_reported(mine: MyDigits) -> None:
    mine._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(DigitpadError, match=r"my-digits\.sqlite3 cannot be written: check its permissions"):
        mine.add(stroke_drawing(1), 1)


def test_an_impossible_path_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "a.sqlite3", tmp_path / "folder"):
        with pytest.raises(DigitpadError, match="cannot be written"):
            MyDigits.open(place)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become a user who may not write")
def test_a_folder_of_another_user_is_reported_with_a_sentence(tmp_path: Path) -> None:
    command = (
        "import os, sys; from pathlib import Path; from digitpad.core.my_digits.store import MyDigits, DigitpadError\n"
        "import digitpad.core.my_digits.importing\n"
        "os.setuid(65534)\n"
        "try: MyDigits.open(Path(sys.argv[1]))\n"
        "except DigitpadError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", command, "/etc/digitpad/my.sqlite3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "cannot be written (permission denied): choose another folder" in done.stdout


def test_locks_that_are_never_released_are_reported(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("my_digits.database", "files.locks"):
        monkeypatch.setattr(f"digitpad.core.{module}._WAIT", 0.05)
    with MyDigits.open(place) as mine, closing(sqlite3.connect(place)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DigitpadError, match="in use by another window: try again"):
            mine.add(stroke_drawing(1), 1)
        assert mine.count() == 0  # reading goes on
        other.rollback()
        mine.add(stroke_drawing(1), 1)
    with (
        FileLock(place.with_name(f".{place.name}.lock")),
        pytest.raises(DigitpadError, match="in use by another window"),
    ):
        MyDigits.open(place)


def test_the_file_alone_holds_every_finished_change(place: Path, tmp_path: Path) -> None:
    with MyDigits.open(place) as mine:
        for number in range(3):
            mine.add(stroke_drawing(number), number)
            assert files_in(place.parent).keys() == {place.name}
            copy = tmp_path / f"{number}.sqlite3"
            copy.write_bytes(subprocess.run(["cat", str(place)], capture_output=True, check=True).stdout)
            with MyDigits.open(copy) as copied:
                assert (copied.problem, looks_of(copied)) == ("", looks_of(mine))


def test_a_file_with_a_log_of_an_older_version_is_converted(place: Path) -> None:
    filled(place, 5)
    older = (
        "import os, sys, sqlite3; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA journal_mode = WAL'); c.execute('UPDATE drawings SET label = 9')\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", older, str(place)], check=False)
    assert files_in(place.parent)[f"{place.name}-wal"]
    with MyDigits.open(place) as mine:
        assert (mine.problem, mine.counts()[9]) == ("", 5)
        assert files_in(place.parent).keys() == {place.name}


def test_a_log_that_another_window_uses_is_converted_at_the_next_opening(place: Path) -> None:
    filled(place, 5)
    with closing(sqlite3.connect(place, isolation_level=None)) as older:
        older.execute("PRAGMA journal_mode = WAL")
        older.execute("UPDATE drawings SET label = 9")
        with MyDigits.open(place) as mine:
            assert f"{place.name}-wal" in files_in(place.parent)
            mine.add(stroke_drawing(1), 1)
        assert older.execute("SELECT count(*) FROM drawings").fetchone() == (6,)
    with MyDigits.open(place) as mine:
        assert mine.counts()[[1, 9]].tolist() == [1, 5]
        assert mine._connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_only_the_user_can_read_the_file_and_its_journal(place: Path) -> None:
    before = os.umask(0)
    try:
        with MyDigits.open(place) as mine:
            assert place.stat().st_mode & 0o777 == 0o600
        place.chmod(0o664)
        with MyDigits.open(place) as mine:
            assert place.stat().st_mode & 0o777 == 0o600
            mine._connection.execute("BEGIN IMMEDIATE")
            mine._connection.execute("PRAGMA cache_spill = ON")
            mine._connection.execute("UPDATE sqlite_sequence SET seq = seq")
            mine._connection.execute(
                "INSERT INTO drawings (label, created, digest, image) VALUES (1, '', '', zeroblob(784))"
            )
            assert Path(f"{place}-journal").stat().st_mode & 0o777 == 0o600
            mine._connection.execute("ROLLBACK")
    finally:
        os.umask(before)


def test_every_commit_is_synced_to_the_disk(mine: MyDigits) -> None:
    settings = {
        name: mine._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "delete", "synchronous": 3}


class Sequences(RuleBasedStateMachine):
    """Whatever is done in whatever order, the file says what a dictionary says."""

    def __init__(self) -> None:
        super().__init__()
        self.place = user_folder() / f"{secrets.token_hex(8)}.sqlite3"
        self.mine = MyDigits.open(self.place)
        self.there: dict[int, int] = {}
        self.deleted: dict[int, int] = {}

    @rule(number=st.integers(0, 5), label=st.integers(0, 9))
    def add(self, number: int, label: int) -> None:
        self.there[self.mine.add(stroke_drawing(number), label).id] = label

    @precondition(lambda self: self.there)
    @rule(data=st.data(), label=st.integers(0, 9))
    def relabel(self, data: st.DataObject, label: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.there)))
        self.mine.relabel(number, label)
        self.there[number] = label

    @rule(numbers=st.lists(st.integers(1, 12)))
    def delete(self, numbers: list[int]) -> None:
        gone = {number: self.there.pop(number) for number in set(numbers) & set(self.there)}
        self.deleted |= gone
        assert self.mine.delete(numbers) == len(gone)

    @rule(numbers=st.lists(st.integers(1, 12)))
    def restore(self, numbers: list[int]) -> None:
        back = {number: self.deleted.pop(number) for number in set(numbers) & set(self.deleted)}
        self.there |= back
        assert self.mine.restore(numbers) == len(back)

    @rule()
    def purge(self) -> None:
        assert self.mine.purge() == len(self.deleted)
        self.deleted.clear()

    @rule()
    def open_again(self) -> None:
        self.mine.close()
        self.mine = MyDigits.open(self.place)

    @invariant()
    def is_what_the_dictionary_says(self) -> None:
        assert {digit.id: digit.label for digit in self.mine.all()} == self.there
        assert self.mine.counts().tolist() == [list(self.there.values()).count(label) for label in range(10)]

    def teardown(self) -> None:
        self.mine.close()


Sequences.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestSequences = Sequences.TestCase

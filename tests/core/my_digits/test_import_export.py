"""Import and export of My digits: a round trip is lossless, a broken file adds nothing."""

import csv
import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitpad.core.datasets.loading import load_digits
from digitpad.core.errors import DigitpadError
from digitpad.core.files.csv_tables import write_table
from digitpad.core.images.idx_format import read_images, read_labels, write_idx
from digitpad.core.ink.ink_files import InkSample, write_ink
from digitpad.core.my_digits.exporting import ExportCounts, export_idx, export_ink, export_pictures
from digitpad.core.my_digits.importing import ImportCounts, import_digits
from digitpad.core.my_digits.store import MyDigits
from tests.helpers.drawings import new_digits, noise, stroke_drawing

COUNT = 60


@pytest.fixture
def mine() -> Iterator[MyDigits]:
    with MyDigits.open() as opened:
        opened.add_all(new_digits(COUNT))
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[MyDigits]:
    with MyDigits.open(tmp_path / "other" / "digits.sqlite3") as opened:
        yield opened


def pictures_of(mine: MyDigits, parent: Path) -> Path:
    *_, last = export_pictures(parent, "mine", mine.all(newest_first=False))
    assert last.folder is not None
    return last.folder


def looks(mine: MyDigits) -> list[tuple[int, str]]:
    return [(digit.label, digit.digest) for digit in mine.all(newest_first=False)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_strokes_are_imported_again_and_digits_without_strokes_are_counted(
    mine: MyDigits, other: MyDigits, tmp_path: Path, name: str
) -> None:
    digits = mine.all(newest_first=False)
    assert export_ink(tmp_path / name, digits) == ExportCounts(COUNT // 2, COUNT // 2)
    assert import_digits(other, tmp_path / name) == ImportCounts(COUNT // 2, 0, 0)
    for came, went in zip(other.all(newest_first=False), digits[1::2], strict=True):
        assert (came.label, came.digest, came.line) == (went.label, went.digest, went.line)
    for again in (mine, other):
        assert import_digits(again, tmp_path / name) == ImportCounts(0, COUNT // 2, 0)
    with pytest.raises(DigitpadError, match="none of these digits has strokes: export them as pictures"):
        export_ink(tmp_path / name, digits[::2])


def test_drawings_of_other_programs_are_imported_once(mine: MyDigits, tmp_path: Path) -> None:
    ink = stroke_drawing(777).ink
    far = [InkSample("x", type(ink).of([stroke * 31 - 5000 for stroke in ink.strokes], 3.0), 5)]
    write_ink(tmp_path / "a.jsonl", far * 2)
    assert import_digits(mine, tmp_path / "a.jsonl") == ImportCounts(1, 1, 0)
    export_ink(tmp_path / "b.jsonl", mine.all())
    assert import_digits(mine, tmp_path / "b.jsonl").added == 0


def test_lines_without_a_digit_or_ink_are_skipped(other: MyDigits, tmp_path: Path) -> None:
    ink = stroke_drawing(1).ink
    samples = [InkSample("a", ink, 3), InkSample("b", ink), InkSample("c", ink, "x"), InkSample("d", type(ink)(), 3)]
    write_ink(tmp_path / "a.jsonl", samples)
    assert import_digits(other, tmp_path / "a.jsonl") == ImportCounts(1, 0, 3)


def test_a_damaged_line_adds_no_digit(other: MyDigits, tmp_path: Path) -> None:
    write_ink(tmp_path / "a.jsonl", [InkSample("a", stroke_drawing(1).ink, 3)])
    with (tmp_path / "a.jsonl").open("a") as file:
        file.write('{"strokes": [[[1, "x"]]], "label": 3}\n')
    with pytest.raises(DigitpadError, match=r"a\.jsonl, line 2"):
        import_digits(other, tmp_path / "a.jsonl")
    assert other.count() == 0


def test_a_folder_of_pictures_is_imported_again_with_all_columns(
    mine: MyDigits, other: MyDigits, tmp_path: Path
) -> None:
    folder = pictures_of(mine, tmp_path)
    assert len(list(folder.glob("*.png"))) == COUNT
    with (folder / "samples.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["model"] for row in rows} == {"", "mlp", "'=cnn"}
    assert import_digits(other, folder) == ImportCounts(COUNT, 0, 0)
    for came, went in zip(other.all(), mine.all(), strict=True):
        assert (came.label, came.predicted, came.model) == (went.label, went.predicted, went.model)
        assert (came.created, came.ink) == (went.created, None)
        assert np.array_equal(came.image, went.image)
    assert other.accuracies() == mine.accuracies()
    assert import_digits(other, folder / "samples.csv") == ImportCounts(0, COUNT, 0)


def test_duplicates_have_the_same_picture_and_label_and_are_not_deleted(mine: MyDigits, tmp_path: Path) -> None:
    folder = pictures_of(mine, tmp_path)
    first, second = mine.all(newest_first=False, limit=2)
    mine.relabel(first.id, (first.label + 1) % 10)
    mine.delete([second.id])
    assert import_digits(mine, folder) == ImportCounts(2, COUNT - 2, 0)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_cancelled_export_leaves_no_files(mine: MyDigits, tmp_path: Path, steps: int) -> None:
    export = export_pictures(tmp_path, "mine", mine.all())
    for _ in range(steps):
        next(export)
    assert len(list(tmp_path.iterdir())) == 1
    export.close()
    assert not list(tmp_path.iterdir())


def test_an_empty_selection_writes_nothing(tmp_path: Path) -> None:
    for export in (lambda: list(export_pictures(tmp_path, "a", ())), lambda: export_idx(tmp_path, "a", ())):
        with pytest.raises(DigitpadError, match="no digits to export: draw and label some"):
            export()
    assert not list(tmp_path.iterdir())


def test_pictures_of_other_programs_are_converted_to_mnists_geometry(other: MyDigits, tmp_path: Path) -> None:
    ink = np.kron(noise(1), np.ones((4, 4), np.uint8))
    Image.fromarray(255 - ink).save(tmp_path / "paper.png")
    Image.fromarray(255 - noise(2)).save(tmp_path / "small paper.png")
    Image.fromarray(noise(3)).save(tmp_path / "digit.png")
    rows = [("paper.png", 1), ("small paper.png", 2), ("digit.png", 3), ("digit.png", "?")]
    write_table(tmp_path / "samples.csv", ["file", "label"], rows)
    assert import_digits(other, tmp_path) == ImportCounts(3, 0, 1)
    paper, small, digit = other.all(newest_first=False)
    for kept in (paper, small):
        assert kept.image[0].max() == 0
        assert kept.image.max() == 255
    assert np.array_equal(digit.image, noise(3))


@pytest.mark.parametrize("name", ["../outside.png", "/etc/passwd", "..", "", "a\\b.png"])
def test_a_table_cannot_name_files_in_other_folders(other: MyDigits, tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    Image.fromarray(noise(1)).save(tmp_path / "outside.png")
    (tmp_path / "in" / "samples.csv").write_text(f'file,label\n"{name}",1\n')
    with pytest.raises(DigitpadError, match=r"line 2: .* is not a picture in the same folder"):
        import_digits(other, tmp_path / "in")


BROKEN = {
    "no columns": (b"a,b\n1,2\n", "must have the columns “file” and “label”"),
    "no bytes": (b"", "must have the columns “file” and “label”"),
    "no text": (b"file,label\n\xff\xfe,1\n", "is not a CSV table: .* UTF-8"),
    "a long cell": (b"file,label\n" + b"x" * 200_000 + b",1\n", "is not a CSV table"),
    "no picture": (b"file,label\nnowhere.png,1\n", "does not exist: check the name"),
    "a broken picture": (b"file,label\nsamples.csv,1\n", "is not a picture"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_table_is_reported_and_adds_nothing(other: MyDigits, tmp_path: Path, what: str) -> None:
    content, reason = BROKEN[what]
    (tmp_path / "samples.csv").write_bytes(content)
    with pytest.raises(DigitpadError, match=reason):
        import_digits(other, tmp_path)
    assert other.count() == 0


def test_odd_cells_in_a_table_are_ignored(other: MyDigits, tmp_path: Path) -> None:
    Image.fromarray(noise(1)).save(tmp_path / "a.png")
    lines = "file,label,predicted,created\na.png\na.png,1,x,yesterday,more\na.png,2,77,0001-01-01T00:00:00+14:00\n"
    (tmp_path / "samples.csv").write_text(lines)
    assert import_digits(other, tmp_path) == ImportCounts(2, 0, 1)
    assert [digit.predicted for digit in other.all()] == [None, None]


def test_exported_idx_files_can_be_imported_and_are_a_data_set(mine: MyDigits, other: MyDigits, tmp_path: Path) -> None:
    folder = export_idx(tmp_path, "mine", mine.all(newest_first=False))
    names = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"]
    assert sorted(path.name for path in folder.iterdir()) == names
    assert np.array_equal(load_digits(str(folder), "train", tmp_path).images, mine.digits().images)
    assert import_digits(other, folder / names[0]) == ImportCounts(COUNT, 0, 0)
    assert looks(other) == looks(mine)
    assert import_digits(other, folder) == ImportCounts(0, COUNT, 0)
    assert export_idx(tmp_path, "mine", mine.all()) == tmp_path / "mine 2"


def test_mismatched_idx_files_are_reported_and_blank_images_skipped(other: MyDigits, tmp_path: Path) -> None:
    images = np.stack([noise(1), np.zeros((28, 28), np.uint8)])
    write_idx(tmp_path / "t10k-images-idx3-ubyte", images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.array([1, 2], np.uint8))
    assert import_digits(other, tmp_path) == ImportCounts(1, 0, 1)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.array([1], np.uint8))
    with pytest.raises(DigitpadError, match=r"has 2 images, but .* has 1 labels"):
        import_digits(other, tmp_path)


def test_a_path_without_digits_is_reported(other: MyDigits, tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    for path in (tmp_path, tmp_path / "a.txt", tmp_path / "nowhere"):
        with pytest.raises(DigitpadError, match="has no digits to import: choose an ink file"):
            import_digits(other, path)
    with pytest.raises(DigitpadError, match="does not exist"):
        import_digits(other, tmp_path / "nowhere.jsonl")


@given(st.integers(0, 5), st.integers(1, 9), st.integers(1, 9), st.booleans())
def test_any_idx_file_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, count: int, height: int, width: int, zipped: bool
) -> None:
    folder = tmp_path_factory.mktemp("idx")
    draw = np.random.default_rng(count * 100 + height * 10 + width)
    images = draw.integers(0, 256, (count, height, width), np.uint8)
    labels = draw.integers(0, 10, count, np.uint8)
    end = ".gz" if zipped else ""
    write_idx(folder / f"i{end}", images)
    write_idx(folder / f"l{end}", labels)
    assert np.array_equal(read_images(folder / f"i{end}"), images)
    assert np.array_equal(read_labels(folder / f"l{end}"), labels)
    assert (folder / f"i{end}").read_bytes()[:2] == (b"\x1f\x8b" if zipped else b"\0\0")


def records(mine: MyDigits) -> list[tuple[object, ...]]:
    return [(d.label, d.digest, d.line, d.predicted, d.model, d.created) for d in mine.all(newest_first=False)]


def test_a_backup_is_one_private_file_with_everything_and_is_imported_once(
    mine: MyDigits, other: MyDigits, tmp_path: Path
) -> None:
    first = mine.all(newest_first=False, limit=1)[0]
    mine.delete([first.id])
    path = tmp_path / "backups" / "my-digits.sqlite3"
    for _ in range(2):  # the second one replaces the first one
        assert mine.back_up(path) == COUNT - 1
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    assert import_digits(other, path) == ImportCounts(COUNT - 1, 0, 0)
    assert records(other) == records(mine)
    assert import_digits(other, path) == ImportCounts(0, COUNT - 1, 0)
    assert path.read_bytes() == content
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_backup_neither_replaces_nor_imports_the_file_itself(mine: MyDigits, tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite3"
    link.symlink_to(mine.path)
    for path in (mine.path, link):
        with pytest.raises(DigitpadError, match="is the file of My digits itself: choose another name"):
            mine.back_up(path)
        with pytest.raises(DigitpadError, match="is the file of My digits itself: choose another file"):
            import_digits(mine, path)
    with pytest.raises(DigitpadError, match="is a folder"):
        mine.back_up(tmp_path)
    assert mine.count() == COUNT


def test_a_backup_during_a_write_of_another_window_waits_and_then_says_so(mine: MyDigits, tmp_path: Path) -> None:
    mine.stop_waiting()
    with closing(sqlite3.connect(mine.path, isolation_level=None)) as window:
        window.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DigitpadError, match="is in use by another window"):
            mine.back_up(tmp_path / "a.sqlite3")
        window.execute("ROLLBACK")
    assert not list(tmp_path.glob("*.sqlite3"))
    assert not list(tmp_path.glob(".*.part"))
    assert mine.back_up(tmp_path / "a.sqlite3") == COUNT


FOREVER = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
HOSTILE = {
    "a trigger": f"CREATE TRIGGER t AFTER INSERT ON drawings BEGIN SELECT ({FOREVER}); END",
    "a view": "ALTER TABLE drawings RENAME TO d; CREATE VIEW drawings AS SELECT * FROM d",
    "an endless view": f"DROP TABLE drawings; CREATE VIEW drawings AS {FOREVER}",
    "no table": "DROP TABLE drawings",
    "version 0": "PRAGMA user_version = 0",
    "no label": "PRAGMA ignore_check_constraints = ON; UPDATE drawings SET label = 77 WHERE id = 2",
    "a short image": "PRAGMA ignore_check_constraints = ON; UPDATE drawings SET image = x'00' WHERE id = 2",
    "a text as image": "PRAGMA ignore_check_constraints = ON; UPDATE drawings SET image = 'a' WHERE id = 2",
    "a huge text": "UPDATE drawings SET model = hex(zeroblob(3000000)) WHERE id = 2",
}


@pytest.mark.parametrize("change", HOSTILE)
def test_a_hostile_backup_is_refused_and_adds_nothing(
    mine: MyDigits, other: MyDigits, tmp_path: Path, change: str
) -> None:
    path = tmp_path / "theirs.sqlite3"
    mine.back_up(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(HOSTILE[change])
    with pytest.raises(DigitpadError, match=r"theirs\.sqlite3 is not a backup of My digits, or it is damaged"):
        import_digits(other, path)
    assert other.count() == 0


def test_damaged_strokes_in_a_backup_are_named_and_a_long_model_name_is_shortened(
    mine: MyDigits, other: MyDigits, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.sqlite3"
    mine.back_up(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE drawings SET model = ? WHERE id = 2", ("m" * 5000,))
        connection.execute("UPDATE drawings SET strokes = 'no' WHERE id = 4")
        with pytest.raises(DigitpadError, match=r"theirs\.sqlite3, drawing 4 is not JSON"):
            import_digits(other, path)
        connection.execute("UPDATE drawings SET strokes = NULL WHERE id = 4")
    assert import_digits(other, path).added == COUNT
    assert max(len(digit.model) for digit in other.all()) == 200


def test_a_database_that_is_in_use_or_newer_or_no_database_is_refused(
    mine: MyDigits, other: MyDigits, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.sqlite3"
    mine.back_up(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE drawings SET label = 1")
        with pytest.raises(DigitpadError, match="is in use, or was copied while it was"):
            import_digits(other, path)
    assert import_digits(other, path).added  # the log is in the file now
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(DigitpadError, match="newer version of digitpad"):
        import_digits(other, path)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(DigitpadError, match="is not a backup of My digits"):
        import_digits(other, path)


def test_a_small_file_of_very_many_drawings_is_refused_before_they_are_drawn(other: MyDigits, tmp_path: Path) -> None:
    line = '{"label": %d, "strokes": [[[0, 0], [9, 9], [%d, 5]]]}\n'
    text = "".join(line % (number % 10, number) for number in range(40_000)).encode()
    for name in ("a.jsonl.gz", "b.jsonl"):  # the content tells
        path = tmp_path / name
        path.write_bytes(gzip.compress((line % (1, 5)).encode() * 40_000))
        with pytest.raises(DigitpadError, match="has far more drawings than its size allows: import it unzipped"):
            import_digits(other, path)
    plain = tmp_path / "a.jsonl"
    plain.write_bytes(text[: text.index(b"\n", 20_000) + 1])
    assert import_digits(other, plain).added > 300


def test_a_picture_that_a_table_names_many_times_is_read_once(
    other: MyDigits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from digitpad.core.my_digits import importing

    read: list[Path] = []
    original = importing._read_image
    monkeypatch.setattr(importing, "_read_image", lambda path: (read.append(path), original(path))[1])
    Image.fromarray(noise(1)).save(tmp_path / "a.png")
    write_table(tmp_path / "samples.csv", ("file", "label"), [("a.png", n % 10) for n in range(500)])
    assert import_digits(other, tmp_path) == ImportCounts(10, 490, 0)
    assert len(read) == 1


def test_more_digits_than_a_published_set_are_refused(
    other: MyDigits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitpad.core.my_digits.importing._MAX_DIGITS", 5)
    write_ink(tmp_path / "a.jsonl", [InkSample(str(n), stroke_drawing(n).ink, 3) for n in range(6)])
    with pytest.raises(DigitpadError, match="has more than 5 digits: import it in several parts"):
        import_digits(other, tmp_path / "a.jsonl")
    assert other.count() == 0

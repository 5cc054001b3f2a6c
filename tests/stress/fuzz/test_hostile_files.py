"""Stored files may be broken or malicious: they are read, refused in one sentence, or set aside."""

import json
import os
import sqlite3
import struct
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from digitpad.core.datasets.emnist_archive import MEMBERS, unpack
from digitpad.core.datasets.loading import load_digits
from digitpad.core.datasets.suspect_labels import FILE, read_marks
from digitpad.core.errors import DigitpadError
from digitpad.core.files.atomic import check_writable, write_atomically
from digitpad.core.files.paths import user_folder, user_models, user_runs
from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.mnist_geometry import from_pixels
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import ModelCard, load_model, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec, SoftmaxSpec
from digitpad.core.my_digits.dataset import content_stamp, database_path
from digitpad.core.my_digits.exporting import export_idx
from digitpad.core.my_digits.importing import import_digits
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.recognition.prediction import predict
from digitpad.core.runs.exporting import export_csv
from digitpad.core.runs.exports.tensorboard_log import export_tensorboard
from digitpad.core.runs.run_folder import Run, RunInfo, read_run, write_info
from digitpad.core.runs.run_library import delete_run, find_run, list_runs, purge_deleted
from digitpad.core.runs.writer import RunWriter, load_state, save_state
from digitpad.core.training.events import TrainerState
from digitpad.core.training.recipe_files import save_recipe
from digitpad.core.training.recipes import Recipe
from tests.stress.budget import Budget
from tests.stress.fuzz import own_data, stored_files
from tests.stress.fuzz.sandbox import run_guarded

linux = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox measures by Linux's means")
posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have such files")
RECIPE = Recipe(title="few", model=SoftmaxSpec())
INK = Drawing(ink=Ink.of([[[50, 50], [120, 200], [60, 210]]]))
LINE = {"train_loss": 1.0, "train_accuracy": 0.5, "test_loss": 1.0, "test_accuracy": 0.5, "seconds": 1.0}


@pytest.mark.slow
@linux
@pytest.mark.parametrize(
    "where",
    [where for where, full in stored_files.TARGETS.items() if full > 500 and where not in own_data.TARGETS],
)
def test_broken_files_are_used_refused_or_set_aside(where: str, tmp_path: Path) -> None:
    outcome = run_guarded(where, Budget(seed=1, max_attempts=150), stored_files.FULL, tmp_path)
    assert (outcome.attempts, outcome.faults) == (150, 0), outcome.note


@pytest.mark.slow
@linux
def test_broken_files_of_own_data_are_read_or_refused(tmp_path: Path) -> None:
    attempts = 150 * len(own_data.TARGETS)
    where = "tests.stress.fuzz.own_data:ANY_FORMAT"
    outcome = run_guarded(where, Budget(seed=1, max_attempts=attempts), attempts, tmp_path)
    assert (outcome.attempts, outcome.faults) == (attempts, 0), outcome.note


def a_run(name: str = "a-run", *lines: dict, **changes: object) -> Path:
    """Make a run's folder among the user's."""
    folder = user_runs() / name
    folder.mkdir(parents=True)
    recipe = {"title": "few", "model": {"kind": "softmax"}}
    write_info(folder, RunInfo(name=name, recipe_name="few", recipe=recipe, created=datetime.now(UTC)))
    told = json.loads((folder / "run.json").read_text()) | changes
    (folder / "run.json").write_text(json.dumps(told))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def a_model(path: Path, dtype: str, shape: list[int], size: int) -> Path:
    own = {"format": "digitpad-model-1", "spec": {"kind": "softmax"}, "card": {"name": "a"}}
    header: dict = {"__metadata__": {"digitpad": json.dumps(own)}}
    header["layers.1.weight"] = {"dtype": dtype, "shape": shape, "data_offsets": [0, size]}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(size))
    return path


def some_digits() -> Path:
    """Make the user's file with three digits, and return it."""
    with MyDigits.open() as mine:
        for label in range(3):
            mine.add(INK, label)
    return database_path()


def changed(statement: str, *values: object) -> None:
    with closing(sqlite3.connect(database_path())) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(statement, values)
        connection.commit()


@pytest.mark.parametrize(
    ("dtype", "shape", "size"), [("F4", [16], 8), ("F8_E8M0", [8], 8), ("F32", [0, 1 << 62, 4], 0)]
)
def test_weights_that_torch_cannot_hold_are_refused(dtype: str, shape: list[int], size: int, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match=r"truncated or damaged|do not fit its description"):
        load_model(a_model(tmp_path / "a.safetensors", dtype, shape, size))


def test_a_model_whose_answer_is_no_number_for_some_image_says_so(tmp_path: Path) -> None:
    model = build(SoftmaxSpec())
    for weights in model.parameters():
        torch.nn.init.zeros_(weights)
    # For an image that is nothing, everything or the diagonal they add up to nothing.
    model.linear_layers[-1].weight.data[:, 1:5] = torch.tensor([3e38, 3e38, -3e38, -3e38])
    save_model(tmp_path / "a.safetensors", model, ModelCard(name="a"))
    image = np.zeros((28, 28), np.float32)
    image[0, 1:3] = 1
    loaded = load_model(tmp_path / "a.safetensors")
    with pytest.raises(DigitpadError, match=r"outputs of .*a\.safetensors are not finite numbers"):
        predict([from_pixels(image, 1.0)], loaded)


@posix
@pytest.mark.parametrize(
    "name", ["a.safetensors", "run.json", "metrics.jsonl", "state", FILE, "my-digits.sqlite3", "samples.csv"]
)
def test_reading_does_not_block_on_a_pipe(name: str, tmp_path: Path) -> None:
    folder = a_run()
    places = {"run.json": folder, "metrics.jsonl": folder, FILE: user_folder(), "my-digits.sqlite3": user_folder()}
    path = places.get(name, tmp_path) / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    if name == "metrics.jsonl":
        assert read_run(folder).rows == ()
        return
    readers: dict[str, Callable[[], object]] = {
        "a.safetensors": lambda: load_model(path),
        "run.json": lambda: read_run(folder),
        "state": lambda: load_state(path, SoftmaxSpec()),
        FILE: read_marks,
        "my-digits.sqlite3": MyDigits.open,
        "samples.csv": lambda: import_into_mine(path),
    }
    with pytest.raises(DigitpadError, match=f"{name} is not a regular file"):
        readers[name]()


def import_into_mine(path: Path) -> None:
    with MyDigits.open() as mine:
        import_digits(mine, path)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00", "9999-12-31T23:59:59-23:59"])
def test_one_run_of_an_impossible_time_does_not_hide_the_others(created: str) -> None:
    a_run("odd", created=created)
    a_run("sound")
    assert [run.id for run in list_runs()] == ["sound"]
    with pytest.raises(DigitpadError, match="damaged"):
        read_run(user_runs() / "odd")


def test_a_run_without_a_time_zone_is_of_utc() -> None:
    a_run(created="2026-11-21T12:00:00")
    assert [run.info.created.tzinfo for run in list_runs()] == [UTC]


@pytest.mark.parametrize("change", [{"epoch": 10**30}, {"seconds": 1e308}, {"seconds": -1.0}])
def test_figures_that_no_training_has_are_not_counted(change: dict) -> None:
    sound = {"epoch": 1, **LINE}
    folder = a_run("a-run", sound, {"epoch": 2, **LINE, **change})
    assert [row.epoch for row in read_run(folder).rows] == [1]


def test_a_description_too_long_for_a_run_is_not_read() -> None:
    folder = a_run(left_out={"train": [-1] * 3_000_000})
    with pytest.raises(DigitpadError, match="too large"):
        read_run(folder)


@pytest.mark.parametrize("notes", ['{"epoch": Infinity}', '{"epoch": "3"}', '{"epoch": 0}', "[]"])
def test_a_state_of_no_epoch_is_damaged(notes: str, tmp_path: Path) -> None:
    from safetensors.numpy import save

    header = notes.replace("{", '{"format": "digitpad-state-1", "notes": {}, ')
    (tmp_path / "state").write_bytes(save({"a": np.zeros(1)}, metadata={"digitpad": header}))
    with pytest.raises(DigitpadError, match="damaged"):
        load_state(tmp_path / "state", SoftmaxSpec())


@pytest.mark.parametrize("dtype", ["BF16", "F8_E4M3"])
def test_a_state_of_numbers_that_numpy_has_not_is_damaged(dtype: str, tmp_path: Path) -> None:
    notes = {"digitpad": '{"format": "digitpad-state-1", "epoch": 1, "notes": {}}'}
    tensor = {"dtype": dtype, "shape": [8 // (1 + (dtype == "BF16"))], "data_offsets": [0, 8]}
    header = json.dumps({"__metadata__": notes, "a": tensor}).encode()
    (tmp_path / "state").write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(DigitpadError, match="damaged"):
        load_state(tmp_path / "state", SoftmaxSpec())


def test_a_state_that_was_saved_is_read(tmp_path: Path) -> None:
    save_state(tmp_path / "state", TrainerState(3, {"a": np.arange(2)}, {"b": 1}))
    assert load_state(tmp_path / "state", SoftmaxSpec()).epoch == 3


def test_a_resumed_run_that_is_stopped_at_once_keeps_its_folder() -> None:
    folder = a_run("a-run", {"epoch": 1, **LINE})
    (folder / "precious").touch()
    RunWriter.resume(read_run(folder)).close("stopped")
    assert (folder / "precious").exists()


def test_a_new_run_that_is_stopped_at_once_leaves_nothing() -> None:
    RunWriter.create(RECIPE, "few", name="a run", data=Path("data"), versions={}).close("stopped")
    assert list(user_runs().iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../../out", "/etc/x", "..", "a\0b", "a" * 300, "\udcff", ".deleted", "a/b", "𝒜" * 90]
)
def test_a_new_run_lies_among_the_runs_whatever_its_recipe_is_called(name: str) -> None:
    writer = RunWriter.create(RECIPE, name, name=name, data=Path("data"), versions={})
    assert writer.run.folder.parent == user_runs()
    assert not writer.run.folder.name.startswith(".")
    writer.close("stopped")


@posix
def test_a_link_in_the_place_of_deleted_runs_is_not_followed(tmp_path: Path) -> None:
    run = read_run(a_run())
    (tmp_path / "elsewhere" / "old").mkdir(parents=True)
    os.utime(tmp_path / "elsewhere" / "old", (0, 0))
    (user_runs() / ".deleted").symlink_to(tmp_path / "elsewhere")
    purge_deleted()
    with pytest.raises(DigitpadError, match="is a link to another folder"):
        delete_run(run)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["old"]


@posix
def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    folder = a_run(outcome="stopped")
    (folder / ".lock").symlink_to(tmp_path / "precious")
    with pytest.raises(DigitpadError, match="contains links"):
        read_run(folder)
    assert (tmp_path / "precious").read_bytes() == b"precious"


def test_a_run_that_is_named_by_dots_is_exported_into_the_chosen_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboard")
    folder = a_run("a-run", {"epoch": 1, **LINE})
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    export_tensorboard(find_run(".."), tmp_path / "chosen")
    assert [path.name for path in tmp_path.iterdir()] == ["chosen"]
    assert [path.name for path in (tmp_path / "chosen").iterdir()] == ["a-run"]


@posix
def test_curves_are_not_written_through_a_link(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    run = read_run(a_run("a-run", {"epoch": 1, **LINE}))
    (tmp_path / "chosen").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "chosen" / "a-run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DigitpadError, match="is a link, or contains one"):
        export_tensorboard(run, tmp_path / "chosen")
    assert list((tmp_path / "elsewhere").iterdir()) == []


DAMAGE = (
    "CREATE TRIGGER t AFTER INSERT ON drawings BEGIN DELETE FROM drawings; END",
    "CREATE VIEW v AS SELECT randomblob(1000000000)",
    "UPDATE sqlite_schema SET sql = replace(sql, 'length(image)', 'length(hex(zeroblob(400000000)))')",
    "UPDATE drawings SET label = 11",
    "UPDATE drawings SET image = 'text'",
    "UPDATE drawings SET image = zeroblob(5)",
)


@pytest.mark.parametrize(
    "statement", [*DAMAGE, "UPDATE drawings SET predicted = 'x'", "UPDATE drawings SET strokes = x'00'"]
)
def test_a_database_with_what_is_not_of_digitpad_is_set_aside_as_it_is(statement: str) -> None:
    path = some_digits()
    changed(statement)
    before = path.read_bytes()
    with MyDigits.open() as mine:
        (aside,) = path.parent.glob("*.damaged-*.sqlite3")
        assert (aside.read_bytes(), mine.count()) == (before, 0)
        assert aside.name in mine.problem
        mine.add(INK, 3)
        assert mine.count() == 1


@pytest.mark.parametrize("statement", DAMAGE)
def test_as_a_data_set_such_a_database_is_refused_and_left_where_it_is(statement: str) -> None:
    path = some_digits()
    changed(statement)
    before = path.read_bytes()
    with pytest.raises(DigitpadError, match="is damaged"):
        load_digits("my-digits", "train", Path())
    assert path.read_bytes() == before


@pytest.mark.parametrize("column", ["sql", "name"])
def test_a_database_with_names_that_are_no_text_is_set_aside(column: str) -> None:
    path = some_digits()
    old = b"CREATE INDEX drawings_by_label" if column == "sql" else b"drawings_by_label"
    path.write_bytes(path.read_bytes().replace(old, old[:-3] + b"\xd4\xd4\xd4"))
    assert content_stamp() == ""
    with MyDigits.open() as mine:
        assert "was damaged" in mine.problem


def test_texts_that_a_failing_disk_has_changed_hide_no_digit() -> None:
    some_digits()
    changed("UPDATE drawings SET digest = CAST(x'ff61' AS TEXT), created = 'not a time' WHERE id = 2")
    assert content_stamp()
    with MyDigits.open() as mine:
        times = {digit.id: digit.created for digit in mine.all()}
        assert mine.problem == ""
    assert times[2] == datetime(1970, 1, 1, tzinfo=UTC)
    assert len(times) == 3


def test_damaged_indices_are_rebuilt() -> None:
    some_digits()
    with closing(sqlite3.connect(database_path())) as connection:
        sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'drawings_by_label'").fetchone()[0]
    # Rows that are missing from it: an index over fewer rows, which then says it is over all.
    changed("DROP INDEX drawings_by_label")
    changed(f"{sql} AND id > 2")
    changed("UPDATE sqlite_schema SET sql = ? WHERE name = 'drawings_by_label'", sql)
    with MyDigits.open() as mine:
        assert (mine.problem, mine.counts().tolist()[:3]) == ("", [1, 1, 1])
        mine.relabel(1, 9)


@posix
@pytest.mark.parametrize("name", ["out.png", "device.png", "loop.png"])
def test_a_table_does_not_name_pictures_elsewhere_by_a_link(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    Image.fromarray(np.eye(28, dtype=np.uint8) * 200).save(tmp_path / "secret.png")
    links = {"out.png": "../secret.png", "device.png": "/dev/zero", "loop.png": "loop.png"}
    (folder / name).symlink_to(links[name])
    (folder / "samples.csv").write_text(f"file,label\n{name},3\n")
    with MyDigits.open() as mine:
        with pytest.raises(DigitpadError, match=name):
            import_digits(mine, folder)
        assert mine.count() == 0


def test_a_picture_of_too_many_pixels_in_a_table_is_refused(tmp_path: Path) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    (tmp_path / "samples.csv").write_text("file,label\nbomb.png,3\n")
    with MyDigits.open() as mine, pytest.raises(DigitpadError, match=r"bomb\.png"):
        import_digits(mine, tmp_path)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"])
def test_a_time_that_not_every_zone_has_is_not_imported(created: str, tmp_path: Path) -> None:
    Image.fromarray(np.eye(28, dtype=np.uint8) * 200).save(tmp_path / "1.png")
    (tmp_path / "samples.csv").write_text(f"file,label,created\n1.png,3,{created}\n")
    with MyDigits.open() as mine:
        import_digits(mine, tmp_path)
        assert mine.all()[0].created.year not in (1, 9999)


def test_only_the_first_of_millions_of_wrong_marks_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    from pydantic import ValidationError

    path = user_folder() / FILE
    path.parent.mkdir(parents=True)
    path.write_text('{"format": "digitpad-label-marks-1", "marks": [' + "{}," * 999 + "{}]}")
    with pytest.raises(DigitpadError, match="is damaged") as caught:
        read_marks()
    assert isinstance(caught.value.__cause__, ValidationError)
    assert caught.value.__cause__.error_count() < 10


@pytest.mark.parametrize("kind", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_that_is_compressed_in_another_way_is_refused(kind: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "gzip.zip", "w") as file:
        for member in MEMBERS:
            file.writestr(f"gzip/{member}", b"x" * 1000, kind)
    with pytest.raises(DigitpadError, match="is not EMNIST's archive") as caught:
        list(unpack(tmp_path / "gzip.zip", tmp_path / "to"))
    assert "compression method" in str(caught.value.__cause__)


@pytest.mark.parametrize("name", ["a\0b", "a" * 300, "\ud800"])
def test_a_name_that_no_file_can_have_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    run = Run(tmp_path, RunInfo(name="a", recipe_name="a", recipe={}, created=datetime.now(UTC)), RECIPE, ())
    writers: list[Callable[[], object]] = [
        lambda: write_atomically(tmp_path / name, b""),
        lambda: check_writable(tmp_path / name / "x"),
        lambda: export_csv(run, tmp_path / f"{name}.csv"),
    ]
    for write in writers:
        with pytest.raises(DigitpadError, match="cannot be written"):
            write()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "\ud800", "..", "a/b", "a" * 300])
def test_a_folder_with_such_a_name_is_not_made(name: str, tmp_path: Path) -> None:
    with MyDigits.open() as mine:
        digits = [mine.add(INK, 3)]
    with pytest.raises(DigitpadError):
        export_idx(tmp_path, name, digits)
    assert list(tmp_path.iterdir()) == []


def test_a_recipe_whose_name_is_too_long_for_a_file_is_refused() -> None:
    with pytest.raises(DigitpadError, match="cannot be written"):
        save_recipe("𝒜" * 80, RECIPE)


def test_a_model_tuned_from_one_with_a_long_name_or_no_text_in_it_is_kept() -> None:
    from digitpad.core.fine_tuning.events import FineTuned, FineTuneScores, Score
    from digitpad.core.fine_tuning.fine_tuned_models import fine_tune_record, save_fine_tuned

    share = FineTuneScores(Score(1, 2), None)
    for made_from in ("a" * 240, "\udcff"):
        model = build(MLPSpec(hidden=(2,)))
        tuned = FineTuned(model, before=share, after=share, blend=1.0, digit_count=3, steps=1)
        entry = save_fine_tuned(tuned, made_from)
        assert entry.path.parent == user_models()
        assert fine_tune_record(entry.card) is not None


def test_a_message_is_one_short_line() -> None:
    sentence = str(DigitpadError(f"a\nb\x1b[31m\u202e{'x' * 5000}: choose another"))
    assert sentence.isprintable()
    assert len(sentence) < 500
    assert sentence.startswith("a b?[31m")
    assert sentence.endswith("choose another")

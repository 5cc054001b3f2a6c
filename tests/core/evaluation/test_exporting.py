"""Exports of samples: written files are read back and compared; a failed export leaves nothing."""

import csv
import errno
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation import exporting
from digitpad.core.evaluation.exporting import ExportProgress, export_folder, write_csv
from digitpad.core.evaluation.samples import Samples
from digitpad.core.files.csv_tables import format_csv, write_table
from digitpad.core.models.inference import probabilities_of
from tests.helpers.noise_samples import noise_samples, with_notes

CHOSEN = np.array([41, 3, 19, 20, 0])
NOTES = ["=1+1", "@x", "'quoted", 'says "4",\nperhaps', " -3", "네, 9 같아요 ✓", "\r=x\ry", "＝1", "", "plain"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def column(rows: list[dict[str, str]], name: str) -> list[float]:
    return [float(row[name]) for row in rows]


def folder_of(samples: Samples, indices: np.ndarray, parent: Path, name: str = "noise wrong") -> Path:
    *_, last = export_folder(parent, name, samples, indices)
    assert last.folder is not None
    return last.folder


def test_a_table_gives_back_every_number_exactly(tmp_path: Path) -> None:
    samples = noise_samples()
    write_csv(tmp_path / "a.csv", samples, CHOSEN)
    rows, first, second = rows_of(tmp_path / "a.csv"), samples.evaluation, samples.second_evaluation
    assert first is not None
    assert second is not None
    assert [(row["index"], row["part"], row["number"]) for row in rows] == [
        ("41", "test", "21"),
        ("3", "train", "3"),
        ("19", "train", "19"),
        ("20", "test", "0"),
        ("0", "train", "0"),
    ]
    assert column(rows, "label") == samples.digits.labels[CHOSEN].tolist()
    for name, values in (
        ("predicted", first.predicted),
        ("confidence", first.confidences),
        ("loss", first.losses),
        ("margin", first.margins),
        ("second_predicted", second.predicted),
        ("second_confidence", second.confidences),
    ):
        assert column(rows, name) == values[CHOSEN].tolist(), name
    assert {row["loss_name"] for row in rows} == {"cross-entropy"}
    for digit, probabilities in enumerate(probabilities_of(first.logits, first.output)[CHOSEN].T):
        assert column(rows, f"p{digit}") == probabilities.tolist()
        assert column(rows, f"logit{digit}") == first.logits[CHOSEN, digit].tolist()


def test_columns_of_missing_models_are_left_out(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", noise_samples(models=0), [1])
    assert list(rows_of(tmp_path / "a.csv")[0]) == [
        "index", "part", "number", "label", "suspect", "corrected", "note"
    ]  # fmt: skip
    write_csv(tmp_path / "b.csv", noise_samples(models=1), [1])
    names = list(rows_of(tmp_path / "b.csv")[0])
    assert "margin" in names
    assert "second_predicted" not in names


def test_notes_are_restored_and_never_read_as_formulas(tmp_path: Path) -> None:
    samples = with_notes(noise_samples(), NOTES)
    write_csv(tmp_path / "a.csv", samples, range(len(NOTES) + 1))
    rows = rows_of(tmp_path / "a.csv")
    assert [row["note"].removeprefix("'") for row in rows] == [*NOTES, ""]
    assert [row["note"][:2] for row in rows[:5]] == ["'=", "'@", "''", "sa", "' "]
    assert [row["suspect"] for row in rows] == [*["1"] * len(NOTES), "0"]
    assert [row["corrected"] for row in rows] == ["0", *[""] * len(NOTES)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")), min_size=1))
def test_any_text_is_restored_from_a_table(tmp_path: Path, texts: list[str]) -> None:
    write_table(tmp_path / "a.csv", ["text", "number"], [(text, -1.5) for text in texts])
    rows = rows_of(tmp_path / "a.csv")
    assert [row["text"].removeprefix("'") for row in rows] == texts
    assert not any(row["text"].lstrip().startswith(("=", "+", "-", "@")) for row in rows)
    assert {row["number"] for row in rows} == {"-1.5"}


def test_a_table_has_a_byte_order_mark_only_if_excel_needs_one() -> None:
    assert format_csv(["note"], [["a nine?"]]) == b"note\r\na nine?\r\n"
    assert format_csv(["note"], [["네"]]) == b"\xef\xbb\xbfnote\r\n\xeb\x84\xa4\r\n"


def test_a_folder_has_unchanged_images_and_a_table(tmp_path: Path) -> None:
    samples = noise_samples()
    folder = folder_of(samples, CHOSEN, tmp_path)
    assert folder == tmp_path / "noise wrong"
    rows = rows_of(folder / "samples.csv")
    assert [int(row["index"]) for row in rows] == CHOSEN.tolist()
    first = samples[41]
    assert rows[0]["file"] == f"00041-label{first.label}-pred{first.predicted}.png"
    assert {path.name for path in folder.iterdir()} == {"samples.csv", *(row["file"] for row in rows)}
    for row in rows:
        with Image.open(folder / row["file"]) as picture:
            assert (picture.mode, picture.format) == ("L", "PNG")
            assert np.array_equal(np.asarray(picture), samples.digits.images[int(row["index"])])
    assert list(tmp_path.iterdir()) == [folder]


def test_small_digits_are_written_at_full_scale_also_without_a_model(tmp_path: Path) -> None:
    samples = noise_samples(size=(8, 8), peak=16, part="test", models=0)
    folder = folder_of(samples, np.array([7]), tmp_path)
    with Image.open(folder / f"00007-label{samples[7].label}.png") as picture:
        assert picture.size == (8, 8)
        pixels = np.asarray(picture)
    assert np.array_equal(np.round(pixels / 255 * 16), samples.digits.images[7])
    assert pixels.max() == 255


def test_an_existing_folder_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some 2").write_text("a file")
    (tmp_path / "some 3").symlink_to(tmp_path / "nowhere")
    assert folder_of(noise_samples(), CHOSEN, tmp_path, "some") == tmp_path / "some 4"
    assert not list((tmp_path / "some").iterdir())
    assert (tmp_path / "some 2").read_text() == "a file"


def test_a_folder_created_during_the_export_is_not_touched(tmp_path: Path) -> None:
    export = export_folder(tmp_path, "some", noise_samples(), CHOSEN)
    next(export)
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "theirs").touch()
    (tmp_path / "some 2").touch()
    *_, last = export
    assert last.folder == tmp_path / "some 3"
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["theirs"]


def test_progress_is_reported_and_the_last_report_has_the_folder(tmp_path: Path) -> None:
    states = list(export_folder(tmp_path, "all", noise_samples(), np.arange(60)))
    assert [state.done for state in states] == [0, 25, 50, 60, 60]
    assert {state.total for state in states} == {60}
    assert states[-1] == ExportProgress(60, 60, tmp_path / "all")
    assert not any(state.folder for state in states[:-1])


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_cancelled_export_leaves_nothing(tmp_path: Path, steps: int) -> None:
    export = export_folder(tmp_path, "all", noise_samples(), np.arange(60))
    for _ in range(steps):
        next(export)
    assert len(list(tmp_path.iterdir())) == (steps > 0)
    export.close()
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_reported_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = export_folder(tmp_path, "all", noise_samples(), np.arange(60))
    next(export)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(exporting, "_write_image", full)
    with pytest.raises(DigitpadError, match=r"all cannot be written \(the disk is full\): free some disk space"):
        list(export)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "..", "a/b", " . "])
def test_an_invalid_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DigitpadError, match="choose another name"):
        list(export_folder(tmp_path, name, noise_samples(), CHOSEN))


def test_a_folder_that_cannot_be_written_is_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for parent, name in ((tmp_path / "file", "some"), (tmp_path / "nowhere", "some"), (tmp_path, "x" * 300)):
        export = export_folder(parent, name, noise_samples(), CHOSEN)
        with pytest.raises(DigitpadError, match=r"choose another (folder|name)"):
            next(export)
    with pytest.raises(DigitpadError, match="choose another folder"):
        write_csv(tmp_path / "file" / "a.csv", noise_samples(), CHOSEN)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_samples_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="no sample to export"):
        write_csv(tmp_path / "a.csv", noise_samples(), [])
    with pytest.raises(DigitpadError, match="no sample to export"):
        next(export_folder(tmp_path, "some", noise_samples(), []))
    assert not list(tmp_path.iterdir())

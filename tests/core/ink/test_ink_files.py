"""Ink files are read line by line and written atomically."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.ink_files import InkSample, is_ink_file, read_ink, write_ink
from digitpad.core.ink.strokes import Ink


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_a_written_file_is_read_back(tmp_path: Path, seven: list[np.ndarray], name: str) -> None:
    samples = [
        InkSample(id="one", ink=Ink.of(seven, pen_width=16), label=7),
        InkSample(id="two", ink=Ink.of([[[1, 2]], [[3.25, 4.5], [5, 6]]])),
    ]
    write_ink(tmp_path / name, samples)
    first, second = read_ink(tmp_path / name)
    assert (first.id, first.label, first.digit, first.ink.pen_width) == ("one", 7, 7, 16)
    np.testing.assert_allclose(first.ink.strokes[0], seven[0])
    assert (second.id, second.label, second.digit) == ("two", None, None)
    assert [len(stroke) for stroke in second.ink.strokes] == [1, 2]


def test_gzip_is_detected_by_content_and_ink_by_name(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(gzip.compress(b'{"strokes": [[[0, 0]]], "label": "b"}\n\n'))
    (sample,) = read_ink(path)
    assert sample.id == "1"
    assert sample.label == "b"
    assert sample.digit is None
    assert is_ink_file(Path("X.JSONL.GZ"))
    assert not is_ink_file(Path("x.json"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not JSON"),
        ("[]", "strokes"),
        ('{"strokes": 5}', "strokes"),
        ('{"strokes": [[[0, "x"]]]}', "stroke"),
        ('{"strokes": [[[0, NaN]]]}', "finite"),
        ('{"strokes": [[0, 1]]}', "stroke"),
        ('{"strokes": [[[0, 1]]], "pen": -1}', "pen"),
        ('{"strokes": [[[0, 1]]], "label": [7]}', "label"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_named_and_earlier_lines_are_yielded(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"strokes": [[[0, 0]]]}\n' + line + "\n", encoding="utf-8")
    samples = read_ink(path)
    assert next(samples).id == "1"
    with pytest.raises(DigitpadError, match=rf"line 2.*{reason}"):
        next(samples)


def test_damaged_and_missing_files_are_named(tmp_path: Path) -> None:
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress(b'{"strokes": []}\n' * 1000)[:40])
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (cut, binary, tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(DigitpadError, match=path.name):
            list(read_ink(path))

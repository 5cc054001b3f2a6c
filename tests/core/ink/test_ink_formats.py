"""Ink of other programs: Quick, Draw!, InkML, UNIPEN, and points with pressure and time."""

from pathlib import Path

import numpy as np
import pytest

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.ink_files import InkSample, read_ink

INKML = """<?xml version="1.0" encoding="UTF-8"?>
<ink xmlns="http://www.w3.org/2003/InkML">
  <traceFormat><channel name="T" type="integer"/><channel name="X"/><channel name="Y"/></traceFormat>
  <annotation type="truth">7</annotation>
  <trace id="a">0 10 20, 5 110 20, 9 50 140</trace>
</ink>"""
GROUPS = """<ink><trace xml:id="t0">0 0, 0 50</trace><trace xml:id="t1">9 9, 50 9</trace>
<traceGroup><traceGroup><annotation type="truth">1</annotation><traceView traceDataRef="t0"/></traceGroup>
<traceGroup><annotation type="truth">$2$</annotation><traceView traceDataRef="#t1"/></traceGroup></traceGroup></ink>"""
UNIPEN = """.VERSION 1.0
.COORD X Y T
.SEGMENT DIGIT ? "7"
.PEN_DOWN
 10 100 1
 90 100 2
 40 0 3
.PEN_UP
.DT 100
.SEGMENT DIGIT ? "1"
.PEN_DOWN
 5 100 9
 5 0 10
.PEN_UP
"""
BY_NUMBER = """.COORD X Y
.SEGMENT CHARACTER 0-2 OK "4"
.SEGMENT CHARACTER 4 OK "1"
.PEN_DOWN
0 0
0 50
.PEN_UP
.PEN_DOWN
40 0
40 90
.PEN_UP
.PEN_DOWN
1 1
1 2
.PEN_UP
"""


def samples_of(path: Path, text: str) -> list[InkSample]:
    path.write_text(text, encoding="utf-8")
    return list(read_ink(path))


def strokes_of(sample: InkSample) -> list[list[list[float]]]:
    return [stroke.tolist() for stroke in sample.ink.strokes]


def test_quick_draws_lists_of_x_and_y_are_read_with_their_words(tmp_path: Path) -> None:
    text = '{"word":"seven","key_id":"5","recognized":true,"drawing":[[[0,100,50],[0,0,120]],[[1,2],[3,4],[5,6]]]}\n'
    (sample,) = samples_of(tmp_path / "a.ndjson", text)
    assert (sample.id, sample.digit) == ("5", 7)
    assert strokes_of(sample) == [[[0, 0], [100, 0], [50, 120]], [[1, 3], [2, 4]]]


def test_points_with_pressure_and_time_are_read(tmp_path: Path) -> None:
    first, second = samples_of(
        tmp_path / "a.jsonl",
        '{"label":7,"strokes":[[[0,0,0.5,1],[9,0,0.5,2]]]}\n'
        '{"label":4,"points":[[0,0,0.5,1],[0,5,0.5,2],[9,9,0,3],[4,0,0.7,4],[4,9,0.5,5]]}\n',
    )
    assert strokes_of(first) == [[[0, 0], [9, 0]]]
    assert strokes_of(second) == [[[0, 0], [0, 5]], [[4, 0], [4, 9]]]


def test_inkml_is_read_with_its_channels_and_label(tmp_path: Path) -> None:
    (sample,) = samples_of(tmp_path / "a.inkml", INKML)
    assert sample.digit == 7
    assert strokes_of(sample) == [[[10, 20], [110, 20], [50, 140]]]


def test_each_labelled_group_of_traces_is_a_drawing(tmp_path: Path) -> None:
    first, second = samples_of(tmp_path / "a.inkml", GROUPS)
    assert (first.digit, second.digit) == (1, 2)
    assert (strokes_of(first), strokes_of(second)) == ([[[0, 0], [0, 50]]], [[[9, 9], [50, 9]]])


def test_unipen_is_read_with_y_downwards(tmp_path: Path) -> None:
    first, second = samples_of(tmp_path / "a.unp", UNIPEN)
    assert (first.digit, second.digit) == (7, 1)
    assert strokes_of(first) == [[[10, -100], [90, -100], [40, 0]]]
    np.testing.assert_array_equal(second.ink.strokes[0][:, 1], [-100, 0])


@pytest.mark.parametrize("encoding", ["latin-1", "UTF-16", "x-nothing"])
def test_the_encoding_that_inkml_declares_does_not_matter(encoding: str, tmp_path: Path) -> None:
    (sample,) = samples_of(tmp_path / "a.inkml", INKML.replace("UTF-8", encoding))
    assert sample.digit == 7


def test_segments_of_unipen_name_strokes_by_their_numbers_with_the_pen_up(tmp_path: Path) -> None:
    first, second = samples_of(tmp_path / "a.unp", BY_NUMBER)
    assert (first.digit, len(first.ink.strokes)) == (4, 2)
    assert (second.digit, strokes_of(second)) == (1, [[[1, -1], [1, -2]]])


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.inkml", INKML[:-10], "not complete XML"),
        ("a.inkml", '<!DOCTYPE a [<!ENTITY b "c">]><ink></ink>', "definitions of its own"),
        ("a.inkml", "<ink><trace>'1 2, '3 4</trace></ink>", "no plain numbers"),
        ("a.inkml", "<ink><trace>1</trace></ink>", "less than two numbers"),
        ("a.unp", ".COORD X Y\n.PEN_DOWN\n1 x\n", "“1 x”, which is no pair of numbers"),
        ("a.ndjson", '{"word":"one","drawing":[[1,2]]}', "list of [x, y] pairs"),
        ("a.ndjson", '{"word":"one"}', "no list “strokes”"),
    ],
)
def test_damaged_ink_is_refused_with_its_file(name: str, text: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError) as caught:
        samples_of(tmp_path / name, text)
    assert sentence in str(caught.value)
    assert name in str(caught.value)

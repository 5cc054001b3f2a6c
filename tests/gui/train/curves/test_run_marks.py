"""Compared runs differ by more than their colour."""

import pytest
from PySide6.QtGui import QFont

from digitpad.gui.theme.colours import theme_colours
from digitpad.gui.train.curves.style import CurveStyle


@pytest.mark.usefixtures("themes")
def test_the_tests_of_neighbouring_runs_have_marks_of_different_shapes() -> None:
    style = CurveStyle(theme_colours("light"), QFont())
    strokes = [style.stroke(number, "test_accuracy", is_by_part=False) for number in range(4)]
    assert len({(stroke.mark, stroke.is_hollow) for stroke in strokes}) == 4
    training = [style.stroke(number, "train_accuracy", is_by_part=False) for number in range(4)]
    assert {stroke.mark for stroke in training} == {""}, "marks on each of many batches would hide the line"


@pytest.mark.usefixtures("themes")
def test_runs_in_one_colour_scale_have_no_marks() -> None:
    style = CurveStyle(theme_colours("light"), QFont(), shares=(0.0, 0.5, 1.0))
    assert {style.stroke(number, "test_accuracy", is_by_part=False).mark for number in range(3)} == {""}

"""The pad's drawing and its history."""

import numpy as np

from digitpad.core.ink.drawing import EMPTY, Drawing
from digitpad.core.ink.strokes import Ink
from digitpad.gui.session.pad_document import Pad
from digitpad.gui.session.session import Session

LINE, CROSS = (Drawing(Ink.of([np.array([[0.0, 0.0], [x, 9.0]])])) for x in (5, 7))


def test_undo_and_redo_show_the_drawings_of_the_history(qapp: object) -> None:
    pad, shown = Pad(), list[Drawing]()
    pad.drawing_changed.connect(shown.append)
    pad.change(LINE, "stroke")
    pad.change(CROSS, "stroke")
    pad.undo_stack.undo()
    pad.undo_stack.undo()
    pad.undo_stack.redo()
    assert [id(drawing) for drawing in shown] == [id(drawing) for drawing in (LINE, CROSS, LINE, EMPTY, LINE)]
    assert pad.drawing is LINE


def test_a_history_that_is_full_forgets_its_oldest_change(qapp: object) -> None:
    pad = Pad()
    pad.undo_stack.setUndoLimit(2)
    for drawing in (LINE, CROSS, LINE, CROSS):
        pad.change(drawing, "stroke")
        assert pad.drawing is drawing
    while pad.undo_stack.canUndo():
        pad.undo_stack.undo()
    assert pad.drawing is CROSS


# PySide crashes if the garbage collector deletes the commands of a history before the history.
def test_a_closed_session_has_its_drawing_but_no_history(session: Session) -> None:
    session.pad.change(LINE, "stroke")
    session.close()
    assert session.pad.undo_stack.count() == 0
    assert session.pad.drawing is LINE

"""The drawing on the pad, and its undo stack."""

from typing import cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoCommand, QUndoStack

from digitpad.core.ink.drawing import EMPTY, Drawing

_LONGEST_HISTORY = 500


class Pad(QObject):
    """Owns the drawing. Every change can be undone, Clear and opened files too."""

    drawing_changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._drawing = EMPTY
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_LONGEST_HISTORY)
        self.undo_stack.indexChanged.connect(self._on_index_changed)

    @property
    def drawing(self) -> Drawing:
        """What is drawn, without a stroke still under the pen."""
        return self._drawing

    def change(self, drawing: Drawing, what: str) -> None:
        """Replace the drawing; `what` names the change in the Edit menu."""
        if drawing is not self._drawing:
            self.undo_stack.push(_Change(self._drawing, drawing, what))

    def clear(self) -> None:
        """Empty the pad."""
        if self._drawing:
            self.change(EMPTY, self.tr("clear"))

    def bring_back(self, drawing: Drawing, what: str) -> None:
        """Show a drawing that was cleared; if nothing was changed since, by undoing that."""
        index = self.undo_stack.index()
        newest = cast("_Change", self.undo_stack.command(index - 1)) if index else None
        if newest is not None and newest.before is drawing and newest.after is self._drawing:
            self.undo_stack.undo()
        else:
            self.change(drawing, what)

    def close(self) -> None:
        """Forget the history: PySide crashes if the garbage collector deletes the commands before the stack."""
        self.undo_stack.clear()

    @Slot(int)
    def _on_index_changed(self, index: int) -> None:
        """Show the drawing after the newest change that is not undone."""
        if not self.undo_stack.count():
            return  # the history was cleared
        change = cast("_Change", self.undo_stack.command(max(index - 1, 0)))
        self._drawing = change.after if index else change.before
        self.drawing_changed.emit(self._drawing)


class _Change(QUndoCommand):
    """The drawings before and after a change. It does not know the pad: references in a circle need the collector."""

    def __init__(self, before: Drawing, after: Drawing, what: str) -> None:
        super().__init__(what)
        self.before, self.after = before, after

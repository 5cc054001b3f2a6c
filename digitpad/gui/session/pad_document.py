"""The drawing on the pad, and its undo stack."""

from PySide6.QtCore import QObject, Signal
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

    @property
    def drawing(self) -> Drawing:
        """What is drawn, without a stroke still under the pen."""
        return self._drawing

    def change(self, drawing: Drawing, what: str) -> None:
        """Replace the drawing; `what` names the change in the Edit menu."""
        if drawing is not self._drawing:
            self.undo_stack.push(_Change(self, self._drawing, drawing, what))

    def clear(self) -> None:
        """Empty the pad."""
        if self._drawing:
            self.change(EMPTY, self.tr("clear"))

    def _show(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self.drawing_changed.emit(drawing)


class _Change(QUndoCommand):
    def __init__(self, pad: Pad, before: Drawing, after: Drawing, what: str) -> None:
        super().__init__(what)
        self._pad, self._before, self._after = pad, before, after

    def redo(self) -> None:
        self._pad._show(self._after)  # noqa: SLF001 - the pad's own command

    def undo(self) -> None:
        self._pad._show(self._before)  # noqa: SLF001

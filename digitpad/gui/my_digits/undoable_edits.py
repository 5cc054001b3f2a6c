"""Relabelling and deleting in My digits, with undo."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.gui.session.my_digits.service import MyDigitsService
from digitpad.gui.session.my_digits.worker import Job, Relabel, Restore

if TYPE_CHECKING:
    from digitpad.core.my_digits.record import MyDigit

_MAX_UNDO = 100


class UndoableEdits(QObject):
    """Requests changes, and remembers how to undo each of them once it is done."""

    done = Signal(str)  # what was done, as text; `undo` reverts it
    missed = Signal(str)  # why a change had no effect, as text
    undone = Signal(str, object)  # what was undone, as text; the ids of the digits, a tuple

    def __init__(self, my_digits: MyDigitsService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._my_digits = my_digits
        self._pending: dict[Job, Relabel | Restore] = {}  # with the edit that undoes each
        self._undoing: set[Job] = set()
        self._undo: list[Relabel | Restore] = []

        my_digits.deleted.connect(self._on_done)
        my_digits.relabelled.connect(self._on_done)
        my_digits.restored.connect(self._on_done)

    def delete(self, digits: "Sequence[MyDigit]") -> None:
        """Delete some digits."""
        if digits:
            job = self._my_digits.delete([digit.id for digit in digits])
            self._pending[job] = Restore(job.numbers)

    def relabel(self, digits: "Sequence[MyDigit]", label: int) -> None:
        """Change the label of some digits; those that have it already are left alone."""
        before = {digit.id: digit.label for digit in digits if digit.label != label}
        if before:
            self._pending[self._my_digits.relabel(dict.fromkeys(before, label))] = Relabel(before)

    @Slot()
    def undo(self) -> None:
        """Undo the last change."""
        if not self._undo:
            return
        match self._undo.pop():
            case Restore(numbers):
                self._undoing.add(self._my_digits.restore(numbers))
            case Relabel(labels):
                self._undoing.add(self._my_digits.relabel(labels))

    @Slot(object, int)
    def _on_done(self, job: Job, count: int) -> None:
        if job in self._undoing:
            self._undoing.discard(job)
            ids = tuple(job.labels) if isinstance(job, Relabel) else job.numbers if isinstance(job, Restore) else ()
            if count:
                self.undone.emit(self._undone_text(job, count) + self._gone_text(len(ids) - count), ids)
            else:
                self.missed.emit(self.tr("This cannot be undone: another window has changed it since"))
        elif (back := self._pending.pop(job, None)) is not None:
            asked = len(back.labels if isinstance(back, Relabel) else back.numbers)
            if count:
                self._undo = [*self._undo, back][-_MAX_UNDO:]
                self.done.emit(self._done_text(job, count) + self._gone_text(asked - count))
            else:
                one, several = self.tr("The digit was"), self.tr("The digits were")
                text = self.tr("{} already deleted, perhaps in another window")
                self.missed.emit(text.format(one if asked == 1 else several))

    def _done_text(self, job: Job, count: int) -> str:
        if isinstance(job, Relabel):
            label = next(iter(job.labels.values()))
            one, several = self.tr("1 digit relabelled as {1}"), self.tr("{0:,} digits relabelled as {1}")
            return (one if count == 1 else several).format(count, label)
        return self.tr("1 digit deleted") if count == 1 else self.tr("{:,} digits deleted").format(count)

    def _gone_text(self, gone: int) -> str:
        return self.tr("; {:,} had been deleted elsewhere").format(gone) if gone else ""

    def _undone_text(self, job: Job, count: int) -> str:
        if isinstance(job, Relabel):
            one, several = (
                self.tr("1 digit has its old label again"),
                self.tr("{:,} digits have their old labels again"),
            )
        else:
            one, several = self.tr("1 digit restored"), self.tr("{:,} digits restored")
        return one if count == 1 else several.format(count)

"""The user's digits written for other programs, in the background."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.gui.session import Session
from digitpad.gui.workers import GeneratorThread

if TYPE_CHECKING:
    from digitpad.core.my_digit import MyDigit
    from digitpad.core.new_folders import ExportProgress

Kind = Literal["ink", "pictures", "idx"]


@dataclass(frozen=True, slots=True)
class Exported:
    """Where the digits are, how many, and how many are not, having no strokes."""

    place: Path
    written: int
    left_out: int


class OwnExport(QObject):
    """One export at a time; each ends with one of `exported`, `cancelled` and `failed`."""

    progressed = Signal(int, int)  # done, and of how many
    exported = Signal(object)
    cancelled = Signal()
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: GeneratorThread | None = None
        self._exported: Exported | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is being written."""
        return self._thread is not None

    def start(self, kind: Kind, place: Path, name: str, digits: "Sequence[MyDigit]") -> None:
        """Write an ink file `place`, or a folder of that name in it; while another is written, nothing happens."""
        if self._thread:
            return
        self._exported = None
        # The session's child, and not the window's: whichever goes first, the thread is ended before it is deleted.
        self._thread = GeneratorThread(lambda: _exporting(kind, place, name, digits), self._session)
        self._thread.yielded.connect(self._on_yielded)
        self._thread.returned.connect(self._on_ended)
        self._thread.stopped.connect(self._on_ended)
        self._thread.errored.connect(self._on_errored)
        self._session.add_thread(self._thread)
        self._thread.start()

    @Slot()
    def cancel(self) -> None:
        """Stop, and leave nothing behind."""
        if self._thread:
            self._thread.ask_to_stop()

    @Slot(tuple)
    def _on_yielded(self, states: "tuple[ExportProgress | Exported, ...]") -> None:
        newest = states[-1]
        if isinstance(newest, Exported):
            self._exported = newest
        else:
            self.progressed.emit(newest.done, newest.total)

    @Slot()
    def _on_ended(self) -> None:
        self._let_go()
        if self._exported is not None:  # however late somebody cancelled
            self.exported.emit(self._exported)
        else:
            self.cancelled.emit()

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        self._let_go()
        self.failed.emit(error)

    def _let_go(self) -> None:
        if self._thread:
            self._thread.wait()
            self._session.remove_thread(self._thread)
            self._thread.deleteLater()
            self._thread = None


def _exporting(
    kind: Kind, place: Path, name: str, digits: "Sequence[MyDigit]"
) -> "Generator[ExportProgress | Exported, None, None]":
    from digitpad.core.my_digits_exports import export_idx, export_ink, exporting_pictures

    if kind == "ink":
        counts = export_ink(place, digits)
        yield Exported(place, counts.written, counts.left_out)
    elif kind == "idx":
        yield Exported(export_idx(place, name, digits), len(digits), 0)
    else:
        for progress in exporting_pictures(place, name, digits):
            yield progress if progress.folder is None else Exported(progress.folder, len(digits), 0)

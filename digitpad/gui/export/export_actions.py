"""Exports started from a tab: a message shows the progress with a button to cancel, and then the result."""

from collections.abc import Callable, Generator
from typing import cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from digitpad.gui.export.background_export import BackgroundExport
from digitpad.gui.session.session import Session
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.sentences import error_text


class ExportActions(QObject):
    """Runs one export at a time; subclasses ask for a path and phrase the result."""

    def __init__(self, session: Session, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._messages = session, messages
        self._export = BackgroundExport(session, self)

        self._export.progressed.connect(self._on_progressed)
        self._export.exported.connect(self._on_exported)
        self._export.cancelled.connect(self._on_cancelled)
        self._export.failed.connect(self._on_failed)

    @property
    def is_busy(self) -> bool:
        """Whether an export is running."""
        return self._export.is_busy

    @property
    def _window(self) -> QWidget:
        # Not kept as an attribute: a cycle of references would keep both alive after the window is closed.
        return cast("QWidget", self.parent())

    def _is_refused(self) -> bool:
        """Refuse a second export while one is running, and offer to cancel that one."""
        if self.is_busy:
            # With a button: the message that had it may be closed.
            text = self.tr("An export is running: wait until it is done, or cancel it")
            self._messages.offer(text, self.tr("Cancel"), self._export.cancel)
        return self.is_busy

    def _run(self, make: Callable[[], Generator[object, None, None]], text: str) -> None:
        """Run an export as `BackgroundExport.run` does; `text` is shown until the first progress."""
        self._messages.offer(text, self.tr("Cancel"), self._export.cancel, lasts=True)
        self._export.run(make)

    def _progress_text(self, done: int, total: int) -> str:
        return self.tr("Exporting {:,} of {:,} pictures…").format(done, total)

    def _result_text(self, result: object) -> str:
        return self.tr("Saved to {}").format(result)

    @Slot(int, int)
    def _on_progressed(self, done: int, total: int) -> None:
        self._messages.update_offer(self._progress_text(done, total))

    @Slot(object)
    def _on_exported(self, result: object) -> None:
        self._messages.end_offer()
        self._messages.inform(self._result_text(result))

    @Slot()
    def _on_cancelled(self) -> None:
        self._messages.end_offer()
        self._messages.inform(self.tr("The export was cancelled: nothing was saved."))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._messages.end_offer()
        self._messages.warn(error_text(error, self.tr("The export failed.")))

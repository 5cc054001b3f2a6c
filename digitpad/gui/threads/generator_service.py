"""Base class of services that drain a generator in a worker thread."""

from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, Slot

from digitpad.gui.threads.generator_worker import GeneratorWorker
from digitpad.gui.threads.pad_priority import PadPriority


class GeneratorService(QObject):
    """Runs one generator at a time. Subclasses override the three `_handle_…` methods.

    When `_handle_end` or `_handle_error` is called, the thread has ended and another one can be started.
    """

    def __init__(self, parent: QObject | None = None, *, priority: PadPriority | None = None) -> None:
        super().__init__(parent)
        self._priority = priority
        self._worker: GeneratorWorker | None = None

    @property
    def worker(self) -> GeneratorWorker | None:
        """The thread, while it runs."""
        return self._worker

    def close(self) -> None:
        """Stop, and wait until the thread has ended."""
        if self._worker:
            self._worker.stop()

    def _start_worker(
        self,
        make: Callable[[], Generator[object, None, None]],
        owner: QObject | None = None,
        *,
        ends_step: Callable[[object], bool] = lambda _: False,
        pace: float = 0.0,
    ) -> None:
        """Start a thread that drains the generator; `owner` is the thread's parent, if not this service.

        `ends_step` and `pace` are those of `GeneratorWorker`.
        """
        self._worker = GeneratorWorker(make, owner or self, priority=self._priority, ends_step=ends_step)
        self._worker.set_pace(pace)
        self._worker.yielded.connect(self._on_yielded)
        self._worker.returned.connect(self._on_returned)
        self._worker.stopped.connect(self._on_stopped)
        self._worker.errored.connect(self._on_errored)
        self._worker.start()

    def _request_stop(self) -> None:
        if self._worker:
            self._worker.request_stop()

    def _handle_values(self, values: tuple) -> None:
        """Handle values that the generator yielded, oldest first."""
        raise NotImplementedError

    def _handle_end(self, *, was_stopped: bool) -> None:
        """Handle the end: the generator returned, or it was stopped."""
        raise NotImplementedError

    def _handle_error(self, error: Exception) -> None:
        """Handle an exception of the generator."""
        raise NotImplementedError

    @Slot(tuple)
    def _on_yielded(self, values: tuple) -> None:
        self._handle_values(values)

    @Slot()
    def _on_returned(self) -> None:
        self._release()
        self._handle_end(was_stopped=False)

    @Slot()
    def _on_stopped(self) -> None:
        self._release()
        self._handle_end(was_stopped=True)

    @Slot(object)
    def _on_errored(self, error: Exception) -> None:
        self._release()
        self._handle_error(error)

    def _release(self) -> None:
        if self._worker:
            self._worker.wait()
            self._worker.deleteLater()
            self._worker = None

"""What can be done with a finished run: use it on the pad, export it, delete it with undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol, cast

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QWidget

from digitpad.core.files.atomic import write_atomically
from digitpad.core.models.model_files import Epoch, ModelEntry
from digitpad.core.runs.batch_curve import BatchCurve, read_batch_curve
from digitpad.core.runs.exporting import export_run
from digitpad.core.runs.exports.tensorboard_log import export_tensorboard
from digitpad.core.runs.run_folder import Run
from digitpad.gui.session.file_dialogs import choose_folder, choose_save_path, safe_name
from digitpad.gui.session.session import Session
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.train.runs.differences_dialog import DifferencesDialog
from digitpad.gui.train.runs.longer_dialog import LongerDialog
from digitpad.gui.train.runs.runs_model import Row
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.sentences import error_text, sentence

_CURVE_FILES = ("csv", "png", "svg")
_LONGEST_NAME = 32  # letters, in a menu


@dataclass(frozen=True, slots=True)
class _Export:
    run: Run
    path: Path
    kind: str
    epoch: Epoch | None = None  # of weights
    curves: bytes | None = None  # the curves as a file; painted in the GUI thread, as Qt requires


class CurveFiles(Protocol):
    """Returns the curves of a run as a "png", "svg" or "csv" file; of one that is not shown with its kept curve."""

    def shows(self, run: Run) -> bool: ...

    def curve_file(self, run: Run, kind: str, kept: BatchCurve | None = None) -> bytes: ...


class RunActions(QObject):
    """Acts on runs, exports in the background, and reports the results in the message bar."""

    longer_requested = Signal(object, int)  # a run, and its number of epochs in all

    def __init__(self, session: Session, messages: MessageBar, curves: CurveFiles, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._messages, self._curves = session, messages, curves
        self._requested: Run | None = None  # the run whose model is being loaded for the pad
        self._offered = ""  # the message that offers to take back a deletion
        self.undo = QAction(self)
        self.undo.setShortcut(QKeySequence.StandardKey.Undo)
        self.undo.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        parent.addAction(self.undo)
        self._worker = SerialWorker(_write, parent=session)  # in order, so that every export is written
        self._reader = SerialWorker(_read_curve, parent=session)

        self._reader.answered.connect(self._on_curve_read)
        self._reader.failed.connect(self._on_failed)
        self._worker.answered.connect(self._on_exported)
        self._worker.failed.connect(self._on_failed)
        self.undo.triggered.connect(session.runs.undo_delete)
        session.models.chosen_changed.connect(self._on_model_changed)
        session.runs.changed.connect(self._on_runs_changed)
        session.runs.restored.connect(self._on_restored)
        self._on_runs_changed()

    @property
    def _window(self) -> QWidget:
        # Not an attribute: a reference cycle would keep both alive after the window is closed.
        return cast("QWidget", self.parent())

    @Slot(object)
    def use(self, run: Run) -> None:
        """Use a run's model on the Draw tab."""
        if run.model_problem:
            self._messages.warn(sentence(run.model_problem))
            return
        self._messages.hide()
        self._requested = run
        self._session.use_run(run)

    @Slot(object, str)
    def export(self, run: Run, kind: str) -> None:
        """Ask for a file, or for TensorBoard a folder, and export to it; weights are "best.onnx", "last.onnx" …."""
        window, settings = self._window, self._session.settings
        if kind == "tensorboard":
            path = choose_folder(window, settings, self.tr("Folder for TensorBoard"))
        else:
            suffix, name = kind.rpartition(".")[2], safe_name(run.name, run.id)
            name += " last" if kind.startswith("last.") else ""
            path = choose_save_path(window, settings, self.tr("Export"), f"{name}.{suffix}", {suffix: f"*.{suffix}"})
        if path:
            self.export_to(run, kind, path)

    def export_to(self, run: Run, kind: str, path: Path) -> None:
        """Export to a file, or for TensorBoard to a folder; see `export`."""
        which, _, kind = kind.rpartition(".")
        if kind != "tensorboard" and path.suffix.lower() != f".{kind}":
            path = path.with_name(f"{path.name}.{kind}")
        self._messages.inform(self.tr("Exporting {}…").format(run.name), fades=False)
        export = _Export(run, path, kind, cast("Epoch", which) if which else None)
        if kind not in _CURVE_FILES:
            self._worker.submit(export)
        elif self._curves.shows(run):
            self._worker.submit(replace(export, curves=self._curves.curve_file(run, kind)))
        else:
            self._reader.submit(export)

    @Slot(list)
    def show_differences(self, pair: list[Run]) -> None:
        """Show what differs between two runs."""
        dialog = DifferencesDialog(pair[0], pair[1], self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(object)
    def ask_to_train_longer(self, run: Run) -> None:
        """Ask for the number of epochs in all; `longer_requested` follows."""
        dialog = LongerDialog(run, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.epochs_chosen.connect(partial(self.longer_requested.emit, run))
        dialog.open()

    @Slot(object)
    def open_folder(self, folder: Path) -> None:
        """Open a run's folder in the system's file manager; if that fails, show its path."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._messages.inform(self.tr("The folder is {}.").format(folder))

    @Slot(list)
    def delete(self, runs: Sequence[Row]) -> None:
        """Delete runs, and offer to undo it."""
        count = self._session.runs.delete(runs)
        if count:
            one, several = self.tr("“{}” deleted."), self.tr("{} runs deleted.")
            names = self._session.runs.deleted_last
            self._offered = one.format(names[0]) if count == 1 else several.format(count)
            self._messages.offer(self._offered, self.tr("Undo"), self._session.runs.undo_delete)

    @Slot()
    def _on_runs_changed(self) -> None:
        names = self._session.runs.deleted_last
        text = self.tr("&Undo")
        if names:
            one, several = self.tr("&Undo: delete “{}”"), self.tr("&Undo: delete {} runs")
            text = one.format(_shortened(names[0])) if len(names) == 1 else several.format(len(names))
        self.undo.setText(text)
        self.undo.setEnabled(bool(names))

    @Slot()
    def _on_restored(self) -> None:
        if self._offered:
            self._messages.retract(self._offered)
            self._offered = ""

    @Slot(object)
    def _on_model_changed(self, entry: ModelEntry) -> None:
        if self._requested and entry.path.parent == self._requested.folder:
            self._messages.inform(self.tr("The Draw tab now uses “{}”.").format(self._requested.name))
        self._requested = None

    @Slot(object, object)
    def _on_curve_read(self, export: _Export, kept: BatchCurve) -> None:
        self._worker.submit(replace(export, curves=self._curves.curve_file(export.run, export.kind, kept)))

    @Slot(object, object)
    def _on_exported(self, _export: _Export, path: Path) -> None:
        self._messages.inform(self.tr("Saved to {}").format(path))

    @Slot(object, object)
    def _on_failed(self, _export: _Export, error: Exception) -> None:
        self._messages.warn(error_text(error, self.tr("The export failed.")))


def _shortened(name: str) -> str:
    """Return a name as a part of the text of a menu."""
    return (name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…").replace("&", "&&")


def _read_curve(export: _Export) -> BatchCurve:
    return read_batch_curve(export.run.folder)


def _write(export: _Export) -> Path:
    if export.kind == "tensorboard":
        export_tensorboard(export.run, export.path)
        return export.path / export.run.id
    if export.curves is not None:
        write_atomically(export.path, export.curves)
    else:
        export_run(export.run, export.path, export.epoch)
    return export.path

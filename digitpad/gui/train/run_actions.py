"""What can be done with a run besides training it: export, delete with undo, a look at its weights."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from digitpad.core.evaluation.weight_images import WeightImages, weight_images
from digitpad.core.files.atomic import write_atomically
from digitpad.core.models.model_files import BEST, load_model
from digitpad.core.runs.exporting import export_run, export_tensorboard
from digitpad.core.runs.run_folder import Run
from digitpad.gui.session.file_dialogs import choose_folder, choose_save_path
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.serial_worker import SerialWorker
from digitpad.gui.train.curves.learning_curves import LearningCurves
from digitpad.gui.train.curves.series import metrics_of
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.widgets.sentences import error_text


@dataclass(frozen=True, slots=True)
class _Export:
    run: Run
    path: Path
    kind: str
    picture: bytes | None = None  # of the curves, painted where alone that is allowed


class RunActions(QObject):
    """Asks for a place, works in the background, and says how it went."""

    weight_images_loaded = Signal(object)

    def __init__(self, session: Session, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._messages = session, messages
        self._export_worker = SerialWorker(_write, parent=session)  # nothing that was asked for is left out
        self._weights_worker = LatestOnlyWorker(_load_weight_images, session)
        self._export_worker.answered.connect(self._on_exported)
        self._export_worker.failed.connect(self._on_failed)
        self._weights_worker.answered.connect(self.weight_images_loaded)

    @property
    def _window(self) -> QWidget:
        # Not kept: each would hold the other, and neither would go when the window does.
        return cast("QWidget", self.parent())

    @Slot(object, str)
    def export(self, run: Run, kind: str) -> None:
        """Ask where to, and export."""
        window, settings = self._window, self._session.settings
        if kind == "tensorboard":
            place = choose_folder(window, settings, self.tr("Folder for TensorBoard"))
        else:
            place = choose_save_path(window, settings, self.tr("Export"), f"{run.id}.{kind}", {kind: f"*.{kind}"})
        if place:
            self.export_to(run, kind, place)

    def export_to(self, run: Run, kind: str, place: Path) -> None:
        """Export to a file, or for TensorBoard to a folder."""
        if kind != "tensorboard" and place.suffix.lower() != f".{kind}":
            place = place.with_name(f"{place.name}.{kind}")
        self._messages.inform(self.tr("Exporting {}…").format(run.name))
        picture = _curve_image(run, kind) if kind in ("png", "svg") else None
        self._export_worker.submit(_Export(run, place, kind, picture))

    @Slot(list)
    def delete(self, runs: list[Run]) -> None:
        """Delete runs, and offer to bring them back."""
        shelf = self._session.runs
        count = shelf.delete(runs)
        if count:
            words = self.tr("“{}” is deleted.").format(runs[0].name) if count == 1 else self.tr("{} runs are deleted.")
            self._messages.offer(words.format(count), self.tr("Undo"), shelf.undo_delete)

    def load_weight_images(self, run: Run) -> None:
        """Load a run's weights; `weight_images_loaded` brings the answer, None where there is nothing to see."""
        if not self._weights_worker.isRunning():
            self._weights_worker.start()
        self._weights_worker.submit(run)

    @Slot(object, object)
    def _on_exported(self, _export: _Export, place: Path) -> None:
        self._messages.inform(self.tr("Saved to {}").format(place))

    @Slot(object, object)
    def _on_failed(self, _export: _Export, error: Exception) -> None:
        self._messages.warn(error_text(error, self.tr("The export failed.")))


def _curve_image(run: Run, kind: str) -> bytes:
    curves = LearningCurves()
    curves.start(run.name, run.recipe.training.epochs, run.recipe.published)
    curves.add_epochs(metrics_of(run))
    picture = curves.png() if kind == "png" else curves.svg()
    curves.deleteLater()
    return picture


def _write(export: _Export) -> Path:
    if export.kind == "tensorboard":
        export_tensorboard(export.run, export.path)
        return export.path / export.run.id
    if export.picture is not None:
        write_atomically(export.path, export.picture)
    else:
        export_run(export.run, export.path)
    return export.path


def _load_weight_images(run: Run) -> WeightImages | None:
    return weight_images(load_model(run.folder / BEST, of_digits=False).model) if run.has_model else None

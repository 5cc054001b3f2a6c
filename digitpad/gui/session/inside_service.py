"""Looks inside a model: computes what the view of the network shows, in a thread."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.models.switched_off import Unit
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.threads.pad_priority import PadPriority
from digitpad.gui.widgets.sentences import error_text

if TYPE_CHECKING:  # they would delay the start
    from digitpad.core.evaluation.inside.exciting_images import ExcitingImages
    from digitpad.core.evaluation.inside.follower import (
        ExcitingRequest,
        Explains,
        InsideFollower,
        InsideRequest,
        InsideView,
    )
    from digitpad.core.evaluation.inside.unit_detail import Position
    from digitpad.core.models.activations import Activations
    from digitpad.core.models.model_files import LoadedModel


class InsideService(QObject):
    """Owns the image, the model and the units that are switched off. It computes only while its view is shown."""

    followed = Signal(object)  # InsideView
    emptied = Signal(str)  # nothing is followed; why, or ""
    opened_changed = Signal(object)  # the Unit that is shown in detail, or None
    excited = Signal(object)  # ExcitingImages
    not_excited = Signal(str)  # why there are none
    switched_off_changed = Signal(object)  # frozenset[Unit]
    problem_found = Signal(str)

    def __init__(self, parent: QObject, *, priority: PadPriority) -> None:
        super().__init__(parent)
        self._priority = priority
        self._follower: InsideFollower | None = None  # used in the thread
        self._worker = LatestOnlyWorker(self._follow, parent)
        self._exciting_follower: InsideFollower | None = None  # used in the other thread
        self._exciting = LatestOnlyWorker(self._excite, parent)
        self._image: tuple[Path | LoadedModel, np.ndarray] | None = None
        self._source: Path | LoadedModel | None = None  # of the image; None after another model was chosen
        self._activations: Activations | None = None  # of the image, if the answer brought them
        self._opened: Unit | None = None
        self._position: Position | None = None
        self._explains: Explains = ""
        self._switched_off: frozenset[Unit] = frozenset()
        self._is_active = False
        self._worker.answered.connect(self.followed)
        self._worker.failed.connect(self._on_failed)
        self._exciting.answered.connect(self.excited)
        self._exciting.failed.connect(self._on_exciting_failed)

    @property
    def opened(self) -> Unit | None:
        """The unit that is shown in detail."""
        return self._opened

    @property
    def switched_off(self) -> frozenset[Unit]:
        """The units that are switched off."""
        return self._switched_off

    @property
    def is_settled(self) -> bool:
        """Whether the newest image has its view."""
        return self._worker.is_settled and self._exciting.is_settled

    def show_image(
        self, source: "Path | LoadedModel", pixels: np.ndarray, activations: "Activations | None" = None
    ) -> None:
        """Follow an image, (height, width) float32 in [0, 1], through a model.

        `activations` are those of the image, without the units that are switched off, if they are known.
        """
        is_new_model = self._image is None or self._image[0] != source
        self._image, self._source, self._activations = (source, pixels), source, activations
        self._compute()
        if is_new_model:
            self._find_exciting()

    def show_nothing(self, reason: str = "") -> None:
        """Follow nothing; `reason` says why."""
        self._image = self._activations = None
        self._worker.forget()
        self.emptied.emit(reason)

    def set_active(self, *, active: bool) -> None:
        """Start or stop computing."""
        if active != self._is_active:
            self._is_active = active
            self._compute()

    def open_unit(self, unit: Unit | None) -> None:
        """Show a unit in detail, and look for the training images that excite it most; None for none."""
        if unit == self._opened:
            return
        self._opened, self._position = unit, None
        self.opened_changed.emit(unit)
        self._compute()
        self._find_exciting()

    @Slot(object)
    def set_position(self, position: "Position | None") -> None:
        """Work out the opened map at a position, or at its largest value."""
        self._position = position
        self._compute()

    def explain(self, explains: "Explains") -> None:
        """Compute a saliency map, see `InsideRequest`."""
        self._explains = explains
        self._compute()

    def switch(self, unit: Unit) -> None:
        """Switch a unit of a hidden layer off, or on again."""
        self._set_switched_off(self._switched_off ^ {unit})

    @Slot()
    def reset(self) -> None:
        """Switch all units on."""
        self._set_switched_off(frozenset())

    def forget_units(self) -> None:
        """Close the unit in detail, and switch all units on."""
        self.open_unit(None)
        self.reset()

    def forget_model(self) -> None:
        """Forget the units, and the model that has them: another one was chosen."""
        self._source = None
        self.forget_units()

    def has_units_of(self, view: "InsideView | None") -> bool:
        """Whether the units of a view are those of the present model, which may be newer by an epoch."""
        source = self._source
        if view is None or source is None:
            return False
        return view.request.source == source or (
            not isinstance(source, Path) and source.model.spec == view.activations.spec
        )

    def _set_switched_off(self, units: frozenset[Unit]) -> None:
        if units == self._switched_off:
            return
        self._switched_off, self._activations = units, None
        self.switched_off_changed.emit(units)
        self._compute()

    def _find_exciting(self) -> None:
        self._exciting.forget()
        if self._image is None or self._opened is None or not self._is_active:
            return
        from digitpad.core.evaluation.inside.follower import ExcitingRequest

        if not self._exciting.isRunning():
            self._exciting.start()
        self._exciting.submit(ExcitingRequest(self._image[0], self._opened, self._priority.wait_briefly))

    @Slot()
    def _compute(self) -> None:
        if self._image is None or not self._is_active:
            return
        from digitpad.core.evaluation.inside.follower import InsideRequest, InsideView

        source, pixels = self._image
        request = InsideRequest(source, pixels, self._switched_off, self._opened, self._position, self._explains)
        if self._activations is not None and request.is_simple:
            self._worker.forget()
            self.followed.emit(InsideView(request, self._activations))
            return
        if not self._worker.isRunning():
            self._worker.start()
        self._worker.submit(replace(request, activations=self._activations))

    def _follow(self, request: "InsideRequest") -> "InsideView":
        """Look inside; runs in the thread."""
        from digitpad.core.evaluation.inside.follower import InsideFollower

        self._follower = self._follower or InsideFollower()
        return self._follower.follow(request)

    def _excite(self, request: "ExcitingRequest") -> "ExcitingImages":
        """Find exciting images; runs in the other thread."""
        from digitpad.core.evaluation.inside.follower import InsideFollower

        self._exciting_follower = self._exciting_follower or InsideFollower()
        return self._exciting_follower.excite(request)

    @Slot(object)
    def _on_exciting_failed(self, error: Exception) -> None:
        self.not_excited.emit(error_text(error, self.tr("The training images cannot be searched.")))

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The layers cannot be computed.")))

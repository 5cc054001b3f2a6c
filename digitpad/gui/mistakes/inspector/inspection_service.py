"""Inspects the selected sample in the background."""

from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.evaluation.inspection import InspectionRequest, Inspector
from digitpad.core.evaluation.samples import ModelUnderTest, Sample, Samples
from digitpad.gui.session.session import Session
from digitpad.gui.threads.latest_worker import LatestOnlyWorker
from digitpad.gui.widgets.sentences import error_text


class InspectionService(QObject):
    """Inspects only the newest sample; never emits the result of an earlier one."""

    inspected = Signal(object)  # Inspection
    problem_found = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = LatestOnlyWorker(Inspector().inspect, session)
        self._thread.answered.connect(self.inspected)
        self._thread.failed.connect(self._on_failed)

    @property
    def is_settled(self) -> bool:
        """Whether the newest sample has its result."""
        return self._thread.is_settled

    def inspect(self, samples: Samples, sample: Sample, others: list[ModelUnderTest]) -> None:
        """Inspect a sample with the model that predicted it."""
        self._thread.forget()
        if not self._thread.isRunning():
            self._thread.start()
        which = samples.loaded.sample_set
        self._thread.submit(
            InspectionRequest(
                image=sample.image,
                peak=sample.peak,
                label=sample.label,
                predicted=sample.predicted,
                model=samples.loaded_model,
                others=tuple((other.name, other.source) for other in others),
                dataset=which.dataset,
                folder=which.folder,
                training_index=sample.number if sample.part == "train" else None,
                raw_pixels=which.raw_pixels,
            )
        )

    def forget(self) -> None:
        """Drop the pending result."""
        self._thread.forget()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self.problem_found.emit(error_text(error, self.tr("The sample cannot be inspected.")))

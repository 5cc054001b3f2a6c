"""Watches that tell when a step of a lesson is done; each listens to signals that the pages have anyway."""

from typing import TYPE_CHECKING, Generic, TypeVar, cast

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from digitpad.core.evaluation.sample_filter import Cell
from digitpad.core.evaluation.samples import Sample
from digitpad.core.ink.distortion import NEUTRAL
from digitpad.core.lessons import conditions as c
from digitpad.core.recognition.distorted_answers import DistortedAnswer
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Answer
from digitpad.core.training.events import EpochDone
from digitpad.gui.lessons.stage import Stage
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.training_service import TrainingEnded

if TYPE_CHECKING:  # it is loaded when it is first shown
    from digitpad.gui.break_it.break_it_panel import BreakItPanel

C = TypeVar("C", bound=c.Condition)


class Watch(QObject, Generic[C]):
    """Emits `met` once its condition is met, possibly several times."""

    met = Signal()

    def __init__(self, condition: C, window: QObject) -> None:
        super().__init__(window)
        self.condition = condition
        self._listen()

    @property
    def stage(self) -> Stage:
        """The window."""
        # Not an attribute: a reference cycle would keep the window alive after it is closed.
        return cast("Stage", self.parent())

    def _listen(self) -> None:
        """Connect to the signals that matter."""


class _Drew(Watch[c.Drew]):
    def _listen(self) -> None:
        self.stage.session.recognition.answered.connect(self._on_answered)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        models = self.stage.session.models
        if answer.question.as_number or self.stage.draw_tab.canvas.is_drawing:
            return
        number = models.compared.index(models.chosen)
        prediction = answer.predictions[number] if number < len(answer.predictions) else None
        digit = prediction.digit if isinstance(prediction, Prediction) else None
        if digit is not None and self.condition.digit in (None, digit):
            self.met.emit()


class _Trained(Watch[c.Trained]):
    def _listen(self) -> None:
        self._last: float | None = None  # test accuracy
        training = self.stage.session.training
        training.run_opened.connect(self._on_run_opened)
        training.epoch_done.connect(self._on_epoch_done)
        training.ended.connect(self._on_ended)

    @property
    def _counts(self) -> bool:
        job, wanted = self.stage.session.training.job, self.condition
        if job is None:
            return False
        recipe = job.recipe
        return (
            wanted.model in (None, recipe.model.kind)
            and wanted.loss in (None, recipe.training.loss)
            and wanted.dataset in (None, recipe.dataset)
        )

    @Slot()
    def _on_run_opened(self) -> None:
        self._last = None

    @Slot(object)
    def _on_epoch_done(self, event: EpochDone) -> None:
        self._last = event.test_accuracy
        if self._counts and self.condition.accuracy is not None and event.test_accuracy >= self.condition.accuracy:
            self.met.emit()

    @Slot(object)
    def _on_ended(self, ended: TrainingEnded) -> None:
        wanted = self.condition
        if not self._counts or wanted.accuracy is not None:
            return
        if wanted.at_most is None:
            is_met = ended.run is not None and not ended.problem
        else:
            is_met = ended.has_diverged or (self._last is not None and self._last <= wanted.at_most)
        if is_met:
            self.met.emit()


class _FoundMistake(Watch[c.FoundMistake]):
    def _listen(self) -> None:
        tab = self.stage.mistakes_tab
        tab.gallery.grid.chosen.connect(self._on_chosen)
        tab.overview.matrix.cells_requested.connect(self._on_cells_requested)

    @Slot(object)
    def _on_cells_requested(self, cells: frozenset[Cell]) -> None:
        """Count a click on a cell of the confusion matrix that has samples: the first of them is current now."""
        sample = self.stage.mistakes_tab.gallery.grid.current_sample
        if len(cells) == 1 and sample is not None and (sample.label, sample.predicted) in cells:
            self._on_chosen(sample)

    @Slot(object)
    def _on_chosen(self, sample: Sample) -> None:
        wanted = self.condition
        is_wanted = wanted.label in (None, sample.label) and wanted.predicted in (None, sample.predicted)
        if is_wanted and not sample.is_right:
            self.met.emit()


class _Looked(Watch[c.Looked]):
    def _listen(self) -> None:
        session, view = self.stage.session, self.condition.view
        action = self.stage.view_actions[view]
        if action.isCheckable():  # a view of the drawing
            action.toggled.connect(self._check)
            session.recognition.answered.connect(self._check)
            QTimer.singleShot(0, self, self._check)  # it may be open already
            return
        action.triggered.connect(self._on_opened)
        if view == "layers":
            session.layers.window_requested.connect(self._on_opened)

    @Slot()
    def _on_opened(self) -> None:
        self.met.emit()

    @Slot()
    def _check(self) -> None:
        stage = self.stage
        is_open = stage.view_actions[self.condition.view].isChecked() and stage.page_name == "draw"
        if is_open and stage.session.pad.drawing:
            self.met.emit()


class _OpenedTab(Watch[c.OpenedTab]):
    def _listen(self) -> None:
        self.stage.page_changed.connect(self._on_page_changed)
        QTimer.singleShot(0, self, self._on_page_changed)  # it may be open already

    @Slot()
    def _on_page_changed(self) -> None:
        if self.stage.page_name == self.condition.tab:
            self.met.emit()


class _OpenedUnit(Watch[c.OpenedUnit]):
    def _listen(self) -> None:
        self.stage.session.inside.opened_changed.connect(self._check)
        self.stage.view_actions["inside"].toggled.connect(self._check)
        QTimer.singleShot(0, self, self._check)  # it may be open already

    @Slot()
    def _check(self) -> None:
        stage = self.stage
        is_seen = stage.view_actions["inside"].isChecked() and stage.page_name == "draw"
        if is_seen and stage.session.inside.opened is not None:
            self.met.emit()


class _SwitchedOff(Watch[c.SwitchedOff]):
    def _listen(self) -> None:
        self.stage.session.inside.switched_off_changed.connect(self._check)
        QTimer.singleShot(0, self, self._check)  # they may be off already

    @Slot()
    def _check(self) -> None:
        if len(self.stage.session.inside.switched_off) >= self.condition.count:
            self.met.emit()


class _Broke(Watch[c.Broke]):
    def _listen(self) -> None:
        self._panel: BreakItPanel | None = None
        self.stage.view_actions["break-it"].toggled.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Follow the view, which is created when it is first shown."""
        panel = self.stage.draw_tab.break_it
        if panel is not None and self._panel is None:
            self._panel = panel
            panel.answered.connect(self._on_answered)

    @Slot(object)
    def _on_answered(self, answer: DistortedAnswer) -> None:
        by, distortion = self.condition.by, answer.distortion
        is_distorted = distortion != NEUTRAL if by is None else getattr(distortion, by) != getattr(NEUTRAL, by)
        read = (one.best for one in answer.predictions if isinstance(one, Prediction))
        if is_distorted and answer.wanted is not None and any(digit != answer.wanted for digit in read):
            self.met.emit()


class _MadeGate(Watch[c.MadeGate]):
    def _listen(self) -> None:
        self.stage.gates.by_hand.tried.connect(self._on_tried)
        self.stage.view_actions["gates"].triggered.connect(self._on_shown)

    @Slot()
    def _on_shown(self) -> None:
        self.stage.gates.by_hand.tell()  # the weights may be right already

    @Slot(str, int)
    def _on_tried(self, gate: str, right: int) -> None:
        if gate == self.condition.gate and right >= self.condition.right:
            self.met.emit()


class _KeptDigits(Watch[c.KeptDigits]):
    def _listen(self) -> None:
        self._drawings: list[object] = []  # the same drawing may get another label
        self.stage.session.my_digits.kept.connect(self._on_kept)

    @Slot(object, object, object)
    def _on_kept(self, drawing: object, _digit: object, _before: object) -> None:
        if not any(drawing is known for known in self._drawings):
            self._drawings.append(drawing)
        if len(self._drawings) >= self.condition.count:
            self.met.emit()


class _LearnedMyDigits(Watch[c.LearnedMyDigits]):
    def _listen(self) -> None:
        self.stage.session.fine_tuning.state_changed.connect(self._on_state_changed)

    @Slot(object)
    def _on_state_changed(self, state: FineTuningState) -> None:
        if state is FineTuningState.DONE:
            self.met.emit()


_WATCHES: dict[type, type[Watch]] = {
    c.Drew: _Drew,
    c.Trained: _Trained,
    c.FoundMistake: _FoundMistake,
    c.Looked: _Looked,
    c.OpenedTab: _OpenedTab,
    c.OpenedUnit: _OpenedUnit,
    c.SwitchedOff: _SwitchedOff,
    c.Broke: _Broke,
    c.MadeGate: _MadeGate,
    c.KeptDigits: _KeptDigits,
    c.LearnedMyDigits: _LearnedMyDigits,
}


def watch(condition: c.Condition, window: QObject) -> Watch:
    """Return a watch for a condition, a child of the window, which is a `Stage`; delete it when its step is left."""
    return _WATCHES[type(condition)](condition, window)

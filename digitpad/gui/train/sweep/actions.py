"""Compares settings in the Train tab: asks for them, trains them in turn, and shows the results."""

from typing import cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from digitpad.core.runs.differences import NO_RECIPE
from digitpad.core.runs.run_folder import Run
from digitpad.core.sweeps.grid import Sweep
from digitpad.core.sweeps.table import SweepTable, sweep_runs, sweep_table
from digitpad.gui.session.session import Session
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.train.runs.runs_table import RunsTable
from digitpad.gui.train.sweep.dialog import SweepDialog
from digitpad.gui.train.sweep.queue import SweepQueue
from digitpad.gui.train.sweep.results import SweepResults, accuracy_text
from digitpad.gui.widgets.message_bar import MessageBar


class SweepActions(QObject):
    """Owns the queue; keeps the results up to date while trainings end."""

    def __init__(
        self, session: Session, form: TrainingForm, runs: RunsTable, messages: MessageBar, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._form, self._runs, self._messages = session, form, runs, messages
        self.queue = SweepQueue(session, self)
        self._shown: str = ""  # the id of the sweep whose results are shown
        self._results: SweepResults | None = None

        runs.sweep_requested.connect(self.show_results)
        self.queue.changed.connect(self._refresh)
        self.queue.ended.connect(self._on_ended)
        session.runs.changed.connect(self._refresh)

    @property
    def results(self) -> SweepResults | None:
        """The window with the results, while it is open."""
        return self._results

    @Slot()
    def ask(self) -> None:
        """Ask which settings are compared, with the form's settings as the base."""
        if self._form.recipe is None:
            return
        name = self._form.recipe_name or NO_RECIPE
        dialog = SweepDialog(self._form.recipe, name, self._session.runs.runs, cast("QWidget", self.parent()))
        dialog.sweep_requested.connect(self.start)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(object, int)
    def start(self, sweep: Sweep, at_a_time: int) -> None:
        """Train a sweep, so many runs at a time, and show its results."""
        self._messages.hide()
        self.queue.start(sweep, at_a_time)
        if self.queue.is_running:
            self._open(sweep.id)

    @Slot(object)
    def show_results(self, run: Run) -> None:
        """Show the results of the sweep that a run is part of."""
        if run.info.sweep:
            self._open(run.info.sweep)

    def _open(self, sweep: str) -> None:
        self._shown = sweep
        if self._results is None:
            self._results = SweepResults(cast("QWidget", self.parent()))
            self._results.curves_requested.connect(self._on_curves_requested)
            self._results.stop_requested.connect(self.queue.stop)
            self._results.finished.connect(self._on_closed)
        self._refresh()
        self._results.show()
        self._results.raise_()

    def _table(self) -> SweepTable:
        runs = sweep_runs(self._shown, self._session.runs.runs)
        planned = self.queue.sweep
        is_planned = planned is not None and planned.id == self._shown
        return sweep_table(planned.recipes if planned and is_planned else [run.recipe for run in runs], runs)

    @Slot()
    def _refresh(self) -> None:
        if self._results is None:
            return
        planned = self.queue.sweep
        is_planned = planned is not None and planned.id == self._shown
        problems = [f"{name}: {text}" for name, text in self.queue.problems.items()] if is_planned else []
        self._results.show_results(self._table(), tuple(problems[:2]), is_training=is_planned and self.queue.is_running)

    @Slot()
    def _on_curves_requested(self) -> None:
        """Tick all runs of the sweep, in one colour scale from the worst to the best."""
        rows = [row for row in self._table().rows if row.runs]
        last = max(1, len(rows) - 1)
        self._runs.model.show_in_scale(
            {run.folder: 1 - place / last for place, row in enumerate(rows) for run in row.runs}
        )

    @Slot(int)
    def _on_closed(self, _result: int) -> None:
        if self._results is not None:
            self._results.deleteLater()
            self._results = None

    @Slot(object)
    def _on_ended(self, sweep: Sweep) -> None:
        if self._results is None:
            self._shown = sweep.id
        best = sweep_table(sweep.recipes, sweep_runs(sweep.id, self._session.runs.runs)).best
        if best is not None and self._results is None:
            text = self.tr("The settings are compared. The best one reaches {}.").format(accuracy_text(best.accuracy))
            self._messages.offer(text, self.tr("Show the results"), lambda: self._open(sweep.id))

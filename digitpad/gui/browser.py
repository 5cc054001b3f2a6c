"""What the Mistakes tab shows: the samples, the user's view of them, and the marks on their labels."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.browsing import Cell, Show, Sort, View, Where, chosen, population, with_cells, with_show
from digitpad.core.errors import DigitpadError
from digitpad.core.label_marks import LabelMark, dataset_key, mark_of, put_marks, remove_marks
from digitpad.core.metrics import Metrics
from digitpad.core.samples import Sample, Samples


class Browser(QObject):
    """The one owner of view and samples; whatever asks for a change is told by signal what came of it."""

    samples_changed = Signal()  # others, or none; `view_changed` comes after it
    view_changed = Signal()
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: Samples | None = None
        self._view = View()
        self._indices = np.empty(0, np.int64)
        self._metrics: Metrics | None = None

    @property
    def samples(self) -> Samples | None:
        """What is looked at."""
        return self._samples

    @property
    def view(self) -> View:
        """What the user wants to see of it."""
        return self._view

    @property
    def indices(self) -> np.ndarray:
        """(k,) int64: the samples that are shown, in order."""
        return self._indices

    @property
    def metrics(self) -> Metrics | None:
        """The figures of the samples that count; None where no model was asked."""
        return self._metrics

    @property
    def label_counts(self) -> np.ndarray:
        """(10,) int64: how many samples of each digit count."""
        if self._samples is None:
            return np.zeros(10, np.int64)
        return np.bincount(self._samples.digits.labels[population(self._samples, self._view)], minlength=10)

    def show(self, samples: Samples | None) -> None:
        """Look at other samples, with the same view as far as it makes sense of them."""
        self._samples = samples
        view = self._view
        if samples is not None and samples.evaluation is None and view.show not in (Show.SOME, Show.FIRST_LOOK):
            view = replace(with_show(view, Show.ALL), cells=frozenset())
        elif samples is not None and samples.evaluation is not None and view.show is Show.FIRST_LOOK:
            view = with_show(view, Show.WRONG)
        if samples is None or samples.rival_evaluation is None:
            view = replace(view, where=Where.ANYWHERE)
        self._view = view
        self._work_out()
        self.samples_changed.emit()
        self.view_changed.emit()

    @Slot(object)
    def choose_show(self, show: Show) -> None:
        """Show wrong ones, right ones, all, or some at random: others each time."""
        self._look(replace(with_show(self._view, show), seed=self._view.seed + 1))

    @Slot()
    def draw_again(self) -> None:
        """Draw others at random."""
        self._look(replace(self._view, seed=self._view.seed + 1))

    @Slot(object)
    def choose_sort(self, sort: Sort) -> None:
        """Rank by something else."""
        self._look(replace(self._view, sort=sort))

    @Slot(bool)
    def turn_round(self, wanted: bool) -> None:
        """Turn the ranking round, or back."""
        self._look(replace(self._view, is_reversed=wanted))

    @Slot(object)
    def choose_cells(self, cells: Iterable[Cell]) -> None:
        """Show the samples of some of the matrix' cells."""
        self._look(with_cells(self._view, cells), always=True)  # whoever asked may show what cannot be

    @Slot(int)
    def choose_digit(self, digit: int) -> None:
        """Show the samples of a digit."""
        self.choose_cells(frozenset((digit, said) for said in range(10)))

    @Slot(str)
    def search(self, text: str) -> None:
        """Show what a text finds."""
        self._look(replace(self._view, text=text))

    @Slot(object)
    def choose_where(self, where: Where) -> None:
        """Count only samples that two models answer so; right ones among them are worth a look too."""
        show = Show.ALL if where is Where.BOTH_RIGHT or where is Where.ONLY_SECOND_WRONG else self._view.show
        self._look(replace(with_show(self._view, show), where=where))

    @Slot(bool)
    def leave_out_suspects(self, wanted: bool) -> None:
        """Let samples with a marked label count no longer, or again."""
        self._look(replace(self._view, leaves_out_suspects=wanted))

    @Slot()
    def clear_filters(self) -> None:
        """Show all that count."""
        self._look(View(show=Show.ALL, sort=self._view.sort, leaves_out_suspects=self._view.leaves_out_suspects))

    @Slot(object, object, str)
    def mark(self, sample: Sample, corrected: int | None = None, note: str = "") -> None:
        """Mark a sample's label as wrong."""
        self.mark_all([sample.index], corrected, note)

    @Slot(object)
    def unmark(self, sample: Sample) -> None:
        """Take a mark away."""
        self.unmark_all([sample.index])

    def mark_all(self, indices: Iterable[int], corrected: int | None = None, note: str = "") -> None:
        """Mark the labels of samples as wrong, or say why that cannot be kept."""
        samples = self._samples
        if samples is None:
            return
        loaded, dataset = samples.loaded, dataset_key(samples.loaded.which.dataset)
        try:
            marks = []
            for index in map(int, indices):
                part, number = loaded.place_of(index)
                marks.append(mark_of(loaded.part(part), dataset, part, number, corrected=corrected, note=note))
            self._take(put_marks(marks))
        except DigitpadError as error:
            self.problem_found.emit(str(error))

    def unmark_all(self, indices: Iterable[int]) -> None:
        """Take the marks of samples away."""
        samples = self._samples
        if samples is None:
            return
        dataset = dataset_key(samples.loaded.which.dataset)
        try:
            self._take(remove_marks((dataset, *samples.loaded.place_of(int(index))) for index in indices))
        except DigitpadError as error:
            self.problem_found.emit(str(error))

    def _take(self, marks: tuple[LabelMark, ...]) -> None:
        if self._samples:
            self._samples = replace(self._samples, marks=self._samples.loaded.marked(marks))
            self._work_out()
            self.view_changed.emit()

    def _look(self, view: View, *, always: bool = False) -> None:
        if view != self._view:
            self._view = view
            self._work_out()
            self.view_changed.emit()
        elif always:
            self.view_changed.emit()

    def _work_out(self) -> None:
        samples, said = self._samples, self._samples.evaluation if self._samples else None
        self._indices = chosen(samples, self._view) if samples else np.empty(0, np.int64)
        self._metrics = said.measured(population(samples, self._view)) if said and samples else None

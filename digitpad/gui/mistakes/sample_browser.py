"""The state of the Mistakes tab: the samples, the query that selects some of them, and the marks on their labels."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from digitpad.core.datasets.suspect_labels import (
    MarkKey,
    SuspectLabel,
    dataset_key,
    new_mark,
    put_marks,
    read_marks,
    remove_marks,
)
from digitpad.core.errors import DigitpadError
from digitpad.core.evaluation.metrics import Metrics
from digitpad.core.evaluation.sample_filter import (
    Cell,
    Comparison,
    SampleQuery,
    Show,
    SortKey,
    counted_samples,
    matching_samples,
    select_samples,
    with_cells,
    with_show,
    without_filters,
)
from digitpad.core.evaluation.samples import Sample, Samples

# Each mark is written together with all others.
MAX_MARKS_AT_ONCE = 1000
_WITH_RIGHT_ONES = (Comparison.ONLY_SECOND_WRONG, Comparison.BOTH_RIGHT, Comparison.DISAGREE)


class SampleBrowser(QObject):
    """The only owner of the query and the samples; every change is reported by a signal."""

    samples_changed = Signal()  # other samples, or none; `query_changed` follows
    query_changed = Signal()
    marked = Signal(int, int)  # how many labels were marked, how many marks were removed
    can_undo_changed = Signal(bool)  # whether `undo_marks` would undo something
    problem_found = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._samples: Samples | None = None
        self._marks_version = 0
        self._query = SampleQuery()
        self._shows_points = False
        self._indices = np.empty(0, np.int64)
        self._found = 0
        self._metrics: Metrics | None = None
        self._second_metrics: Metrics | None = None
        self._shown_before: Show | None = None  # before a filter that shows right ones too
        self._undo: tuple[list[SuspectLabel], list[SuspectLabel]] = ([], [])  # the marks added and removed last

    @property
    def samples(self) -> Samples | None:
        """The evaluated samples; None if there are none."""
        return self._samples

    @property
    def query(self) -> SampleQuery:
        """Which samples are shown, and their order."""
        return self._query

    @property
    def indices(self) -> np.ndarray:
        """(k,) int64: the samples that are shown, in order."""
        return self._indices

    @property
    def found(self) -> int:
        """How many samples match; more than are shown if some are drawn at random."""
        return self._found

    @property
    def metrics(self) -> Metrics | None:
        """The metrics of the counted samples; None without a model."""
        return self._metrics

    @property
    def second_metrics(self) -> Metrics | None:
        """The metrics of the second model; None without a comparison."""
        return self._second_metrics

    @property
    def label_counts(self) -> np.ndarray:
        """(10,) int64: the number of counted samples of each digit."""
        if self._samples is None:
            return np.zeros(10, np.int64)
        return np.bincount(self._samples.digits.labels[counted_samples(self._samples, self._query)], minlength=10)

    def restore(self, before: "SampleBrowser") -> None:
        """Take the query of another window, for the samples to come."""
        self._query = before.query
        self._shows_points = before.samples is not None and before.samples.are_points
        self.query_changed.emit()

    def show(self, samples: Samples | None) -> None:
        """Show other samples, with the same query as far as it applies to them."""
        self._samples = samples
        self._marks_version += 1
        query = self._query
        if samples is not None and samples.are_points != self._shows_points:
            # Four points are best seen at once.
            self._shows_points = samples.are_points
            query = SampleQuery(show=Show.ALL, sort=SortKey.INDEX) if self._shows_points else SampleQuery()
        if samples is not None and samples.evaluation is None:
            query = replace(with_show(query, Show.ALL), cells=frozenset())
        if samples is None or samples.second_evaluation is None:
            query = replace(query, comparison=Comparison.ALL)
        self._query = query
        self._recompute()
        self.samples_changed.emit()
        self.query_changed.emit()

    @Slot(object)
    def choose_show(self, show: Show) -> None:
        """Show wrong samples, right ones or all."""
        self._shown_before = None
        self._set_query(with_show(self._query, show))

    @Slot(int)
    def choose_random_count(self, count: int) -> None:
        """Show some of the samples, drawn at random, or all in order if `count` is 0."""
        self._set_query(replace(self._query, random_count=count))

    @Slot()
    def draw_others(self) -> None:
        """Show other random samples."""
        self._draw(self._query.seed + 1)

    @Slot()
    def draw_earlier(self) -> None:
        """Show the random samples that were drawn before."""
        self._draw(max(0, self._query.seed - 1))

    def _draw(self, seed: int) -> None:
        if self._query.random_count:
            self._set_query(replace(self._query, seed=seed))

    @Slot(object)
    def choose_sort(self, sort: SortKey) -> None:
        """Sort by another key."""
        self._set_query(replace(self._query, sort=sort))

    @Slot(bool)
    def set_reversed(self, wanted: bool) -> None:
        """Reverse the order, or restore it."""
        self._set_query(replace(self._query, is_reversed=wanted))

    @Slot(object)
    def choose_cells(self, cells: Iterable[Cell]) -> None:
        """Show the samples of some cells of the matrix."""
        self._set_query(with_cells(self._query, cells), always=True)  # the sender may show cells that cannot be chosen

    @Slot(int)
    def choose_digit(self, digit: int) -> None:
        """Show the samples of a digit."""
        self.choose_cells(frozenset((digit, predicted) for predicted in range(10)))

    @Slot(str)
    def search(self, text: str) -> None:
        """Show the samples that a text finds."""
        self._set_query(replace(self._query, text=text))

    @Slot(object)
    def choose_comparison(self, comparison: Comparison) -> None:
        """Filter by the answers of both models; show all samples where the first model may be right."""
        show = self._query.show
        if comparison in _WITH_RIGHT_ONES:
            self._shown_before, show = self._shown_before or show, Show.ALL
        elif self._shown_before:
            self._shown_before, show = None, self._shown_before
        self._set_query(replace(with_show(self._query, show), comparison=comparison))

    @Slot(bool)
    def leave_out_suspects(self, wanted: bool) -> None:
        """Leave out samples with a marked label, or include them again."""
        self._set_query(replace(self._query, excludes_suspects=wanted))

    @Slot()
    def show_found(self) -> None:
        """Show what the search finds in all samples; without it as `clear_filters`."""
        query = without_filters(self._query)
        if self._samples is None or not query.text.strip() or not len(matching_samples(self._samples, query)):
            self.clear_filters()
            return
        self._shown_before = None
        self._set_query(query)

    @Slot()
    def clear_filters(self) -> None:
        """Show all samples; if all are marked as suspect, include them again."""
        nothing_counts = self._samples is not None and bool(self._samples.is_suspect.all())
        left_out = self._query.excludes_suspects and not nothing_counts
        self._shown_before = None
        self._set_query(SampleQuery(show=Show.ALL, sort=self._query.sort, excludes_suspects=left_out))

    @Slot(object, object, str)
    def mark(self, sample: Sample, corrected: int | None = None, note: str = "") -> None:
        """Mark a sample's label as wrong."""
        self.mark_all([sample.index], corrected, note)

    @Slot(object)
    def unmark(self, sample: Sample) -> None:
        """Remove a mark."""
        self.unmark_all([sample.index])

    def are_marked(self, indices: np.ndarray) -> bool:
        """Return whether the labels of samples (k,) are all marked as wrong."""
        marks = self._samples.marks if self._samples else {}
        return 0 < len(indices) <= len(marks) and all(index in marks for index in indices.tolist())

    def toggle_marks(self, indices: np.ndarray) -> None:
        """Mark the labels of samples; if all are marked, remove the marks. Both can be undone."""
        if self._samples is None:
            return
        fresh = [int(index) for index in indices if int(index) not in self._samples.marks]
        if len(fresh or indices) > MAX_MARKS_AT_ONCE:
            self.problem_found.emit(
                self.tr("at most {:,} labels can be marked at a time: select fewer").format(MAX_MARKS_AT_ONCE)
            )
        elif fresh:
            self.mark_all(fresh)
            self._report_toggle(fresh, [])
        elif len(indices):
            removed = [self._samples.marks[int(index)] for index in indices]
            self.unmark_all(indices)
            self._report_toggle([], removed)

    @Slot()
    def undo_marks(self) -> None:
        """Undo the last `toggle_marks`."""
        added, removed = self._undo
        self._undo = ([], [])
        self.can_undo_changed.emit(False)
        if removed:
            self._change_marks(lambda: put_marks(removed, seen=()))
        else:
            self._remove([mark.key for mark in added], added)

    def mark_all(self, indices: Iterable[int], corrected: int | None = None, note: str = "") -> None:
        """Mark the labels of samples as wrong, or report why that cannot be saved."""
        seen = self._samples.marks.values() if self._samples else ()
        self._change_marks(lambda: put_marks(self._marks_of(indices, corrected, note), seen))

    def unmark_all(self, indices: Iterable[int]) -> None:
        """Remove the marks of samples."""
        if samples := self._samples:
            dataset = dataset_key(samples.loaded.sample_set.dataset)
            keys: list[MarkKey] = [(dataset, *samples.loaded.part_and_number(int(index))) for index in indices]
            self._remove(keys, samples.marks.values())

    def _remove(self, keys: list[MarkKey], seen: Iterable[SuspectLabel]) -> None:
        """Remove marks as they are shown; report if another window has changed one since."""
        self._change_marks(lambda: remove_marks(keys, seen))
        if self._samples and any(mark.key in keys for mark in self._samples.marks.values() if mark not in [*seen]):
            self.problem_found.emit(self.tr("another window has changed this mark: read its note, then decide"))

    def read_marks(self) -> None:
        """Read the marks, which another window may have changed."""
        self._change_marks(read_marks)

    @property
    def marks_version(self) -> int:
        """A number that increases with every change; marks read at another version may be outdated."""
        return self._marks_version

    def apply_marks(self, marks: tuple[SuspectLabel, ...], version: int) -> None:
        """Apply marks that were read in the background, unless they may be outdated."""
        if version == self._marks_version:
            self._set_marks(marks)

    def _marks_of(self, indices: Iterable[int], corrected: int | None, note: str) -> list[SuspectLabel]:
        marks = []
        if samples := self._samples:
            dataset = dataset_key(samples.loaded.sample_set.dataset)
            for index in map(int, indices):
                part, number = samples.loaded.part_and_number(index)
                digits = samples.loaded.part(part)
                marks.append(new_mark(digits, dataset, part, number, corrected=corrected, note=note))
        return marks

    def _report_toggle(self, added: list[int], removed: list[SuspectLabel]) -> None:
        marks = self._samples.marks if self._samples else {}
        saved = [marks[index] for index in added if index in marks]
        if saved or not added:
            self._undo = (saved, removed)
            self.can_undo_changed.emit(bool(saved or removed))
            self.marked.emit(len(saved), len(removed))

    def _change_marks(self, change: Callable[[], tuple[SuspectLabel, ...]]) -> None:
        """Change the marks, or report why they cannot be saved; shows what is saved either way."""
        self._marks_version += 1
        try:
            self._set_marks(change())
        except DigitpadError as error:
            self.problem_found.emit(str(error))

    def _set_marks(self, marks: tuple[SuspectLabel, ...]) -> None:
        if self._samples is None:
            return
        ours = self._samples.loaded.marks_by_index(marks)
        if ours != self._samples.marks or self._samples.marks_problem:
            self._samples = replace(self._samples, marks=ours, marks_problem="")
            self._recompute()
            self.query_changed.emit()

    def _set_query(self, query: SampleQuery, *, always: bool = False) -> None:
        if query != self._query:
            self._query = query
            self._recompute()
            self.query_changed.emit()
        elif always:
            self.query_changed.emit()

    def _recompute(self) -> None:
        samples, evaluation = self._samples, self._samples.evaluation if self._samples else None
        self._indices = select_samples(samples, self._query) if samples else np.empty(0, np.int64)
        # Without a random choice all that match are shown, and need not be searched for again.
        is_random = samples is not None and self._query.random_count > 0
        self._found = len(matching_samples(samples, self._query)) if samples and is_random else len(self._indices)
        self._metrics = self._second_metrics = None
        if samples and evaluation:
            counted, other = counted_samples(samples, self._query), samples.second_evaluation
            self._metrics = evaluation.metrics(counted)
            self._second_metrics = other.metrics(counted) if other else None

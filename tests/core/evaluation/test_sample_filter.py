"""What is shown of samples: matrix, filters and grid count the same, whatever is chosen."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpad.core.datasets.suspect_labels import new_mark
from digitpad.core.evaluation.result import Evaluation
from digitpad.core.evaluation.sample_filter import (
    CELLS,
    DIAGONAL,
    RANDOM_COUNTS,
    Comparison,
    SampleQuery,
    Show,
    SortKey,
    allowed_cells,
    counted_samples,
    sample_title,
    select_samples,
    with_cells,
    with_show,
)
from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.images.digits import Digits

COUNT = 400


def made_up(*, rival: bool = True, model: bool = True) -> Samples:
    draw = np.random.default_rng(5)
    labels = draw.integers(0, 10, COUNT).astype(np.uint8)
    images = draw.integers(0, 256, (COUNT, 28, 28)).astype(np.uint8)
    logits = [draw.normal(0, 1, (COUNT, 10)) + 2.5 * np.eye(10)[labels] for _ in range(2)]
    first, second = (Evaluation.of(labels, some.astype(np.float32)) for some in logits)
    digits = Digits("made up", images, labels)
    loaded = LoadedSet(SampleSet("mnist", "test", Path()), digits, 0)
    marks = {
        number: new_mark(digits, "mnist", "test", number, note="Ein schiefer Strich" if number == 7 else "")
        for number in (3, 7, 100)
    }
    return Samples(
        loaded,
        "first" if model else "",
        first if model else None,
        "second" if rival else "",
        second if rival else None,
        marks,
    )


SAMPLES = made_up()
CELL_SETS = st.frozensets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12)
PLAIN = [show for show in Show if show not in RANDOM_COUNTS]


@given(
    st.sampled_from(PLAIN),
    CELL_SETS,
    st.sampled_from(Comparison),
    st.booleans(),
    st.sampled_from(SortKey),
    st.booleans(),
)
def test_the_grid_shows_exactly_what_the_chosen_cells_of_the_matrix_count(
    show: Show, cells: frozenset[tuple[int, int]], where: Comparison, left_out: bool, sort: SortKey, is_reversed: bool
) -> None:
    view = SampleQuery(show=show, comparison=where, excludes_suspects=left_out, sort=sort, is_reversed=is_reversed)
    view = with_cells(view, cells)
    said = SAMPLES.evaluation
    assert said is not None
    confusion = said.metrics(counted_samples(SAMPLES, view)).confusion
    shown = select_samples(SAMPLES, view)
    counted = view.cells or allowed_cells(view.show)
    assert len(shown) == sum(confusion[cell] for cell in counted)
    assert {(int(said.labels[i]), int(said.predicted[i])) for i in shown} <= counted
    assert len(set(shown.tolist())) == len(shown)
    assert not left_out or not set(shown.tolist()) & set(SAMPLES.marks)


@given(st.lists(st.one_of(CELL_SETS, st.sampled_from(Show)), max_size=8))
def test_no_cell_is_chosen_whose_samples_are_not_shown(steps: list[frozenset[tuple[int, int]] | Show]) -> None:
    view = SampleQuery()
    for step in steps:
        view = with_show(view, step) if isinstance(step, Show) else with_cells(view, step)
        assert view.cells <= allowed_cells(view.show)


@given(st.frozensets(st.sampled_from(sorted(CELLS)), min_size=1, max_size=1))
def test_a_click_on_any_cell_chooses_exactly_that_cell(cell: frozenset[tuple[int, int]]) -> None:
    for show in Show:
        assert with_cells(SampleQuery(show=show), cell).cells == cell


def test_a_row_among_the_wrong_ones_leaves_the_diagonal_out_and_the_diagonal_alone_shows_all() -> None:
    row = frozenset((4, said) for said in range(10))
    assert with_cells(SampleQuery(), row).cells == row - DIAGONAL
    assert with_cells(SampleQuery(), row).show is Show.WRONG
    clicked = with_cells(SampleQuery(), {(4, 4)})
    assert clicked.show is Show.ALL
    assert clicked.cells == {(4, 4)}
    added = with_cells(with_cells(SampleQuery(), {(4, 9)}), {(4, 9), (9, 9)})
    assert (added.show, added.cells) == (Show.ALL, {(4, 9), (9, 9)})


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        (Comparison.ONLY_FIRST_WRONG, lambda a, b, y: a != y and b == y),
        (Comparison.ONLY_SECOND_WRONG, lambda a, b, y: a == y and b != y),
        (Comparison.BOTH_WRONG, lambda a, b, y: y not in (a, b)),
        (Comparison.BOTH_RIGHT, lambda a, b, y: a == b == y),
        (Comparison.DISAGREE, lambda a, b, y: a != b),
        (Comparison.ANYWHERE, lambda a, b, y: True),
    ],
)
def test_two_models_are_compared_sample_by_sample(where: Comparison, rule) -> None:  # noqa: ANN001
    first, second = SAMPLES.evaluation, SAMPLES.rival_evaluation
    assert first is not None
    assert second is not None
    triples = zip(first.predicted, second.predicted, first.labels, strict=True)
    expected = [number for number, triple in enumerate(triples) if rule(*triple)]
    shown = select_samples(SAMPLES, SampleQuery(show=Show.ALL, comparison=where, sort=SortKey.INDEX))
    assert shown.tolist() == expected
    assert len(expected) > 0


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        (SortKey.CONFIDENCE, lambda said, i: -said.confidences[i]),
        (SortKey.LOSS, lambda said, i: -said.losses[i]),
        (SortKey.MARGIN, lambda said, i: said.margins[i]),
        (SortKey.INDEX, lambda said, i: i),
    ],
)
def test_samples_are_ranked(sort: SortKey, key) -> None:  # noqa: ANN001
    for show in PLAIN:
        shown = select_samples(SAMPLES, SampleQuery(show=show, sort=sort)).tolist()
        assert shown == sorted(shown, key=lambda i: key(SAMPLES.evaluation, i))
        turned = select_samples(SAMPLES, SampleQuery(show=show, sort=sort, is_reversed=True)).tolist()
        assert sorted(turned) == sorted(shown)
        assert [key(SAMPLES.evaluation, i) for i in turned] == [key(SAMPLES.evaluation, i) for i in reversed(shown)]


def test_a_few_at_random_are_other_ones_for_another_seed_and_the_same_for_the_same() -> None:
    for show, most in RANDOM_COUNTS.items():
        draws = [select_samples(SAMPLES, SampleQuery(show=show, seed=seed)).tolist() for seed in (1, 1, 2)]
        assert len(draws[0]) == most
        assert draws[0] == draws[1] != draws[2]
        assert set(draws[0]) <= set(
            select_samples(SAMPLES, SampleQuery(show=Show.WRONG if show is Show.SOME_WRONG else Show.ALL))
        )


def test_a_search_finds_titles_numbers_and_notes() -> None:
    everything = SampleQuery(show=Show.ALL, sort=SortKey.INDEX)
    said = SAMPLES.evaluation
    assert said is not None

    def found(text: str) -> list[int]:
        return select_samples(SAMPLES, replace(everything, text=text)).tolist()

    both = [i for i in range(COUNT) if said.labels[i] == 4 and said.predicted[i] == 9]
    assert (
        found("Pred: 9, Label: 4")
        == found("Predicted 9, label 4")
        == found("label 4, pred 9")
        == found("LABEL:4,pred:9")
        == both
    )
    assert found("#247") == [247]
    assert 247 in found("247")
    assert found("schiefer") == [7]
    assert found("suspect") == [3, 7, 100]
    assert found("  ") == list(range(COUNT))
    assert found("no such words") == found("?!") == []
    assert found(f"#{COUNT}") == []


def test_without_a_model_labels_are_what_there_is_to_choose() -> None:
    samples = made_up(model=False, rival=False)
    view = with_cells(SampleQuery(show=Show.ALL, sort=SortKey.LOSS), {(4, said) for said in range(10)})
    shown = select_samples(samples, view)
    assert (samples.digits.labels[shown] == 4).all()
    assert len(shown) == (samples.digits.labels == 4).sum()
    assert select_samples(samples, SampleQuery(show=Show.ALL, text="label 4")).tolist() == shown.tolist()
    assert sample_title(4, None) == "Label 4"
    assert sample_title(4, 9) == "Predicted 9, label 4"

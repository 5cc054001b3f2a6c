"""Matrix, filters and grid agree on the samples, whatever is chosen."""

from collections.abc import Iterator
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
    RANDOM_COLUMNS,
    Comparison,
    SampleQuery,
    Show,
    SortKey,
    allowed_cells,
    counted_samples,
    matching_samples,
    plot_title,
    sample_title,
    select_samples,
    unknown_phrase,
    with_cells,
    with_show,
)
from digitpad.core.evaluation.samples import LoadedSet, Samples, SampleSet
from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.images.digits import Digits
from digitpad.core.translation import set_language
from tests.helpers.gallery_samples import gallery_samples

COUNT = 400


def made_up(*, second_model: bool = True, model: bool = True) -> Samples:
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
        "second" if second_model else "",
        second if second_model else None,
        marks,
    )


SAMPLES = made_up()
CELL_SETS = st.frozensets(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12)


@given(
    st.sampled_from(Show),
    CELL_SETS,
    st.sampled_from(Comparison),
    st.booleans(),
    st.sampled_from(SortKey),
    st.booleans(),
)
def test_the_grid_shows_exactly_the_samples_of_the_chosen_cells(
    show: Show,
    cells: frozenset[tuple[int, int]],
    comparison: Comparison,
    left_out: bool,
    sort: SortKey,
    is_reversed: bool,
) -> None:
    query = SampleQuery(
        show=show, comparison=comparison, excludes_suspects=left_out, sort=sort, is_reversed=is_reversed
    )
    query = with_cells(query, cells)
    result = SAMPLES.evaluation
    assert result is not None
    confusion = result.metrics(counted_samples(SAMPLES, query)).confusion
    shown = select_samples(SAMPLES, query)
    counted = query.cells or allowed_cells(query.show)
    assert len(shown) == sum(confusion[cell] for cell in counted)
    assert {(int(result.labels[i]), int(result.predicted[i])) for i in shown} <= counted
    assert len(set(shown.tolist())) == len(shown)
    assert not left_out or not set(shown.tolist()) & set(SAMPLES.marks)


@given(st.lists(st.one_of(CELL_SETS, st.sampled_from(Show)), max_size=8))
def test_chosen_cells_always_have_samples_that_can_be_shown(steps: list[frozenset[tuple[int, int]] | Show]) -> None:
    query = SampleQuery()
    for step in steps:
        query = with_show(query, step) if isinstance(step, Show) else with_cells(query, step)
        assert query.cells <= allowed_cells(query.show)


@given(st.frozensets(st.sampled_from(sorted(CELLS)), min_size=1, max_size=1))
def test_a_click_on_any_cell_chooses_exactly_that_cell(cell: frozenset[tuple[int, int]]) -> None:
    for show in Show:
        assert with_cells(SampleQuery(show=show), cell).cells == cell


def test_a_chosen_row_leaves_out_the_diagonal_and_a_chosen_diagonal_shows_all() -> None:
    row = frozenset((4, predicted) for predicted in range(10))
    assert with_cells(SampleQuery(), row).cells == row - DIAGONAL
    assert with_cells(SampleQuery(), row).show is Show.WRONG
    clicked = with_cells(SampleQuery(), {(4, 4)})
    assert clicked.show is Show.ALL
    assert clicked.cells == {(4, 4)}
    added = with_cells(with_cells(SampleQuery(), {(4, 9)}), {(4, 9), (9, 9)})
    assert (added.show, added.cells) == (Show.ALL, {(4, 9), (9, 9)})


@pytest.mark.parametrize(
    ("comparison", "rule"),
    [
        (Comparison.ONLY_FIRST_WRONG, lambda a, b, y: a != y and b == y),
        (Comparison.ONLY_SECOND_WRONG, lambda a, b, y: a == y and b != y),
        (Comparison.BOTH_WRONG, lambda a, b, y: y not in (a, b)),
        (Comparison.BOTH_RIGHT, lambda a, b, y: a == b == y),
        (Comparison.DISAGREE, lambda a, b, y: a != b),
        (Comparison.ALL, lambda a, b, y: True),
    ],
)
def test_two_models_are_compared_sample_by_sample(comparison: Comparison, rule) -> None:  # noqa: ANN001
    first, second = SAMPLES.evaluation, SAMPLES.second_evaluation
    assert first is not None
    assert second is not None
    triples = zip(first.predicted, second.predicted, first.labels, strict=True)
    expected = [number for number, triple in enumerate(triples) if rule(*triple)]
    shown = select_samples(SAMPLES, SampleQuery(show=Show.ALL, comparison=comparison, sort=SortKey.INDEX))
    assert shown.tolist() == expected
    assert len(expected) > 0


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        (SortKey.CONFIDENCE, lambda result, i: -result.confidences[i]),
        (SortKey.LOSS, lambda result, i: -result.losses[i]),
        (SortKey.MARGIN, lambda result, i: result.margins[i]),
        (SortKey.INDEX, lambda result, i: i),
    ],
)
def test_samples_are_sorted(sort: SortKey, key) -> None:  # noqa: ANN001
    for show in Show:
        shown = select_samples(SAMPLES, SampleQuery(show=show, sort=sort)).tolist()
        assert shown == sorted(shown, key=lambda i: key(SAMPLES.evaluation, i))
        in_reverse = select_samples(SAMPLES, SampleQuery(show=show, sort=sort, is_reversed=True)).tolist()
        assert sorted(in_reverse) == sorted(shown)
        assert [key(SAMPLES.evaluation, i) for i in in_reverse] == [key(SAMPLES.evaluation, i) for i in reversed(shown)]


@pytest.mark.parametrize("cells", [frozenset(), frozenset((digit, 3) for digit in range(10))])
@pytest.mark.parametrize("show", Show)
def test_random_samples_are_some_of_those_that_match_and_depend_only_on_the_seed(
    show: Show, cells: frozenset[tuple[int, int]]
) -> None:
    query = with_show(SampleQuery(cells=cells), show)
    everything = select_samples(SAMPLES, query).tolist()
    assert matching_samples(SAMPLES, query).tolist() == sorted(everything)
    for count in RANDOM_COLUMNS:
        draws = [
            select_samples(SAMPLES, replace(query, random_count=count, seed=seed)).tolist() for seed in (1, 1, 2, 3)
        ]
        assert len(draws[0]) == len(set(draws[0])) == min(count, len(everything))
        assert draws[0] == draws[1]
        assert len({tuple(draw) for draw in draws}) > 1
        assert set(draws[0]) <= set(everything)


def test_the_columns_are_those_of_the_tutorials_plots() -> None:
    assert RANDOM_COLUMNS == {1: 1, 5: 5, 16: 4, 25: 5}
    assert plot_title(9, 7) == "Pred: 7, Label: 9"
    assert plot_title(9, None) == "Label: 9"


def test_a_search_finds_titles_numbers_and_notes() -> None:
    everything = SampleQuery(show=Show.ALL, sort=SortKey.INDEX)
    result = SAMPLES.evaluation
    assert result is not None

    def found(text: str) -> list[int]:
        return select_samples(SAMPLES, replace(everything, text=text)).tolist()

    both = [i for i in range(COUNT) if result.labels[i] == 8 and result.predicted[i] == 7]
    assert (
        found("Pred: 7, Label: 8")
        == found("Predicted 7, label 8")
        == found("label 8, pred 7")
        == found("LABEL:8,pred:7")
        == both
        != []
    )
    assert 247 in found("247")
    with_a_4 = {i for i in range(COUNT) if 4 in (result.labels[i], result.predicted[i])}
    assert set(found("4")) == with_a_4 | {4}
    assert found("schiefer") == [7]
    assert found("suspect") == [3, 7, 100]
    assert found("  ") == list(range(COUNT))
    assert found("no such words") == found("?!") == []


@pytest.mark.parametrize(
    "text", ["label 8 pred 7", "pred 7 label 8", "  label  8   pred: 7 ", "label 8 · predicted 7", "LABEL 8 PRED 7,"]
)
def test_a_search_needs_no_comma_after_a_number(text: str) -> None:
    def found(words: str) -> list[int]:
        return select_samples(SAMPLES, SampleQuery(show=Show.ALL, sort=SortKey.INDEX, text=words)).tolist()

    assert found(text) == found("label 8, pred 7") != []


def test_terms_after_a_number_may_be_words_of_a_note() -> None:
    notes = replace(SAMPLES, marks={5: replace(SAMPLES.marks[3], index=5, note="7 or  9, smudged")})
    label = int(SAMPLES.digits.labels[5])

    def found(text: str) -> list[int]:
        return select_samples(notes, SampleQuery(show=Show.ALL, sort=SortKey.INDEX, text=text)).tolist()

    assert found("7 or 9") == found(f"label {label} smudged") == found(f"label {label}, 7 or 9") == [5]
    assert found(f"label {(label + 1) % 10} smudged") == []


def test_what_a_search_cannot_find_in_any_sample_is_named() -> None:
    understood = ("", "label 3", "label 3 pred 5", "pred", "247", "#99,999", "schiefer", "suspect", "label 3 label 4")
    assert [unknown_phrase(SAMPLES, text) for text in understood] == [""] * len(understood)
    assert unknown_phrase(SAMPLES, "Labl  3, pred 5") == "labl 3"
    assert unknown_phrase(SAMPLES, "label 3 or 5") == "label 3 or 5"
    without = made_up(model=False, second_model=False)
    assert unknown_phrase(without, "label 3, predicted 5") == "predicted 5"


@pytest.fixture
def in_korean() -> Iterator[None]:
    assert set_language("ko", TRANSLATIONS)
    yield
    set_language("en", TRANSLATIONS)


@pytest.mark.usefixtures("in_korean")
def test_a_search_in_english_words_is_understood_in_another_language() -> None:
    def found(text: str) -> list[int]:
        return select_samples(SAMPLES, SampleQuery(show=Show.ALL, sort=SortKey.INDEX, text=text)).tolist()

    assert found("레이블 4") == found("label 4") != []
    assert (
        found("레이블 8 예측 7")
        == found("예측 7 레이블 8")
        == found("label 8 pred 7")
        == found("label 8, pred 7")
        != []
    )
    assert unknown_phrase(SAMPLES, "라벨 4") == "라벨 4"
    result = SAMPLES.evaluation
    assert result is not None
    label, predicted = int(result.labels[0]), int(result.predicted[0])
    assert found(f"pred {predicted}, label {label}") == found(sample_title(label, predicted)) != []
    assert found(f"#{COUNT}") == []


def test_a_number_sign_finds_only_the_sample_with_that_number() -> None:
    def found(samples: Samples, text: str) -> list[int]:
        return select_samples(samples, SampleQuery(show=Show.ALL, sort=SortKey.INDEX, text=text)).tolist()

    without = made_up(model=False, second_model=False)
    for number in (*range(10), 247):
        for text in (f"#{number}", f"# {number}", f" #{number} ,"):
            assert found(SAMPLES, text) == found(without, text) == [number]
    assert found(SAMPLES, "#7, schiefer") == [7]
    assert found(SAMPLES, "#8, schiefer") == found(SAMPLES, "#7, #8") == []
    assert found(SAMPLES, "#") == found(SAMPLES, "#x") == found(SAMPLES, "#1,247") == []
    assert found(gallery_samples(1300), "#1,247") == [1247]


def test_a_word_of_a_note_does_not_find_parts_of_other_words() -> None:
    notes = replace(SAMPLES, marks={5: replace(SAMPLES.marks[3], index=5, note="Red pen, edge")})

    def found(text: str) -> list[int]:
        return select_samples(notes, SampleQuery(show=Show.ALL, sort=SortKey.INDEX, text=text)).tolist()

    assert found("red") == found("pen") == found("pen, edge") == found("suspect red") == [5]
    assert found("abel") == found("pect") == []
    assert found("12") == [12]
    assert len(found("lab")) == len(found("predicted")) == len(found("pred")) == COUNT


def test_without_a_model_samples_are_chosen_by_label() -> None:
    samples = made_up(model=False, second_model=False)
    query = with_cells(SampleQuery(show=Show.ALL, sort=SortKey.LOSS), {(4, predicted) for predicted in range(10)})
    shown = select_samples(samples, query)
    assert (samples.digits.labels[shown] == 4).all()
    assert len(shown) == (samples.digits.labels == 4).sum()
    assert select_samples(samples, SampleQuery(show=Show.ALL, text="label 4")).tolist() == shown.tolist()
    assert sample_title(4, None) == "Label 4"
    assert sample_title(4, 9) == "Predicted 9, label 4"

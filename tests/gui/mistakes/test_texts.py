"""The title of the shown samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpad.core.evaluation.sample_filter import (
    CELLS,
    DIAGONAL,
    Comparison,
    SampleQuery,
    Show,
    SortKey,
    allowed_cells,
)
from digitpad.gui.mistakes.texts import count_text, empty_text, query_title
from tests.helpers.gallery_samples import gallery_samples

FOUR = frozenset((4, predicted) for predicted in range(10))
NINES = frozenset((label, 9) for label in range(10))


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (SampleQuery(), "Wrong, most confident first"),
        (SampleQuery(cells=CELLS - DIAGONAL), "Wrong, most confident first"),
        (SampleQuery(cells=frozenset({(4, 9)})), "Wrong, label 4, predicted 9, most confident first"),
        (SampleQuery(cells=FOUR - DIAGONAL, sort=SortKey.LOSS), "Wrong, label 4, highest loss first"),
        (SampleQuery(show=Show.ALL, cells=NINES, sort=SortKey.INDEX), "All, predicted 9"),
        (SampleQuery(show=Show.ALL, cells=FOUR - DIAGONAL, sort=SortKey.INDEX), "All, 9 cells"),
        (SampleQuery(show=Show.RIGHT, sort=SortKey.CONFIDENCE, is_reversed=True), "Right, least confident first"),
        (
            SampleQuery(comparison=Comparison.DISAGREE, sort=SortKey.MARGIN),
            "Wrong, the models disagree, smallest margin first",
        ),
        (
            SampleQuery(text=" label 4 ", excludes_suspects=True, sort=SortKey.INDEX),
            "Wrong, without suspect labels, search “label 4”",
        ),
        (SampleQuery(text="a note " * 9, sort=SortKey.INDEX), "Wrong, search “a note a note a note a…”"),
        (SampleQuery(random_count=25), "Wrong, 25 at random, draw 1"),
        (SampleQuery(show=Show.ALL, cells=NINES, random_count=5, seed=2), "All, predicted 9, 5 at random, draw 3"),
    ],
)
def test_the_title_names_the_filters_and_the_order(view: SampleQuery, text: str) -> None:
    assert query_title(view, str, has_model=True) == text


def test_the_title_of_a_selection_names_it() -> None:
    assert (
        query_title(SampleQuery(), str, has_model=True, is_selection=True) == "Wrong, selection, most confident first"
    )


@pytest.mark.parametrize(
    ("view", "text"),
    [
        (SampleQuery(), "All"),
        (SampleQuery(comparison=Comparison.DISAGREE, is_reversed=True), "All, last first"),
        (SampleQuery(cells=FOUR), "All, label 4"),
        (SampleQuery(cells=FOUR | NINES), "All"),
        (SampleQuery(cells=frozenset({(1, 1), (1, 2), (3, 3)})), "All, 2 labels"),
        (SampleQuery(random_count=16, seed=1), "All, 16 at random, draw 2"),
    ],
)
def test_without_a_model_the_title_does_not_name_predictions(view: SampleQuery, text: str) -> None:
    assert query_title(view, str, has_model=False) == text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (SampleQuery(random_count=25), "743 wrong, 25 at random (draw 1)"),
        (SampleQuery(show=Show.ALL, random_count=16, seed=6), "743 samples, 25 at random (draw 7)"),
        (SampleQuery(show=Show.ALL), "743 samples"),
    ],
)
def test_the_count_names_all_that_match_and_the_draw(query: SampleQuery, text: str) -> None:
    assert count_text(query, 743, 25, 0, str) == text
    assert count_text(query, 743, 25, 2, str) == f"{text}, 2 selected"


@given(st.sampled_from(Show), st.frozensets(st.sampled_from(sorted(CELLS)), min_size=2), st.booleans())
def test_the_title_always_names_the_selected_cells(
    show: Show, cells: frozenset[tuple[int, int]], is_temp_file: bool
) -> None:
    chosen = cells & allowed_cells(show)
    title = query_title(SampleQuery(show=show, cells=chosen), str, has_model=True, is_selection=is_temp_file)
    names = any(word in title for word in ("label", "predicted", "cells"))
    assert names == (chosen not in (frozenset(), allowed_cells(show)))


def test_an_empty_result_says_whether_the_search_was_understood() -> None:
    samples = gallery_samples(20)
    searches = {
        "label 3  label 4": "No sample matches “label 3 label 4”.",
        "label 3, lable 5": "has “lable 5”: try “label 4”",
    }
    for text, expected in searches.items():
        title, sentence, button = empty_text(samples, SampleQuery(text=text), str)
        assert (title, button) == ("No sample found", "Clear the search and show all")
        assert expected in sentence


def test_an_empty_result_says_if_other_filters_hide_what_the_search_finds() -> None:
    samples = gallery_samples(20)
    assert samples.evaluation is not None
    right = int(np.flatnonzero(samples.evaluation.is_right)[0])
    _, sentence, button = empty_text(samples, SampleQuery(text=f"#{right}"), str)
    assert sentence == f"The other filters hide what matches “#{right}”."
    assert button == "Show what matches"

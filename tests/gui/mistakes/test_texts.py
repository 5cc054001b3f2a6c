"""What the Mistakes tab calls what it shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitpad.core.evaluation.sample_filter import CELLS, DIAGONAL, Show, Sort, View, Where, allowed
from digitpad.gui.mistakes.texts import view_title

FOUR = frozenset((4, predicted) for predicted in range(10))
NINES = frozenset((label, 9) for label in range(10))


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(), "Wrong, the surest first"),
        (View(cells=CELLS - DIAGONAL), "Wrong, the surest first"),
        (View(cells=frozenset({(4, 9)})), "Wrong, label 4, predicted 9, the surest first"),
        (View(cells=FOUR - DIAGONAL, sort=Sort.LOSS), "Wrong, label 4, the highest loss first"),
        (View(show=Show.ALL, cells=NINES, sort=Sort.INDEX), "All, predicted 9"),
        (View(show=Show.ALL, cells=FOUR - DIAGONAL, sort=Sort.INDEX), "All, 9 cells"),
        (View(show=Show.RIGHT, sort=Sort.CONFIDENCE, is_reversed=True), "Right, the least sure first"),
        (View(where=Where.DISAGREE, sort=Sort.MARGIN), "Wrong, the models disagree, the closest call first"),
        (
            View(text=" label 4 ", leaves_out_suspects=True, sort=Sort.INDEX),
            "Wrong, without suspect labels, found “label 4”",
        ),
        (View(text="a note " * 9, sort=Sort.INDEX), "Wrong, found “a note a note a note a…”"),
        (View(show=Show.SOME_WRONG), "Wrong at random"),
        (View(show=Show.FIRST_LOOK), "At random"),
    ],
)
def test_a_title_names_what_is_shown_and_in_what_order(view: View, words: str) -> None:
    assert view_title(view, str, has_model=True) == words


def test_a_selection_is_said_to_be_a_part() -> None:
    assert view_title(View(), str, has_model=True, is_selection=True) == "Wrong, some of them, the surest first"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(), "All"),
        (View(where=Where.DISAGREE, is_reversed=True), "All, the last first"),
        (View(cells=FOUR), "All, label 4"),
        (View(cells=FOUR | NINES), "All"),
        (View(cells=frozenset({(1, 1), (1, 2), (3, 3)})), "All, 2 labels"),
        (View(show=Show.SOME_WRONG), "At random"),
    ],
)
def test_without_a_model_nothing_is_said_of_answers(view: View, words: str) -> None:
    assert view_title(view, str, has_model=False) == words


@given(st.sampled_from(Show), st.frozensets(st.sampled_from(sorted(CELLS)), min_size=2), st.booleans())
def test_chosen_cells_are_always_named(show: Show, cells: frozenset[tuple[int, int]], is_temp_file: bool) -> None:
    chosen = cells & allowed(show)
    title = view_title(View(show=show, cells=chosen), str, has_model=True, is_selection=is_temp_file)
    names = any(word in title for word in ("label", "predicted", "cells"))
    assert names == (chosen not in (frozenset(), allowed(show)))

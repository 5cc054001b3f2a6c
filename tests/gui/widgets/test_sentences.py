"""Sentences of the window: capital letter, full stop, and no text of unexpected exceptions."""

import pytest

from digitpad.core.errors import DigitpadError
from digitpad.gui.widgets.sentences import capitalised, error_text, sentence


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("no model is chosen", "No model is chosen."),
        ("is it saved?", "Is it saved?"),
        ("a.png cannot be read", "a.png cannot be read."),
        ("", ""),
    ],
)
def test_a_sentence_has_a_capital_letter_and_a_full_stop(text: str, shown: str) -> None:
    assert sentence(text) == shown


def test_a_text_that_begins_with_a_file_name_is_not_capitalised() -> None:
    assert capitalised("a.png, which is empty") == "a.png, which is empty"
    assert capitalised("here, 10 digits") == "Here, 10 digits"


def test_the_window_shows_the_sentence_of_a_known_error_and_no_text_of_an_unexpected_one() -> None:
    assert error_text(DigitpadError("the disk is full: free some space"), "") == "The disk is full: free some space."
    shown = error_text(ZeroDivisionError("division by zero"), "The export failed.")
    assert shown == "The export failed. Details are in the log (Help → Show log folder)."

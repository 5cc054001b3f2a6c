"""The actions: what menus and toolbars call them."""

import pytest

from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import ONE, SEVEN, draw

# As in Korean: the name comes first, and the key is in brackets.
_TEXTS = {
    "&Undo": "실행 취소(&U)",
    "&Undo {}": "{} 실행 취소(&U)",
    "&Redo": "다시 실행(&R)",
    "&Redo {}": "{} 다시 실행(&R)",
}


def test_the_name_of_what_is_undone_is_where_the_language_puts_it(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = window.actions_
    assert (actions.undo.text(), actions.undo.isEnabled()) == ("&Undo", False)
    draw(window.draw_tab.canvas, ONE)
    assert (actions.undo.text(), actions.undo.iconText()) == ("&Undo stroke", "Undo stroke")
    monkeypatch.setattr(type(actions), "tr", lambda _, text: _TEXTS.get(text, text))
    draw(window.draw_tab.canvas, SEVEN)
    session.pad.clear()
    assert actions.undo.text().endswith(" 실행 취소(&U)")
    assert "(" not in actions.undo.iconText()
    actions.undo.trigger()
    assert len(session.pad.drawing.ink.strokes) == 2
    assert actions.redo.text().endswith(" 다시 실행(&R)")
    actions.redo.trigger()
    assert not session.pad.drawing.ink.strokes
    assert not actions.redo.isEnabled()


def test_a_toolbar_names_no_keys(window: MainWindow) -> None:
    action = window.actions_._action("지우개(&E)…", "", None)
    assert (action.text(), action.iconText()) == ("지우개(&E)…", "지우개")

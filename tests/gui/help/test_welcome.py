"""The cards of the first start."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.models.model_files import find_model
from digitpad.gui.draw.draw_tab import DrawTab
from digitpad.gui.help.welcome_cards import WelcomeCards
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.gui import SEVEN, draw

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def first_start(isolated_settings: None, session: Session, themes: Themes, qtbot: QtBot) -> MainWindow:
    """The window as at the first start; no model is loaded."""
    session.settings.welcome_done = ""
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.resize(1000, 700)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def cards_of(window: MainWindow) -> WelcomeCards:
    cards = window.draw_tab.welcome.cards
    assert cards is not None
    return cards


def test_the_cards_are_beside_the_pad_and_make_way_for_the_first_stroke(first_start: MainWindow) -> None:
    tab = first_start.draw_tab
    cards = cards_of(first_start)
    assert cards.isVisible()
    assert not tab.panel.isVisible()
    assert tab.canvas.hasFocus()
    assert not tab.canvas.geometry().intersects(cards.rect().translated(cards.mapTo(tab, cards.rect().topLeft())))
    draw(tab.canvas, SEVEN)
    assert not cards.isVisible()
    assert tab.panel.isVisible()
    first_start.session.pad.clear()
    assert not cards.isVisible()  # not again while the user draws


def test_where_there_is_room_the_cards_are_large_and_side_by_side(first_start: MainWindow) -> None:
    cards = cards_of(first_start).cards.values()
    assert len({card.x() for card in cards}) == 1
    low = max(card.height() for card in cards)
    first_start.resize(1920, 1080)
    for _ in range(3):
        QApplication.processEvents()
    assert len({card.y() for card in cards}) == 1
    assert min(card.height() for card in cards) > 1.5 * low
    first_start.resize(1000, 700)
    for _ in range(3):
        QApplication.processEvents()
    assert max(card.height() for card in cards) == low


def next_start(session: Session, qtbot: QtBot) -> DrawTab:
    """Return the Draw page as at the next start."""
    tab = DrawTab(session, [])
    qtbot.addWidget(tab)
    tab.show()
    return tab


def test_the_cards_come_back_at_the_next_start(first_start: MainWindow, session: Session, qtbot: QtBot) -> None:
    draw(first_start.draw_tab.canvas, SEVEN)
    session.pad.clear()
    tab = next_start(session, qtbot)
    cards = tab.welcome.cards
    assert cards is not None
    assert cards.isVisible()
    assert [card.accessibleName() for card in cards.cards.values()][:2] == ["✓ Draw a digit", "Watch it learn"]


def test_each_card_leads_to_its_place_and_is_ticked_only_when_the_thing_was_done(
    first_start: MainWindow, session: Session, qtbot: QtBot
) -> None:
    cards = cards_of(first_start)
    QTest.mouseClick(cards.cards["learn"], LEFT)
    assert first_start.tabs.currentIndex() == PageId.TRAIN
    start = first_start.training_tab.buttons.start
    assert start.hasFocus()
    assert start.isEnabled()  # without MNIST too
    first_start.tabs.show_pad()
    assert cards.isVisible()  # nothing was drawn yet
    first_start.mistakes_tab.sources.choose_model(str(find_model("softmax")))  # it is quick
    QTest.mouseClick(cards.cards["mistakes"], LEFT)
    assert first_start.mistakes_tab.sources.dataset == "digits"  # MNIST is not there
    qtbot.waitUntil(lambda: ticked(cards) == ["mistakes"])  # the first mistake is shown
    first_start.tabs.show_pad()
    QTest.mouseClick(cards.cards["draw"], LEFT)
    assert first_start.draw_tab.canvas.hasFocus()
    assert ticked(cards) == ["mistakes"]


def ticked(cards: WelcomeCards) -> list[str]:
    return [name for name, card in cards.cards.items() if card.accessibleName().startswith("✓")]


def test_the_cards_are_ticked_however_the_thing_was_done_and_go_when_all_is_done(
    first_start: MainWindow, session: Session, qtbot: QtBot
) -> None:
    cards = cards_of(first_start)
    first_start.show_tab(PageId.TRAIN)
    assert ticked(cards) == []
    first_start.training_tab.form.set_recipe("digits-mlp")
    first_start.training_tab.launcher.start()
    qtbot.waitUntil(lambda: ticked(cards) == ["learn"])
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    first_start.show_tab(PageId.MISTAKES)
    first_start.mistakes_tab.choose_data_at_hand()
    qtbot.waitUntil(lambda: ticked(cards) == ["learn", "mistakes"])
    first_start.tabs.show_pad()
    assert cards.isVisible()
    draw(first_start.draw_tab.canvas, SEVEN)
    assert session.settings.welcome_done == "closed"
    tab = next_start(session, qtbot)
    assert tab.welcome.cards is None


def test_closed_cards_are_gone_for_good_and_can_be_had_again(
    first_start: MainWindow, session: Session, qtbot: QtBot
) -> None:
    cards = cards_of(first_start)
    cards.close_button.setFocus()
    QTest.keyClick(cards.close_button, Qt.Key.Key_Space)
    assert first_start.draw_tab.panel.isVisible()
    assert first_start.draw_tab.canvas.hasFocus()
    assert Settings().welcome_done == "closed"
    tab = next_start(session, qtbot)
    assert tab.welcome.cards is None
    first_start.show_tab(PageId.TRAIN)
    first_start.actions_.welcome.trigger()
    assert cards.isVisible()
    assert first_start.tabs.currentIndex() == PageId.DRAW


def test_the_cards_are_used_by_keyboard_and_lead_to_the_guide(first_start: MainWindow, qtbot: QtBot) -> None:
    cards = cards_of(first_start)
    QTest.mouseClick(cards.guide, LEFT)
    assert first_start.guide.guide.place == "first-minutes"
    first_start.guide.guide.close()
    first_start.activateWindow()
    qtbot.waitUntil(first_start.isActiveWindow)
    cards.cards["draw"].setFocus()
    QTest.keyClick(cards.cards["draw"], Qt.Key.Key_Space)
    assert not cards.isVisible()
    assert QApplication.focusWidget() is first_start.draw_tab.canvas


def test_what_a_key_shows_in_the_panel_takes_the_place_of_the_cards(first_start: MainWindow) -> None:
    QTest.keyClick(first_start.windowHandle(), Qt.Key.Key_C)
    assert first_start.draw_tab.panel.isVisible()
    assert not cards_of(first_start).isVisible()


def test_opening_a_drawing_takes_the_place_of_the_cards(first_start: MainWindow) -> None:
    other = first_start.draw_tab.canvas.current_drawing
    assert not other
    draw(first_start.draw_tab.canvas, SEVEN)
    first_start.session.pad.undo_stack.undo()
    first_start.actions_.welcome.trigger()
    assert cards_of(first_start).isVisible()
    first_start.session.pad.undo_stack.redo()
    assert not cards_of(first_start).isVisible()


def test_only_another_model_takes_the_place_of_the_cards_not_a_new_name(
    first_start: MainWindow, session: Session
) -> None:
    models = session.models
    models.choose(replace(models.chosen, is_one_of_two=True))  # as when the list of runs has been read
    assert cards_of(first_start).isVisible()
    models.choose(next(entry for entry in models.entries if entry.path != models.chosen.path))
    assert not cards_of(first_start).isVisible()

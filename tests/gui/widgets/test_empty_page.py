"""The page for an empty state: its progress."""

from PySide6.QtWidgets import QLabel, QProgressBar
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.empty_page import EmptyPage


def test_progress_is_shown_as_a_count_and_nothing_moves(qtbot: QtBot, themes: Themes) -> None:
    page = EmptyPage()
    qtbot.addWidget(page)
    page.resize(500, 400)
    page.set_content("CNN on MNIST", "Looking at the images…", "Cancel")
    page.show()
    bar = page.findChild(QProgressBar)
    assert bar is not None
    assert (page.progress_text, bar.isVisible()) == ("", False)
    page.show_progress(0, 0)
    assert (page.progress_text, bar.isVisible()) == ("", True)
    page.grab()
    places = bar.geometry(), page.action.geometry()
    page.show_progress(12_000, 60_000)
    page.grab()
    assert page.progress_text == "12,000 of 60,000"
    assert (bar.geometry(), page.action.geometry()) == places
    page.set_content("Stopped", "Begin again.", "Begin again")
    assert (page.progress_text, bar.isVisible()) == ("", False)


def test_a_low_page_leaves_out_its_icon_and_cuts_no_text(qtbot: QtBot, themes: Themes) -> None:
    page = EmptyPage()
    qtbot.addWidget(page)
    page.set_content(
        "MNIST is not installed", "A sentence that takes several lines in a narrow column. " * 3, "Download"
    )
    page.show()
    icon = next(label for label in page.findChildren(QLabel) if not label.pixmap().isNull())
    seen = []
    for height in range(400, 150, -10):
        page.resize(300, height)
        page.grab()
        seen.append(icon.isVisible())
        texts = [label for label in page.findChildren(QLabel) if label.isVisible() and label is not icon]
        if icon.isVisible():
            assert all(label.height() >= label.heightForWidth(label.width()) for label in texts)
    assert seen[0]
    assert not seen[-1]
    page.resize(300, 400)
    assert icon.isVisible()

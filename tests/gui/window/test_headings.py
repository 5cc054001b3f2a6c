"""No heading of a table is cut off at 1280x800, in no language."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QHeaderView
from pytestqt.qtbot import QtBot

from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from digitpad.gui.window.translator import use_language
from tests.gui.window.test_dialogs import Opener, method_of
from tests.helpers.cut_texts import cut_headings


@pytest.fixture(params=["en", "ko"])
def _language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    use_language(qapp, request.param)
    yield
    use_language(qapp, "en")


@pytest.mark.usefixtures("_language")
def test_headings_are_whole(session: Session, themes: Themes, qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    with qtbot.waitSignal(session.recognition.became_ready):
        window.show()
        session.start()
    opener = Opener(window, lambda: qtbot.waitUntil(lambda: session.recognition.is_settled), qtbot, tmp_path)
    for kind in ("GatesDialog", "DifferencesDialog", "SweepResults"):
        getattr(opener, method_of(kind))()
        QApplication.processEvents()
        dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window]
        headers = [header for dialog in dialogs for header in dialog.findChildren(QHeaderView)]
        assert any(header.isVisible() for header in headers), kind
        assert [text for dialog in dialogs for text in cut_headings(dialog)] == []
        for dialog in dialogs:
            dialog.close()
    window.show_tab(PageId.MISTAKES)
    window.mistakes_tab.sources.choose_dataset("digits")
    tab = window.mistakes_tab
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.inspector.sample is not None)
    qtbot.waitUntil(lambda: tab.inspection.is_settled)
    for page in (PageId.TRAIN, PageId.MISTAKES):
        window.show_tab(page)
        for _ in range(3):
            QApplication.processEvents()
        assert cut_headings(window) == []

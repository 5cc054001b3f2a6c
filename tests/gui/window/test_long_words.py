"""In a language with longer words nothing is cut off at its sides."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.translation import set_language
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from digitpad.gui.window.translator import CatalogueTranslator
from tests.helpers.pseudo_language import NAME, lengthened, write_catalogue


@pytest.fixture
def long_words(tmp_path: Path, qapp: QApplication) -> Iterator[None]:
    """A language whose texts are about 30 % longer."""
    write_catalogue(tmp_path, lengthened)
    assert set_language(NAME, tmp_path)
    translator = CatalogueTranslator()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
    set_language("en", tmp_path)


def cut_texts(page: QWidget) -> list[str]:
    """Return the texts of labels and buttons that are cut off on the left or right."""
    cut = []
    for widget in page.findChildren(QWidget):
        if not isinstance(widget, QPushButton | QCheckBox | QLabel) or not widget.text() or not widget.isVisible():
            continue
        seen = widget.visibleRegion().boundingRect()
        is_elided = widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored
        wraps = isinstance(widget, QLabel) and widget.wordWrap()
        needed = 0 if is_elided or wraps else widget.minimumSizeHint().width()
        if not seen.isEmpty() and (seen.width() < widget.width() or widget.width() < needed):
            cut.append(f"{widget.text()!r}: {seen.width()} of {widget.width()} px, needs {needed}")
    return cut


def check_texts(page: QWidget, qtbot: QtBot) -> None:
    """Check that no text is cut off once the layout has settled."""

    def check() -> None:
        assert cut_texts(page) == []

    qtbot.waitUntil(check)


@pytest.mark.usefixtures("long_words")
def test_no_text_of_a_page_is_cut_off_at_its_sides(session: Session, themes: Themes, qtbot: QtBot) -> None:
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.show_tab(PageId.TRAIN)
    window.training_tab.form.choose_dataset("fashion-mnist")  # offers what to do without it
    back = window.training_tab.form.findChild(QPushButton, "back")
    assert isinstance(back, QPushButton)
    assert back.isVisible()
    check_texts(window.training_tab, qtbot)
    window.show_tab(PageId.MISTAKES)
    tab = window.mistakes_tab
    tab.sources.choose_dataset("fashion-mnist")
    assert tab.dataset_bar.isVisible()
    check_texts(tab, qtbot)
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.inspector.sample is not None)
    qtbot.waitUntil(lambda: tab.inspection.is_settled)
    check_texts(tab, qtbot)
    window.show_tab(PageId.MY_DIGITS)
    qtbot.waitUntil(window.my_digits_tab.summary.isVisible)
    check_texts(window.my_digits_tab, qtbot)

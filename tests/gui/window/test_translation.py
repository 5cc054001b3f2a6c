"""Every text of the window comes from one catalogue, whether core or the window makes it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.catalogue import catalogue
from digitpad.core.errors import DigitpadError
from digitpad.core.models.model_files import load_model
from digitpad.core.translation import set_language
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.about_dialog import about_text
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from digitpad.gui.window.translator import CatalogueTranslator, use_language
from tests.helpers.pseudo_language import write_catalogue

# Names, languages and keys are the same in every language. "full" is a value of a recipe. Qt's and pyqtgraph's own
# texts ("Scroll Left", a menu that is never shown) are theirs to translate.
_OTHERS = {"English", "AND", "NAND", "full", "Scroll Left", "Scroll Right", "Export", "Export..."}
_NAMES = re.compile(
    r"digitpad|EMNIST digits|Fashion-MNIST|softmax|mlp|cnn|[EFKQ]?MNIST|Ctrl|Shift|Alt|Esc|Enter|Del|SGD|AdamW?|ReLU"
    r"|tanh|XOR|float32|bfloat16|PyTorch|NumPy|Linear|Sigmoid|MLP|CUDA|Apple|MPS|CSV|PNG|SVG|ONNX|TensorBoard|safetensors|\.\w+|\d+x\d+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def pseudo_language(tmp_path: Path, qapp: QApplication) -> Iterator[None]:
    """A language in which every translated text is in brackets."""
    write_catalogue(tmp_path)
    assert set_language("xx", tmp_path)
    translator = CatalogueTranslator()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)
    set_language("en", tmp_path)


def texts_of(widget: QWidget) -> Iterator[str]:
    """Yield the texts that a widget and its children show."""
    for child in [widget, *widget.findChildren(QWidget)]:
        yield from (child.toolTip(), child.accessibleName(), child.accessibleDescription())
        if isinstance(child, QLabel | QAbstractButton):
            yield child.text()
        if isinstance(child, QLineEdit):
            yield child.placeholderText()
        if isinstance(child, QComboBox):
            yield from (child.itemText(number) for number in range(child.count()))
        if isinstance(child, QTabWidget):
            yield from (child.tabText(number) for number in range(child.count()))
        if isinstance(child, QHeaderView) and (model := child.model()) is not None:
            count = model.columnCount() if child.orientation() is Qt.Orientation.Horizontal else model.rowCount()
            yield from (str(model.headerData(n, child.orientation()) or "") for n in range(count))
    for action in widget.findChildren(QAction):
        yield from (action.text(), action.toolTip())


def is_translated(text: str) -> bool:
    """Return whether nothing but names is outside the brackets."""
    if text in _OTHERS:
        return True
    text = text.partition(" · ")[0] if text.startswith("⟦") else text  # a recipe's file name follows its title
    outside = re.sub(r"⟦[^⟦⟧]*(?:⟦[^⟦⟧]*⟧[^⟦⟧]*)*⟧", "", re.sub(r"<[^>]*>", "", text))
    return not _WORD.search(_NAMES.sub("", outside))


def test_every_text_of_the_window_is_translated(
    pseudo_language: None, session: Session, themes: Themes, qtbot: QtBot
) -> None:
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    for number in range(4):
        window.show_tab(number)
    window.actions_.layers.trigger()
    for action in (window.actions_.inside, window.actions_.break_it, window.actions_.teach):
        action.setChecked(True)
    untranslated = sorted({text for text in texts_of(window) if not is_translated(text)})
    assert untranslated == []


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    use_language(qapp, request.param)
    yield request.param
    use_language(qapp, "en")


def test_no_text_of_the_window_has_two_spaces_or_counters_in_a_row(
    language: str, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    tab = window.mistakes_tab
    window.show_tab(PageId.MISTAKES)
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy and tab.inspector.sample is not None)
    qtbot.waitUntil(lambda: tab.inspection.is_settled)
    window.actions_.layers.trigger()
    for action in (window.actions_.inside, window.actions_.break_it, window.actions_.teach):
        action.setChecked(True)
    # "개" is the Korean counter; a count that is put into a sentence has its own.
    assert [text for text in texts_of(window) if re.search(r"\S {2,}\S|개개", text)] == [], language


def test_no_two_entries_of_a_menu_have_the_same_key(language: str, window: MainWindow) -> None:
    for page in PageId:
        window.show_tab(page)
        for menu in (window.menuBar(), *window.findChildren(QMenu)):
            texts = [action.text().replace("&&", "") for action in menu.actions()]
            keys = Counter(text.upper().partition("&")[2][0] for text in texts if "&" in text)
            assert [key for key, count in keys.items() if count > 1] == [], (language, texts)


def test_a_restart_is_offered_in_both_languages_and_not_for_the_present_one(window: MainWindow) -> None:
    languages = {action.data(): action for action in window.actions_.languages.actions()}
    languages["ko"].trigger()
    bar = window.looks.messages
    assert bar.isVisible()
    assert "The language changes" in bar.text
    assert any("가" <= letter <= "힣" for letter in bar.text)
    assert "Restart now" in bar.action.text()
    languages["en"].trigger()
    assert not bar.isVisible()


def test_a_restart_asks_about_a_training_and_may_be_cancelled(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitpad.gui.window.close_prompts.may_close", lambda *_: False)
    window.restart()
    assert (window.isVisible(), window.restarts) == (True, False)
    monkeypatch.setattr("digitpad.gui.window.close_prompts.may_close", lambda *_: True)
    window.restart()
    assert (window.isVisible(), window.restarts) == (False, True)


def test_system_and_device_in_the_about_box_are_translated(pseudo_language: None) -> None:
    assert all(line.startswith("⟦") for line in about_text().splitlines()[-2:])


def test_errors_and_data_sets_of_core_are_translated(pseudo_language: None, tmp_path: Path) -> None:
    with pytest.raises(DigitpadError, match="⟦"):
        load_model(tmp_path / "missing.safetensors")
    assert all(is_translated(entry.title) for entry in catalogue())
    assert all("⟦" in entry.description for entry in catalogue())


def test_a_language_without_a_catalogue_stays_english(tmp_path: Path) -> None:
    assert not set_language("ko", tmp_path)
    with pytest.raises(DigitpadError, match="does not exist"):
        load_model(tmp_path / "missing.safetensors")

"""The guide in the window: F1, links, search, the way back, and what it never opens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QEnterEvent, QImage, QKeySequence, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.core.translation import set_language
from digitpad.gui.help.guide_window import GuideWindow
from digitpad.gui.help.markdown_text import MarkdownText
from digitpad.gui.help.pages import parse_page, read_pages
from digitpad.gui.help.term_label import TermLabel
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.widgets.sentences import without_mnemonic
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def guide(themes: Themes, qtbot: QtBot) -> Iterator[GuideWindow]:
    guide = GuideWindow(Settings(), lambda _: "## Some menu\n\n| key | what |\n| --- | --- |\n| **K** | keys |")
    qtbot.addWidget(guide)
    guide.show()
    guide.activateWindow()
    qtbot.waitUntil(guide.isActiveWindow)
    guide.open_first()
    yield guide
    guide.close()


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def press_f1(widget: QWidget, qtbot: QtBot) -> None:
    widget.window().activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is widget.window())
    QTest.keyClick(widget.window().windowHandle(), Qt.Key.Key_F1)


def shown_heading(guide: GuideWindow) -> str:
    """Return the heading at the top of the text."""
    return guide.text.cursorForPosition(QPoint(4, 4)).block().text()


def test_f1_explains_the_page_and_what_has_the_focus(shown: MainWindow, qtbot: QtBot) -> None:
    press_f1(shown, qtbot)
    assert shown.guide.guide.place == "draw"
    shown.draw_tab.panel.controls["models"].setFocus()
    press_f1(shown, qtbot)
    assert shown.guide.guide.place == "draw#models"
    shown.actions_.teach.setChecked(True)
    assert shown.draw_tab.teach is not None
    shown.draw_tab.teach.skip.setFocus()
    press_f1(shown, qtbot)
    assert shown.guide.guide.place == "my-digits#teach"
    shown.show_tab(PageId.MISTAKES)
    press_f1(shown, qtbot)
    assert shown.guide.guide.place == "mistakes"
    shown.show_tab(PageId.TRAIN)
    shown.training_tab.form.go_to("training.weight_decay")
    press_f1(shown, qtbot)
    assert shown.guide.guide.place == "glossary#weight_decay"
    assert shown_heading(shown.guide.guide) == "Weight decay"


def test_a_guide_that_opens_shows_its_section_whatever_its_size(guide: GuideWindow, qtbot: QtBot) -> None:
    for width in (700, 1000):
        guide.resize(width, 400)
        guide.close()  # which keeps the size
        other = GuideWindow(Settings(), lambda _: "")
        qtbot.addWidget(other)
        other.open_place("mistakes#sample")
        with qtbot.waitExposed(other):
            other.show()
        for wider in (0, 60):
            other.resize(width + wider, 400)
            qtbot.waitUntil(lambda other=other: shown_heading(other) == "One sample", timeout=5000)
        other.close()


def test_f1_works_in_dialogs_and_the_guide_can_be_used_beside_them(shown: MainWindow, qtbot: QtBot) -> None:
    shown.actions_.gates.trigger()
    press_f1(shown.gates, qtbot)
    assert shown.guide.guide.place == "train#gates"
    shown.gates.close()
    shown.show_tab(PageId.TRAIN)
    QTest.mouseClick(shown.training_tab.buttons.compare, LEFT)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog)
    press_f1(dialog, qtbot)
    guide = shown.guide.guide
    assert guide.place == "train#sweep"
    qtbot.waitUntil(guide.isActiveWindow)
    QTest.keyClick(guide.windowHandle(), Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: guide.place == "train#gates")
    dialog.reject()


def test_a_click_on_a_label_of_the_form_opens_its_term(shown: MainWindow) -> None:
    shown.show_tab(PageId.TRAIN)
    form = shown.training_tab.form
    form.set_recipe("mlp-fast")  # AdamW: the momentum cannot be edited
    form.go_to("training.momentum")
    label = next(label for label in form.findChildren(TermLabel) if label.text() == "Momentum")
    assert label.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mouseClick(label, LEFT)
    assert shown.guide.guide.place == "glossary#momentum"
    box = next(row for row in form.findChildren(QWidget) if row.objectName() == "training.nesterov")
    row = box.parentWidget()
    assert row is not None
    question = next(label for label in row.findChildren(TermLabel) if label.text())
    QTest.mouseClick(question, LEFT)
    assert shown.guide.guide.place == "glossary#nesterov"


@pytest.mark.parametrize(("name", "place"), [("xor-mlp", "glossary#loss"), ("digits-mlp", "glossary#accuracy")])
def test_a_click_on_the_large_figure_of_a_run_opens_its_term(
    shown: MainWindow, qtbot: QtBot, name: str, place: str
) -> None:
    recipe = with_settings(load_recipe(name), ["epochs=1"])
    assert isinstance([*run_job(TrainingJob(recipe, name))][-1], RunClosed)
    shown.show_tab(PageId.TRAIN)
    tab, runs = shown.training_tab, shown.session.runs
    qtbot.waitUntil(lambda: runs.is_settled and bool(runs.runs))
    tab.runs.select(runs.runs[0])
    QTest.mouseClick(tab.headline, LEFT)
    assert shown.guide.guide.place == place


def test_the_label_is_underlined_under_the_pointer(themes: Themes, qtbot: QtBot) -> None:
    label = TermLabel("Momentum", "glossary#momentum")
    qtbot.addWidget(label)
    label.show()
    size = label.fontInfo().pixelSize()
    middle = QPointF(label.rect().center())
    QApplication.sendEvent(label, QEnterEvent(middle, middle, label.mapToGlobal(middle)))
    qtbot.waitUntil(lambda: label.font().underline())
    assert label.fontInfo().pixelSize() == size


def test_links_lead_on_and_the_way_back_is_remembered(guide: GuideWindow, qtbot: QtBot) -> None:
    for link, place in (("draw", "draw"), ("glossary#momentum", "glossary#momentum"), ("#ece", "glossary#ece")):
        guide.text.anchorClicked.emit(QUrl(link))
        assert guide.place == place
    QTest.mouseClick(guide.back, LEFT)
    assert guide.place == "glossary#momentum"
    assert guide.windowTitle() == "Glossary – Guide"
    QTest.keyClick(guide, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: guide.place == "draw")
    QTest.mouseClick(guide.forward, LEFT)
    QTest.mouseClick(guide.forward, LEFT)
    assert guide.place == "glossary#ece"
    assert not guide.forward.isEnabled()


def test_links_are_reached_and_followed_by_keyboard(guide: GuideWindow) -> None:
    guide.text.setFocus()
    QTest.keyClick(guide.text, Qt.Key.Key_Tab)
    QTest.keyClick(guide.text, Qt.Key.Key_Return)
    assert guide.place == "glossary#mnist"


def test_pages_are_chosen_by_keyboard(guide: GuideWindow) -> None:
    guide.contents.setFocus()
    QTest.keyClick(guide.contents, Qt.Key.Key_Down)
    assert guide.place == "draw"
    QTest.keyClick(guide.contents, Qt.Key.Key_End)
    assert guide.place == "questions"


def test_a_web_page_opens_in_the_browser_and_a_file_never(
    guide: GuideWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or True)
    secret = tmp_path / "secret.png"
    QImage(3, 3, QImage.Format.Format_RGB32).save(str(secret))
    before = guide.place
    for link in (f"file://{secret}", str(secret), "../../../etc/passwd", "javascript:x", "nothing", "draw.md"):
        guide.text.anchorClicked.emit(QUrl(link))
    assert opened == []
    assert guide.place == before
    guide.text.anchorClicked.emit(QUrl("https://pytorch.org"))
    assert opened == ["https://pytorch.org"]
    kind = QTextDocument.ResourceType.ImageResource.value
    for name in (str(secret), f"file://{secret}", "../../icons/digitpad.svg", "https://host/a.png"):
        image = guide.text.loadResource(kind, QUrl(name))
        assert isinstance(image, QImage)
        assert image.width() == 1
    assert guide.text.loadResource(QTextDocument.ResourceType.HtmlResource.value, QUrl("draw.png")) is None


def test_pictures_fit_the_width_and_follow_the_theme(guide: GuideWindow, themes: Themes) -> None:
    kind = QTextDocument.ResourceType.ImageResource.value

    def picture() -> QImage:
        image = guide.text.loadResource(kind, "draw.png")
        assert isinstance(image, QImage)
        return image

    guide.resize(700, 500)
    assert 200 < picture().deviceIndependentSize().width() <= guide.text.viewport().width()
    themes.set_appearance(Appearance.LIGHT)
    light = picture()
    themes.set_appearance(Appearance.DARK)
    assert picture().pixelColor(0, 0).lightness() < light.pixelColor(0, 0).lightness()
    themes.set_appearance(Appearance.SYSTEM)


def test_the_search_finds_terms_on_all_pages(guide: GuideWindow, qtbot: QtBot) -> None:
    QTest.keyClick(guide, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert guide.search.hasFocus()
    QTest.keyClicks(guide.search, "momentum")
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.contents.item(0).text().startswith("Momentum\nGlossary · ")
    assert shown_heading(guide) == "Momentum"
    assert guide.text.extraSelections()
    QTest.keyClick(guide.search, Qt.Key.Key_Down)
    assert guide.contents.hasFocus()
    QTest.keyClick(guide.contents, Qt.Key.Key_Down)
    assert guide.place.startswith("glossary#")
    guide.search.setFocus()
    QTest.keyClick(guide.search, Qt.Key.Key_Escape)
    assert guide.contents.item(0).text() == "First ten minutes"
    QTest.keyClicks(guide.search, "qwxyz")
    QTest.keyClick(guide.search, Qt.Key.Key_Return)
    assert "qwxyz" in guide.contents.item(0).text()
    assert not guide.contents.item(0).flags() & Qt.ItemFlag.ItemIsSelectable


def test_a_page_without_a_picture_or_text_below_a_heading_is_shown(guide: GuideWindow) -> None:
    guide.text.show_page(parse_page("x", "# Only a title"), 0)
    assert guide.text.toPlainText() == "Only a title"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_page_shows_the_marks_of_bold_text(themes: Themes, qtbot: QtBot, language: str) -> None:
    text = MarkdownText()
    qtbot.addWidget(text)
    wrong = []
    for page in read_pages(language, "").values():
        text.show_markdown(page.markdown)
        wrong += [line for line in text.toPlainText().splitlines() if "*" in line]
    assert wrong == []


def test_the_size_is_remembered(guide: GuideWindow, qtbot: QtBot) -> None:
    guide.resize(620, 480)
    guide.close()
    other = GuideWindow(Settings(), lambda _: "")
    qtbot.addWidget(other)
    assert other.size() == guide.size()
    other.close()


def test_the_guide_is_in_the_language_of_the_window(themes: Themes, qtbot: QtBot) -> None:
    set_language("ko", TRANSLATIONS)
    try:
        guide = GuideWindow(Settings(), lambda _: "")
        qtbot.addWidget(guide)
        guide.show()
        guide.open_place("glossary#momentum")
        assert shown_heading(guide).startswith("모멘텀 (momentum)")
        guide.close()
    finally:
        set_language("en", TRANSLATIONS)


def test_the_list_of_keys_has_every_shortcut_of_the_menus_and_the_keys_of_widgets(
    shown: MainWindow, session: Session
) -> None:
    menu = next(menu for menu in shown.menuBar().findChildren(QMenu) if menu.title() == "&Help")
    next(action for action in menu.actions() if action.text() == "&Keys").trigger()
    assert shown.guide.guide.place == "keys"
    text = shown.guide.guide.text.toPlainText()
    for action in shown.menuBar().findChildren(QAction):
        for keys in action.shortcuts():
            assert keys.toString(QKeySequence.SequenceFormat.NativeText) in text
            assert without_mnemonic(action.text()).rstrip("…") in text
    for words in ("Ctrl+Return", "F2", "Mark label as wrong", "0 … 9", "Switch the unit off or on".casefold()):
        assert words.casefold() in text.casefold()


def test_closing_the_window_closes_the_guide(shown: MainWindow) -> None:
    shown.actions_.guide.trigger()
    guide = shown.guide.guide
    assert guide.isVisible()
    shown.close()
    assert not guide.isVisible()

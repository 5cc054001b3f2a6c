"""The main window: files, clipboard, menus, settings, themes, closing."""

import gc
import json
import shutil
import subprocess
import sys
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage, QPalette, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.ink.ink_files import read_ink
from digitpad.core.ink.rasterize import draw_polylines
from digitpad.core.models.model_files import ModelCard, ModelEntry
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.window.about_dialog import AboutDialog, about_text
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.model_card_dialog import ModelCardDialog, card_text
from tests.helpers.gui import ONE, SEVEN, draw, status_text


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photo-like picture of a seven."""
    drawn = draw_polylines([np.array(SEVEN[0], float)], pen=22, size=280)
    path = tmp_path / "seven.png"
    Image.fromarray((200 - 150 * drawn).astype(np.uint8)).save(path)
    return path


def answer_of(window: MainWindow) -> str:
    return window.draw_tab.panel.answers[0].answer


def wait_for(window: MainWindow, qtbot: QtBot, answer: str) -> None:
    qtbot.waitUntil(lambda: answer_of(window) == answer, timeout=10_000)


def test_a_picture_is_opened_and_can_be_undone(
    window: MainWindow, session: Session, picture: Path, qtbot: QtBot
) -> None:
    window.files.open_file(picture)
    wait_for(window, qtbot, "7")
    assert session.pad.drawing.picture is not None
    window.actions_.undo.trigger()
    assert not session.pad.drawing


def test_a_dropped_file_is_opened(window: MainWindow, picture: Path, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(picture))])
    where = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter, drop = QDragEnterEvent(QPoint(50, 50), *where), QDropEvent(QPointF(50, 50), *where)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, drop)
    wait_for(window, qtbot, "7")


def test_a_picture_is_pasted(window: MainWindow, session: Session, picture: Path, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setImage(QImage(str(picture)))
    window.actions_.paste.trigger()
    wait_for(window, qtbot, "7")
    assert session.pad.drawing.picture is not None


def test_a_copied_drawing_pastes_as_strokes_and_as_a_picture(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    window.actions_.copy.trigger()
    data = QGuiApplication.clipboard().mimeData()
    assert data.hasImage()
    assert json.loads(data.text())["strokes"]
    session.pad.clear()
    window.actions_.paste.trigger()
    np.testing.assert_allclose(session.pad.drawing.ink.strokes[0][0], SEVEN[0][0], atol=0.5)
    settled()
    assert answer_of(window) == "7"


@pytest.mark.parametrize("content", ["hello", None])
def test_pasting_without_a_picture_shows_a_message(window: MainWindow, content: str | None) -> None:
    QGuiApplication.clipboard().clear()
    if content is not None:
        QGuiApplication.clipboard().setText(content)
    window.actions_.paste.trigger()
    assert "no picture" in window.draw_tab.messages.text


def test_a_drawing_is_saved_as_png_and_as_ink(window: MainWindow, tmp_path: Path) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    window.files.save_to(tmp_path / "a.png")
    window.files.save_to(tmp_path / "a.jsonl")
    image = QImage(str(tmp_path / "a.png"))
    assert image.width() == image.height() == 560
    assert QColor(image.pixel(280, 120)).lightness() < 30
    assert QColor(image.pixel(20, 500)).lightness() > 225
    (sample,) = read_ink(tmp_path / "a.jsonl")
    np.testing.assert_allclose(sample.ink.strokes[0][0], SEVEN[0][0], atol=0.5)
    assert "Saved to" in window.draw_tab.messages.text


def test_files_that_cannot_be_saved_or_opened_are_reported(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    (tmp_path / "file").write_bytes(b"")
    window.files.save_to(tmp_path / "file" / "a.png")
    assert "cannot be written" in window.draw_tab.messages.text
    window.files.save_to(tmp_path / "a.bmp")
    assert ".png" in window.draw_tab.messages.text
    for name in ("none.png", "text.png"):
        (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
        with qtbot.waitSignal(window._session.problem_found):
            window.files.open_file(tmp_path / name)
        assert name in window.draw_tab.messages.text


def test_a_picture_with_strokes_over_it_cannot_be_saved_as_ink(
    window: MainWindow, picture: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window.files.open_file(picture)
    wait_for(window, qtbot, "7")
    window.files.save_to(tmp_path / "a.jsonl")
    assert "PNG" in window.draw_tab.messages.text
    assert not (tmp_path / "a.jsonl").exists()


def test_the_shortcuts_show_the_pages(window: MainWindow) -> None:
    for key, title in ((Qt.Key.Key_2, "Recipe"), (Qt.Key.Key_3, "MNIST is not installed")):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        shown = [label.text() for label in window.tabs.current_page.findChildren(QLabel)]
        assert title in shown
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.tabs.current_page is window.draw_tab


def test_actions_are_enabled_only_if_they_can_do_something(window: MainWindow) -> None:
    actions = window.actions_
    for action in (actions.save, actions.copy, actions.clear, actions.undo, actions.redo):
        assert not action.isEnabled()
    draw(window.draw_tab.canvas, ONE)
    for action in (actions.save, actions.copy, actions.clear, actions.undo):
        assert action.isEnabled()


def test_the_status_bar_shows_model_and_time(window: MainWindow, settled: Callable[[], None], qtbot: QtBot) -> None:
    draw(window.draw_tab.canvas, ONE)
    settled()
    assert status_text(window, "model").startswith("CNN · 99.")
    assert status_text(window, "model").endswith("% accuracy on MNIST test")
    qtbot.waitUntil(lambda: status_text(window, "time").startswith("answer in "))  # it changes a few times a second
    assert status_text(window, "time").endswith(" ms")


def test_settings_are_kept_between_sessions(window: MainWindow, session: Session, themes: Themes) -> None:
    window.resize(763, 507)  # the offscreen screen is 800x800
    window.actions_.compare.trigger()
    window.actions_.appearance.actions()[2].trigger()
    window.close()
    settings = Settings()
    assert settings.is_comparing
    assert settings.appearance is Appearance.DARK
    again = MainWindow(Session(settings), themes)
    assert (again.width(), again.height()) == (763, 507)
    assert len(again.draw_tab.panel.answers) == 3
    again.close()


def test_invalid_settings_are_replaced_by_defaults(user_folder: Path, qapp: QApplication) -> None:
    settings = Settings()
    settings.model = "/gone/model.safetensors"
    settings._store.setValue("appearance", "pink")
    settings._store.setValue("geometry", "no bytes")
    assert settings.appearance is Appearance.SYSTEM
    assert settings.geometry.isEmpty()
    assert Session(settings).models.chosen.name == "cnn"
    assert settings.problem() is None


def test_settings_that_cannot_be_written_are_reported(user_folder: Path) -> None:
    (user_folder / "config").write_bytes(b"a file where the folder should be")
    problem = Settings().problem()
    assert problem is not None
    assert "cannot be written" in problem


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_a_theme_has_contrast(themes: Themes, appearance: Appearance) -> None:
    themes.set_appearance(appearance)
    palette = QGuiApplication.palette()

    def luminance(role: QPalette.ColorRole) -> float:
        channels = [c / 255 for c in palette.color(role).getRgb()[:3]]  # type: ignore[index]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: QPalette.ColorRole, b: QPalette.ColorRole) -> float:
        light, dark = sorted((luminance(a), luminance(b)), reverse=True)
        return (light + 0.05) / (dark + 0.05)  # WCAG 2.1

    role = QPalette.ColorRole
    for ground in (role.Window, role.Base):
        assert contrast(role.Text, ground) >= 7
        assert contrast(role.Dark, ground) >= 4.5  # captions
        assert contrast(role.Highlight, ground) >= 3  # bars
    assert contrast(role.HighlightedText, role.Highlight) >= 4.5
    assert (luminance(role.Window) < 0.5) is (appearance is Appearance.DARK)


def test_the_theme_follows_the_system_if_the_user_wants_it(themes: Themes, monkeypatch: pytest.MonkeyPatch) -> None:
    changes: list[bool] = []
    themes.theme_changed.connect(lambda: changes.append(themes.is_dark))
    themes.set_appearance(Appearance.DARK)
    themes._on_scheme_changed()
    assert changes == [True]
    themes.set_appearance(Appearance.SYSTEM)
    themes._on_scheme_changed()
    assert len(changes) == 3
    assert not themes.is_dark


def test_the_about_text_can_be_copied(qtbot: QtBot, themes: Themes) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog._copy.click()
    assert QGuiApplication.clipboard().text() == about_text()
    for word in ("digitpad", "torch", "PySide6", "Qt", "Device"):
        assert word in about_text()


def right_edge(panel: QWidget) -> int:
    """Return where a panel of the Draw tab ends, in the tab."""
    window = panel.window()
    assert isinstance(window, MainWindow)
    return panel.mapTo(window.draw_tab, panel.rect().topRight()).x() + 1


@pytest.mark.parametrize("models", [1, 3, 4])
@pytest.mark.parametrize("size", [(1280, 800), (1000, 700), (640, 480), (700, 380), (600, 1000), (2560, 1400)])
def test_nothing_is_cut_off_at_any_size(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot, size: tuple[int, int], models: int
) -> None:
    if models == 4:
        path = tmp_path / "a-model-whose-name-is-much-too-long-for-its-card.safetensors"
        shutil.copy(session.models.entries[0].path, path)
        with qtbot.waitSignal(session.models.entries_changed):
            window.files.open_file(path)
    session.models.set_comparing(models > 1)
    window.resize(*size)
    qtbot.waitUntil(lambda: len(window.draw_tab.panel.answers) == models)
    qtbot.waitUntil(window.draw_tab.panel.answers[-1].isVisible)
    tab = window.draw_tab
    # A smaller panel is laid out in turns: first its scroll area, then what is in it.
    qtbot.waitUntil(lambda: right_edge(tab.panel) <= tab.width())
    inside = tab.rect()
    assert inside.contains(tab.canvas.geometry())
    assert tab.panel.minimumSizeHint().width() <= tab.panel.width()
    assert tab.canvas.width() == tab.canvas.height()
    toolbar = tab._toolbar
    assert inside.contains(toolbar.geometry())
    assert toolbar.width() >= toolbar.sizeHint().width()
    assert not toolbar.geometry().intersects(tab._scroll.geometry())
    assert not tab.canvas.geometry().intersects(tab._scroll.geometry())


def test_closing_ends_the_threads(window: MainWindow, session: Session) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    window.close()
    assert not any(thread.isRunning() for thread in session.threads)


def test_the_window_is_created_without_slow_imports() -> None:
    code = (
        "import sys; import digitpad.gui.window.main_window\n"
        "print({'torch', 'torchvision', 'sklearn', 'scipy', 'pyqtgraph', 'PySide6.QtPrintSupport'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "set()\n"


def test_a_closed_window_is_deleted_without_garbage_collection(session: Session, themes: Themes, qtbot: QtBot) -> None:
    """The garbage collector would delete its parts in any order, and Qt would call deleted objects."""
    window = MainWindow(session, themes)
    window.show()
    window.show_tab(2)
    for width in (760, 1280):
        window.resize(width, 800)
        QApplication.processEvents()
    tab = weakref.ref(window.mistakes_tab)
    gone = weakref.ref(window)
    gc.collect()
    window.close()
    del window
    assert gone() is None
    assert tab() is None


def test_the_card_of_a_model_is_shown(window: MainWindow, session: Session) -> None:
    window.actions_.about_model.trigger()
    (dialog,) = window.findChildren(ModelCardDialog)
    assert dialog.isVisible()
    text = dialog.text.toPlainText()
    for word in ("Convolutional network", "UNIPEN", "CC BY 4.0", "MNIST test", "Known weaknesses"):
        assert word in text
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_card_of_a_trained_model_shows_its_training(tmp_path: Path) -> None:
    path = tmp_path / "mine_*of*_me.safetensors"
    card = ModelCard(name="mine", title="Softmax <b>", dataset="MNIST test", test_accuracy=0.925, epochs=3)
    text = card_text(ModelEntry(path, card, is_shipped=False), str)
    document = QTextDocument()
    document.setMarkdown(text)
    shown = document.toPlainText()
    assert "Accuracy: 92.50 %" in shown
    assert "Recipe: Softmax <b>" in shown
    assert "mine_*of*_me" in shown


def test_the_card_of_a_fine_tuned_model_shows_its_base_and_its_accuracy(tmp_path: Path) -> None:
    training: dict[str, object] = {
        "fine_tuned_from": "cnn",
        "own_digits": 24,
        "before": {"own_held_out": {"right": 11, "count": 20}, "mnist_test": {"right": 9916, "count": 10_000}},
        "after": {"own_held_out": {"right": 19, "count": 20}, "mnist_test": {"right": 9910, "count": 10_000}},
        "notes": ["something was odd"],
    }

    def shown_text(training: dict[str, object]) -> str:
        card = ModelCard(name="cnn-mine", title="cnn fine-tuned on 24 of your digits", training=training)
        document = QTextDocument()
        document.setMarkdown(card_text(ModelEntry(tmp_path / "cnn-mine.safetensors", card, is_shipped=False), str))
        return document.toPlainText()

    text = shown_text(training)
    assert "Base model: cnn" in text
    assert "Fine-tuned on: 24 of your digits" in text
    assert "Accuracy on your held-out digits: 55.00 % before, 95.00 % after (20 digits)" in text
    assert "Accuracy on MNIST's test images: 99.16 % before, 99.10 % after (10,000 digits)" in text
    assert "something was odd." in text
    assert "Recipe" not in text
    nothing = {"own_held_out": None, "mnist_test": None}
    unmeasured = shown_text(training | {"own_digits": 1, "before": nothing, "after": nothing, "notes": []})
    assert "Fine-tuned on: 1 of your digits" in unmeasured
    assert unmeasured.count("not measured") == 2
    assert "Recipe: cnn fine-tuned" in shown_text(training | {"before": "damaged"})

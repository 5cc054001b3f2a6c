"""Exporting and printing samples from the window: a dialog asks for a path, and a message shows the result."""

import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtPrintSupport import QPrintDialog
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QToolBar, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.suspect_labels import new_mark, put_marks
from digitpad.core.evaluation.exporting import ExportProgress, export_folder
from digitpad.gui.export.background_export import BackgroundExport
from digitpad.gui.mistakes.sample_actions import SampleActions
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.widgets.message_bar import MessageBar
from tests.helpers.noise_samples import noise_samples

TITLE = "Wrong, most confident first"
NAME = "first noise wrong, most confident first"


@pytest.fixture
def messages(qtbot: QtBot, themes: Themes) -> Iterator[MessageBar]:
    window = QWidget()
    messages = MessageBar(window)
    QVBoxLayout(window).addWidget(messages)
    qtbot.addWidget(window)
    window.resize(400, 100)
    window.show()
    yield messages
    window.close()  # keep a reference until here


@pytest.fixture
def actions(session: Session, messages: MessageBar, tmp_path: Path) -> SampleActions:
    session.settings.folder = str(tmp_path)
    return SampleActions(session, messages, messages.window())


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Pause the export of a folder after its second progress report; it continues when this is set."""
    gate = threading.Event()

    def slowly(*arguments: object) -> Generator[ExportProgress, None, None]:
        export = export_folder(*arguments)  # pyright: ignore[reportArgumentType]
        try:
            yield next(export)
            yield next(export)
            gate.wait(20)
            yield from export
        finally:
            export.close()

    monkeypatch.setattr("digitpad.gui.mistakes.sample_actions.export_folder", slowly)
    yield gate
    gate.set()


def wait_for(qtbot: QtBot, messages: MessageBar, text: str) -> None:
    qtbot.waitUntil(lambda: text in messages.text, timeout=20_000)


def when_dialog_opens(act: Callable[[QWidget], None]) -> None:
    """Call `act` with the next modal dialog when it opens."""

    def find_dialog() -> None:
        if (dialog := QApplication.activeModalWidget()) is None:
            QTimer.singleShot(10, find_dialog)
        else:
            act(dialog)

    QTimer.singleShot(0, find_dialog)


def test_a_table_is_saved_to_the_chosen_path(
    actions: SampleActions, messages: MessageBar, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "sub").mkdir()
    proposed = []

    def choose(dialog: QWidget) -> None:
        assert isinstance(dialog, QFileDialog)
        proposed.extend(dialog.selectedFiles())
        dialog.selectFile(str(tmp_path / "sub" / "mine"))
        dialog.accept()

    when_dialog_opens(choose)
    actions.export(noise_samples(), [3, 1], TITLE, "csv")
    place = tmp_path / "sub" / "mine.csv"
    wait_for(qtbot, messages, f"Saved to {place}")
    assert proposed == [str(tmp_path / f"{NAME}.csv")]
    assert len(place.read_bytes().splitlines()) == 3
    assert session.settings.folder == str(place.parent)
    assert not actions.is_busy


@pytest.mark.parametrize("ending", ["csv", "png", "svg"])
def test_a_confusion_matrix_is_saved_as_the_ending_says(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path, ending: str
) -> None:
    def choose(dialog: QWidget) -> None:
        assert isinstance(dialog, QFileDialog)
        dialog.selectFile(str(tmp_path / f"mine.{ending}"))
        dialog.accept()

    when_dialog_opens(choose)
    actions.export_confusion(np.eye(10, dtype=np.int64), "mlp, MNIST test")
    wait_for(qtbot, messages, f"Saved to {tmp_path / f'mine.{ending}'}")
    start = {"csv": b"label,predicted_0", "png": b"\x89PNG", "svg": b"<svg "}[ending]
    assert (tmp_path / f"mine.{ending}").read_bytes().startswith(start)


def test_label_marks_are_saved_as_a_table(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path
) -> None:
    actions.export_marks()
    assert messages.text == "No label is marked as wrong yet: mark one first."
    put_marks([new_mark(noise_samples().digits, "noise", "test", 3, note="a nine?")])
    when_dialog_opens(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Return))
    actions.export_marks()
    wait_for(qtbot, messages, f"Saved to {tmp_path / 'label marks.csv'}")
    assert b"a nine?" in (tmp_path / "label marks.csv").read_bytes()


def test_cancelling_the_dialog_saves_nothing(
    actions: SampleActions, messages: MessageBar, session: Session, tmp_path: Path
) -> None:
    when_dialog_opens(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    actions.export(noise_samples(), [3], TITLE, "sheet")
    assert (messages.text, list(tmp_path.iterdir()), actions.is_busy) == ("", [], False)
    assert session.settings.folder == str(tmp_path)


def test_a_contact_sheet_is_saved_as_a_picture(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path
) -> None:
    actions.export_to(noise_samples(), np.arange(9), TITLE, "sheet", tmp_path / "a.png")
    wait_for(qtbot, messages, "Saved to")
    assert QImage(str(tmp_path / "a.png")).width() == 3 * 192 - 24 + 1 + 96


def test_an_export_does_not_overwrite_an_existing_folder(
    actions: SampleActions,
    messages: MessageBar,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    for folder in (NAME, f"{NAME} 2"):
        actions.export(noise_samples(), np.arange(60), TITLE, "folder")
        wait_for(qtbot, messages, f"Saved to {tmp_path / folder}")
        assert len(list((tmp_path / folder).iterdir())) == 61
        # The next message is the same text, so hide the old one.
        messages.hide()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_export_shows_its_progress_and_can_be_cancelled(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path, gate: threading.Event
) -> None:
    actions.export_to(noise_samples(), np.arange(60), TITLE, "folder", tmp_path)
    assert messages.text == "Exporting 0 of 60 pictures…"
    wait_for(qtbot, messages, "Exporting 0 of 60")
    assert messages.action.isVisible()
    QTest.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    gate.set()
    wait_for(qtbot, messages, "The export was cancelled")
    assert not list(tmp_path.iterdir())
    assert not actions.is_busy


def test_closing_another_message_shows_the_progress_again(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path, gate: threading.Event
) -> None:
    actions.export_to(noise_samples(), np.arange(60), TITLE, "folder", tmp_path)
    messages.hide_temporary()
    assert messages.text == "Exporting 0 of 60 pictures…"
    messages.warn("The marks cannot be read")
    messages.hide_temporary()
    assert messages.text == "Exporting 0 of 60 pictures…"
    QTest.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    gate.set()
    wait_for(qtbot, messages, "The export was cancelled")
    messages.hide_temporary()
    assert messages.text == ""


def test_a_closed_progress_message_stays_closed(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path, gate: threading.Event
) -> None:
    actions.export_to(noise_samples(), np.arange(60), TITLE, "folder", tmp_path)
    button = messages.findChild(QToolButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    export = actions.findChild(BackgroundExport)
    assert export is not None
    with qtbot.waitSignal(export.progressed):
        gate.set()
    assert not messages.text.startswith("Exporting")
    wait_for(qtbot, messages, "Saved to")


def test_a_long_folder_name_ends_with_a_whole_word(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path
) -> None:
    title = "Wrong, label 4, predicted 9, found “a/b: c”, most confident of all first"
    actions.export_to(noise_samples(), [1], title, "folder", tmp_path)
    wait_for(qtbot, messages, "Saved to")
    assert [path.name for path in tmp_path.iterdir()] == ["first noise wrong, label 4, predicted 9, found “a-b- c”"]


def test_a_second_export_is_refused_during_an_export(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path, gate: threading.Event
) -> None:
    actions.export_to(noise_samples(), np.arange(60), TITLE, "folder", tmp_path)
    actions.export_to(noise_samples(), [1], TITLE, "csv", tmp_path / "a.csv")
    assert messages.text.startswith("An export is running")
    assert messages.action.text() == "Cancel"
    gate.set()
    wait_for(qtbot, messages, "Saved to")
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_closing_the_session_stops_an_export_and_deletes_its_files(
    actions: SampleActions, session: Session, tmp_path: Path, gate: threading.Event, qtbot: QtBot
) -> None:
    actions.export_to(noise_samples(), np.arange(60), TITLE, "folder", tmp_path)
    qtbot.waitUntil(lambda: any(tmp_path.iterdir()))
    threading.Timer(0.05, gate.set).start()
    session.close()
    assert not list(tmp_path.iterdir())


def test_an_impossible_export_is_reported_before_the_dialog_opens(
    actions: SampleActions, messages: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "exec", lambda _: pytest.fail("asked"))
    actions.export(noise_samples(), [], TITLE, "csv")
    assert messages.text.startswith("There is no sample to export")
    actions.export(noise_samples(1001), np.arange(1001), TITLE, "sheet")
    assert messages.text == "A contact sheet holds 1,000 samples: select fewer, or export a folder."
    assert actions.print_(noise_samples(1001), np.arange(1001), TITLE) is None


def test_an_export_to_an_unwritable_place_is_reported(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    for kind in ("csv", "sheet", "folder"):
        actions.export_to(noise_samples(), [1], TITLE, kind, tmp_path / "file" / "x")
        wait_for(qtbot, messages, "choose another")
        messages.hide()
    assert (tmp_path / "file").read_bytes() == b""
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_without_a_printer_a_sheet_is_printed_to_a_pdf(
    actions: SampleActions, messages: MessageBar, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    preview = actions.print_(noise_samples(), np.arange(60), TITLE)
    assert preview is not None
    assert preview.isVisible()
    proposed = []

    def press(dialog: QWidget) -> None:
        assert isinstance(dialog, QPrintDialog)
        file = dialog.findChild(QLineEdit, "filename")
        assert file is not None
        proposed.append(file.text())
        (tmp_path / "sub").mkdir()
        file.setText(str(tmp_path / "sub" / "mine.pdf"))
        dialog.accept()

    toolbar = preview.findChild(QToolBar)
    assert toolbar is not None
    button = toolbar.widgetForAction(toolbar.actions()[-1])
    assert button.isVisible()
    qtbot.waitUntil(lambda: not button.visibleRegion().isEmpty())
    when_dialog_opens(press)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    place = tmp_path / "sub" / "mine.pdf"
    wait_for(qtbot, messages, f"Saved to {place}")
    assert proposed == [str(tmp_path / f"{NAME}.pdf")]
    assert place.read_bytes().startswith(b"%PDF-")
    assert session.settings.folder == str(place.parent)


def test_a_preview_can_be_closed_without_printing(
    actions: SampleActions, messages: MessageBar, qtbot: QtBot, tmp_path: Path
) -> None:
    preview = actions.print_(noise_samples(), [1], TITLE)
    assert preview is not None
    with qtbot.waitSignal(preview.destroyed):
        QTest.keyClick(preview, Qt.Key.Key_Escape)
        preview.close()
    assert (messages.text, list(tmp_path.iterdir())) == ("", [])

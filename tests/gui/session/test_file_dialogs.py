"""File dialogs open in the folder that was used last."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.session.file_dialogs import choose_file, choose_folder, choose_save_path
from digitpad.gui.session.settings import Settings


def answer(path: str = "", *, is_cancelled: bool = False, then: Callable[[], None] | None = None) -> list[str]:
    """Paste a path into the next dialog and accept it, or cancel; return a list that gets the dialog's folder.

    `then` is called when the dialog after it is open.
    """
    folders: list[str] = []

    def reply() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        folders.append(dialog.directory().absolutePath())
        QTimer.singleShot(10_000, dialog, dialog.reject)  # so that a failed test does not hang
        edit = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(edit, QLineEdit)
        if is_cancelled:
            QTest.keyClick(dialog, Qt.Key.Key_Escape)
            return
        edit.selectAll()
        QGuiApplication.clipboard().setText(path)
        QTest.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        if then is not None:
            QTimer.singleShot(0, then)
        button = dialog.findChild(QDialogButtonBox).buttons()[0]  # pyright: ignore[reportOptionalMemberAccess]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, reply)
    return folders


@pytest.mark.parametrize("name", ["a", "a.png"])
def test_the_folder_of_a_saved_file_is_remembered(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    parent, settings = QWidget(), Settings()
    qtbot.addWidget(parent)
    folder = tmp_path / "pictures"
    folder.mkdir()
    settings.folder = str(tmp_path)
    answer(str(folder / name))
    filters = {"png": "PNG picture (*.png)", "jsonl": "Ink (*.jsonl)"}
    assert choose_save_path(parent, settings, "Save", "digit.png", filters) == folder / "a.png"
    (folder / "a.png").touch()
    opened_in = answer(str(folder / "a.png"))
    assert choose_file(parent, Settings(), "Open", "All files (*)") == folder / "a.png"
    assert opened_in == [str(folder)]


def test_a_name_with_a_wrong_ending_is_asked_again_and_the_title_lists_those_that_work(
    qtbot: QtBot, tmp_path: Path
) -> None:
    parent, settings = QWidget(), Settings()
    qtbot.addWidget(parent)
    settings.folder = str(tmp_path)
    titles: list[str] = []

    def then_accept() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        titles.append(dialog.windowTitle())
        QTest.mouseClick(dialog.findChild(QDialogButtonBox).buttons()[0], Qt.MouseButton.LeftButton)  # pyright: ignore[reportOptionalMemberAccess]

    answer(str(tmp_path / "mine.pt"), then=then_accept)
    filters = {"csv": "Table (*.csv)", "png": "Picture (*.png)"}
    assert choose_save_path(parent, settings, "Export", "mine.csv", filters) == tmp_path / "mine.csv"
    assert titles == ["mine.pt must end in .csv or .png"]


@pytest.mark.parametrize(
    "choose",
    [
        lambda parent, settings: choose_file(parent, settings, "Open", "All files (*)"),
        lambda parent, settings: choose_folder(parent, settings, "Open"),
        lambda parent, settings: choose_save_path(parent, settings, "Save", "a", {"png": "PNG picture (*.png)"}),
    ],
)
def test_a_cancelled_dialog_chooses_nothing_and_keeps_the_folder(
    qtbot: QtBot, tmp_path: Path, choose: Callable[[QWidget, Settings], Path | None]
) -> None:
    parent, settings = QWidget(), Settings()
    qtbot.addWidget(parent)
    settings.folder = str(tmp_path)
    opened_in = answer(is_cancelled=True)
    assert choose(parent, settings) is None
    assert opened_in == [str(tmp_path)]
    assert settings.folder == str(tmp_path)

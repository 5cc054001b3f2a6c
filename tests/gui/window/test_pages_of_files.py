"""Files with several pages in the window: which one is shown, and the way to the others."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, Qt, QUrl
from pytestqt.qtbot import QtBot

from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Three pages: a tall bar, blank, a wide bar."""
    pages = [Image.new("L", (90, 90), 255) for _ in range(3)]
    pages[0].paste(0, (40, 10, 50, 80))
    pages[2].paste(0, (10, 40, 80, 50))
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    return tmp_path / "scan.tif"


def is_tall(session: Session) -> bool:
    picture = session.pad.drawing.picture
    assert picture is not None
    rows, columns = (np.count_nonzero(picture.any(axis=axis)) for axis in (1, 0))
    return bool(rows > columns)


def test_a_dropped_file_with_several_pages_says_so_and_its_button_opens_the_next(
    window: MainWindow, session: Session, scan: Path, qtbot: QtBot
) -> None:
    messages = window.draw_tab.messages
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(scan))])
    window.files.drop(data)
    qtbot.waitUntil(lambda: messages.text == "This file has 3 pages; page 1 is shown.")
    assert is_tall(session)
    assert messages.action.text() == "Open page 2"

    qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: messages.text.endswith("This is page 2 of 3."))  # it is blank
    assert messages.text.startswith("scan.tif is blank: choose a picture that shows a digit. This")
    assert is_tall(session)

    qtbot.mouseClick(messages.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: messages.text == "This file has 3 pages; page 3 is shown.")
    assert not is_tall(session)
    assert messages.action.text() == "Open page 1"

    session.pad.undo_stack.undo()
    assert is_tall(session)


def test_a_picture_of_one_page_needs_no_word(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    picture = Image.new("L", (90, 90), 255)
    picture.paste(0, (40, 10, 50, 80))
    picture.save(tmp_path / "one.png")
    with qtbot.waitSignal(session.opened):
        window.files.open_file(tmp_path / "one.png")
    assert not window.draw_tab.messages.text

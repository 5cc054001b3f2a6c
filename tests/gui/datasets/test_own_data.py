"""The user's own data is shown before it is used: chosen as a file or folder, dropped, or used before."""

import threading
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.formats.progress import report_progress
from digitpad.core.datasets.preview import Preview
from digitpad.gui.datasets import own_data
from digitpad.gui.datasets.own_data import OwnData
from digitpad.gui.datasets.preview_dialog import PreviewDialog
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.format_files import TEST, png, some_digits, write_csv

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    window.show_tab(PageId.TRAIN)
    return window.training_tab


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Write a table of digits that are dark on light, with labels 1 to 10 and without a 4."""
    images, labels = some_digits(60)
    kept = labels != 4
    return write_csv(tmp_path / "odd.csv", (255 - images[kept], np.where(labels == 0, 10, labels)[kept]))


def shown(data: OwnData, qtbot: QtBot) -> PreviewDialog:
    """Wait until a data set is read."""
    qtbot.waitUntil(lambda: data.dialog is not None and not data.dialog.is_reading)
    assert data.dialog is not None
    return data.dialog


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier))


def test_a_file_is_chosen_looked_at_and_used_as_it_should_be_read(
    tab: TrainTab, session: Session, odd: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        "digitpad.gui.session.file_dialogs.QFileDialog.getOpenFileName",
        lambda *args: asked.append(args[-1]) or (str(odd), ""),
    )
    picker = tab.form.dataset_picker
    picker.setFocus()
    QTest.keyClick(picker, Qt.Key.Key_End)
    dialog = shown(tab.data.own_data, qtbot)

    for ending in ("csv", "npz", "npy", "pkl.gz", "mat", "parquet", "ubyte", "jsonl", "ndjson", "inkml", "unipen"):
        assert f"*.{ending}" in asked[0] or f"*{ending}" in asked[0]
    assert dialog.what.startswith("Table of pixels, 54 pictures of 28x28 px:")
    assert "held out for testing" in dialog.what
    assert dialog.bars.counts == {str(label): 0 if label == 4 else 6 for label in range(1, 11)}
    assert "No sample has the label 4." in dialog.notes
    assert len(dialog.sheet.labels) == 16
    assert "0" in dialog.sheet.labels
    assert dialog.invert.isChecked()
    assert dialog.sheet.images[0, 0, 0] == 0
    QTest.keyClick(dialog.invert, Qt.Key.Key_Space)
    assert dialog.sheet.images[0, 0, 0] == 255
    assert "look inverted" in dialog.notes
    QTest.keyClick(dialog.invert, Qt.Key.Key_Space)
    QTest.keyClick(dialog.ten_is_zero, Qt.Key.Key_Space)
    assert "labels from 1 to 10" in dialog.problem
    assert not dialog.use.isEnabled()
    QTest.keyClick(dialog.ten_is_zero, Qt.Key.Key_Space)
    qtbot.mouseClick(dialog.use, LEFT)

    assert tab.form.dataset == f"{odd}#invert,ten-is-zero"
    assert picker.currentText() == "odd.csv"
    assert session.settings.recent_data == [f"{odd}#invert,ten-is-zero"]
    assert tab.buttons.start.isEnabled()


def test_cancel_changes_nothing(tab: TrainTab, odd: Path, qtbot: QtBot) -> None:
    before = tab.form.dataset
    tab.show_data(str(odd))
    dialog = shown(tab.data.own_data, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert tab.data.own_data.dialog is None
    assert tab.form.dataset == before


def test_a_long_reading_shows_how_far_it_is_and_can_be_cancelled(
    tab: TrainTab, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, pause = threading.Event(), threading.Event()

    def read_for_ever(dataset: str, folder: Path) -> Preview:
        try:
            for number in count(1):
                report_progress(number % 100, 100)
                pause.wait(0.01)
        finally:
            ended.set()
        raise AssertionError((dataset, folder))

    monkeypatch.setattr(own_data, "preview_of", read_for_ever)
    tab.show_data("large.csv")
    dialog = tab.data.own_data.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.progress > 0)
    assert dialog.is_reading
    qtbot.mouseClick(dialog.buttons.button(QDialogButtonBox.StandardButton.Cancel), LEFT)
    assert ended.wait(30)
    assert tab.data.own_data.dialog is None
    assert not tab.messages.text


def test_closing_the_window_ends_a_long_reading(
    tab: TrainTab, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, pause = threading.Event(), threading.Event()

    def read_for_ever(dataset: str, folder: Path) -> Preview:
        for number in count(1):
            began.set()
            report_progress(number, 0)
            pause.wait(0.01)
        raise AssertionError((dataset, folder))

    monkeypatch.setattr(own_data, "preview_of", read_for_ever)
    tab.show_data("large.csv")
    assert began.wait(30)
    window.close()
    assert not any(thread.isRunning() for thread in window.session.threads)


def test_what_cannot_be_read_is_said_in_the_tab(tab: TrainTab, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    tab.show_data(str(tmp_path / "notes.txt"))
    qtbot.waitUntil(lambda: "is no data set that can be read: choose a CSV table" in tab.messages.text)
    assert tab.data.own_data.dialog is None


def test_letters_and_a_test_part_alone_cannot_be_trained_on(tab: TrainTab, tmp_path: Path, qtbot: QtBot) -> None:
    images, labels = some_digits(40)
    np.savez(tmp_path / "letters.npz", x=images, y=labels + 5)
    for path, problem in (
        (tmp_path / "letters.npz", "has the label 10, but labels must be 0 to 9"),
        (write_csv(tmp_path / "mnist_test.csv", TEST), "has no training samples"),
    ):
        tab.show_data(str(path))
        dialog = shown(tab.data.own_data, qtbot)
        assert problem in dialog.problem
        assert not dialog.use.isEnabled()
        dialog.reject()


def test_files_of_a_folder_that_are_left_out_are_counted_with_reasons(
    tab: TrainTab, tmp_path: Path, qtbot: QtBot
) -> None:
    for number, (image, label) in enumerate(zip(*some_digits(20), strict=True)):
        (tmp_path / str(label)).mkdir(exist_ok=True)
        (tmp_path / str(label) / f"{number}.png").write_bytes(png(image))
    (tmp_path / "3" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    (tmp_path / "stray.png").write_bytes(png(np.zeros((28, 28), np.uint8)))
    tab.show_data(str(tmp_path))
    notes = shown(tab.data.own_data, qtbot).notes
    assert "1 file cannot be read and is left out: 3/broken.png" in notes
    assert "1 sample has no label and is left out (stray.png)." in notes


def test_data_without_parts_is_measured_whole_in_mistakes(window: MainWindow, odd: Path, qtbot: QtBot) -> None:
    window.show_tab(PageId.MISTAKES)
    drop(window, odd)
    assert window.page_name == "mistakes"
    dialog = shown(window.mistakes_tab.dataset_actions.own_data, qtbot)
    qtbot.mouseClick(dialog.use, LEFT)
    assert window.mistakes_tab.overview.sources.part.currentText() == "Training and test"
    qtbot.waitUntil(lambda: window.mistakes_tab.browser.samples is not None)
    assert window.mistakes_tab.browser.samples is not None
    assert len(window.mistakes_tab.browser.samples.digits) == 54


def test_a_dropped_table_is_shown_on_the_train_page(window: MainWindow, odd: Path, qtbot: QtBot) -> None:
    drop(window, odd)
    assert window.page_name == "train"
    assert shown(window.training_tab.data.own_data, qtbot).what.startswith("Table of pixels")


def test_an_ink_file_dropped_on_the_mistakes_page_is_data(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text('{"label": 7, "strokes": [[[80, 60], [200, 60], [130, 230]]]}\n')
    window.show_tab(PageId.MISTAKES)
    drop(window, path)
    assert shown(window.mistakes_tab.dataset_actions.own_data, qtbot).bars.counts["7"] == 1
    assert not window.session.pad.drawing


def test_data_used_before_is_offered_again_and_looked_at_first(odd: Path, qtbot: QtBot, window: MainWindow) -> None:
    used = odd.rename(odd.with_name("zeros.csv"))
    Settings().add_recent_data(f"{used}#invert")
    window.show_tab(PageId.TRAIN)
    tab, picker = window.training_tab, window.training_tab.form.dataset_picker
    before = tab.form.dataset
    picker.setFocus()
    QTest.keyClick(picker, Qt.Key.Key_Z)
    dialog = shown(tab.data.own_data, qtbot)
    assert tab.form.dataset == before
    qtbot.mouseClick(dialog.use, LEFT)
    assert tab.form.dataset == f"{used}#invert,ten-is-zero"
    assert [picker.itemText(index) for index in range(picker.count())].count("zeros.csv") == 1

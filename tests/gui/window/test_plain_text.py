"""Names from files are shown as they are: never as HTML, which would open the files that it names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.models.model_files import ModelCard, ModelEntry, display_name, save_model
from digitpad.core.models.networks import build
from digitpad.core.models.specs import SoftmaxSpec
from digitpad.core.runs.run_library import rename_run
from digitpad.core.runs.training_job import RunClosed, TrainingJob, run_job
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.model_card_dialog import ModelCardDialog
from digitpad.gui.window.page_tabs import PageId

HOSTILE = "<img src='file:///tmp/a.png'><b>bold</b> &amp; ![](a.png)"


def labels() -> Iterator[QLabel]:
    for widget in QApplication.allWidgets():
        if isinstance(widget, QLabel):
            widget.ensurePolished()
            yield widget


def check_labels() -> None:
    assert [label.text() for label in labels() if label.textFormat().name != "PlainText"] == []


@pytest.fixture
def hostile_run() -> None:
    recipe = with_settings(load_recipe("softmax"), ["dataset=digits", "epochs=2", "train_first=200", "device=cpu"])
    closed = list(run_job(TrainingJob(recipe, "softmax", "a")))[-1]
    assert isinstance(closed, RunClosed)
    rename_run(closed.run, HOSTILE)


@pytest.mark.usefixtures("hostile_run")
def test_all_labels_show_plain_text(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    for page in PageId:
        window.show_tab(page)
        qtbot.waitUntil(lambda: session.runs.is_settled)
    (entry,) = [entry for entry in session.models.entries if display_name(entry) == HOSTILE]
    session.models.choose(entry)
    session.models.set_comparing(True)
    window.show_tab(PageId.DRAW)
    assert any(HOSTILE in widget.toolTip() for widget in window.findChildren(QWidget))
    check_labels()


def test_a_tooltip_shows_plain_text(window: MainWindow) -> None:
    QToolTip.showText(QPoint(5, 5), HOSTILE, window)
    (tip,) = [label for label in labels() if label.metaObject().className() == "QTipLabel"]
    assert tip.text() == HOSTILE
    assert tip.textFormat().name == "PlainText"
    QToolTip.hideText()


def test_a_message_box_shows_plain_text(window: MainWindow, qtbot: QtBot) -> None:
    box = QMessageBox(window)
    box.setText(HOSTILE)
    box.setInformativeText(HOSTILE)
    box.open()
    check_labels()
    box.close()
    box.deleteLater()


def test_the_card_of_a_model_shows_plain_text(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    card = ModelCard(name=HOSTILE, title=HOSTILE, dataset=HOSTILE, versions={HOSTILE: HOSTILE})
    path = tmp_path / "a.safetensors"
    save_model(path, build(SoftmaxSpec()), card)
    dialog = ModelCardDialog(ModelEntry(path, card, is_shipped=False), window)
    assert dialog.text.toPlainText().count(HOSTILE) >= 3
    assert "<img" not in dialog.text.toHtml()
    dialog.deleteLater()

"""Models of other programs are opened on the pad, and what was assumed about them is said."""

from pathlib import Path

import torch
from PySide6.QtCore import QMimeData, QUrl
from pytestqt.qtbot import QtBot

from digitpad.core.models.model_files import list_models, load_model
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import SEVEN, draw


def test_a_dropped_state_dict_answers_on_the_pad_and_says_what_was_assumed(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    shipped = load_model(next(entry.path for entry in list_models() if entry.name == "mlp"))
    torch.save(shipped.model.layers.state_dict(), tmp_path / "mine.pt")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.pt"))])
    window.files.drop(data)
    qtbot.waitUntil(lambda: session.models.chosen.path == tmp_path / "mine.pt")
    expected = "mine.pt does not say its activation and its pixels: digitpad took ReLU and pixels "
    qtbot.waitUntil(lambda: window.draw_tab.messages.text.startswith(expected))
    draw(window.draw_tab.canvas, SEVEN)
    qtbot.waitUntil(lambda: session.recognition.is_settled)
    assert session.models.chosen.name == "mine"


def test_a_file_that_is_no_model_is_refused_in_one_sentence(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    before = session.models.chosen
    torch.save(torch.nn.Linear(784, 10), tmp_path / "whole.pt")
    window.files.open_file(tmp_path / "whole.pt")
    qtbot.waitUntil(lambda: "whole.pt is not a state dict" in window.draw_tab.messages.text)
    assert session.models.chosen == before

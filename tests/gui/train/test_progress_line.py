"""The line below the curves has room for two lines of small type."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from digitpad.gui.theme.fonts import CAPTION, sized_font
from digitpad.gui.train.progress_line import ProgressLine

PARTS = ("epoch 10/1,000", "testing", "3 minutes elapsed with tests", "6 minutes left", "4,170 samples/s")


SENTENCE = "Done: 91.94 % of the test images right at epoch 12 of 12, trained for 5.6 s (tests not counted)"


@pytest.mark.parametrize("text", [" · ".join(PARTS), SENTENCE])
def test_a_text_of_three_lines_leaves_out_its_last_parts_or_words(text: str, qtbot: QtBot) -> None:
    line = ProgressLine()
    qtbot.addWidget(line)
    line.show()
    line.show_text(text)
    label, widths = line._text, []
    for width in (900, 420, 340, 280):
        line.resize(width, line.sizeHint().height())
        shown = label.two_lines()
        assert text.startswith(shown.removesuffix("…"))
        metrics = QFontMetrics(sized_font(label.font(), CAPTION))
        room = QRect(0, 0, label.width(), 1000)
        assert metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, shown).height() <= label.height()
        widths.append(len(shown))
    assert widths[0] == len(text)
    assert widths[-1] < widths[0]
    assert line.text == text

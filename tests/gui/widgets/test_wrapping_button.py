"""A button with a text that is too long for its place."""

from pytestqt.qtbot import QtBot

from digitpad.gui.widgets.wrapping_button import WrappingButton


def test_a_text_that_is_too_long_takes_two_lines_and_one_again_where_it_fits(qtbot: QtBot) -> None:
    text = "Draw each of the ten digits three times, and train on them"
    button = WrappingButton(text)
    qtbot.addWidget(button)
    button.show()
    wide, low = button.sizeHint().width(), button.sizeHint().height()
    assert button.minimumSizeHint().width() < wide
    button.resize(button.minimumSizeHint())
    assert button.text().split("\n") == ["Draw each of the ten digits", "three times, and train on them"]
    assert button.sizeHint().height() > low
    assert button.accessibleName() == text
    button.resize(wide, low)
    assert button.text() == text

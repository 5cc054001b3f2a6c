"""A label whose text may be longer than its place."""

from pytestqt.qtbot import QtBot

from digitpad.gui.widgets.elided_label import ElidedLabel


def test_a_long_text_is_elided_in_its_middle_and_all_of_it_is_its_text(qtbot: QtBot) -> None:
    label = ElidedLabel("Inside mlp-with-a-long-name-20261128")
    qtbot.addWidget(label)
    label.show()
    label.resize(label.sizeHint())
    assert label.shown_text == label.text()
    label.resize(label.sizeHint().width() // 2, label.height())
    first, last = label.shown_text.split("…")
    assert label.text().startswith(first)
    assert label.text().endswith(last)
    assert label.text() == "Inside mlp-with-a-long-name-20261128"
    assert label.minimumSizeHint().width() < label.width()


def test_markup_in_a_name_is_shown_as_it_is(qtbot: QtBot) -> None:
    label = ElidedLabel("<b>mine</b>")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.shown_text == "<b>mine</b>"
    assert label.sizeHint().width() >= label.fontMetrics().horizontalAdvance("<b>mine</b>")

"""Reduced motion: chosen in the View menu, remembered, and otherwise as the system."""

import pytest
from PySide6.QtWidgets import QApplication, QProgressBar, QProxyStyle, QStyle, QStyleHintReturn, QStyleOption, QWidget
from pytestqt.qtbot import QtBot

from digitpad.gui.accessibility.motion import reduces_motion, set_reduced_motion, show_busy
from digitpad.gui.session.settings import Settings
from digitpad.gui.window.main_window import MainWindow


@pytest.fixture(autouse=True)
def as_the_system(qapp: QApplication) -> None:
    set_reduced_motion(qapp, None)


def is_moving(bar: QProgressBar) -> bool:
    show_busy(bar)
    return bar.minimum() == bar.maximum()


def test_busy_bars_stand_still_if_the_user_wants_it_and_the_choice_is_remembered(
    window: MainWindow, qtbot: QtBot
) -> None:
    bar, action = QProgressBar(), window.actions_.reduce_motion
    qtbot.addWidget(bar)
    assert not action.isChecked()
    assert is_moving(bar)
    action.trigger()
    assert reduces_motion()
    assert not is_moving(bar)
    assert Settings().reduces_motion is True
    action.trigger()
    assert is_moving(bar)
    assert Settings().reduces_motion is None


class StillStyle(QProxyStyle):
    """The style of a system without animations."""

    def styleHint(  # noqa: N802 - Qt's name
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,  # noqa: N803 - Qt's name
    ) -> int:
        if hint == QStyle.StyleHint.SH_Widget_Animation_Duration:
            return 0
        return super().styleHint(hint, option, widget)


def test_motion_is_reduced_if_the_system_has_no_animations(qapp: QApplication) -> None:
    assert not reduces_motion()
    sheet = qapp.styleSheet()
    qapp.setStyleSheet("")
    qapp.setStyle(StillStyle("Fusion"))
    set_reduced_motion(qapp, None)
    assert reduces_motion()
    set_reduced_motion(qapp, wanted=False)
    assert not reduces_motion()
    qapp.setStyle("Fusion")
    qapp.setStyleSheet(sheet)

"""A student plays each lesson through: every step is done by what its text asks for."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.files.paths import ASSETS
from digitpad.gui.lessons.lesson_panel import LessonPanel
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import (
    isolated_settings,
    no_close_prompts,
    release_mouse_buttons,
    session,
    settled,
    themes,
    window,
)

__all__ = ["isolated_settings", "no_close_prompts", "release_mouse_buttons", "session", "settled", "themes", "window"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
PATIENCE = 300_000  # ms, for a training on a busy machine
LEFT = Qt.MouseButton.LeftButton


class Student:
    """Reads a lesson, presses its buttons, and does what the steps ask for."""

    def __init__(self, window: MainWindow, session: Session, qtbot: QtBot) -> None:
        self.window, self.session, self.qtbot = window, session, qtbot
        window.resize(1280, 800)

    @property
    def panel(self) -> LessonPanel:
        assert self.window.lessons.panel is not None
        return self.window.lessons.panel

    def open(self, name: str) -> None:
        """Open a lesson from the menu."""
        self.window.lesson_menu.refresh()
        path = ASSETS / "lessons" / f"{name}.toml"
        menu = self.window.lesson_menu.menu
        next(action for action in menu.actions() if action.data() == path).trigger()

    def press(self, button: QWidget) -> None:
        assert button.isVisible()
        assert button.isEnabled()
        QTest.mouseClick(button, LEFT)

    def is_at(self, title: str) -> None:
        assert self.panel.step_title.text() == title

    def begins(self, title: str) -> None:
        """Come to a step, and let it show what it names."""
        self.is_at(title)
        if not self.panel.show_me.isHidden():
            self.press(self.panel.show_me)

    def goes_on(self, *, waits: bool = True) -> None:
        """Wait until the step is done, and go on."""
        if waits:
            self.qtbot.waitUntil(lambda: self.panel.goal.text().startswith("✓ Done: "))
        else:
            assert self.panel.goal.text() == ""
        self.press(self.panel.next)

    def trains(self) -> None:
        """Press Start, wait until the step is done, and stop what is left of the training."""
        buttons = self.window.training_tab.buttons
        assert not self.window.lessons.is_step_done
        self.press(buttons.start)
        self.qtbot.waitUntil(lambda: self.window.lessons.is_step_done, timeout=PATIENCE)
        if self.session.training.is_busy:
            self.press(buttons.stop)
        self.qtbot.waitUntil(lambda: not self.session.training.is_busy, timeout=PATIENCE)

    def finishes(self) -> None:
        """Read the last page, and close the lesson."""
        assert self.panel.next.text() == "Finish"
        self.press(self.panel.next)
        assert not self.window.lessons.is_open
        self.window.show_page("train")
        assert all(field.isVisible() for field in self.window.training_tab.findChildren(QWidget, "dataset"))
        assert all(control.isEnabled() for control in self.window.draw_tab.panel.controls.values())


@pytest.fixture
def student(window: MainWindow, session: Session, qtbot: QtBot) -> Student:
    return Student(window, session, qtbot)


def choose(box: QWidget, number: int) -> None:
    """Choose a line of a list, from 0, with the keyboard."""
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(number):
        QTest.keyClick(box, Qt.Key.Key_Down)


def slide(slider: QWidget, key: Qt.Key, done: Callable[[], bool]) -> None:
    for _ in range(30):
        if done():
            return
        QTest.keyClick(slider, key)


def test_a_perceptron_and_its_gates(student: Student) -> None:
    window, lessons = student.window, student.window.lessons
    student.open("1-perceptron")
    student.is_at("Welcome")
    student.goes_on(waits=False)

    student.begins("One perceptron")
    assert window.gates.isVisible()
    student.goes_on()

    page = window.gates.by_hand
    bias = page.weights[2].slider
    student.begins("OR: set the weights yourself")
    choose(page.gate, 2)
    assert not lessons.is_step_done
    slide(bias, Qt.Key.Key_PageUp, lambda: lessons.is_step_done)
    student.goes_on()

    student.begins("The line")
    choose(page.gate, 1)
    assert not lessons.is_step_done
    student.press(page.presets["nand"])
    student.goes_on()

    student.begins("XOR: the one that does not work")
    choose(page.gate, 3)
    assert page.verdict.startswith("✗ 3 of 4")
    student.goes_on()

    student.begins("Three perceptrons can do it")
    student.goes_on(waits=False)
    window.gates.close()

    student.begins("Let the computer find the weights")
    student.trains()
    student.goes_on()

    student.begins("The same perceptron on XOR")
    student.trains()
    student.goes_on()

    student.begins("With hidden layers")
    student.trains()
    student.goes_on()

    student.is_at("What you know now")
    student.finishes()

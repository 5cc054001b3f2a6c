"""A student plays each lesson through: every step is done by what its text asks for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.loading import load_digits
from digitpad.core.files.paths import ASSETS
from digitpad.core.images.idx_sets import SETS, Part
from digitpad.core.models.switched_off import Unit
from digitpad.gui.inside.inside_panel import InsidePanel
from digitpad.gui.lessons.lesson_panel import LessonPanel
from digitpad.gui.mistakes.mistakes_tab import MistakesTab
from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import (
    ONE,
    SEVEN,
    Strokes,
    draw,
    isolated_settings,
    no_close_prompts,
    release_mouse_buttons,
    session,
    settled,
    themes,
    window,
)
from tests.helpers.idx_files import images_idx, labels_idx, write_files

__all__ = ["isolated_settings", "no_close_prompts", "release_mouse_buttons", "session", "settled", "themes", "window"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
PATIENCE = 300_000  # ms, for a training on a busy machine
LEFT = Qt.MouseButton.LeftButton
ZERO: Strokes = [[(140, 50), (95, 90), (90, 170), (140, 225), (190, 180), (190, 100), (140, 50)]]
THREE: Strokes = [[(90, 60), (150, 50), (190, 85), (140, 130), (195, 175), (160, 225), (90, 215)]]
FOUR: Strokes = [[(100, 50), (90, 150), (195, 150)], [(170, 60), (165, 235)]]


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

    def draws(self, strokes: Strokes) -> None:
        """Empty the pad and draw with the mouse."""
        canvas = self.window.draw_tab.canvas
        QTest.keyClick(canvas, Qt.Key.Key_Delete)
        draw(canvas, strokes)

    def sees_mistakes(self) -> MistakesTab:
        """Wait for the mistakes of the model that the step shows."""
        tab = self.window.mistakes_tab
        self.qtbot.waitUntil(lambda: tab.browser.samples is not None, timeout=PATIENCE)
        assert not self.window.lessons.is_step_done
        return tab

    def clicks_a_sample(self, tab: MistakesTab) -> None:
        grid = tab.gallery.grid
        place = grid.visualRect(grid.model().index(1, 0)).center()
        QTest.mouseClick(grid.viewport(), LEFT, pos=place)

    def opens_a_unit(self, layer: int, number: int) -> None:
        """Click a tile in the view Inside, once it shows the drawing."""
        network = self.inside.network
        self.qtbot.waitUntil(lambda: network.view is not None)
        rect = network.rect_of(Unit(layer, number))
        assert rect is not None
        QTest.mouseClick(network, LEFT, pos=rect.center().toPoint())

    @property
    def inside(self) -> InsidePanel:
        assert self.window.draw_tab.inside is not None
        return self.window.draw_tab.inside

    def finishes(self) -> None:
        """Read the last page, and close the lesson."""
        assert self.panel.next.text() == "Finish"
        self.press(self.panel.next)
        assert not self.window.lessons.is_open
        self.window.show_page("train")
        assert all(field.isVisible() for field in self.window.training_tab.findChildren(QWidget, "dataset"))
        assert all(control.isEnabled() for control in self.window.draw_tab.panel.controls.values())


@pytest.fixture
def part_of_mnist(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of MNIST, so that a training takes a fifth of the time."""
    counts: dict[Part, int] = {"train": 12_000, "test": 2_000}
    for part, count in counts.items():
        digits = load_digits("mnist", part, shared_data)
        images, labels = SETS["mnist"].stems[part]
        write_files(
            tmp_path / "data" / "mnist",
            {images: images_idx(digits.images[:count]), labels: labels_idx(digits.labels[:count])},
        )
    monkeypatch.setenv("DIGITPAD_DATA", str(tmp_path / "data"))


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


@pytest.mark.usefixtures("part_of_mnist")
def test_ten_perceptrons_read_digits(student: Student) -> None:
    student.open("2-softmax")
    student.is_at("From 2 inputs to 784")
    student.goes_on(waits=False)

    student.begins("A digit is 784 numbers")
    student.draws(THREE)
    student.goes_on()

    student.begins("Train it yourself")
    student.trains()
    student.goes_on()

    student.begins("Ten templates")
    student.draws(ZERO)
    student.goes_on()

    student.begins("From sums to probabilities")
    student.opens_a_unit(1, 0)
    student.goes_on()

    student.begins("What it gets wrong")
    table = student.sees_mistakes().overview.matrix.table
    QTest.mouseClick(table.viewport(), LEFT, pos=table.visualRect(table.model().index(4, 9)).center())
    student.goes_on()

    student.begins("How wrong is a wrong answer?")
    tab = student.sees_mistakes()
    choose(tab.gallery.filters.sort, 1)
    student.clicks_a_sample(tab)
    student.goes_on()

    student.begins("Five ways to write the cost")
    tab.columns.show_right()
    sections = tab.inspector.sections
    student.press(sections.loss_code_section)
    assert len(sections.loss_code.ways) == 5
    student.goes_on(waits=False)

    student.is_at("What you know now")
    student.finishes()


@pytest.mark.usefixtures("part_of_mnist")
def test_a_hidden_layer_and_how_it_learns(student: Student) -> None:
    student.open("3-mlp")
    student.is_at("More than one template")
    student.goes_on(waits=False)

    student.begins("Train an MLP")
    student.trains()
    student.goes_on()

    student.begins("Look inside")
    student.draws(FOUR)
    student.goes_on()

    student.begins("The learning rate: too small")
    student.trains()
    student.goes_on()

    student.begins("The learning rate: too large")
    student.trains()
    student.goes_on()

    student.begins("Find a good one")
    for key, text in (("training.learning_rate", "0.3"), ("training.epochs", "6")):
        (field,) = student.window.training_tab.form.findChildren(QWidget, key)
        field.setFocus()
        QTest.keySequence(field, QKeySequence.StandardKey.SelectAll)
        QTest.keyClicks(field, text)
    student.trains()
    student.goes_on()

    student.begins("Mean squared error")
    student.trains()
    student.goes_on()

    student.begins("Cross-entropy")
    student.trains()
    student.goes_on()

    student.is_at("What you know now")
    student.finishes()


def test_why_a_drawing_must_look_like_mnist(student: Student) -> None:
    window, lessons = student.window, student.window.lessons
    student.open("4-break-it")
    student.is_at("A well-known disappointment")
    student.goes_on(waits=False)

    student.begins("How MNIST's pictures were made")
    student.draws(SEVEN)
    student.goes_on()

    student.begins("Break it")
    student.goes_on()

    panel = window.draw_tab.break_it
    assert panel is not None
    controls = panel.controls

    def slide_to(name: str, key: Qt.Key) -> None:
        slider = controls.amounts[name].slider
        for _ in range(10):
            QTest.keyClick(slider, key)
            student.qtbot.waitUntil(lambda: panel.is_settled)
            if lessons.is_step_done:
                return

    student.begins("Turn it")
    student.qtbot.waitUntil(lambda: panel.is_settled)
    slide_to("rotation", Qt.Key.Key_PageUp)
    student.goes_on()

    student.begins("Without normalisation")
    student.press(panel.reset_button)
    choose(controls.normalisation, 3)
    slide_to("shift_x", Qt.Key.Key_PageUp)
    slide_to("scale", Qt.Key.Key_PageDown)
    student.goes_on()

    student.begins("Black on white")
    student.press(panel.reset_button)
    QTest.keyClick(controls.amounts["inverted"].box, Qt.Key.Key_Space)
    student.goes_on()

    student.begins("Who is strongest?")
    student.press(panel.reset_button)
    slide_to("noise", Qt.Key.Key_PageUp)
    student.goes_on()

    student.begins("What the pad does for you")
    student.draws([[(x / 4 + 10, y / 4 + 10) for x, y in stroke] for stroke in THREE])
    student.goes_on()

    student.is_at("What you know now")
    student.finishes()


@pytest.mark.usefixtures("part_of_mnist")
def test_a_network_that_looks_at_small_pieces(student: Student) -> None:
    window, session = student.window, student.session
    student.open("5-cnn")
    student.is_at("Small windows")
    student.goes_on(waits=False)

    student.begins("See the maps")
    student.draws(FOUR)
    student.goes_on()

    student.begins("Open one map")
    student.opens_a_unit(1, 5)
    student.goes_on()

    student.begins("Switch something off")
    for number in range(3):
        QTest.keyClick(student.inside.network, Qt.Key.Key_Right)
        QTest.keyClick(student.inside.network, Qt.Key.Key_S)
        del number
    student.goes_on()

    student.begins("Train a CNN")
    student.trains()
    student.goes_on()

    student.begins("Its mistakes")
    student.clicks_a_sample(student.sees_mistakes())
    student.goes_on()

    student.begins("Your own digits")
    for number in range(10):
        strokes = (ONE, SEVEN)[number % 2]
        student.draws([[(x + number, y) for x, y in stroke] for stroke in strokes])
        student.qtbot.waitUntil(lambda: session.recognition.is_settled)
        QTest.keyClick(window.draw_tab.canvas, (Qt.Key.Key_1, Qt.Key.Key_7)[number % 2])
    student.goes_on()

    student.begins("Let it learn your hand")
    start = window.my_digits_tab.fine_tuning.start_page.start
    student.qtbot.waitUntil(start.isEnabled)
    student.press(start)
    student.qtbot.waitUntil(lambda: window.lessons.is_step_done, timeout=PATIENCE)
    student.goes_on()

    student.is_at("What you know now")
    student.finishes()

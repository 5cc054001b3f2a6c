"""Monkey test: a few seeded random actions on the window; scripts/soak.py makes thousands."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from digitpad.gui.session.session import Session
from digitpad.gui.window.main_window import MainWindow
from tests.stress.monkey.actions import Monkey
from tests.stress.monkey.files import make_files
from tests.stress.monkey.growth import exponent, growth_of
from tests.stress.monkey.watch import Watch, open_windows

pytestmark = pytest.mark.slow

ACTIONS = 60


@pytest.fixture
def monkey(window: MainWindow, session: Session, tmp_path: Path) -> Iterator[Monkey]:
    shipped = next(entry.path for entry in session.models.entries if entry.is_shipped)
    monkey = Monkey(window, session, 5, make_files(tmp_path / "in", shipped.parent), tmp_path)
    monkey.may_close = False
    yield monkey
    # Without a display, the clipboard outlives Python and would crash when it deletes an object of Python's.
    QGuiApplication.clipboard().clear()
    assert not other_windows(window)


def other_windows(window: MainWindow) -> list[QWidget]:
    return [widget for widget in open_windows() if widget.isVisible() and widget is not window]


def test_random_actions_cause_no_fault(monkey: Monkey, window: MainWindow) -> None:
    with Watch(lambda: monkey.last[-1], longest=60.0) as watch:
        monkey.live(ACTIONS)
    assert not watch.faults, "\n".join([*monkey.last, *watch.faults])
    assert monkey.number == ACTIONS
    assert window.isVisible()


def test_an_action_is_logged_before_it_is_done(monkey: Monkey) -> None:
    logged: list[str] = []
    monkey.log = logged.append
    monkey.live(2)
    assert logged[0].startswith("1 begins")
    assert logged[1].startswith("1 ")
    assert logged[-1].startswith("2 ")


def test_an_exception_in_a_slot_is_found(monkey: Monkey, window: MainWindow) -> None:
    def fail(_drawing: object) -> None:
        raise RuntimeError("planted")

    with Watch(lambda: monkey.last[-1], longest=60.0) as watch:
        window.draw_tab.canvas.ink_changed.connect(fail)
        monkey.live(ACTIONS)
    assert "planted" in watch.faults[0]


def test_a_blocked_event_loop_is_found() -> None:
    with Watch(lambda: "counting", longest=0.01) as watch:
        while not watch.faults:
            sum(range(1000))
    assert "the event loop was blocked" in watch.faults[0]
    assert "[counting]" in watch.faults[0]


def test_a_question_is_answered_by_one_of_its_buttons(monkey: Monkey, window: MainWindow) -> None:
    asked: list[str] = []

    def ask() -> None:
        box = QMessageBox(window)
        box.addButton("yes", QMessageBox.ButtonRole.AcceptRole)
        box.exec()
        asked.append(box.clickedButton().text())

    QTimer.singleShot(0, window, ask)
    monkey.live(3)
    assert asked == ["yes"]


def test_growth_is_distinguished_from_noise() -> None:
    rng = random.Random(1)  # noqa: S311 - no secret
    flat = [600 + rng.uniform(-5, 5) for _ in range(20)]
    assert abs(growth_of(flat)) < 0.02
    assert growth_of([600 + 5 * number for number in range(20)]) > 0.1


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(power: float) -> None:
    sizes = [10.0, 20.0, 40.0, 80.0]
    assert exponent(sizes, [3 * size**power for size in sizes]) == pytest.approx(power)

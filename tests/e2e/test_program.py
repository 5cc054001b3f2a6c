"""A user starts the program, draws with the pointer and reads the answer in the window."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from digitpad.core.ink.drawing import Drawing
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import find_model
from digitpad.core.recognition.prediction import Prediction
from digitpad.core.recognition.recogniser import Question, Recogniser
from tests.e2e.conftest import Program, wait_until

pytestmark = pytest.mark.slow


def expected(strokes: list[np.ndarray]) -> str:
    """Return the model's answer for the strokes."""
    question = Question(Drawing(ink=Ink.of(strokes)), (find_model("cnn"),))
    (prediction,) = Recogniser().answer(question).predictions
    assert isinstance(prediction, Prediction)
    return "?" if prediction.digit is None else str(prediction.digit)


def test_digits_of_ten_writers_are_drawn_and_recognised(program: Program, ten_digits: list[list[np.ndarray]]) -> None:
    program.wait_for("ready")
    answers = []
    for strokes in ten_digits:
        program.draw(strokes)
        wait_until(lambda: program.answer != "", "an answer in the title")
        answers.append(program.answer)
        program.press("Delete")
        wait_until(lambda: program.title == "digitpad", "an empty pad")
    # The pointer moves by whole pixels, which may tip one doubtful drawing.
    assert sum(a == expected(strokes) for a, strokes in zip(answers, ten_digits, strict=True)) >= 9, answers
    assert sum(answer == str(digit) for digit, answer in enumerate(answers)) >= 8, answers


def test_a_drawing_made_while_torch_loads_is_recognised_afterwards(program: Program) -> None:
    assert "ready" not in program.events
    program.draw([np.array([[0, 0], [60, 0], [100, 0], [80, 60], [40, 160]], float)])
    wait_until(lambda: program.answer == "7", "the answer 7")
    program.press("Delete")
    wait_until(lambda: program.title == "digitpad", "an empty pad")
    program.press("ctrl+z")
    wait_until(lambda: program.answer == "7", "the answer 7 again")


@pytest.mark.parametrize("key", ["ctrl+q", ""])
def test_the_program_ends_cleanly_before_and_after_torch_loads(program: Program, key: str) -> None:
    if key:
        program.wait_for("ready")
        program.press(key)
    else:
        program.process.send_signal(2)  # Ctrl+C in the terminal, while torch still loads
    assert program.process.wait(30) == 0
    assert program.events[:1] == ["painted"]
    assert set(program.events) <= {"painted", "ready"}, "nothing else was printed"


def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **changes}
    environment.pop("QT_QPA_PLATFORM", None)
    command = [sys.executable, "-m", "digitpad", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
@pytest.mark.parametrize("compositor", ["", "wayland-987"])
@pytest.mark.parametrize("screen", ["", ":987"])
def test_without_a_screen_one_line_suggests_predict(screen: str, compositor: str) -> None:
    done = run(DISPLAY=screen, WAYLAND_DISPLAY=compositor)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "digitpad predict" in done.stderr


def test_a_missing_file_is_reported_before_a_window_opens(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none.png"))
    assert done.returncode == 1
    assert "none.png" in done.stderr

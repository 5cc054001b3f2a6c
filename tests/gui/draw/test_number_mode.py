"""Numbers on the pad, in the real window with the real models."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.ink.drawing import Drawing, digit_image
from digitpad.core.ink.strokes import Ink
from digitpad.core.models.model_files import list_models
from digitpad.core.my_digits.store import MyDigits
from digitpad.core.recognition.recogniser import Answer
from digitpad.gui.draw.answer.digit_card import DigitCard
from digitpad.gui.draw.answer.digit_card_strip import DigitCardStrip
from digitpad.gui.draw.answer.number_label import NumberLabel
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gui import ONE, Strokes, draw, place
from tests.helpers.mouse import point_at


def _circle(x: float, y: float, width: float, height: float) -> list[tuple[float, float]]:
    turns = np.linspace(-np.pi / 2, 1.5 * np.pi, 25)
    return [(float(x + width * np.cos(turn)), float(y + height * np.sin(turn))) for turn in turns]


FIRST: Strokes = [[(50, 90), (50, 180)]]
SECOND: Strokes = [[(95, 90), (150, 90), (115, 185)]]
THIRD: Strokes = [_circle(220, 136, 28, 46)]
NUMBER = FIRST + SECOND + THIRD
STAR: Strokes = [[(140, 40), (200, 220), (45, 105), (235, 105), (80, 220), (140, 40)]]


@pytest.fixture
def number_window(window: MainWindow, session: Session, settled: Callable[[], None]) -> MainWindow:
    """The window, about to read numbers."""
    session.recognition.set_reads_numbers(True)
    settled()
    return window


def texts(window: MainWindow) -> list[str]:
    return window.draw_tab.panel.answer_texts


def drawn(strokes: Strokes) -> Drawing:
    drawing = Drawing()
    for stroke in strokes:
        drawing = drawing.with_stroke(np.array(stroke, float))
    return drawing


def shown_cards(strip: DigitCardStrip) -> list[DigitCard]:
    return [card for card in strip.findChildren(DigitCard) if not card.isHidden()]


def test_three_digits_are_read_from_left_to_right(number_window: MainWindow, settled: Callable[[], None]) -> None:
    canvas, panel = number_window.draw_tab.canvas, number_window.draw_tab.panel
    draw(canvas, THIRD + FIRST + SECOND)
    settled()
    assert texts(number_window) == ["170"]
    assert number_window.windowTitle() == "170 – digitpad"
    blocks = shown_cards(panel.numbers.view.strip)
    assert [block.read.digit for block in blocks if block.read] == [1, 7, 0]
    assert all(block.isVisibleTo(panel) for block in blocks)
    assert panel.number_images_view.count == 3
    assert "%" in panel.numbers.view.accessibleName()


def test_the_boxes_are_around_each_digits_ink(number_window: MainWindow, settled: Callable[[], None]) -> None:
    canvas, boxes = number_window.draw_tab.canvas, number_window.draw_tab.boxes
    draw(canvas, NUMBER)
    settled()
    assert boxes.isVisible()
    assert boxes.drawing is canvas.current_drawing
    assert [boxes.index_at(place(canvas, *spot).toPointF()) for spot in ((50, 130), (120, 120), (220, 136))] == [
        0,
        1,
        2,
    ]
    assert boxes.index_at(place(canvas, 140, 250).toPointF()) == -1


def test_boxes_are_never_those_of_another_drawing(
    number_window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    canvas, boxes = number_window.draw_tab.canvas, number_window.draw_tab.boxes
    draw(canvas, NUMBER)
    settled()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 250))
    assert not boxes.isVisible()
    QTest.mouseMove(canvas, place(canvas, 160, 250))
    settled()
    assert not boxes.isVisible(), "an answer during the stroke is of a drawing that is not finished"
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 160, 250))
    settled()
    assert boxes.drawing is session.pad.drawing
    session.pad.change(drawn(SECOND), "another")
    assert not boxes.isVisible()
    settled()
    assert boxes.isVisible()
    session.pad.clear()
    assert not boxes.isVisible()


def test_the_digit_under_the_pointer_is_highlighted_in_all_views(
    number_window: MainWindow, settled: Callable[[], None], qtbot: QtBot
) -> None:
    tab = number_window.draw_tab
    draw(tab.canvas, NUMBER)
    settled()
    strip, boxes = tab.panel.numbers.view.strip, tab.boxes

    cards = shown_cards(strip)
    plain = [card.grab().toImage() for card in cards]

    def marked() -> list[bool]:
        return [card.grab().toImage() != image for card, image in zip(cards, plain, strict=True)]

    point_at(tab.canvas, place(tab.canvas, 220, 136))
    assert boxes.highlighted == 2
    assert marked() == [False, False, True]
    cards[1].pointed.emit(1)
    assert boxes.highlighted == 1
    assert marked() == [False, True, False]
    point_at(tab.panel.number_images_view, tab.panel.number_images_view.rect_of(0).center())
    qtbot.waitUntil(lambda: boxes.highlighted == 0)
    cards[0].pointed.emit(-1)
    assert boxes.highlighted == -1
    assert not any(marked())
    point_at(tab.canvas, place(tab.canvas, 50, 130))
    assert boxes.highlighted == 0
    QTest.mousePress(tab.canvas, Qt.MouseButton.LeftButton, pos=place(tab.canvas, 50, 130))
    assert not any(marked()), "it is not to stand out while something is written"


def test_the_switch_the_key_and_the_settings_agree(
    window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    switch, tab = window.draw_tab.panel.switch, window.draw_tab
    assert not switch.key
    draw(tab.canvas, ONE)
    settled()
    QTest.mouseClick(switch.buttons[True], Qt.MouseButton.LeftButton)
    settled()
    assert session.recognition.reads_numbers
    assert window.actions_.numbers.isChecked()
    assert texts(window) == ["1"]
    assert Session(Settings()).recognition.reads_numbers
    QTest.keyClick(tab.canvas, Qt.Key.Key_N)
    settled()
    assert not session.recognition.reads_numbers
    assert not switch.key
    assert texts(window) == ["1"]
    assert not tab.boxes.isVisible()


def test_the_window_opens_in_the_last_mode(session: Session, themes: Themes, qtbot: QtBot) -> None:
    session.recognition.set_reads_numbers(True)
    window = MainWindow(session, themes)
    qtbot.addWidget(window)
    window.show()
    assert window.draw_tab.panel.switch.key
    assert window.draw_tab.panel.numbers.isVisible()
    assert window.actions_.numbers.isChecked()


def test_an_empty_pad_shows_a_hint(number_window: MainWindow, session: Session, settled: Callable[[], None]) -> None:
    view = number_window.draw_tab.panel.numbers.view
    assert view.accessibleName() == "Write a number; it is read from left to right."
    draw(number_window.draw_tab.canvas, NUMBER)
    settled()
    session.pad.clear()
    assert texts(number_window) == [""]
    assert shown_cards(view.strip) == []
    assert view.accessibleName() == "Write a number; it is read from left to right."
    settled()
    assert texts(number_window) == [""]
    assert number_window.windowTitle() == "digitpad"


def test_a_drawing_that_is_not_a_number_is_not_read(
    number_window: MainWindow, settled: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digitpad.core.recognition.number.digit_scores", lambda images: np.full(len(images), 0.1))
    draw(number_window.draw_tab.canvas, STAR)
    settled()
    assert texts(number_window) == ["?"]
    assert "Probably not a number." in number_window.draw_tab.panel.numbers.view.accessibleName()
    assert number_window.windowTitle() == "? – digitpad"


def test_a_doubtful_digit_has_a_question_mark_in_its_place(
    number_window: MainWindow, settled: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    seven = digit_image(drawn(SECOND)).pixels

    def all_but_the_seven(images: np.ndarray) -> np.ndarray:
        return np.where(np.abs(images - seven).max(axis=(1, 2)) < 0.01, 0.1, 1.0)

    monkeypatch.setattr("digitpad.core.recognition.number.digit_scores", all_but_the_seven)
    number_window.draw_tab.canvas.edited.emit(drawn(NUMBER), "write")
    settled()
    assert texts(number_window) == ["1?0"]
    assert "The 2nd is probably not a digit (closest: 7)" in number_window.draw_tab.panel.numbers.view.accessibleName()


def test_models_are_compared_line_by_line(
    number_window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    draw(number_window.draw_tab.canvas, NUMBER)
    session.models.set_comparing(True)
    settled()
    rows = number_window.draw_tab.panel.numbers.rows
    assert texts(number_window) == ["170", "170", "170"]
    assert all("%" in row.accessibleName() for row in rows)
    assert not number_window.draw_tab.panel.numbers.view.isVisible()
    assert number_window.windowTitle() == "170 – digitpad"
    session.models.set_comparing(False)
    settled()
    assert texts(number_window) == ["170"]


def test_nothing_moves_when_the_mode_changes(
    window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    panel = window.draw_tab.panel

    def tops() -> list[int]:
        QTest.qWaitForWindowExposed(window)
        shown: list[QWidget] = [
            panel.number_images_view if session.recognition.reads_numbers else panel.digit_image_view,
            panel.switch,
        ]
        return [widget.mapTo(window, QPoint(0, 0)).y() for widget in shown]

    draw(window.draw_tab.canvas, NUMBER)
    settled()
    before = tops()
    session.recognition.set_reads_numbers(True)
    settled()
    qtbot.waitUntil(lambda: tops() == before)  # nested layouts take several turns of the event loop


def test_the_last_answer_is_for_the_newest_number(
    number_window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    answers: list[Answer] = []
    session.recognition.answered.connect(answers.append)
    draw(number_window.draw_tab.canvas, NUMBER, steps=60)
    settled()
    assert all(answer.question.as_number for answer in answers)
    assert answers[-1].question.drawing is session.pad.drawing
    assert texts(number_window) == ["170"]


def test_digits_drawn_over_a_picture_are_read_with_it_and_boxed(
    number_window: MainWindow, session: Session, settled: Callable[[], None], tmp_path: Path, qtbot: QtBot
) -> None:
    shown = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(shown).line([(60, 60), (60, 220)], fill=0, width=14)
    ImageDraw.Draw(shown).line([(110, 60), (180, 60), (130, 220)], fill=0, width=14)
    shown.save(tmp_path / "17.png")
    problems: list[str] = []
    session.problem_found.connect(problems.append)
    number_window.files.open_file(tmp_path / "17.png")
    qtbot.waitUntil(lambda: bool(problems) or session.pad.drawing.picture is not None, timeout=20_000)
    assert not problems
    settled()
    assert texts(number_window) == ["17"]
    boxes = number_window.draw_tab.boxes
    assert boxes.drawing is session.pad.drawing
    draw(number_window.draw_tab.canvas, [[(255, 70), (255, 220)]])
    settled()
    assert texts(number_window) == ["171"]


def test_strokes_of_a_number_are_finer_on_the_pad_and_the_same_to_the_models(
    number_window: MainWindow, session: Session, settled: Callable[[], None]
) -> None:
    canvas, panel = number_window.draw_tab.canvas, number_window.draw_tab.panel
    draw(canvas, SECOND)
    settled()
    fine, seen = canvas.grab().toImage(), shown_cards(panel.numbers.view.strip)[0].read
    session.recognition.set_reads_numbers(False)
    settled()
    assert seen is not None
    np.testing.assert_array_equal(panel.digit_image_view.pixels, seen.image.pixels)
    beside = place(canvas, 120, 96)
    assert fine.pixelColor(beside) != canvas.grab().toImage().pixelColor(beside)


def test_a_long_number_gets_smaller_type(qtbot: QtBot) -> None:
    label = NumberLabel(96)
    qtbot.addWidget(label)
    label.resize(400, 100)
    label.show_number("407", is_sure=True)
    assert label.type_size == 96
    label.show_number("119358312274", is_sure=True)
    assert 20 < label.type_size < 60
    assert label.text == "119358312274"


def test_more_digits_than_fit_scroll(number_window: MainWindow, settled: Callable[[], None]) -> None:
    number_window.resize(760, 560)
    strip = number_window.draw_tab.panel.numbers.view.strip
    strokes = [[(x, 100.0), (x, 180.0)] for x in np.linspace(30, 250, 11).tolist()]
    number_window.draw_tab.canvas.edited.emit(Drawing(ink=Ink.of(strokes, 16)), "write")
    settled()
    assert texts(number_window) == ["1" * 11]
    cards = shown_cards(strip)
    assert len(cards) == 11
    assert all(card.width() >= card.minimumSizeHint().width() for card in cards)
    assert strip.horizontalScrollBar().maximum() > 0
    assert strip.focusPolicy() == Qt.FocusPolicy.TabFocus


def test_the_reason_is_shown_for_a_model_that_cannot_be_used(
    number_window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot, settled: Callable[[], None]
) -> None:
    own = tmp_path / "own.safetensors"
    shutil.copy(list_models()[0].path, own)
    with qtbot.waitSignal(session.models.chosen_changed):
        number_window.files.open_file(own)
    settled()
    own.write_bytes(b"nonsense")
    draw(number_window.draw_tab.canvas, NUMBER)
    settled()
    numbers = number_window.draw_tab.panel.numbers
    name = numbers.view.accessibleName()
    assert name == "own.safetensors is not a model of digitpad: choose a .safetensors file saved by digitpad"
    assert str(own) in numbers.view.toolTip()
    session.models.set_comparing(True)
    settled()
    assert str(own) in numbers.rows[-1].toolTip()


def test_two_digits_drawn_as_one_are_offered_as_a_number(window: MainWindow, session: Session, qtbot: QtBot) -> None:
    panel = window.draw_tab.panel
    draw(window.draw_tab.canvas, FIRST + SECOND)
    qtbot.waitUntil(lambda: "Two digits?" in panel.answers[0].accessibleName())
    assert texts(window) == ["?"]
    assert panel.answers[0].bars.prediction is not None
    QTest.mouseClick(panel.answers[0].as_number, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: texts(window) == ["17"])
    assert session.recognition.reads_numbers
    session.recognition.set_reads_numbers(False)
    qtbot.waitUntil(lambda: texts(window) == ["?"])
    assert panel.answers[0].as_number.isVisible()
    session.pad.clear()
    draw(window.draw_tab.canvas, SECOND)
    qtbot.waitUntil(lambda: texts(window) == ["7"])
    assert panel.answers[0].as_number.isHidden()


def test_two_digits_of_a_picture_are_offered_as_a_number(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "17.png"
    picture = Image.new("L", (280, 280), 255)
    for stroke in FIRST + SECOND:
        ImageDraw.Draw(picture).line(stroke, fill=0, width=10, joint="curve")
    picture.save(path)
    window.files.open_file(path)
    qtbot.waitUntil(lambda: "Two digits?" in window.draw_tab.panel.answers[0].accessibleName())


def _half(strokes: Strokes, down: float) -> Strokes:
    return [[(x, y / 2 + down) for x, y in stroke] for stroke in strokes]


def test_two_lines_are_two_numbers_one_below_the_other(
    number_window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    tab = number_window.draw_tab
    draw(tab.canvas, _half(FIRST + SECOND, 10) + _half(THIRD + FIRST, 110))
    settled()
    assert texts(number_window) == ["17\n10"]
    assert number_window.windowTitle() == "17, 10 – digitpad"
    view = tab.panel.numbers.view
    assert view.accessibleName().startswith("17, 10, ")
    assert [card.read.digit for card in shown_cards(view.strip) if card.read] == [1, 7, 1, 0]
    spots = [place(tab.canvas, x, y).toPointF() for x, y in ((50, 78), (120, 70), (50, 178), (220, 178))]
    assert [tab.boxes.index_at(spot) for spot in spots] == [0, 1, 2, 3]
    images = tab.panel.number_images_view
    tops, lefts = zip(*[(images.rect_of(n).top(), images.rect_of(n).left()) for n in range(4)], strict=True)
    assert tops[0] == tops[1] < tops[2] == tops[3]
    assert lefts[0] == lefts[2] < lefts[1] == lefts[3]
    label = view.findChild(NumberLabel)
    assert label is not None
    assert 2 * label.type_size <= label.height()
    session.models.set_comparing(True)
    settled()
    assert texts(number_window) == ["17\n10"] * 3
    session.recognition.set_reads_numbers(False)
    session.models.set_comparing(False)
    qtbot.waitUntil(lambda: "4 digits?" in tab.panel.answers[0].accessibleName())


def test_a_minus_between_two_digits_is_shown(number_window: MainWindow, settled: Callable[[], None]) -> None:
    tab = number_window.draw_tab
    draw(tab.canvas, [*FIRST, [(90, 138), (140, 136)], *THIRD])
    settled()
    assert texts(number_window) == ["1-0"]
    assert [card.read.digit for card in shown_cards(tab.panel.numbers.view.strip) if card.read] == [1, 0]
    assert tab.boxes.index_at(place(tab.canvas, 115, 137).toPointF()) == -1


def test_the_digits_of_a_number_are_labelled_one_after_the_other(
    number_window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    tab = number_window.draw_tab
    draw(tab.canvas, NUMBER)
    settled()
    keys = tab.label_buttons
    assert keys.is_ready
    assert keys.buttons[1].is_answer  # the first digit is marked
    for key in (Qt.Key.Key_1, Qt.Key.Key_7):
        with qtbot.waitSignal(session.my_digits.kept):
            QTest.keyClick(tab.canvas, key)
    assert tab.messages.text == "Digit 2 of 3 saved as 7 in My digits"
    QTest.keyClick(tab.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)  # back to the seven, which is a two
    assert keys.saved_label == 7
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.mouseClick(keys.buttons[2], Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(tab.canvas, Qt.Key.Key_0)
    assert tab.messages.text == "All 3 digits are saved in My digits"
    with MyDigits.open() as mine:
        kept = mine.all(newest_first=False)
    assert [digit.label for digit in kept] == [1, 2, 0]
    assert [digit.predicted for digit in kept] == [1, 7, 0]
    assert all(digit.ink is not None for digit in kept)  # with their strokes


def test_a_label_of_a_digit_of_a_number_is_undone(
    number_window: MainWindow, session: Session, settled: Callable[[], None], qtbot: QtBot
) -> None:
    tab = number_window.draw_tab
    draw(tab.canvas, NUMBER)
    settled()
    with qtbot.waitSignal(session.my_digits.kept):
        QTest.keyClick(tab.canvas, Qt.Key.Key_1)
    (undo,) = tab.messages.findChildren(QPushButton)
    with qtbot.waitSignal(session.my_digits.deleted):
        QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert tab.label_buttons.saved_label is None
    assert tab.label_buttons.buttons[1].is_answer
    with MyDigits.open() as mine:
        assert not mine.all()

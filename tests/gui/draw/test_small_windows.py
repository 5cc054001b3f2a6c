"""The pad, the answer and the views in small windows and at a high zoom."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.fine_tuning.events import FineTuned, FineTuneScores, Score
from digitpad.core.models.networks import build
from digitpad.core.models.specs import MLPSpec
from digitpad.gui.draw.answer.digit_answer import DigitAnswer
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Themes
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.cut_texts import cut_off
from tests.helpers.gui import SEVEN, draw

SMALL = {"680x600": (680, 600, 1.0), "760x560": (760, 560, 1.0), "1280x800 at 200 %": (1280, 800, 2.0)}
VERY_SMALL = {"640x480": (640, 480, 1.0), "1280x800 at 250 %": (1280, 800, 2.5)}
NARROW = {
    "760x560 at 175 %": (760, 560, 1.75),
    "680x600 at 200 %": (680, 600, 2.0),
    "680x600 at 250 %": (680, 600, 2.5),
}
TEACH = {
    "640x480": (640, 480, 1.0),
    "1000x700 at 200 %": (1000, 700, 2.0),
    "1280x800 at 250 %": (1280, 800, 2.5),
}
BESIDE_INSIDE = {"1000x700": (1000, 700, 1.0), "1280x800": (1280, 800, 1.0)}

SCORES = [FineTuneScores(Score(right, 20), Score(9000 + right, 10_000)) for right in (11, 19)]


def cases(sizes: dict[str, tuple[int, int, float]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("size", sizes.values(), ids=sizes.keys())


@pytest.fixture
def resized(window: MainWindow, themes: Themes) -> Callable[[tuple[int, int, float]], None]:
    def resize(size: tuple[int, int, float]) -> None:
        window.resize(*size[:2])
        themes.set_zoom(size[2])
        process()
        window.resize(*size[:2])
        process()

    return resize


def process() -> None:
    for _ in range(4):  # parts that have another form now need other room
        QApplication.processEvents()


def is_in_view(widget: QWidget) -> bool:
    return widget.visibleRegion().boundingRect() == widget.rect()


def page_of(window: MainWindow) -> QScrollArea:
    page = window.draw_tab.parentWidget()
    assert page is not None
    area = page.parentWidget()
    assert isinstance(area, QScrollArea)
    return area


def answer_to_seven(window: MainWindow, settled: Callable[[], None]) -> DigitAnswer:
    """Draw a seven; return the view of the answer, laid out."""
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    process()
    (answer,) = window.draw_tab.panel.answers
    return answer


@cases(SMALL)
def test_the_pad_and_all_ten_bars_are_in_view_while_drawing(
    window: MainWindow, size: tuple[int, int, float], resized: Callable[..., None], settled: Callable[[], None]
) -> None:
    resized(size)
    answer = answer_to_seven(window, settled)
    assert is_in_view(window.draw_tab.canvas)
    assert is_in_view(answer.bars)
    assert window.draw_tab.canvas.width() >= 200 * size[2]


@cases(VERY_SMALL)
def test_in_a_very_small_window_the_digit_is_in_view_beside_the_pad(
    window: MainWindow, size: tuple[int, int, float], resized: Callable[..., None], settled: Callable[[], None]
) -> None:
    resized(size)
    answer = answer_to_seven(window, settled)
    shown = answer.visibleRegion().boundingRect()
    assert is_in_view(window.draw_tab.canvas)
    assert shown.width() == answer.width()
    assert shown.height() >= 120 * size[2]  # the digit and its probability


@cases(NARROW)
def test_in_a_narrow_window_the_pad_is_in_view_and_the_answer_below_it_fits(
    window: MainWindow,
    session: Session,
    size: tuple[int, int, float],
    resized: Callable[..., None],
    settled: Callable[[], None],
) -> None:
    resized(size)
    share = answer_to_seven(window, settled).confidence
    tab, actions = window.draw_tab, window.actions_
    assert is_in_view(tab.canvas)
    assert tab.canvas.width() == tab.canvas.height() >= 150
    assert share.width() >= share.fontMetrics().horizontalAdvance(share.text())
    for mode in (None, actions.steps, actions.compare, actions.numbers):
        if mode is not None:
            mode.trigger()
        settled()
        process()
        assert page_of(window).horizontalScrollBar().maximum() == 0, mode
        assert tab.panel.minimumSizeHint().width() <= tab.panel.width(), mode
        assert cut_off(tab) == [], mode


@cases(SMALL | VERY_SMALL)
def test_nothing_scrolls_sideways(
    window: MainWindow, session: Session, size: tuple[int, int, float], resized: Callable[..., None]
) -> None:
    resized(size)
    actions = window.actions_
    for view in (None, actions.break_it, actions.teach, actions.inside, actions.compare, actions.numbers):
        if view is not None:
            view.trigger()
        process()
        for area in window.draw_tab.findChildren(QScrollArea):
            if area.isVisible():
                content = area.widget()
                assert content is not None
                assert content.minimumSizeHint().width() <= area.viewport().width(), (view, content)
        assert page_of(window).horizontalScrollBar().maximum() == 0, view
        if view is not None:
            view.trigger()


@cases(SMALL | VERY_SMALL)
@pytest.mark.parametrize("name", ["break_it", "teach", "inside"])
def test_an_opened_view_is_in_view_from_its_top_and_the_pad_keeps_the_keyboard(
    window: MainWindow, size: tuple[int, int, float], name: str, resized: Callable[..., None]
) -> None:
    resized(size)
    window.draw_tab.canvas.setFocus()
    getattr(window.actions_, name).trigger()
    process()
    view = window.draw_tab.view
    assert view is not None
    seen, top = page_of(window).viewport(), view.mapTo(page_of(window).viewport(), QPoint())
    assert is_in_view(view) or 0 <= top.y() < seen.height() / 4
    assert view.visibleRegion().boundingRect().height() >= min(view.height(), 0.7 * seen.height())
    assert window.draw_tab.focusWidget() is window.draw_tab.canvas


@cases(TEACH)
def test_teach_it_shows_the_pad_what_to_draw_and_the_button_that_keeps_it(
    window: MainWindow, size: tuple[int, int, float], resized: Callable[..., None]
) -> None:
    resized(size)
    window.actions_.teach.trigger()
    process()
    tab, panel = window.draw_tab, window.draw_tab.teach
    assert panel is not None
    for part in (tab.canvas, panel.title, panel._prompt, panel.keep):
        assert is_in_view(part), part
    assert tab.canvas.width() == tab.canvas.height() >= 150
    assert page_of(window).horizontalScrollBar().maximum() == 0


@cases(TEACH | NARROW)
def test_all_of_teach_it_fits_sideways(
    window: MainWindow, size: tuple[int, int, float], resized: Callable[..., None], qtbot: QtBot
) -> None:
    resized(size)
    window.actions_.teach.trigger()
    panel = window.draw_tab.teach
    assert panel is not None
    process()
    assert is_in_view(window.draw_tab.canvas)
    assert page_of(window).horizontalScrollBar().maximum() == 0
    (area,) = panel.findChildren(QScrollArea)
    training = panel.training
    result = FineTuned(build(MLPSpec(hidden=(8,))), *SCORES, blend=0.8, digit_count=24, steps=184)
    training.done_page.show_result(result, "CNN after training on your 24 digits. Accuracy:")
    for page in (training.start_page, training.running_page, training.done_page):
        for other in (training.start_page, training.running_page, training.done_page):
            other.setVisible(other is page)
        process()
        content = area.widget()
        assert content is not None
        assert content.minimumSizeHint().width() <= content.width() <= area.viewport().width(), page
        qtbot.waitUntil(lambda: not cut_off(panel))


@cases(BESIDE_INSIDE)
def test_all_ten_bars_are_in_view_above_inside(
    window: MainWindow, size: tuple[int, int, float], resized: Callable[..., None], settled: Callable[[], None]
) -> None:
    resized(size)
    window.actions_.inside.trigger()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    process()
    (answer,) = window.draw_tab.panel.answers
    assert is_in_view(answer.bars)


@cases({"1280x800": (1280, 800, 1.0), "1366x768": (1366, 768, 1.0), "1920x1080 at 150 %": (1920, 1080, 1.5)})
def test_what_the_model_sees_is_beside_the_answer_above_inside(
    window: MainWindow,
    session: Session,
    size: tuple[int, int, float],
    resized: Callable[..., None],
    settled: Callable[[], None],
) -> None:
    resized(size)
    window.actions_.inside.trigger()
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    tab, panel = window.draw_tab, window.draw_tab.panel
    for part in (panel.answers[0], panel.meter, panel.steps_view, panel.break_it_button):
        assert is_in_view(part), part
    assert tab._scroll.verticalScrollBar().maximum() == 0
    session.models.set_comparing(True)  # three answers need the whole width
    settled()
    assert panel.steps_view.mapTo(tab, QPoint()).y() > panel.answers[0].mapTo(tab, QPoint()).y() + 300


def test_the_bars_have_half_of_the_answer_on_stage_at_a_large_size(
    window: MainWindow, resized: Callable[..., None], settled: Callable[[], None]
) -> None:
    window.actions_.stage.setChecked(True)
    window.showNormal()
    resized((1280, 800, 2.0))
    draw(window.draw_tab.canvas, SEVEN)
    settled()
    (answer,) = window.draw_tab.panel.answers
    assert answer.bars.width() > answer.width() / 2


def test_the_panel_is_narrow_again_in_a_narrow_window(window: MainWindow, resized: Callable[..., None]) -> None:
    resized((1280, 800, 1.0))
    window.actions_.inside.trigger()
    process()
    window.actions_.inside.trigger()
    resized(SMALL["760x560"])
    tab = window.draw_tab
    assert tab.panel.width() <= tab._scroll.viewport().width()


def test_the_layers_are_side_by_side_below_the_pad_also_in_a_small_window(
    window: MainWindow, resized: Callable[..., None]
) -> None:
    resized(SMALL["680x600"])
    window.actions_.inside.trigger()
    process()
    tab = window.draw_tab
    assert tab.inside is not None
    assert tab.inside.geometry().top() > tab.label_buttons.geometry().bottom()
    assert is_in_view(tab.inside)
    assert is_in_view(tab.canvas)


@cases(SMALL | VERY_SMALL)
def test_the_tools_and_the_keys_are_apart_from_the_pad_and_the_panel(
    window: MainWindow, size: tuple[int, int, float], resized: Callable[..., None]
) -> None:
    resized(size)
    tab = window.draw_tab
    places: list[QRect] = [part.geometry() for part in (tab.canvas, tab._toolbar, tab.label_buttons, tab._scroll)]
    for number, place in enumerate(places):
        assert not any(place.intersects(other) for other in places[number + 1 :])


@cases({f"{w}x{h} at {z:.0%}": (w, h, z) for w, h in ((760, 560), (1000, 700)) for z in (1.25, 1.5, 1.75, 2.0)})
@pytest.mark.parametrize("view", ["inside", "break_it"])
def test_tools_and_keys_are_within_the_page_beside_a_view(
    window: MainWindow, size: tuple[int, int, float], view: str, resized: Callable[..., None]
) -> None:
    resized(size)
    getattr(window.actions_, view).trigger()
    process()
    tab = window.draw_tab
    for part in (tab.canvas, tab._toolbar, tab.label_buttons):
        assert tab.rect().contains(part.geometry()), part

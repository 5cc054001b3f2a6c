"""1, 5, 16 or 25 samples at random: a plot that fits the window, with the captions of the tutorials."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.sample_filter import RANDOM_COLUMNS, Show
from digitpad.core.evaluation.samples import Samples
from digitpad.core.models.model_files import find_model
from digitpad.gui.grid.layout import GridLayout
from digitpad.gui.grid.plot import PlotCaptions
from digitpad.gui.grid.visible_cells import VisibleCells
from digitpad.gui.mistakes.mistakes_tab import MistakesTab
from digitpad.gui.session.session import Session
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.gallery_samples import gallery_samples

Key, LEFT, NONE, SHIFT = (
    Qt.Key,
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
COUNTS = list(RANDOM_COLUMNS)
SIZES = [(760, 560), (1280, 800), (1920, 1080)]


@pytest.fixture
def tab(window: MainWindow, session: Session, qtbot: QtBot) -> MistakesTab:
    """The mistakes of the shipped softmax model on the built-in digits."""
    window.resize(1280, 800)
    window.show_tab(2)
    tab = window.mistakes_tab
    tab.sources.choose_model(str(find_model("softmax")))
    tab.sources.choose_dataset("digits")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy, timeout=60_000)
    return tab


@pytest.fixture
def labels(tab: MistakesTab, session: Session, qtbot: QtBot) -> MistakesTab:
    """The training images without a model."""
    tab.sources.choose_model("")
    tab.sources.choose_part("train")
    qtbot.waitUntil(lambda: not session.evaluation.is_busy, timeout=60_000)
    return tab


def choose_count(tab: MistakesTab, count: int) -> None:
    """Choose with the keyboard how many samples are shown."""
    field = tab.gallery.filters.count
    field.setFocus()
    QTest.keyClick(field, Key.Key_Home)
    for _ in range([0, *COUNTS].index(count)):
        QTest.keyClick(field, Key.Key_Down)


def places(tab: MistakesTab) -> list[QRect]:
    grid = tab.gallery.grid
    return [grid.visualRect(grid.model().index(row, 0)) for row in range(grid.model().rowCount())]


def is_whole(tab: MistakesTab) -> bool:
    room = tab.gallery.grid.viewport().rect()
    return all(room.contains(place) for place in places(tab))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("with_model", [True, False])
def test_the_whole_plot_is_visible_in_the_columns_of_the_tutorials(
    tab: MistakesTab, window: MainWindow, request: pytest.FixtureRequest, size: tuple[int, int], *, with_model: bool
) -> None:
    if not with_model:
        request.getfixturevalue("labels")
    window.resize(*size)
    QApplication.processEvents()
    for count, columns in RANDOM_COLUMNS.items():
        choose_count(tab, count)
        QApplication.processEvents()
        shown = places(tab)
        assert len(shown) == count
        assert len({place.left() for place in shown}) == tab.gallery.grid.columns == columns
        assert len({place.top() for place in shown}) == count // columns
        assert is_whole(tab)
        assert tab.gallery.grid.verticalScrollBar().maximum() == 0
        room, used = tab.gallery.grid.viewport(), shown[0].united(shown[-1])
        assert max(used.width() / room.width(), used.height() / room.height()) > 0.95
        assert abs(used.center().x() - room.rect().center().x()) <= 1


def test_the_plot_follows_the_size_of_the_window(tab: MistakesTab, window: MainWindow) -> None:
    choose_count(tab, 25)
    sides = []
    for size in (*SIZES, *reversed(SIZES)):
        window.resize(*size)
        for _ in range(3):  # the filters wrap
            QApplication.processEvents()
        assert is_whole(tab)
        sides.append(places(tab)[0].height())
    assert sides[:3] == sorted(set(sides)) == sides[:2:-1]


@pytest.mark.parametrize("show", Show)
def test_samples_are_drawn_from_what_is_filtered(tab: MistakesTab, show: Show) -> None:
    samples, controls = tab.browser.samples, tab.gallery.filters
    assert samples is not None
    assert samples.evaluation is not None
    controls.shown.setFocus()
    QTest.keyClick(controls.shown, Key.Key_Home)
    for _ in range(controls.shown.findData(show.value)):
        QTest.keyClick(controls.shown, Key.Key_Down)
    controls.label.setFocus()
    for _ in range(4):  # label 3
        QTest.keyClick(controls.label, Key.Key_Down)
    matching = set(tab.browser.indices.tolist())
    choose_count(tab, 5)
    drawn = tab.browser.indices
    assert set(drawn.tolist()) <= matching
    assert len(drawn) == min(5, len(matching))
    assert (samples.digits.labels[drawn] == 3).all()
    if show is not Show.ALL:
        assert (samples.evaluation.is_right[drawn] == (show is Show.RIGHT)).all()
    assert f"{len(matching):,}" in tab.gallery.count
    assert tab.gallery.count.endswith(f"{len(drawn)} at random (draw 1)")


def test_each_draw_is_new_and_can_be_repeated(tab: MistakesTab) -> None:
    controls, grid = tab.gallery.filters, tab.gallery.grid
    assert not controls.draw.isEnabled()
    everything = tab.browser.indices.tolist()
    grid.setFocus()
    QTest.keyClick(grid, Key.Key_R)
    assert tab.browser.indices.tolist() == everything
    choose_count(tab, 16)
    draws = [tab.browser.indices.tolist()]
    QTest.mouseClick(controls.draw, LEFT)
    draws.append(tab.browser.indices.tolist())
    QTest.keyClick(controls.count, Key.Key_R)  # the key does not change the choice that has the focus
    draws.append(tab.browser.indices.tolist())
    assert controls.count.raw == "16"
    assert len({tuple(draw) for draw in draws}) == 3
    assert tab.gallery.count.endswith("16 at random (draw 3)")
    grid.setFocus()
    for earlier in (draws[1], draws[0], draws[0]):
        QTest.keyClick(grid, Key.Key_R, SHIFT)
        assert tab.browser.indices.tolist() == earlier
    assert tab.gallery.count.endswith("16 at random (draw 1)")
    QTest.keyClick(grid, Key.Key_R)
    assert tab.browser.indices.tolist() == draws[1]
    choose_count(tab, 0)
    assert tab.browser.indices.tolist() == everything
    assert tab.gallery.count == f"{len(everything)} wrong"


def test_a_letter_in_the_search_draws_nothing(tab: MistakesTab) -> None:
    choose_count(tab, 5)
    drawn = tab.browser.indices.tolist()
    tab.gallery.filters.focus_search()
    QTest.keyClick(tab.gallery.filters.search, Key.Key_R)
    assert tab.gallery.filters.search.text() == "r"
    assert tab.browser.indices.tolist() == drawn


def test_fewer_samples_than_asked_for_fill_the_room(tab: MistakesTab) -> None:
    choose_count(tab, 25)
    small = places(tab)[0].width()
    tab.gallery.filters.focus_search()
    number = tab.browser.indices[7]
    QTest.keyClicks(tab.gallery.filters.search, f"#{number}")
    QTest.keyClick(tab.gallery.filters.search, Key.Key_Return)
    assert tab.browser.indices.tolist() == [number]
    assert is_whole(tab)
    assert places(tab)[0].width() > 3 * small


def test_clicks_and_arrows_go_through_the_plot(tab: MistakesTab) -> None:
    choose_count(tab, 25)
    grid, drawn = tab.gallery.grid, tab.browser.indices
    QTest.mouseClick(grid.viewport(), LEFT, NONE, places(tab)[12].center())
    assert tab.inspector.sample is not None
    assert tab.inspector.sample.index == drawn[12]
    QTest.keyClick(grid, Key.Key_Down)
    assert tab.inspector.sample.index == drawn[17]
    QTest.keyClick(grid, Key.Key_Right, SHIFT)
    assert grid.selected_ids().tolist() == drawn[[17, 18]].tolist()
    outside = places(tab)[0].topLeft() / 2
    assert not grid.indexAt(outside).isValid() or places(tab)[0].left() == 0


def test_the_size_of_thumbnails_does_not_apply_to_a_plot(tab: MistakesTab) -> None:
    grid, controls, side = tab.gallery.grid, tab.gallery.filters, tab.gallery.grid.side
    choose_count(tab, 16)
    assert not controls.side.isEnabled()
    before = places(tab)
    grid.setFocus()
    QTest.keyClick(grid, Key.Key_Plus)
    assert (places(tab), grid.side) == (before, side)
    choose_count(tab, 0)
    assert controls.side.isEnabled()
    QTest.keyClick(grid, Key.Key_Plus)
    assert grid.side > side


def test_why_labels_are_one_hot_is_said_without_a_model(labels: MistakesTab) -> None:
    choose_count(labels, 5)
    sample = labels.inspector.sample
    assert sample is not None
    one_hot = ", ".join("1" if digit == sample.label else "0" for digit in range(10))
    assert labels.inspector.heading.figures == f"one-hot ({one_hot})"
    assert labels.inspector.why_one_hot.isVisible()
    assert "squared distances from the first are 1 and 4" in labels.inspector.why_one_hot.text()


def test_the_plot_is_exported_as_it_is_shown(
    tab: MistakesTab, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plot.png"
    monkeypatch.setattr("digitpad.gui.mistakes.sample_actions.choose_save_path", lambda *_: path)
    choose_count(tab, 25)
    assert tab.gallery.chosen_title == "Wrong, 25 at random, draw 1"
    exports = tab.gallery.menu.exports
    exports.popup(tab.mapToGlobal(tab.rect().center()))
    (action,) = (action for action in exports.actions() if action.data() == "sheet")
    QTest.mouseClick(exports, LEFT, NONE, exports.actionGeometry(action).center())
    qtbot.waitUntil(path.exists, timeout=20_000)
    qtbot.waitUntil(lambda: not tab.export_actions.is_busy, timeout=20_000)
    sheet = QImage(str(path))
    assert sheet.width() == 2 * 480 - 2 * 12 + 1 + 2 * 48
    assert 1 < sheet.height() / sheet.width() < 1.4


def lines_of(samples: Samples, width: int) -> tuple[list[list[tuple[bool | None, str]]], list[int]]:
    """Return the captions of three cells of a width, and what they need."""
    captions, layout = PlotCaptions(), GridLayout(3, QSize(width, 100), 3 * width)
    needs = captions.fit(QFont(), samples, width, has_answers=samples.evaluation is not None)
    lefts, tops, widths = layout.places_of(range(1))
    cells = VisibleCells(
        samples=samples,
        indices=np.arange(3),
        lefts=lefts,
        tops=tops,
        widths=widths,
        height=100,
        selected=np.zeros(3, bool),
        current=None,
        hovered=None,
        has_focus=False,
        has_answers=samples.evaluation is not None,
    )
    return captions.captions(cells), list(needs)


def test_captions_are_the_tutorials_and_take_two_lines_where_it_is_narrow(themes: Themes) -> None:
    samples = gallery_samples(20, second_model="cnn")
    first, second = samples.evaluation, samples.second_evaluation
    assert first is not None
    assert second is not None
    answers = [(int(first.predicted[at]), at) for at in range(3)]  # label 0, 1, 2
    whole = [(digit == label, f"Pred: {digit}, Label: {label}") for digit, label in answers]
    other = [(int(second.predicted[at]) == at, f"cnn: {second.predicted[at]}") for at in range(3)]
    assert lines_of(samples, 300)[0] == [whole, other]
    split = [(digit == label, f"Pred: {digit}") for digit, label in answers]
    plain = [(None, f"Label: {label}") for label in range(3)]
    wide, narrow = lines_of(gallery_samples(20), 300), lines_of(gallery_samples(20), 64)
    assert (wide[0], narrow[0]) == ([whole], [split, plain])
    assert wide[1][0] <= 300
    assert narrow[1][0] <= 64
    assert lines_of(gallery_samples(20, model=""), 64)[0] == [plain]


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_wrong_answers_have_another_colour(
    window: MainWindow, tab: MistakesTab, qtbot: QtBot, appearance: Appearance
) -> None:
    window.themes.set_appearance(appearance)
    samples = tab.browser.samples
    assert samples is not None
    assert samples.evaluation is not None
    tab.browser.choose_show(Show.ALL)
    choose_count(tab, 25)
    picture = tab.gallery.grid.viewport().grab().toImage()
    warm = {True: 0, False: 0}
    for place, index in list(zip(places(tab), tab.browser.indices, strict=True))[1:]:
        strip = picture.copy(QRect(place.left(), place.bottom() - 16, place.width(), 14))
        colours = [strip.pixelColor(x, y) for x in range(strip.width()) for y in range(strip.height())]
        count = sum(colour.red() > colour.blue() + 60 for colour in colours)
        is_right = bool(samples.evaluation.is_right[index])
        assert (count == 0) == is_right
        warm[is_right] += 1
    assert min(warm.values()) > 0

"""The network on the pad: it follows the pen, in the real window with the real models."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.evaluation.saliency import saliency_map
from digitpad.core.models.activations import activations_of
from digitpad.core.models.model_files import LoadedModel, ModelCard, ModelEntry, find_model, load_model, save_model
from digitpad.core.models.specs import CNNSpec, MLPSpec, Output, SoftmaxSpec, Spec
from digitpad.core.models.switched_off import Unit, without_units
from digitpad.gui.inside.inside_panel import InsidePanel
from digitpad.gui.inside.layout import smallest_size
from digitpad.gui.inside.network_view import NetworkView
from digitpad.gui.inside.outputs import OutputsPainter, output_table
from digitpad.gui.session.session import Session
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.fonts import CAPTION, tabular_font
from digitpad.gui.theme.scaling import px
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.core.models.test_activations import model_of
from tests.helpers.gui import ONE, SEVEN, Strokes, draw, place


@pytest.fixture
def wait(inside: InsidePanel, settled: Callable[[], None], qtbot: QtBot) -> Callable[[], None]:
    """Return a function that waits for the answer and for the layers."""

    def both() -> None:
        settled()
        qtbot.waitUntil(lambda: inside.is_settled)

    return both


@pytest.fixture
def inside(window: MainWindow, qtbot: QtBot) -> InsidePanel:
    window.resize(1280, 800)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window.draw_tab.canvas, Qt.Key.Key_I)
    assert window.draw_tab.inside is not None
    assert window.draw_tab.inside.isVisible()
    return window.draw_tab.inside


def choose(window: MainWindow, session: Session, name: str) -> None:
    entry: ModelEntry = next(entry for entry in session.models.entries if entry.name == name)
    window.draw_tab.panel.model_requested.emit(entry)


def test_the_answer_beside_the_title_is_that_of_the_pad(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    star: Strokes = [[(60, 60), (220, 220)], [(60, 220), (220, 60)], [(140, 30), (140, 250)], [(30, 140), (250, 140)]]
    for strokes, expected in ((SEVEN, "7 · "), (star, "?"), (SEVEN, "7 · ")):
        session.pad.clear()
        draw(window.draw_tab.canvas, strokes)
        wait()
        assert window.draw_tab.panel.answers[0].answer == expected[0]
        assert inside._answer.text().startswith(expected)
        assert (inside._answer.text() == "?") == (expected == "?")
        session.pad.clear()
        wait()
        assert inside._answer.text() == ""


@pytest.mark.parametrize("name", ["softmax", "mlp", "cnn"])
def test_the_layers_are_those_of_the_model_that_answers(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None], name: str
) -> None:
    choose(window, session, name)
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    pixels = window.draw_tab.panel.digit_image_view.pixels
    expected = activations_of(load_model(find_model(name)).model, pixels)
    assert inside.network.view is not None
    shown = inside.network.view.activations
    for stage, own in zip(shown.stages, expected.stages, strict=True):
        np.testing.assert_allclose(stage.values, own.values, rtol=1e-4, atol=1e-4)
    bars = window.draw_tab.panel.answers[0].bars.prediction
    table = inside.network.outputs
    assert bars is not None
    assert table is not None
    np.testing.assert_allclose(table.shares, bars.probabilities, atol=1e-5)
    assert [text[0] for text in table.texts] == [f"{z:.2f}".replace("-", "−") for z in bars.logits]
    assert table.winner == 7
    assert name != "mlp" or {link.stage for link in inside.network.links} == {2, 3}


def test_the_layers_follow_the_pen(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None], qtbot: QtBot
) -> None:
    assert "Draw a digit" in inside.reason
    canvas = window.draw_tab.canvas
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 50))
    for y in (120, 240):
        with qtbot.waitSignal(session.inside.followed):
            QTest.mouseMove(canvas, place(canvas, 140, y))
        qtbot.waitUntil(lambda: inside.reason == "")
        assert canvas.is_drawing
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place(canvas, 140, 240))
    wait()
    session.pad.clear()
    wait()
    assert "Draw a digit" in inside.reason
    draw(window.draw_tab.canvas, ONE)
    wait()
    assert inside.network.outputs is not None
    assert inside.network.outputs.winner == 1


def test_nothing_is_computed_while_it_is_hidden(
    window: MainWindow, session: Session, wait: Callable[[], None], inside: InsidePanel
) -> None:
    views = []
    session.inside.followed.connect(views.append)
    window.show_tab(PageId.TRAIN)
    window.show_tab(PageId.DRAW)
    window.actions_.inside.trigger()
    assert not inside.isVisible()
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    assert views == []
    window.actions_.inside.trigger()
    wait()
    assert len(views) == 1


def test_it_is_remembered_and_closed(window: MainWindow, session: Session, inside: InsidePanel) -> None:
    assert Settings().shows_inside
    QTest.mouseClick(inside.close_button, Qt.MouseButton.LeftButton)
    assert not inside.isVisible()
    assert not window.actions_.inside.isChecked()
    assert not Settings().shows_inside
    QTest.mouseClick(window.draw_tab.panel.inside_button, Qt.MouseButton.LeftButton)
    assert inside.isVisible()
    assert window.actions_.inside.isChecked()


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (760, 560), (720, 960)])
def test_nothing_overlaps(
    window: MainWindow, inside: InsidePanel, wait: Callable[[], None], qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.resize(*size)
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    tab = window.draw_tab
    taken = inside.geometry()
    assert tab.rect().contains(taken)
    for widget in (tab.canvas, tab.label_buttons, tab._toolbar, tab._scroll):
        assert not widget.isVisible() or not widget.geometry().intersects(taken)


def test_a_number_has_no_layers(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    session.recognition.set_reads_numbers(True)
    wait()
    assert "Press N" in inside.reason
    session.recognition.set_reads_numbers(False)
    wait()
    assert inside.reason == ""


def test_a_unit_is_switched_off_by_key_and_the_bars_answer(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network, bars = inside.network, window.draw_tab.panel.answers[0].bars
    before = bars.prediction
    assert network.view is not None
    dense = len(network.view.activations.stages) - 2  # the last before the outputs
    network.setFocus()
    QTest.keyClick(network, Qt.Key.Key_Down)
    assert network.current == Unit(1, 0)
    QTest.keyClick(network, Qt.Key.Key_S)
    QTest.keyClick(network, Qt.Key.Key_Right)
    QTest.keyClick(network, Qt.Key.Key_S)
    for _ in range(dense - 1):
        QTest.keyClick(network, Qt.Key.Key_PageDown)
    assert network.current is not None
    assert network.current.layer == dense
    QTest.keyClick(network, Qt.Key.Key_S)
    units = frozenset({Unit(1, 0), Unit(1, 1), network.current})
    assert session.inside.switched_off == units
    wait()
    assert inside.off_label.text() == "Switched off: 3 units"
    pixels = window.draw_tab.panel.digit_image_view.pixels
    changed = without_units(load_model(find_model("cnn")).model, units)
    expected = activations_of(changed, pixels).logits
    assert bars.prediction is not None
    assert before is not None
    np.testing.assert_allclose(bars.prediction.logits, expected, rtol=1e-4, atol=1e-4)
    assert not np.allclose(bars.prediction.logits, before.logits)
    assert network.view is not None
    np.testing.assert_allclose(network.view.activations.logits, expected, rtol=1e-4, atol=1e-4)
    QTest.keyClick(network, Qt.Key.Key_PageDown)  # an output
    QTest.keyClick(network, Qt.Key.Key_S)
    assert session.inside.switched_off == units
    QTest.mouseClick(inside.reset_button, Qt.MouseButton.LeftButton)
    wait()
    assert not inside.off_label.isVisible()
    assert bars.prediction is not None
    np.testing.assert_allclose(bars.prediction.logits, before.logits, rtol=1e-5)


def test_another_model_has_all_its_units(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    session.inside.switch(Unit(1, 3))
    choose(window, session, "mlp")
    wait()
    assert session.inside.switched_off == frozenset()
    session.inside.switch(Unit(1, 3))
    window.actions_.inside.trigger()
    wait()
    bars = window.draw_tab.panel.answers[0].bars.prediction
    assert bars is not None
    own = activations_of(load_model(find_model("mlp")).model, window.draw_tab.panel.digit_image_view.pixels)
    np.testing.assert_allclose(bars.logits, own.logits, rtol=1e-4, atol=1e-4)


def test_the_brightest_units_come_first_on_request(
    window: MainWindow, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network = inside.network
    assert network.view is not None
    dense = len(network.view.activations.stages) - 2
    first = network.rect_of(Unit(dense, 0))
    assert first is not None
    inside.order.setCurrentIndex(1)
    inside.order.edited.emit()
    brightest = int(network.view.activations.stages[dense].values.argmax())
    assert network.rect_of(Unit(dense, brightest)) == first
    assert network.unit_at(first.center()) == Unit(dense, brightest)


def test_the_pointer_links_a_unit_with_its_neighbours(
    window: MainWindow, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network = inside.network
    rect = network.rect_of(Unit(2, 7))
    assert rect is not None
    QTest.mouseMove(network, QPoint(3, 3))
    QTest.mouseMove(network, rect.center().toPoint())
    assert {link.stage for link in network.links} == {2, 3}
    assert all((link.target if link.stage == 2 else link.source) == 7 for link in network.links)


def test_the_outputs_are_copied_as_a_table(window: MainWindow, inside: InsidePanel, wait: Callable[[], None]) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    inside.network.setFocus()
    QTest.keyClick(inside.network, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = QGuiApplication.clipboard().text().splitlines()
    assert len(rows) == 12
    assert rows[8].startswith("7\t")


def click(network: QWidget, unit: Unit) -> None:
    assert isinstance(network, NetworkView)
    rect = network.rect_of(unit)
    assert rect is not None
    QTest.mouseClick(network, Qt.MouseButton.LeftButton, pos=rect.center().toPoint())


def test_a_click_shows_how_a_map_computes_its_value(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    assert inside.unit.isHidden()
    click(inside.network, Unit(2, 7))
    wait()
    assert inside.unit.isVisible()
    model, pixels = load_model(find_model("cnn")).model, window.draw_tab.panel.digit_image_view.pixels
    own = activations_of(model, pixels).stages[2].values[7]
    row, column = (int(place) for place in np.unravel_index(own.argmax(), own.shape))
    text = inside.unit.sum_label.text()
    assert text.startswith(f"at row {row}, column {column}:")
    assert text.endswith(f"ReLU = {own.max():.3f}")
    # another place, by mouse and by key
    pictures = inside.unit.pictures
    fired = pictures.place_of(2)
    spot = fired.topLeft() + QPointF(4.5, 3.5) * (fired.width() / len(own))
    QTest.mouseClick(pictures, Qt.MouseButton.LeftButton, pos=spot.toPoint())
    wait()
    assert inside.unit.sum_label.text().startswith("at row 3, column 4:")
    assert inside.unit.sum_label.text().endswith(f"ReLU = {own[3, 4]:.3f}")
    pictures.setFocus()
    QTest.keyClick(pictures, Qt.Key.Key_Right)
    wait()
    assert inside.unit.sum_label.text().endswith(f"ReLU = {own[3, 5]:.3f}")
    QTest.mouseClick(inside.unit.close_button, Qt.MouseButton.LeftButton)
    assert inside.unit.isHidden()


@pytest.mark.parametrize("size", [(600, 540), (720, 960)])
def test_a_unit_is_as_wide_as_its_place_and_its_sum_is_not_cut_off(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None], size: tuple[int, int]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    window.resize(*size)
    for name, units in {
        "softmax": (Unit(1, 1),),
        "mlp": (Unit(1, 3), Unit(3, 4)),
        "cnn": (Unit(1, 3), Unit(2, 7)),
    }.items():
        choose(window, session, name)
        wait()
        for unit in units:
            session.inside.open_unit(unit)
            wait()
            inside.grab()
            place = inside.unit.mapTo(inside, inside.unit.rect().bottomRight())
            assert place.x() < inside.width()
            text = inside.unit.sum_label
            assert text.height() >= text.heightForWidth(text.width()) > 0


def test_an_opened_unit_follows_the_pen_and_is_switched_off(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    choose(window, session, "mlp")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network = inside.network
    network.setFocus()
    QTest.keyClick(network, Qt.Key.Key_Down)
    QTest.keyClick(network, Qt.Key.Key_Return)
    wait()
    before = inside.unit.sum_label.text()
    draw(window.draw_tab.canvas, ONE)
    wait()
    assert network.view is not None
    value = float(network.view.activations.stages[1].values[0])
    assert inside.unit.sum_label.text() != before
    assert inside.unit.sum_label.text().endswith(f"ReLU = {value:.3f}")
    QTest.mouseClick(inside.unit.off_button, Qt.MouseButton.LeftButton)
    wait()
    assert session.inside.switched_off == {Unit(1, 0)}
    assert inside.unit.off_button.text() == "Switch on"
    network.setFocus()
    QTest.keyClick(network, Qt.Key.Key_Escape)
    assert inside.unit.isHidden()
    choose(window, session, "softmax")
    wait()
    assert session.inside.switched_off == frozenset()
    click(network, Unit(1, 7))
    wait()
    assert inside.unit.off_button.isHidden()  # an output


@pytest.mark.parametrize("size", [(760, 560), (1280, 800)])
def test_the_templates_of_softmax_can_be_seen(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None], size: tuple[int, int]
) -> None:
    window.resize(*size)
    choose(window, session, "softmax")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    inside.grab()
    layers = inside.network._layers
    assert layers is not None
    assert [layer.tiles.count for layer in layers.inner] == [10, 10]
    assert min(layer.tiles.width for layer in layers.inner) >= 24


def test_the_whole_cnn_is_in_view_in_a_maximised_window(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    window.resize(1920, 1000)  # of 1080, without the title bar and the task bar
    choose(window, session, "cnn")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    inside.grab()
    assert not inside.network._in_row
    assert inside._area.verticalScrollBar().maximum() == 0


def test_the_training_images_that_excite_a_unit_are_found(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    choose(window, session, "softmax")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    with_seven = inside.unit.exciting
    click(inside.network, Unit(1, 7))
    wait()
    assert with_seven.found is not None
    assert with_seven.found.unit == Unit(1, 7)
    assert (with_seven.found.labels == 7).all()
    assert with_seven.text.startswith("Excites it most, of the first")


def test_what_spoke_for_the_answer_lies_over_the_drawing(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    assert inside.network.view is not None
    assert inside.network.view.saliency is None
    for index, against in ((1, None), (2, inside.network.view.runner_up)):
        inside.overlay.setCurrentIndex(index)
        inside.overlay.edited.emit()
        wait()
        pixels = window.draw_tab.panel.digit_image_view.pixels
        expected = saliency_map(load_model(find_model("cnn")).model, pixels, 7, against)
        assert inside.network.view.saliency is not None
        np.testing.assert_allclose(inside.network.view.saliency, expected, atol=1e-4)


@pytest.mark.parametrize(
    "spec",
    [
        MLPSpec(inputs=(8, 8), hidden=(30,), activation="sigmoid", output="linear"),
        MLPSpec(hidden=(20, 16, 12), activation="tanh", output="sigmoid", bias=False),
        SoftmaxSpec(inputs=(14, 14)),
        CNNSpec(channels=(6, 4, 3), convolutions="single", dense=9),
    ],
    ids=str,
)
def test_any_model_of_digits_is_shown(
    window: MainWindow,
    session: Session,
    inside: InsidePanel,
    wait: Callable[[], None],
    qtbot: QtBot,
    tmp_path: Path,
    spec: Spec,
) -> None:
    path = tmp_path / "mine.safetensors"
    model = model_of(spec)
    save_model(path, model, ModelCard(name="mine"))
    with qtbot.waitSignal(session.models.chosen_changed):
        window.files.open_file(path)
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    expected = activations_of(model, window.draw_tab.panel.digit_image_view.pixels)
    assert inside.network.view is not None
    shown = inside.network.view.activations
    for stage, own in zip(shown.stages, expected.stages, strict=True):
        np.testing.assert_allclose(stage.values, own.values, rtol=1e-4, atol=1e-4)
    for layer in range(1, len(shown.stages)):
        click(inside.network, Unit(layer, 1))
        wait()
        assert inside.network.view.detail is not None
        value = expected.stages[layer].values[1]
        assert inside.network.view.detail.value == pytest.approx(float(value.max()), rel=1e-3, abs=1e-3)
    inside.grab()


def test_the_model_in_training_is_followed_epoch_by_epoch(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    session.models.set_following(True)
    for bias in (1.0, 2.0):
        model = model_of(MLPSpec(hidden=(8,)))
        model.linear_layers[0].bias.fill_(bias)
        card = ModelCard(name="in training")
        session.models.set_live(ModelEntry(Path("run"), card, is_shipped=False, live=LoadedModel(model, card)))
        wait()
        expected = activations_of(model, window.draw_tab.panel.digit_image_view.pixels)
        assert inside.network.view is not None
        np.testing.assert_allclose(
            inside.network.view.activations.stages[1].values, expected.stages[1].values, rtol=1e-5, atol=1e-5
        )


def test_esc_in_an_opened_unit_gives_the_keyboard_to_the_network(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    for part in (inside.unit.pictures, inside.unit.close_button):
        session.inside.open_unit(Unit(2, 7))
        wait()
        part.setFocus()
        QTest.keyClick(part, Qt.Key.Key_Escape)
        assert not inside.unit.isVisible()
        assert window.focusWidget() is inside.network


def test_a_part_of_the_sum_is_not_broken_into_lines(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    session.inside.open_unit(Unit(2, 7))
    wait()
    parts = inside.unit.sum_label.text().splitlines()[2].strip().split(", ")
    assert len(parts) == 3
    assert not any(" " in part for part in parts)


def test_in_a_column_the_connections_to_the_outputs_pass_beside_their_numbers(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    window.resize(760, 560)
    choose(window, session, "mlp")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network = inside.network
    assert {link.stage for link in network.links} == {2, 3}
    with_links = network.grab().toImage()
    links, network._links = network._links, []
    without = network.grab().toImage()
    network._links = links
    row = network.rect_of(Unit(3, 7))
    assert row is not None
    ratio, y = network.devicePixelRatioF(), row.top() - row.height()
    changed = [
        x
        for x in range(with_links.width())
        if with_links.pixel(x, round(y * ratio)) != without.pixel(x, round(y * ratio))
    ]
    assert changed
    assert max(changed) < row.left() * ratio


@pytest.mark.parametrize("size", [(760, 560), (1280, 800)])
def test_a_long_name_leaves_room_for_the_answer_and_is_elided(
    window: MainWindow,
    session: Session,
    inside: InsidePanel,
    wait: Callable[[], None],
    qtbot: QtBot,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    name = "-".join(["a-long-name-of-a-run"] * 10)
    save_model(tmp_path / "mine.safetensors", model_of(MLPSpec(hidden=(8,))), ModelCard(name=name))
    with qtbot.waitSignal(session.models.chosen_changed):
        window.files.open_file(tmp_path / "mine.safetensors")
    window.resize(*size)
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    inside.title.setText(f"Inside {name}")
    qtbot.waitUntil(lambda: "…" in inside.title.shown_text)
    for part in (inside.title, inside._answer, inside.order, inside.close_button):
        assert inside.rect().contains(QRect(part.mapTo(inside, QPoint()), part.size()))
    assert inside._answer.width() >= inside._answer.sizeHint().width()


def test_a_layer_without_biases_says_so_beside_its_sum(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None], qtbot: QtBot, tmp_path: Path
) -> None:
    save_model(tmp_path / "mine.safetensors", model_of(MLPSpec(hidden=(8,), bias=False)), ModelCard(name="mine"))
    with qtbot.waitSignal(session.models.chosen_changed):
        window.files.open_file(tmp_path / "mine.safetensors")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    for unit in (Unit(1, 0), Unit(2, 3)):
        session.inside.open_unit(unit)
        wait()
        lines = inside.unit.sum_label.text().splitlines()
        assert [line for line in lines if line.endswith(" (no bias)")] == [lines[0]]


def test_units_that_are_still_shown_after_another_model_was_chosen_are_left_alone(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network = inside.network
    assert network.view is not None
    last = len(network.view.activations.stages) - 1
    for model, unit in (("softmax", Unit(last, 3)), ("cnn", Unit(1, 3)), ("mlp", Unit(last - 1, 3))):
        choose(window, session, model)
        for _ in range(2):  # before the answer of the model, and before its layers
            click(network, unit)
            network.setFocus()
            QTest.keyClick(network, Qt.Key.Key_S)
            assert (session.inside.opened, session.inside.switched_off) == (None, frozenset())
            session.inside.show_image(session.models.chosen.source, window.draw_tab.panel.digit_image_view.pixels)
        wait()
        assert inside.reason == ""
        bars = window.draw_tab.panel.answers[0].bars.prediction
        assert bars is not None
        own = activations_of(load_model(find_model(model)).model, window.draw_tab.panel.digit_image_view.pixels)
        np.testing.assert_allclose(bars.logits, own.logits, rtol=1e-4, atol=1e-4)


def test_a_unit_that_another_model_does_not_have_is_left_without_a_fault(
    window: MainWindow, session: Session, inside: InsidePanel, wait: Callable[[], None]
) -> None:
    choose(window, session, "mlp")
    draw(window.draw_tab.canvas, SEVEN)
    wait()
    network = inside.network
    assert network.view is not None
    for unit in (Unit(1, 300), Unit(2, 200), Unit(3, 9)):
        click(network, unit)
        wait()
        assert network.current == unit
        choose(window, session, "cnn")
        wait()
        assert network.view is not None
        assert len(network.view.activations.stages) == 9
        assert network.current is None or unit.number < network.view.activations.stages[unit.layer].units
        choose(window, session, "mlp")
        wait()


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
def test_the_probabilities_are_shares_of_the_sum_below_the_outputs(output: Output) -> None:
    model = model_of(MLPSpec(hidden=(8,), output=output))
    table = output_table(activations_of(model, np.random.default_rng(0).random((28, 28), np.float32)))
    total = float(table.sums[1].removeprefix("sum "))
    shares = [float(text[1].replace("e", "E")) / total for text in table.texts]
    np.testing.assert_allclose(shares, table.shares, rtol=0.01, atol=1e-3)


def test_the_headings_of_the_outputs_do_not_touch(window: MainWindow) -> None:
    table = output_table(activations_of(model_of(SoftmaxSpec()), np.zeros((28, 28), np.float32)))
    for zoom in (1.0, 1.5, 2.0):
        window.themes.set_zoom(zoom)
        place = QRectF(0, 0, smallest_size(3, in_row=True).width() - px(26) * 5, 300)
        painter = OutputsPainter(place, window.font(), window.palette())
        metrics = QFontMetricsF(tabular_font(window.font(), CAPTION))
        rights = painter._rights
        for before, right, heading in zip(rights, rights[1:], table.headings[1:], strict=False):
            assert right - metrics.horizontalAdvance(heading) >= before + px(6)

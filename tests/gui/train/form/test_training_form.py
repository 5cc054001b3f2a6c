"""The training form, by keys, mouse and wheel."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import user_recipes
from digitpad.core.models.specs import CNNSpec, MLPSpec, SoftmaxSpec
from digitpad.core.training.recipe_files import load_recipe, recipe_names, save_recipe
from digitpad.core.training.recipes import Recipe, with_settings
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.train.form.fields import CountField, RawField
from digitpad.gui.train.form.row import FormRow
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.widgets.collapsible import Collapsible


@dataclass(frozen=True)
class State:
    """The state of a data set, as the form shows it."""

    is_ready: bool
    sentence: str


@pytest.fixture
def scroll(qtbot: QtBot, themes: Themes) -> QScrollArea:
    """The form in a scroll area, as in the tab."""
    assert themes
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(TrainingForm())
    area.resize(320, 500)
    qtbot.addWidget(area)
    with qtbot.waitExposed(area):
        area.show()
    return area


@pytest.fixture
def form(scroll: QScrollArea) -> TrainingForm:
    form = scroll.widget()
    assert isinstance(form, TrainingForm)
    return form


def field(form: TrainingForm, key: str) -> QWidget:
    found = form.findChild(QWidget, key)
    assert found is not None
    return found


def row(form: TrainingForm, key: str) -> FormRow:
    return next(row for row in form.findChildren(FormRow) if row.key == key)


def expander(form: TrainingForm) -> Collapsible:
    found = form.findChild(Collapsible)
    assert found is not None
    return found


def type_into(form: TrainingForm, key: str, text: str) -> None:
    widget = field(form, key)
    widget.setFocus()
    QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(widget, Qt.Key.Key_Delete)
    QTest.keyClicks(widget, text)


def choose(form: TrainingForm, key: str, title: str) -> None:
    """Choose the item that begins with a title, by keys; disabled items are skipped."""
    box = field(form, key)
    assert isinstance(box, QComboBox)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.count()):
        if box.currentText().startswith(title):
            return
        QTest.keyClick(box, Qt.Key.Key_Down)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def made(form: TrainingForm) -> Recipe:
    assert form.recipe is not None, form.problems
    return form.recipe


def test_the_form_returns_every_recipe_unchanged(form: TrainingForm) -> None:
    for name in recipe_names():
        form.set_recipe(name)
        assert form.recipe == load_recipe(name)
        assert form.recipe_name == name
        assert not form.is_changed


def test_the_first_recipe_is_valid(form: TrainingForm) -> None:
    assert form.recipe == load_recipe(form.recipe_name)


def test_typing_changes_the_recipe(form: TrainingForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.recipe_changed):
        type_into(form, "training.learning_rate", "1e-3")
    assert made(form).training.learning_rate == 0.001
    type_into(form, "training.learning_rate", "0,02")
    assert made(form).training.learning_rate == 0.02
    type_into(form, "training.epochs", "12")
    assert made(form).training.epochs == 12
    type_into(form, "training.batch_size", "full")
    assert made(form).training.batch_size == "full"
    assert form.is_changed


def test_hidden_layers_are_typed_and_counted(form: TrainingForm) -> None:
    type_into(form, "model.hidden", "300, 100")
    assert made(form).model == MLPSpec(hidden=(300, 100), normalisation=load_recipe("mlp-fast").model.normalisation)
    texts = [label.text() for label in form.findChildren(QLabel)]
    assert "784-300-100-10\n266,610 parameters" in [text.replace("\N{ZERO WIDTH SPACE}", "") for text in texts]


def test_an_invalid_field_is_marked_and_explained_until_it_is_valid(form: TrainingForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.recipe_changed):
        type_into(form, "training.learning_rate", "fast")
    assert form.recipe is None
    assert not form.is_valid
    sentence = "Learning rate: a number above 0 and up to 100, for example 0.001"
    assert row(form, "training.learning_rate").problem == sentence
    assert form.problems == [sentence]
    assert field(form, "training.learning_rate").property("problem")
    type_into(form, "training.learning_rate", "0.1")
    assert form.is_valid
    assert not row(form, "training.learning_rate").problem


def test_an_empty_number_of_epochs_is_invalid_until_the_field_loses_focus(form: TrainingForm) -> None:
    type_into(form, "training.epochs", "")
    assert "Epochs" in row(form, "training.epochs").problem
    field(form, "training.learning_rate").setFocus()
    assert form.is_valid
    assert field(form, "training.epochs").property("text") == str(made(form).training.epochs)


def test_tab_through_the_fields_edits_nothing(form: TrainingForm, qtbot: QtBot) -> None:
    form.expand(expanded=True)
    visited = {form.window().focusWidget()}
    with qtbot.assertNotEmitted(form.edited):
        for _ in range(28):
            QTest.keyClick(form.window(), Qt.Key.Key_Tab)
            visited.add(form.window().focusWidget())
    assert field(form, "training.epochs") in visited


def test_reset_to_the_recipe_undoes_every_change(form: TrainingForm) -> None:
    back = form.findChild(QPushButton, "back")
    assert back is not None
    assert back.isHidden()
    type_into(form, "training.epochs", "")
    type_into(form, "training.learning_rate", "x")
    choose(form, "training.optimizer", "S")
    assert back.isVisible()
    click(back)
    assert form.recipe == load_recipe("mlp-fast")
    assert field(form, "training.epochs").property("text") == str(load_recipe("mlp-fast").training.epochs)
    assert back.isHidden()


def test_only_valid_settings_can_be_saved_as_a_recipe(form: TrainingForm, qtbot: QtBot) -> None:
    save = form.findChild(QPushButton, "save")
    assert save is not None
    with qtbot.waitSignal(form.save_as_recipe_requested):
        click(save)
    type_into(form, "training.learning_rate", "")
    assert not save.isEnabled()


def test_a_saved_recipe_is_in_the_list_and_the_fields_stay(form: TrainingForm) -> None:
    type_into(form, "training.epochs", "3")
    save_recipe("three", made(form))
    form.reload_recipes()
    assert made(form).training.epochs == 3
    form.set_recipe("three")
    assert form.recipe_name == "three"
    assert not form.is_changed


def test_the_recipe_of_a_run_is_a_changed_recipe(form: TrainingForm) -> None:
    recipe = with_settings(load_recipe("cnn-fast"), ["epochs=2"])
    form.set_recipe(recipe)
    assert form.recipe == recipe
    assert form.recipe_name == "cnn-fast"
    assert form.is_changed


def test_an_unlisted_recipe_is_shown_by_its_title(form: TrainingForm) -> None:
    recipe = Recipe(title="Unlisted", dataset="/data/mine", model=CNNSpec(dense=7))
    form.set_recipe(recipe)
    assert form.recipe == recipe
    assert form.recipe_name == ""
    assert field(form, "recipe").property("placeholderText") == "Unlisted"


def test_an_unknown_recipe_is_an_error_and_changes_nothing(form: TrainingForm) -> None:
    with pytest.raises(DigitpadError, match="choose one of"):
        form.set_recipe("resnet")
    assert form.recipe == load_recipe("mlp-fast")


def test_a_broken_recipe_cannot_be_chosen_and_is_reported_once(qtbot: QtBot, themes: Themes) -> None:
    assert themes
    user_recipes().mkdir(parents=True)
    (user_recipes() / "broken.toml").write_text('title = "Broken"', encoding="utf-8")
    form = TrainingForm()
    qtbot.addWidget(form)
    reported: list[str] = []
    form.problem_found.connect(reported.append)
    with qtbot.waitSignal(form.problem_found):
        form.show()
    form.reload_recipes()
    form.hide()
    form.show()
    assert len(reported) == 1
    assert "broken.toml" in reported[0]
    box = field(form, "recipe")
    assert isinstance(box, QComboBox)
    index = box.findData("broken")
    assert not box.model().flags(box.model().index(index, 0)) & Qt.ItemFlag.ItemIsEnabled
    assert "broken.toml" in box.itemData(index, Qt.ItemDataRole.ToolTipRole)


def test_choosing_a_recipe_by_keys_skips_the_headings(form: TrainingForm) -> None:
    box = field(form, "recipe")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    assert form.recipe_name == "softmax"
    for _ in range(6):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert form.recipe_name == "xor-mlp"
    assert made(form).model == load_recipe("xor-mlp").model


def test_the_loss_sets_the_output(form: TrainingForm) -> None:
    choose(form, "training.loss", "Mean")
    assert isinstance(model := made(form).model, MLPSpec)
    assert model.output == "sigmoid"


def test_fields_of_other_models_are_hidden(form: TrainingForm) -> None:
    assert field(form, "model.hidden").isVisible()
    choose(form, "model.kind", "C")
    assert isinstance(made(form).model, CNNSpec)
    assert field(form, "model.channels").isVisible()
    assert not field(form, "model.hidden").isVisible()
    choose(form, "model.convolutions", "O")
    assert isinstance(model := made(form).model, CNNSpec)
    assert model.convolutions == "single"
    choose(form, "model.kind", "S")
    assert isinstance(made(form).model, SoftmaxSpec)
    assert not field(form, "model.channels").isVisible()
    assert not field(form, "model.convolutions").isVisible()


def test_a_disabled_field_explains_why(form: TrainingForm) -> None:
    form.expand(expanded=True)
    momentum = field(form, "training.momentum")
    assert not momentum.isEnabled()
    assert "Only SGD has it" in momentum.toolTip()
    choose(form, "training.optimizer", "S")
    assert momentum.isEnabled()
    assert "Only SGD" not in momentum.toolTip()
    assert made(form).training.learning_rate == 0.1


def test_a_cnn_is_disabled_for_numpy_with_a_reason(form: TrainingForm) -> None:
    choose(form, "engine", "N")
    assert made(form).engine == "numpy"
    kinds = field(form, "model.kind")
    assert isinstance(kinds, QComboBox)
    assert "no convolutions" in kinds.itemData(kinds.findData("cnn"), Qt.ItemDataRole.ToolTipRole)
    choose(form, "model.kind", "C")
    assert not isinstance(made(form).model, CNNSpec)


def test_published_errors_can_be_unticked(form: TrainingForm) -> None:
    form.set_recipe("relu-dropout-sgd")
    form.expand(expanded=True)
    slip = field(form, "slips.relu-derivative")
    assert isinstance(slip, QCheckBox)
    assert slip.text() == "ReLU gradient not masked"
    slip.setFocus()
    QTest.keyClick(slip, Qt.Key.Key_Space)
    assert made(form).training == load_recipe("relu-dropout-sgd-correct").training


def test_a_tick_leaves_out_suspect_labels(form: TrainingForm) -> None:
    form.expand(expanded=True)
    tick = field(form, "leave_out_suspects")
    assert isinstance(tick, QCheckBox)
    assert tick.text() == "Leave out suspect labels"
    assert "Mistakes tab" in tick.toolTip()
    assert not made(form).leave_out_suspects
    tick.setFocus()
    QTest.keyClick(tick, Qt.Key.Key_Space)
    assert made(form) == with_settings(load_recipe("mlp-fast"), ["leave_out_suspects=true"])
    assert form.is_changed
    click(tick)
    assert form.recipe == load_recipe("mlp-fast")


def test_published_results_are_dropped_for_fewer_images(form: TrainingForm) -> None:
    form.set_recipe("softmax-sgd-100")
    assert made(form).published.epochs
    form.expand(expanded=True)
    tick = field(form, "leave_out_suspects")
    tick.setFocus()
    QTest.keyClick(tick, Qt.Key.Key_Space)
    assert not made(form).published.epochs


def test_a_problem_of_a_hidden_field_is_shown(form: TrainingForm) -> None:
    form.set_recipe("softmax-sgd-100")
    form.expand(expanded=True)
    nesterov = field(form, "training.nesterov")
    nesterov.setFocus()
    QTest.keyClick(nesterov, Qt.Key.Key_Space)
    sentence = "Nesterov: needs a momentum above 0"
    assert row(form, "training.nesterov").problem == sentence
    form.expand(expanded=False)
    assert sentence in [label.text() for label in form.findChildren(QLabel) if label.isVisible()]
    type_into(form, "training.momentum", "0.9")
    assert made(form).training.nesterov


def test_more_is_opened_by_mouse_and_keys(form: TrainingForm, qtbot: QtBot) -> None:
    more = expander(form)
    with qtbot.waitSignal(form.expanded_changed):
        click(more)
    assert form.is_expanded
    assert field(form, "training.seed").isVisible()
    more.setFocus()
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert not form.is_expanded
    QTest.keyClick(more, Qt.Key.Key_Right)
    assert form.is_expanded
    QTest.keyClick(more, Qt.Key.Key_Return)
    assert not form.is_expanded


def test_the_state_of_the_data_set_is_shown(form: TrainingForm) -> None:
    form.show_dataset_states({"mnist": State(True, "ready"), "kmnist": State(False, "not downloaded (21.4 MB)")})
    shown = [label.text() for label in form.findChildren(QLabel)]
    assert "Ready" in shown
    choose(form, "dataset", "K")
    assert form.dataset == "kmnist"
    shown = [label.text().replace("\xa0", " ") for label in form.findChildren(QLabel)]
    assert "Not downloaded (21.4 MB)" in shown


def test_own_data_is_requested_added_and_chosen(form: TrainingForm, qtbot: QtBot, tmp_path: Path) -> None:
    box = form.dataset_picker
    box.setFocus()
    with qtbot.waitSignal(box.file_requested):
        QTest.keyClick(box, Qt.Key.Key_End)
    assert form.dataset == "mnist"
    assert box.property("currentText") == "MNIST"
    with qtbot.waitSignal(form.recipe_changed):
        form.choose_dataset(str(tmp_path / "my digits"))
    assert made(form).dataset == str(tmp_path / "my digits")
    assert box.property("currentText") == "my digits"


def test_xor_changes_the_model_and_another_data_set_restores_it(form: TrainingForm) -> None:
    choose(form, "dataset", "X")
    assert isinstance(model := made(form).model, MLPSpec)
    assert (model.inputs, model.outputs) == ((1, 2), 1)
    choose(form, "dataset", "MNIST")
    assert form.recipe == load_recipe("mlp-fast")


def test_a_locked_form_cannot_be_changed(form: TrainingForm) -> None:
    form.expand(expanded=True)
    form.set_locked(True)
    assert form.is_locked
    rate = field(form, "training.learning_rate")
    QTest.keyClicks(rate, "5")
    assert form.recipe == load_recipe("mlp-fast")
    assert not any(row.field.isEnabled() for row in form.findChildren(FormRow))
    assert not field(form, "recipe").isEnabled()
    assert expander(form).isEnabled()
    form.set_locked(False)
    assert rate.isEnabled()
    assert not field(form, "training.momentum").isEnabled()


@pytest.mark.parametrize("key", ["recipe", "dataset", "training.loss", "training.batch_size", "training.epochs"])
def test_the_wheel_over_a_field_without_focus_scrolls(scroll: QScrollArea, form: TrainingForm, key: str) -> None:
    field(form, "model.hidden").setFocus()
    scroll.ensureWidgetVisible(field(form, key), 0, 0)
    before, place = form.recipe, scroll.verticalScrollBar().value()
    turn(field(form, key))
    assert form.recipe == before
    assert form.recipe_name == "mlp-fast"
    assert scroll.verticalScrollBar().value() > place


def test_the_wheel_over_the_focused_field_changes_it(scroll: QScrollArea, form: TrainingForm) -> None:
    epochs = field(form, "training.epochs")
    epochs.setFocus()
    scroll.ensureWidgetVisible(epochs)
    turn(epochs)
    assert made(form).training.epochs == load_recipe("mlp-fast").training.epochs - 1


def turn(widget: QWidget) -> None:
    """Turn the wheel down by one notch over a widget."""
    window = widget.window()
    place = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(place), QPoint(0, -120))


def test_tab_visits_the_fields_from_top_to_bottom(form: TrainingForm) -> None:
    form.expand(expanded=True)
    field(form, "recipe").setFocus()
    places = []
    for _ in range(28):
        QTest.keyClick(form.window(), Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        places.append(focus.mapTo(form, QPoint()).y())
    assert places == sorted(places)


def test_every_field_has_a_name_and_an_explanation(form: TrainingForm) -> None:
    for shown in form.findChildren(FormRow):
        assert shown.field.accessibleName()
        assert shown.field.accessibleDescription()
        assert shown.field.whatsThis()
        assert max(map(len, shown.field.toolTip().splitlines())) <= 64


@pytest.mark.parametrize("width", [300, 360, 700])
def test_nothing_is_clipped(qtbot: QtBot, scroll: QScrollArea, form: TrainingForm, width: int) -> None:
    form.expand(expanded=True)
    scroll.resize(width, 600)
    for name in recipe_names():
        form.set_recipe(name)
        for shown in form.findChildren(FormRow):
            shown.show_changed(is_changed=True)  # which makes the label bold
        # A layout takes several passes through the event loop.
        qtbot.waitUntil(lambda: form.height() == form.heightForWidth(form.width()) and not clipped_parts(form))
        assert form.width() == scroll.viewport().width(), name


def clipped_parts(form: TrainingForm) -> list[QWidget]:
    """Return the visible parts that are cut off, or narrower than their text."""
    clipped: list[QWidget] = []
    for part in form.findChildren(QWidget):
        parent = part.parentWidget()
        is_empty = isinstance(part, QLabel) and not part.text()
        if part.isVisible() and not is_empty and isinstance(part, QLabel | QPushButton | QCheckBox | RawField):
            # Qt makes room in a spin box for the longest number there could be.
            least = part.minimumWidth() if isinstance(part, CountField) else part.minimumSizeHint().width()
            if parent is None or not parent.rect().contains(part.geometry()) or part.width() < least:
                clipped.append(part)
    return clipped


@pytest.mark.parametrize("appearance", [Appearance.LIGHT, Appearance.DARK])
def test_the_form_is_painted_in_both_themes(form: TrainingForm, themes: Themes, appearance: Appearance) -> None:
    themes.set_appearance(appearance)
    form.show_dataset_states({"mnist": State(True, "ready")})
    form.expand(expanded=True)
    type_into(form, "training.seed", "")
    assert not form.grab().isNull()


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("digits-mlp-adam", "sets no seed"),
        ("relu-dropout-sgd", "cuts off losses"),
        ("softmax-sgd-100", "88.83 % instead of 92.26 %"),
        ("xor-mlp", "From a run of the tutorial's program"),
    ],
)
def test_the_note_on_the_published_results_is_below_the_explanation(
    form: TrainingForm, recipe: str, words: str
) -> None:
    form.set_recipe(recipe)
    (note,) = [label for label in form.findChildren(QLabel) if words in label.text()]
    assert note.isVisible()
    form.set_recipe("mlp-fast")
    assert not note.isVisible()


def test_set_and_batches_follow_the_settings_and_the_numbers_of_the_files(form: TrainingForm) -> None:
    def shows(words: str) -> bool:
        texts = (label.text().replace("\N{NO-BREAK SPACE}", " ") for label in form.findChildren(QLabel))
        return any(words in text for text in texts)

    form.set_recipe("sigmoid-mlp-mse")
    assert shows("labels (60000,) → one-hot (60000, 10); test (10000, 784)")
    assert shows("469 batches an epoch, the last of 96")
    form.show_sizes(("mnist", (500, 100)))  # a smaller copy
    assert shows("train (500, 784)")
    assert shows("4 batches an epoch, the last of 116")
    form.show_sizes(("kmnist", (7, 7)))
    assert shows("train (500, 784)")
    form.go_to("training.batch_size")
    QTest.keyClicks(QApplication.focusWidget() or form, "x")
    assert not shows("batches an epoch")

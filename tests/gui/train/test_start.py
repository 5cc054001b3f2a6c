"""The Start button always leads to a training, or says what it needs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QScrollArea, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from digitpad.core.datasets.download import NoConnectionError
from digitpad.core.errors import DigitpadError
from digitpad.core.files.paths import data_folder
from digitpad.core.runs.run_library import list_runs
from digitpad.core.training.recipe_files import load_recipe
from digitpad.core.training.recipes import with_settings
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.session import Session
from digitpad.gui.session.training_service import TrainingState
from digitpad.gui.train.form.training_form import TrainingForm
from digitpad.gui.train.train_tab import TrainTab
from digitpad.gui.window.main_window import MainWindow
from digitpad.gui.window.page_tabs import PageId
from tests.helpers.fake_downloads import FakeDownloads
from tests.helpers.idx_files import set_files, write_files
from tests.helpers.tab_walk import activate

LEFT = Qt.MouseButton.LeftButton
QUICK = ["hidden=16", "epochs=2", "batch_size=50", "precision=float32", "device=cpu"]
OFFLINE = NoConnectionError("no internet connection: choose a folder, or use the built-in digits")


@pytest.fixture
def tab(window: MainWindow) -> TrainTab:
    """The tab when it is first shown, without MNIST."""
    window.resize(1280, 800)
    window.show_tab(PageId.TRAIN)
    return window.training_tab


@pytest.fixture
def mnist_tab(tab: TrainTab) -> TrainTab:
    """The tab with a quick recipe for MNIST, which is missing."""
    tab.form.set_recipe(with_settings(load_recipe("mlp-fast"), QUICK))
    return tab


@pytest.fixture
def downloads(monkeypatch: pytest.MonkeyPatch) -> FakeDownloads:
    return FakeDownloads(monkeypatch)


@pytest.fixture
def finish(session: Session, qtbot: QtBot) -> Callable[[], None]:
    def wait() -> None:
        qtbot.waitUntil(lambda: not session.training.is_busy)

    return wait


def press(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)


def type_into(form: TrainingForm, key: str, text: str) -> None:
    field = form.findChild(QWidget, key)
    assert field is not None
    target = field.lineEdit() if isinstance(field, QComboBox) else field
    assert target is not None
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(target, Qt.Key.Key_Delete)
    QTest.keyClicks(target, text)


def focused_field() -> str:
    """Return the key of the field that has the focus."""
    widget = QApplication.focusWidget()
    while widget is not None and not widget.objectName():
        widget = widget.parentWidget()
    return widget.objectName() if widget else ""


def test_without_mnist_the_tab_opens_on_a_recipe_that_trains_at_once(
    tab: TrainTab, session: Session, qtbot: QtBot
) -> None:
    assert tab.form.recipe_name == "digits-mlp"
    assert tab.dataset_bar.isHidden()
    assert tab.buttons.start.text() == "Start"
    assert not tab.buttons.note.isVisible()
    press(tab.buttons.start)
    qtbot.waitUntil(lambda: session.training.progress.epoch > 3)
    qtbot.waitUntil(lambda: tab.curves.chart.plots.line("live", "test_accuracy") is not None)
    assert session.training.job is not None
    assert session.training.job.recipe == load_recipe("digits-mlp")
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


def test_without_mnist_the_recipes_that_need_no_download_come_first(tab: TrainTab) -> None:
    box = tab.form.findChild(QComboBox, "recipe")
    assert box is not None
    names = [box.itemData(row) for row in range(box.count()) if box.itemData(row)]
    assert names[:3] == ["digits-mlp", "xor-mlp", "digits-mlp-adam"]
    write_files(data_folder() / "mnist", set_files())
    tab.data.data_changed.emit()
    assert [box.itemData(row) for row in range(box.count()) if box.itemData(row)][:2] == ["softmax", "mlp-fast"]
    assert tab.form.recipe_name == "digits-mlp"
    assert box.currentData() == "digits-mlp"


def test_with_mnist_the_tab_opens_on_the_fast_mlp(window: MainWindow) -> None:
    write_files(data_folder() / "mnist", set_files())
    window.show_tab(PageId.TRAIN)
    assert window.training_tab.form.recipe_name == "mlp-fast"
    assert window.training_tab.buttons.start.text() == "Start"


def test_nothing_changes_when_mnist_appears(window: MainWindow, tab: TrainTab) -> None:
    type_into(tab.form, "training.epochs", "7")
    before = tab.form.recipe
    write_files(data_folder() / "mnist", set_files())
    window.show_tab(PageId.DRAW)
    window.show_tab(PageId.TRAIN)
    assert tab.form.recipe_name == "digits-mlp"
    assert tab.form.recipe == before


def test_start_downloads_what_is_missing_and_then_trains(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    tab = mnist_tab
    assert tab.buttons.start.text() == "Download MNIST (11.6 MB) and start"
    assert "Download MNIST (11.6 MB) and start" in tab.curves.invitation
    press(tab.buttons.start)
    assert not tab.buttons.start.isEnabled()
    assert tab.buttons.start.text() == "Downloading MNIST…"
    assert tab.buttons.note.sentence == "The training starts by itself."
    qtbot.waitUntil(lambda: session.downloads.progress is not None)
    assert tab.dataset_bar.text == "Downloading MNIST…"
    assert tab.dataset_bar.cancel.isVisible()
    press(tab.buttons.note)
    assert tab.dataset_bar.cancel.hasFocus()
    downloads.finish()
    qtbot.waitUntil(lambda: session.training.is_busy)
    finish()
    assert downloads.asked == ["mnist"]
    assert [run.info.outcome for run in list_runs()] == ["finished"]
    assert tab.buttons.start.text() == "Start"
    assert tab.dataset_bar.isHidden()


def test_a_set_without_some_of_its_files_is_not_complete_and_names_them(tab: TrainTab) -> None:
    files = set_files("kmnist")
    del files["t10k-labels-idx1-ubyte"]
    write_files(data_folder() / "kmnist", files)
    tab.form.choose_dataset("kmnist")
    assert tab.dataset_bar.text.startswith("KMNIST is not complete, ")
    assert "lacks t10k-labels-idx1-ubyte: download it, or copy what is missing to this folder." in tab.dataset_bar.text
    assert "KMNIST is not complete yet." in tab.curves.invitation


def test_a_cancelled_download_starts_no_training(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: session.downloads.progress is not None)
    press(mnist_tab.dataset_bar.cancel)
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert not session.training.is_busy
    assert mnist_tab.buttons.start.text() == "Download MNIST (11.6 MB) and start"
    assert mnist_tab.buttons.start.isEnabled()
    assert mnist_tab.dataset_bar.text == "MNIST is not installed."
    assert not mnist_tab.messages.text


def test_no_training_starts_if_it_is_cancelled_at_the_last_moment(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: session.downloads.progress is not None)
    downloads.finish()
    press(mnist_tab.dataset_bar.cancel)
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert not session.training.is_busy


def test_without_internet_two_buttons_lead_on(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    downloads.fail(OFFLINE)
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: not session.downloads.key)
    bar = mnist_tab.dataset_bar
    assert bar.text == "No internet connection. Choose a folder, or train on the built-in digits now."
    assert bar.folder.isVisible()
    assert not bar.download.isVisible()
    assert mnist_tab.buttons.start.isEnabled()  # to try again
    bar.built_in.setFocus()
    QTest.keyClick(bar.built_in, Qt.Key.Key_Space)
    assert session.training.is_busy
    assert mnist_tab.form.recipe_name == "digits-mlp"
    assert bar.isHidden()
    assert mnist_tab.curves.invitation == "A training is in progress: the learning curves appear here in a moment."
    assert mnist_tab.buttons.note.hasFocus()  # as after Start: from here Space leads to Pause
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    QTest.keyClick(mnist_tab.buttons.note, Qt.Key.Key_Space)
    assert mnist_tab.buttons.pause.hasFocus()
    assert not mnist_tab.progress_line.follow.isChecked()
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


def test_without_internet_a_folder_can_be_chosen(
    mnist_tab: TrainTab,
    session: Session,
    downloads: FakeDownloads,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    finish: Callable[[], None],
) -> None:
    downloads.fail(OFFLINE)
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: not session.downloads.key)
    write_files(tmp_path / "lesson", set_files(count=200))
    monkeypatch.setattr("digitpad.gui.datasets.own_data.choose_folder", lambda *_: tmp_path / "lesson")
    assert mnist_tab.dataset_bar.isVisible()
    press(mnist_tab.dataset_bar.folder)
    own_data = mnist_tab.data.own_data
    qtbot.waitUntil(lambda: own_data.dialog is not None and not own_data.dialog.is_reading)
    assert own_data.dialog is not None
    press(own_data.dialog.use)
    assert not mnist_tab.messages.text
    assert mnist_tab.dataset_bar.isHidden()
    press(mnist_tab.buttons.start)
    finish()
    assert list_runs()[0].recipe.dataset == str(tmp_path / "lesson")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DigitpadError("the download servers do not deliver x.gz: try again later", hint="--data FOLDER"), "x.gz"),
        (DigitpadError("x.gz from the download servers is not the published file: try again later"), "published"),
        (DigitpadError("{path} cannot be written (the disk is full): free some disk space", path="x"), "disk is full"),
        (OSError(28, "No space left on device"), "The download failed. Details are in the log"),
    ],
)
def test_a_failed_download_is_explained_where_it_was_started(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot, error: Exception, text: str
) -> None:
    downloads.fail(error)
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert text in mnist_tab.dataset_bar.text
    assert not {"--", "errno", "Errno", "[28]"} & set(mnist_tab.dataset_bar.text.split())
    assert mnist_tab.dataset_bar.built_in.isVisible()
    assert not session.training.is_busy
    # With other data it is no longer of interest.
    mnist_tab.form.set_recipe("digits-mlp")
    assert mnist_tab.dataset_bar.isHidden()
    mnist_tab.form.set_recipe("mlp-fast")
    assert mnist_tab.dataset_bar.text == "MNIST is not installed."


def test_no_training_starts_after_the_download_if_other_data_was_chosen(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: session.downloads.progress is not None)
    mnist_tab.form.choose_dataset("digits")
    assert mnist_tab.buttons.start.text() == "Start"
    assert mnist_tab.dataset_bar.text == "Downloading MNIST…"  # it can still be cancelled
    downloads.finish()
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert not session.training.is_busy
    assert mnist_tab.dataset_bar.isHidden()


def test_the_training_after_a_download_has_the_settings_of_that_time(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot, finish: Callable[[], None]
) -> None:
    press(mnist_tab.buttons.start)
    type_into(mnist_tab.form, "training.epochs", "3")
    downloads.finish()
    qtbot.waitUntil(lambda: session.training.is_busy)
    finish()
    assert list_runs()[0].recipe.training.epochs == 3


def test_an_invalid_field_at_the_end_of_the_download_is_named(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    press(mnist_tab.buttons.start)
    type_into(mnist_tab.form, "training.learning_rate", "fast")
    downloads.finish()
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert not session.training.is_busy
    assert mnist_tab.buttons.note.sentence == "Correct “Learning rate” first."


def test_start_can_be_pressed_during_a_download_of_the_mistakes_tab(
    mnist_tab: TrainTab, window: MainWindow, session: Session, downloads: FakeDownloads, qtbot: QtBot,
    finish: Callable[[], None],
) -> None:  # fmt: skip
    window.show_tab(PageId.MISTAKES)
    press(window.mistakes_tab.dataset_bar.download)
    window.show_tab(PageId.TRAIN)
    assert mnist_tab.buttons.start.text() == "Start after the download"
    press(mnist_tab.buttons.start)
    assert not mnist_tab.buttons.start.isEnabled()
    window.show_tab(PageId.DRAW)
    downloads.finish()
    qtbot.waitUntil(lambda: session.training.is_busy)
    finish()
    assert downloads.asked == ["mnist"]


def test_one_download_at_a_time(mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, qtbot: QtBot) -> None:
    press(mnist_tab.buttons.start)
    mnist_tab.form.choose_dataset("kmnist")
    assert not mnist_tab.buttons.start.isEnabled()
    assert mnist_tab.buttons.note.sentence == "MNIST is being downloaded first."
    downloads.finish()
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert mnist_tab.buttons.start.text().startswith("Download")  # the name of the set only where there is room
    assert "21.2 MB" in mnist_tab.buttons.start.text()
    assert downloads.asked == ["mnist"]


def test_data_that_another_window_has_downloaded_is_used_at_once(
    mnist_tab: TrainTab, session: Session, downloads: FakeDownloads, finish: Callable[[], None]
) -> None:
    write_files(data_folder() / "mnist", set_files(count=200))
    press(mnist_tab.buttons.start)
    assert session.training.is_busy
    assert downloads.asked == []
    finish()


def test_closing_the_window_ends_a_download(
    mnist_tab: TrainTab, window: MainWindow, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    press(mnist_tab.buttons.start)
    qtbot.waitUntil(lambda: session.downloads.progress is not None)
    window.close()
    assert not any(thread.isRunning() for thread in session.threads)
    assert not list_runs()


def test_the_mistakes_tab_without_internet_offers_a_folder_and_the_built_in_digits(
    window: MainWindow, session: Session, downloads: FakeDownloads, qtbot: QtBot
) -> None:
    downloads.fail(OFFLINE)
    window.show_tab(PageId.MISTAKES)
    tab = window.mistakes_tab
    press(tab.dataset_bar.download)
    qtbot.waitUntil(lambda: not session.downloads.key)
    assert tab.dataset_bar.text == "No internet connection. Choose a folder, or use the built-in digits."
    assert tab.dataset_bar.folder.isVisible()
    assert tab.dataset_bar.download.isEnabled()
    assert not tab.messages.text
    press(tab.dataset_bar.built_in)
    qtbot.waitUntil(lambda: tab.browser.samples is not None)
    assert tab.dataset_bar.isHidden()


INVALID = [
    ("training.learning_rate", "0", "Correct “Learning rate” first."),
    ("training.learning_rate", "1e9", "Correct “Learning rate” first."),
    ("training.batch_size", "none", "Correct “Batch size” first."),
    ("model.hidden", "512, 9000", "Correct “Hidden layers” first."),
    ("training.weight_decay", "much", "Correct “Weight decay” first."),  # below More
    ("train_first", "0", "Correct “Training images” first."),
    ("training.average", "1", "Correct “Averaged weights (EMA)” first."),
]


@pytest.mark.parametrize(("key", "text", "sentence"), INVALID)
@pytest.mark.parametrize("key_to_press", [None, Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_line_beside_start_names_the_invalid_field_and_leads_there(
    tab: TrainTab, window: MainWindow, key: str, text: str, sentence: str, key_to_press: Qt.Key | None
) -> None:
    window.resize(1000, 560)
    places = [widget.geometry() for widget in (tab.buttons, tab.buttons.start, tab.buttons.pause)]
    type_into(tab.form, key, text)
    note = tab.buttons.note
    assert not tab.buttons.start.isEnabled()
    assert note.isVisible()
    assert note.sentence == note.text() == sentence
    assert [widget.geometry() for widget in (tab.buttons, tab.buttons.start, tab.buttons.pause)] == places
    tab.form.expand(expanded=False)
    tab.form.findChild(QComboBox, "recipe").setFocus()  # type: ignore[union-attr]
    if key_to_press is None:
        press(note)
    else:
        note.setFocus()
        QTest.keyClick(note, key_to_press)
    assert focused_field() == key
    field = tab.form.findChild(QWidget, key)
    assert field is not None
    area = _area_around(tab.form)
    place = field.mapTo(area.viewport(), QPoint())
    assert area.viewport().rect().contains(place)
    assert area.viewport().rect().contains(place + QPoint(field.width() - 1, field.height() - 1))


def test_a_rule_between_two_fields_names_the_field_to_change(tab: TrainTab) -> None:
    tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["optimizer=sgd", "momentum=0.9", "nesterov=true"]))
    tab.form.expand(expanded=True)
    type_into(tab.form, "training.momentum", "0")
    tab.form.expand(expanded=False)
    assert tab.buttons.note.sentence == "Correct “Nesterov” first."
    assert "needs a momentum above 0" in tab.buttons.note.toolTip()
    press(tab.buttons.note)
    assert tab.form.is_expanded
    assert focused_field() == "training.nesterov"


def test_several_invalid_fields_are_counted_and_the_first_one_is_named(tab: TrainTab) -> None:
    type_into(tab.form, "training.epochs", "0")
    type_into(tab.form, "model.hidden", "x")
    assert tab.buttons.note.sentence == "Correct “Hidden layers” and 1 more first."
    type_into(tab.form, "model.hidden", "16")
    assert tab.buttons.note.sentence == "Correct “Epochs” first."
    type_into(tab.form, "training.epochs", "2")
    assert not tab.buttons.note.isVisible()
    assert tab.buttons.start.isEnabled()


def test_missing_data_that_cannot_be_downloaded_is_named(tab: TrainTab, tmp_path: Path) -> None:
    lesson = tmp_path / "lesson"
    write_files(lesson, set_files())
    tab.form.choose_dataset(str(lesson))
    assert tab.buttons.start.isEnabled()
    for file in lesson.iterdir():
        file.unlink()
    tab.data.data_changed.emit()
    assert tab.buttons.note.sentence == "“lesson” is missing: choose other data."
    assert str(lesson) in tab.buttons.note.toolTip()
    press(tab.buttons.note)
    assert focused_field() == "dataset"
    tab.form.choose_dataset("my-digits")
    assert tab.buttons.note.sentence == "My digits is empty: draw some digits and label them."
    assert "My digits is empty" in tab.curves.invitation
    assert tab.dataset_bar.built_in.isVisible()


def test_a_folder_that_disappears_before_the_press_is_noticed(tab: TrainTab, session: Session, tmp_path: Path) -> None:
    lesson = tmp_path / "lesson"
    write_files(lesson, set_files())
    tab.form.choose_dataset(str(lesson))
    for file in lesson.iterdir():
        file.unlink()
    press(tab.buttons.start)
    assert not session.training.is_busy
    assert tab.buttons.note.sentence == "“lesson” is missing: choose other data."


def test_emnist_says_how_much_it_downloads(tab: TrainTab) -> None:
    tab.form.choose_dataset("emnist-digits")
    assert tab.buttons.start.text() in ("Download EMNIST digits (562 MB) and start", "Download (562 MB) and start")


def test_in_a_narrow_window_the_text_of_start_is_shorter(tab: TrainTab, window: MainWindow, qtbot: QtBot) -> None:
    tab.form.choose_dataset("fashion-mnist")
    for width in (760, 1280):
        window.resize(width, 600)
        qtbot.waitUntil(lambda: window.width() == width)  # noqa: B023 - called before the next width
        start = tab.buttons.start
        assert start.fontMetrics().horizontalAdvance(start.text()) <= start.width() - 16
        assert "and start" in start.text()


def test_during_a_training_the_line_leads_to_pause(mnist_tab: TrainTab, session: Session, qtbot: QtBot) -> None:
    mnist_tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["epochs=100000"]))
    mnist_tab.buttons.start.setFocus()
    QTest.keyClick(mnist_tab.buttons.start, Qt.Key.Key_Space)
    note = mnist_tab.buttons.note
    assert note.hasFocus()  # not Stop, which the next Space would press
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    assert note.sentence == "A training is in progress."
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert mnist_tab.buttons.pause.hasFocus()
    QTest.keyClick(mnist_tab.buttons.pause, Qt.Key.Key_Space)
    assert note.sentence == "The training is paused: press Resume to continue."
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert not note.isVisible()


@pytest.mark.parametrize("place", ["training.epochs", "start", "compare"])
def test_a_training_gives_the_focus_to_pause_and_its_end_gives_it_back(
    mnist_tab: TrainTab,
    window: MainWindow,
    session: Session,
    focused: list[QWidget | None],
    qtbot: QtBot,
    place: str,
) -> None:
    tab = mnist_tab
    tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["epochs=100000"]))
    activate(window)
    if place == "training.epochs":
        tab.form.go_to(place)
    else:
        getattr(tab.buttons, place).setFocus()
    before = QApplication.focusWidget()
    assert before is not None
    focused.clear()
    QTest.keyClick(before, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    assert focused == [tab.buttons.note, tab.buttons.pause]  # not Stop, and no button elsewhere
    QTest.keyClick(tab.buttons.pause, Qt.Key.Key_Space)
    assert session.training.state is TrainingState.PAUSED
    assert tab.buttons.pause.hasFocus()
    QTest.keyClick(tab.buttons.pause, Qt.Key.Key_Tab)
    assert tab.buttons.stop.hasFocus()
    QTest.keyClick(tab.buttons.stop, Qt.Key.Key_Space)
    assert tab.buttons.note.hasFocus()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert QApplication.focusWidget() is before


def test_the_end_of_a_training_leaves_the_focus_that_the_user_moved(
    mnist_tab: TrainTab, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    mnist_tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["epochs=100000"]))
    activate(window)
    mnist_tab.form.go_to("training.epochs")
    field = QApplication.focusWidget()
    assert field is not None
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: session.training.state is TrainingState.TRAINING)
    mnist_tab.curves.chart.setFocus()
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)
    assert mnist_tab.curves.chart.hasFocus()


def test_in_a_narrow_window_a_training_gives_the_focus_to_the_tabs(
    mnist_tab: TrainTab, window: MainWindow, session: Session, qtbot: QtBot
) -> None:
    mnist_tab.form.set_recipe(with_settings(load_recipe("digits-mlp"), ["epochs=100000"]))
    window.resize(680, 600)
    qtbot.waitUntil(lambda: mnist_tab.width() < 700)
    activate(window)
    mnist_tab.buttons.start.setFocus()
    QTest.keyClick(mnist_tab.buttons.start, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not mnist_tab.buttons.isVisible())
    focused = QApplication.focusWidget()
    assert isinstance(focused, QTabBar)
    assert mnist_tab.isAncestorOf(focused)
    session.training.stop()
    qtbot.waitUntil(lambda: not session.training.is_busy)


def test_during_a_fine_tuning_the_line_leads_to_my_digits(
    tab: TrainTab, window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(session.fine_tuning), "is_busy", True)
    session.fine_tuning.state_changed.emit(FineTuningState.RUNNING)
    assert tab.buttons.note.sentence == "A model is learning from your digits."
    assert not tab.buttons.start.isEnabled()
    press(tab.buttons.note)
    assert window.tabs.currentIndex() == PageId.MY_DIGITS
    monkeypatch.setattr(type(session.fine_tuning), "is_busy", False)
    session.fine_tuning.state_changed.emit(FineTuningState.IDLE)
    assert tab.buttons.start.isEnabled()


def _area_around(widget: QWidget) -> QScrollArea:
    parent = widget.parentWidget()
    while not isinstance(parent, QScrollArea):
        assert parent is not None
        parent = parent.parentWidget()
    return parent

"""The main window: tabs, menus, status bar."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QPaintEvent,
)
from PySide6.QtWidgets import QMainWindow, QTabWidget

from digitpad.core.errors import DigitpadError
from digitpad.core.ink.drawing import Drawing
from digitpad.core.recognition.recogniser import Answer
from digitpad.core.runs.run_folder import Run
from digitpad.core.runtime.exception_hooks import log_exception
from digitpad.gui.draw.draw_tab import DrawTab
from digitpad.gui.draw.drawing_io import drawing_mime_data, find_source, may_have_source, save_drawing
from digitpad.gui.session.file_dialogs import choose_file, choose_save_path
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.session import Session
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.widgets.lazy_page import LazyPage
from digitpad.gui.window.about_dialog import AboutDialog
from digitpad.gui.window.actions import Actions
from digitpad.gui.window.close_prompts import CloseChoice, ask_about_fine_tuning, ask_about_result, ask_about_training
from digitpad.gui.window.log_folder import show_log_folder
from digitpad.gui.window.menus import Menus
from digitpad.gui.window.status_bar import StatusBar

if TYPE_CHECKING:  # seen after the window itself
    from digitpad.gui.mistakes.mistakes_tab import MistakesTab
    from digitpad.gui.my_digits.my_digits_tab import MyDigitsTab
    from digitpad.gui.train.train_tab import TrainTab

_TAB_ICONS = ("draw", "train", "mistakes", "mine")


class MainWindow(QMainWindow):
    """Holds the tabs and connects the menus."""

    first_painted = Signal()

    def __init__(self, session: Session, themes: Themes) -> None:
        super().__init__()
        self._session, self.themes = session, themes
        self._was_painted = False
        self.actions_ = Actions(session.pad.undo_stack, self)
        self.draw_tab = DrawTab(session, self.actions_.tools)
        self.draw_tab.addActions(self.actions_.of_the_pad)
        self._training_page: LazyPage[TrainTab] = LazyPage()
        self._mistakes_page: LazyPage[MistakesTab] = LazyPage()
        self._my_digits_page: LazyPage[MyDigitsTab] = LazyPage()
        self._tabs = QTabWidget()
        self._menus = Menus(self.menuBar(), self.actions_, self)
        self.status_bar = StatusBar()
        self.setWindowTitle("digitpad")
        self.setAcceptDrops(True)

        self._tabs.setDocumentMode(True)
        self._tabs.setIconSize(QSize(18, 18))
        for widget, name in (
            (self.draw_tab, self.tr("Draw")),
            (self._training_page, self.tr("Train")),
            (self._mistakes_page, self.tr("Mistakes")),
            (self._my_digits_page, self.tr("My digits")),
        ):
            self._tabs.addTab(widget, name)
        self.setCentralWidget(self._tabs)
        self.setStatusBar(self.status_bar)

        self._connect()
        self._on_theme_changed()
        self._on_drawing_changed(session.pad.drawing)
        self._on_model_changed()
        self._restore()
        self.draw_tab.canvas.setFocus()

    @property
    def training_tab(self) -> "TrainTab":
        """The Train tab, made when it is first wanted: its plots take a third of a second to load."""
        if (made := self._training_page.content) is not None:
            return made
        from digitpad.gui.train.train_tab import TrainTab

        return self._training_page.set_content(TrainTab(self._session))

    @property
    def mistakes_tab(self) -> "MistakesTab":
        """The Mistakes tab, made when it is first wanted."""
        if (made := self._mistakes_page.content) is not None:
            return made
        from digitpad.gui.mistakes.mistakes_tab import MistakesTab

        tab = MistakesTab(self._session)
        tab.pad_requested.connect(self._on_put_on_pad)
        return self._mistakes_page.set_content(tab)

    @property
    def my_digits_tab(self) -> "MyDigitsTab":
        """The My digits tab, made when it is first wanted."""
        if (made := self._my_digits_page.content) is not None:
            return made
        from digitpad.gui.my_digits.my_digits_tab import MyDigitsTab

        tab = MyDigitsTab(self._session)
        tab.pad_requested.connect(self._on_put_on_pad)
        tab.draw_requested.connect(self._on_put_on_pad)
        return self._my_digits_page.set_content(tab)

    @Slot(int)
    def _on_tab_changed(self, _number: int) -> None:
        if self._tabs.currentWidget() is self._my_digits_page:
            self.status_bar.show_news("")
        # Whoever goes through the tabs with arrow keys is left there.
        is_passing = self._tabs.tabBar().hasFocus()
        if self._tabs.currentWidget() is self._training_page:
            take_focus = self.training_tab.setFocus
        elif self._tabs.currentWidget() is self._mistakes_page:
            take_focus = self.mistakes_tab.take_focus
        elif self._tabs.currentWidget() is self._my_digits_page:
            take_focus = self.my_digits_tab.take_focus
        else:
            return
        if not is_passing:
            take_focus()

    def _connect(self) -> None:
        self._tabs.currentChanged.connect(self._on_tab_changed)
        actions, session = self.actions_, self._session
        actions.open.triggered.connect(self._on_open)
        actions.save.triggered.connect(self._on_save)
        actions.quit.triggered.connect(self.close)
        actions.copy.triggered.connect(self._on_copy)
        actions.paste.triggered.connect(self._on_paste)
        actions.eraser.toggled.connect(self.draw_tab.use_eraser)
        actions.clear.triggered.connect(session.pad.clear)
        actions.compare.triggered.connect(self._on_compare)
        actions.steps.toggled.connect(self.draw_tab.show_steps)
        actions.numbers.triggered.connect(self._on_numbers)
        actions.about.triggered.connect(self._on_about)
        actions.show_log.triggered.connect(show_log_folder)
        actions.about_model.triggered.connect(self._on_about_model)
        actions.appearance.triggered.connect(self._on_appearance)
        self.draw_tab.panel.steps_requested.connect(actions.steps.setChecked)
        self._menus.tab_requested.connect(self.show_tab)
        self._menus.model_requested.connect(session.models.choose)
        self.themes.theme_changed.connect(self._on_theme_changed)
        session.models.comparing_changed.connect(actions.compare.setChecked)
        session.recognition.reads_numbers_changed.connect(self._on_reading_changed)
        session.models.entries_changed.connect(self._on_model_changed)
        session.models.chosen_changed.connect(self._on_model_changed)
        session.recognition.answered.connect(self._on_answered)
        session.pad.drawing_changed.connect(self._on_drawing_changed)
        session.mistakes_requested.connect(self._on_mistakes_requested)
        session.models.chosen_updated.connect(self.status_bar.show_model)
        session.training.progressed.connect(self._on_training_changed)
        session.training.state_changed.connect(self._on_training_changed)
        session.fine_tuning.state_changed.connect(self._on_fine_tuning_changed)
        self.status_bar.training_clicked.connect(self._on_training_clicked)
        self.status_bar.news_clicked.connect(self._on_news_clicked)

    def _restore(self) -> None:
        settings, actions = self._session.settings, self.actions_
        actions.compare.setChecked(self._session.models.is_comparing)
        actions.steps.setChecked(settings.shows_steps)
        self._on_reading_changed(self._session.recognition.reads_numbers)
        for action in actions.appearance.actions():
            action.setChecked(action.data() == settings.appearance.value)
        # A geometry from a screen that is gone is put right by Qt.
        if not self.restoreGeometry(settings.geometry):
            available = self.screen().availableGeometry()
            self.resize(min(1200, available.width()), min(780, available.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            # After the event loop has put it on the screen.
            QTimer.singleShot(0, self, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        try:
            may_close = self._may_close()
        except Exception as error:  # a window that cannot be closed would be killed, and its training with it
            log_exception("the question before closing failed", error)
            may_close = True
        if not may_close:
            event.ignore()
            return
        self._session.settings.geometry = self.saveGeometry()
        self.hide()  # at once; the threads may take a moment to end
        self._session.close()
        super().closeEvent(event)

    def _may_close(self) -> bool:
        """Ask what is to become of what was learned; say whether the window may close. Until then nothing is ended."""
        trainer = self._session.training
        choice = ask_about_training(self) if trainer.is_busy else CloseChoice.KEEP
        if choice is CloseChoice.STAY or not self._may_end_fine_tuning():
            return False
        trainer.stop(discards=choice is CloseChoice.DISCARD)
        return True

    def _may_end_fine_tuning(self) -> bool:
        tuner = self._session.fine_tuning
        if tuner.state is FineTuningState.RUNNING and ask_about_fine_tuning(self) is CloseChoice.STAY:
            return False
        # It may have come to its end while that was asked.
        result = tuner.result if tuner.state is FineTuningState.DONE else None
        if result is None or not result.blend:
            return True  # or the model is as it was
        choice = ask_about_result(self)
        if choice is CloseChoice.KEEP:
            tuner.keep()
            if tuner.result is not None:  # it could not be saved; the tab says why
                self.show_tab(3)
        return choice is CloseChoice.DISCARD or (choice is CloseChoice.KEEP and tuner.result is None)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if may_have_source(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._take(find_source(event.mimeData()), self.tr("what was dropped is no file and no picture"))
        event.acceptProposedAction()

    def tell_of_crash(self) -> None:
        """Say that the last window did not end as it should, and where more is said of that."""
        words = self.tr("Last time digitpad ended unexpectedly.")
        self.draw_tab.messages.offer(words, self.tr("Show log folder"), show_log_folder)

    def open_file(self, path: Path) -> None:
        """Open a picture, an ink file or a model."""
        self._take(path, "")

    def _take(self, source: Path | np.ndarray | Drawing | None, otherwise: str) -> None:
        self._tabs.setCurrentWidget(self.draw_tab)
        if source is None:
            self.draw_tab.messages.warn(otherwise)
        elif isinstance(source, Drawing):
            self._session.pad.change(source, self.tr("paste"))
        else:
            self._session.opener.open(source)

    @Slot()
    def _on_open(self) -> None:
        kinds = self.tr("Pictures, ink and models ({})").format(
            "*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp *.jsonl *.jsonl.gz *.safetensors"
        )
        filters = ";;".join((kinds, self.tr("All files (*)")))
        if path := choose_file(self, self._session.settings, self.tr("Open"), filters):
            self.open_file(path)

    @Slot()
    def _on_save(self) -> None:
        filters = {"png": self.tr("PNG picture (*.png)")}
        if self._session.pad.drawing.picture is None:
            filters["jsonl"] = self.tr("Ink (*.jsonl)")
        title, name = self.tr("Save drawing"), self.tr("digit.png")
        if path := choose_save_path(self, self._session.settings, title, name, filters):
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Save the drawing and say so, or say why not."""
        try:
            save_drawing(path, self._session.pad.drawing, self.draw_tab.canvas.pen_width)
        except DigitpadError as error:
            self.draw_tab.messages.warn(str(error))
        else:
            self.draw_tab.messages.inform(self.tr("Saved to {}").format(path))

    @Slot()
    def _on_copy(self) -> None:
        drawing = self._session.pad.drawing
        QGuiApplication.clipboard().setMimeData(drawing_mime_data(drawing, self.draw_tab.canvas.pen_width))
        as_both = self.tr("The drawing is on the clipboard, as a picture and as ink.")
        as_picture = self.tr("The drawing is on the clipboard, as a picture.")
        self.draw_tab.messages.inform(as_both if drawing.picture is None else as_picture)

    @Slot()
    def _on_paste(self) -> None:
        found = find_source(QGuiApplication.clipboard().mimeData())
        self._take(found, self.tr("the clipboard holds no picture: copy one first"))

    @Slot(int)
    def show_tab(self, number: int) -> None:
        """Show Draw (0), Train (1), Mistakes (2) or My digits (3)."""
        self._tabs.setCurrentIndex(number)
        if self._tabs.currentWidget() is self.draw_tab:
            self.draw_tab.canvas.setFocus()
        elif self._tabs.currentWidget() is self._training_page:
            self.training_tab.setFocus()
        elif self._tabs.currentWidget() is self._mistakes_page:
            self.mistakes_tab.take_focus()
        elif self._tabs.currentWidget() is self._my_digits_page:
            self.my_digits_tab.take_focus()

    @Slot(object)
    def _on_training_changed(self, _news: object) -> None:
        trainer = self._session.training
        self.status_bar.show_training(trainer.progress if trainer.is_busy else None)

    @Slot()
    def _on_training_clicked(self) -> None:
        self.show_tab(1)

    @Slot()
    def _on_fine_tuning_changed(self) -> None:
        """Tell of its end where the My digits tab, which says more, is not seen."""
        words = {
            FineTuningState.DONE: self.tr("A model has learned from your digits"),
            FineTuningState.FAILED: self.tr("Training on your digits failed"),
        }
        is_seen = self._tabs.currentWidget() is self._my_digits_page
        self.status_bar.show_news("" if is_seen else words.get(self._session.fine_tuning.state, ""))

    @Slot()
    def _on_news_clicked(self) -> None:
        self.show_tab(3)

    @Slot(object)
    def _on_mistakes_requested(self, run: Run) -> None:
        self.show_tab(2)
        self.mistakes_tab.show_run(run)

    @Slot()
    def _on_put_on_pad(self) -> None:
        self.show_tab(0)

    @Slot(bool)
    def _on_compare(self, wanted: bool) -> None:
        self._session.models.set_comparing(wanted)

    @Slot(bool)
    def _on_numbers(self, wanted: bool) -> None:
        self._session.recognition.set_reads_numbers(wanted)

    @Slot(bool)
    def _on_reading_changed(self, is_number: bool) -> None:
        self.actions_.numbers.setChecked(is_number)
        self.actions_.steps.setEnabled(not is_number)

    @Slot(QAction)
    def _on_appearance(self, action: QAction) -> None:
        self._session.settings.appearance = Appearance(action.data())
        self.themes.set_appearance(Appearance(action.data()))

    @Slot()
    def _on_about_model(self) -> None:
        from digitpad.gui.window.model_card_dialog import ModelCardDialog

        ModelCardDialog(self._session.models.chosen, self).open()

    @Slot()
    def _on_about(self) -> None:
        AboutDialog(self).open()

    @Slot()
    def _on_theme_changed(self) -> None:
        self.actions_.on_theme_changed()
        for number, name in enumerate(_TAB_ICONS):
            self._tabs.setTabIcon(number, line_icon(name))

    @Slot(object)
    def _on_drawing_changed(self, drawing: Drawing) -> None:
        for action in (self.actions_.save, self.actions_.copy, self.actions_.clear):
            action.setEnabled(bool(drawing))

    @Slot()
    def _on_model_changed(self) -> None:
        self.status_bar.show_model(self._session.models.chosen)
        self._menus.show_models(self._session.models.entries, self._session.models.chosen)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        self.status_bar.show_time(answer)
        if not answer.question.drawing:
            self._title("")
        elif not self.draw_tab.canvas.is_drawing:
            chosen = self._session.models.compared.index(self._session.models.chosen)
            self._title(self.draw_tab.panel.answer_texts[chosen])

    def _title(self, answer: str) -> None:
        """Name the settled answer in the task bar; during a stroke it would only flicker."""
        self.setWindowTitle(f"{answer} – digitpad" if answer else "digitpad")

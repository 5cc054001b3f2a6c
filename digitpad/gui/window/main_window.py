"""The main window: pages, menus, status bar."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMainWindow, QWidget

from digitpad.core.ink.ink_files import is_ink_file
from digitpad.core.recognition.recogniser import Answer
from digitpad.core.runs.run_folder import Run
from digitpad.core.runtime.exception_hooks import log_exception
from digitpad.core.training.recipes import Recipe
from digitpad.core.translation import tr_noop
from digitpad.gui.accessibility.screen_reader import announce, install_roles
from digitpad.gui.draw.draw_tab import DrawTab
from digitpad.gui.draw.drawing_io import may_have_source
from digitpad.gui.lessons.lesson_controller import LessonController
from digitpad.gui.lessons.lesson_frame import LessonFrame
from digitpad.gui.lessons.lesson_menu import LessonMenu
from digitpad.gui.session.fine_tuning_service import FineTuningState
from digitpad.gui.session.session import Session
from digitpad.gui.theme.scaling import resize_window
from digitpad.gui.theme.theme import Themes, styled_at_end
from digitpad.gui.widgets.boxes import vbox
from digitpad.gui.widgets.shortcut_override import HandledKeys
from digitpad.gui.window import close_prompts
from digitpad.gui.window.about_dialog import AboutDialog
from digitpad.gui.window.actions import Actions
from digitpad.gui.window.file_actions import FileActions
from digitpad.gui.window.focus_ring import FocusRing
from digitpad.gui.window.footer import Footer
from digitpad.gui.window.guide_opener import GuideOpener
from digitpad.gui.window.log_folder import show_log_folder
from digitpad.gui.window.looks import Looks
from digitpad.gui.window.menus import Menus
from digitpad.gui.window.page_tabs import PageId, PageTabs
from digitpad.gui.window.stage_mode import StageMode
from digitpad.gui.window.status_bar import StatusBar

if TYPE_CHECKING:  # they are loaded when they are first shown
    from digitpad.core.lessons.conditions import Tab
    from digitpad.gui.layers.layer_window import LayerWindow
    from digitpad.gui.mistakes.mistakes_tab import MistakesTab
    from digitpad.gui.my_digits.my_digits_tab import MyDigitsTab
    from digitpad.gui.train.gates.dialog import GatesDialog
    from digitpad.gui.train.train_tab import TrainTab


_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class MainWindow(QMainWindow):
    """Connects the actions, the pages and the status bar with the session."""

    HANDLED_KEYS = (
        HandledKeys(("Esc",), tr_noop("close the view beside the pad, else leave stage mode, else close the lesson")),
        HandledKeys(("Return",), tr_noop("press the button that has the focus")),
        HandledKeys(("Space",), tr_noop("in stage mode: pause the training, or go on")),
        HandledKeys(("Ctrl+Backspace",), tr_noop("in stage mode: stop the training")),
    )

    first_painted = Signal()

    @styled_at_end()
    def __init__(self, session: Session, themes: Themes) -> None:
        super().__init__()
        install_roles()
        self._session, self.themes = session, themes
        self._was_painted = self._is_asking = self._restarts = False
        self._gates: GatesDialog | None = None
        self._layers: LayerWindow | None = None
        self.actions_ = Actions(session, self)
        self.tabs = PageTabs(session, self.actions_)
        self.draw_tab: DrawTab = self.tabs.page(PageId.DRAW)
        self.files = FileActions(session, self.draw_tab, self)
        self.guide = GuideOpener(session, self.tabs, self)
        self.menus = Menus(self.menuBar(), self.actions_, self.tabs, session.models, self)
        self.status_bar = StatusBar(session)
        frame = LessonFrame(self.tabs)
        self.lessons = LessonController(frame, self)
        self.lesson_menu = LessonMenu(self.menus.lessons, session.settings)

        self.focus_ring = FocusRing(self)
        self.stage = StageMode(self)
        self.looks = Looks(self)

        self.setWindowTitle("digitpad")
        self.setAcceptDrops(True)
        usual, content = QWidget(), QWidget()
        vbox(self.status_bar, self.stage.line, parent=usual)
        self._footer = Footer(usual, self.stage.corner)
        self._footer.setParent(content)  # first: pages are created later, and Tab reaches the status bar after them
        self._footer.add(self.looks.messages)
        self._footer.add(self.draw_tab.messages, PageId.DRAW)
        vbox((frame, 1), self._footer, parent=content, spacing=0)
        self.setCentralWidget(content)

        self._connect_actions()
        self._connect_session()
        self._show_state()
        self.draw_tab.canvas.setFocus()

    @property
    def session(self) -> Session:
        """The state that the pages share."""
        return self._session

    @property
    def training_tab(self) -> "TrainTab":
        """The Train page."""
        return self.tabs.page(PageId.TRAIN)

    @property
    def mistakes_tab(self) -> "MistakesTab":
        """The Mistakes page."""
        return self.tabs.page(PageId.MISTAKES)

    @property
    def my_digits_tab(self) -> "MyDigitsTab":
        """The My digits page."""
        return self.tabs.page(PageId.MY_DIGITS)

    @property
    def gates(self) -> "GatesDialog":
        """The dialog "Logic gates"; it is created when it is first needed."""
        if self._gates is None:
            from digitpad.gui.train.gates.dialog import GatesDialog

            self._gates = GatesDialog(self)
            self._gates.training_requested.connect(self._on_recipe_opened)
        return self._gates

    @property
    def action_owners(self) -> tuple[QObject, QObject]:
        """The objects that have all actions of the menus."""
        return self.actions_, self.menus

    @property
    def view_actions(self) -> dict[str, QAction]:
        """The actions that show the views of a lesson, by their name in a file."""
        actions = self.actions_
        return {
            "inside": actions.inside,
            "break-it": actions.break_it,
            "compare": actions.compare,
            "steps": actions.steps,
            "gates": actions.gates,
            "layers": actions.layers,
        }

    @property
    def page_changed(self) -> SignalInstance:
        """Emitted when another page is shown."""
        return self.tabs.currentChanged

    @property
    def has_train_page(self) -> bool:
        """Whether the Train page exists already."""
        return self.tabs.has_page(PageId.TRAIN)

    @property
    def page_name(self) -> "Tab":
        """The page that is shown, by its name in a lesson."""
        return cast("Tab", PageId(self.tabs.currentIndex()).name.lower().replace("_", "-"))

    def allow_actions(self, names: Collection[str] | None) -> None:
        """Let only these of the actions that a lesson can switch off be used; None: all of them."""
        self.actions_.allow(names)
        self.menus.allow_models(allowed=names is None or "models" in names)

    def show_page(self, name: "Tab") -> None:
        """Show a page by its name in a lesson, and give it the focus."""
        self.show_tab(PageId[name.upper().replace("-", "_")])

    @Slot(int)
    def show_tab(self, number: int) -> None:
        """Show the page with this number, see PageId."""
        self.tabs.show_page(number)

    @Slot()
    def show_break_it(self) -> None:
        """Show the Draw page with the view "Break it"."""
        self.show_tab(PageId.DRAW)
        self.actions_.break_it.setChecked(True)

    @property
    def restarts(self) -> bool:
        """Whether the window was closed to be opened again."""
        return self._restarts

    @Slot()
    def restart(self) -> None:
        """Close the window, unless the user wants to stay, and open a new one; app.py says what it keeps."""
        self._restarts = True
        self._restarts = self.close()

    @property
    def layer_window(self) -> "LayerWindow":
        """The window "Layer by layer"; it is created when it is first shown."""
        from digitpad.gui.layers.layer_window import LayerWindow

        if self._layers is None:
            self._layers = LayerWindow(self._session.layers, self._session.settings, self)
        return self._layers

    def report_crash(self) -> None:
        """Report that digitpad ended unexpectedly last time, and offer the log."""
        text = self.tr("Last time digitpad ended unexpectedly.")
        self.draw_tab.messages.offer(text, self.tr("Show log folder"), show_log_folder)

    def _connect_actions(self) -> None:
        actions = self.actions_
        actions.open.triggered.connect(self.files.open)
        actions.save.triggered.connect(self.files.save)
        actions.quit.triggered.connect(self.close)
        actions.copy.triggered.connect(self.files.copy)
        actions.paste.triggered.connect(self.files.paste)
        actions.eraser.toggled.connect(self.draw_tab.use_eraser)
        actions.steps.toggled.connect(self.draw_tab.show_steps)
        actions.inside.toggled.connect(self.draw_tab.show_inside)
        actions.break_it.toggled.connect(self.draw_tab.show_break_it)
        actions.teach.toggled.connect(self.draw_tab.show_teach)
        actions.start_afresh.toggled.connect(self.draw_tab.start_afresh)
        actions.reset_all.triggered.connect(self._on_reset_all)
        actions.gates.triggered.connect(self._on_gates)
        actions.about.triggered.connect(self._on_about)
        actions.guide.triggered.connect(self.guide.open_here)
        actions.keys.triggered.connect(self.guide.open_keys)
        actions.welcome.triggered.connect(self._on_welcome)
        actions.show_log.triggered.connect(show_log_folder)
        actions.about_model.triggered.connect(self._on_about_model)
        actions.layers.triggered.connect(self._on_layers_requested)
        actions.stage.toggled.connect(self.stage.set_on)
        actions.pen_widths.triggered.connect(self._on_pen_width)
        self.draw_tab.panel.steps_requested.connect(actions.steps.setChecked)
        self.draw_tab.inside_requested.connect(actions.inside.setChecked)
        self.draw_tab.welcome.requested.connect(self._on_card_chosen)
        self.draw_tab.break_it_requested.connect(actions.break_it.setChecked)
        self.draw_tab.teach_requested.connect(actions.teach.setChecked)
        self.files.pad_requested.connect(self.tabs.show_pad)
        self.files.lesson_requested.connect(self.lessons.open)
        self.files.data_requested.connect(self._on_data_requested)
        self._session.lesson_opened.connect(self.lessons.open)
        self.lesson_menu.lesson_requested.connect(self.lessons.open)
        self.lesson_menu.file_requested.connect(self.files.open_lesson)
        self.lessons.problem_found.connect(self._on_lesson_problem_found)
        self.lessons.opened.connect(self.draw_tab.messages.hide_warning)

    def _connect_session(self) -> None:
        session = self._session
        session.recognition.answered.connect(self._on_answered)
        session.fine_tuning.state_changed.connect(self._on_fine_tuning_changed)
        session.fine_tuning.keep_failed.connect(self._on_keep_failed)
        session.mistakes_requested.connect(self._on_mistakes_requested)
        session.recipe_opened.connect(self._on_recipe_opened)
        session.layers.window_requested.connect(self._on_layers_requested)
        session.layers.inside_requested.connect(self._on_inside_requested)
        self.tabs.page_created.connect(self._on_page_created)
        self.tabs.currentChanged.connect(self._on_page_changed)
        self.status_bar.page_requested.connect(self.show_tab)

    def _show_state(self) -> None:
        """Show the state of the session, and the settings of the last start."""
        settings = self._session.settings
        self.actions_.steps.setChecked(settings.shows_steps)
        self.actions_.inside.setChecked(settings.shows_inside)
        self.actions_.break_it.setChecked(settings.shows_break_it)
        # Qt corrects a geometry that is not on any screen.
        if not self.restoreGeometry(settings.geometry):
            resize_window(self, 1200, 780)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        view = self.draw_tab.view if self.draw_tab.isVisible() else None
        if event.key() == Qt.Key.Key_Escape and view is not None:
            view.step_back()
        elif event.key() == Qt.Key.Key_Escape and self.stage.is_on:
            self.actions_.stage.setChecked(False)
        elif event.key() == Qt.Key.Key_Escape and self.lessons.is_open:  # nothing else wanted the key
            self.lessons.close()
        elif event.key() in _ENTER and isinstance(button := self.focusWidget(), QAbstractButton):
            button.click()  # Qt presses it with Space only
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            # After the event loop has put it on the screen.
            QTimer.singleShot(0, self, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_asking:  # the question before closing is open, and Ctrl+C was pressed
            event.ignore()
            return
        self._is_asking = True
        try:
            may_close = close_prompts.may_close(self, self._session)
        except Exception as error:  # a window that cannot be closed would be killed, and its training with it
            log_exception("the question before closing failed", error)
            may_close = True
        self._is_asking = False
        if not may_close:
            event.ignore()
            return
        self.lessons.close()
        self.actions_.stage.setChecked(False)
        self._session.settings.geometry = self.saveGeometry()
        if self._layers is not None:
            self._layers.close()
        self.guide.close()
        self.hide()  # at once: the threads may take a moment to end
        self._session.close()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if may_have_source(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if len(paths) == 1 and is_ink_file(paths[0]) and self.tabs.currentIndex() in (PageId.TRAIN, PageId.MISTAKES):
            self._on_data_requested(str(paths[0]))  # elsewhere it is a drawing
        else:
            self.files.drop(event.mimeData())
        event.acceptProposedAction()

    @Slot(str)
    def _on_data_requested(self, dataset: str) -> None:
        """Show data of the user on the Mistakes page if that is shown, else on the Train page."""
        if self.tabs.currentIndex() == PageId.MISTAKES:
            self.mistakes_tab.show_data(dataset)
        else:
            self.show_tab(PageId.TRAIN)
            self.training_tab.show_data(dataset)

    @Slot()
    def _on_fine_tuning_changed(self) -> None:
        """Show the end of a fine-tuning in the status bar, unless the My digits page shows it already."""
        texts = {
            FineTuningState.DONE: self.tr("A model has learned from your digits"),
            FineTuningState.FAILED: self.tr("Training on your digits failed"),
        }
        announce(self, texts.get(self._session.fine_tuning.state, ""))
        is_shown = self.tabs.currentIndex() == PageId.MY_DIGITS
        self.status_bar.show_news("" if is_shown else texts.get(self._session.fine_tuning.state, ""))

    @Slot(int)
    def _on_page_created(self, number: int) -> None:
        self._footer.add(self.tabs.page(number).messages, number)

    @Slot(int)
    def _on_page_changed(self, number: int) -> None:
        self.stage.show_page()
        self._footer.show_page(number)
        if number == PageId.MY_DIGITS:
            self.status_bar.show_news("")

    @Slot()
    def _on_keep_failed(self) -> None:
        self.show_tab(PageId.MY_DIGITS)  # it shows why

    @Slot(object)
    def _on_mistakes_requested(self, run: Run) -> None:
        self.show_tab(PageId.MISTAKES)
        self.mistakes_tab.show_run(run)

    @Slot(bool)
    def _on_layers_requested(self, for_pixels: bool) -> None:
        show = self.layer_window.show_pixels if for_pixels else self.layer_window.show_layers
        show()
        self._raise_layers()

    @Slot()
    def _on_reset_all(self) -> None:
        if self.draw_tab.break_it is not None:
            self.draw_tab.break_it.reset()

    @Slot()
    def _on_inside_requested(self) -> None:
        self.layer_window.show_inside()
        self._raise_layers()

    def _raise_layers(self) -> None:
        self.layer_window.show()
        self.layer_window.raise_()
        self.layer_window.activateWindow()

    @Slot(QAction)
    def _on_pen_width(self, action: QAction) -> None:
        self.draw_tab.set_pen_scale(action.data())

    @Slot()
    def _on_welcome(self) -> None:
        self.tabs.show_pad()
        for view in self.actions_.views:  # they may have the place of the cards
            view.setChecked(False)
        self.draw_tab.welcome.show_again()

    @Slot(str)
    def _on_card_chosen(self, name: str) -> None:
        """Show what a card of the first start leads to, with data that is on this computer."""
        if name == "learn":
            self.show_tab(PageId.TRAIN)
            self.training_tab.buttons.start.setFocus()
        elif name == "mistakes":
            self.show_tab(PageId.MISTAKES)
            self.mistakes_tab.choose_data_at_hand()

    @Slot()
    def _on_gates(self) -> None:
        self.gates.show()
        self.gates.raise_()
        self.gates.activateWindow()

    @Slot(object)
    def _on_recipe_opened(self, recipe: Recipe) -> None:
        self.show_tab(PageId.TRAIN)
        self.training_tab.show_recipe(recipe)

    @Slot(str)
    def _on_lesson_problem_found(self, sentence: str) -> None:
        self.tabs.show_pad()
        self.draw_tab.messages.warn(sentence)

    @Slot()
    def _on_about_model(self) -> None:
        from digitpad.gui.window.model_card_dialog import ModelCardDialog

        ModelCardDialog(self._session.models.chosen, self).open()

    @Slot()
    def _on_about(self) -> None:
        AboutDialog(self).open()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if not answer.question.drawing:
            self.setWindowTitle("digitpad")
        elif not self.draw_tab.canvas.is_drawing:  # during a stroke the task bar would flicker
            models = self._session.models
            text = self.draw_tab.panel.answer_texts[models.compared.index(models.chosen)]
            text = text.replace("\n", ", ")  # numbers, one a line
            self.setWindowTitle(f"{text} – digitpad" if text else "digitpad")

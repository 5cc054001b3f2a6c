"""The menu bar."""

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar, QToolButton

from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.gui.session.model_choice import ModelChoice
from digitpad.gui.theme.icons import line_icon
from digitpad.gui.theme.scaling import px
from digitpad.gui.window.actions import Actions
from digitpad.gui.window.page_tabs import PageTabs

_MOST_RUNS = 20
_WIDEST_NAME = 360  # px
_MORE_WIDTH = 18  # px; Qt's own is 12 px at any zoom


class Menus(QObject):
    """Fills a menu bar with the actions, the pages and the models."""

    def __init__(self, bar: QMenuBar, actions: Actions, tabs: PageTabs, models: ModelChoice, parent: QObject) -> None:
        super().__init__(parent)
        self._actions, self._tabs, self._models = actions, tabs, models
        self._more = bar.findChild(QToolButton, "qt_menubar_ext_button")  # on macOS there is none
        self._model_menu = QMenu(self.tr("&Model"), bar)
        self._run_menu = QMenu(self.tr("&Runs"), self._model_menu)
        self._model_group, self._tab_group = QActionGroup(self), QActionGroup(self)

        self._fill(bar.addMenu(self.tr("&File")), [actions.open, actions.save, None, actions.quit])
        self._edit_menu, self._undo_actions = bar.addMenu(self.tr("&Edit")), tabs.undo_actions(tabs.currentIndex())
        edit = [
            *self._undo_actions,
            None,
            actions.copy,
            actions.paste,
            None,
            actions.eraser,
            actions.clear,
            actions.start_afresh,
        ]
        self._fill(self._edit_menu, edit)
        bar.addMenu(self._model_menu)
        view = bar.addMenu(self.tr("&View"))
        self._fill(view, [*self._create_tab_actions(), None, actions.numbers, actions.compare, actions.steps])
        self._fill(view, [actions.inside, actions.break_it, actions.reset_all, actions.teach])
        self._fill(view, [None, actions.layers, actions.gates, None, *actions.sizes.actions(), actions.stage, None])
        view.addMenu(self.tr("Pen &width")).addActions(actions.pen_widths.actions())
        looks = actions.high_contrast, actions.reduce_motion
        self._fill(view.addMenu(self.tr("A&ppearance")), [*actions.appearance.actions(), None, *looks])
        view.addMenu(self.tr("Di&gits")).addActions(actions.digit_colours.actions())
        view.addMenu(self.tr("Lang&uage")).addActions(actions.languages.actions())
        self.lessons = bar.addMenu(self.tr("&Lessons"))
        help_menu = bar.addMenu(self.tr("&Help"))
        self._fill(
            help_menu, [actions.guide, actions.keys, actions.welcome, None, actions.show_log, None, actions.about]
        )

        self._tab_group.triggered.connect(self._on_tab_triggered)
        self._model_group.triggered.connect(self._on_model_triggered)
        if self._more is not None:
            self._more.installEventFilter(self)
        tabs.currentChanged.connect(self._on_page_changed)
        models.entries_changed.connect(self._on_models_changed)
        models.chosen_changed.connect(self._on_models_changed)
        self._on_models_changed()

    def tint_icons(self) -> None:
        """Give the button for the menus that do not fit an icon of the theme; Qt's own is black."""
        if self._more is not None:
            self._more.setIcon(line_icon("more"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._more is not None and watched is self._more and event.type() == QEvent.Type.Resize:
            place = self._more.geometry()
            if place.width() != px(_MORE_WIDTH):
                place.setLeft(place.right() + 1 - px(_MORE_WIDTH))
                self._more.setGeometry(place)
        return super().eventFilter(watched, event)

    def allow_models(self, *, allowed: bool) -> None:
        """Let the user choose a model or not."""
        self._model_group.setEnabled(allowed)

    @Slot(int)
    def _on_page_changed(self, number: int) -> None:
        """Undo on the Edit menu is the one of the page."""
        for action in self._undo_actions:
            self._edit_menu.removeAction(action)
        self._undo_actions = self._tabs.undo_actions(number)
        self._edit_menu.insertActions(self._edit_menu.actions()[0], self._undo_actions)

    @Slot()
    def _on_models_changed(self) -> None:
        for action in self._model_group.actions():
            self._model_group.removeAction(action)
        self._model_menu.clear()
        self._run_menu.clear()
        for entry in self._listed_models():
            menu = self._run_menu if entry.belongs_to_run and not entry.is_shipped else self._model_menu
            action = self._model_group.addAction(menu.addAction(self._menu_text(display_name(entry))))
            action.setCheckable(True)
            action.setChecked(entry == self._models.chosen)
            action.setData(entry)
        if not self._run_menu.isEmpty():
            self._model_menu.addMenu(self._run_menu)
        self._model_menu.addSeparator()
        self._model_menu.addAction(self._actions.compare)
        self._model_menu.addAction(self._actions.about_model)

    def _listed_models(self) -> list[ModelEntry]:
        """Return the models to list: of the runs only the newest ones and the chosen one; the pad's list has all."""
        entries, chosen = self._models.entries, self._models.chosen
        of_runs = [entry for entry in entries if entry.belongs_to_run and not entry.is_shipped]
        older = {entry.path for entry in of_runs[_MOST_RUNS:]} - {chosen.path}
        return [entry for entry in entries if entry.path not in older]

    def _menu_text(self, name: str) -> str:
        """Return a name as the text of a menu item: not too wide, and without a mnemonic."""
        shown = self._run_menu.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, px(_WIDEST_NAME))
        return shown.replace("&", "&&")

    def _create_tab_actions(self) -> list[QAction | None]:
        for number, title in enumerate(self._tabs.titles):
            action = self._tab_group.addAction(title)
            action.setShortcut(f"Ctrl+{number + 1}")
            action.setData(number)
        return [*self._tab_group.actions()]

    @staticmethod
    def _fill(menu: QMenu, actions: list[QAction | None]) -> None:
        for action in actions:
            menu.addAction(action) if action else menu.addSeparator()

    @Slot(QAction)
    def _on_tab_triggered(self, action: QAction) -> None:
        self._tabs.show_page(action.data())

    @Slot(QAction)
    def _on_model_triggered(self, action: QAction) -> None:
        self._models.choose(action.data())

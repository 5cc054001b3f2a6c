"""The menu bar."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from digitpad.core.models.model_files import display_name
from digitpad.gui.session.model_choice import ModelChoice
from digitpad.gui.window.actions import Actions
from digitpad.gui.window.page_tabs import PageTabs


class Menus(QObject):
    """Fills a menu bar with the actions, the pages and the models."""

    def __init__(self, bar: QMenuBar, actions: Actions, tabs: PageTabs, models: ModelChoice, parent: QObject) -> None:
        super().__init__(parent)
        self._actions, self._tabs, self._models = actions, tabs, models
        self._model_menu = QMenu(self.tr("&Model"), bar)
        self._model_group, self._tab_group = QActionGroup(self), QActionGroup(self)

        self._fill(bar.addMenu(self.tr("&File")), [actions.open, actions.save, None, actions.quit])
        edit = [actions.undo, actions.redo, None, actions.copy, actions.paste, None, actions.eraser, actions.clear]
        self._fill(bar.addMenu(self.tr("&Edit")), edit)
        bar.addMenu(self._model_menu)
        view = bar.addMenu(self.tr("&View"))
        self._fill(view, [*self._create_tab_actions(), None, actions.numbers, actions.compare, actions.steps])
        view.addMenu(self.tr("&Appearance")).addActions(actions.appearance.actions())
        self._fill(bar.addMenu(self.tr("&Help")), [actions.show_log, None, actions.about])

        self._tab_group.triggered.connect(self._on_tab_triggered)
        self._model_group.triggered.connect(self._on_model_triggered)
        models.entries_changed.connect(self._on_models_changed)
        models.chosen_changed.connect(self._on_models_changed)
        self._on_models_changed()

    @Slot()
    def _on_models_changed(self) -> None:
        for action in self._model_group.actions():
            self._model_group.removeAction(action)
        self._model_menu.clear()
        for entry in self._models.entries:
            action = self._model_group.addAction(self._model_menu.addAction(display_name(entry)))
            action.setCheckable(True)
            action.setChecked(entry == self._models.chosen)
            action.setData(entry)
        self._model_menu.addSeparator()
        self._model_menu.addAction(self._actions.compare)
        self._model_menu.addAction(self._actions.about_model)

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

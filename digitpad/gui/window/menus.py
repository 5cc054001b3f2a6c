"""The menu bar."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from digitpad.core.models.model_files import ModelEntry, display_name
from digitpad.gui.window.actions import Actions


class Menus(QObject):
    """Fills a menu bar with the actions, the pages and the models."""

    tab_requested = Signal(int)
    model_requested = Signal(object)

    def __init__(self, bar: QMenuBar, actions: Actions, tab_titles: list[str], parent: QObject) -> None:
        super().__init__(parent)
        self._actions = actions
        self._models = QMenu(self.tr("&Model"), bar)
        self._model_group = QActionGroup(self)
        self._tab_group = QActionGroup(self)

        self._fill(bar.addMenu(self.tr("&File")), [actions.open, actions.save, None, actions.quit])
        edit = [actions.undo, actions.redo, None, actions.copy, actions.paste, None, actions.eraser, actions.clear]
        self._fill(bar.addMenu(self.tr("&Edit")), edit)
        bar.addMenu(self._models)
        view = bar.addMenu(self.tr("&View"))
        self._fill(view, [*self._create_tab_actions(tab_titles), None, actions.numbers, actions.compare, actions.steps])
        view.addMenu(self.tr("&Appearance")).addActions(actions.appearance.actions())
        self._fill(bar.addMenu(self.tr("&Help")), [actions.show_log, None, actions.about])

        self._tab_group.triggered.connect(self._on_tab_triggered)
        self._model_group.triggered.connect(self._on_model_triggered)

    def show_models(self, models: list[ModelEntry], chosen: ModelEntry) -> None:
        """List the models, and check the chosen one."""
        for action in self._model_group.actions():
            self._model_group.removeAction(action)
        self._models.clear()
        for entry in models:
            action = self._model_group.addAction(self._models.addAction(display_name(entry)))
            action.setCheckable(True)
            action.setChecked(entry == chosen)
            action.setData(entry)
        self._models.addSeparator()
        self._models.addAction(self._actions.compare)
        self._models.addAction(self._actions.about_model)

    def _create_tab_actions(self, titles: list[str]) -> list[QAction | None]:
        for number, title in enumerate(titles):
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
        self.tab_requested.emit(action.data())

    @Slot(QAction)
    def _on_model_triggered(self, action: QAction) -> None:
        self.model_requested.emit(action.data())

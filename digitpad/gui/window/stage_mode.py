"""Stage mode: full screen for a class, with large type and without menus, forms and side controls."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QSplitter

from digitpad.gui.theme.scaling import px
from digitpad.gui.window.page_tabs import PageId

if TYPE_CHECKING:
    from digitpad.gui.window.main_window import MainWindow

_LINES, _LEAST, _MOST = 620, 1.5, 2.0  # px of the screen's height at 100 %, and the limits of the zoom
_HINT_MS = 6000


class StageMode(QObject):
    """Shows the window for a class, and restores it as it was."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._is_on = False
        self._geometry, self._size, self._zoom = QByteArray(), window.size(), 1.0
        self._actions: list[QAction] = []
        self._splitters: dict[QSplitter, QByteArray] = {}
        self._hint = QLabel(window)
        self._hint.setProperty("role", "stage-hint")
        self._hint.hide()
        self._hint_timer = QTimer(self, singleShot=True, interval=_HINT_MS)
        self._hint_timer.timeout.connect(self._hint.hide)
        self._keys = [QShortcut(QKeySequence(key), window) for key in ("Space", "Ctrl+Backspace")]
        for key, slot in zip(self._keys, (self._on_pause, self._on_stop), strict=True):
            key.setEnabled(False)
            key.activated.connect(slot)

    @property
    def _window(self) -> "MainWindow":
        # Not kept: each would keep the other after the window is closed.
        return cast("MainWindow", self.parent())

    @property
    def is_on(self) -> bool:
        """Whether the window is in stage mode."""
        return self._is_on

    @Slot(bool)
    def set_on(self, on: bool) -> None:
        """Enter or leave stage mode."""
        if on == self._is_on:
            return
        self._is_on = on
        if on:
            self._enter()
        else:
            self._leave()

    def show_page(self) -> None:
        """Prepare the page that is shown now: pages are created late."""
        page = self._window.tabs.page(self._window.tabs.currentIndex())
        if hasattr(page, "set_stage"):
            page.set_stage(on=self._is_on)
        for key in self._keys:
            key.setEnabled(self._is_on and self._window.tabs.currentIndex() == PageId.TRAIN)

    def _enter(self) -> None:
        window = self._window
        self._geometry, self._size, self._zoom = window.saveGeometry(), window.size(), window.themes.zoom
        self._splitters = {splitter: splitter.saveState() for splitter in window.findChildren(QSplitter)}
        # The keys of actions that are only in a hidden menu bar do not work.
        page = Qt.ShortcutContext.WidgetWithChildrenShortcut
        actions = [action for owner in window.action_owners for action in owner.findChildren(QAction)]
        self._actions = [action for action in actions if action.shortcutContext() != page]
        window.addActions(self._actions)
        self._show_controls(shown=False)
        window.showFullScreen()
        height = window.screen().geometry().height()
        window.themes.set_zoom(max(self._zoom, min(max(height / _LINES, _LEAST), _MOST)))
        self.show_page()
        self._show_hint()

    def _leave(self) -> None:
        window = self._window
        self._hint.hide()
        for page in PageId:
            if window.tabs.has_page(page) and hasattr(widget := window.tabs.page(page), "set_stage"):
                widget.set_stage(on=False)
        self.show_page()
        self._show_controls(shown=True)
        for action in self._actions:
            window.removeAction(action)
        window.themes.set_zoom(self._zoom)
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowFullScreen)
        window.restoreGeometry(self._geometry)
        if not window.isMaximized():
            window.resize(self._size)  # restoreGeometry corrects a window that is larger than its screen
        for splitter, state in self._splitters.items():
            splitter.restoreState(state)

    def _show_controls(self, *, shown: bool) -> None:
        self._window.menuBar().setVisible(shown)
        self._window.status_bar.setVisible(shown)
        self._window.tabs.tabBar().setVisible(shown)

    def _show_hint(self) -> None:
        parts = [self.tr("Esc ends stage mode"), self.tr("Ctrl+1, 2, 3: pages")]
        parts.append(self.tr("Ctrl+Enter, Space, Ctrl+Backspace: start, pause, stop a training"))
        self._hint.setText(" · ".join(parts))
        self._hint.adjustSize()
        self._hint.move(px(16), px(16))
        self._hint.raise_()
        self._hint.show()
        self._hint_timer.start()

    @Slot()
    def _on_pause(self) -> None:
        self._window.training_tab.buttons.pause.click()

    @Slot()
    def _on_stop(self) -> None:
        self._window.training_tab.buttons.stop.click()

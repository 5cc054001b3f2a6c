"""Stage mode: full screen for a class, with large type and without menus, forms and side controls."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSizePolicy, QSplitter, QWidget

from digitpad.gui.widgets.boxes import hbox
from digitpad.gui.window.page_tabs import PageId

if TYPE_CHECKING:
    from digitpad.gui.window.main_window import MainWindow

_LINES, _LEAST, _MOST = 620, 1.5, 2.0  # px of the screen's height at 100 %, and the limits of the zoom
_HINT_MS = 15_000
_KEY_EVENTS = (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)  # a shortcut sends only the second
_POINTER_EVENTS = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
    QEvent.Type.Wheel,
)
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta)


class StageMode(QObject):
    """Shows the window for a class, and restores it as it was.

    Below the page are the keys, until the user does something, and a button for those without keys.
    """

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._is_on = False
        self._geometry, self._size, self._zoom = QByteArray(), window.size(), 1.0
        self._actions: list[QAction] = []
        self._splitters: dict[QSplitter, QByteArray] = {}
        self.line, self.hint = QWidget(window), QLabel()
        self.corner, self.end = QWidget(window), QPushButton(self.tr("End stage mode"))
        self.hint.setProperty("role", "muted")
        self.hint.setWordWrap(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setRetainSizeWhenHidden(True)  # the page does not move when the hint goes
        self.hint.setSizePolicy(policy)
        self.end.setProperty("role", "link")
        hbox((self.hint, 1), parent=self.line, margins=(16, 0, 16, 0))
        hbox(self.end, parent=self.corner, margins=(8, 0, 16, 0))
        for part in (self.line, self.corner):
            part.hide()
        self._hint_timer = QTimer(self, singleShot=True, interval=_HINT_MS)
        self._hint_timer.timeout.connect(self._hide_hint)
        self.end.clicked.connect(self._on_end)
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
        if self._is_on and self._window.tabs.currentIndex() == PageId.TRAIN:
            self._show_hint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hide the hint at the first thing that the user does."""
        is_key = event.type() in _KEY_EVENTS and isinstance(event, QKeyEvent) and event.key() not in _MODIFIERS
        if is_key or event.type() in _POINTER_EVENTS:
            self._hide_hint()
        return super().eventFilter(watched, event)

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
        self._show_hint()
        self.show_page()

    def _leave(self) -> None:
        window = self._window
        self._hide_hint()
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
        self.line.setVisible(not shown)
        self.corner.setVisible(not shown)

    def _show_hint(self) -> None:
        text = self.tr("Esc: end stage mode · Ctrl+1 to 4: pages · Ctrl + and −: size")
        training = self.tr("Ctrl+Enter: start · Space: pause · Ctrl+Backspace: stop")
        self.hint.setText(f"{text} · {training}" if self._window.tabs.currentIndex() == PageId.TRAIN else text)
        self.hint.show()
        self._hint_timer.start()
        # Removed with the hint: every event of the program goes through it.
        cast("QApplication", QApplication.instance()).installEventFilter(self)

    @Slot()
    def _hide_hint(self) -> None:
        self._hint_timer.stop()
        self.hint.hide()
        cast("QApplication", QApplication.instance()).removeEventFilter(self)

    @Slot()
    def _on_end(self) -> None:
        self._window.actions_.stage.setChecked(False)

    @Slot()
    def _on_pause(self) -> None:
        self._window.training_tab.buttons.pause.click()

    @Slot()
    def _on_stop(self) -> None:
        self._window.training_tab.buttons.stop.click()

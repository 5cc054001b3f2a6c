"""Opens the guide: from the Help menu, by F1, and where a widget asks for it."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from digitpad.gui.help.term_label import place_for
from digitpad.gui.session.session import Session
from digitpad.gui.window.key_list import key_list
from digitpad.gui.window.page_tabs import PageTabs

if TYPE_CHECKING:  # it is loaded when it is first shown
    from digitpad.gui.help.guide_window import GuideWindow


class GuideOpener(QObject):
    """Owns the window of the guide. F1 in a modal dialog blocks the action of the menu, so such a dialog gets a key."""

    def __init__(self, session: Session, tabs: PageTabs, window: QMainWindow) -> None:
        super().__init__(window)
        self._settings, self._tabs = session.settings, tabs
        self._guide: GuideWindow | None = None

        session.guide_requested.connect(self.open_place)
        app = cast("QGuiApplication", QGuiApplication.instance())
        app.focusWindowChanged.connect(self._on_focus_window_changed)

    @property
    def guide(self) -> "GuideWindow":
        """The window of the guide; it is created when it is first needed."""
        if self._guide is None:
            from digitpad.gui.help.guide_window import GuideWindow

            self._guide = GuideWindow(self._settings, self._keys)
        return self._guide

    @Slot(str)
    def open_place(self, place: str) -> None:
        """Show a place of the guide."""
        self.guide.open_place(place)
        self._show()

    @Slot()
    def open_here(self) -> None:
        """Show what explains the focused widget, else the page or dialog that is shown."""
        active = QApplication.activeWindow()
        focused = QApplication.focusWidget() or active
        if self._guide is not None and active is self._guide:
            self._guide.open_first()
        else:
            self.guide.open_place(place_for(focused) or place_for(self._tabs.current_page))
        self._show()

    @Slot()
    def open_keys(self) -> None:
        """Show the list of keys."""
        self.open_place("keys")

    def close(self) -> None:
        """Close the window; it has no parent that would do it."""
        if self._guide is not None:
            self._guide.close()
            self._guide.deleteLater()
            self._guide = None

    def _show(self) -> None:
        self.guide.show()
        self.guide.raise_()
        self.guide.activateWindow()
        self.guide.text.setFocus()

    def _keys(self, guide: QWidget) -> str:
        return key_list(cast("QMainWindow", self.parent()).menuBar(), self._tabs, guide)

    @Slot(QWindow)
    def _on_focus_window_changed(self, _window: QWindow | None) -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QDialog) and not dialog.property("has-guide-key"):
            dialog.setProperty("has-guide-key", True)
            QShortcut(QKeySequence.StandardKey.HelpContents, dialog).activated.connect(self.open_here)

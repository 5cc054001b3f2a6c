"""The choices of the View menu that change how everything looks: theme, colours, size, motion, language."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog

from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.translation import language, tr_in, tr_noop
from digitpad.gui.accessibility.motion import reduces_motion, set_reduced_motion, system_wants_less_motion
from digitpad.gui.theme.digit_colours import DigitColours
from digitpad.gui.theme.scaling import next_zoom
from digitpad.gui.theme.theme import Appearance
from digitpad.gui.widgets.message_bar import MessageBar
from digitpad.gui.window.translator import language_for

if TYPE_CHECKING:
    from digitpad.gui.window.main_window import MainWindow

_RESTART = tr_noop("The language changes when digitpad starts again."), tr_noop("Restart now")


class Looks(QObject):
    """Applies each choice at once and stores it; a new language needs a restart, which a message offers."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._settings, self._themes = window.session.settings, window.themes
        self.messages = MessageBar(window)

        actions = window.actions_
        actions.appearance.triggered.connect(self._on_appearance)
        actions.high_contrast.triggered.connect(self._on_high_contrast)
        actions.reduce_motion.triggered.connect(self._on_reduce_motion)
        actions.reduce_motion.setChecked(reduces_motion())
        actions.digit_colours.triggered.connect(self._on_digit_colours)
        actions.sizes.triggered.connect(self._on_size)
        actions.languages.triggered.connect(self._on_language)
        self._themes.app.focusWindowChanged.connect(self._on_focus_window_changed)
        self._themes.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def _window(self) -> "MainWindow":
        # Not kept: each would keep the other after the window is closed.
        return cast("MainWindow", self.parent())

    @Slot(QAction)
    def _on_appearance(self, action: QAction) -> None:
        self._settings.appearance = Appearance(action.data())
        self._themes.set_appearance(Appearance(action.data()))

    @Slot(bool)
    def _on_high_contrast(self, wanted: bool) -> None:
        """Follow the system again if it wants the same."""
        choice = None if wanted == self._themes.system_wants_contrast else wanted
        self._settings.high_contrast = choice
        self._themes.set_high_contrast(choice)

    @Slot(QAction)
    def _on_digit_colours(self, action: QAction) -> None:
        self._settings.digit_colours = DigitColours(action.data())
        self._themes.set_digit_colours(DigitColours(action.data()))

    @Slot()
    def _on_focus_window_changed(self) -> None:
        """Let the keys for the size of everything work in a dialog: it blocks the keys of the window."""
        if isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.addActions(self._window.actions_.sizes.actions())

    @Slot(QAction)
    def _on_size(self, action: QAction) -> None:
        zoom = next_zoom(action.data()) if action.data() else 1.0
        if not self._window.stage.is_on:
            self._settings.zoom = zoom
        self._themes.set_zoom(zoom)

    @Slot(bool)
    def _on_reduce_motion(self, wanted: bool) -> None:
        """Follow the system again if it wants the same."""
        choice = None if wanted == system_wants_less_motion() else wanted
        self._settings.reduces_motion = choice
        set_reduced_motion(self._themes.app, choice)

    @Slot(QAction)
    def _on_language(self, action: QAction) -> None:
        """Offer a restart, in the present language and in the chosen one."""
        self._settings.language = action.data()
        names = language(), language_for(action.data())
        sentences, buttons = ([tr_in(name, TRANSLATIONS, text) for name in names] for text in _RESTART)
        if len(set(sentences)) == 1:  # the present language again
            self.messages.hide_temporary()
        else:
            self.messages.offer(" ".join(sentences), " · ".join(dict.fromkeys(buttons)), self._window.restart)

    @Slot()
    def _on_theme_changed(self) -> None:
        actions = self._window.actions_
        actions.tint_icons()
        actions.high_contrast.setChecked(self._themes.has_high_contrast)
        self._window.tabs.tint_icons()
        self._window.menus.tint_icons()

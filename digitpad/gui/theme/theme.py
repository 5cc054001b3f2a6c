"""The light and the dark theme; by default the program follows the system."""

import tomllib
from enum import StrEnum
from string import Template

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from digitpad.gui.theme.icons import read_text


class Appearance(StrEnum):
    """The user's choice; its value is stored in the settings."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


_ROLES = {
    QPalette.ColorRole.Window: "window",
    QPalette.ColorRole.Base: "surface",
    QPalette.ColorRole.AlternateBase: "hover",
    QPalette.ColorRole.Button: "raised",
    QPalette.ColorRole.ToolTipBase: "raised",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "faint",
    QPalette.ColorRole.BrightText: "warning",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Midlight: "line",
    QPalette.ColorRole.Dark: "muted",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent",
}


class Themes(QObject):
    """Applies the theme to the application, again when the system or the user changes it."""

    theme_changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._appearance = Appearance.SYSTEM
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self._apply()

    @property
    def appearance(self) -> Appearance:
        """The user's choice."""
        return self._appearance

    @property
    def is_dark(self) -> bool:
        """Whether the dark theme is used."""
        if self._appearance is Appearance.SYSTEM:
            return self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self._appearance is Appearance.DARK

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the system, or use one theme."""
        if appearance is not self._appearance:
            self._appearance = appearance
            self._apply()

    @Slot()
    def _on_scheme_changed(self) -> None:
        if self._appearance is Appearance.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        colours = tomllib.loads(read_text(f"themes/{'dark' if self.is_dark else 'light'}.toml"))
        palette = QPalette()
        for role, name in _ROLES.items():
            palette.setColor(role, QColor(colours[name]))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["faint"]))
        self._app.setPalette(palette)
        self._app.setStyleSheet(Template(read_text("themes/style.qss")).substitute(colours))
        self.theme_changed.emit()

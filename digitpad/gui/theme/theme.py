"""The light and the dark theme, each also with high contrast, and the zoom; by default as the system."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette, QStyleHints
from PySide6.QtWidgets import QApplication

from digitpad.gui.theme.colours import ThemeName
from digitpad.gui.theme.digit_colours import INK_ROLE, DigitColours, ink_of
from digitpad.gui.theme.fonts import renew_tabular_fonts
from digitpad.gui.theme.icons import read_text
from digitpad.gui.theme.scaling import follow_system, set_zoom, style_for_scale, zoom

if TYPE_CHECKING:
    from PySide6.QtGui import QAccessibilityHints  # since Qt 6.10


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
    QPalette.ColorRole.PlaceholderText: "muted",
    QPalette.ColorRole.BrightText: "warning",
    QPalette.ColorRole.Mid: "faint",
    QPalette.ColorRole.Midlight: "line",
    QPalette.ColorRole.Dark: "muted",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on_accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent",
}


def accessibility_hints(hints: QStyleHints) -> "QAccessibilityHints | None":
    """Return what the system says about contrast, valid as long as `hints`; None before Qt 6.10."""
    find = getattr(hints, "accessibility", None)
    return find() if find is not None else None


@contextmanager
def styled_at_end() -> Iterator[None]:
    """Make many widgets without the style sheet, and apply it to all at the end.

    Otherwise, each time a part with its children is put into a larger one, Qt styles all of them again.
    """
    app = QApplication.instance()
    assert isinstance(app, QApplication)  # noqa: S101 - for the type checker
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)
        renew_tabular_fonts(app)


class Themes(QObject):
    """Applies theme and zoom to the application, again when the system or the user changes them."""

    theme_changed = Signal()  # or the zoom

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.app = app
        self._appearance, self._high_contrast = Appearance.SYSTEM, None
        self._hints = app.styleHints()
        self._accessibility = accessibility_hints(self._hints)
        self._digit_colours = DigitColours.THEME
        app.setStyle("Fusion")
        self._hints.colorSchemeChanged.connect(self._on_scheme_changed)
        if self._accessibility is not None:
            self._accessibility.contrastPreferenceChanged.connect(self._on_contrast_changed)
        follow_system()
        self.set_zoom(1.0)

    @property
    def appearance(self) -> Appearance:
        """The user's choice."""
        return self._appearance

    @property
    def is_dark(self) -> bool:
        """Whether the dark theme is used."""
        if self._appearance is Appearance.SYSTEM:
            return self.app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return self._appearance is Appearance.DARK

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the system, or use one theme."""
        if appearance is not self._appearance:
            self._appearance = appearance
            self._apply()

    @property
    def system_wants_contrast(self) -> bool:
        """Whether the system asks for high contrast; False if Qt (before 6.10) does not tell."""
        hints = self._accessibility
        return hints is not None and hints.contrastPreference() == Qt.ContrastPreference.HighContrast

    @property
    def has_high_contrast(self) -> bool:
        """Whether the colours with high contrast are used: those of the light or of the dark theme."""
        return self.system_wants_contrast if self._high_contrast is None else self._high_contrast

    def set_high_contrast(self, wanted: bool | None) -> None:
        """Use high contrast or not; None follows the system."""
        had_it, self._high_contrast = self.has_high_contrast, wanted
        if self.has_high_contrast != had_it:
            self._apply()

    @property
    def name(self) -> ThemeName:
        """The theme that is used."""
        if self.has_high_contrast:
            return "dark-contrast" if self.is_dark else "light-contrast"
        return "dark" if self.is_dark else "light"

    def set_digit_colours(self, choice: DigitColours) -> None:
        """Choose the colours of ink and paper in all pictures of digits."""
        if choice is not self._digit_colours:
            self._digit_colours = choice
            self._apply()

    @property
    def zoom(self) -> float:
        """The size of everything; 1 is the usual size."""
        return zoom()

    def set_zoom(self, value: float) -> None:
        """Show everything in another size."""
        set_zoom(self.app, value, self._apply)

    @Slot()
    def _on_scheme_changed(self) -> None:
        if self._appearance is Appearance.SYSTEM:
            self._apply()

    @Slot()
    def _on_contrast_changed(self) -> None:
        if self._high_contrast is None:
            self._apply()

    def _apply(self) -> None:
        colours = tomllib.loads(read_text(f"themes/{self.name}.toml"))
        palette = QPalette()
        for role, name in _ROLES.items():
            palette.setColor(role, QColor(colours[name]))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["faint"]))
        ink = ink_of(self._digit_colours, QColor(colours["text"]), QColor(colours["surface"]))
        palette.setColor(INK_ROLE, ink)
        self.app.setPalette(palette)
        self.app.setStyleSheet("")  # to replace one style sheet by another is much slower
        self.app.setStyleSheet(style_for_scale(Template(read_text("themes/style.qss")).substitute(colours)))
        renew_tabular_fonts(self.app)
        self.theme_changed.emit()

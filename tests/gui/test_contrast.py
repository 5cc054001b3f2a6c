"""Contrast by WCAG 2.2: text at least 4.5:1, marks and edges of controls 3:1; with high contrast 7:1 and 4.5:1.

The tables say which colours of a theme are used on which ground; the style sheet and what is painted are held to them.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain, product

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from digitpad.gui.draw.answer.digit_image_view import DigitImageView, StepsView
from digitpad.gui.session.settings import Settings
from digitpad.gui.theme.colours import ThemeName, theme_colours
from digitpad.gui.theme.icons import read_text
from digitpad.gui.theme.theme import Appearance, Themes
from digitpad.gui.widgets.probability_bars import ProbabilityBars
from digitpad.gui.window.main_window import MainWindow
from tests.helpers.contrast import contrast

THEMES: tuple[ThemeName, ...] = ("light", "dark", "light-contrast", "dark-contrast")
TEXT_RATIO = {"light": 4.5, "dark": 4.5, "light-contrast": 7.0, "dark-contrast": 7.0}
MARK_RATIO = {"light": 3.0, "dark": 3.0, "light-contrast": 4.5, "dark-contrast": 4.5}

PAGES = ("window", "surface", "raised")
GROUNDS = (*PAGES, "hover", "pressed", "warning_ground", "info_ground", "error_ground", "weight_neutral")
TEXT = {
    "text": (*PAGES, "hover", "pressed", "warning_ground", "info_ground", "error_ground"),
    "muted": (*PAGES, "hover", "pressed", "warning_ground", "info_ground"),
    "accent": (*PAGES, "hover", "pressed"),
    "on_accent": ("accent",),
    "warning": (*PAGES, "hover", "warning_ground"),
    "right": (*PAGES, "hover", "pressed"),
    "wrong": (*PAGES, "hover", "pressed"),
}
MARKS = {
    "faint": (*PAGES, "hover", "pressed"),  # also the text of disabled controls
    "muted": (*PAGES, "hover", "pressed"),
    "accent": (*PAGES, "hover", "pressed", "info_ground", "warning_ground"),
    "text": (*PAGES, "hover", "pressed"),
    "warning": (*PAGES, "warning_ground"),
    "right": PAGES,
    "wrong": (*PAGES, "hover"),
    "training": (*PAGES, "hover"),
    "test": (*PAGES, "hover"),
    "published": PAGES,
    **{f"run_{number}": ("surface", "window") for number in range(1, 7)},
    **{f"scale_{place}": ("surface", "window") for place in ("low", "middle", "high")},
    "weight_for": ("surface", "weight_neutral", "hover"),
    "weight_against": ("surface", "weight_neutral", "hover"),
}
DECORATION = {"line", "grid"}  # between parts that differ anyway: never the only edge of a control
_FIELDS = r"QLineEdit|QComboBox|QPushButton|QToolButton|QCheckBox|QAbstractSpinBox|QPlainTextEdit"
_CONTROL = re.compile(rf"\b({_FIELDS}|QSlider|QProgressBar)\b(?!.* QAbstractItemView)")


@pytest.mark.usefixtures("themes")
@pytest.mark.parametrize("theme", THEMES)
def test_text_and_marks_contrast_with_every_ground_they_are_used_on(theme: ThemeName) -> None:
    colours = theme_colours(theme)
    weak = [
        f"{name} on {ground}: {ratio:.2f} instead of {least}"
        for table, least in ((TEXT, TEXT_RATIO[theme]), (MARKS, MARK_RATIO[theme]))
        for name, grounds in table.items()
        for ground in grounds
        if (ratio := contrast(colours[name], colours[ground])) < least
    ]
    assert weak == []


@pytest.mark.usefixtures("themes")
@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_of_a_theme_is_a_ground_a_text_a_mark_or_a_decoration(theme: ThemeName) -> None:
    known = {*TEXT, *MARKS, *GROUNDS, *DECORATION, *chain(*TEXT.values(), *MARKS.values())}
    assert set(theme_colours(theme)) == known
    assert set(tomllib.loads(read_text(f"themes/{theme}.toml"))) == set(tomllib.loads(read_text("themes/light.toml")))


def rules() -> Iterator[tuple[str, str]]:
    """Yield the selectors and the declarations of the style sheet."""
    sheet = re.sub(r"/\*.*?\*/", "", read_text("themes/style.qss"), flags=re.DOTALL)
    for selectors, declarations in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        yield selectors.strip(), declarations


@pytest.mark.usefixtures("themes")
def test_the_style_sheet_uses_colours_as_the_tables_say() -> None:
    wrong = []
    for selectors, declarations in rules():
        # The label of a disabled field is as faint as the field.
        is_disabled = all(":disabled" in one or '[faint="true"]' in one for one in selectors.split(","))
        for name, colour in re.findall(r"([\w-]+)\s*:[^;$]*\$(\w+)", declarations):
            if name in ("color", "selection-color"):
                fits = colour in TEXT or (is_disabled and colour == "faint")
            elif name.startswith("border"):
                is_control = _CONTROL.search(selectors) is not None
                fits = colour in MARKS or is_disabled or (colour in DECORATION and not is_control)
                fits = fits or (is_disabled and colour in GROUNDS)
            else:
                fits = True
            if not fits:
                wrong.append(f"{selectors}: {name} is {colour}")
    assert wrong == []


CONTROLS: list[Callable[[], QWidget]] = [
    QLineEdit,
    QSpinBox,
    QComboBox,
    QCheckBox,
    QPushButton,
    QPlainTextEdit,
    QProgressBar,
    ProbabilityBars,
    lambda: _with_role(QPushButton(), "primary"),
    lambda: _with_role(QToolButton(), "step"),
    lambda: _with_role(QPushButton(), "segment"),
    lambda: _with_role(QToolButton(), "label-key"),
]


def _with_role(widget: QWidget, role: str) -> QWidget:
    widget.setProperty("role", role)
    return widget


def edge_contrast(image: QImage, widget: QWidget) -> float:
    """Return the largest contrast between the ground left of a control and its first pixels, on any of its lines."""
    ground = image.pixelColor(widget.x() - 2, widget.y())
    lines = range(widget.y() + 2, widget.y() + widget.height() - 2)
    edge = (image.pixelColor(widget.x() + x, y) for y, x in product(lines, range(min(40, widget.width()))))
    return max(contrast(colour, ground) for colour in edge)


def edge_contrasts(themes: Themes, theme: ThemeName, qtbot: QtBot, *, enabled: bool = True) -> dict[str, float]:
    """Return the contrast of the edge of each control as it is painted."""
    themes.set_appearance(Appearance.DARK if "dark" in theme else Appearance.LIGHT)
    themes.set_high_contrast("contrast" in theme)
    window = QWidget()
    window.setAutoFillBackground(True)
    qtbot.addWidget(window)
    for number, create in enumerate(CONTROLS):
        widget = create()
        widget.setParent(window)
        widget.setEnabled(enabled)
        widget.setGeometry(20, 20 + 60 * number, 200, 40)
    window.resize(260, 60 * len(CONTROLS) + 40)
    window.show()
    image = window.grab().toImage()
    children = [child for child in window.children() if isinstance(child, QWidget)]
    return {
        f"{child.metaObject().className()} {child.property('role')}": edge_contrast(image, child) for child in children
    }


@pytest.mark.parametrize("theme", THEMES)
def test_the_edges_of_controls_are_visible_as_they_are_painted(themes: Themes, theme: ThemeName, qtbot: QtBot) -> None:
    ratios = edge_contrasts(themes, theme, qtbot)
    assert {name: ratio for name, ratio in ratios.items() if ratio < 3} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_a_disabled_control_has_an_edge_that_is_no_stronger(themes: Themes, theme: ThemeName, qtbot: QtBot) -> None:
    enabled, disabled = (edge_contrasts(themes, theme, qtbot, enabled=on) for on in (True, False))
    assert {name: ratio for name, ratio in disabled.items() if not 1.1 < ratio <= enabled[name]} == {}


@pytest.mark.parametrize("theme", ["light-contrast", "dark-contrast"])
def test_pictures_have_a_frame_before_there_is_a_digit(themes: Themes, theme: ThemeName, qtbot: QtBot) -> None:
    themes.set_appearance(Appearance.DARK if "dark" in theme else Appearance.LIGHT)
    themes.set_high_contrast(True)
    for view in (DigitImageView(), StepsView()):
        qtbot.addWidget(view)
        view.resize(view.sizeHint())
        line = view.grab().toImage().pixelColor(20, 0)
        assert contrast(line, theme_colours(theme)["window"]) > 4.5


def test_high_contrast_is_black_and_white_follows_dark_and_light_and_is_remembered(window: MainWindow) -> None:
    themes, action = window.themes, window.actions_.high_contrast
    themes.set_appearance(Appearance.LIGHT)
    assert themes.name == "light"
    action.trigger()
    assert (themes.name, action.isChecked(), Settings().high_contrast) == ("light-contrast", True, True)
    palette = QApplication.palette()
    assert palette.color(QPalette.ColorRole.Window).name() == "#ffffff"
    assert palette.color(QPalette.ColorRole.WindowText).name() == "#000000"
    assert theme_colours(palette) is theme_colours("light-contrast")
    themes.set_appearance(Appearance.DARK)
    assert themes.name == "dark-contrast"
    assert theme_colours(QApplication.palette()) is theme_colours("dark-contrast")
    action.trigger()
    assert (themes.name, Settings().high_contrast) == ("dark", None)
    assert theme_colours(QApplication.palette()) is theme_colours("dark")


class FakeHints(QObject):
    """Stands for the hints of a system whose contrast the user changes."""

    contrastPreferenceChanged = Signal()  # noqa: N815 - Qt's name

    def __init__(self) -> None:
        super().__init__()
        self.preference = Qt.ContrastPreference.NoPreference

    def contrastPreference(self) -> Qt.ContrastPreference:  # noqa: N802 - Qt's name
        return self.preference


def test_high_contrast_follows_the_system_until_the_user_decides(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints = FakeHints()
    monkeypatch.setattr("digitpad.gui.theme.theme.accessibility_hints", lambda _: hints)
    themes = Themes(qapp)
    themes.set_appearance(Appearance.LIGHT)
    assert themes.name == "light"
    hints.preference = Qt.ContrastPreference.HighContrast
    hints.contrastPreferenceChanged.emit()
    assert themes.name == "light-contrast"
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor("white")
    themes.set_high_contrast(False)
    assert themes.name == "light"
    assert qapp.palette().color(QPalette.ColorRole.Window) != QColor("white")
    themes.set_high_contrast(None)
    assert themes.name == "light-contrast"
    hints.preference = Qt.ContrastPreference.NoPreference
    hints.contrastPreferenceChanged.emit()
    assert themes.name == "light"


@pytest.mark.parametrize("theme", THEMES)
def test_the_buttons_for_menus_and_pages_that_do_not_fit_are_visible(
    window: MainWindow, theme: ThemeName, qtbot: QtBot
) -> None:
    themes = window.themes
    themes.set_appearance(Appearance.DARK if "dark" in theme else Appearance.LIGHT)
    themes.set_high_contrast("contrast" in theme)
    themes.set_zoom(2)
    window.resize(560, 560)
    bars = window.menuBar(), window.tabs.tabBar()
    buttons = [(bar, button) for bar in bars for button in bar.findChildren(QToolButton)]
    assert len(buttons) == 3
    qtbot.waitUntil(lambda: all(button.isVisible() for _, button in buttons))
    for bar, button in buttons:
        if button.isEnabled():
            image = bar.grab(button.geometry()).toImage()
            ground = image.pixelColor(0, 0)
            points = product(range(image.width()), range(image.height()))
            assert max(contrast(ground, image.pixelColor(*point)) for point in points) >= MARK_RATIO[theme]

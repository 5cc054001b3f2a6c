"""Reduced motion: nothing moves by itself but what the user watches, such as curves of a training."""

import sys

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QProgressBar, QStyle

_PROPERTY = "reduces-motion"
_EFFECTS = (Qt.UIEffect.UI_General, Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_FadeMenu, Qt.UIEffect.UI_AnimateCombo)


def system_wants_less_motion() -> bool:
    """Return whether the system switches animations off, where Qt tells."""
    if sys.platform == "win32":
        return not QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
    return QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0


def set_reduced_motion(app: QApplication, wanted: bool | None) -> None:
    """Let menus and lists appear at once and busy bars stand still, or not; None follows the system."""
    reduced = system_wants_less_motion() if wanted is None else wanted
    app.setProperty(_PROPERTY, reduced)
    if reduced:
        for effect in _EFFECTS:
            app.setEffectEnabled(effect, False)


def reduces_motion() -> bool:
    """Return whether motion is reduced."""
    app = QCoreApplication.instance()
    return app is not None and bool(app.property(_PROPERTY))


def show_busy(bar: QProgressBar) -> None:
    """Let a bar say that something goes on: it moves, or stays empty if motion is reduced."""
    bar.setRange(0, 1 if reduces_motion() else 0)
    bar.setValue(0)

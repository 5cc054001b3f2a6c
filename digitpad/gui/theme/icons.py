"""Icons from the assets folder, in the colours of the theme."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QDir, QFile, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from digitpad.core.files.paths import ASSETS

_SIZES = (20, 24, 40, 48, 64)


def register_assets() -> None:
    """Let Qt find ``assets:icons/…`` in the assets folder."""
    QDir.setSearchPaths("assets", [str(ASSETS)])


def read_text(name: str) -> str:
    """Read a text file of the assets, such as ``themes/style.qss``."""
    return _read(name).decode()


def app_icon() -> QIcon:
    """Return the icon of the program."""
    return _rendered(_read("icons/digitpad.svg"), {QIcon.Mode.Normal: None})


def line_icon(name: str) -> QIcon:
    """Return a line icon in the colours of the application's palette."""
    palette = QGuiApplication.palette()
    tints = {
        QIcon.Mode.Normal: palette.color(QPalette.ColorRole.Text),
        QIcon.Mode.Selected: palette.color(QPalette.ColorRole.HighlightedText),
        QIcon.Mode.Disabled: palette.color(QPalette.ColorRole.Mid),
    }
    return _rendered(_read(f"icons/{name}.svg"), tints)


def _rendered(svg: bytes, tints: Mapping[QIcon.Mode, QColor | None]) -> QIcon:
    icon = QIcon()
    for mode, tint in tints.items():
        tinted = svg if tint is None else svg.replace(b"currentColor", tint.name().encode())
        renderer = QSvgRenderer(QByteArray(tinted))
        for size in _SIZES:
            pixmap = QPixmap(QSize(size, size))
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            renderer.render(painter, QRectF(0, 0, size, size))
            painter.end()
            icon.addPixmap(pixmap, mode)
    return icon


def _read(name: str) -> bytes:
    file = QFile(f"assets:{name}")
    if not file.open(QIODevice.OpenModeFlag.ReadOnly):
        raise FileNotFoundError(f"assets/{name}: {file.errorString()}")
    return bytes(file.readAll().data())

"""Icons from the assets folder, in the colours of the theme."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QDir, QFile, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPalette, QPixmap
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
    return _rendered("digitpad", ((QIcon.Mode.Normal, ""),))


def line_icon(name: str) -> QIcon:
    """Return a line icon in the colours of the application's palette."""
    palette = QGuiApplication.palette()
    roles = {
        QIcon.Mode.Normal: QPalette.ColorRole.Text,
        QIcon.Mode.Selected: QPalette.ColorRole.HighlightedText,
        QIcon.Mode.Disabled: QPalette.ColorRole.Mid,
    }
    return _rendered(name, tuple((mode, palette.color(role).name()) for mode, role in roles.items()))


@lru_cache(maxsize=256)  # each takes milliseconds, and every button asks again when its palette changes
def _rendered(name: str, tints: tuple[tuple[QIcon.Mode, str], ...]) -> QIcon:
    icon, svg = QIcon(), _read(f"icons/{name}.svg")
    for mode, tint in tints:
        tinted = svg.replace(b"currentColor", tint.encode()) if tint else svg
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

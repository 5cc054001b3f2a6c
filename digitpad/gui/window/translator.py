"""Translates the window's texts with the catalogue that core uses."""

from PySide6.QtCore import QTranslator

from digitpad.core.translation import tr


class CatalogueTranslator(QTranslator):
    """Looks up every text of Qt's `tr` in the gettext catalogue; contexts are not used."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return tr(source)

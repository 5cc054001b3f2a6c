"""Translates the window's texts with the catalogue that core uses."""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QTranslator

from digitpad.core.translation import tr


class CatalogueTranslator(QTranslator):
    """Looks up every text of Qt's `tr` in the gettext catalogue; contexts are not used."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        translated = tr(source)
        # None is a null QString: Qt then asks the translator that was installed before, for its own texts.
        return None if translated == source else translated


def install(app: QCoreApplication, language: str) -> None:
    """Translate the window, and Qt's own texts: those of file dialogs and of context menus."""
    own = QTranslator(app)
    if own.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(own)
    app.installTranslator(CatalogueTranslator(app))

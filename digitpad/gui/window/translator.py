"""Translates the window's texts with the catalogue that core uses."""

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.translation import set_language, tr


class CatalogueTranslator(QTranslator):
    """Looks up every text of Qt's `tr` in the gettext catalogue; contexts are not used."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        translated = tr(source)
        # None is a null QString: Qt then asks the translator that was installed before, for its own texts.
        return None if translated == source else translated


def language_for(chosen: str) -> str:
    """Return the language of a choice in the View menu, such as "ko"; that of the system, such as "ko_KR", for ""."""
    return chosen or QLocale.system().name()


def use_language(app: QCoreApplication, name: str) -> None:
    """Translate the window, and Qt's own texts: those of file dialogs and of context menus.

    Without a catalogue the texts are English.
    """
    for translator in app.findChildren(QTranslator):  # of the language before
        app.removeTranslator(translator)
        translator.deleteLater()
    system = QLocale.system()
    is_of_system = name.startswith(system.name().partition("_")[0])
    QLocale.setDefault(system if is_of_system else QLocale(name))  # dates
    if not set_language(name, TRANSLATIONS):
        return
    own = QTranslator(app)
    if own.load(f"qtbase_{name}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(own)
    app.installTranslator(CatalogueTranslator(app))

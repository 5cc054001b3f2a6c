"""Translation of the texts a user reads, in core and in the window alike.

The message id of a text is the English text itself. Catalogues are GNU gettext files,
``assets/translations/LANGUAGE/LC_MESSAGES/digitpad.mo``. Without one, every text stays English.

Core marks its texts with `tr`, with `tr_noop`, or as the first argument of `DigitpadError`; the window marks them with
Qt's `tr`, which `gui.window.translator` looks up in the same catalogue.
"""

import gettext
import locale
import os
import sys
from pathlib import Path

DOMAIN = "digitpad"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def set_language(language: str, folder: Path) -> bool:
    """Use the catalogue of a language, such as "ko", from `folder`; return False, and use English, without one."""
    global _catalogue  # noqa: PLW0603 - one language for the whole process, as with gettext.install
    _catalogue = gettext.translation(DOMAIN, folder, [language], fallback=True)
    return isinstance(_catalogue, gettext.GNUTranslations)


def language() -> str:
    """Return the language of the texts, such as "ko"; "en" without a catalogue."""
    return _catalogue.info().get("language", "en")


def system_language() -> str:
    """Return the language of $DIGITPAD_LANG, or else of the system, such as "ko_KR"; "en" if it names none."""
    names = ("DIGITPAD_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    if named := next(filter(None, map(os.environ.get, names)), ""):
        return named.partition(".")[0]
    if sys.platform == "win32":
        import ctypes

        return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "en")
    return "en"


def tr_in(language: str, folder: Path, text: str) -> str:
    """Translate a text into a language that need not be the one in use; English without a catalogue for it."""
    return gettext.translation(DOMAIN, folder, [language], fallback=True).gettext(text)


def languages(folder: Path) -> list[str]:
    """Return the languages that have a catalogue in `folder`, such as "ko", sorted."""
    return sorted(path.parents[1].name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


def markdown_parts(text: str) -> list[str]:
    """Return the parts of a Markdown text that are translated one by one: its paragraphs, and the cells of its tables.

    So a table's figures can change without its words.
    """
    parts = []
    for paragraph in filter(None, map(str.strip, text.split("\n\n"))):
        parts += _words_of_table(paragraph) if paragraph.startswith("|") else [paragraph]
    return parts


def tr_markdown(text: str) -> str:
    """Translate the parts of a Markdown text; those without a translation stay as they are."""
    paragraphs = (part.strip("\n") for part in text.split("\n\n"))
    return "\n\n".join(_tr_table(part) if part.startswith("|") else tr(part) for part in paragraphs)


def _words_of_table(table: str) -> list[str]:
    cells = (cell.strip() for line in table.splitlines() for cell in line.split("|"))
    return [cell for cell in cells if cell.strip(" -:") and not cell[0].isdigit()]


def _tr_table(table: str) -> str:
    lines = (line.split("|") for line in table.splitlines())
    return "\n".join("|".join(f" {tr(cell.strip())} " if cell.strip() else cell for cell in line) for line in lines)


def tr(text: str) -> str:
    """Translate a text; one without a translation is returned as it is."""
    return _catalogue.gettext(text) if text else text


def tr_plural(singular: str, plural: str, count: int) -> str:
    """Translate a text that depends on a count."""
    return _catalogue.ngettext(singular, plural, count)


def percent(share: float, decimals: int) -> str:
    """Return a share (0 to 1) as the language writes it: "98.2 %", in Korean "98.2%"."""
    return tr("{} %").format(f"{100 * share:.{decimals}f}")


class Percent(float):
    """A share in [0, 1] for a template: "{:.1%}" makes "98.2 %" of it, or what the language writes."""

    def __format__(self, form: str) -> str:
        return tr("{} %").format(super().__format__(form).removesuffix("%"))


def tr_noop(text: str) -> str:
    """Mark a constant for translation; it is translated where it is shown, by `tr`."""
    return text

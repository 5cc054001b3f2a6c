"""Translation of the texts a user reads, in core and in the window alike.

The message id of a text is the English text itself. Catalogues are GNU gettext files,
``assets/translations/LANGUAGE/LC_MESSAGES/digitpad.mo``. Without one, every text stays English.

Core marks its texts with `tr`, with `tr_noop`, or as the first argument of `DigitpadError`; the window marks them with
Qt's `tr`, which `gui.window.translator` looks up in the same catalogue.
"""

import gettext
from pathlib import Path

DOMAIN = "digitpad"
_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def set_language(language: str, folder: Path) -> bool:
    """Use the catalogue of a language, such as "ko", from `folder`; return False, and use English, without one."""
    global _catalogue  # noqa: PLW0603 - one language for the whole process, as with gettext.install
    _catalogue = gettext.translation(DOMAIN, folder, [language], fallback=True)
    return isinstance(_catalogue, gettext.GNUTranslations)


def tr(text: str) -> str:
    """Translate a text; one without a translation is returned as it is."""
    return _catalogue.gettext(text) if text else text


def tr_plural(singular: str, plural: str, count: int) -> str:
    """Translate a text that depends on a count."""
    return _catalogue.ngettext(singular, plural, count)


def tr_noop(text: str) -> str:
    """Mark a constant for translation; it is translated where it is shown, by `tr`."""
    return text

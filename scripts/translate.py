#!/usr/bin/env python3
"""Renew the translations: collect every text that a user reads, and compile what is translated.

    .venv/bin/python scripts/translate.py        renew all languages
    .venv/bin/python scripts/translate.py fr     begin a language

A language is a file ``assets/translations/LANGUAGE/LC_MESSAGES/digitpad.po``. Any gettext editor opens it; the English
text is the id. New texts are added without a translation and those that are no longer used are removed. The compiled
file beside it, ``digitpad.mo``, is what the program reads. docs/translating.md has the rest.
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import environment

environment.require(babel="babel", typer="typer")
import typer  # noqa: E402 - only now: `scripts/run` does not install babel
from babel.core import Locale, UnknownLocaleError  # noqa: E402
from babel.messages.catalog import Catalog  # noqa: E402
from babel.messages.extract import extract_from_dir  # noqa: E402
from babel.messages.mofile import write_mo  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402

from digitpad import cli  # noqa: E402
from digitpad.core.translation import DOMAIN, markdown_parts  # noqa: E402

_ROOT = Path(__file__).resolve().parents[1]
FOLDER = _ROOT / "assets" / "translations"
# Which arguments are message ids: the first, or those named.
KEYWORDS = {
    "tr": None,
    "tr_noop": None,
    "_tr": None,
    "tr_plural": (1, 2),
    "translate": (2,),
    "DigitpadError": None,
    "DivergedError": None,
    "MissingDeviceError": None,
    "NoConnectionError": None,
}
_RECIPE_TEXTS = ("title", "explanation")
_STEP_TEXTS = ("title", "text")


def collect(root: Path = _ROOT) -> Catalog:
    """Return a catalogue of all texts, without translations."""
    catalogue = Catalog(project="digitpad", fuzzy=False)
    package = root / "digitpad"
    for name, _line, message, _comments, _context in extract_from_dir(
        str(package), [("**.py", "python")], keywords=KEYWORDS
    ):
        if all(message):
            catalogue.add(message, locations=[(f"digitpad/{name}", 0)])
    for text in cli.texts_of(typer.main.get_command(cli.app)):
        catalogue.add(text, locations=[("digitpad --help", 0)])
    for place, text in _texts_of_assets(root / "assets"):
        catalogue.add(text, locations=[(place, 0)])
    return catalogue


def _texts_of_assets(assets: Path) -> Iterator[tuple[str, str]]:
    """Yield the texts of recipes, lessons and model cards with their place."""
    for path in sorted((assets / "recipes").glob("*.toml")):
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
        for text in [recipe.get(key, "") for key in _RECIPE_TEXTS] + [recipe.get("published", {}).get("note", "")]:
            if text:
                yield f"assets/recipes/{path.name}", text
    for path in sorted((assets / "lessons").glob("*.toml")):
        lesson = tomllib.loads(path.read_text(encoding="utf-8"))
        for text in (
            lesson["title"],
            lesson["summary"],
            *(step[key] for step in lesson["steps"] for key in _STEP_TEXTS),
        ):
            yield f"assets/lessons/{path.name}", text
    for path in sorted((assets / "models").glob("*.md")):
        for text in markdown_parts(path.read_text(encoding="utf-8")):
            yield f"assets/models/{path.name}", text


def renewed(translated: Catalog, texts: Catalog) -> Catalog:
    """Return the texts with the translations that a language has for them."""
    dates = {"creation_date": translated.creation_date, "revision_date": translated.revision_date}
    result = Catalog(locale=translated.locale, project="digitpad", fuzzy=False, **dates)  # so that only texts differ
    for message in texts:
        if message.id:
            old = translated.get(message.id[0] if isinstance(message.id, tuple) else message.id)
            has_translation = old is not None and not old.fuzzy
            result.add(message.id, old.string if has_translation and old else None, locations=message.locations)
    return result


def main(languages: list[str]) -> None:
    """Renew the languages that exist, and those named."""
    if {"-h", "--help"} & set(languages):
        print(__doc__)
        return
    texts = collect()
    for language in sorted({*languages, *(folder.name for folder in FOLDER.glob("*") if folder.is_dir())}):
        try:
            locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            sys.exit(f"“{language}” is no code of a language: use one such as ko or pt_BR")
        path = FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        translated = Catalog(locale=locale)
        if path.exists():
            with path.open("rb") as file:
                translated = read_po(file, locale=language)
        catalogue = renewed(translated, texts)
        with path.open("wb") as file:
            write_po(file, catalogue, sort_output=True, omit_header=False, include_lineno=False)
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue)
        missing = sum(1 for message in catalogue if message.id and not message.string)
        print(f"{path.relative_to(_ROOT)}: {len(catalogue):,} texts, {missing:,} without a translation")


if __name__ == "__main__":
    main(sys.argv[1:])

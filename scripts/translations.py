#!/usr/bin/env python3
"""Collect every text that can be translated, from code, recipes, lessons and model cards, into a .pot file.

    .venv/bin/python scripts/translations.py digitpad.pot

Translate it with any gettext editor. A language is then ``assets/translations/LANGUAGE/LC_MESSAGES/digitpad.mo``.
"""

import sys
import tomllib
from pathlib import Path

import environment

environment.require(babel="babel")
from babel.messages.catalog import Catalog  # noqa: E402 - only now: `scripts/run` does not install it
from babel.messages.extract import extract_from_dir  # noqa: E402
from babel.messages.pofile import write_po  # noqa: E402

_ROOT = Path(__file__).resolve().parents[1]
# Which arguments are message ids: the first, or those named.
_KEYWORDS = {
    "tr": None,
    "tr_noop": None,
    "tr_plural": (1, 2),
    "translate": (2,),
    "DigitpadError": None,
    "MissingDeviceError": None,
}
_RECIPE_TEXTS = ("title", "explanation")
_STEP_TEXTS = ("title", "text")


def collect(root: Path = _ROOT) -> Catalog:
    """Return a catalogue of all texts, without translations."""
    catalogue = Catalog(project="digitpad", fuzzy=False)
    package = root / "digitpad"
    for name, line, message, _comments, _context in extract_from_dir(
        str(package), [("**.py", "python")], keywords=_KEYWORDS
    ):
        if all(message):
            catalogue.add(message, locations=[(f"digitpad/{name}", line)])
    for path in sorted((root / "assets" / "recipes").glob("*.toml")):
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
        texts = [recipe.get(key, "") for key in _RECIPE_TEXTS] + [recipe.get("published", {}).get("note", "")]
        for text in filter(None, texts):
            catalogue.add(text, locations=[(f"assets/recipes/{path.name}", 1)])
    for path in sorted((root / "assets" / "lessons").glob("*.toml")):
        lesson = tomllib.loads(path.read_text(encoding="utf-8"))
        for text in (
            lesson["title"],
            lesson["summary"],
            *(step[key] for step in lesson["steps"] for key in _STEP_TEXTS),
        ):
            catalogue.add(text, locations=[(f"assets/lessons/{path.name}", 1)])
    for path in sorted((root / "assets" / "models").glob("*.md")):
        catalogue.add(path.read_text(encoding="utf-8"), locations=[(f"assets/models/{path.name}", 1)])
    return catalogue


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: scripts/translations.py FILE.pot")
    with Path(sys.argv[1]).open("wb") as file:
        write_po(file, collect())

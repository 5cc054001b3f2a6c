"""The pages of the guide, without Qt: Markdown files, a folder for each language, and the search in them.

A heading ends with its names, which are the same in every language: ``## Momentum {#momentum}``. A place in the guide
is a page, or a page and one of these names: "glossary#momentum". A heading may have several: ``{#mean #std}``.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from digitpad.core.files.paths import ASSETS

GUIDE = ASSETS / "guide"
PICTURES = GUIDE / "pictures"
# In the order of the list.
PAGES = (
    *("first-minutes", "draw", "train", "mistakes", "my-digits", "lessons"),
    *("glossary", "keys", "files", "questions"),
)
KEYS = "{keys}"  # on the page "keys" it stands for the list, which the window makes of its actions
_FALLBACK = "en"
_HEADING = re.compile(r"(#+) (.*?)(?: *\{(#[\w. #-]+)\})?$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EXCERPT = 70  # letters


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page with the text below it, up to the next one; `text` has no Markdown."""

    title: str
    names: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `markdown` has no names of headings, and `sections` are in the order of its headings."""

    name: str
    markdown: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """The first heading."""
        return self.sections[0].title

    def number_of(self, name: str) -> int:
        """Return the number of the section with a name; 0, the first one, if there is none."""
        return next((number for number, section in enumerate(self.sections) if name in section.names), 0)


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that a search found, with the words around the first one that was sought."""

    page: Page
    number: int
    excerpt: str


def read_pages(language: str, keys: str) -> dict[str, Page]:
    """Return all pages in a language such as "ko_KR", in English where it has none; `keys` is put in place of KEYS."""
    return {name: parse_page(name, _read(name, language).replace(KEYS, keys)) for name in PAGES}


def parse_page(name: str, text: str) -> Page:
    """Return the page of a text that begins with a heading."""
    lines: list[str] = []
    sections: list[tuple[str, tuple[str, ...], list[str]]] = []
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            marks, title, names = heading.groups("")
            sections.append((title, tuple(names.replace("#", "").split()), []))
            lines.append(f"{marks} {title}")
        else:
            lines.append(line)
            sections[-1][2].append(line)
    found = tuple(Section(_plain(title), names, _plain("\n".join(body))) for title, names, body in sections)
    return Page(name, "\n".join(lines), found)


def find(pages: dict[str, Page], text: str) -> list[Hit]:
    """Return the sections that contain every word of a text, those with a word in their title first."""
    words = text.casefold().split()
    hits = []
    for page in pages.values():
        for number, section in enumerate(page.sections):
            content = f"{section.title}\n{section.text}".casefold()
            if words and all(word in content for word in words):
                in_title = sum(word in section.title.casefold() for word in words)
                hits.append((-in_title, Hit(page, number, _excerpt(section.text, words))))
    return [hit for _, hit in sorted(hits, key=lambda found: found[0])]


def _folders(language: str) -> tuple[str, ...]:
    """Return the folders of a language such as "ko_KR", the best first."""
    return language, language.partition("_")[0], _FALLBACK


def _read(name: str, language: str) -> str:
    path = next(path for path in (GUIDE / folder / f"{name}.md" for folder in _folders(language)) if path.is_file())
    return path.read_text(encoding="utf-8")


def picture_path(name: str, language: str, *, is_dark: bool) -> Path | None:
    """Return the file of a picture of the guide in a language, or else in English; None if there is no such picture."""
    if not re.fullmatch(r"[\w-]+", name):  # no other folder
        return None
    names = (f"{name}-dark.png",) * is_dark + (f"{name}.png",)
    paths = (PICTURES / folder / file for folder in _folders(language) for file in names)
    return next(filter(Path.is_file, paths), None)


def _plain(markdown: str) -> str:
    """Return a text without the marks of Markdown, for the search."""
    return re.sub(r"[*`|]|^[->] |^\| ?-.*$", "", _LINK.sub(r"\1", markdown), flags=re.MULTILINE)


def _excerpt(text: str, words: list[str]) -> str:
    plain = " ".join(text.split())
    places = [place for place in (plain.casefold().find(word) for word in words) if place >= 0]
    start = max(min(places, default=0) - _EXCERPT // 3, 0)
    start = plain.find(" ", start) + 1 if start else 0
    end = len(plain) if len(plain) <= start + _EXCERPT else plain.rfind(" ", start, start + _EXCERPT)
    return ("…" if start else "") + plain[start:end] + ("…" if end < len(plain) else "")

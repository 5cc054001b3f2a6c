"""The pages of the guide: whole in every language, and true where a test can tell."""

import ast
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import digitpad.gui
from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.ink import image_files, ink_files
from digitpad.core.models.model_files import FOREIGN
from digitpad.gui.help.pages import GUIDE, PAGES, PICTURES, Page, find, parse_page, picture_path, read_pages
from digitpad.gui.train.form.values import FIELDS
from digitpad.gui.widgets.sentences import capitalised

LANGUAGES = sorted(folder.name for folder in GUIDE.iterdir() if folder != PICTURES)
SOURCES = sorted(Path(digitpad.gui.__path__[0]).rglob("*.py"))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def pages(language: str) -> dict[str, Page]:
    return read_pages(language, "")


def names_of(page: Page) -> set[str]:
    return {name for section in page.sections for name in section.names}


def links_of(page: Page) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", page.markdown)


def exists(pages: dict[str, Page], place: str, *, on: str = "") -> bool:
    name, _, section = place.partition("#")
    page = pages.get(name or on)
    return page is not None and (not section or section in names_of(page))


def test_there_is_korean() -> None:
    assert LANGUAGES == ["en", "ko"]


def test_every_page_exists_with_the_same_headings(language: str, pages: dict[str, Page]) -> None:
    english = read_pages("en", "")
    for name in PAGES:
        assert (GUIDE / language / f"{name}.md").is_file()
        assert [section.names for section in pages[name].sections] == [s.names for s in english[name].sections], name
        assert sorted(links_of(pages[name])) == sorted(links_of(english[name])), name
    assert not {path.stem for path in (GUIDE / language).iterdir()} - set(PAGES)


def test_every_link_leads_to_a_page_and_every_picture_exists(pages: dict[str, Page]) -> None:
    for page in pages.values():
        for link in links_of(page):
            if link.endswith(".png"):
                assert all(picture_path(link.removesuffix(".png"), "fr", is_dark=dark) for dark in (False, True)), link
            else:
                assert link.startswith("https://") or exists(pages, link, on=page.name), (page.name, link)


def test_every_picture_is_used_and_small() -> None:
    used = {link for page in read_pages("en", "").values() for link in links_of(page)}
    paths = sorted(PICTURES.rglob("*.png"))
    assert {path.parent.name for path in paths} == set(LANGUAGES)
    assert len(paths) == len(LANGUAGES) * 2 * len({link for link in used if link.endswith(".png")})
    for path in paths:
        assert path.name.replace("-dark", "") in used
        assert path.stat().st_size < 40_000


def test_every_field_of_the_form_is_in_the_glossary(pages: dict[str, Page]) -> None:
    assert {key.rpartition(".")[2] for key in FIELDS} <= names_of(pages["glossary"])


def test_every_place_that_a_widget_names_exists(pages: dict[str, Page]) -> None:
    calls = [
        node
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("explain", "TermLabel")
    ]
    places = [call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)]
    assert "draw#inside" in places
    assert [place for place in places if not exists(pages, str(place))] == []


def test_every_dialog_names_its_place() -> None:
    silent = []
    for source in SOURCES:
        text = source.read_text(encoding="utf-8")
        silent += [
            name for name in re.findall(r"^class (\w+)\(QDialog\)", text, re.MULTILINE) if "explain(" not in text
        ]
    assert set(silent) == {"AboutDialog", "SavingDialog", "GuideWindow"}


def test_a_term_that_is_not_english_has_the_english_one_beside_it() -> None:
    for section in read_pages("ko", "")["glossary"].sections:
        if section.text.strip() and section.names not in (("glossary",), ("mnist",)):
            assert re.search(r"\([A-Za-z]", section.title) or "CNN" in section.title, section.title


def test_the_page_of_file_formats_names_all_formats(pages: dict[str, Page]) -> None:
    text = " ".join((section.text + section.title) for section in pages["files"].sections)
    others = {"DIB": "BMP", "JPEG2000": "JPEG 2000", "PPM": "PPM", "WEBP": "WebP"}
    names = [others.get(name, name) for name in image_files.FORMATS]
    assert [name for name in (*names, "HEIC") if name not in text] == []
    endings = {ending for ending in (*ink_files.READ_SUFFIXES, *FOREIGN) if not ending.endswith(".ndjson.gz")}
    assert [ending for ending in endings if ending not in text] == []


# Keys that every widget of their kind has, and filters that only pass keys on.
_USUAL = {"SearchField", "Collapsible", "StartNote", "ModelPicker"}


def test_every_widget_that_handles_keys_says_which() -> None:
    silent = []
    for source in SOURCES:
        for node in ast.parse(source.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                defined = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
                assigned = {
                    target.id
                    for item in node.body
                    if isinstance(item, ast.Assign)
                    for target in item.targets
                    if isinstance(target, ast.Name)
                }
                if "keyPressEvent" in defined and "HANDLED_KEYS" not in assigned:
                    silent.append(node.name)
    assert set(silent) <= _USUAL, "add HANDLED_KEYS, so that the guide lists these keys"


def test_the_list_of_keys_has_them_all_in_a_program_that_has_just_started() -> None:
    """In a process of its own: other tests load the modules that the program loads late."""
    pages = "draw.draw_tab", "train.train_tab", "mistakes.mistakes_tab", "my_digits.my_digits_tab", "window.main_window"
    code = [f"import digitpad.gui.{page}" for page in pages]
    code += ["from digitpad.gui.window.key_list import handled_rows", "print(handled_rows())"]
    listed = subprocess.run([sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True).stdout
    calls = [
        node
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "HandledKeys"
    ]
    texts = [call.args[1].args[0].value for call in calls if isinstance(call.args[1], ast.Call)]  # type: ignore[attr-defined] - a constant
    assert len(texts) > 30
    assert [text for text in texts if capitalised(str(text)) not in listed] == []


def test_a_search_needs_every_word_and_puts_titles_first() -> None:
    pages = {"a": parse_page("a", "# One\n\nrate of it\n\n## Learning rate {#lr}\n\nHow *far* a [step](b#c) goes.")}
    hits = find(pages, "RATE")
    assert [hit.number for hit in hits] == [1, 0]
    assert hits[0].excerpt == "How far a step goes."
    assert [hit.number for hit in find(pages, "rate step")] == [1]
    assert find(pages, "") == []
    assert find(pages, "nothing of the kind") == []


def test_a_page_that_a_language_lacks_is_english() -> None:
    assert read_pages("fr", "")["draw"] == read_pages("en", "")["draw"]
    assert read_pages("ko_KR", "")["draw"] == read_pages("ko", "")["draw"]


def test_pictures_are_those_of_the_language_or_else_english() -> None:
    assert picture_path("draw", "ko_KR", is_dark=True) == PICTURES / "ko" / "draw-dark.png"
    assert picture_path("draw", "fr", is_dark=False) == PICTURES / "en" / "draw.png"


def test_no_picture_of_another_folder_is_found() -> None:
    for name in ("../en/draw.md", "/etc/passwd", "..", "", "../pictures/draw"):
        assert picture_path(name, "ko", is_dark=False) is None


def test_pages_have_no_html_and_no_code_block() -> None:
    for language in LANGUAGES:
        for path in (GUIDE / language).iterdir():
            text = path.read_text(encoding="utf-8")
            assert "```" not in text
            assert not re.search(r"</?\w+>", text)


_MARKS = re.compile(r"\(&\w\)|&")
_QUOTED = re.compile(r"\*\*(.+?)\*\*|“(.+?)”")
_MENU_PATH = re.compile(r"(\w+) > ([^.]+)")


@cache
def program_texts() -> dict[str, set[str]]:
    """Return every text of the program, without the mark of its key, with its Korean ones."""
    texts: dict[str, set[str]] = {}
    with (TRANSLATIONS / "ko" / "LC_MESSAGES" / "digitpad.po").open("rb") as file:
        for message in read_po(file, locale="ko"):
            korean = [message.string] if isinstance(message.string, str) else list(message.string or ())
            for text in [message.id] if isinstance(message.id, str) else message.id:
                for end in ("\n", " ("):  # the second for a text that goes on in brackets
                    short = {_MARKS.sub("", form).partition(end)[0] for form in korean}
                    texts.setdefault(_MARKS.sub("", text).partition(end)[0], set()).update(short)
    return texts


def quoted(page: Page) -> list[list[str]]:
    """Return the bold and quoted texts of each section."""
    sections: list[list[str]] = [[]]
    for line in page.markdown.splitlines():
        if line.startswith("#"):
            sections.append([])
        sections[-1] += [bold or quote for bold, quote in _QUOTED.findall(line)]
    return sections


def test_every_name_that_a_page_quotes_is_a_text_of_the_program() -> None:
    """Terms are bold too: on the other pages than the glossary they begin with a small letter. Examples have digits."""
    english, korean = read_pages("en", ""), read_pages("ko", "")
    wrong = []
    for name in PAGES:
        for ours, theirs in zip(quoted(english[name]), quoted(korean[name]), strict=True):
            for text in ours:
                if translations := program_texts().get(text):
                    if not translations & set(theirs):
                        wrong.append(f"ko/{name}: “{text}” is {translations}, not among {theirs}")
                elif name != "glossary" and text[0].isupper() and not re.search(r"\d", text):
                    wrong.append(f"en/{name}: “{text}”")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_command_that_a_page_names_is_in_a_menu(language: str) -> None:
    texts = set(program_texts())
    if language == "ko":
        texts = {korean for known in program_texts().values() for korean in known}
    texts = {text.rstrip("…") for text in texts}
    paths = [
        path
        for page in read_pages(language, "").values()
        for path in _MENU_PATH.findall(re.sub(r"\[(.*?)\]\(.*?\)", r"\1", page.markdown))
    ]
    assert len(paths) >= 6
    for menu, rest in paths:
        assert menu in texts, menu
        assert any(rest.startswith(text) for text in texts if len(text) > (3 if language == "en" else 1)), rest

"""The pages of the guide: whole in every language, and true where a test can tell."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import digitpad.gui
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
                assert all(picture_path(link.removesuffix(".png"), is_dark=dark) for dark in (False, True)), link
            else:
                assert link.startswith("https://") or exists(pages, link, on=page.name), (page.name, link)


def test_every_picture_is_used_and_small() -> None:
    used = {link for page in read_pages("en", "").values() for link in links_of(page)}
    for path in PICTURES.iterdir():
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


def test_no_picture_of_another_folder_is_found() -> None:
    for name in ("../en/draw.md", "/etc/passwd", "..", "", "../pictures/draw"):
        assert picture_path(name, is_dark=False) is None


def test_pages_have_no_html_and_no_code_block() -> None:
    for language in LANGUAGES:
        for path in (GUIDE / language).iterdir():
            text = path.read_text(encoding="utf-8")
            assert "```" not in text
            assert not re.search(r"</?\w+>", text)

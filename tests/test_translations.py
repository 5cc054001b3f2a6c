"""Every translation is complete: no text is missing or unused, and no placeholder is lost."""

import os
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from translate import FOLDER, collect, renewed

from digitpad.core.translation import languages, markdown_parts, set_language, tr_markdown

LANGUAGES = sorted(folder.name for folder in FOLDER.glob("*") if folder.is_dir())
RENEW = "run scripts/translate.py, and translate what is new"


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return collect()


@pytest.fixture(params=LANGUAGES)
def translated(request: pytest.FixtureRequest) -> Catalog:
    with (FOLDER / request.param / "LC_MESSAGES" / "digitpad.po").open("rb") as file:
        return read_po(file, locale=request.param)


def placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
    """Return the fields of a format string; those without a name are numbered."""
    found, count = set(), 0
    for _, field, spec, conversion in Formatter().parse(text):
        if field is not None:
            found.add((field or str(count), spec, conversion))
            count += not field
    return found


def key(message: Message) -> str:
    """Return the English text of a message, its singular if it has a plural."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    """Return the translations of a message: several if it has a plural."""
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    return [string or "" for string in strings]


def test_there_is_korean() -> None:
    assert "ko" in LANGUAGES
    assert languages(FOLDER) == LANGUAGES


def test_no_text_is_missing_or_unused(translated: Catalog, texts: Catalog) -> None:
    wanted, found = ({key(message) for message in catalogue if message.id} for catalogue in (texts, translated))
    assert sorted(wanted - found) == [], RENEW
    assert sorted(found - wanted) == [], RENEW
    assert [key(message) for message in translated if message.id and not all(forms(message))] == [], RENEW


def test_translations_keep_the_placeholders(translated: Catalog) -> None:
    lost = []
    for message in translated:
        english = message.id if isinstance(message.id, str) else message.id[-1]
        if english and "{{" not in english:
            lost += [text for text in forms(message) if text and placeholders(text) != placeholders(english)]
    assert lost == []


def test_the_compiled_file_is_current(translated: Catalog) -> None:
    with (FOLDER / str(translated.locale) / "LC_MESSAGES" / "digitpad.mo").open("rb") as file:
        compiled = read_mo(file)
    strings = {key(message): forms(message) for message in translated if message.id}
    assert {key(message): forms(message) for message in compiled if message.id} == strings, RENEW


def test_renewing_keeps_translations_adds_new_texts_and_removes_unused_ones() -> None:
    old, new = Catalog(locale="ko"), Catalog()
    old.add("Draw", "그리기")
    old.add("Gone", "없음")
    new.add("Draw")
    new.add("Train")
    result = {message.id: message.string or "" for message in renewed(old, new) if message.id}
    assert result == {"Draw": "그리기", "Train": ""}


def test_a_markdown_text_is_translated_by_paragraph_and_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "# Model\n\nOne\nparagraph.\n\n| name | share |\n| --- | ---: |\n| Draw | 12 % |\n"
    assert markdown_parts(text) == ["# Model", "One\nparagraph.", "name", "share", "Draw"]
    try:
        set_language("ko", FOLDER)
        assert "| 그리기 | 12 % |" in tr_markdown(text)
    finally:
        set_language("en", FOLDER)


@pytest.mark.parametrize(("language", "expected"), [("ko_KR.UTF-8", "레시피"), ("C", "recipe"), ("xx", "recipe")])
def test_the_command_line_speaks_the_language_of_the_system(language: str, expected: str, tmp_path: Path) -> None:
    environment = {**os.environ, "LC_ALL": language, "DIGITPAD_LANG": "", "PYTHONUTF8": "1"}

    def output_of(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "digitpad", *arguments]
        ended = subprocess.run(command, check=False, env=environment, capture_output=True, encoding="utf-8")
        return ended.returncode, ended.stdout + ended.stderr

    assert expected in output_of("--help")[1]
    code, problem = output_of("train", str(tmp_path / "no.toml"))
    assert code == 1
    assert ("없습니다" in problem) is (expected == "레시피")

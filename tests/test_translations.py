"""Every translation is complete: no text is missing or unused, and no placeholder is lost."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from translate import FOLDER, KEYWORDS, collect, renewed

from digitpad.core.errors import DigitpadError
from digitpad.core.translation import languages, markdown_parts, percent, set_language, tr_markdown
from digitpad.gui.widgets.sentences import duration

PACKAGE = Path(__file__).parents[1] / "digitpad"
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


def test_korean_needs_no_particles_for_two_cases(translated: Catalog) -> None:
    pair = re.compile(r"\((?:을|를|이|가|은|는|과|와|으)\)")
    assert [text for message in translated for text in forms(message) if pair.search(text)] == []


def test_shares_and_durations_have_the_units_of_the_language() -> None:
    assert (percent(0.982, 1), duration(4.2), duration(42), duration(187)) == ("98.2 %", "4.2 s", "42 s", "3:07")
    try:
        set_language("ko", FOLDER)
        assert (percent(0.982, 1), duration(4.2), duration(42), duration(187)) == ("98.2%", "4.2초", "42초", "3:07")
    finally:
        set_language("en", FOLDER)


# What a user reads: the texts of widgets, and lines of the command line.
SHOWN = {
    *("QAction", "QCheckBox", "QGroupBox", "QLabel", "QPushButton", "QRadioButton", "QToolButton", "FastLabel"),
    *("addAction", "addItem", "addMenu", "addTab", "inform", "offer", "warn", "drawText", "setAccessibleDescription"),
    *("setAccessibleName", "setItemText", "setPlaceholderText", "setPrefix", "setStatusTip", "setSuffix", "setTabText"),
    *("setText", "setTitle", "setToolTip", "setWhatsThis", "setWindowTitle", "set_placeholder"),
    *("BadParameter", "echo", "print", "print_error", "print_line"),
}
NOT_TRANSLATED = {"digitpad", "digitpad {}", "{} – digitpad", "digitpad: {}", "test"}  # "test": the data of an entry


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in the package with its place."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def own_words(node: ast.expr) -> Iterator[str]:
    """Yield the literals of an expression that reach its value without a translation."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
            yield from (*own_words(left), *own_words(right))
        case ast.Call(func=ast.Attribute(value=template, attr="format" | "replace")):
            yield from own_words(template)


def test_every_text_that_a_user_reads_is_translated() -> None:
    found = [
        f"{place}: {text}"
        for place, call in calls()
        if name_of(call) in SHOWN
        for argument in call.args
        for text in own_words(argument)
        if text not in NOT_TRANSLATED and re.search(r"[A-Za-z]{2}", re.sub(r"\{.*?\}|<.*?>|&\w+;", "", text))
    ]
    assert found == []


def test_tr_takes_the_text_alone_so_that_it_is_collected() -> None:
    wrong = [place for place, call in calls() if name_of(call) in ("tr", "_tr", "tr_noop") and len(call.args) != 1]
    assert wrong == []


def test_the_sentences_of_all_errors_are_collected() -> None:
    def subclasses(kind: type) -> Iterator[str]:
        for each in kind.__subclasses__():
            yield each.__name__
            yield from subclasses(each)

    raised = {name_of(call) for _, call in calls() if call.args and isinstance(call.args[0], ast.Constant)}
    assert raised & {"DigitpadError", *subclasses(DigitpadError)} - set(KEYWORDS) == set()


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
    in_english, in_korean = "No such option: --zz: see", "--zz 옵션은 없습니다. "
    problem = in_korean if expected == "레시피" else in_english
    assert output_of("predict", "--zz")[1].startswith(f"digitpad: {problem}")
    code, problem = output_of("train", str(tmp_path / "no.toml"))
    assert code == 1
    assert ("확인하세요" in problem) is (expected == "레시피")

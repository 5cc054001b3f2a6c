"""The help of every command, in each language, and the usage errors that name it."""

import re
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len

from digitpad import cli
from digitpad.core.files.paths import TRANSLATIONS
from digitpad.core.translation import set_language, tr
from tests.test_cli import Run, digitpad  # noqa: F401 - a fixture

COMMANDS = [name for name, command in typer.main.get_command(cli.app).commands.items() if not command.hidden]  # type: ignore[attr-defined]
# What a Korean text has in Latin letters on purpose: names of commands, options, values, data, models, keys, files and
# programs.
LATIN = re.compile(
    rf"\b({'|'.join(COMMANDS)})\b|--?[a-z][\w-]*|<[^>]*>|'digitpad \w+'|\"hidden=64;512\"|\$\w+|tcp:\S+|\w*/[\w.]*"
    r"|confidence|[\w-]*mnist|emnist-digits|my-digits|digits|xor|cnn|\.[a-z]+|test|digitpad"
    r"|window|MNIST|MB|GIF|JSON|CSV|HTML|Linux|Python|Dask|TensorBoard"
)


@pytest.fixture(params=["en", "ko"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DIGITPAD_LANG", request.param)
    return request.param


def test_the_korean_help_has_only_names_in_latin_letters(digitpad: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("DIGITPAD_LANG", "ko")
    left = {
        command: re.findall("[A-Za-z]+", LATIN.sub("", digitpad(*command, "--help").out))
        for command in [(), *((name,) for name in (*COMMANDS, "window"))]
    }
    assert {command: words for command, words in left.items() if words} == {}


def test_no_sentence_of_the_help_is_lost_in_korean() -> None:
    def sentences(text: str) -> int:
        return len(re.findall(r"\.(?=\s|$)", text))

    texts = list(cli.texts_of(typer.main.get_command(cli.app)))
    set_language("ko", TRANSLATIONS)
    try:
        assert [text for text in texts if sentences(tr(text)) < sentences(text)] == []
    finally:
        set_language("en", TRANSLATIONS)


def test_the_list_of_commands_has_all_that_the_help_of_each_begins_with(digitpad: Run, language: str) -> None:  # noqa: F811
    listed = " ".join(digitpad("--help").out.split())
    for name in COMMANDS:
        first = digitpad(name, "--help").out.split("\n\n")[1]
        assert f"{name} {' '.join(first.split())}" in listed, language


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_wrapped_at_the_columns_of_a_terminal(digitpad: Run, language: str, command: str) -> None:  # noqa: F811
    lines = digitpad(command, "--help").out.splitlines()
    assert max(map(cell_len, lines)) <= 80, language
    assert not any("\0" in line for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_usage_error_names_the_help_of_its_command(digitpad: Run, command: str) -> None:  # noqa: F811
    parameters = typer.main.get_command(cli.app).commands[command].params  # type: ignore[attr-defined]
    valued = [each.opts[0] for each in parameters if each.param_type_name == "option" and not each.is_flag]
    bounded = [each.opts[0] for each in parameters if getattr(each, "min", None) is not None]
    wrong = [["--no-such-option"], ["--help=3"], *([option] for option in valued), *([each, "x"] for each in bounded)]
    if any(each.param_type_name == "argument" and each.required for each in parameters):
        wrong.append([])
    if all(each.nargs == 1 for each in parameters):
        wrong.append(["a", "b", "c"])
    for arguments in wrong:
        result = digitpad(command, *arguments)
        assert (result.code, result.out) == (2, "")
        assert result.err.endswith(f": see 'digitpad {command} --help'\n"), result.err


def test_a_usage_error_without_a_command_names_the_help_of_the_program(digitpad: Run, tmp_path: Path) -> None:  # noqa: F811
    drawing = tmp_path / "seven.jsonl"
    drawing.touch()
    for arguments in (["--no-such-option"], [drawing, "--no-such-option"], ["--no-such-option", "predict"]):
        assert digitpad(*arguments).err == "digitpad: No such option: --no-such-option: see 'digitpad --help'\n"
    assert "see 'digitpad --help'" in digitpad("unheard-of").err

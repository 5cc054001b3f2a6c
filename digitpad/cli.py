"""The command line. Without a command it opens the window."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from unicodedata import east_asian_width

import typer

from digitpad import __version__
from digitpad.commands.evaluate import evaluate
from digitpad.commands.files import download, export, program
from digitpad.commands.lists import marks, models, recipes, runs
from digitpad.commands.predict import predict
from digitpad.commands.sweep import sweep
from digitpad.commands.train import train
from digitpad.core.errors import DigitpadError, missing_file_error
from digitpad.core.translation import language, tr, tr_noop
from digitpad.error_output import print_line

app = typer.Typer(
    name="digitpad",
    help="A drawing pad that recognises handwritten digits. Without a command it opens the window.",
    add_completion=False,
    rich_markup_mode=None,  # plain help, as other tools have it
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_WINDOW = "window"
_FILLER = "\0"  # stands behind a letter that takes two columns while Typer, which counts letters, wraps a text
# Typer's own words, which it does not translate: those of its help, the remarks in brackets behind the help of an
# option, and its usage errors as `program` prints them.
_HELP_WORDS = (
    tr_noop("Usage:"),
    tr_noop("Arguments:"),
    tr_noop("Options:"),
    tr_noop("Commands:"),
    tr_noop("Show this message and exit."),
)
_OPTIONS, _COMMAND = tr_noop("[OPTIONS]"), tr_noop("COMMAND [ARGUMENTS]")
_REMARKS = (
    (r"default: (?P<value>.+)", tr_noop("default: {value}")),
    (r"required", tr_noop("required")),
    (r"x>=(?P<low>\S+)", tr_noop("{low} or more")),
    (r"(?P<low>[^<]+)<=x<=(?P<high>\S+)", tr_noop("{low} to {high}")),
)
_USAGE_ERRORS = (
    (r"Missing (argument|option) (?P<name>'.+')", tr_noop("{name} is missing")),
    (r"No such option: (?P<name>[\w-]+).*", tr_noop("there is no option {name}")),
    (r"Option (?P<name>'.+') requires an argument", tr_noop("{name} needs a value")),
    (r"Option (?P<name>'.+') does not take a value", tr_noop("{name} takes no value")),
    (r"Got unexpected extra argument\S* \((?P<words>.+)\)", tr_noop("unexpected: {words}")),
    (r"Invalid value for (?P<name>'.+?'): (?P<problem>.+)", tr_noop("{name}: {problem}")),
    (r"Invalid value: (?P<problem>.+)", tr_noop("{problem}")),
    (r"it must be a valid integer", tr_noop("must be a whole number")),
    (r"it must be a valid number", tr_noop("must be a number")),
    (r"it must be greater than or equal to (?P<ge>\S+)", tr_noop("must be {ge} or more")),
    (r"it must be less than or equal to (?P<le>\S+)", tr_noop("must be {le} or less")),
    (r"'.*' is not one of (?P<expected>.+)", tr_noop("must be one of {expected}")),
)


def run(arguments: Sequence[str]) -> object:
    """Run a command and return its exit code; a usage error is one of Typer's exceptions."""
    arguments = [with_home(argument) for argument in arguments]
    command = typer.main.get_command(app)
    _translate(command)
    try:
        return command.main(args=with_default_command(arguments), prog_name="digitpad", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None


def with_home(argument: str) -> str:
    """Replace a tilde by the home folder, also after "--out=" and "dataset=", where no shell does it."""
    found = re.match(r"(?:--[\w-]+=)?(?:\w+=)?(?=~)", argument)
    start = found.end() if found else 0
    return argument[:start] + os.path.expanduser(argument[start:])  # noqa: PTH111 - Path's raises without a home folder


def texts_of(command: Any) -> Iterator[str]:  # noqa: ANN401 - Typer's copy of click has no public types
    """Yield the help texts of a command, its options and its commands, and the names of values, for translation."""
    for one in (command, *command.params):
        for attribute in ("help", "metavar"):
            if text := getattr(one, attribute, None):
                yield text
    for each in getattr(command, "commands", {}).values():
        yield from texts_of(each)


def _translate(command: Any) -> None:  # noqa: ANN401
    """Translate the help of a command, its options and its commands."""
    command.get_help = partial(_help_of, command)
    command.options_metavar = tr(_OPTIONS)
    for one in (command, *command.params):
        for attribute in ("help", "metavar"):
            if text := getattr(one, attribute, None):
                setattr(one, attribute, tr(text))
    for parameter in command.params:
        parameter.get_help_record = partial(_help_record, parameter.get_help_record)
    for each in getattr(command, "commands", {}).values():
        command.subcommand_metavar = tr(_COMMAND)
        _translate(each)
        # The whole first paragraph: Typer's own choice ends at a full stop or after some letters.
        each.short_help = " ".join((each.help or "").partition("\n\n")[0].split())


def _help_of(command: Any, context: Any) -> str:  # noqa: ANN401
    formatter = context.make_formatter()
    for name in ("write_usage", "write_text", "write_dl"):
        setattr(formatter, name, _counting_columns(getattr(formatter, name)))
    command.format_help(context, formatter)
    text = formatter.getvalue().rstrip("\n").replace(_FILLER, "")
    for word in _HELP_WORDS:
        text = text.replace(word, tr(word))
    return text


def _counting_columns(write: Callable[..., None]) -> Callable[..., None]:
    """Return the method of a formatter for texts in which a letter that takes two columns counts as two."""

    def filled(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, str):
            return "".join(letter + _FILLER * (east_asian_width(letter) in "WF") for letter in value)
        return [tuple(map(filled, row)) for row in value]

    return lambda *values: write(*map(filled, values))


def _help_record(own: Callable[[Any], tuple[str, str] | None], context: Any) -> tuple[str, str] | None:  # noqa: ANN401
    """Return name and help of an option or argument, with the remarks of Typer translated."""
    if (record := own(context)) is None:
        return None
    name, text = record
    if not name.startswith("-"):
        name = name.partition(" <")[0]  # without the name of a Python type
    help_text, bracket, remarks = text.rstrip("]").rpartition("  [")
    if not bracket or not text.endswith("]"):
        return name, text
    return name, f"{help_text}  [{'; '.join(_in_words(_REMARKS, remark) for remark in remarks.split('; '))}]"


def translated_usage_error(problem: str) -> str:
    """Return a usage error of Typer in the language of the program; one that is not known stays English."""
    return problem if language() == "en" else _in_words(_USAGE_ERRORS, problem)


def _in_words(templates: Sequence[tuple[str, str]], text: str) -> str:
    """Return what the first pattern that fits makes of a text of Typer, and of its parts."""
    for pattern, template in templates:
        if found := re.fullmatch(pattern, text):
            return tr(template).format(**{name: _in_words(templates, part) for name, part in found.groupdict().items()})
    return text


def command_of(arguments: Sequence[str]) -> str:
    """Return what begins a command line and has a help of its own, such as "digitpad train"."""
    names = [name for name in _names() if name != _WINDOW]
    return f"digitpad {arguments[0]}" if arguments and arguments[0] in names else "digitpad"


def _names() -> list[str]:
    return [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Add the hidden command that opens the window if the arguments do not start with a command.

    Raise DigitpadError if they start with neither a command nor a file.
    """
    names = _names()
    if arguments and (arguments[0] in names or arguments[0].startswith("-")):
        return list(arguments)
    if arguments and not os.path.lexists(arguments[0]):
        raise _no_such_command(arguments[0], [name for name in names if name != _WINDOW])
    return [_WINDOW, *arguments]


def _no_such_command(word: str, names: Sequence[str]) -> DigitpadError:
    if found := get_close_matches(word.lower(), names, n=1):
        return DigitpadError("there is no command “{word}”: did you mean 'digitpad {name}'?", word=word, name=found[0])
    return DigitpadError("{file} is neither a file nor a command", file=word, hint=tr("see 'digitpad --help'"))


def _show_version(*, wanted: bool) -> None:
    if wanted:
        print(f"digitpad {__version__}")
        raise typer.Exit


def _install_desktop(*, wanted: bool) -> None:
    if wanted:
        from digitpad.commands.desktop import install

        text = tr("digitpad is in the menu of your desktop and opens its files: {path}")
        print_line(text.format(path=install()), to_error=True)
        raise typer.Exit


def _uninstall_desktop(*, wanted: bool) -> None:
    if wanted:
        from digitpad.commands.desktop import uninstall

        found = uninstall()
        text = tr("removed from the menu of your desktop") if found else tr("there is nothing to remove")
        print_line(text, to_error=True)
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=lambda v: _show_version(wanted=v), help="Show the version and exit."
        ),
    ] = False,
    install_desktop: Annotated[
        bool,
        typer.Option(
            "--install-desktop",
            is_eager=True,
            callback=lambda v: _install_desktop(wanted=v),
            help="Linux: add digitpad and its kinds of files to the desktop.",
        ),
    ] = False,
    uninstall_desktop: Annotated[
        bool,
        typer.Option(
            "--uninstall-desktop",
            is_eager=True,
            callback=lambda v: _uninstall_desktop(wanted=v),
            help="Remove what --install-desktop added.",
        ),
    ] = False,
) -> None:
    """Handle the options that need no command."""
    del version, install_desktop, uninstall_desktop


@app.command(_WINDOW, hidden=True)
def window(files: Annotated[list[Path] | None, typer.Argument(metavar="FILE")] = None) -> None:
    """Open the window, optionally with pictures, ink files, models, runs, recipes and lessons."""
    for file in files or ():
        if not os.path.lexists(file):
            raise missing_file_error(file)
    from digitpad.gui.window.app import run

    raise typer.Exit(run(files or ()))


# In the order of the help text.
for _command in (predict, train, sweep, evaluate, recipes, program, runs, marks, export, models, download):
    app.command()(_command)

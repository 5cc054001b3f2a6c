"""The command line. Without a command it opens the window."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from digitpad import __version__
from digitpad.commands.evaluate import evaluate
from digitpad.commands.files import download, export, program
from digitpad.commands.lists import marks, models, recipes, runs
from digitpad.commands.predict import predict
from digitpad.commands.train import train
from digitpad.core.errors import DigitpadError

app = typer.Typer(
    name="digitpad",
    help="A drawing pad that recognises handwritten digits. Without a command it opens the window.",
    add_completion=False,
    rich_markup_mode=None,  # plain help, as other tools have it
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_WINDOW = "window"


def run(arguments: Sequence[str]) -> object:
    """Run a command and return its exit code; a usage error is one of Typer's exceptions."""
    try:
        return app(args=with_default_command(arguments), prog_name="digitpad", standalone_mode=False)
    except typer.Abort:
        raise KeyboardInterrupt from None


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """Add the hidden command that opens the window if the arguments do not start with a command."""
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    if not arguments or (arguments[0] not in names and not arguments[0].startswith("-")):
        return [_WINDOW, *arguments]
    return list(arguments)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        print(f"digitpad {__version__}")
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
) -> None:
    """Handle the options that need no command."""
    del version


@app.command(_WINDOW, hidden=True)
def window(file: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Open the window, optionally with a picture, an ink file or a model."""
    if file is not None and not file.exists():
        raise DigitpadError("{file} is neither a file nor a command", file=file, hint="see 'digitpad --help'")
    from digitpad.gui.window.app import run

    raise typer.Exit(run(file))


# In the order of the help text.
for _command in (predict, train, evaluate, recipes, program, runs, marks, export, models, download):
    app.command()(_command)

"""Lines for people on standard output and standard error."""

import sys

from digitpad.core.errors import one_line


def print_line(text: str, *, to_error: bool = False) -> None:
    """Print a text in one line, without the escape codes that names from files may contain."""
    print(one_line(text), file=sys.stderr if to_error else sys.stdout)


def print_error(message: str, code: int) -> int:
    """Print a message in one line and return the exit code."""
    print_line(f"digitpad: {' '.join(message.split())}", to_error=True)
    return code

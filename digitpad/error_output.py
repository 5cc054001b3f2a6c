"""Error messages on standard error."""

import sys


def print_error(message: str, code: int) -> int:
    """Print a message in one line and return the exit code."""
    print(f"digitpad: {' '.join(message.split())}", file=sys.stderr)
    return code

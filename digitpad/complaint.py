"""What the user is told on standard error."""

import sys


def complain(sentence: str, code: int) -> int:
    """Say a sentence on standard error and return the exit code."""
    print(f"digitpad: {' '.join(sentence.split())}", file=sys.stderr)
    return code
